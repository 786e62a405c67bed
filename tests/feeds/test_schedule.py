"""Due moments by hand: every cadence, weekends, holidays and make-up workdays of 2026, summer time, ends of years and of agreements."""

from datetime import date, timedelta
from typing import Any

import pytest
from feed_terms import agree, cadence
from hypothesis import given
from hypothesis import strategies as st
from working_calendars import OFFICE, at, china, plain

from data.deadlines.calendar import Calendar, Week
from data.feeds.schedule import Agreement, Terms, list_dues, next_limit, working_days_after

CHINA = china()


def days(agreement: Agreement, last: str, calendar: Calendar = CHINA) -> list[str]:
    """Due days up to a day, without the one that is only there for what comes early."""
    found = list_dues(agreement, calendar, date.fromisoformat(last))
    return [str(due.day) for due in found if due.day <= date.fromisoformat(last)]


@pytest.mark.parametrize(
    ("line", "first", "last", "expected"),
    [
        ("daily 18:00", "2026-10-01", "2026-10-03", ["2026-10-01", "2026-10-02", "2026-10-03"]),  # holidays are days, too
        # 1 to 7 October are free, Saturday the 10th is worked, Sunday the 11th is not
        (
            "working_days 18:00",
            "2026-09-29",
            "2026-10-12",
            ["2026-09-29", "2026-09-30", "2026-10-08", "2026-10-09", "2026-10-10", "2026-10-12"],
        ),
        ("weekly wed 18:00", "2026-09-20", "2026-10-15", ["2026-09-23", "2026-09-30", "2026-10-08", "2026-10-14"]),
        ("weekly sat 18:00", "2026-10-02", "2026-10-19", ["2026-10-08", "2026-10-10", "2026-10-19"]),  # free: to the 8th; worked: it stays
        ("monthly 10 18:00", "2026-01-01", "2026-05-31", ["2026-01-12", "2026-02-10", "2026-03-10", "2026-04-10", "2026-05-11"]),
        ("monthly 31 18:00", "2026-01-01", "2026-05-05", ["2026-02-02", "2026-02-28", "2026-03-31", "2026-04-30"]),
        ("monthly last 18:00", "2026-01-01", "2026-03-31", ["2026-02-02", "2026-02-28", "2026-03-31"]),  # 28 February is a make-up workday
        ("quarterly 15 18:00", "2026-01-01", "2026-12-31", ["2026-01-15", "2026-04-15", "2026-07-15", "2026-10-15"]),
        ("quarterly last 18:00", "2026-01-01", "2026-12-31", ["2026-03-31", "2026-06-30", "2026-09-30", "2026-12-31"]),
        ("yearly 10-01 18:00", "2026-01-01", "2026-12-31", ["2026-10-08"]),
        ("on_demand", "2026-01-01", "2026-12-31", []),
    ],
)
def test_each_cadence_names_its_days(line: str, first: str, last: str, expected: list[str]) -> None:
    assert days(agree(line, first), last) == expected


def test_a_day_off_is_shifted_as_it_was_agreed() -> None:
    asked = ("monthly 4 09:00", "2026-07-01")
    assert days(agree(*asked), "2026-07-31") == ["2026-07-06"], "Saturday: the next working day"
    assert days(agree(*asked, shift="previous"), "2026-07-31") == ["2026-07-03"]
    assert days(agree(*asked, shift="none"), "2026-07-31") == ["2026-07-04"]


def test_what_a_shift_brings_together_is_due_once() -> None:
    assert days(agree("weekly thu 09:00", "2026-09-25"), "2026-10-09") == ["2026-10-08"], "1 October goes to the 8th, which is a Thursday"


def test_a_day_named_before_the_year_ends_may_be_due_in_the_next_one() -> None:
    calendar = plain("Asia/Shanghai")
    assert days(agree("monthly last 09:00", "2028-01-01"), "2028-01-05", calendar) == [], "31 December 2027 is a Friday"
    assert days(agree("monthly last 09:00", "2023-01-01"), "2023-01-05", calendar) == ["2023-01-02"], "31 December 2022 is a Saturday"
    assert days(agree("yearly 02-29 09:00", "2027-01-01"), "2028-12-31", calendar) == ["2027-03-01", "2028-02-29"], (
        "28 February is a Sunday"
    )


def test_nothing_is_expected_outside_of_the_agreement_and_what_is_excused_is_marked() -> None:
    assert days(agree("daily 09:00", "2026-06-01", "2026-06-03"), "2026-06-30") == ["2026-06-01", "2026-06-02", "2026-06-03"]
    found = list_dues(agree("daily 09:00", "2026-06-01", paused="2026-06-02"), CHINA, date(2026, 6, 3))
    assert [due.excused for due in found] == [True, True, False, False]


def test_one_more_is_told_for_what_comes_early() -> None:
    found = list_dues(agree("weekly wed 18:00", "2026-06-01"), CHINA, date(2026, 6, 9))
    assert [str(due.day) for due in found] == ["2026-06-03", "2026-06-10"]
    assert {due.interval for due in found} == {timedelta(days=7)}


