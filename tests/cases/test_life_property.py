"""Random legal and illegal steps by several people, without a database: no illegal state, and replay always equals the state."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from data.cases import life
from data.cases.refusals import StepRefused
from data.cases.stages import STEPS
from data.cases.states import Actor, CaseState, Event, Order
from data.schema import CLOSED_STAGES, OPEN_STAGES, STAGES

PEOPLE = (
    *(Actor("desk", "dispatcher", "cases"), Actor("worker", "grid_worker", "people"), Actor("chief", "supervisor", "people")),
    *(Actor("leader", "leader", "cases"), Actor("wall", "wall", "figures")),
)
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "remark": st.sampled_from(["done", "", "x" * 3000]),
    "reason": st.just("because"),
    "unit": st.sampled_from(["u1", "u2"]),
    "assignee": st.sampled_from(["a", "b"]),
    "severity": st.sampled_from([1, 2, 3, 4, 5]),
    "into": st.just("N2"),
    "approver": st.just("chief"),
    "until": st.just("2027-06-01T00:00:00+08:00"),
    "parts": st.just([{"title": "a part"}]),
    **dict.fromkeys(("answered", "solved", "satisfied", "reopen"), st.booleans()),
    "condition": st.just("wet"),
    "reply": st.just("thank you"),
    "place": st.sampled_from([[120.0, 30.0], [500, 0]]),
    "lon": st.sampled_from([120.0, 500.0]),
    "lat": st.just(30.0),
    "area": st.just("A"),
    "category": st.just("env"),
    "address": st.just("at the gate"),
}


class Life(RuleBasedStateMachine):
    """One case; somebody takes a step, or tries."""

    @initialize(published=st.none() | st.sampled_from(STAGES), seq=st.integers(1, 5))
    def begin(self, published: str | None, seq: int) -> None:
        self.at = datetime(2026, 11, 2, tzinfo=UTC)
        self.events: list[Event] = []
        self.last_seq = seq
        if published is None:
            self.state, event = life.report(Order("report", {"category": "c", "title": "t"}), PEOPLE[1], self.at)
            self.events.append(event)
        else:
            self.state = CaseState(published, closed_at=self.at if published in CLOSED_STAGES else None)

    @rule(data=st.data(), actor=st.sampled_from(PEOPLE), wait_s=st.sampled_from([0, 1, 59, 61, 86_400]), stale=st.booleans())
    def step(self, data: st.DataObject, actor: Actor, wait_s: int, stale: bool) -> None:
        self.at += timedelta(seconds=wait_s)
        able = [step.name for step in life.list_next_steps(self.state, actor, self.at, self.events)]
        name = data.draw(st.sampled_from(able)) if able and data.draw(st.integers(0, 3)) else data.draw(st.sampled_from([*STEPS, "x"]))
        wanted = STEPS[name].fields if name in STEPS else frozenset()
        held = {field: data.draw(FIELDS[field]) for field in sorted(wanted & FIELDS.keys()) if data.draw(st.integers(0, 4))}
        before, count = self.state, len(self.events)
        known = {"from": {}, "to": {}, "unassigned": data.draw(st.booleans())} if name == "move" else {}
        order = Order(name, held, before.version - 1 if stale and not data.draw(st.integers(0, 3)) else before.version)
        try:
            self.state, event = life.apply(before, order, actor, self.at, self.events, self.last_seq, known)
        except StepRefused as refused:
            assert refused.refusals and (self.state, len(self.events)) == (before, count)
            return
        assert name in able
        self.events.append(event)
        assert event.account == actor.account and event.stage == self.state.stage

    @invariant()
    def nothing_is_lost(self) -> None:
        if not hasattr(self, "state") or not self.events:
            return
        assert life.replay(self.events) == self.state
        seqs = [event.seq for event in self.events]
        assert seqs == list(range(seqs[0], seqs[0] + len(seqs))) and self.state.version == seqs[-1]

    @invariant()
    def the_state_is_possible(self) -> None:
        if not hasattr(self, "state"):
            return
        state = self.state
        assert state.stage in STAGES
        assert (state.closed_at is not None) == (state.stage in CLOSED_STAGES)
        assert not state.paused or state.stage in OPEN_STAGES
        assert (state.paused_until is not None) == (state.paused_at is not None) == state.paused
        assert state.duplicate_of is None or state.stage == "duplicate"
        assert state.paused_s >= 0 and state.reworked >= 0 and state.reopened >= 0


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
