"""Sends the messages that wait, tries again with growing pauses, and gives up after a day.

A try is noted before it is made, so a message may arrive twice where the server died in between, with the same id; it is never lost.
"""

import json
import logging
import ssl
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from data.database.connections import Connection
from data.database.locks import SENDING
from data.database.rounds import Rounds, run_rounds
from data.notices import mail, web_hook
from data.notices.failures import NotSent

_log = logging.getLogger(__name__)

PAUSES_MIN = (1, 5, 15, 60, 240, 480, 720)
"""Minutes before each further try."""
KEPT = timedelta(days=30)
"""Messages are kept for so long after they were sent or given up."""
_MOST = 50
_NOT_SET, _FAULT = "not_set", "fault"
_TAKE = """
UPDATE notice SET tries = tries + 1, next_at = %(now)s::timestamptz + make_interval(mins => (%(pauses)s::int[])[least(tries + 1, %(last)s)])
WHERE id IN (
    SELECT id FROM notice WHERE sent_at IS NULL AND given_up_at IS NULL AND next_at <= %(now)s ORDER BY next_at LIMIT %(most)s)
RETURNING id, city, channel, target, body, tries
"""
_SENT = "UPDATE notice SET sent_at = %s, failure = NULL WHERE id = %s"
_FAILED = "UPDATE notice SET failure = %s, given_up_at = %s WHERE id = %s"
_OLD = "DELETE FROM notice WHERE coalesce(sent_at, given_up_at) < %s"


@dataclass(frozen=True, slots=True)
class _Message:
    id: int
    city: str
    channel: str
    target: str
    body: dict[str, Any]
    tries: int


def send_waiting(
    connection: Connection, now: datetime, context: ssl.SSLContext | None = None, ending: Callable[[], bool] = lambda: False
) -> tuple[int, int]:
    """Send what waits; returns how many messages were sent, and how many were not.

    Args:
        connection: the owner's, in autocommit.
        now: the moment; messages are tried that are due then.
        context: for certificates of mail servers.
        ending: asked before each message; true ends the round.
    """
    bound = {"now": now, "pauses": list(PAUSES_MIN), "last": len(PAUSES_MIN), "most": _MOST}
    sent = failed = 0
    for message in [_Message(*row) for row in connection.execute(_TAKE, bound).fetchall()]:
        if ending():
            break
        failure = _try_sending(message, now, context)
        if failure is None:
            sent += 1
            connection.execute(_SENT, [now, message.id])
            continue
        failed += 1
        over = failure.final or failure.code == _NOT_SET or message.tries > len(PAUSES_MIN)
        connection.execute(_FAILED, [failure.code, now if over else None, message.id])
        if over:
            _log.warning("notice %d (%s) was given up: %s", message.id, message.channel, failure.code)
    return sent, failed


def _try_sending(message: _Message, now: datetime, context: ssl.SSLContext | None) -> NotSent | None:
    """Send a message; returns why it was not sent."""
    try:
        _send(message, now, context)
    except NotSent as error:
        return error
    except Exception as error:  # whatever one message does: the others must not wait for it
        # Its text may hold the address of a person.
        _log.error("notice %d (%s) cannot be handled: %s", message.id, message.channel, type(error).__name__)
        return NotSent(_FAULT, final=True)
    return None


def _send(message: _Message, now: datetime, context: ssl.SSLContext | None) -> None:
    name = f"notice_{message.id}"
    if message.channel == "mail":
        mail.send(message.target, name, message.body, context)
    else:
        body = json.dumps(message.body, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
        web_hook.post(message.target, name, int(now.timestamp()), body)


def delete_old(connection: Connection, now: datetime) -> int:
    """Delete messages that were sent or given up long ago."""
    return connection.execute(_OLD, [now - KEPT]).rowcount


class Sender(Rounds):
    """Sends what waits until it is closed, in a thread of its own. Only one sender of a database works at a time."""

    session, lock, failing = "gridwell notices", SENDING, "notices cannot be sent"

    def look(self, connection: Connection) -> None:
        """Send what waits, and delete what is old."""
        now = datetime.now(UTC)
        send_waiting(connection, now, ending=self.is_ending)
        delete_old(connection, now)


def run_sender() -> AbstractAsyncContextManager[None]:
    """Let a sender work for as long as the block lasts."""
    return run_rounds(Sender())
