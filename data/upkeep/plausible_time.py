"""Whether this machine's clock can be right. A wrong date must not delete what may be kept for years.

Time services do not help here: they may set the wrong date themselves. What counts is the audit log. From the last row whose date was
trusted, its rows lead to the present in steps of at most ``MOST_GAP``; rows that a wrong clock dated far ahead are left out, so that
everything goes on by itself when the clock is right again. While the process runs, its monotonic clock tells of a jump at once.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic

from data.auditing.owner_entries import append_as_owner
from data.auditing.owner_rows import OWNERS
from data.database.connections import Connection

CONFIRMED = "clock_confirmed"
"""Action of the row that says: an operator has looked at the date, and it is right."""
TRUSTED = (CONFIRMED, "retention")
"""Actions whose rows are written only while the date is plausible, or by an operator who has confirmed it."""
MOST_GAP = timedelta(days=31)
"""A server that was off for longer than this asks before it deletes."""
MOST_BACK = timedelta(hours=1)
NOT_BEFORE = datetime(2026, 10, 1, tzinfo=UTC)
"""This code was written later: a clock that shows an earlier moment is wrong."""
_JUDGE_EVERY_S, _JUMP_S = 3_600.0, 300.0

_LAST_TRUSTED = f"SELECT no, at FROM audit_log WHERE action = ANY(%s) AND {OWNERS} ORDER BY no DESC LIMIT 1"  # noqa: S608 - ours
_SINCE = "SELECT min(at), max(at) FROM audit_log WHERE no > %s GROUP BY date_trunc('day', at) ORDER BY min(no)"


@dataclass(frozen=True, slots=True)
class ClockDoubt:
    """A date that can hardly be right.

    Attributes:
        now: what the clock shows.
        known: the newest moment that is known to be over.
    """

    now: datetime
    known: datetime

    def __str__(self) -> str:
        return f"{self.now:%Y-%m-%d %H:%M} ≠ {self.known:%Y-%m-%d %H:%M} UTC"


def doubt_clock(connection: Connection, now: datetime) -> ClockDoubt | None:
    """Compare a moment with the audit log; ``None`` where it is plausible.

    Args:
        connection: the owner's.
        now: what the clock shows, with its zone.
    """
    trusted = connection.execute(_LAST_TRUSTED, [list(TRUSTED)]).fetchone()
    number, known = trusted or (0, None)
    known = follow_steps(known, connection.execute(_SINCE, [number]).fetchall())
    if now < max(NOT_BEFORE, known or NOT_BEFORE) - MOST_BACK:
        return ClockDoubt(now.astimezone(UTC), max(NOT_BEFORE, known or NOT_BEFORE).astimezone(UTC))
    if known is not None and now > known + MOST_GAP:
        return ClockDoubt(now.astimezone(UTC), known.astimezone(UTC))
    return None


def follow_steps(known: datetime | None, days: Iterable[tuple[datetime, datetime]]) -> datetime | None:
    """The newest moment that days of the log lead to, from a trusted one, in steps that are not too long.

    Args:
        known: the trusted moment; ``None``: the first day is trusted.
        days: the first and the last moment of each day, in the order of their rows.
    """
    for first, last in days:
        if known is None or (last >= known and first <= known + MOST_GAP):
            known = last
    return known


def confirm_clock(connection: Connection, now: datetime, by: str | None = None) -> None:
    """Note that an operator has confirmed the date, in the caller's transaction.

    Args:
        connection: the owner's.
        now: what the clock shows.
        by: who confirms it, see ``data.auditing.owner_entries.append_as_owner``.
    """
    append_as_owner(connection, CONFIRMED, "", {"today": now.astimezone(UTC).date().isoformat()}, by)


class ClockWatch:
    """Remembers a judgement for an hour, unless the clock jumps meanwhile."""

    def __init__(self) -> None:
        self._judged: tuple[float, datetime] | None = None
        self._doubt: ClockDoubt | None = None

    def doubt(self, connection: Connection, now: datetime) -> ClockDoubt | None:
        """See ``doubt_clock``."""
        if self._doubt is not None or self._judged is None or self._is_due(now, *self._judged):
            self._doubt, self._judged = doubt_clock(connection, now), (monotonic(), now)
        return self._doubt

    def _is_due(self, now: datetime, judged_s: float, judged_at: datetime) -> bool:
        passed_s = monotonic() - judged_s
        return passed_s >= _JUDGE_EVERY_S or abs((now - judged_at).total_seconds() - passed_s) > _JUMP_S
