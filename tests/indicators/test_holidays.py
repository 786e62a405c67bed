"""Holidays beside a trend: free days in a row are one holiday."""

from datetime import date, timedelta
from typing import Any

import pytest

from data.indicators.holidays import list_holidays

FIRST, LAST = date(2026, 9, 1), date(2026, 10, 31)


def off(*days: str, name: str = "国庆节") -> list[dict[str, Any]]:
    return [{"day": date.fromisoformat(day), "kind": "off", "name": name, "name_en": name and "Day"} for day in days]


def spans(rows: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(one["first"], one["last"]) for one in list_holidays(rows, FIRST, LAST)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("days", "found"),
    [
        ((), []),
        (("2026-10-01", "2026-10-02"), [("2026-10-01", "2026-10-02")]),
        (("2026-10-02", "2026-10-05"), [("2026-10-02", "2026-10-05")]),  # Friday and Monday
        (("2026-10-05", "2026-10-07"), [("2026-10-05", "2026-10-05"), ("2026-10-07", "2026-10-07")]),  # Tuesday is worked
        (("2026-10-02", "2026-10-09"), [("2026-10-02", "2026-10-02"), ("2026-10-09", "2026-10-09")]),
        (("2026-08-31", "2026-09-01"), [("2026-09-01", "2026-09-01")]),  # within the span alone
        (("2026-10-31", "2026-11-01"), [("2026-10-31", "2026-10-31")]),
    ],
)
def test_free_days_in_a_row_are_one_holiday(days: tuple[str, ...], found: list[tuple[str, str]]) -> None:
    assert spans(off(*days)) == spans(off(*reversed(days))) == found


def test_days_of_other_names_and_of_none_are_told_one_by_one() -> None:
    two = off("2026-10-01") + off("2026-10-02", name="中秋节")
    assert spans(two) == [("2026-10-01", "2026-10-01"), ("2026-10-02", "2026-10-02")]
    assert len(spans(off("2026-10-01", "2026-10-02", name=""))) == 2


def test_make_up_workdays_are_no_holidays() -> None:
    day = FIRST + timedelta(days=1)
    assert list_holidays([{"day": day, "kind": "work", "name": "x", "name_en": ""}], FIRST, LAST) == []  # type: ignore[list-item]
