"""The life of a case: a step applied to a state gives a new state and an event, or a refusal. Pure: no database, no clock.

``evolve`` is the only place where a state changes, and it reads nothing but the event. So the events of a case, replayed, always give its
state again.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from data.cases.fields import check_fields, parse_moment, parse_place
from data.cases.refusals import Refusal, StepRefused
from data.cases.stages import COMMON_FIELDS, REMIND_S, REPORT, STEPS, UNDO_S, Step
from data.cases.states import BY_RULE, Actor, CaseState, Event, Order
from data.cases.where.cells import check_place
from data.core.nearest import find_nearest_word
from data.deadlines.pauses import find_counted_moment
from data.schema import CLOSED_STAGES, OTHER_ENDS

_STILL = frozenset({"remark", "reply", "remind", "blur", "absorb", "release"})
"""Steps that leave the state as it is."""
OF_HISTORY = frozenset({"undo", "remind"})
"""Steps that depend on those before them."""


def report(order: Order, actor: Actor, at: datetime) -> tuple[CaseState, Event]:
    """The first state of a case that is reported here, and its first event.

    Raises:
        StepRefused: the actor may not report cases.
    """
    if not actor.may(REPORT.ability):
        raise StepRefused([Refusal("step", "ability")])
    event = _make_event(order, actor, at, 1)
    state = evolve(None, event)
    return state, replace(event, stage=state.stage, unit=state.unit)


def apply(
    state: CaseState,
    order: Order,
    actor: Actor,
    at: datetime,
    history: Sequence[Event] = (),
    last_seq: int = 0,
    known: Mapping[str, Any] = MappingProxyType({}),
) -> tuple[CaseState, Event]:
    """Take a step.

    Args:
        state: the case as it is.
        order: what is asked.
        actor: who asks.
        at: the moment, with its zone.
        history: events that were made here, the oldest first; needed to undo.
        last_seq: seq of the last published event, for a case on which no step was made here yet.
        known: what the writer adds to the event: of a move, from where to where; of a pause that is over, until when it was granted; of
            a split, a list for the numbers of the new cases.

    Returns:
        The new state, and the event that led to it.

    Raises:
        StepRefused: with every reason.
    """
    found = check(state, order, actor, at, history)
    if found:
        raise StepRefused(found)
    first = state.version == 0
    event = _make_event(order, actor, at, (last_seq if first else state.version) + 1)
    event = replace(event, details={**event.details, **known, **({"base": state.to_json()} if first else {})})
    if order.step == "undo":
        undone = find_undoable(history)
        assert undone is not None  # noqa: S101 - checked above
        event = replace(event, details={**event.details, "undone": undone.seq, "undone_step": undone.step})
    made = _evolve(state, event, history)
    return made, replace(event, stage=made.stage, unit=made.unit)


def check(state: CaseState, order: Order, actor: Actor, at: datetime, history: Sequence[Event] = ()) -> list[Refusal]:
    """Every reason why a step cannot be taken; empty where it can."""
    step = STEPS.get(order.step)
    if step is None:
        return [Refusal("step", "unknown_step", {"nearest": find_nearest_word(order.step, STEPS)})]
    found = check_standing(state, step, actor) + check_fields(step, order.fields, at)
    if step.newest and order.version != state.version:
        found.insert(
            0, Refusal("version", "changed", {"version": state.version}) if order.version is not None else Refusal("version", "needed")
        )
    if order.step == "undo":
        found += _check_undo(history, actor, at)
    if order.step == "remind":
        found += _check_reminded(history, at)
    if order.step == "set_severity" and order.fields.get("severity") == state.severity:
        found.append(Refusal("severity", "same_severity"))
    if order.step == "call_back":
        found += _check_answers(order.fields)
    if order.step == "move":
        found += check_place(order.fields, needed=False)
    return found


def check_form(order: Order, actor: Actor, at: datetime) -> list[Refusal]:
    """Reasons that lie in the order and the actor, whatever the case is like."""
    step = STEPS.get(order.step)
    if step is None:
        return [Refusal("step", "unknown_step", {"nearest": find_nearest_word(order.step, STEPS)})]
    if not actor.may(step.ability):
        return [Refusal("step", "ability")]
    return check_fields(step, order.fields, at) + (_check_answers(order.fields) if step.name == "call_back" else [])


def check_standing(state: CaseState, step: Step, actor: Actor) -> list[Refusal]:
    """Reasons that lie in the case and the actor, whatever the fields say."""
    if not actor.may(step.ability):
        return [Refusal("step", "ability")]
    if state.stage not in step.stages:
        return [Refusal("step", "stage", {"stage": state.stage})]
    if step.name == "resume" and not state.paused:
        return [Refusal("step", "not_paused")]
    if step.name == "pause" and state.paused:
        return [Refusal("step", "already_paused")]
    return [Refusal("step", "paused")] if state.paused and not step.while_paused else []


def list_next_steps(state: CaseState, actor: Actor, at: datetime, history: Sequence[Event] = ()) -> list[Step]:
    """The steps that an actor may take now, in the order of the table."""
    free = [step for step in STEPS.values() if not check_standing(state, step, actor)]
    barred = {"undo": _check_undo(history, actor, at), "remind": _check_reminded(history, at)}
    return [step for step in free if not barred.get(step.name)]


def find_undoable(history: Sequence[Event]) -> Event | None:
    """The last step that changed the case, if it can be undone at all."""
    for event in reversed(history):
        if event.step in _STILL:
            continue
        step = STEPS.get(event.step)
        return event if step is not None and step.undoable else None
    return None


def find_filer(history: Sequence[Event], dispatch: Event) -> str | None:
    """Who filed a case that a rule then dispatched: the rule acted for this person, who may take its dispatch back."""
    return next((event.account for event in history if event.seq == dispatch.seq - 1 and event.step == "file"), None)


def replay(events: Iterable[Event]) -> CaseState:
    """The state that events lead to.

    Args:
        events: every event of a case that was made here, the oldest first.

    Raises:
        ValueError: there is none, or the first says nothing of the state before.
    """
    state: CaseState | None = None
    past: list[Event] = []
    for event in events:
        if state is None and event.step != REPORT.name:
            if "base" not in event.details:
                raise ValueError(f"the first event ({event.step}) says nothing of the state before")
            state = CaseState.from_json(event.details["base"])
        state = _evolve(state, event, past)
        past.append(event)
    if state is None:
        raise ValueError("no event")
    return state


def _evolve(state: CaseState | None, event: Event, history: Sequence[Event]) -> CaseState:
    if event.step != "undo" or state is None:
        return evolve(state, event)
    undone = event.details["undone"]
    before = [past for past in history if past.seq < undone]
    first = next(past for past in history if past.seq == undone)
    earlier = replay(before) if before else CaseState.from_json(first.details["base"])
    return replace(earlier, version=event.seq)


def evolve(state: CaseState | None, event: Event) -> CaseState:
    """The state after an event that is not ``undo``; the first event of a case that is reported here has no state before."""
    said = event.details
    if state is None:
        made = CaseState(REPORT.to or "", said.get("severity") or 3, said.get("condition"), stage_at=event.at)
        return replace(made, version=event.seq)
    changed = {**_changes(state, event), "version": event.seq}
    stage = changed.get("stage", state.stage)
    if stage != state.stage:
        changed["stage_at"] = event.at
        changed["closed_at"] = (state.closed_at or event.at) if stage in CLOSED_STAGES else None
        if stage in (*CLOSED_STAGES, *OTHER_ENDS) and state.paused:
            changed |= _end_pause(state, event.at)
        if stage == "dispatched":
            changed["dispatched_at"] = event.at
        if stage == "filed" and state.filed_at is None:
            changed["filed_at"] = event.at
    return replace(state, **changed)


def _changes(state: CaseState, event: Event) -> dict[str, Any]:
    """What a step changes by itself: without what follows from a new stage."""
    said, step = event.details, STEPS.get(event.step)
    given = {name: said[name] for name in ("unit", "assignee", "severity", "condition") if said.get(name) is not None}
    made: dict[str, Any] = given | ({"stage": step.to} if step is not None and step.to else {})
    match event.step:
        case "accept":
            made.setdefault("assignee", state.assignee or event.account)
        case "verify_fail":
            made["reworked"] = state.reworked + 1
        case "mark_duplicate":
            made["duplicate_of"] = said["into"]
        case "not_responsible":
            made |= {"unit": None, "assignee": None}
        case "pause":
            made |= {"paused": True, "paused_at": event.at, "paused_until": parse_moment(said["until"])}
        case "resume":
            made |= _end_pause(state, find_counted_moment(event.at, event.step, said))
        case "hand_over":
            made |= _hand_over(state, given)
        case "move" if said.get("unassigned"):
            made |= _lose_worker(state)
        case "call_back":
            made |= {name: said.get(name) for name in ("answered", "solved", "satisfied")}
            made |= _open_again(state) if said.get("solved") is False and said.get("reopen") is not False else {}
        case "reopen":
            made |= _open_again(state)
    return made


def _hand_over(state: CaseState, given: dict[str, Any]) -> dict[str, Any]:
    """Another unit accepts anew, by a worker of its own; another worker of the same unit goes on."""
    if given.get("unit") in (None, state.unit):
        return {}
    return {"stage": "dispatched", "assignee": given.get("assignee")}


def _lose_worker(state: CaseState) -> dict[str, Any]:
    """Whoever worked on it does not see it any more: its unit sends somebody else, or the desk does where there is no unit."""
    if state.stage not in ("dispatched", "in_progress"):
        return {"assignee": None}
    return {"assignee": None, "stage": "dispatched" if state.unit else "filed"}


def _open_again(state: CaseState) -> dict[str, Any]:
    """Closed cases go back to whoever handled them, all others to the desk."""
    known = state.stage in CLOSED_STAGES and (state.unit or state.assignee)
    return {"stage": "dispatched" if known else "filed", "reopened": state.reopened + 1, "duplicate_of": None}


def _end_pause(state: CaseState, at: datetime) -> dict[str, Any]:
    passed = 0 if state.paused_at is None else max(0, round((at - state.paused_at).total_seconds()))
    return {"paused": False, "paused_at": None, "paused_until": None, "paused_s": state.paused_s + passed}


def _make_event(order: Order, actor: Actor, at: datetime, seq: int) -> Event:
    """The event of an order; stage and unit follow."""
    given = {name: value.strip() if isinstance(value, str) else value for name, value in order.fields.items() if value is not None}
    details = {name: value for name, value in given.items() if name not in COMMON_FIELDS and value != ""}
    hashes = tuple(given.get("attachments") or ())
    return Event(
        seq, at, order.step, "", actor.account, None, given.get("remark") or None, details, parse_place(given.get("place")), hashes
    )


def _check_undo(history: Sequence[Event], actor: Actor, at: datetime) -> list[Refusal]:
    last = find_undoable(history)
    if last is None:
        return [Refusal("step", "nothing_to_undo")]
    if actor.account != (find_filer(history, last) if last.account == BY_RULE else last.account):
        return [Refusal("step", "not_yours")]
    late = (at - last.at).total_seconds() > UNDO_S
    return [Refusal("step", "too_late", {"seconds": UNDO_S})] if late else []


def _check_reminded(history: Sequence[Event], at: datetime) -> list[Refusal]:
    """Reminding is for once in a while: the last time is remembered, whoever it was, until another unit or worker has the case.

    Who was given the case by a step that was taken back never had it.
    """
    undone = {event.details["undone"] for event in history if event.step == "undo"}
    telling = (event for event in reversed(history) if event.step in ("remind", "hand_over", "dispatch") and event.seq not in undone)
    last = next(telling, None)
    if last is None or last.step != "remind":
        return []
    passed = (at - last.at).total_seconds()
    if passed >= REMIND_S:
        return []
    return [Refusal("step", "reminded_lately", {"ago": int(passed // 60), "left": math.ceil((REMIND_S - passed) / 60)})]


def _check_answers(given: Any) -> list[Refusal]:
    """Answers fit together: who was not reached said nothing, and only an unsolved case is opened again."""
    found = []
    if given.get("answered") is False:
        found += [Refusal(name, "not_asked") for name in ("solved", "satisfied") if given.get(name) is not None]
    if given.get("reopen") is True and given.get("solved") is not False:
        found.append(Refusal("reopen", "not_unsolved"))
    return found
