"""Steps by hand: what each changes, what it refuses, and that replayed events give the state again."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from data.cases import life
from data.cases.refusals import REFUSAL_SENTENCES, Refusal, StepRefused
from data.cases.states import BY_RULE, Actor, CaseState, Event, Order
from data.core.i18n import languages

NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
DESK, WORKER, CHIEF = Actor("desk", "dispatcher", "cases"), Actor("worker", "grid_worker", "people"), Actor("chief", "supervisor", "people")
LEADER = Actor("leader", "leader", "cases")


class Case:
    """A case and its history, one minute a step."""

    def __init__(self, state: CaseState | None = None, last_seq: int = 0) -> None:
        self.at, self.last_seq = NOON, last_seq
        self.events: list[Event] = []
        if state is None:
            state, event = life.report(Order("report", {"category": "env", "title": "Rubbish"}), WORKER, NOON)
            self.events.append(event)
        self.state = state

    def take(self, step: str, actor: Actor = CHIEF, wait_s: float = 60, version: int | None = None, **fields: Any) -> "Case":
        """Take a step, and hold its event."""
        self.at += timedelta(seconds=wait_s)
        order = Order(step, fields, self.state.version if version is None else version)
        self.state, event = life.apply(self.state, order, actor, self.at, self.events, self.last_seq)
        self.events.append(event)
        assert life.replay(self.events) == self.state
        assert CaseState.from_json(self.state.to_json()) == self.state
        return self

    def refused(self, step: str, actor: Actor = CHIEF, version: int | None = None, **fields: Any) -> set[tuple[str, str]]:
        """Field and code of every reason why a step is refused."""
        order = Order(step, fields, self.state.version if version is None else version)
        return {(one.field, one.code) for one in life.check(self.state, order, actor, self.at, self.events)}


def at_stage(stage: str) -> Case:
    """A case that went the usual way to a stage."""
    way = {
        "reported": [],
        "filed": [("file", {})],
        "dispatched": [("dispatch", {"unit": "u1"})],
        "in_progress": [("accept", {})],
        "feedback": [("handle", {"remark": "swept"})],
        "closed": [("verify_pass", {})],
        "evaluated": [("evaluate", {})],
    }
    case = Case()
    for name, steps in way.items():
        for step, fields in steps:
            case.take(step, **fields)
        if name == stage:
            return case
    raise ValueError(stage)


def test_the_usual_way() -> None:
    case = at_stage("evaluated")
    assert [event.stage for event in case.events] == ["reported", "filed", "dispatched", "in_progress", "feedback", "closed", "evaluated"]
    assert [event.seq for event in case.events] == [*range(1, 8)]
    minutes = [NOON + timedelta(minutes=n) for n in range(7)]
    state = case.state
    assert (state.filed_at, state.dispatched_at, state.closed_at, state.stage_at) == (minutes[1], minutes[2], minutes[5], minutes[6])
    assert (state.unit, state.assignee, state.version) == ("u1", "chief", 7)
    assert case.events[4].remark == "swept"


def test_rework_goes_back_and_is_counted() -> None:
    case = at_stage("feedback").take("verify_fail", reason="still dirty").take("accept", WORKER).take("handle", WORKER, remark="again")
    assert (case.state.reworked, case.state.stage, case.state.unit, case.state.assignee) == (1, "feedback", "u1", "chief")
    assert case.events[5].details == {"reason": "still dirty"}


def test_not_responsible_returns_to_the_desk_without_unit() -> None:
    case = at_stage("in_progress").take("not_responsible", WORKER, reason="private land")
    assert (case.state.stage, case.state.unit, case.state.assignee) == ("filed", None, None)
    assert case.state.filed_at == NOON + timedelta(minutes=1), "it was filed once"


def test_pauses_add_up_and_an_end_ends_them() -> None:
    until = (NOON + timedelta(days=2)).isoformat()
    asked = {"reason": "rain", "approver": "chief", "until": until}
    case = at_stage("in_progress").take("pause", DESK, **asked).take("resume", DESK, wait_s=600)
    assert (case.state.paused, case.state.paused_s, case.state.paused_until) == (False, 600, None)
    case.take("pause", DESK, **asked)
    assert case.state.paused_until == NOON + timedelta(days=2)
    assert case.refused("handle", remark="x") == {("step", "paused")}
    assert case.refused("pause", **asked) == {("step", "already_paused")}
    case.take("void", DESK, wait_s=30, reason="by mistake")
    assert (case.state.paused, case.state.paused_s, case.state.stage) == (False, 630, "void")
    assert at_stage("filed").refused("resume") == {("step", "not_paused")}


def test_a_pause_needs_an_end_in_the_future() -> None:
    case = at_stage("filed")
    for until, code in ((NOON.isoformat(), "past"), ("2026-12-01T10:00:00", "bad_moment"), ("soon", "bad_moment"), (7, "bad_moment")):
        assert case.refused("pause", reason="a", approver="b", until=until) == {("until", code)}
    assert case.refused("pause") == {("reason", "needed"), ("approver", "needed"), ("until", "needed")}


def test_call_back_that_says_no_opens_again() -> None:
    case = at_stage("closed").take("call_back", DESK, answered=True, solved=False, satisfied=False)
    assert (case.state.stage, case.state.reopened, case.state.closed_at, case.state.solved) == ("dispatched", 1, None, False)
    kept = at_stage("closed").take("call_back", DESK, answered=True, solved=False, reopen=False)
    assert (kept.state.stage, kept.state.reopened, kept.state.solved, kept.state.satisfied) == ("closed", 0, False, None)
    happy = at_stage("evaluated").take("call_back", DESK, answered=True, solved=True, satisfied=True)
    assert (happy.state.stage, happy.state.answered, happy.state.solved, happy.state.satisfied) == ("evaluated", True, True, True)
    none = at_stage("closed").take("call_back", DESK, answered=False)
    assert (none.state.answered, none.state.solved) == (False, None)
    assert at_stage("closed").refused("call_back", answered=False, solved=True) == {("solved", "not_asked")}
    assert at_stage("closed").refused("call_back", answered=True, solved=True, reopen=True) == {("reopen", "not_unsolved")}
    assert at_stage("closed").refused("call_back", answered="yes") == {("answered", "bad_truth")}


def test_reopen_goes_back_to_who_handled_it_or_to_the_desk() -> None:
    assert at_stage("closed").take("reopen", reason="it is back").state.stage == "dispatched"
    case = at_stage("filed").take("void", reason="a").take("reopen", reason="b")
    assert (case.state.stage, case.state.reopened) == ("filed", 1)
    merged = at_stage("filed").take("mark_duplicate", into="N1")
    assert (merged.state.stage, merged.state.duplicate_of) == ("duplicate", "N1")
    assert merged.take("reopen", reason="another one").state.duplicate_of is None


def test_another_unit_accepts_anew_another_worker_goes_on() -> None:
    case = at_stage("in_progress")
    assert case.take("hand_over", assignee="zhang").state.stage == "in_progress"
    assert case.take("hand_over", unit="u1", assignee="li").state.stage == "in_progress"
    moved = case.take("hand_over", unit="u2").state
    assert (moved.stage, moved.unit, moved.assignee) == ("dispatched", "u2", None)
    assert case.refused("hand_over") == {("unit", "one_of")}


def test_undo_restores_the_state_before_and_erases_nothing() -> None:
    case = at_stage("in_progress")
    before = case.state
    case.take("handle", WORKER, remark="done").take("remark", DESK, wait_s=1, remark="so quick?").take("undo", WORKER, wait_s=1)
    assert case.state.version == 7
    assert (case.state.stage, case.state.stage_at, case.state.assignee) == (before.stage, before.stage_at, before.assignee)
    assert [event.step for event in case.events][-3:] == ["handle", "remark", "undo"]
    assert case.events[-1].details == {"undone": 5, "undone_step": "handle"}
    assert case.refused("undo", WORKER) == {("step", "nothing_to_undo")}, "not further back"
    assert case.take("handle", WORKER, remark="really").state.stage == "feedback"


def test_undo_is_the_actor_s_own_and_for_a_minute() -> None:
    case = at_stage("filed")
    assert case.refused("undo", DESK) == {("step", "not_yours")}
    case.at += timedelta(seconds=60)
    assert case.refused("undo") == set()
    case.at += timedelta(microseconds=1)
    assert case.refused("undo") == {("step", "too_late")}
    assert Case().refused("undo") == {("step", "nothing_to_undo")}, "a report stays"


def test_a_handler_is_reminded_once_an_hour_whoever_reminds() -> None:
    assert at_stage("filed").refused("remind") == at_stage("feedback").refused("remind") == {("step", "stage")}
    case = at_stage("in_progress")
    assert case.refused("remind", WORKER) == {("step", "ability")}
    before = case.state
    case.take("remind", LEADER, remark="居民在等", version=0)
    assert case.state == replace(before, version=5), "a reminder changes nothing"
    assert "remind" not in {one.name for one in life.list_next_steps(case.state, CHIEF, case.at, case.events)}
    case.take("remark", WORKER, remark="coming", wait_s=1800)
    (refused,) = life.check(case.state, Order("remind", {}), CHIEF, case.at, case.events)
    assert (refused.code, refused.facts, refused.status) == ("reminded_lately", {"ago": 30, "left": 30}, 409)
    case.at += timedelta(seconds=1799.5)
    assert case.refused("remind", DESK) == {("step", "reminded_lately")}
    case.at += timedelta(seconds=0.5)
    assert case.refused("remind", DESK) == set()
    case.take("remind").take("hand_over", unit="u2")
    assert case.refused("remind") == set(), "another unit was not reminded yet"
    case.take("undo")
    assert case.refused("remind") == {("step", "reminded_lately")}, "no other unit had it"


def test_who_filed_takes_a_rule_s_dispatch_back() -> None:
    case = at_stage("filed")
    rules = Actor(BY_RULE, "dispatcher", "cases")
    case.take("dispatch", rules, wait_s=0, unit="u1")
    assert case.refused("undo", DESK) == {("step", "not_yours")}
    assert case.refused("undo", CHIEF) == set()
    case.at += timedelta(seconds=61)
    assert case.refused("undo", CHIEF) == {("step", "too_late")}
    case.at -= timedelta(seconds=61)
    assert case.take("undo", CHIEF, wait_s=1).state.stage == "filed"
    assert case.refused("undo", CHIEF) == {("step", "nothing_to_undo")}, "the filing stands"


@pytest.mark.parametrize(("unit", "stage"), [("u1", "dispatched"), (None, "filed")])
@pytest.mark.parametrize("accepted", [False, True])
def test_a_case_whose_worker_it_leaves_waits_for_its_unit_or_else_for_the_desk(unit: str | None, stage: str, accepted: bool) -> None:
    case = at_stage("filed").take("dispatch", unit=unit, assignee="li")
    if accepted:
        case.take("accept")
    order = Order("move", {"reason": "x", "area": "c1"}, case.state.version)
    state, event = life.apply(case.state, order, DESK, case.at, known={"unassigned": True})
    assert (state.stage, state.unit, state.assignee) == (stage, unit, None)
    assert life.replay([*case.events, event]) == state


def test_a_move_says_where_either_by_coordinates_or_by_area() -> None:
    case = at_stage("in_progress")
    for said in ({"lon": 120.0, "lat": 30.0}, {"area": "c1"}, {"category": "env"}, {"category": "env", "lon": 1, "lat": 2, "address": "a"}):
        assert case.refused("move", DESK, reason="x", **said) == set()
    assert case.refused("move", DESK, reason="x", lon=1.0, area="c1") == {("area", "place_or_area")}
    assert case.refused("move", DESK, reason="x", lat=1.0) == {("lon", "place_or_area"), ("lon", "one_of")}
    assert case.refused("move", DESK, reason="x", lon=181, lat=1.0) == {("lon", "bad_place")}
    assert case.refused("move", WORKER, reason="x", area="c1") == {("step", "ability")}
    assert case.take("move", DESK, reason="x", area="c1").state.stage == "in_progress"


def test_a_published_case_keeps_what_it_was() -> None:
    published = CaseState("in_progress", closed_at=None, paused=True)
    case = Case(published, last_seq=2)
    case.take("resume", DESK).take("undo", DESK, wait_s=1)
    assert [event.seq for event in case.events] == [3, 4]
    assert CaseState.from_json(case.events[0].details["base"]) == published
    assert (case.state.paused, case.state.version) == (True, 4)


def test_the_second_of_two_is_told() -> None:
    case = at_stage("filed")
    assert case.refused("dispatch", unit="u1", version=1) == {("version", "changed")}
    assert ("version", "needed") in {(r.field, r.code) for r in life.check(case.state, Order("dispatch", {"unit": "u"}), CHIEF, case.at)}
    assert case.refused("remark", remark="late, but true", version=1) == set()


def test_every_fault_is_told_at_once() -> None:
    case = at_stage("filed")
    assert case.refused("dispatch", version=0, unit=" ", severity=1, place=[200, 0]) == {
        *(("version", "changed"), ("unit", "one_of"), ("severity", "not_taken"), ("place", "bad_place"), ("unit", "bad_text"))
    }
    assert case.refused("set_severity", severity=True) == {("severity", "bad_number")}
    assert case.refused("set_severity", severity=3) == {("severity", "same_severity")}
    assert case.refused("remark", remark="a\x00") == {("remark", "bad_text")}
    assert case.refused("remark", remark="a" * 2001) == {("remark", "bad_text")}
    assert case.refused("remark", remark="a" * 2000) == set()
    assert case.refused("acept") == {("step", "unknown_step")}
    assert case.refused("split", parts=[{"title": ""}, {"title": "b", "x": 1}]) == {("parts.0.title", "needed"), ("parts.1.x", "not_taken")}
    assert case.refused("split", parts=[{"title": "a"}] * 21) == {("parts", "bad_list")}


def test_who_may_not() -> None:
    assert at_stage("dispatched").refused("accept", DESK) == {("step", "ability")}
    assert at_stage("reported").refused("file", WORKER) == {("step", "ability")}
    assert at_stage("closed").refused("remark", LEADER, remark="well done") == set()
    with pytest.raises(StepRefused):
        life.report(Order("report", {"category": "a", "title": "b"}), LEADER, NOON)


def test_refusals_are_told_in_both_languages() -> None:
    texts = ("known", "nearest", "stage", "hash", "metres")
    facts: dict[str, Any] = {**dict.fromkeys(texts, "a"), **dict.fromkeys(("most", "seconds", "version", "allowed", "ago", "left"), 1)}
    for code in REFUSAL_SENTENCES:
        refusal = Refusal("step", code, facts)
        assert len({refusal.tell(lang) for lang in languages()}) == 2
        assert Refusal.from_json(refusal.to_json()) == refusal and refusal.status in (403, 404, 409, 422, 500)
