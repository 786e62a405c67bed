"""Making a server wait on purpose: a table that another connection locks, who waits for it, and a database server that stands still."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

_PATIENCE_S = 180
"""So long a busy machine may take; nothing here is measured."""
_LONGEST_FROST_S = 120
"""After this time a stopped server goes on, whatever became of the test."""


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


@contextmanager
def frozen(url: str) -> Iterator[None]:
    """All processes of this database's server are stopped, and its sockets stay open, until the block is left."""
    if "GRIDWELL_TEST_DATABASE_URL" in os.environ:
        pytest.skip("only the tests' own server may be stopped")
    with psycopg.connect(url) as connection:
        main = _parent(connection.info.backend_pid)
    ids = " ".join(map(str, (main, *_children(main))))
    # A test that is killed runs no "finally": somebody else has to look after the server.
    rescue = subprocess.Popen(["sh", "-c", f"sleep {_LONGEST_FROST_S}; kill -CONT {ids}"], start_new_session=True)
    try:
        _send(signal.SIGSTOP, main)
        yield
    finally:
        _send(signal.SIGCONT, main)
        os.killpg(rescue.pid, signal.SIGKILL)
        rescue.wait()


def _send(number: signal.Signals, main: int) -> None:
    """First to the main process, which then starts no others, then to the others."""
    os.kill(main, number)
    for process in _children(main):
        with suppress(ProcessLookupError):
            os.kill(process, number)


def _children(main: int) -> list[int]:
    found = []
    for folder in Path("/proc").iterdir():
        with suppress(FileNotFoundError, ProcessLookupError):
            if folder.name.isdigit() and _parent(int(folder.name)) == main:
                found.append(int(folder.name))
    return found


def _parent(process: int) -> int:
    # The second field is the program's name in parentheses, which may hold spaces.
    return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])
