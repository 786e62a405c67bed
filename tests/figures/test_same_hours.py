"""Today until now is compared with earlier days until the same hour; and when work on cases began is told."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, time
from typing import Any

import psycopg
import pytest
import small_city as city
from databases import FreshDatabase

from data.core.period import Period
from data.core.viewer import Viewer, everything
from data.figures.changes import SameHours
from data.figures.reports import NO_FILTERS, Filters
from data.figures.snapshot import MapRequest, fetch_map_figures

WHO = everything()
TODAY = Period(date(2026, 10, 31), date(2026, 10, 31))


@pytest.fixture
def town(fresh_database: FreshDatabase) -> Iterator[psycopg.Connection[Any]]:
    """The small city, in a database that a test may change."""
    with fresh_database(city.load) as url, psycopg.connect(url, autocommit=True) as connection:
        yield connection


async def compared(code: str = city.CITY, period: Period = TODAY, filters: Filters = NO_FILTERS, viewer: Viewer = WHO) -> SameHours | None:
    return (await fetch_map_figures(MapRequest(code, period, filters=filters), viewer)).same_hours


def move(connection: psycopg.Connection[Any], case: str, to: str) -> None:
    connection.execute("UPDATE incident SET reported_at = %s WHERE source_key = %s", [f"{to}+08:00", case])


async def test_the_same_hours_are_counted_by_hand(small: str) -> None:
    """Until 20:00: i05, i06, i17, i22, i23 today; i04 and i30 the day before; none a year earlier."""
    assert await compared() == SameHours(time(20), 5, 2, 0)
    assert await compared(city.D1) == SameHours(time(20), 2, 1, 0)
    assert await compared(city.CITY, filters=Filters(("env",), ("hotline",))) == SameHours(time(20), 2, 0, 0)
    assert await compared(city.ZONE) == SameHours(time(20), 1, 0, 0)


async def test_the_hour_itself_is_not_over(town: psycopg.Connection[Any]) -> None:
    """At 20:00:00 sharp a report of yesterday at 20:00 is not before it, one a second earlier is; midnight begins the day."""
    move(town, "i04", "2026-10-30T20:00:00")
    assert await compared() == SameHours(time(20), 5, 1, 0)
    move(town, "i04", "2026-10-30T19:59:59")
    assert await compared() == SameHours(time(20), 5, 2, 0)
    move(town, "i30", "2026-10-30T00:00:00")
    assert await compared() == SameHours(time(20), 5, 2, 0)
    move(town, "i30", "2026-10-29T23:59:59")
    assert await compared() == SameHours(time(20), 5, 1, 0)
    move(town, "i24", "2025-10-31T09:00:00")
    assert (await compared()) == SameHours(time(20), 5, 1, 1)


@pytest.mark.parametrize(
    ("first", "last"),
    [("2026-10-30", "2026-10-30"), ("2026-10-30", "2026-10-31"), ("2026-10-31", "2026-11-01"), ("2026-11-01", "2026-11-01")],
)
async def test_only_today_alone_is_compared_by_hours(small: str, first: str, last: str) -> None:
    """Other periods are compared on their whole days."""
    assert await compared(period=Period.parse(first, last)) is None


async def test_a_day_that_is_over_is_compared_as_a_whole(town: psycopg.Connection[Any]) -> None:
    town.execute("UPDATE city SET as_of = '2026-10-31T23:59:00+08:00'")
    assert await compared() is None


async def test_who_sees_no_single_cases_gets_no_hours(small: str) -> None:
    """Roll-ups know days alone; and whoever sees the cases of one district cannot count those of the city."""
    assert await compared(viewer=everything(detail="figures")) is None
    of_district = replace(WHO, scope=f"{city.CITY}.{city.D1}")
    assert await compared(viewer=of_district) is None and await compared(city.D1, viewer=of_district) == SameHours(time(20), 2, 1, 0)


async def test_when_work_began_is_told_in_the_time_of_the_city(town: psycopg.Connection[Any]) -> None:
    before = (await fetch_map_figures(MapRequest(city.CITY), WHO)).report["city"]["worked_since"]
    town.execute("UPDATE city SET worked_since = '2026-10-31T00:30:00Z'")
    after = await fetch_map_figures(MapRequest(city.D1), WHO)
    assert (before, after.report["city"]["worked_since"]) == (None, "2026-10-31T08:30:00+08:00")
    assert after.cities[0]["worked_since"] == "2026-10-31T08:30:00+08:00"
