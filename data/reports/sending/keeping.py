"""The keeper's work on schedules: runs that are due, reports that are made, and what is sent. Only one process of all does it."""

from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from time import monotonic

from data.database.connections import Connection
from data.database.locks import SENDING_REPORTS
from data.database.rounds import Rounds, run_rounds
from data.reports.sending.delivering import send_due, take_over
from data.reports.sending.preparing import prepare
from data.reports.sending.runs import begin_runs, forget_old

FORGET_EVERY_S = 3_600.0


class ReportKeeper(Rounds):
    """Works until it is closed, in a thread of its own."""

    session, lock, failing = "gridwell reports", SENDING_REPORTS, "reports cannot be sent"

    def begin(self, connection: Connection) -> None:
        """What another one was sending is uncertain."""
        take_over(connection, datetime.now(UTC))
        self._forget_at = monotonic()

    def look(self, connection: Connection) -> None:
        """Begin, prepare and send what is due."""
        now = datetime.now(UTC)
        begin_runs(connection, now)
        prepare(connection, now)
        send_due(connection, now, ending=self.is_ending)
        if monotonic() >= self._forget_at:
            forget_old(connection, now)
            self._forget_at = monotonic() + FORGET_EVERY_S


def run_report_keeper() -> AbstractAsyncContextManager[None]:
    """Let a keeper of schedules work for as long as the block lasts."""
    return run_rounds(ReportKeeper())
