"""News of changes reach a process by themselves, also after its connection was lost; and deadlines pass without a request."""

import asyncio
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from rights_tools import as_service

from data.accounts import identity
from data.concurrency.cache import CacheEntry
from data.core.errors import NotReady
from data.core.settings import settings
from data.core.viewer import everything
from data.database import connections
from data.live import changes
from data.live.versions import touch
from data.queries.versions import versions_of_cities
from data.schema import SUBJECTS

VIEWER = everything()
PATIENCE_S = 60


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not true():  # noqa: ASYNC110 -- what is waited for has no event to tell it
            await asyncio.sleep(0.01)


def stored(url: str) -> dict[str, int]:
    """What the database holds, asked beside everything that is tested."""
    with psycopg.connect(url, row_factory=psycopg.rows.dict_row) as connection:
        return changes.newest_by_subject(connection.execute(str(versions_of_cities()).encode()).fetchall())


def change(url: str, *subjects: str) -> dict[str, int]:
    with psycopg.connect(url) as connection:
        (city,) = connection.execute("SELECT code FROM city ORDER BY code LIMIT 1").fetchone() or ()
        touch(connection, city, subjects)
    return stored(url)


def end_sessions(name: str) -> int:
    """End the server's sessions of a name, as an administrator would; says how many."""
    with as_service() as connection:  # nobody else but a superuser may
        query = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s AND datname = current_database()"
        return len(connection.execute(query, (name,)).fetchall())


@pytest.fixture
def city(database: str) -> str:
    """Address of a database with one empty city."""
    with psycopg.connect(database) as connection:
        connection.execute("INSERT INTO city (code, name, name_en, timezone) VALUES ('990000', '小城', 'Littleton', 'Asia/Shanghai')")
        touch(connection, "990000", SUBJECTS)
    return database


async def test_a_change_is_known_without_a_question(city: str) -> None:
    async with changes.listen_for_changes():
        await until(lambda: changes._known().listening)
        assert await changes.fetch_versions(VIEWER) == stored(city)
        now = change(city, "buildings")
        await until(lambda: changes._known().versions["buildings"] == now["buildings"])
        assert await changes.fetch_versions(VIEWER) == now
        assert await changes.fetch_versions_since("buildings", now["buildings"], VIEWER) == now
    assert not connections._engines, "nothing was asked of the pool"


async def test_only_what_was_changed_gets_a_new_version(city: str) -> None:
    before = stored(city)
    after = change(city, "incidents")
    assert {subject for subject in SUBJECTS if after[subject] != before[subject]} == {"incidents"}
    assert after["incidents"] > max(before.values())


async def test_while_nobody_tells_of_changes_the_database_is_asked_once_a_second(city: str) -> None:
    before = await changes.fetch_versions(VIEWER)
    now = change(city, "areas")
    assert await changes.fetch_versions(VIEWER) == before
    changes._known()._read_at -= changes.GOOD_FOR_S
    assert await changes.fetch_versions(VIEWER) == now


async def test_an_address_that_is_newer_than_the_news_is_looked_up_at_once(city: str) -> None:
    await changes.fetch_versions(VIEWER)
    now = change(city, "areas")
    many = await asyncio.gather(*(changes.fetch_versions_since("areas", now["areas"], VIEWER) for _ in range(20)))
    assert all(known == now for known in many)
    assert changes._known()._begun == 3, "one at first, one under way when the others came, and one for all of those"


async def test_a_version_that_never_was_changes_nothing(city: str) -> None:
    now = stored(city)
    assert await changes.fetch_versions_since("areas", now["areas"] + 10**12, VIEWER) == now


async def test_a_lost_connection_is_made_anew_and_nothing_is_missed_meanwhile(city: str) -> None:
    async with changes.listen_for_changes():
        known = changes._known()
        await until(lambda: known.listening)
        assert end_sessions(changes.SESSION) == 1
        now = change(city, "base")
        assert (await changes.fetch_versions_since("base", now["base"], VIEWER))["base"] == now["base"]
        await until(lambda: known.listening and known.versions == now)
        later = change(city, "base")
        await until(lambda: known.versions == later)


async def test_while_the_connection_is_lost_the_database_is_asked(city: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "FIRST_PAUSE_S", 3600.0)  # no other connection is made meanwhile
    async with changes.listen_for_changes():
        known = changes._known()
        await until(lambda: known.listening)
        assert changes.known_versions() is known.versions
        assert end_sessions(changes.SESSION) == 1
        await until(lambda: not known.listening)
        assert changes.known_versions() is None
        now = change(city, "areas")
        assert await changes.fetch_versions(VIEWER) == now


async def test_after_a_lost_connection_accounts_are_looked_up_again(city: str) -> None:
    """One may have been closed meanwhile, and nobody told this process."""

    async def known() -> CacheEntry[identity.Identity | None]:
        return CacheEntry(identity.Identity(VIEWER), 1)

    async with changes.listen_for_changes():
        await until(lambda: changes._known().listening)
        await identity._cache.get(b"a session", known)
        assert identity._cache.peek(b"a session") is not None
        assert end_sessions(changes.SESSION) == 1
        await until(lambda: identity._cache.peek(b"a session") is None)


async def test_what_changes_between_listening_and_reading_is_not_missed(city: str, monkeypatch: pytest.MonkeyPatch) -> None:
    read, later = changes._read_all_versions, {}

    async def read_before_a_change(connection: psycopg.AsyncConnection[Any]) -> dict[str, int]:
        found = await read(connection)
        if not later:
            later.update(change(city, "areas"))
        return found

    monkeypatch.setattr(changes, "_read_all_versions", read_before_a_change)
    async with changes.listen_for_changes():
        await until(lambda: changes._known().versions == later)


async def test_what_nobody_told_is_read_with_the_next_heartbeat(city: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A firewall swallowed the news, or somebody restored a city."""
    monkeypatch.setattr(changes, "HEARTBEAT_S", 0.05)
    async with changes.listen_for_changes():
        await until(lambda: changes._known().listening)
        with psycopg.connect(city) as connection:
            connection.execute(
                "UPDATE city SET data_version = data_version + 1, versions = versions || jsonb_build_object('areas', data_version + 1)"
            )
        now = stored(city)
        await until(lambda: changes._known().versions == now)


async def test_nonsense_on_the_channel_is_passed_over(city: str) -> None:
    async with changes.listen_for_changes():
        await until(lambda: changes._known().listening)
        with psycopg.connect(city, autocommit=True) as connection:
            versions = ('"soon"', '{"areas": "soon"}', '{"areas": 1e999}', "null")
            for nonsense in ("", "{", "[]", "{}", "[" * 7000, *(f'{{"versions": {one}}}' for one in versions)):
                connection.execute("SELECT pg_notify('gridwell_changes', %s)", (nonsense,))
        now = change(city, "areas")
        await until(lambda: changes._known().versions == now)


async def test_without_a_database_it_waits_and_listens_later(city: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://gridwell@/nothing?host=/nowhere")
    settings.cache_clear()
    async with changes.listen_for_changes():
        with pytest.raises(NotReady):
            await changes.fetch_versions(VIEWER)
        monkeypatch.setenv("DATABASE_URL", city)
        settings.cache_clear()
        assert await changes.fetch_versions(VIEWER) == stored(city)
        await until(lambda: changes._known().listening)


def states(url: str) -> dict[str, int]:
    with psycopg.connect(url) as connection:
        query = "SELECT deadline_state, count(*) FROM incident WHERE deadline_state IS NOT NULL GROUP BY 1"
        return dict(connection.execute(query).fetchall())
