"""States of a feed by hand: at the due moment, a minute after, over free days, and after what failed, was empty or came late."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from feed_terms import agree
from hypothesis import given
from hypothesis import strategies as st
from working_calendars import at, china

from data.feeds.schedule import Agreement, list_dues
from data.feeds.states import Delivery, Stand, answer_dues, stand_at

CHINA = china()
WEEKLY = agree("weekly wed 18:00", "2026-11-01")
"""Due on 4, 11, 18 and 25 November."""


def stand(moment: str, *came: tuple[str, str], agreement: Agreement = WEEKLY) -> Stand:
    """How the feed stands at a moment, after what came: moment and outcome of each."""
    now = at(moment)
    dues = list_dues(agreement, CHINA, CHINA.local_day(now) + timedelta(days=40))
    deliveries = [Delivery(no, at(when), outcome) for no, (when, outcome) in enumerate(came)]  # type: ignore[arg-type]
    return stand_at(now, dues, answer_dues(dues, deliveries), CHINA)


def told(found: Stand) -> tuple[str, int, str | None]:
    due = found.due_at and found.due_at.astimezone(CHINA.zone).strftime("%m-%d")
    return found.state, found.late_days, due


FIRST = ("2026-11-04 17:00", "landed")
SECOND = ("2026-11-11 17:42", "landed")


@pytest.mark.parametrize(
    ("moment", "came", "expected"),
    [
        ("2026-11-03 12:00", [], ("not_due", 0, None)),
        ("2026-11-04 18:00", [], ("not_due", 0, None)),  # the very moment is not over
        ("2026-11-04 18:01", [], ("never", 0, "11-04")),
        ("2026-11-23 09:40", [], ("never", 13, "11-04")),
        ("2026-11-04 18:01", [("2026-11-04 18:00", "landed")], ("on_time", 0, "11-04")),
        ("2026-11-04 18:02", [("2026-11-04 18:01", "landed")], ("late", 0, "11-04")),
        ("2026-11-23 09:40", [FIRST, SECOND], ("late", 3, "11-18")),  # Thursday, Friday, Monday
        ("2026-11-22 09:40", [FIRST, SECOND], ("late", 2, "11-18")),  # Sunday
        ("2026-11-18 23:59", [FIRST, SECOND], ("late", 0, "11-18")),
        ("2026-11-18 17:59", [FIRST, SECOND], ("on_time", 0, "11-11")),
        # Came late, and none is due since; then one is.
        ("2026-11-23 12:00", [FIRST, SECOND, ("2026-11-20 10:00", "landed")], ("late", 2, "11-18")),
        ("2026-11-25 18:01", [FIRST, SECOND, ("2026-11-20 10:00", "landed"), ("2026-11-25 17:00", "landed")], ("on_time", 0, "11-25")),
        # What could not be landed leaves it open, until it is repaired.
        ("2026-11-04 17:30", [("2026-11-04 17:00", "failed")], ("failed", 0, "11-04")),
        ("2026-11-06 17:30", [("2026-11-04 17:00", "failed")], ("failed", 2, "11-04")),
        ("2026-11-04 17:45", [("2026-11-04 17:00", "failed"), ("2026-11-04 17:40", "landed")], ("on_time", 0, "11-04")),
        ("2026-11-06 17:30", [("2026-11-04 17:00", "failed"), ("2026-11-05 09:00", "landed")], ("late", 1, "11-04")),
        ("2026-11-05 12:00", [FIRST, ("2026-11-05 09:00", "failed")], ("on_time", 0, "11-04")),  # the good one stands
        # Empty, then with rows.
        ("2026-11-04 18:30", [("2026-11-04 17:00", "empty")], ("empty", 0, "11-04")),
        ("2026-11-12 18:30", [("2026-11-04 17:00", "empty")], ("late", 1, "11-11")),  # worse than empty
        ("2026-11-04 18:30", [("2026-11-04 17:00", "empty"), ("2026-11-04 17:30", "landed")], ("on_time", 0, "11-04")),
        ("2026-11-06 18:30", [("2026-11-04 17:00", "empty"), ("2026-11-06 17:30", "landed")], ("late", 2, "11-04")),
        ("2026-11-06 18:30", [FIRST, ("2026-11-06 17:30", "empty")], ("empty", 0, "11-04")),  # what was good is gone
        ("2026-11-04 18:30", [("2026-11-04 17:59", "waiting")], ("on_time", 0, "11-04")),  # it came, and waits for us
        # From half an interval before it on, it is the next one that is answered: 3.5 days before Wednesday 18:00 is Sunday 6:00.
        ("2026-11-11 18:01", [FIRST, ("2026-11-08 06:00", "landed")], ("on_time", 0, "11-11")),
        ("2026-11-11 18:01", [FIRST, ("2026-11-08 05:59", "landed")], ("late", 0, "11-11")),
    ],
)
def test_by_hand(moment: str, came: list[tuple[str, str]], expected: tuple[str, int, str | None]) -> None:
    assert told(stand(moment, *came)) == expected


def test_days_of_a_holiday_are_no_days_late() -> None:
    agreement = agree("working_days 18:00", "2026-09-29")
    came = ("2026-09-29 17:00", "landed")
    assert told(stand("2026-09-30 23:59", came, agreement=agreement)) == ("late", 0, "09-30")
    assert told(stand("2026-10-07 23:59", came, agreement=agreement)) == ("late", 0, "09-30")
    assert told(stand("2026-10-08 09:00", came, agreement=agreement)) == ("late", 1, "09-30")
    assert told(stand("2026-10-11 09:00", came, agreement=agreement)) == ("late", 3, "09-30"), "Saturday the 10th is worked"


def test_where_nothing_has_to_be_in_it_an_empty_delivery_is_in_order() -> None:
    agreement = agree("weekly wed 18:00", "2026-11-01", may_be_empty=True)
    assert told(stand("2026-11-04 18:30", ("2026-11-04 17:00", "empty"), agreement=agreement)) == ("on_time", 0, "11-04")
    assert told(stand("2026-11-06 18:30", ("2026-11-05 17:00", "empty"), agreement=agreement)) == ("late", 1, "11-04")


def test_within_the_grace_it_is_not_late() -> None:
    agreement = agree("weekly wed 18:00", "2026-11-01", grace_hours=24)
    came = ("2026-11-05 18:00", "landed")
    assert told(stand("2026-11-05 12:00", agreement=agreement)) == ("not_due", 0, None)
    assert told(stand("2026-11-05 18:01", came, agreement=agreement)) == ("on_time", 0, "11-04")
    assert told(stand("2026-11-05 18:01", agreement=agreement)) == ("never", 1, "11-04")


def test_after_an_outage_the_oldest_are_answered_first() -> None:
    agreement = agree("daily 08:00", "2026-11-02")
    dues = list_dues(agreement, CHINA, date(2026, 11, 10))
    came = [Delivery(no, at(f"2026-11-05 14:0{no}")) for no in range(5)]
    assert [one.due_at for one in answer_dues(dues, came)] == [
        *(at(f"2026-11-0{day} 08:00") for day in (2, 3, 4, 5)),
        at("2026-11-05 08:00"),
    ]
    assert told(stand("2026-11-05 23:59", ("2026-11-05 14:00", "landed"), agreement=agreement)) == ("late", 2, "11-03")
    evening = [("2026-11-05 21:00", "landed")] * 5
    assert told(stand("2026-11-06 08:01", *evening, agreement=agreement)) == ("on_time", 0, "11-06"), "the fifth is early for the next day"


def test_what_was_excused_is_not_missing() -> None:
    agreement = agree("weekly wed 18:00", "2026-11-01", paused="2026-11-12")
    assert told(stand("2026-11-13 12:00", FIRST, agreement=agreement)) == ("on_time", 0, "11-04")
    assert told(stand("2026-11-13 12:00", agreement=agreement)) == ("not_due", 0, None)
    assert told(stand("2026-11-18 18:01", FIRST, agreement=agreement)) == ("late", 0, "11-18")


@pytest.mark.parametrize(("outcome", "state"), [("landed", "on_time"), ("empty", "empty"), ("failed", "failed")])
def test_on_demand_nothing_is_late(outcome: str, state: str) -> None:
    agreement = agree("on_demand", "2026-01-01")
    assert told(stand("2026-06-01 12:00", agreement=agreement)) == ("not_due", 0, None)
    assert told(stand("2026-06-01 12:00", ("2026-05-01 12:00", outcome), agreement=agreement)) == (state, 0, None)
    repaired = [("2026-05-01 12:00", outcome), ("2026-05-02 12:00", "landed")]
    assert told(stand("2026-06-01 12:00", *repaired, agreement=agreement)) == ("on_time", 0, None)


def test_what_was_settled_stays_settled() -> None:
    dues = list_dues(WEEKLY, CHINA, date(2026, 11, 30))
    settled = Delivery(1, at("2026-11-12 09:00"), due_at=at("2026-11-11 18:00"))
    (kept,) = answer_dues(dues, [settled])
    assert kept == settled, "although the 4th is open"


MOMENTS = st.datetimes(datetime(2026, 9, 20), datetime(2026, 11, 30)).map(lambda when: at(when.strftime("%Y-%m-%d %H:%M")))
OUTCOMES = st.sampled_from(["landed", "landed", "empty", "failed", "waiting"])


@given(
    line=st.sampled_from(["daily 09:00", "working_days 17:30", "weekly wed 18:00", "monthly 10 18:00"]),
    came=st.lists(st.tuples(MOMENTS, OUTCOMES), max_size=12),
    now=MOMENTS,
    grace=st.sampled_from([0, 24]),
)
def test_rules_that_always_hold(line: str, came: list[tuple[Any, Any]], now: datetime, grace: int) -> None:
    dues = list_dues(agree(line, "2026-10-01", grace_hours=grace), CHINA, date(2026, 12, 31))
    deliveries = [Delivery(no, when, outcome) for no, (when, outcome) in enumerate(sorted(came, key=lambda one: one[0]))]
    settled = answer_dues(dues, deliveries)
    found = stand_at(now, dues, settled, CHINA)
    come = [one for one in settled if one.at <= now]
    assert answer_dues(dues, settled) == settled, "settling again changes nothing"
    assert stand_at(now, dues, answer_dues(dues, [one for one in deliveries if one.at <= now]), CHINA) == found, "nothing looks ahead"
    assert found.arrived_at == (come[-1].at if come else None)
    assert (found.state in ("never", "not_due")) == (not come)
    assert found.late_days == 0 or found.state in ("late", "never", "failed")
    by_due = {one.due_at for one in come if one.fulfils}
    missing = [due for due in dues if due.limit < now and due.at not in by_due]
    assert (found.state in ("on_time", "empty", "not_due")) <= (not missing)
