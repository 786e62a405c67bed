"""What is open, and what was open when a day ended, against pandas on the raw cases."""

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import psycopg
import pytest
import small_city as city
from databases import FreshDatabase

from data import rollup
from data.core.period import Period
from data.core.viewer import everything
from data.database import partitions
from data.figures.reports import Filters, fetch_report, fetch_units
from data.schema import CLOSED_STAGES, OPEN_STAGES, OTHER_ENDS

pytestmark = pytest.mark.slow

ZONES = ("Asia/Shanghai", "America/St_Johns")
"""The second is west of Greenwich, by half an hour more than whole hours, and puts its clocks back on 1 November 2026."""
FIRST = date(2026, 10, 20)
TODAY = date(2026, 11, 6)
CASES = 240

_INSERT = """
INSERT INTO incident (district, city, source_id, source_key, grid, path, geom, geom_3857, number, category, channel, stage, paused,
    reported_at, due_at, closed_at)
SELECT a.district, a.city, 1, %(key)s, a.code, a.path, at.geom, ST_Transform(at.geom, 3857), %(key)s, %(category)s,
    %(channel)s, %(stage)s, %(paused)s, %(reported)s, %(due)s, %(closed)s
FROM area a CROSS JOIN LATERAL (
    SELECT ST_SetSRID(ST_MakePoint(ST_XMin(a.geom) + 0.01 * %(across)s, ST_YMin(a.geom) + 0.01 * %(up)s), 4326) AS geom
) at WHERE a.code = %(cell)s
"""
PARTS = "ST_MakeEnvelope(120.006, 30.0025, 120.025, 30.019, 4326)"
"""A zone of parts of six cells."""


@pytest.fixture(params=ZONES)
def town(request: pytest.FixtureRequest, fresh_database: FreshDatabase) -> Iterator[tuple[str, str]]:
    """The small city with many random cases, in two time zones; its figures stand for a morning."""
    with fresh_database(city.load) as url:
        where = ZoneInfo(request.param)
        with psycopg.connect(url) as connection:
            as_of = datetime(TODAY.year, TODAY.month, TODAY.day, 9, 40, tzinfo=where)
            connection.execute("UPDATE city SET timezone = %s, as_of = %s", [request.param, as_of])
            connection.execute("DELETE FROM incident")
            partitions.ensure_partitions(connection, [FIRST, TODAY])
            connection.cursor().executemany(_INSERT, list(made(where)))
            connection.execute(f"UPDATE area SET geom = ST_Multi({PARTS}) WHERE code = %s", [city.ZONE])
            connection.execute("UPDATE area SET geom_3857 = ST_Transform(geom, 3857) WHERE code = %s", [city.ZONE])
            rollup.rebuild(connection, city.CITY)
        yield url, request.param


def made(where: ZoneInfo) -> Iterator[dict[str, Any]]:
    """Cases of every kind; half of their moments lie within a second of a midnight of the city, where a wrong day would be counted."""
    random.seed(7)

    def moment(first: int, last: int) -> datetime:
        """A moment so many days after the first day, in the city's time."""
        day = FIRST + timedelta(days=random.randint(first, last))
        midnight = datetime(day.year, day.month, day.day, tzinfo=where)
        return midnight + timedelta(seconds=random.choice([-1, 0, 1, random.randint(0, 86_399)]))

    for n in range(CASES):
        stage = random.choice([*OPEN_STAGES[:3], *CLOSED_STAGES * 2, *OTHER_ENDS[:2]])
        yield {
            **{"key": f"s{n}", "cell": random.choice(city.CELLS), "category": random.choice(["env", "order"])},
            **{"across": random.uniform(0.01, 0.99), "up": random.uniform(0.01, 0.99)},
            **{"channel": random.choice(["hotline", "video"]), "stage": stage, "paused": random.random() < 0.15},
            # Deadlines and closings before the report, and reports and closings after the moment of the figures, are all in real files.
            **{"reported": moment(0, 18), "due": random.choice([None, moment(0, 22), moment(0, 22)])},
            "closed": moment(0, 19) if stage in CLOSED_STAGES else None,
        }


def read(url: str) -> pd.DataFrame:
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            f"SELECT grid, ST_Intersects(geom, {PARTS}), category, channel, stage, paused, reported_at, due_at, closed_at FROM incident"
        ).fetchall()
    cases = pd.DataFrame(rows, columns=["grid", "in_zone", "category", "channel", "stage", "paused", "reported", "due", "closed"])
    for name in ("reported", "due", "closed"):
        cases[name] = pd.to_datetime(cases[name], utc=True)
    return cases