def test_grace_counts_in_hours_after_the_due_moment() -> None:
    (due, _) = list_dues(agree("weekly wed 18:00", "2026-06-01", grace_hours=30), CHINA, date(2026, 6, 3))
    assert (due.at, due.limit) == (at("2026-06-03 18:00"), at("2026-06-05 00:00"))
    assert next_limit([due], at("2026-06-04 00:00")) == due.limit
    assert next_limit([due], at("2026-06-06 00:00")) is None


def test_a_new_version_of_the_contract_holds_from_its_day_on() -> None:
    monthly, weekly = Terms(cadence("monthly 10 18:00"), date(2026, 6, 1)), Terms(cadence("weekly wed 18:00"), date(2026, 9, 1))
    found = list_dues(Agreement((monthly, weekly), date(2026, 6, 1)), CHINA, date(2026, 9, 16))
    assert [str(due.day) for due in found[:-1]] == ["2026-06-10", "2026-07-10", "2026-08-10", "2026-09-02", "2026-09-09", "2026-09-16"]


def test_days_whose_holidays_nobody_knows_yet_are_provisional() -> None:
    found = list_dues(agree("weekly wed 18:00", "2026-12-20"), china(until=date(2026, 12, 31)), date(2027, 1, 6))
    assert [(str(due.day), due.provisional) for due in found[:-1]] == [("2026-12-23", False), ("2026-12-30", False), ("2027-01-06", True)]
    daily = list_dues(agree("daily 18:00", "2027-01-01"), china(until=date(2026, 12, 31)), date(2027, 1, 2))
    assert not any(due.provisional for due in daily), "each day is a day"


def test_summer_time_moves_the_moment_and_not_the_clock() -> None:
    calendar = plain("Europe/Berlin")
    found = list_dues(agree("daily 02:30", "2026-03-28"), calendar, date(2026, 3, 30))
    zone = "Europe/Berlin"
    # On the 29th clocks jump from 2 to 3: the moment of the jump
    assert [due.at for due in found[:3]] == [at("2026-03-28 02:30", zone), at("2026-03-29 03:00", zone), at("2026-03-30 02:30", zone)]
    autumn = list_dues(agree("daily 02:30", "2026-10-25"), calendar, date(2026, 10, 25))
    assert autumn[0].at == at("2026-10-25 02:30", zone, fold=0), "the first of both"


def test_a_city_that_never_works_has_no_working_days_and_shifts_nothing() -> None:
    never = plain("Asia/Shanghai", Week(((),) * 8))
    assert days(agree("working_days 18:00", "2026-06-01"), "2026-06-30", never) == []
    assert days(agree("monthly 6 18:00", "2026-06-01"), "2026-06-30", never) == ["2026-06-06"]


@pytest.mark.parametrize(
    ("first", "last", "n"),
    [
        ("2026-11-18", "2026-11-18", 0),
        ("2026-11-18", "2026-11-23", 3),  # Thursday, Friday, Monday
        ("2026-11-20", "2026-11-22", 0),  # a weekend
        ("2026-09-30", "2026-10-07", 0),  # all free
        ("2026-09-30", "2026-10-10", 3),  # 8, 9, and the Saturday that is worked
        ("2026-11-20", "2026-11-18", 0),
    ],
)
def test_working_days_after_a_day(first: str, last: str, n: int) -> None:
    assert working_days_after(CHINA, date.fromisoformat(first), date.fromisoformat(last)) == n


LINES = ["daily 09:00", "working_days 17:30", "weekly fri 18:00", "monthly 10 18:00", "monthly last 00:00", "quarterly 1 08:00"]


@given(
    line=st.sampled_from(LINES),
    shift=st.sampled_from(["next", "previous", "none"]),
    begin=st.dates(date(2026, 1, 1), date(2026, 6, 30)),
    spans=st.integers(0, 200),
    more=st.integers(0, 200),
)
def test_what_was_due_does_not_change_as_time_goes_on(line: str, shift: Any, begin: date, spans: int, more: int) -> None:
    agreement = Agreement((Terms(cadence(line), begin, shift),), begin)
    last = begin + timedelta(days=spans)
    found = list_dues(agreement, CHINA, last)
    later = list_dues(agreement, CHINA, last + timedelta(days=more))
    assert later[: len(found)] == found or (len(found) == 1 and [due.at for due in later][: len(found)] == [due.at for due in found])
    assert [due.at for due in found] == sorted({due.at for due in found})
    assert all(due.day >= begin for due in found) and sum(due.day > last for due in found) == 1
    if shift != "none" and not line.startswith("daily"):
        assert all(CHINA.is_working_day(due.day) for due in found)


def test_the_calendar_of_these_tests_is_what_the_tables_say() -> None:
    assert OFFICE.spans[5] == () and CHINA.is_working_day(date(2026, 10, 10)) and not CHINA.is_working_day(date(2026, 10, 7))
    assert CHINA.is_working_day(date(2026, 2, 28))
