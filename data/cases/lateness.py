"""Which stages of a case took longer than they may: by its rule, step by step; without one, the stage in which its own deadline passed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from data.cases.deadline_reading import RuleBook
from data.deadlines.pauses import list_pauses, make_step
from data.deadlines.rules import STEP_OF, CaseFacts, rule_of
from data.deadlines.working_time import NoWorkingTime, add_time, merge_pauses
from data.schema import OPEN_STAGES


def find_late_stages(row: Mapping[str, Any], events: Sequence[Mapping[str, Any]], book: RuleBook | None) -> frozenset[int]:
    """Numbers of the steps with which a stage ended later than it may.

    Args:
        row: the case, see ``data.queries.cases``.
        events: its history, the oldest first; a step that was taken back was never taken.
        book: rules and calendar of its city, where the case follows a rule.
    """
    undone = {one["details"].get("undone") for one in events if one["step"] == "undo"}
    taken = [one for one in events if one["step"] != "undo" and one["seq"] not in undone]
    late: set[int] = set()
    stage, entered, began = "reported", row["reported_at"], row["reported_at"]
    for one in taken:
        if one["stage"] == stage:
            continue
        until = _limit(row, stage, began, one["at"], events, book) or _own_limit(row, entered)
        if stage in OPEN_STAGES and until is not None and one["at"] > until:
            late.add(one["seq"])
        # Handling is counted from the dispatch on, not from when somebody accepted the case.
        if STEP_OF.get(one["stage"]) != "handling" or STEP_OF.get(stage) != "handling":
            began = one["at"]
        stage, entered = one["stage"], one["at"]
    return frozenset(late)


def _limit(
    row: Mapping[str, Any], stage: str, began: datetime, ended: datetime, events: Sequence[Mapping[str, Any]], book: RuleBook | None
) -> datetime | None:
    """Until when a stage that has ended might have lasted by the case's rule; ``None`` where that says nothing of it."""
    if book is None or row["rule_id"] is None or stage not in STEP_OF:
        return None
    facts = CaseFacts(row["category"], row["reported_at"], condition=row["condition"], filed_at=row["filed_at"], rule_id=row["rule_id"])
    rule = rule_of(facts, book.rules, book.calendar)
    time = rule.times.get(STEP_OF[stage]) if rule else None
    if time is None:
        return None
    pauses = list_pauses(make_step(one["seq"], one["at"], one["step"], one["stage"], one["details"]) for one in events)
    try:
        return add_time(book.calendar, began, time, merge_pauses(pauses, ended)).end
    except NoWorkingTime:
        return None


def _own_limit(row: Mapping[str, Any], entered: datetime) -> datetime | None:
    """The deadline of the case itself, for the stage in which it passed."""
    due: datetime | None = row["due_at"]
    return due if due is not None and entered <= due else None
