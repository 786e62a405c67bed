"""Making a server wait on purpose: a table that another connection locks, and a look at who waits for it."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql

_PATIENCE_S = 60
"""So long a busy machine may take; nothing here is measured."""


@contextmanager
def held(url: str, table: str) -> Iterator[None]:
    """Whoever reads the table waits until the block is left."""
    with psycopg.connect(url) as holder:
        holder.execute(sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(sql.Identifier(table)))
        yield
        holder.rollback()


@contextmanager
def slowed(url: str, table: str) -> Iterator[None]:
    """Whoever reads the table sleeps, without waiting for anybody, until the block is left."""
    real, slow = sql.Identifier(f"{table}_at_night"), sql.Identifier(table)
    with psycopg.connect(url, autocommit=True) as connection:
        with connection.transaction():
            connection.execute(sql.SQL("ALTER TABLE {} RENAME TO {}").format(slow, real))
            connection.execute(sql.SQL("CREATE VIEW {} AS SELECT * FROM {} WHERE (SELECT pg_sleep(600)::text) = ''").format(slow, real))
            connection.execute(sql.SQL("GRANT SELECT ON {} TO PUBLIC").format(slow))
        try:
            yield
        finally:
            with connection.transaction():
                connection.execute(sql.SQL("DROP VIEW {}").format(slow))
                connection.execute(sql.SQL("ALTER TABLE {} RENAME TO {}").format(real, slow))


def statements(url: str) -> set[tuple[int, str]]:
    """Transactions that wait for a held table: their server process, and what PostgreSQL calls them.

    Of the locks everybody is told, of the statements of another role only a superuser.
    """
    with psycopg.connect(url, autocommit=True) as connection:
        found = connection.execute(
            "SELECT l.pid, l.virtualtransaction FROM pg_locks l JOIN pg_database d ON d.oid = l.database"
            " WHERE d.datname = current_database() AND NOT l.granted"
        )
        return set(found.fetchall())


def waiting(url: str) -> int:
    """How many transactions wait for a held table."""
    return len(statements(url))


def until(comes_true: Callable[[], Any], what: str) -> None:
    """Wait for something that tells nobody when it happens."""
    deadline = time.monotonic() + _PATIENCE_S
    while not comes_true():
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        time.sleep(0.02)
