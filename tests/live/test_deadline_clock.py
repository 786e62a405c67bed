"""Deadlines of a live city pass by themselves: roll-up, report and tile follow, and one of all processes runs the clock."""

import gzip
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import psycopg
import pytest
import small_city as city
from databases import FreshDatabase
from mvt import read

from data.core.period import Period
from data.core.viewer import everything
from data.figures.reports import fetch_report
from data.live import changes
from data.places import tiles
from data.upkeep.clock import SESSION, Clock

VIEWER = everything()
MIDNIGHT = "2026-11-01T00:00:00+08:00"
"""The deadline of i05, which was amber before; i22 is amber from two o'clock."""
TILE = tiles.parse_address("incidents", "14", "13653", "6758")


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.fixture
def live(fresh_database: FreshDatabase) -> Iterator[str]:
    """Address of a database with the small city, whose figures stand for now."""
    with fresh_database(city.load) as url:
        with psycopg.connect(url) as connection:
            connection.execute("UPDATE city SET as_of = NULL")
        yield url


@pytest.fixture
def clock(live: str) -> Iterator[Clock]:
    made = Clock()
    yield made
    made.close()


async def counts() -> dict[str, int]:
    incidents: Any = (await fetch_report(city.CITY, Period.parse(city.FROM, city.TO), VIEWER))["incidents"]
    return {state: incidents[state] for state in ("overdue", "amber", "paused", "on_time")}


async def drawn(version: int) -> Counter[str]:
    """States of the cases in a tile with all of i05's neighbours, as a new address gets it."""
    answer = await tiles.fetch_tile("incidents", TILE, version, VIEWER)
    return Counter(one["state"] for one in read(gzip.decompress(answer.packed))["incidents"])


async def newest() -> int:
    return (await changes.fetch_versions_since("incidents", 2**62, VIEWER))["incidents"]


async def test_figures_and_tiles_follow_when_a_deadline_passes(live: str, clock: Clock) -> None:
    before, version = await counts(), await newest()
    shown = await drawn(version)
    assert clock.step(moment(MIDNIGHT)) == [], "up to the deadline nothing is late"
    assert clock.step(moment("2026-11-01T00:00:01+08:00")) == [city.CITY]
    after = await counts()
    assert after == {**before, "overdue": before["overdue"] + 1, "amber": before["amber"] - 1}
    later = await newest()
    assert later > version
    assert await drawn(later) == shown + Counter(overdue=1) - Counter(amber=1)


async def test_where_nothing_passed_nothing_gets_a_new_version(live: str, clock: Clock) -> None:
    version = await newest()
    assert clock.step(moment("2026-10-31T20:30:00+08:00")) == []
    assert await newest() == version


def test_one_clock_runs_at_a_time_and_another_takes_over_when_it_ends(live: str, clock: Clock) -> None:
    other = Clock()
    assert clock.step(moment(MIDNIGHT)) == []
    assert other.step(moment("2026-11-01T01:00:00+08:00")) == [], "it is not the one"
    assert settles(live, 1)
    clock.close()
    assert other.step(moment("2026-11-01T01:00:00+08:00")) == [city.CITY]
    other.close()
    assert settles(live, 0)


def test_a_clock_that_lost_its_session_gets_another(live: str, clock: Clock) -> None:
    clock.step(moment(MIDNIGHT))
    with psycopg.connect(live) as connection:
        query = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s AND datname = current_database()"
        connection.execute(query, (SESSION,))
    with pytest.raises(psycopg.OperationalError):
        clock.step(moment("2026-11-01T01:00:00+08:00"))
    assert clock.step(moment("2026-11-01T01:00:00+08:00")) == [city.CITY]


def test_a_city_that_cannot_be_moved_does_not_stop_the_others(live: str, clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    with psycopg.connect(live) as connection:
        connection.execute(
            "INSERT INTO city (code, name, name_en, timezone, states_at) VALUES ('000000', '坏城', 'Broken', 'Asia/Shanghai', now())"
        )
        connection.execute(
            "CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'broken on purpose'; END $$;"
            "CREATE TRIGGER broken BEFORE UPDATE ON city FOR EACH ROW WHEN (OLD.code = '000000') EXECUTE FUNCTION broken()"
        )
    assert clock.step(moment("2026-11-01T01:00:00+08:00")) == [city.CITY]
    assert "the deadlines of 000000" in caplog.text
    assert "broken on purpose" in caplog.text


def settles(live: str, wanted: int) -> bool:
    """Whether as many clocks are connected in the end: PostgreSQL lists a session for a moment after it was closed."""
    deadline = time.monotonic() + 120
    while (found := sessions(live)) != wanted and time.monotonic() < deadline:
        time.sleep(0.05)
    return found == wanted


def sessions(url: str) -> int:
    with psycopg.connect(url) as connection:
        query = "SELECT count(*) FROM pg_stat_activity WHERE application_name = %s AND datname = current_database()"
        (found,) = connection.execute(query, (SESSION,)).fetchone() or (0,)
    return int(found)
