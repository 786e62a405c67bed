"""The keeper's work on feeds: due moments pass and days end without anybody sending anything. Only one process of all does it."""

from contextlib import AbstractAsyncContextManager
from datetime import UTC, date, datetime

from data.database.connections import Connection
from data.database.locks import KEEPING_FEED_DAYS
from data.database.rounds import Rounds, run_rounds
from data.deadlines.store import read_calendar
from data.feeds.days import write_days

_FEEDS = """
SELECT f.city, f.code, c.as_of, concat_ws('|', f.contract, f.valid_from, f.valid_to, f.paused_until, c.as_of), (
    SELECT max(s.day) FROM feed_day s WHERE s.city = f.city AND s.feed = f.code), f.valid_from
FROM feed f JOIN city c ON c.code = f.city ORDER BY f.city, f.code
"""


class DayKeeper(Rounds):
    """Works until it is closed, in a thread of its own."""

    session, lock, failing = "gridwell feed days", KEEPING_FEED_DAYS, "days of feeds cannot be written"
    every_s = 20.0

    def begin(self, connection: Connection) -> None:
        """Every feed is looked at once."""
        self._next: dict[tuple[str, str], tuple[str, datetime]] = {}

    def look(self, connection: Connection) -> None:
        """Write the days of feeds whose due moment or day is over, or whose agreement is another one."""
        bring_up(connection, datetime.now(UTC), self._next)


def bring_up(connection: Connection, now: datetime, waiting: dict[tuple[str, str], tuple[str, datetime]]) -> int:
    """Write what passed since the last written day of each feed; ``waiting`` says until when nothing of a feed can change by itself.

    Returns:
        How many feeds were written.
    """
    written = 0
    for city, feed, as_of, agreed, newest, valid_from in connection.execute(_FEEDS).fetchall():
        at = as_of or now
        known = waiting.get((city, feed))
        if known is not None and known[0] == agreed and at < known[1]:
            continue
        with connection.transaction():
            calendar = read_calendar(connection, city)
            first: date = newest or valid_from
            until = write_days(connection, city, feed, first, at, calendar)
            if until is not None:
                waiting[city, feed] = agreed, min(until, calendar.whole_day(calendar.local_day(at))[1])
        written += 1
    return written


def run_day_keeper() -> AbstractAsyncContextManager[None]:
    """Let a keeper of the days of feeds work for as long as the block lasts."""
    return run_rounds(DayKeeper())
