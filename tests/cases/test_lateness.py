"""Which stages took too long: at the boundary itself, by rule and without one, over pauses, and never for a step that was taken back."""

from datetime import UTC, datetime, timedelta
from typing import Any

from data.cases.deadline_reading import RuleBook
from data.cases.lateness import find_late_stages
from data.deadlines.calendar import Calendar
from data.deadlines.rules import Rule, parse_duration

START = datetime(2026, 3, 4, 10, tzinfo=UTC)
TIMES = {"filing": "2 h", "dispatching": "1 h", "handling": "20 h", "verifying": "1 h"}
BOOK = RuleBook((Rule(7, None, None, {step: parse_duration(time) for step, time in TIMES.items()}),), Calendar("UTC", ()))  # type: ignore[misc]
STAGES = {"report": "reported", "file": "filed", "dispatch": "dispatched", "accept": "in_progress", "handle": "feedback", "close": "closed"}


def row(rule: int | None = 7, due_h: float | None = 24) -> dict[str, Any]:
    due = None if due_h is None else START + timedelta(hours=due_h)
    named = {"category": "env", "condition": None, "filed_at": None, "rule_id": rule}
    return {**named, "reported_at": START, "due_at": due}


def history(*steps: tuple[str, float]) -> list[dict[str, Any]]:
    """Steps with the hours since the report; ``undo:3`` takes the third back, other steps leave the stage as it is."""
    made: list[dict[str, Any]] = []
    stage = "reported"
    for seq, (name, hours) in enumerate((("report", 0.0), *steps), start=1):
        step, _, undone = name.partition(":")
        stage = made[int(undone) - 2]["stage"] if undone else STAGES.get(step, stage)
        details = {"undone": int(undone)} if undone else {}
        made.append({"seq": seq, "at": START + timedelta(hours=hours), "step": step, "stage": stage, "details": details})
    return made


def test_a_stage_is_late_from_the_first_moment_after_its_time() -> None:
    in_time = history(("file", 2), ("dispatch", 3), ("accept", 10), ("handle", 23), ("close", 24))
    assert find_late_stages(row(), in_time, BOOK) == set()
    hair = 1 / 3600
    assert find_late_stages(row(), history(("file", 2 + hair), ("dispatch", 3 + hair)), BOOK) == {2}
    assert find_late_stages(row(), history(("file", 2), ("dispatch", 3 + hair), ("remark", 30)), BOOK) == {3}


def test_handling_is_counted_from_the_dispatch_on() -> None:
    assert find_late_stages(row(), history(("file", 1), ("dispatch", 2), ("accept", 21), ("handle", 23)), BOOK) == {5}
    assert find_late_stages(row(), history(("file", 1), ("dispatch", 2), ("accept", 23), ("handle", 24)), BOOK) == {4, 5}


def test_pauses_do_not_count_and_what_was_taken_back_was_never_late() -> None:
    paused = history(("file", 1), ("dispatch", 2), ("accept", 3), ("pause", 4), ("resume", 30), ("handle", 48))
    assert find_late_stages(row(), paused, BOOK) == set()
    late = history(("file", 1), ("dispatch", 2), ("accept", 3), ("pause", 4), ("resume", 30), ("handle", 48.1))
    assert find_late_stages(row(), late, BOOK) == {7}
    assert find_late_stages(row(), history(("file", 5), ("undo:2", 5.1)), BOOK) == set()
    assert find_late_stages(row(), history(("file", 1), ("undo:2", 1.1), ("file", 5)), BOOK) == {4}


def test_without_a_rule_the_stage_is_late_in_which_the_deadline_passed() -> None:
    steps = history(("file", 5), ("dispatch", 6), ("accept", 30), ("handle", 40))
    assert find_late_stages(row(rule=None), steps, None) == {4}
    assert find_late_stages(row(rule=None, due_h=30), steps, None) == {5}, "at the deadline itself it was in time"
    assert find_late_stages(row(rule=None, due_h=None), steps, None) == set()
