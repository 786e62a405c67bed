"""The keeper's work on walls: cases that break in, screens that fall silent, and what is forgotten. Only one process of all does it."""

import asyncio
import logging
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from time import monotonic

import psycopg

from data.database.connections import Connection, connect
from data.database.locks import KEEPING_WALLS
from data.wall.interrupting import interrupt_walls, newest_event
from data.wall.statements import SILENT_S
from data.wall.watching import forget_old, tell_ill, tell_silent

_log = logging.getLogger(__name__)

SESSION = "gridwell walls"
EVERY_S, WATCH_EVERY_S, FORGET_EVERY_S = 2.0, 15.0, 3_600.0
GRACE_S = 2.0 * SILENT_S
"""Nothing is silent before: screens could not tell anything while the server or the database was away."""


class WallKeeper:
    """Works until it is closed, in a thread of its own."""

    def __init__(self) -> None:
        self._ending = threading.Event()

    def run(self) -> None:
        """Work until ``close``; after a failure, of the database or any other, it connects again."""
        while not self._ending.wait(EVERY_S):
            try:
                with connect(autocommit=True, name=SESSION) as connection:
                    connection.execute("SET statement_timeout = '30s'; SET lock_timeout = '5s'")
                    if connection.execute("SELECT pg_try_advisory_lock(%s)", [KEEPING_WALLS]).fetchone() == (True,):
                        self._rounds(connection)
            except psycopg.Error as error:
                if not self._ending.is_set():
                    _log.warning("screens of walls cannot be watched, trying again in %d s: %s", EVERY_S, str(error).strip())
            except Exception:  # one tour or screen that cannot be read must not end the watch over all others
                _log.exception("screens of walls cannot be watched, trying again in %d s", EVERY_S)

    def _rounds(self, connection: Connection) -> None:
        seen, watch_at, forget_at = newest_event(connection), monotonic() + GRACE_S, monotonic()
        while not self._ending.wait(EVERY_S):
            now = datetime.now(UTC)
            seen, _ = interrupt_walls(connection, seen, now)
            if monotonic() >= watch_at:
                # Screens were seen by the database's clock; this machine's may differ, and every screen would fall silent and come back.
                (at,) = connection.execute("SELECT clock_timestamp()").fetchone() or (now,)
                tell_silent(connection, at)
                tell_ill(connection, at)
                watch_at = monotonic() + WATCH_EVERY_S
            if monotonic() >= forget_at:
                forget_old(connection, now)
                forget_at = monotonic() + FORGET_EVERY_S

    def close(self) -> None:
        """Stop after the present round."""
        self._ending.set()


@asynccontextmanager
async def run_wall_keeper() -> AsyncIterator[None]:
    """Let a keeper of walls work for as long as the block lasts."""
    keeper = WallKeeper()
    thread = threading.Thread(target=keeper.run, name="walls", daemon=True)
    thread.start()
    try:
        yield
    finally:
        keeper.close()
        with suppress(RuntimeError):
            await asyncio.to_thread(thread.join, 5)
