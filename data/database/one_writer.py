"""A thread of the keeper that carries out what others ask for, one thing after the other: only one of its kind works in a database."""

import asyncio
import logging
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import ClassVar

import psycopg

from data.database.connections import Connection, connect

_log = logging.getLogger(__name__)

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.2, 10.0
_PATIENCE_S = 10


class OneWriter:
    """Works until it is closed. A subclass says what it does in each turn.

    Attributes:
        session: name of the connection in the server's list of sessions.
        lock: advisory lock that only one writer of this kind holds.
        channel: on which requests are announced; the messages are empty.
        limits: statement for the session's settings.
        look_s: seconds after which it looks without news, and after which it tries again to be the one that works.
        failing: what is logged when the database fails, with ``%.1f`` for the seconds and ``%s`` for the reason.
    """

    session: ClassVar[str]
    lock: ClassVar[int]
    channel: ClassVar[str]
    limits: ClassVar[str]
    look_s: ClassVar[float] = 1.0
    failing: ClassVar[str]

    def __init__(self) -> None:
        self._ending = threading.Event()
        self._connection: Connection | None = None

    def begin(self, connection: Connection) -> None:
        """What is done once in a session, by the writer that works."""

    def look(self, connection: Connection) -> None:
        """Carry out what waits; where nothing does, wait for news."""
        raise NotImplementedError

    def run(self) -> None:
        """Work until ``close`` is called; after a failure of the database it connects again."""
        pause_s = FIRST_PAUSE_S
        while not self._ending.is_set():
            try:
                with connect(autocommit=True, name=self.session) as connection:
                    self._connection = connection
                    if not self._is_the_one(connection):
                        self._ending.wait(self.look_s)
                        continue
                    pause_s = FIRST_PAUSE_S
                    self.begin(connection)
                    while not self._ending.is_set():
                        self.look(connection)
            except psycopg.Error as error:
                if not self._ending.is_set():
                    _log.warning(self.failing, pause_s, str(error).strip())
                self._ending.wait(pause_s)
                pause_s = min(pause_s * 2, LONGEST_PAUSE_S)

    def close(self) -> None:
        """Stop after what is being written; a statement that runs is stopped, and its transaction undone."""
        self._ending.set()
        if self._connection is not None:
            with suppress(psycopg.Error):
                self._connection.cancel_safe(timeout=2)

    def _is_the_one(self, connection: Connection) -> bool:
        """Prepare a session; returns whether it is the one that works."""
        connection.execute(self.limits)
        if connection.execute("SELECT pg_try_advisory_lock(%s)", [self.lock]).fetchone() != (True,):
            return False
        connection.execute(f"LISTEN {self.channel}")
        return True


@asynccontextmanager
async def run_writer(writer: OneWriter) -> AsyncIterator[None]:
    """Let a writer work for as long as the block lasts."""
    thread = threading.Thread(target=writer.run, name=writer.session, daemon=True)
    thread.start()
    try:
        yield
    finally:
        await asyncio.to_thread(writer.close)
        await asyncio.to_thread(thread.join, _PATIENCE_S)
