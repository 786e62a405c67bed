"""The only place that executes SQL for people: ``fetch(statement, viewer)``.

The server signs in as ``gridwell_service``, which may read nothing. Every transaction begins with one statement that switches to one of
the roles of ``data.core.roles`` and says what its viewer may see. Both end with the transaction. Code that forgets to begin this way sees
nothing.

Bulk work (import, demo, roll-ups) uses its own connection from ``data.database.connections.connect()``, as the owner of the tables, to whom
no policy applies.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import Any, Protocol

import psycopg
from psycopg import sql
from sqlalchemy import Executable, RowMapping
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection

from data.concurrency.tasks import run_to_completion
from data.core.errors import Busy, GridwellError, NotMigrated, NotReady, TooManyRows, TooSlow
from data.core.roles import DbRole
from data.core.settings import settings
from data.core.viewer import Viewer
from data.database.connections import Pool, engine
from data.database.patience import PatientConnection, statement_wait_s
from data.database.sqlalchemy_internals import limit_rows

Values = Mapping[str, object]
"""Values of a statement's parameters, by name."""
_QUERY_CANCELED = "57014"
_LOCK_NOT_AVAILABLE = "55P03"
_UNDEFINED_TABLE = "42P01"

# ---- The viewer of a transaction ----

SETTINGS = (
    *("role", "gridwell.scope", "gridwell.figures", "gridwell.zone", "gridwell.units"),
    *("gridwell.account", "gridwell.role", "gridwell.address"),
)
_TAKE = f"SELECT {', '.join(f'set_config({name!r}, %s, true)' for name in SETTINGS)}"
_READ, _ACT = b"BEGIN; ", b"BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; "


def transaction_settings(viewer: Viewer, role: DbRole | None = None) -> tuple[str, ...]:
    """The values of ``SETTINGS``, in their order, for a transaction of this viewer; ``role`` replaces the viewer's own role."""
    who = (viewer.name, viewer.role, viewer.address)
    return (role or viewer.db_role, viewer.scope, viewer.figures, viewer.zone, viewer.units, *who)


@lru_cache(4096)
def _begin_statement(how: bytes, told: tuple[str, ...]) -> bytes:
    """BEGIN and the viewer's settings as one text, so that both take a single round trip."""
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
        await _begin(connection, _READ, transaction_settings(viewer))
        yield connection


@asynccontextmanager
async def write_transaction(viewer: Viewer, role: DbRole | None = None, pool: Pool = "requests") -> AsyncIterator[AsyncConnection]:
    """A transaction that may write; it is committed when the block ends without an error. For the audit log, accounts and sessions.

    Args:
        viewer: who acts.
        role: the database role to use instead of the viewer's own: ``data.core.roles.DOOR`` or ``AUDIT``. The caller has checked that the
            viewer may.
        pool: whose connection it uses.

    Raises:
        NotReady, Busy, TooSlow: see ``read_transaction``.
    """
    async with _pooled_connection(pool) as connection:
        driver = await _begin(connection, _ACT, transaction_settings(viewer, role))
        yield connection
        await run_to_completion(driver.commit())


async def check_server() -> None:
    """Ask the server for nothing, on the connection that is kept for the guard: that one is free while all others are in use.

    Raises:
        NotReady, Busy: see ``read_transaction``.
    """
    async with _pooled_connection("guard") as connection:
        await _begin(connection, _READ, transaction_settings(Viewer.nobody()))


async def _begin(connection: AsyncConnection, how: bytes, told: tuple[str, ...]) -> PatientConnection:
    """Begin a transaction; a server that stands still is noticed here, long before a statement would run into its limit."""
    driver = _driver_connection(connection)
    await run_to_completion(driver.execute(_begin_statement(how, told)))
    driver.wait_s = statement_wait_s()
    _reach.answers = True
    return driver


def _driver_connection(connection: AsyncConnection) -> PatientConnection:
    """The driver's connection behind one that is open."""
    assert connection.sync_connection is not None  # noqa: S101 - for the type checker: it is connected
    driver = connection.sync_connection.connection.driver_connection
    assert isinstance(driver, PatientConnection)  # noqa: S101 - for the type checker: SQLAlchemy does not say which driver it is
    return driver


class _Reach:
    """Whether the server answered when it was asked last: if it did not, a full pool is no sign of many readers."""

    answers = True


_reach = _Reach()


@asynccontextmanager
async def _pooled_connection(pool: Pool = "requests") -> AsyncIterator[AsyncConnection]:
    """A connection from the pool. It goes back without an open transaction, or is thrown away if the server said nothing on it."""
    try:
        connection = await engine(pool).connect()
        try:
            yield connection
        finally:
            await run_to_completion(_give_back(connection))
    except PoolTimeout:
        raise (Busy() if _reach.answers else NotReady()) from None
    except (DBAPIError, psycopg.Error) as error:
        told = _translate_error(error)
        if told is None:
            raise
        if type(told) is NotReady:
            _reach.answers = False
        raise told from error


async def _give_back(connection: AsyncConnection) -> None:
    if not connection.invalidated:
        driver = _driver_connection(connection)
        driver.wait_s = None
        if driver.closed:
            await connection.invalidate()
    await connection.close()


