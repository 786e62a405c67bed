"""The keeper's work on schedules: runs that are due, reports that are made, and what is sent. Only one process of all does it."""

import asyncio
import logging
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from time import monotonic

import psycopg

from data.database.connections import Connection, connect
from data.database.locks import SENDING_REPORTS
from data.reports.sending.delivering import send_due, take_over
from data.reports.sending.preparing import prepare
from data.reports.sending.runs import begin_runs, forget_old

_log = logging.getLogger(__name__)

SESSION = "gridwell reports"
EVERY_S, FORGET_EVERY_S = 5.0, 3_600.0


class ReportKeeper:
    """Works until it is closed, in a thread of its own."""

    def __init__(self) -> None:
        self._ending = threading.Event()

    def run(self) -> None:
        """Work until ``close``; after a failure, of the database or any other, it connects again."""
        while not self._ending.wait(EVERY_S):
            try:
                with connect(autocommit=True, name=SESSION) as connection:
                    connection.execute("SET statement_timeout = '30s'; SET lock_timeout = '5s'")
                    if connection.execute("SELECT pg_try_advisory_lock(%s)", [SENDING_REPORTS]).fetchone() == (True,):
                        self._rounds(connection)
            except psycopg.Error as error:
                if not self._ending.is_set():
                    _log.warning("reports cannot be sent, trying again in %d s: %s", EVERY_S, str(error).strip())
            except Exception:  # this thread is the only one that sends reports
                _log.exception("reports cannot be sent, trying again in %d s", EVERY_S)

    def _rounds(self, connection: Connection) -> None:
        take_over(connection, datetime.now(UTC))
        forget_at = monotonic()
        while not self._ending.wait(EVERY_S):
            now = datetime.now(UTC)
            begin_runs(connection, now)
            prepare(connection, now)
            send_due(connection, now, ending=self._ending.is_set)
            if monotonic() >= forget_at:
                forget_old(connection, now)
                forget_at = monotonic() + FORGET_EVERY_S

    def close(self) -> None:
        """Stop after what is being sent."""
        self._ending.set()


@asynccontextmanager
async def run_report_keeper() -> AsyncIterator[None]:
    """Let a keeper of schedules work for as long as the block lasts."""
    keeper = ReportKeeper()
    thread = threading.Thread(target=keeper.run, name="reports", daemon=True)
    thread.start()
    try:
        yield
    finally:
        keeper.close()
        with suppress(RuntimeError):
            await asyncio.to_thread(thread.join, 5)
