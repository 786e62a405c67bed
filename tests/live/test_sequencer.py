"""Events are numbered in the order of their commits: none is skipped, none numbered twice, and only who may see a case hears of it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
import small_city as city
from databases import FreshDatabase
from rights_tools import seeing, viewer_of

from data.core.viewer import Viewer, everything
from data.database.connections import connect, connect_owner_async
from data.live import sequencer
from data.live.outbox import CaseChange, append_events
from data.live.sequencer import begin_sequencing, number_events, prune_events, run_sequencer
from data.live.versions import touch

PATIENCE_S = 60


def case(number: str, cell: str = city.C1, category: str = "env") -> CaseChange:
    path = city.path_of(cell)
    return CaseChange(
        city.CITY, cell[:6], 1, number, cell, path, category, 3, "filed", "on_time", 1, "file", datetime(2026, 3, 1, tzinfo=UTC)
    )


@pytest.fixture
def town(fresh_database: FreshDatabase) -> Any:
    with fresh_database(city.load) as url:
        yield url


@pytest.fixture
async def numbering(town: str) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
    """A session that numbers events, after those of loading the town."""
    async with await connect_owner_async("test") as connection:
        assert await begin_sequencing(connection)
        await number_events(connection)
        yield connection


def told(town: str) -> list[str]:
    """Numbers of cases in the order in which they are told."""
    with psycopg.connect(town) as connection:
        return [row[0] for row in connection.execute("SELECT number FROM live_event WHERE seq IS NOT NULL AND kind = 'case' ORDER BY seq")]


def state(town: str) -> dict[str, Any]:
    with psycopg.connect(town, row_factory=psycopg.rows.dict_row) as connection:
        return connection.execute("SELECT * FROM live_state").fetchone() or {}


async def test_what_is_committed_late_gets_a_later_number(town: str, numbering: psycopg.AsyncConnection[Any]) -> None:
    before = state(town)["last"]
    with connect() as slow, connect() as quick:
        append_events(slow, [case("slow")])
        append_events(quick, [case("quick 1"), case("quick 2")])
        quick.commit()
        assert await number_events(numbering) == 2
        assert told(town) == ["quick 1", "quick 2"], "what is not committed has no number"
        assert await number_events(numbering) == 0
        slow.commit()
    assert await number_events(numbering) == 1
    assert told(town) == ["quick 1", "quick 2", "slow"]
    assert state(town)["last"] == before + 3
    with psycopg.connect(town) as connection:
        assert connection.execute("SELECT max(seq), count(DISTINCT seq) = count(*) FROM live_event").fetchone() == (before + 3, True)


async def test_what_is_taken_back_is_never_told(town: str, numbering: psycopg.AsyncConnection[Any]) -> None:
    with connect() as connection:
        append_events(connection, [case("never")])
        connection.rollback()
        append_events(connection, [])
        connection.commit()
    assert await number_events(numbering) == 0


async def test_many_versions_of_a_city_are_one_event_and_the_newest(town: str, numbering: psycopg.AsyncConnection[Any]) -> None:
    with connect() as connection:
        touch(connection, city.CITY, ["buildings"])
        append_events(connection, [case("1")])
        connection.execute(
            "INSERT INTO live_event (city, kind, body) VALUES ('elsewhere', 'figures', %s)", ['{"versions": {"incidents": 1}}']
        )
        touch(connection, city.CITY, ["incidents"])
        connection.commit()
        touch(connection, city.CITY, ["people"])
        connection.commit()
        row = connection.execute("SELECT versions FROM city WHERE code = %s", [city.CITY]).fetchone()
    assert await number_events(numbering) == 3
    with connect() as connection:
        rows = connection.execute(
            "SELECT city, body -> 'versions' FROM live_event WHERE kind = 'figures' ORDER BY seq DESC LIMIT 2"
        ).fetchall()
    assert dict(rows) == {"elsewhere": {"incidents": 1}, city.CITY: row[0] if row else None}


async def test_only_one_session_numbers(numbering: psycopg.AsyncConnection[Any]) -> None:
    async with await connect_owner_async("test") as other:
        assert not await begin_sequencing(other)
        await numbering.close()
        async with asyncio.timeout(PATIENCE_S):
            while not await begin_sequencing(other):  # noqa: ASYNC110 -- the server needs a moment to notice
                await asyncio.sleep(0.01)


async def test_a_database_at_another_place_begins_another_epoch(town: str, numbering: psycopg.AsyncConnection[Any]) -> None:
    with connect() as connection:
        append_events(connection, [case("1")])
        connection.commit()
        await number_events(numbering)
        before = state(town)
        assert await begin_sequencing(numbering)
        assert state(town) == before, "the same place, as after a restart"
        append_events(connection, [case("waiting")])
        connection.execute("UPDATE live_state SET place = 'another server'")
        connection.commit()
    assert await begin_sequencing(numbering)
    after = state(town)
    assert after["epoch"] != before["epoch"] and after["id_key"] != before["id_key"] and after["place"] == before["place"]
    assert (after["last"], after["pruned"]) == (0, 0)
    assert told(town) == []
    assert await number_events(numbering) == 1
    assert told(town) == ["waiting"]


async def test_old_events_are_deleted_and_their_numbers_never_come_again(town: str, numbering: psycopg.AsyncConnection[Any]) -> None:
    with connect() as connection:
        append_events(connection, [case(str(n)) for n in range(5)])
        connection.commit()
        await number_events(numbering)
        last = state(town)["last"]
        connection.execute("UPDATE live_event SET numbered_at = now() - interval '25 hours' WHERE seq <= %s", [last - 3])
        connection.commit()
        append_events(connection, [case("unnumbered")])
        connection.commit()
    await prune_events(numbering)
    assert told(town) == ["2", "3", "4"] and state(town)["pruned"] == last - 3
    await prune_events(numbering, most=1)
    assert told(town) == ["4"] and state(town)["pruned"] == last - 1
    await prune_events(numbering, kept=timedelta(0))
    assert told(town) == [] and state(town)["pruned"] == state(town)["last"] == last
    assert await number_events(numbering) == 1
    assert state(town)["last"] == last + 1 and told(town) == ["unnumbered"]


async def test_the_keeper_numbers_by_itself_and_tells_of_many_at_once(town: str) -> None:
    async with await connect_owner_async("test") as listener:
        await listener.execute(f"LISTEN {sequencer.NUMBERED}".encode())
        async with run_sequencer():
            while state(town)["last"] == 0:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            with connect() as connection:
                for n in range(50):
                    append_events(connection, [case(str(n))])
                connection.commit()
            notes = []
            async with asyncio.timeout(PATIENCE_S):
                async for note in listener.notifies():
                    notes.append(int(note.payload))
                    if notes[-1] >= 50:
                        break
    assert told(town) == [str(n) for n in range(50)]
    assert notes[-1] == state(town)["last"]
    assert len(set(notes)) <= 4, "one for the epoch, one for the town, one for the fifty; a beat now and then says the same again"


SENSITIVE = "UPDATE category SET sensitive = true WHERE subject = 'incident' AND code = 'env'"
FIGURES = "figures"


@pytest.mark.parametrize(("viewer", "heard", "when_sensitive"), [
    (everything(), {"one", "three", "five"}, {"one", "three", "five"}),
    (everything(detail="cases"), {"one", "three", "five"}, {"five"}),
    (everything(detail="figures"), set(), set()),
    (Viewer.nobody(), set(), set()),
    (viewer_of(city.D1), {"one", "three"}, {"one", "three"}),
    (viewer_of(city.D2, "cases"), {"five"}, {"five"}),
    (viewer_of(city.D1, "cases"), {"one", "three"}, set()),
    (viewer_of(city.ZONE), {"three", "five"}, {"three", "five"}),
    (viewer_of(city.C3), {"three"}, {"three"}),
    (viewer_of(city.D1, "figures", city.CITY), set(), set()),
])  # fmt: skip
async def test_who_hears_of_a_case_is_who_sees_it(
    town: str, numbering: psycopg.AsyncConnection[Any], viewer: Viewer, heard: set[str], when_sensitive: set[str]
) -> None:
    with connect() as connection:
        append_events(connection, [case("one", city.C1), case("three", city.C3), case("five", city.C5, "order")])
        connection.commit()
        await number_events(numbering)
        query = "SELECT coalesce(body ->> 'number', kind) FROM live_event WHERE seq > 0"
        with seeing(viewer) as reading:
            assert {row[0] for row in reading.execute(query.encode())} == heard | {FIGURES}
        connection.execute(SENSITIVE)
        connection.commit()
        with seeing(viewer) as reading:
            assert {row[0] for row in reading.execute(query.encode())} == when_sensitive | {FIGURES}
