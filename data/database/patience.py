"""Connections that do not wait for ever: PostgreSQL's own time limits say nothing while its whole server stands still.

A machine that swaps, a frozen container or a stopped process leaves every connection open and answers nothing. So the waiting side has a
limit of its own. A connection that reached it is closed, because nobody knows any more what would come back on it.
"""

from collections.abc import AsyncGenerator
from typing import Any, Self, TypeVar

import psycopg
from psycopg.abc import PQGen

from data.core.settings import settings
from data.database.psycopg_internals import WAIT_TIMED_OUT

T = TypeVar("T")
ANSWER_S = 5.0
"""A server that works answers within this time, in seconds, what costs it nothing: a beginning, a rollback, a request to cancel."""
_LOOK_EVERY_S = 0.1


class ServerSilent(psycopg.OperationalError):
    """The server said nothing within the limit. The connection is closed."""


class PatientConnection(psycopg.AsyncConnection[Any]):
    """A connection whose every wait for the server ends.

    Attributes:
        wait_s: the limit of a wait in seconds; ``None``: ``ANSWER_S``. Whoever runs a statement sets ``statement_wait_s()``, and afterwards
            ``None`` again.
    """

    wait_s: float | None = None

    @classmethod
    async def connect(cls, conninfo: str = "", **more: Any) -> Self:
        """Connect as the driver does; a connection that was not answered is closed at once.

        Raises:
            psycopg.OperationalError: there is no server, or it said nothing within its ``connect_timeout``.
        """
        try:
            return await super().connect(conninfo, **more)
        except psycopg.OperationalError as error:
            # The traceback holds the driver's frame, and with it the half-made connection, until garbage is collected. A server that goes
            # on after a while would take all of them, and have no place for anybody else.
            raise error.with_traceback(None) from None

    async def wait(self, gen: PQGen[T], interval: float = _LOOK_EVERY_S, timeout: float | None = None) -> T:  # noqa: ASYNC109 - as the driver
        """Wait for the server, as every method of the driver does.

        Raises:
            ServerSilent: it said nothing. A caller that names a ``timeout`` gets the driver's own error, and the connection stays open.
        """
        if timeout is not None:
            return await super().wait(gen, interval, timeout)
        limit_s = ANSWER_S if self.wait_s is None else self.wait_s
        try:
            return await super().wait(gen, interval, limit_s)
        except WAIT_TIMED_OUT:
            self.pgconn.finish()
            raise ServerSilent(f"the database server said nothing for {limit_s:g} s") from None

    def notifies(  # type: ignore[override]  # the driver's has no limit of its own; here one without would end after the usual wait
        self, *, timeout: float, stop_after: int | None = None
    ) -> AsyncGenerator[psycopg.Notify]:
        """Listen as the driver does. How long must be named: who listens waits through silence, which is no sign of a server that hangs."""
        return super().notifies(timeout=timeout, stop_after=stop_after)

    async def stop_statement(self) -> None:
        """Ask the server to stop what it does for this connection. One that stands still does not hear that either.

        Raises:
            psycopg.errors.CancellationTimeout: it did not hear it.
        """
        await self.cancel_safe(timeout=ANSWER_S)


def statement_wait_s() -> float:
    """Longest wait for one statement, in seconds: the server stops it after its own limit, and then has to say so."""
    return settings().statement_timeout_ms / 1000 + ANSWER_S
