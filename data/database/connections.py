"""How Gridwell reaches its database: addresses of the owner and of the server, single connections, and each process's pool."""

import os
import select
from math import ceil
from pathlib import Path
from typing import Any, Literal, TypeAlias

import psycopg
from psycopg import sql
from psycopg.rows import TupleRow
from sqlalchemy import URL, event, make_url
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from data.core.roles import SERVICE
from data.core.settings import Settings, environment_name, settings
from data.core.viewer import Viewer
from data.database.patience import PatientConnection
from data.database.socket import PORT, paths

Connection: TypeAlias = psycopg.Connection[TupleRow]
"""A plain connection whose rows are tuples, for bulk work as the owner. Queries for people use ``data.database.transactions``."""
_LOCK_SHARE = 5
"""A statement may wait for a lock for this part of its own time limit. Readers are locked out only while the tables themselves are changed.
They are then asked to try again, so that they do not hold a connection until the change is over.
"""
Pool: TypeAlias = Literal["requests", "guard", "events"]
"""A process's pools: ``guard`` and ``events`` have one connection each.

With the guard's, sessions and tokens are looked up. These look-ups are short and everybody needs them: behind slow figures they would
refuse whoever comes, also for what needs no figures. With that of events, open pages hear of changes, which must not wait either.
"""
_engines: dict[tuple[int, Settings, Pool], AsyncEngine] = {}


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
    """Forget how the owner of the tables signs in; keep only the server's own address.

    For processes that answer requests, before they open any connection.
    """
    address = service_url()
    os.environ[environment_name("service_url")] = address.render_as_string(hide_password=False)
    os.environ.pop(environment_name("database_url"), None)
    for foreign in ("POSTGRES_PASSWORD", *(["PGPASSWORD"] if address.password else [])):
        os.environ.pop(foreign, None)
    settings.cache_clear()


def password_file() -> Path:
    """Where the password of the server's role is kept; ``data.upkeep.preparation`` makes it."""
    return settings().home / "service-password"


def connect(autocommit: bool = False, name: str = "gridwell") -> Connection:
    """The owner's plain psycopg connection for bulk work; the caller commits and closes.

    ``name`` is what the server's list of sessions shows.
    """
    return psycopg.connect(autocommit=autocommit, **connection_arguments(database_url(), name))


async def connect_async(name: str = "gridwell") -> psycopg.AsyncConnection[Any]:
    """A connection of the server outside of the pool, in autocommit, for work that must not wait for a free one.

    It has the rights of a viewer who has not signed in: it may read versions of the data and nothing else.
    """
    made = await PatientConnection.connect(autocommit=True, **connection_arguments(service_url(), name))
    try:
        await made.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(Viewer.nobody().db_role)))
    except BaseException:
        await made.close()
        raise
    return made


async def connect_owner_async(name: str) -> psycopg.AsyncConnection[Any]:
    """The owner's connection for the keeper's own work, in autocommit."""
    return await psycopg.AsyncConnection.connect(autocommit=True, **connection_arguments(database_url(), name))


def connection_arguments(url: URL, name: str) -> dict[str, Any]:
    """Arguments of a plain connection to an address; ``name`` is what the server's list of sessions shows."""
    # Not as one text: SQLAlchemy writes a space in a folder's name as "+", which libpq does not read back.
    more = {option: value if isinstance(value, str) else ",".join(value) for option, value in url.query.items()}
    return {"application_name": name, **url.translate_connect_args(username="user", database="dbname"), **more}


def engine(pool: Pool = "requests") -> AsyncEngine:
    """One of this process's pools of connections (for each process and set of settings, of which the address is one)."""
    limits = settings()
    key = (os.getpid(), limits, pool)
    made = _engines.get(key)
    if made is None:
        url = service_url()
        given = url.query.get("options", "")
        options = f"{given if isinstance(given, str) else ' '.join(given)} {_session_options(limits.statement_timeout_ms)}".strip()
        made = create_async_engine(
            url,
            pool_size=limits.pool_size if pool == "requests" else 1,
            max_overflow=0,
            pool_timeout=limits.pool_wait_s,
            hide_parameters=True,  # error texts go to the log, and values may be personal data
            # A machine that is switched off does not answer: without a limit, readers would wait for minutes. A server that stands still
            # may take the connection all the same, and then says nothing on it.
            # We begin transactions ourselves, in the same statement that sets the viewer's rights.
            connect_args={
                "async_creator_fn": PatientConnection.connect,
                "connect_timeout": ceil(limits.pool_wait_s),
                "application_name": "gridwell",
                "options": options,
                "autocommit": True,
            },
        )
        event.listen(made.sync_engine, "checkout", _check_alive)
        _engines[key] = made
    return made


def _session_options(timeout_ms: int) -> str:
    """Settings of every reading session. They are set when it is opened, because to set them in each transaction would cost a round trip.

    A whole transaction reads one snapshot, so that figures which are read one after the other agree, also while an import is committed.
    No compiling and no parallel workers: starting them takes longer than most statements run, and many viewers need all cores anyway.
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
    """Reject a pooled connection that the server has closed. An idle connection has nothing to read except the end of the session."""
    watch = select.poll()
    watch.register(connection.driver_connection.pgconn.socket, select.POLLIN)
    if watch.poll(0):
        raise DisconnectionError


async def close_pools() -> None:
    """Close all pooled connections of this process."""
    for key in [k for k in _engines if k[0] == os.getpid()]:
        await _engines.pop(key).dispose()
