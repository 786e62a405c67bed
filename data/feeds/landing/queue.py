"""Deliveries that wait, one after the other in the order in which each feed's came; and the keeper's work on them."""

import logging
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from time import monotonic

import psycopg

from data.database.connections import Connection
from data.database.locks import LANDING_FEEDS
from data.database.rounds import Rounds, run_rounds
from data.feeds.days import after_delivery
from data.feeds.landing.delivery import Outcome, land, write_outcome

_log = logging.getLogger(__name__)

# One that another keeper takes in is left to it, and so is what came after it for the same feed.
_NEXT = """
SELECT d.id, d.city, d.feed, d.name, f.content FROM feed_delivery d JOIN feed_file f ON f.delivery = d.id
WHERE d.state = 'received' AND NOT EXISTS (
    SELECT FROM feed_delivery e WHERE e.city = d.city AND e.feed = d.feed AND e.state = 'received' AND e.id < d.id)
ORDER BY d.id LIMIT 1 FOR UPDATE OF d SKIP LOCKED
"""
_STATEMENTS_S = 600
LOOK_EVERY_S = 20.0
"""Seconds after which it looks what waits, although nobody told of anything."""


def land_next(connection: Connection) -> bool:
    """Take in the delivery that has waited longest, in one transaction; whether there was one.

    What ends in between (a process that is killed, a database that stops) leaves it waiting. A fault of the program is told, and the next
    one is taken.
    """
    with connection.transaction():
        row = connection.execute(_NEXT).fetchone()
        if row is None:
            return False
        number, city, feed, name, content = row
        try:
            with connection.transaction():
                outcome = land(connection, number, city, feed, name, bytes(content))
        except psycopg.OperationalError:
            raise
        except Exception as error:  # one delivery that nobody foresaw must not stop all others
            _log.exception("delivery %d of %s was not taken in", number, feed)
            outcome = Outcome("failed", problem={"code": "program_fault", "facts": {"fault": type(error).__name__}})
        write_outcome(connection, number, outcome)
        after_delivery(connection, number, datetime.now(UTC))
    return True


def land_waiting(url: str) -> int:
    """Take in everything that waits; tells how many deliveries."""
    count = 0
    with psycopg.connect(url, autocommit=True) as connection:
        while land_next(connection):
            count += 1
    return count


class FeedKeeper(Rounds):
    """Takes deliveries in until it is closed, in a thread of its own."""

    session, lock, failing = "gridwell feeds", LANDING_FEEDS, "deliveries cannot be taken in"
    limits = f"SET statement_timeout = '{_STATEMENTS_S}s'; SET lock_timeout = '60s'; LISTEN gridwell_feeds"
    every_s = 1.0

    def begin(self, connection: Connection) -> None:
        """Whatever waits from before is looked at first."""
        self._look_at = 0.0

    def look(self, connection: Connection) -> None:
        """Take in what came. News may be missed while something is taken in, so that it also looks without any."""
        is_news = any(True for _ in connection.notifies(timeout=0, stop_after=1))
        if not is_news and monotonic() < self._look_at:
            return
        while not self.is_ending() and land_next(connection):
            pass
        self._look_at = monotonic() + LOOK_EVERY_S


def run_feed_keeper() -> AbstractAsyncContextManager[None]:
    """Let a keeper of feeds work for as long as the block lasts."""
    return run_rounds(FeedKeeper())
