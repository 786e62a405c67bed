"""Pauses from the steps of a case."""

from datetime import UTC, datetime, timedelta

from data.deadlines.pauses import Step, find_counting_moment, list_pauses
from data.deadlines.working_time import Pause

START = datetime(2026, 3, 4, 10, tzinfo=UTC)


def steps(*names: str) -> list[Step]:
    """Steps an hour apart; ``undo:3`` undoes the third, ``close`` ends the case."""
    made: list[Step] = []
    for number, name in enumerate(names, start=1):
        step, _, undone = name.partition(":")
        stage = "closed" if step == "close" else "in_progress"
        made.append((number, START + timedelta(hours=number), step, stage, int(undone) if undone else None))
    return made


def hour(number: int) -> datetime:
    return START + timedelta(hours=number)


def test_pauses_begin_and_end_with_steps() -> None:
    assert list_pauses(steps("file", "pause", "remark", "resume", "pause")) == (Pause(hour(2), hour(4)), Pause(hour(5)))
    assert list_pauses(steps("file", "resume")) == ()
    assert list_pauses([]) == ()


def test_a_case_that_ends_is_no_longer_paused() -> None:
    assert list_pauses(steps("pause", "close", "reopen")) == (Pause(hour(1), hour(2)),)


def test_what_was_undone_never_was() -> None:
    assert list_pauses(steps("pause", "undo:1", "remark")) == ()
    assert list_pauses(steps("pause", "resume", "undo:2")) == (Pause(hour(1)),)
    assert list_pauses(steps("pause", "resume", "undo:2", "resume")) == (Pause(hour(1), hour(4)),)
    assert list_pauses(steps("pause", "close", "undo:2")) == (Pause(hour(1)),)


def test_a_stored_deadline_counts_an_open_pause_until_it_began() -> None:
    now = hour(20)
    assert find_counting_moment((Pause(hour(1), hour(2)), Pause(hour(5))), now) == hour(5)
    assert find_counting_moment((Pause(hour(1), hour(2)),), now) == now
    assert find_counting_moment((), now) == now
