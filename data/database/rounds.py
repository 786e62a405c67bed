"""A thread of the keeper that looks every few seconds what there is to do: only one of its kind works in a database, no fault ends it."""

import asyncio
import logging
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import ClassVar

import psycopg

from data.database.connections import Connection, connect

_log = logging.getLogger(__name__)

_PATIENCE_S = 5


class Rounds:
    """Works until it is closed. A subclass says what it does in each round.

    Attributes:
        session: name of the connection in the server's list of sessions.
        lock: advisory lock that only one of this kind holds.
        limits: statement for the session's settings.
        every_s: seconds between rounds, and after which it tries again to be the one that works.
        failing: what cannot be done while it fails, for the log.
    """

    session: ClassVar[str]
    lock: ClassVar[int]
    limits: ClassVar[str] = "SET statement_timeout = '30s'; SET lock_timeout = '5s'"
    every_s: ClassVar[float] = 5.0
    failing: ClassVar[str]

    def __init__(self) -> None:
        self._ending = threading.Event()

    def begin(self, connection: Connection) -> None:
        """What is done once in a session, by the one that works."""

    def look(self, connection: Connection) -> None:
        """One round. What lasts asks ``is_ending`` in between."""
        raise NotImplementedError

    def is_ending(self) -> bool:
        """Whether it is to end."""
        return self._ending.is_set()

    def run(self) -> None:
        """Work until ``close``; after a failure, of the database or any other, it connects again."""
        while not self._ending.wait(self.every_s):
            try:
                with connect(autocommit=True, name=self.session) as connection:
                    connection.execute(self.limits)
                    if connection.execute("SELECT pg_try_advisory_lock(%s)", [self.lock]).fetchone() == (True,):
                        self.begin(connection)
                        while not self._ending.wait(self.every_s):
                            self.look(connection)
            except psycopg.Error as error:
                if not self.is_ending():
                    _log.warning("%s, trying again in %d s: %s", self.failing, self.every_s, str(error).strip())
            except Exception:  # nobody else does it: one thing that goes wrong must not end it for all others
                _log.exception("%s, trying again in %d s", self.failing, self.every_s)

    def close(self) -> None:
        """Stop after what is being done."""
        self._ending.set()


@asynccontextmanager
async def run_rounds(rounds: Rounds) -> AsyncIterator[None]:
    """Let it work for as long as the block lasts."""
    thread = threading.Thread(target=rounds.run, name=rounds.session, daemon=True)
    thread.start()
    try:
        yield
    finally:
        rounds.close()
        with suppress(RuntimeError):
            await asyncio.to_thread(thread.join, _PATIENCE_S)
