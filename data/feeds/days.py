"""How each feed stood at the end of each day: written as deliveries land, as due moments pass, at midnight, or for a whole past.

Whichever way, the rows are the same: a day depends on what came by its end alone. Records and completeness of a day are those that the
newest delivery found when it was landed (``records``, ``filled`` and ``fields`` of its report), not those of today's tables. Which due
moment a delivery answers is settled when it is landed, and stays.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from psycopg.rows import dict_row

from data.database.connections import Connection
from data.deadlines.calendar import Calendar
from data.deadlines.store import read_calendar
from data.feeds.contracts import read_agreement
from data.feeds.holding import keep_held
from data.feeds.schedule import Due, list_dues
from data.feeds.states import Delivery, Outcome, answer_dues, is_due_on, stand_at

_ONE_DAY = timedelta(days=1)
_OUTCOMES: dict[str, Outcome] = {
    **{"received": "waiting", "landing": "waiting", "landed": "landed", "replaced": "landed", "empty": "empty", "failed": "failed"}
}
_DELIVERIES = """
SELECT id, received_at, state, due_at, (report ->> 'records')::bigint AS records, (report ->> 'filled')::float8 AS filled,
    (report ->> 'fields')::float8 AS fields
FROM feed_delivery WHERE city = %s AND feed = %s ORDER BY received_at, id
"""
_OF_DELIVERY = """
SELECT d.city, d.feed, d.received_at, coalesce((SELECT max(s.day) FROM feed_day s WHERE s.city = d.city AND s.feed = d.feed), f.valid_from)
FROM feed_delivery d JOIN feed f ON f.city = d.city AND f.code = d.feed WHERE d.id = %s
"""
_WRITTEN = ("state", "late_days", "due_at", "arrived_at", "records", "completeness", "is_due")
_WRITE = f"""
INSERT INTO feed_day (city, day, feed, department, level, {", ".join(_WRITTEN)})
SELECT f.city, %(day)s, f.code, f.department, f.level, {", ".join(f"%({name})s" for name in _WRITTEN)}
FROM feed f WHERE f.city = %(city)s AND f.code = %(feed)s
ON CONFLICT (city, day, feed) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in _WRITTEN)}
WHERE ({", ".join(f"feed_day.{name}" for name in _WRITTEN)}) IS DISTINCT FROM ({", ".join(f"excluded.{name}" for name in _WRITTEN)})
"""  # noqa: S608 - names of ours


@dataclass(frozen=True, slots=True)
class _Held:
    """What was in the tables after a delivery."""

    at: datetime
    records: int
    completeness: float | None


@dataclass(frozen=True, slots=True)
class History:
    """All that the days of a feed follow from.

    Attributes:
        dues: due moments up to today, and the next one.
        deliveries: each with the due moment that it answers.
        held: what was in the tables, the oldest first.
    """

    dues: Sequence[Due]
    deliveries: Sequence[Delivery]
    held: Sequence[_Held]


def write_days(
    connection: Connection, city: str, feed: str, first: date, now: datetime, calendar: Calendar | None = None
) -> datetime | None:
    """Write the days of a feed from one on to today, in the caller's transaction; today is as it stands now.

    Returns:
        The next moment at which something of today may change without a delivery; ``None``: there is no such feed.
    """
    known = calendar or read_calendar(connection, city)
    agreement = read_agreement(connection, city, feed)
    if agreement is None:
        return None
    today = known.local_day(now)
    history = _read_history(connection, city, feed, list_dues(agreement, known, today))
    _settle(connection, history.deliveries)
    last = min(today, agreement.valid_to or today)
    day, rows = max(first, agreement.valid_from), []
    while day <= last:
        end = now if day == today else known.end_of_day(day)
        rows.append({"city": city, "feed": feed, "day": day, **_tell_day(history, day, end, known)})
        day += _ONE_DAY
    with connection.cursor() as cursor:
        cursor.executemany(_WRITE, rows)
    return min((due.limit for due in history.dues if due.limit >= now), default=known.whole_day(today)[1])


def _read_history(connection: Connection, city: str, feed: str, dues: Sequence[Due]) -> History:
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_DELIVERIES, [city, feed]).fetchall()
    come = [Delivery(row["id"], row["received_at"], _OUTCOMES[row["state"]], row["due_at"]) for row in rows]
    held = [
        _Held(row["received_at"], row["records"], row["filled"] / row["fields"] if row["fields"] else None)
        for row in rows
        if row["records"] is not None
    ]
    return History(dues, answer_dues(dues, come), held)


def _settle(connection: Connection, deliveries: Sequence[Delivery]) -> None:
    """Keep which due moment each delivery answers, up to the first one that still waits: what becomes of it decides on the next ones."""
    for one in deliveries:
        if one.outcome == "waiting":
            return
        if one.due_at is not None:
            connection.execute("UPDATE feed_delivery SET due_at = %s WHERE id = %s AND due_at IS NULL", [one.due_at, one.no])


def _tell_day(history: History, day: date, end: datetime, calendar: Calendar) -> dict[str, Any]:
    found = stand_at(end, history.dues, history.deliveries, calendar)
    held = next((one for one in reversed(history.held) if one.at <= end), None)
    return {
        "state": found.state,
        "late_days": found.late_days,
        "due_at": found.due_at,
        "arrived_at": found.arrived_at,
        "records": held.records if held else 0,
        "completeness": held.completeness if held else None,
        "is_due": is_due_on(history.dues, day),
    }


def after_delivery(connection: Connection, delivery: int, now: datetime) -> None:
    """Write the days that a delivery changes, and those since the last one that is written; in the transaction of what became of it."""
    row = connection.execute(_OF_DELIVERY, [delivery]).fetchone()
    if row is None:
        return
    city, feed, received_at, newest = row
    keep_held(connection, city, feed, delivery)
    calendar = read_calendar(connection, city)
    write_days(connection, city, feed, min(newest, calendar.local_day(received_at)), now, calendar)


def recount(connection: Connection, city: str, first: date, now: datetime) -> int:
    """Write all days of a city's feeds from one on, in the caller's transaction; returns the number of feeds."""
    calendar = read_calendar(connection, city)
    feeds = [code for (code,) in connection.execute("SELECT code FROM feed WHERE city = %s ORDER BY code", [city]).fetchall()]
    for feed in feeds:
        write_days(connection, city, feed, first, now, calendar)
    return len(feeds)