def _translate_error(error: DBAPIError | psycopg.Error) -> GridwellError | None:
    """The error to show for a failure in SQLAlchemy or the driver; ``None`` where the mistake is in our own code."""
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

    async def __call__(self, statement: Executable, values: Values | None = None, /) -> Sequence[RowMapping]:
        """See above."""


_shared: ContextVar[tuple[Viewer, Ask] | None] = ContextVar("shared_snapshot", default=None)


@asynccontextmanager
async def share_snapshot(viewer: Viewer) -> AsyncIterator[None]:
    """Everything that the block asks for this viewer sees one snapshot, so that figures of several answers add up.

    The block asks one thing after the other: all of it runs on one connection.

    Raises:
        NotReady, Busy, TooSlow: see ``read_transaction``.
    """
    async with open_snapshot(viewer) as ask:
        token = _shared.set((viewer, ask))
        try:
            yield
        finally:
            _shared.reset(token)


@asynccontextmanager
async def open_snapshot(viewer: Viewer) -> AsyncIterator[Ask]:
    """Several statements of one answer, all of which see the same snapshot: a new one, or that of ``share_snapshot`` for this viewer.

    If the caller is cancelled, PostgreSQL stops working on the statement too, and the connection goes back to the pool.

    Raises:
        TooManyRows: more rows than the cap; a part of an answer is never shown as the whole.
        NotReady, Busy, TooSlow: see ``read_transaction``.
    """
    if (shared := _shared.get()) is not None and shared[0] == viewer:
        yield shared[1]
        return
    cap = settings().row_cap
    async with read_transaction(viewer) as connection:

        async def ask(statement: Executable, values: Values | None = None, /) -> Sequence[RowMapping]:
            result = await run_to_completion(connection.execute(_limit_rows(statement, cap), values), lambda: _cancel(connection))
            rows = result.mappings().all()
            if len(rows) > cap:
                raise TooManyRows(cap=cap)
            return rows

        yield ask


@lru_cache(512)
def _limit_rows(statement: Executable, cap: int) -> Executable:
    """The statement with a limit of one row more than the cap: PostgreSQL stops there; without it, the driver would first read all rows.

    Cached, because most statements are built once and run again and again.
    """
    return limit_rows(statement, cap + 1)


async def fetch(statement: Executable, viewer: Viewer, values: Values | None = None) -> Sequence[RowMapping]:
    """Run one reading statement for a viewer, with the values of its parameters, and return its rows.

    Raises:
        TooManyRows, NotReady, Busy, TooSlow: see ``open_snapshot``.
    """
    async with open_snapshot(viewer) as ask:
        return await ask(statement, values)


async def fetch_row(query: str, values: Values, viewer: Viewer, pool: Pool = "requests") -> Sequence[Any]:
    """The only row of a reading statement that was compiled before, in one round trip and in binary form.

    For very frequent queries: it uses the driver directly. Both statements are sent together, and are therefore one transaction.

    Args:
        query: our own SQL, with ``%(name)s`` for values.
        values: the values by name.
        viewer: who asks.
        pool: whose connection it uses.

    Raises:
        NotReady, Busy, TooSlow: see ``read_transaction``.
    """
    async with _pooled_connection(pool) as connection:
        driver = _driver_connection(connection)
        driver.wait_s = statement_wait_s()
        row = await run_to_completion(_run_pipeline(driver, query, values, viewer), lambda: _cancel(connection))
        _reach.answers = True
        return row


async def write_together(parts: Sequence[tuple[Viewer, str, Values]], last: str) -> list[int]:
    """Run a writing statement for each of several viewers, each with its own rights: all in one transaction, and in one round trip.

    For very frequent small writes: either all of them are committed, or none.

    Args:
        parts: who acts, our own SQL with ``%(name)s`` for values, and the values.
        last: a statement without values to end with.

    Returns:
        How many rows each statement wrote.

    Raises:
        NotReady, Busy, TooSlow: see ``read_transaction``.
        psycopg.Error: a statement was refused; nothing was written.
    """
    async with _pooled_connection() as connection:
        driver = _driver_connection(connection)
        driver.wait_s = statement_wait_s()
        counts = await run_to_completion(_write_pipeline(driver, parts, last))
        _reach.answers = True
        return counts


async def _write_pipeline(driver: psycopg.AsyncConnection[Any], parts: Sequence[tuple[Viewer, str, Values]], last: str) -> list[int]:
    written = []
    async with driver.pipeline():
        await driver.execute(_ACT.rstrip(b"; "), prepare=True)
        for viewer, query, values in parts:
            await driver.execute(_TAKE, transaction_settings(viewer), prepare=True)
            written.append(await driver.execute(query.encode(), values, prepare=True))
        await driver.execute(last.encode(), prepare=True)
        await driver.execute(b"COMMIT", prepare=True)
    return [cursor.rowcount for cursor in written]


async def _cancel(connection: AsyncConnection) -> None:
    if not connection.invalidated:
        await _driver_connection(connection).stop_statement()


async def _run_pipeline(driver: psycopg.AsyncConnection[Any], query: str, values: Values, viewer: Viewer) -> Sequence[Any]:
    async with driver.pipeline():
        await driver.execute(_TAKE, transaction_settings(viewer), prepare=True)
        cursor = await driver.execute(query, values, prepare=True, binary=True)
    row: Sequence[Any] | None = await cursor.fetchone()
    if row is None:
        raise LookupError("a statement for one row answered none")
    return row
