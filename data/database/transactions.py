"""The only place that executes SQL for people: ``fetch(statement, viewer)``.

The server is ``gridwell_service`` to the database, which may read nothing. Every transaction begins with one statement that makes it
one of the roles of ``data.core.roles`` and says what its viewer may see; all of that ends with the transaction. Code that forgets to
begin this way sees nothing.

Bulk work (import, demo, roll-ups) uses its own connection from ``connect()``, as the owner of the tables, whom no policy concerns.
"""

import os
import select
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import lru_cache
from math import ceil
from pathlib import Path
from typing import Any, Protocol, TypeVar

import psycopg
from psycopg import sql
from sqlalchemy import URL, Executable, RowMapping, event, make_url
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from data.concurrency.tasks import run_to_completion
from data.core.errors import Busy, GridwellError, NotMigrated, NotReady, TooManyRows, TooSlow
from data.core.roles import SERVICE, DbRole
from data.core.settings import Settings, environment_name, settings
from data.core.viewer import Viewer
from data.database.socket import PORT, paths
from data.database.sqlalchemy_internals import limit_rows

_QUERY_CANCELED = "57014"
_LOCK_NOT_AVAILABLE = "55P03"
_UNDEFINED_TABLE = "42P01"
_LOCK_SHARE = 5
"""What a statement may wait for a lock, as a part of what it may take. Only changes of the tables themselves lock readers out: whoever
meets one is told to come again rather than to hold a connection until it is over."""
_engines: dict[tuple[int, Settings], AsyncEngine] = {}
T = TypeVar("T")


def database_url() -> URL:
    """Where the database is: ``DATABASE_URL``, or the embedded cluster's socket in the state folder."""
    given = settings().database_url
    if given:
        return make_url(given).set(drivername="postgresql+psycopg")
    socket = paths(settings().home).socket
    return URL.create("postgresql+psycopg", username="gridwell", database="gridwell", query={"host": str(socket), "port": str(PORT)})


def service_url() -> URL:
    """How the server signs in: ``GRIDWELL_SERVICE_URL``, or to the owner's database as a role that may read nothing by itself."""
    given = settings().service_url
    if given:
        return make_url(given).set(drivername="postgresql+psycopg")
    kept = password_file()
    return database_url().set(username=SERVICE, password=kept.read_text("ascii").strip() if kept.exists() else None)


def drop_owner_access() -> None:
    """From here on this process knows how the server signs in, and no longer how the owner of the tables does.

    For processes that answer people, before they have any connection.
    """
    os.environ[environment_name("service_url")] = service_url().render_as_string(hide_password=False)
    os.environ.pop(environment_name("database_url"), None)
    settings.cache_clear()


def password_file() -> Path:
    """Where the password of the server's role is kept; ``data.upkeep.preparation`` makes it."""
    return settings().home / "service-password"


def connect(autocommit: bool = False, name: str = "gridwell") -> psycopg.Connection[Any]:
    """The owner's plain psycopg connection for bulk work; the caller commits and closes.

    ``name`` is what the server's list of sessions shows.
    """
    return psycopg.connect(autocommit=autocommit, **connection_arguments(database_url(), name))


async def connect_async(name: str = "gridwell") -> psycopg.AsyncConnection[Any]:
    """The server's connection for whoever waits on the event loop, in autocommit; beside the pool, for what must not wait its turn.

    It is nobody in particular, and stays so: versions of the data are all it may read.
    """
    made = await psycopg.AsyncConnection.connect(autocommit=True, **connection_arguments(service_url(), name))
    try:
        await made.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(Viewer.nobody().db_role)))
    except BaseException:
        await made.close()
        raise
    return made


def connection_arguments(url: URL, name: str) -> dict[str, Any]:
    """Arguments of a plain connection to an address; ``name`` is what the server's list of sessions shows."""
    # Not as one text: SQLAlchemy writes a space in a folder's name as "+", which libpq does not read back.
    more = {option: value if isinstance(value, str) else ",".join(value) for option, value in url.query.items()}
    return {"application_name": name, **url.translate_connect_args(username="user", database="dbname"), **more}


