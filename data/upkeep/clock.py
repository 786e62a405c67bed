"""The clock: updates the figures of live cities once a minute, as deadlines pass. Only one of all processes does it.

It also brings what was counted of failed tries to get in into the audit log. Once an hour it does the daily chores: it deletes rows whose
last day is over, and stores an anchor of the audit log.

While the machine's date can hardly be right (``data.upkeep.plausible_time``), it does neither: deadlines would pass that no later update
takes back, and rows would be deleted that may be kept.
"""

import asyncio
import logging
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from time import monotonic
from typing import NoReturn

import psycopg

from data.auditing import anchors
from data.auditing.owner_entries import KEEPER
from data.concurrency.tasks import run_in_background
from data.core.errors import GridwellError
from data.core.settings import settings
from data.database.connections import Connection, connect
from data.database.locks import TICKING
from data.notices.escalation import escalate
from data.rollup import tick
from data.upkeep import attachments, rejected_rows, retention
from data.upkeep.calendars import refresh_calendars
from data.upkeep.entry_failures import log_failures
from data.upkeep.plausible_time import ClockDoubt, ClockWatch

_log = logging.getLogger(__name__)

EVERY_S = 60.0
CHORES_EVERY_S = 3_600.0
SESSION = "gridwell clock"
"""Name of the connection in the server's list of sessions."""
_LIMITS = "SET lock_timeout = '10s'; SET statement_timeout = '5min'"
"""An import locks its city for a long time: it is better to try again in a minute than to wait."""


class Clock:
    """The session that updates live cities. Only one session of a database can hold the lock.

    Lock and work share one connection, so a session that lost the lock cannot go on working at the same time as its successor.
    """

    def __init__(self) -> None:
        self._connection: Connection | None = None
        self._turn = threading.Lock()
        self._ending = False
        self._chores_due_s = 0.0  # of the monotonic clock: a date that jumped ahead and back must not end the chores for years
        self._watch, self._told = ClockWatch(), False

    def step(self, now: datetime) -> list[str]:
        """Bring the live cities up to a moment, each in a separate transaction; one that fails does not stop the others.

        Args:
            now: the moment, with its zone.

        Returns:
            Codes of the cities in which something changed; none where another process has the lock.

        Raises:
            psycopg.Error: the database does not answer.
        """
        with self._turn:
            connection = self._session_with_lock()
            if connection is None:
                return []
            log_failures(connection, KEEPER)
            if self._is_doubtful(connection, now):
                return []
            live = connection.execute("SELECT code FROM city WHERE as_of IS NULL ORDER BY code").fetchall()
            return [city for (city,) in live if not self._ending and _advance(connection, city, now)]

    def chores(self, now: datetime) -> None:
        """Once an hour: delete rows whose last day is over in cities where this was not done today, and store the head of the audit log.

        Where the date can hardly be right, or unusually many rows would go, nothing is deleted; the audit log says so once a day.

        Raises:
            psycopg.Error: the database does not answer.
            FolderRefused, DiskFull: the head cannot be stored.
        """
        with self._turn:
            if self._ending or monotonic() < self._chores_due_s:
                return
            connection = self._session_with_lock()
            if connection is None:
                return
            self._chores_due_s = monotonic() + CHORES_EVERY_S
            doubtful = self._is_doubtful(connection, now)
            if settings().retention == "daily":
                retention.delete_daily(connection, now, KEEPER)
                if not doubtful:
                    rejected_rows.delete_old(connection, now, KEEPER)
                    _tend_attachments(connection, now)
            if not doubtful:
                refresh_calendars(connection, now, KEEPER)
            anchors.anchor_head(connection)  # last, so that rows are deleted in time even if the folder cannot be written

    def close(self) -> None:
        """Stop the running statement, and release the lock for another process."""
        self._ending = True
        if self._connection is not None:
            with suppress(psycopg.Error):  # if the session is lost, there is nothing to stop
                self._connection.cancel_safe(timeout=2)
        with self._turn:
            if self._connection is not None:
                self._connection.close()

    def _is_doubtful(self, connection: Connection, now: datetime) -> bool:
        """Whether the date can hardly be right; the server's log says so once."""
        doubt: ClockDoubt | None = self._watch.doubt(connection, now)
        if doubt is not None and not self._told:
            _log.warning(
                "this machine's date can hardly be right (%s): nothing is deleted, no deadline passes; see ./gridwell retention",
                doubt,
            )
        self._told = doubt is not None
        return self._told

    def _session_with_lock(self) -> Connection | None:
        """Our session, which holds the lock; ``None`` where another process has the lock."""
        if self._connection is None or self._connection.closed:
            self._connection = _locking()
        return self._connection


def _locking() -> Connection | None:
    """A new session that holds the lock; ``None`` where another process has the lock."""
    made, holds = connect(autocommit=True, name=SESSION), False
    try:
        made.execute(_LIMITS)
        holds = made.execute("SELECT pg_try_advisory_lock(%s)", (TICKING,)).fetchone() == (True,)
    finally:
        if not holds:
            made.close()
    return made if holds else None


def _advance(connection: Connection, city: str, now: datetime) -> bool:
    try:
        with connection.transaction():
            moved = tick(connection, city, now)
        with connection.transaction():
            escalate(connection, city, now)
        return moved
    except psycopg.Error as error:
        _log.warning("the deadlines of %s could not be brought up to now, trying again in %d s: %s", city, EVERY_S, error)
        return False


def _tend_attachments(connection: Connection, now: datetime) -> None:
    """A store that does not answer must not keep the other chores from being done."""
    try:
        attachments.delete_old(connection, now, KEEPER)
        attachments.describe_photos(connection)
    except GridwellError as error:
        _log.warning("photos and papers could not be deleted or described, trying again in an hour: %s", error)


@asynccontextmanager
async def run_clock() -> AsyncIterator[None]:
    """Let the clock run for as long as the block lasts."""
    clock = Clock()
    try:
        async with run_in_background(_run(clock)):
            yield
    finally:
        await asyncio.to_thread(clock.close)


async def _run(clock: Clock) -> NoReturn:
    while True:
        try:
            await asyncio.to_thread(clock.step, datetime.now(UTC))
            await _chores(clock)
        except psycopg.Error as error:
            _log.warning("the clock of live cities cannot reach the database, trying again in %d s: %s", EVERY_S, error)
        await asyncio.sleep(EVERY_S)


async def _chores(clock: Clock) -> None:
    try:
        await asyncio.to_thread(clock.chores, datetime.now(UTC))
    except (psycopg.Error, GridwellError) as error:
        _log.warning("the daily chores failed, trying again in an hour: %s", error)
