"""Begins runs: each moment at which a schedule is due becomes one run with what goes to whom, however many processes look.

After a stop, what was missed is caught up; what is older than ``CAUGHT_UP`` or more than ``MOST_AT_ONCE`` is noted as missed.
"""

import logging
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from psycopg.rows import dict_row

from data.core.errors import GridwellError
from data.database.connections import Connection
from data.deadlines.calendar import Calendar
from data.deadlines.store import read_calendar
from data.reports.schedule import days_before, due_between, period_before
from data.reports.sending.model import HEAD, Recipient, make_recipients, make_rhythm
from data.reports.sending.recipients import find_heads

_log = logging.getLogger(__name__)

CAUGHT_UP = timedelta(days=31)
"""What was due earlier is not made after a stop: it is told as missed."""
MOST_AT_ONCE = 10
"""So many runs of one schedule are caught up, the newest; the others are told as missed."""
NAMES = uuid.UUID("6f2d5c5e-5a2c-4f7e-9a53-3f0d2b1c7a10")
"""Namespace of the ids of deliveries."""
_SCHEDULES = """
SELECT id, city, kind, step, area, level, rhythm, recipients, since, looked_until FROM report_schedule WHERE off_at IS NULL ORDER BY id
"""
# Locked, so that a change of the schedule and the beginning of a run come one after the other; whoever waited sees what is new.
_LOCK = """
SELECT id, city, kind, step, area, level, rhythm, recipients, since, looked_until FROM report_schedule
WHERE id = %s AND off_at IS NULL FOR UPDATE
"""
_LOOKED = "UPDATE report_schedule SET looked_until = %s WHERE id = %s"
_RUN = """
INSERT INTO report_run (schedule, due_at, period, first, last, missed, begun_at) VALUES (%s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (schedule, due_at) DO NOTHING RETURNING id
"""
_DELIVERY = """
INSERT INTO report_delivery (id, run, account, channel, target, area, to_head, state, failure, next_at, changed_at, lang)
VALUES (%(id)s, %(run)s, %(account)s, %(channel)s, %(target)s, %(area)s, %(to_head)s, %(state)s, %(failure)s, %(next_at)s, %(now)s,
    coalesce((SELECT a.lang FROM account a WHERE a.name = %(account)s), 'zh'))
ON CONFLICT (id) DO NOTHING
"""
_INSIDE = """
SELECT i.code FROM area a JOIN area i ON i.city = a.city AND i.level = %(level)s AND i.path <@ a.path
    AND i.origin NOT IN ('unplaced', 'none')
WHERE a.code = %(area)s ORDER BY i.code
"""
_SCOPES = "SELECT name, scope FROM account WHERE name = ANY(%s)"


@dataclass(frozen=True, slots=True)
class Due:
    """A run of a schedule, for what is added to it."""

    run: int
    schedule: int
    city: str
    moment: datetime


def begin_runs(connection: Connection, now: datetime) -> int:
    """Begin what is due; returns how many runs began. Each schedule in its own transaction: one that cannot be read hinders no other.

    Args:
        connection: the owner's, in autocommit.
        now: the moment.
    """
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_SCHEDULES).fetchall()
    begun = 0
    for row in rows:
        try:
            if _due(row, read_calendar(connection, row["city"]), now):
                with connection.transaction():
                    begun += _begin(connection, row["id"], now)
        except (GridwellError, ValueError, TypeError, KeyError, psycopg.Error) as error:
            if connection.closed:
                raise
            _log.error("schedule %d of reports cannot be read: %s", row["id"], error)
    return begun


def _due(row: dict[str, Any], calendar: Calendar, now: datetime) -> list[datetime]:
    looked = row["looked_until"]
    if looked is not None and looked > now:  # the clock was set back: the unique key keeps out what was begun
        looked = now - CAUGHT_UP
    after = row["since"] if looked is None else max(row["since"], looked)
    return due_between(make_rhythm(row["rhythm"]), after, now, calendar)


def _begin(connection: Connection, schedule: int, now: datetime) -> int:
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(_LOCK, [schedule]).fetchone()
    if row is None:
        return 0
    calendar = read_calendar(connection, row["city"])
    due = _due(row, calendar, now)
    made = {moment for moment in due[-MOST_AT_ONCE:] if moment >= now - CAUGHT_UP}
    recipients = make_recipients(row["recipients"])
    begun = 0
    for moment in due:
        day = calendar.local_day(moment)
        first, last = days_before(row["step"], day)
        values = [schedule, moment, period_before(row["step"], day), first, last, moment not in made, now]
        run = connection.execute(_RUN, values).fetchone()
        if run is None:
            continue
        begun += 1
        if moment in made:
            _add_deliveries(connection, row, Due(run[0], schedule, row["city"], moment), recipients, now)
    connection.execute(_LOOKED, [now, schedule])
    return begun


def _add_deliveries(connection: Connection, row: dict[str, Any], due: Due, recipients: Sequence[Recipient], now: datetime) -> None:
    areas = [row["area"]]
    if row["level"]:
        areas = [code for (code,) in connection.execute(_INSIDE, {"area": row["area"], "level": row["level"]})]
    scopes: dict[str, str] = dict(connection.execute(_SCOPES, [[one.account for one in recipients]]).fetchall())
    heads = find_heads(connection, areas) if any(one.account == HEAD for one in recipients) else {}
    for one in recipients:
        for area in _areas_of(one, scopes.get(one.account, ""), areas):
            if one.account == HEAD:
                add_heads(connection, due, one, area, heads.get(area, ()), now)
            else:
                _add(connection, due, one, area, now)


def add_heads(connection: Connection, due: Due, recipient: Recipient, area: str, heads: Sequence[str], now: datetime) -> None:
    """What goes to those who lead an area; where nobody does, that is told as what could not be sent."""
    for account in heads:
        _add(connection, due, recipient.of_head(account, area), area, now, to_head=True)
    if not heads:
        _add(connection, due, recipient, area, now, to_head=True, failure="no_head")


def _add(
    connection: Connection, due: Due, one: Recipient, area: str, now: datetime, to_head: bool = False, failure: str | None = None
) -> None:
    told = {"account": one.account, "channel": one.channel, "target": one.target, "area": area, "to_head": to_head, "failure": failure}
    of = delivery_id(due.city, due.schedule, due.moment, one, area)
    stands = {"state": "failed", "next_at": None} if failure else {"state": "making", "next_at": now}
    connection.execute(_DELIVERY, {**told, **stands, "id": of, "run": due.run, "now": now})


def _areas_of(recipient: Recipient, scope: str, areas: Sequence[str]) -> Sequence[str]:
    """Of which areas somebody receives the reports. One that is not there is kept, so that it is told."""
    if recipient.area:
        return [recipient.area]
    return [scope] if scope in areas else areas


def delivery_id(city: str, schedule: int, moment: datetime, recipient: Recipient, area: str) -> uuid.UUID:
    """The same for the same: after a restore from a backup, what is sent again has the Message-ID of the first time."""
    told = (city, str(schedule), moment.astimezone(UTC).isoformat(), recipient.account, recipient.channel, recipient.target, area)
    return uuid.uuid5(NAMES, "\0".join(told))


def forget_old(connection: Connection, now: datetime) -> int:
    """Delete runs of long ago with what was sent; reports stay."""
    return connection.execute("DELETE FROM report_run WHERE due_at < %s", [now - KEPT]).rowcount


KEPT = timedelta(days=800)
"""Runs, deliveries and receipts are kept for so long."""