def expected(cases: pd.DataFrame, day: date, zone: str) -> tuple[pd.Series, pd.Series]:
    """Which cases were open when a day ended, and which of these were overdue; as they stand where the day is not over."""
    unpaused, now = ~cases["paused"], pd.Timestamp(f"{TODAY} 09:40", tz=zone)
    if day >= TODAY:
        open_ = cases["stage"].isin(OPEN_STAGES)
        return open_, open_ & unpaused & (cases["due"] < now)
    end = pd.Timestamp(day + timedelta(days=1), tz=zone)
    open_ = (cases["reported"] < end) & ~cases["stage"].isin(OTHER_ENDS) & ~(cases["closed"] < end)
    return open_, open_ & unpaused & (cases["due"] < end)


async def compare(url: str, zone: str) -> None:
    cases = read(url)
    filters = [Filters(), Filters(("env",)), Filters((), ("video",)), Filters(("order",), ("video",))]
    days = [FIRST, FIRST + timedelta(days=6), date(2026, 11, 1), TODAY - timedelta(days=1), TODAY, TODAY + timedelta(days=3)]
    seen = set[tuple[int, int]]()
    for day, chosen in product(days, filters):
        which = pd.Series(True, index=cases.index)
        for column, names in (("category", chosen.categories), ("channel", chosen.channels)):
            which &= cases[column].isin(names) if names else True
        now, late = expected(cases, TODAY, zone)
        open_, overdue = expected(cases, day, zone)
        period = Period(day - timedelta(days=2), day)
        whole = await fetch_report(city.CITY, period, everything(), chosen)
        members = {city.CITY: city.CELLS, city.D1: city.CELLS[:4], city.D2: city.CELLS[4:]}
        cells = await fetch_units(city.CITY, "grid", period, chosen, everything())
        for unit in [whole, *whole["children"], *whole["zones"], *cells]:
            of_cells = cases["grid"].isin(members.get(unit["code"], (unit["code"],)))
            inside = which & (cases["in_zone"] if unit["code"] == city.ZONE else of_cells)
            found = unit["incidents"]
            assert (found["open"], found["overdue"]) == (sum(inside & now), sum(inside & late)), (day, chosen, unit["code"])
            at_end = (sum(inside & open_), sum(inside & overdue))
            assert (found["open_at_end"], found["overdue_at_end"]) == at_end, (day, chosen, unit["code"])
            seen.add(at_end)
    assert len(seen) > 50, "areas and days differ"


async def test_stocks_equal_pandas_on_the_raw_cases(town: tuple[str, str]) -> None:
    await compare(*town)


async def test_stocks_follow_changes(town: tuple[str, str]) -> None:
    """Cases are closed, opened again, paused, found void, moved, given other deadlines; time passes."""
    url, zone = town
    changes = (
        "UPDATE incident SET stage = 'closed', closed_at = due_at + interval '30 hours' WHERE stage = 'filed' AND due_at IS NOT NULL",
        "UPDATE incident SET stage = 'in_progress', closed_at = NULL WHERE stage = 'evaluated'",
        "UPDATE incident SET paused = NOT paused WHERE source_key LIKE '%3'",
        "UPDATE incident SET stage = 'void', closed_at = NULL WHERE source_key LIKE '%5'",
        f"UPDATE incident SET grid = '{city.C1}', path = (SELECT path FROM area WHERE code = '{city.C1}') WHERE source_key LIKE '%7'"
        f" AND district = '{city.D1}'",
        "UPDATE incident SET geom = ST_Translate(geom, 0.004, -0.003) WHERE source_key LIKE '%4'",
        "UPDATE incident SET due_at = reported_at - interval '1 day' WHERE source_key LIKE '%8'",
        "DELETE FROM incident WHERE source_key LIKE '%9'",
    )
    with psycopg.connect(url) as connection:
        for change in changes:
            rows = connection.execute("SELECT district, id FROM incident").fetchall()
            with rollup.changing_incidents(connection, city.CITY, rows):
                connection.execute(change)
        assert rollup.compare(connection, city.CITY) == []
    await compare(url, zone)


async def test_a_case_becomes_overdue_by_the_clock_in_every_figure(fresh_database: FreshDatabase) -> None:
    """i05 is due on 1 November at 00:00, and i22 at 08:00: the day that follows knows both."""
    with fresh_database(city.load) as url, psycopg.connect(url) as connection:
        connection.execute("UPDATE city SET as_of = NULL, states_at = %s", [city.AS_OF])
        assert rollup.tick(connection, city.CITY, datetime.fromisoformat("2026-11-02T07:00+08:00"))
        connection.execute("UPDATE city SET as_of = states_at")
        connection.commit()
        report = await fetch_report(city.CITY, Period.parse("2026-10-31", "2026-11-01"), everything())
        assert report["incidents"]["overdue"] == report["incidents"]["overdue_at_end"] == city.OVERDUE[city.CITY] + 2
        report = await fetch_report(city.CITY, Period.parse("2026-10-31", "2026-10-31"), everything())
        assert report["incidents"]["overdue_at_end"] == city.OVERDUE[city.CITY]
        assert rollup.compare(connection, city.CITY) == []
