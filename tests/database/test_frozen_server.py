"""A database server that stands still, with all its connections open: everybody is answered all the same, and goes on when it does."""

import asyncio
import gc
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import TypeVar

import httpx
import pytest
import small_city
from rights_tools import as_service
from sqlalchemy import func, select
from table_locks import frozen
from whole_app import program as client

from data.core.errors import Busy, NotReady
from data.core.roles import DOOR
from data.core.settings import settings
from data.core.viewer import Viewer, everything
from data.database import patience, transactions
from data.live import changes

pytestmark = pytest.mark.slow

__all__ = ["client"]  # a fixture
WHO = everything()
PAGES = ("/signin", "/healthz", f"/api/areas/{small_city.D1}", f"/incidents/{small_city.D1}.json")
TILES = (f"/tiles/buildings/14/13654/{row}.mvt" for row in range(6700, 7000))
"""One that nobody has asked for yet: those that the server keeps are answered without the database."""
_LONGEST_S = 60
"""So long a busy machine may take; nothing here is measured."""
T = TypeVar("T")
Freeze = Callable[[], AbstractContextManager[None]]

MINE = select(func.pg_backend_pid().label("pid"))
SESSIONS = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()"
ASLEEP = "SELECT 1 FROM pg_stat_activity WHERE query LIKE '%pg_sleep%' AND pid <> pg_backend_pid() AND state = 'active'"


async def soon(work: Awaitable[T]) -> T:
    return await asyncio.wait_for(work, _LONGEST_S)


@pytest.fixture
def freeze(small: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Freeze]:
    """``with freeze():`` the server stands still, and who waits for it waits for a moment. There are two connections beside the guard's."""
    monkeypatch.setenv("GRIDWELL_POOL_SIZE", "2")
    monkeypatch.setenv("GRIDWELL_POOL_WAIT_S", "0.1")
    settings.cache_clear()

    @contextmanager
    def stand_still() -> Iterator[None]:
        with frozen(small), monkeypatch.context() as short:
            short.setattr(patience, "ANSWER_S", 0.2)
            yield

    yield stand_still
    with as_service() as connection:  # a server that sleeps does not notice that nobody listens any more
        connection.execute(f"SELECT pg_terminate_backend(pid) FROM ({ASLEEP.replace('SELECT 1', 'SELECT pid')}) sleeping")
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
def short_statements(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server would let a statement run, and who asked waits for a second."""
    monkeypatch.setattr(transactions, "statement_wait_s", lambda: 1.0)


async def begin_sleep() -> "asyncio.Task[object]":
    """A statement that the server has begun and that does not end."""
    reading = asyncio.create_task(transactions.fetch(select(func.pg_sleep(600)), WHO))
    with as_service(autocommit=True) as watcher:
        while not reading.done() and not watcher.execute(ASLEEP).fetchall():  # noqa: ASYNC110 - the server tells nobody when it begins
            await asyncio.sleep(0.01)
    return reading


async def test_everybody_is_answered_and_told_when_to_come_again(freeze: Freeze, client: httpx.AsyncClient) -> None:
    async def ask() -> list[httpx.Response]:
        return await soon(asyncio.gather(*(client.get(page, headers={"accept": "text/html"}) for page in (*PAGES, next(TILES)))))

    assert {answer.status_code for answer in await ask()} == {200}
    with freeze():
        answers = await ask()
        again = await ask()  # who comes later meets no connection that was left in the pool
    for answer in answers + again:
        assert answer.status_code == 503 and int(answer.headers["retry-after"]) > 0, answer.url
    assert "The database does not answer." in answers[0].text
    assert answers[1].json()["database"] == "not_ready"
    assert {answer.status_code for answer in await ask()} == {200}


async def test_a_connection_on_which_nothing_came_is_thrown_away(freeze: Freeze) -> None:
    before = (await transactions.fetch(MINE, WHO))[0]["pid"]
    with freeze():
        with pytest.raises(NotReady):
            await soon(transactions.fetch(MINE, WHO))
        with pytest.raises(NotReady):
            await soon(transactions.fetch_row("SELECT 1", {}, WHO))
        with pytest.raises(NotReady):
            await soon(transactions.check_server())
    assert (await transactions.fetch(MINE, WHO))[0]["pid"] != before
    assert tuple(await transactions.fetch_row("SELECT 1", {}, WHO)) == (1,)
    await transactions.check_server()


async def test_connections_that_were_never_answered_are_closed(freeze: Freeze) -> None:
    gc.disable()  # a collection of garbage would close them by chance
    try:
        with freeze():
            for _ in range(2):
                with pytest.raises(NotReady):
                    await soon(transactions.fetch(MINE, WHO))
        await transactions.fetch(MINE, WHO)
        with as_service(autocommit=True) as watcher:
            deadline = asyncio.get_running_loop().time() + _LONGEST_S
            while len(watcher.execute(SESSIONS).fetchall()) > 1:
                assert asyncio.get_running_loop().time() < deadline, "somebody still holds what was never answered"
                await asyncio.sleep(0.01)
    finally:
        gc.enable()


@pytest.mark.usefixtures("short_statements")
async def test_what_could_not_be_committed_is_not_waited_for(freeze: Freeze) -> None:
    with ExitStack() as stack:

        async def write_and_stop() -> None:
            async with transactions.write_transaction(Viewer.nobody(), DOOR):
                stack.enter_context(freeze())

        with pytest.raises(NotReady):
            await soon(write_and_stop())
    assert await transactions.fetch(MINE, WHO)


@pytest.mark.usefixtures("short_statements")
async def test_a_server_that_stops_in_the_middle_of_a_statement_is_noticed(freeze: Freeze) -> None:
    reading = await begin_sleep()
    with freeze(), pytest.raises(NotReady):
        await soon(reading)
    assert await transactions.fetch(MINE, WHO)


@pytest.mark.usefixtures("short_statements")
async def test_who_goes_away_is_not_held_by_a_server_that_hears_no_cancelling(freeze: Freeze) -> None:
    reading = await begin_sleep()
    with freeze():
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await soon(reading)
    assert await transactions.fetch(MINE, WHO)


async def test_connections_that_all_wait_for_a_silent_server_are_no_sign_of_many_readers(freeze: Freeze, client: httpx.AsyncClient) -> None:
    async with transactions.open_snapshot(WHO), transactions.open_snapshot(WHO):
        with pytest.raises(Busy):
            await transactions.fetch(MINE, WHO)
        busy = await client.get("/healthz")
        assert (busy.status_code, busy.json()["full"], busy.json()["database"]) == (200, True, "ok")
        with freeze():
            silent = await soon(client.get("/healthz"))
            assert (silent.status_code, silent.json()["database"]) == (503, "not_ready")
            with pytest.raises(NotReady):
                await soon(transactions.fetch(MINE, WHO))
    well = await client.get("/healthz")
    assert (well.status_code, well.json()["full"]) == (200, False)


async def test_who_listens_for_changes_notices_and_listens_again(freeze: Freeze, monkeypatch: pytest.MonkeyPatch) -> None:
    async def until(listening: bool) -> None:
        while (changes.known_versions() is not None) is not listening:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.01)

    monkeypatch.setattr(changes, "HEARTBEAT_S", 0.05)
    monkeypatch.setattr(changes, "PATIENCE_S", 1.0)
    async with changes.listen_for_changes():
        await soon(until(True))
        with freeze():
            await soon(until(False))
        monkeypatch.setattr(changes, "PATIENCE_S", 10.0)
        await soon(until(True))
