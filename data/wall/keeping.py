"""The keeper's work on walls: cases that break in, screens that fall silent, and what is forgotten. Only one process of all does it."""

from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from time import monotonic

from data.database.connections import Connection
from data.database.locks import KEEPING_WALLS
from data.database.rounds import Rounds, run_rounds
from data.wall.interrupting import interrupt_walls, newest_event
from data.wall.statements import SILENT_S
from data.wall.watching import forget_old, tell_ill, tell_silent

WATCH_EVERY_S, FORGET_EVERY_S = 15.0, 3_600.0
GRACE_S = 2.0 * SILENT_S
"""Nothing is silent before: screens could not tell anything while the server or the database was away."""


class WallKeeper(Rounds):
    """Works until it is closed, in a thread of its own."""

    session, lock, failing = "gridwell walls", KEEPING_WALLS, "screens of walls cannot be watched"
    every_s = 2.0

    def begin(self, connection: Connection) -> None:
        """What happened before is no news."""
        self._seen = newest_event(connection)
        self._watch_at, self._forget_at = monotonic() + GRACE_S, monotonic()

    def look(self, connection: Connection) -> None:
        """Let cases break in, and watch the screens."""
        now = datetime.now(UTC)
        self._seen, _ = interrupt_walls(connection, self._seen, now)
        if monotonic() >= self._watch_at:
            # Screens were seen by the database's clock; this machine's may differ, and every screen would fall silent and come back.
            (at,) = connection.execute("SELECT clock_timestamp()").fetchone() or (now,)
            tell_silent(connection, at)
            tell_ill(connection, at)
            self._watch_at = monotonic() + WATCH_EVERY_S
        if monotonic() >= self._forget_at:
            forget_old(connection, now)
            self._forget_at = monotonic() + FORGET_EVERY_S


def run_wall_keeper() -> AbstractAsyncContextManager[None]:
    """Let a keeper of walls work for as long as the block lasts."""
    return run_rounds(WallKeeper())
