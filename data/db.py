"""The only place that executes SQL for people: ``fetch(statement, viewer)``.

Bulk work (import, demo, roll-ups) uses its own connection from ``connect()``.
"""

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import psycopg
from sqlalchemy import URL, Executable, RowMapping, func, make_url, select, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from data.cluster.paths import PORT, paths
from data.errors import Busy, NotReady, TooManyRows, TooSlow
from data.settings import settings
from data.viewer import Viewer

POOL_WAIT_S = 3
_QUERY_CANCELED = "57014"
_engines: dict[tuple[int, str], AsyncEngine] = {}


def database_url() -> URL:
    """Where the database is: ``DATABASE_URL``, or the embedded cluster's socket in the state folder."""
    given = settings().database_url
    if given:
        return make_url(given).set(drivername="postgresql+psycopg")
    socket = paths(settings().home).socket
    return URL.create("postgresql+psycopg", username="gridwell", database="gridwell", query={"host": str(socket), "port": str(PORT)})


def connect(autocommit: bool = False) -> psycopg.Connection[Any]:
    """A plain psycopg connection for bulk work; the caller commits and closes."""
    url = database_url()
    # Not as one text: SQLAlchemy writes a space in a folder's name as "+", which libpq does not read back.
    more = {name: value if isinstance(value, str) else ",".join(value) for name, value in url.query.items()}
    given: dict[str, Any] = {"application_name": "gridwell", **url.translate_connect_args(username="user", database="dbname"), **more}
    return psycopg.connect(autocommit=autocommit, **given)


def engine() -> AsyncEngine:
    """This process's pool of connections (one for each process and address)."""
    url = database_url()
    key = (os.getpid(), url.render_as_string(hide_password=False))
    if key not in _engines:
        _engines[key] = create_async_engine(
            url,
            pool_size=settings().pool_size,
            max_overflow=0,
            pool_timeout=POOL_WAIT_S,
            pool_pre_ping=True,
            connect_args={"application_name": "gridwell"},
        )
    return _engines[key]


@asynccontextmanager
async def reading(viewer: Viewer) -> AsyncIterator[AsyncConnection]:
    """A read-only transaction for this viewer, with the statement timeout set.

    Raises:
        NotReady: the database does not answer.
        Busy: no connection became free within three seconds.
        TooSlow: a statement ran into the timeout.
    """
    limit_ms = settings().statement_timeout_ms
    try:
        async with engine().connect() as connection, connection.begin():
            # One snapshot: figures asked for one after the other agree, also while an import lands.
            await connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
            await connection.execute(select(func.set_config("statement_timeout", str(limit_ms), True)))
            yield connection
    except PoolTimeout:
        raise Busy() from None
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) == _QUERY_CANCELED:
            raise TooSlow(limit_ms=limit_ms) from error
        if error.connection_invalidated or isinstance(error, OperationalError):
            raise NotReady() from error
        raise


Ask = Callable[[Executable], Awaitable[Sequence[RowMapping]]]
"""Runs one reading statement and returns its rows."""


@asynccontextmanager
async def asking(viewer: Viewer) -> AsyncIterator[Ask]:
    """Several statements of one answer, all of which see the same snapshot.

    Raises:
        TooManyRows: more rows than the cap; a part of an answer is never shown as the whole.
        NotReady, Busy, TooSlow: see ``reading``.
    """
    cap = settings().row_cap
    async with reading(viewer) as connection:

        async def ask(statement: Executable) -> Sequence[RowMapping]:
            rows = (await connection.execute(statement)).mappings().fetchmany(cap + 1)
            if len(rows) > cap:
                raise TooManyRows(cap=cap)
            return rows

        yield ask


async def fetch(statement: Executable, viewer: Viewer) -> Sequence[RowMapping]:
    """Run one reading statement for a viewer and return its rows.

    Raises:
        TooManyRows, NotReady, Busy, TooSlow: see ``asking``.
    """
    async with asking(viewer) as ask:
        return await ask(statement)


async def close() -> None:
    """Give back all connections of this process."""
    for key in [k for k in _engines if k[0] == os.getpid()]:
        await _engines.pop(key).dispose()
