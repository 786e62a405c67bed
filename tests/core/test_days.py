"""Days are counted in the city's time zone: where they begin, and how long they are when clocks change."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import psycopg
import pytest
import small_city as city

from data import rollup
from data.core.errors import BadPeriod
from data.core.period import Period
from data.core.viewer import everything
from data.database import partitions
from data.figures.reports import fetch_report
from data.places.outlines import fetch_cases
from data.queries.figures import Filters
from layers.view import View

WHO = everything()
NEW_YORK = "America/New_York"
LONG_DAY, SHORT_DAY = date(2026, 11, 1), date(2026, 3, 8)
"""Clocks went back, and forward."""


def moments() -> list[datetime]:
    """Every half hour around the two days, in UTC."""
    return [
        datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(minutes=30 * n)
        for day in (LONG_DAY, SHORT_DAY)
        for n in range(-48, 48 * 3)
    ]


@pytest.fixture(scope="module")
def new_york(fresh_database) -> Iterator[str]:  # type: ignore[no-untyped-def]
    """The small city moved into another time zone, with one open case every half hour."""
    with fresh_database(city.load) as url:
        with psycopg.connect(url) as connection:
            connection.execute("DELETE FROM incident")
            connection.execute("UPDATE city SET timezone = %s, as_of = '2026-12-31T12:00:00Z'", (NEW_YORK,))
            partitions.ensure_partitions(connection, moments())
            for n, moment in enumerate(moments()):
                connection.execute(
                    "INSERT INTO incident (district, city, source_id, source_key, grid, path, geom, geom_3857, number, category, channel,"
                    " stage, reported_at, due_at) SELECT %s, %s, 1, %s, a.code, a.path, a.label_point, ST_Transform(a.label_point, 3857),"
                    " %s, 'env', 'public', 'filed', %s, %s FROM area a WHERE a.code = %s",
                    (city.D1, city.CITY, f"h{n}", f"H{n}", moment, moment, city.C1),
                )
            rollup.rebuild(connection, city.CITY)
        yield url


@pytest.mark.parametrize(("day", "halves"), [(LONG_DAY, 50), (SHORT_DAY, 46), (date(2026, 11, 2), 48)])
async def test_a_day_is_as_long_as_clocks_make_it(new_york: str, day: date, halves: int) -> None:
    assert sum(moment.astimezone(ZoneInfo(NEW_YORK)).date() == day for moment in moments()) == halves, "as Python counts them"
    report = await fetch_report(city.CITY, Period(day, day), WHO)
    incidents, rate = report["incidents"], report["closing_rate"]
    assert incidents["by_day"] == [(day.isoformat(), halves)], "by the roll-up"
    assert incidents["open"] == len(moments()), "what is open is a stock, whatever the days"
    assert rate["denominator"] == halves, "by the deadlines"
    drawn = await fetch_cases(city.CITY, Period(day, day), Filters(), True, WHO)
    assert drawn.body["total"] == halves, "by the map"
    assert {row["reported_at"][:10] for row in drawn.body["rows"]} == {day.isoformat()}


def test_a_day_is_written_in_one_way_only() -> None:
    for wrong in ("20261101", "2026-W45-1", "2026-11-01T00:00", "01-11-2026", ""):
        with pytest.raises(BadPeriod):
            Period.parse(wrong, "2026-11-30")


def test_a_window_beside_its_period_is_left_out() -> None:
    assert View.parse("?from=2026-10-01&to=2026-10-31&wfrom=2026-11-01&wto=2026-11-02").window is None
    assert View.parse("?from=2026-10-01&to=2026-10-31&wfrom=2026-10-30&wto=2026-11-02").window is not None
