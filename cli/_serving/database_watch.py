"""Starts the embedded database server again when it has died under a running Gridwell.

The parent of the workers asks once a second whether it lives. The start itself may take minutes, so a forked process does it, and the
parent goes on watching its workers. They answer 503 meanwhile and connect again by themselves.
"""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

from cli._serving.workers import describe_end, fork_task
from cli._terminal import complain, language, say
from data.core.errors import GridwellError
from data.core.i18n import t
from data.core.settings import settings
from data.core.supervision import supervision

SETTLED_S = 30.0
"""A server that lived this long died by accident; a younger one will probably die again."""
MOST_FALLS = 5
"""After this many falls of young servers, or failed starts, in a row, ``up`` ends, so that whoever supervises it learns of it."""
FIRST_PAUSE_S = 1.0
ROTATION_LOOK_S = 60.0


class DatabaseLost(GridwellError):
    status, code = 503, "database_lost"
    sentence = "The embedded database server does not stay alive: {times} failures in a row. What it said is in {log}."


class DatabaseWatch:
    """Looks after one server.

    Args:
        lives: whether the server's main process lives; it is called often and must be quick.
        start: starts the server; it is called in a forked process.
        log: the server's log, for sentences.
    """

    def __init__(self, lives: Callable[[], bool], start: Callable[[], None], log: Path) -> None:
        self._lives, self._start, self._log = lives, start, log
        self._starter: int | None = None
        self._born = time.monotonic()
        self._due = 0.0
        self._falls = 0

    def look(self) -> None:
        """Start the server if it is dead; see how a start that was begun before went.

        Raises:
            DatabaseLost: it does not stay alive.
        """
        if self._starter is not None:
            self._check_starter(self._starter)
        elif not self._lives() and time.monotonic() >= self._due:
            self._begin()

    def end(self) -> None:
        """Break off a start; whoever ends the server afterwards ends what it began, too."""
        if self._starter is not None:
            os.kill(self._starter, signal.SIGKILL)
            os.waitpid(self._starter, 0)
            self._starter = None

    def _begin(self) -> None:
        if time.monotonic() - self._born >= SETTLED_S:
            self._falls = 0
        if self._falls >= MOST_FALLS:
            raise DatabaseLost(times=self._falls, log=self._log)
        supervision.add("database_starts")
        complain(t(language(), "The database server has ended by itself and is started again; {log} says more.", log=self._log))
        self._starter = fork_task(self._start)

    def _check_starter(self, pid: int) -> None:
        done, status = os.waitpid(pid, os.WNOHANG)
        if not done:
            return
        self._starter, now = None, time.monotonic()
        self._falls += 1  # forgotten once the server has lived for a while
        self._born, self._due = now, now + FIRST_PAUSE_S * 2 ** (self._falls - 1)
        code = os.waitstatus_to_exitcode(status)
        if code == 0:
            complain(t(language(), "The database server runs again."))
            return
        complain(t(language(), "The database server could not be started ({reason}).", reason=describe_end(code)))
        if self._falls >= MOST_FALLS:
            raise DatabaseLost(times=self._falls, log=self._log)


def watch_database() -> DatabaseWatch:
    """A watch of this state folder's server; of none, where the database is elsewhere (``DATABASE_URL``)."""
    from data.cluster.lease import restart_cluster
    from data.cluster.processes import postmaster
    from data.database.socket import paths

    home, elsewhere = settings().home, settings().database_url is not None
    where = paths(home)
    return DatabaseWatch(lambda: elsewhere or postmaster(where.data) is not None, lambda: restart_cluster(home, say), where.log)


class LogRotation:
    """Rotates the database server's log; called often, it looks once a minute."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._due = 0.0

    def look(self) -> None:
        """Rotate the log if it is time."""
        from data.cluster.log_files import rotate

        if (now := time.monotonic()) < self._due:
            return
        self._due = now + ROTATION_LOOK_S
        try:
            rotate(self._log)
        except OSError as error:
            complain(t(language(), "The log {log} could not be rotated ({reason}).", log=self._log, reason=error.strerror or error))
