"""The one place that runs SQL for people: its limits, its snapshot, and statements of readers who disconnect."""

import asyncio
import re
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from rights_tools import as_service
from sqlalchemy import column, event, func, select, text
from sqlalchemy.exc import DBAPIError
from table_locks import held

from data.core.errors import Busy, NotMigrated, NotReady, TooManyRows, TooSlow
from data.core.roles import DOOR
from data.core.settings import settings
from data.core.viewer import Viewer, everything
from data.database import connections, transactions

WHO = everything()
Limit = Callable[..., None]


@pytest.fixture
def limit(small: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Limit]:
    """Sets limits for one test: ``limit(ROW_CAP=3)``."""

    def change(**limits: float) -> None:
        for name, value in limits.items():
            monkeypatch.setenv(f"GRIDWELL_{name}", str(value))
        settings.cache_clear()

    yield change
    monkeypatch.undo()
    settings.cache_clear()


async def test_a_slow_statement_is_stopped(limit: Limit) -> None:
    limit(STATEMENT_TIMEOUT_MS=1_000)
    with pytest.raises(TooSlow) as told:
        await transactions.fetch(select(func.pg_sleep(20)), WHO)
    assert told.value.facts == {"limit_ms": 1_000}
    assert await transactions.fetch(select(func.pg_sleep(0)), WHO), "the connection is good for the next one"


async def test_an_error_does_not_hold_the_values_that_were_asked_with(small: str) -> None:
    with pytest.raises(DBAPIError) as told:
        await transactions.fetch(text("SELECT 1 / (length(:name) - length(:name))"), WHO, {"name": "张小明"})
    assert "division by zero" in str(told.value) and "张小明" not in str(told.value)


async def test_who_meets_a_table_that_is_being_changed_is_told_to_come_again(limit: Limit, small: str) -> None:
    limit(STATEMENT_TIMEOUT_MS=1_000)
    count = select(func.count()).select_from(text("source"))
    with held(small, "source"):
        with pytest.raises(Busy):
            await transactions.fetch(count, WHO)
        with pytest.raises(Busy):
            await transactions.fetch_row(str(count), {}, WHO)
    assert await transactions.fetch(count, WHO)
    assert await transactions.fetch_row(str(count), {}, WHO)


async def test_a_database_that_says_nothing_is_not_waited_for(limit: Limit, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("DATABASE_URL", f"postgresql://nobody@127.0.0.1:{silent.getsockname()[1]}/nothing")
        limit(POOL_WAIT_S=0.1)
        with pytest.raises(NotReady):
            await asyncio.wait_for(transactions.fetch(select(1), WHO), 60)


async def test_a_part_is_never_shown_as_the_whole(limit: Limit) -> None:
    limit(ROW_CAP=3)
    assert len(await transactions.fetch(select(func.generate_series(1, 3)), WHO)) == 3
    with pytest.raises(TooManyRows):
        await transactions.fetch(select(func.generate_series(1, 4)), WHO)


async def test_a_reader_cannot_write(small: str) -> None:
    with pytest.raises(DBAPIError) as refused:
        await transactions.fetch(text("DELETE FROM incident RETURNING id"), WHO)
    assert refused.value.orig.sqlstate == "25006"  # type: ignore[union-attr]


async def test_one_answer_sees_one_snapshot(small: str) -> None:
    count = select(func.count()).select_from(text("source"))
    with psycopg.connect(small, autocommit=True) as writer:
        async with transactions.open_snapshot(WHO) as ask:
            before = await ask(count)
            writer.execute("INSERT INTO source (city, key, subject, name) SELECT code, 'k', 'base', 'n' FROM city")
            assert await ask(count) == before
        assert await transactions.fetch(count, WHO) != before


async def test_who_finds_no_connection_free_is_told_so(limit: Limit) -> None:
    limit(POOL_SIZE=1, POOL_WAIT_S=0.05)
    async with transactions.open_snapshot(WHO) as ask:
        await ask(select(1))
        with pytest.raises(Busy):
            await transactions.fetch(select(1), WHO)
    assert await transactions.fetch(select(1), WHO)


async def test_a_reader_who_goes_away_gives_the_connection_back(limit: Limit, small: str) -> None:
    limit(POOL_SIZE=1)
    mine = select(func.pg_backend_pid())
    before = await transactions.fetch(mine, WHO)
    reading = asyncio.create_task(transactions.fetch(select(func.pg_sleep(20)), WHO))
    asleep = select(column("pid")).select_from(text("pg_stat_activity")).where(text("query LIKE '%pg_sleep%' AND pid <> pg_backend_pid()"))
    with as_service(autocommit=True) as watcher:  # what the server's role asks, only it may see
        query = str(asleep)
        while not watcher.execute(query + " AND state = 'active'").fetchall():  # noqa: ASYNC110 - the server tells nobody when it begins
            await asyncio.sleep(0.01)
        while not reading.done():  # as some servers do
            reading.cancel()
            await asyncio.sleep(0)
        with pytest.raises(asyncio.CancelledError):
            await reading
        assert await asyncio.wait_for(transactions.fetch(mine, WHO), 60) == before, "the same connection, good for the next one"
        assert not watcher.execute(query).fetchall(), "and the server has stopped working for nobody"


async def test_connections_that_the_server_has_ended_are_not_used(small: str) -> None:
    mine = select(func.pg_backend_pid().label("pid"))
    before = (await transactions.fetch(mine, WHO))[0]["pid"]
    with as_service(autocommit=True) as watcher:  # nobody else but a superuser may
        watcher.execute("SELECT pg_terminate_backend(%s)", (before,))
        while watcher.execute("SELECT 1 FROM pg_stat_activity WHERE pid = %s", (before,)).fetchall():  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.01)
    assert (await transactions.fetch(mine, WHO))[0]["pid"] != before