def engine() -> AsyncEngine:
    """This process's pool of connections (one for each process and set of settings, of which the address is one)."""
    limits = settings()
    key = (os.getpid(), limits)
    if key not in _engines:
        url = service_url()
        given = url.query.get("options", "")
        options = f"{given if isinstance(given, str) else ' '.join(given)} {_session_options(limits.statement_timeout_ms)}".strip()
        made = create_async_engine(
            url,
            pool_size=limits.pool_size,
            max_overflow=0,
            pool_timeout=limits.pool_wait_s,
            hide_parameters=True,  # an error's words go to the log: values may be people's
            # A machine that has gone says nothing at all: without a bound, readers would wait for it for minutes.
            # Transactions are begun by ourselves, together with what they are told.
            connect_args={
                "connect_timeout": ceil(limits.pool_wait_s),
                "application_name": "gridwell",
                "options": options,
                "autocommit": True,
            },
        )
        event.listen(made.sync_engine, "checkout", _check_alive)
        _engines[key] = made
    return _engines[key]


def _session_options(timeout_ms: int) -> str:
    """What holds in every session of a reader, told once as it begins: statements in each transaction would be round trips.

    One snapshot for a whole transaction: figures asked for one after the other agree, also while an import lands.
    Compiling a statement, or starting helpers for it, takes longer than most of ours run; and many viewers need all cores as it is.
    """
    told = {
        "default_transaction_isolation": "repeatable\\ read",
        "default_transaction_read_only": "on",
        "statement_timeout": timeout_ms,
        "lock_timeout": max(1, timeout_ms // _LOCK_SHARE),
        "jit": "off",
        "max_parallel_workers_per_gather": 0,
    }
    return " ".join(f"-c {name}={value}" for name, value in told.items())


def _check_alive(connection: Any, *_: object) -> None:
    """Sort out a pooled connection that the server has ended, without asking it: at rest there is nothing to read but an ending."""
    watch = select.poll()
    watch.register(connection.driver_connection.pgconn.socket, select.POLLIN)
    if watch.poll(0):
        raise DisconnectionError


# ---- Whose transaction it is ----

SETTINGS = ("role", "gridwell.scope", "gridwell.figures", "gridwell.zone", "gridwell.account", "gridwell.role", "gridwell.address")
_TAKE = f"SELECT {', '.join(f'set_config({name!r}, %s, true)' for name in SETTINGS)}"
_READ, _ACT = b"BEGIN; ", b"BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; "


def transaction_settings(viewer: Viewer, role: DbRole | None = None) -> tuple[str, ...]:
    """What a transaction is told, in the order of ``SETTINGS``, so that it is this viewer's; ``role`` instead of the viewer's own."""
    who = (viewer.name, viewer.role, viewer.address)
    return (role or viewer.db_role, viewer.scope, viewer.figures, viewer.zone, *who)


@lru_cache(4096)
def _begin_statement(how: bytes, told: tuple[str, ...]) -> bytes:
    """The beginning of a transaction as one text, so that it takes no round trip more than any beginning."""
    made = sql.SQL(", ").join(sql.SQL("set_config({}, {}, true)").format(name, value) for name, value in zip(SETTINGS, told, strict=True))
    return how + b"SELECT " + made.as_bytes()


@asynccontextmanager
async def read_transaction(viewer: Viewer) -> AsyncIterator[AsyncConnection]:
    """A read-only transaction for this viewer.

    Raises:
        NotReady: the database does not answer, or holds none of our tables.
        Busy: no connection became free in time, or a table is being changed.
        TooSlow: a statement ran into the timeout.
    """
    async with _pooled_connection() as connection:
        await run_to_completion((await _driver_connection(connection)).execute(_begin_statement(_READ, transaction_settings(viewer))))
        yield connection


@asynccontextmanager
async def write_transaction(viewer: Viewer, role: DbRole | None = None) -> AsyncIterator[AsyncConnection]:
    """A transaction that may write, committed when the block ends without an error: for the audit log, accounts and sessions.

    Args:
        viewer: who acts.
        role: what the database is to take the viewer for instead of his own, ``data.core.roles.DOOR`` or ``AUDIT``; the caller has made
            sure that the viewer may.

    Raises:
        NotReady, Busy, TooSlow: see ``read_transaction``.
    """
    async with _pooled_connection() as connection:
        driver = await _driver_connection(connection)
        await run_to_completion(driver.execute(_begin_statement(_ACT, transaction_settings(viewer, role))))
        yield connection
        await run_to_completion(driver.commit())


async def _driver_connection(connection: AsyncConnection) -> psycopg.AsyncConnection[Any]:
    driver = (await connection.get_raw_connection()).driver_connection
    assert isinstance(driver, psycopg.AsyncConnection)  # noqa: S101 - SQLAlchemy leaves it open which driver
    return driver


@asynccontextmanager
async def _pooled_connection() -> AsyncIterator[AsyncConnection]:
    """A connection of the pool, to which it goes back without a transaction."""
    try:
        connection = await engine().connect()
        try:
            yield connection
        finally:
            await run_to_completion(connection.close())
    except PoolTimeout:
        raise Busy() from None
    except (DBAPIError, psycopg.Error) as error:
        told = _translate_error(error)
        if told is None:
            raise
        raise told from error


def _translate_error(error: DBAPIError | psycopg.Error) -> GridwellError | None:
    """What a failure means for whoever asked, told by SQLAlchemy or by the driver itself; ``None`` where the mistake is ours."""
    cause, lost = (error.orig, error.connection_invalidated) if isinstance(error, DBAPIError) else (error, False)
    state = getattr(cause, "sqlstate", None)
    if state == _QUERY_CANCELED:
        return TooSlow(limit_ms=settings().statement_timeout_ms)
    if state == _LOCK_NOT_AVAILABLE:
        return Busy()
    if state == _UNDEFINED_TABLE:
        return NotMigrated()
    if lost or isinstance(cause, psycopg.OperationalError):
        return NotReady()
    return None


class Ask(Protocol):
    """Runs one reading statement, with the values of its parameters, and returns its rows."""

    async def __call__(self, statement: Executable, values: Mapping[str, Any] | None = None, /) -> Sequence[RowMapping]:
        """See above."""


@asynccontextmanager
async def open_snapshot(viewer: Viewer) -> AsyncIterator[Ask]:
    """Several statements of one answer, all of which see the same snapshot.

    Whoever asks may be cancelled: PostgreSQL then stops working too, and the connection goes back to the pool.

    Raises:
        TooManyRows: more rows than the cap; a part of an answer is never shown as the whole.
        NotReady, Busy, TooSlow: see ``read_transaction``.
    """
    cap = settings().row_cap
    async with read_transaction(viewer) as connection:

        async def cancel() -> None:
            await (await _driver_connection(connection)).cancel_safe()

        async def ask(statement: Executable, values: Mapping[str, Any] | None = None, /) -> Sequence[RowMapping]:
            result = await run_to_completion(connection.execute(_limit_rows(statement, cap), values), cancel)
            rows = result.mappings().all()
            if len(rows) > cap:
                raise TooManyRows(cap=cap)
            return rows

        yield ask


@lru_cache(512)
def _limit_rows(statement: Executable, cap: int) -> Executable:
    """The statement with a limit of one row more than the cap: PostgreSQL stops there, where the driver would take all rows in first.

    Cached, because most statements are made once and asked again and again.
    """
    return limit_rows(statement, cap + 1)


async def fetch(statement: Executable, viewer: Viewer, values: Mapping[str, Any] | None = None) -> Sequence[RowMapping]:
    """Run one reading statement for a viewer, with the values of its parameters, and return its rows.

    Raises:
        TooManyRows, NotReady, Busy, TooSlow: see ``open_snapshot``.
    """
    async with open_snapshot(viewer) as ask:
        return await ask(statement, values)


async def fetch_row(query: str, values: Mapping[str, Any], viewer: Viewer) -> Sequence[Any]:
    """The only row of a reading statement that was compiled before, in one round trip and in binary form.

    For what is asked very often: the driver alone. Both statements go out together, and what goes out together is one transaction.

    Args:
        query: SQL of ours with ``%(name)s`` for values.
        values: these.
        viewer: who asks.

    Raises:
        NotReady, Busy, TooSlow: see ``read_transaction``.
    """
    async with _pooled_connection() as connection:
        driver = await _driver_connection(connection)
        return await run_to_completion(_run_pipeline(driver, query, values, viewer), driver.cancel_safe)


async def _run_pipeline(driver: psycopg.AsyncConnection[Any], query: str, values: Mapping[str, Any], viewer: Viewer) -> Sequence[Any]:
    async with driver.pipeline():
        await driver.execute(_TAKE, transaction_settings(viewer), prepare=True)
        cursor = await driver.execute(query, values, binary=True)
    row: Sequence[Any] | None = await cursor.fetchone()
    if row is None:
        raise LookupError("a statement for one row answered none")
    return row


async def close_pools() -> None:
    """Give back all connections of this process."""
    for key in [k for k in _engines if k[0] == os.getpid()]:
        await _engines.pop(key).dispose()
