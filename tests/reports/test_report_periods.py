"""Periods of reports: how they are written, which days they are, what they are called."""

from datetime import date

import pytest

from data.core.errors import BadPeriod
from data.core.period import Period
from reports.periods import Step, last_over, name_days, name_period, parse_period, shift, write_period, year_before


@pytest.mark.parametrize(
    ("text", "step", "first", "last"),
    [
        ("2026-11-23", "day", date(2026, 11, 23), date(2026, 11, 23)),
        ("2026-W10", "week", date(2026, 3, 2), date(2026, 3, 8)),
        ("2026-W53", "week", date(2026, 12, 28), date(2027, 1, 3)),
        ("2027-W01", "week", date(2027, 1, 4), date(2027, 1, 10)),
        ("2028-02", "month", date(2028, 2, 1), date(2028, 2, 29)),
        ("2026-12", "month", date(2026, 12, 1), date(2026, 12, 31)),
        ("2026-Q4", "quarter", date(2026, 10, 1), date(2026, 12, 31)),
        ("2026", "year", date(2026, 1, 1), date(2026, 12, 31)),
        ("2026-03-01..2026-03-17", "own", date(2026, 3, 1), date(2026, 3, 17)),
    ],
)
def test_a_period_is_read_and_written_back(text: str, step: Step, first: date, last: date) -> None:
    assert parse_period(text) == (step, Period(first, last))
    assert write_period(step, Period(first, last)) == text


@pytest.mark.parametrize(
    "text", ["", "2027-W53", "2026-W00", "2026-13", "2026-Q5", "2026-02-30", "26-W10", "2026-W1", "week 10", "1..2", "9999", "0000"]
)
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(BadPeriod):
        parse_period(text)


@pytest.mark.parametrize(
    ("step", "last_whole", "first"),
    [
        ("day", date(2026, 11, 29), date(2026, 11, 29)),
        ("week", date(2026, 11, 29), date(2026, 11, 23)),  # a Sunday: its week is over
        ("week", date(2026, 11, 28), date(2026, 11, 16)),
        ("month", date(2026, 11, 29), date(2026, 10, 1)),
        ("month", date(2026, 11, 30), date(2026, 11, 1)),
        ("quarter", date(2026, 12, 31), date(2026, 10, 1)),
        ("quarter", date(2026, 12, 30), date(2026, 7, 1)),
        ("year", date(2026, 12, 31), date(2026, 1, 1)),
        ("year", date(2026, 1, 1), date(2025, 1, 1)),
    ],
)
def test_the_last_period_that_is_over(step: Step, last_whole: date, first: date) -> None:
    assert last_over(step, last_whole).start == first


def test_the_one_before_and_a_year_before_are_of_the_same_kind() -> None:
    month = parse_period("2028-03")[1]
    assert shift("month", month, -1) == parse_period("2028-02")[1]
    assert year_before("month", parse_period("2028-02")[1]) == parse_period("2027-02")[1], "29 days beside 28"
    week = parse_period("2026-W47")[1]
    assert year_before("week", week) == parse_period("2025-W47")[1]
    assert year_before("week", week).start.isoweekday() == 1
    assert shift("quarter", parse_period("2026-Q1")[1], -1) == parse_period("2025-Q4")[1]
    own = parse_period("2026-03-01..2026-03-17")[1]
    assert shift("own", own, -1) == Period(date(2026, 2, 12), date(2026, 2, 28))


def test_periods_in_words() -> None:
    week = parse_period("2026-W47")[1]
    assert [name_period("week", week, "zh"), name_period("week", week, "en")] == ["2026 年第 47 周", "Week 47 of 2026"]
    assert name_days(week, "zh") == "11 月 16 日（周一）至 11 月 22 日（周日）"
    assert name_days(week, "en") == "Monday 16 to Sunday 22 November 2026"
    turn = parse_period("2026-W53")[1]
    assert name_days(turn, "zh") == "2026 年 12 月 28 日（周一）至 2027 年 1 月 3 日（周日）"
    assert name_days(turn, "en") == "Monday 28 December 2026 to Sunday 3 January 2027"
    month = parse_period("2026-03")[1]
    assert [name_period("month", month, "zh"), name_period("month", month, "en")] == ["2026 年 3 月", "March 2026"]