async def test_a_database_that_is_being_made_anew_is_waited_for(small: str) -> None:
    gone = text("SELECT 1 FROM a_table_that_is_yet_to_come")
    with pytest.raises(NotMigrated):
        await transactions.fetch(gone, WHO)
    with pytest.raises(NotMigrated):
        await transactions.fetch_row(gone.text, {}, WHO)
    assert issubclass(NotMigrated, NotReady)
    assert NotMigrated.status == 503
    assert NotMigrated.retry_s, "the page asks again by itself"


async def test_a_session_is_set_up_once_and_not_in_every_transaction(small: str) -> None:
    asked: list[str] = []
    event.listen(connections.engine().sync_engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    names = ("transaction_isolation", "transaction_read_only", "statement_timeout", "jit")
    async with transactions.open_snapshot(WHO) as ask:
        rows = await ask(select(*(func.current_setting(name).label(name) for name in names)))
    assert dict(rows[0]) == dict(zip(names, ("repeatable read", "on", "15s", "off"), strict=True))
    assert len(asked) == 1


async def test_the_server_stops_at_the_cap(limit: Limit) -> None:
    limit(ROW_CAP=3, STATEMENT_TIMEOUT_MS=5000)
    with pytest.raises(TooManyRows):
        await transactions.fetch(select(func.generate_series(1, 10**12)), WHO)
    assert [row["n"] for row in await transactions.fetch(select(func.generate_series(1, 9).label("n")).limit(2), WHO)] == [1, 2]


# ---- Whose transaction it is ----


WHOSE = "SELECT current_user, current_setting('gridwell.scope', true), current_setting('gridwell.account', true)"
WORKER = Viewer("o'neill \\ 王", role="grid_worker", detail="cases", scope="a.b", figures="a", address="192.0.2.1")
SENT = re.compile(r"\bF\t\d+\t(\w+)")


@contextmanager
def traced(driver: psycopg.AsyncConnection[Any], file: Path) -> Iterator[None]:
    """What goes to the server and comes back is written to a file meanwhile."""
    with file.open("w") as lines:
        driver.pgconn.trace(lines.fileno())
        driver.pgconn.set_trace_flags(psycopg.pq.Trace.SUPPRESS_TIMESTAMPS)
        yield
        driver.pgconn.untrace()


async def test_a_row_and_whose_it_is_go_out_together(small: str, tmp_path: Path) -> None:
    sent = tmp_path / "sent"
    async with transactions._pooled_connection() as connection:
        driver = transactions._driver_connection(connection)
        for _ in range(8):  # statements are prepared on the way
            with traced(driver, sent):
                row = await transactions._run_pipeline(driver, WHOSE, {}, WORKER)
    assert tuple(row) == ("gridwell_cases", "a.b", WORKER.name)
    words = [word for word in SENT.findall(sent.read_text()) if word in ("Query", "Parse", "Bind", "Sync")]
    assert words == ["Bind", "Bind", "Sync"], "one round trip, and no beginning and end of their own"


async def test_the_beginning_of_a_transaction_is_one_round_trip(small: str, tmp_path: Path) -> None:
    sent = tmp_path / "sent"
    async with transactions._pooled_connection() as connection:
        driver = transactions._driver_connection(connection)
        with traced(driver, sent):
            await driver.execute(transactions._begin_statement(transactions._READ, transactions.transaction_settings(WORKER)))
        assert await (await driver.execute(WHOSE)).fetchone() == ("gridwell_cases", "a.b", WORKER.name)
    assert sent.read_text().count("\tQuery\t") == 1 and "Sync" not in sent.read_text()


async def test_nothing_of_a_viewer_is_left_in_the_pool(limit: Limit) -> None:
    limit(POOL_SIZE=1)
    for ask in (transactions.fetch(text(WHOSE), WORKER), transactions.fetch_row(WHOSE, {}, WORKER)):
        await ask
        async with transactions._pooled_connection() as connection:
            found = await (await transactions._driver_connection(connection).execute(WHOSE)).fetchone()
        assert found == ("gridwell_service", "", "")


async def test_who_acts_may_write_and_what_fails_is_taken_back(small: str) -> None:
    add, count = (
        text("INSERT INTO account (name, shown, role, detail) VALUES ('a', 'A', 'wall', 'figures')"),
        text("SELECT count(*) FROM account"),
    )

    async def counted() -> Any:
        async with transactions.write_transaction(Viewer.nobody(), DOOR) as connection:
            return (await connection.execute(count)).scalar_one()

    with pytest.raises(ZeroDivisionError):
        async with transactions.write_transaction(Viewer.nobody(), DOOR) as connection:
            await connection.execute(add)
            raise ZeroDivisionError
    assert await counted() == 0
    async with transactions.write_transaction(Viewer.nobody(), DOOR) as connection:
        await connection.execute(add)
        isolation = (await connection.execute(text("SHOW transaction_isolation"))).scalar_one()
    assert (isolation, await counted()) == ("read committed", 1)
    async with transactions.write_transaction(Viewer.nobody(), DOOR) as connection:
        await connection.execute(text("DELETE FROM account"))


async def test_nobody_reads_nothing_of_a_city(small: str) -> None:
    for table in ("area", "incident_daily", "facility", "building_seen", "area_figure_seen"):
        assert await transactions.fetch(select(func.count().label("n")).select_from(text(table)), Viewer.nobody()) == [{"n": 0}]
    with pytest.raises(DBAPIError):
        await transactions.fetch(select(func.count()).select_from(text("incident")), Viewer.nobody())
