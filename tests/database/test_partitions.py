"""Months of moments: in UTC, from the first instant of the first one to the first instant after the last one."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from data.database.partitions import span_months, within_months

INSTANT = timedelta(microseconds=1)
OCTOBER, NOVEMBER, DECEMBER = (datetime(2026, month, 1, tzinfo=UTC) for month in (10, 11, 12))
SHANGHAI = timezone(timedelta(hours=8))


@pytest.mark.parametrize(
    ("moments", "expected"),
    [
        ([NOVEMBER], (NOVEMBER, DECEMBER)),
        ([DECEMBER - INSTANT], (NOVEMBER, DECEMBER)),
        ([NOVEMBER - INSTANT, NOVEMBER], (OCTOBER, DECEMBER)),
        ([datetime(2026, 11, 1, 7, 59, 59, tzinfo=SHANGHAI)], (OCTOBER, NOVEMBER)),
        ([datetime(2026, 11, 1, 8, tzinfo=SHANGHAI)], (NOVEMBER, DECEMBER)),
        ([datetime(2025, 12, 31, tzinfo=UTC)], (datetime(2025, 12, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC))),
    ],
)
def test_months_are_those_of_utc(moments: list[datetime], expected: tuple[datetime, datetime]) -> None:
    assert span_months(moments) == expected
    assert span_months(iter(reversed(moments))) == expected


def test_the_last_month_of_all_has_an_end() -> None:
    first, end = span_months([datetime(9999, 12, 31, 23, 59, tzinfo=UTC)])
    assert first == datetime(9999, 12, 1, tzinfo=UTC) and end == datetime.max.replace(tzinfo=UTC)


def test_the_condition_holds_no_bound_value() -> None:
    told = within_months("i", [NOVEMBER]).as_string()
    first, end = "'2026-11-01 00:00:00+00:00'::timestamptz", "'2026-12-01 00:00:00+00:00'::timestamptz"
    assert told == f'"i".reported_at >= {first} AND "i".reported_at < {end}'
