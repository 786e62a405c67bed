"""Deletes rows of the register whose last day is over, once a day, with a report in the audit log. The log itself is never deleted.

It asks first where the date can hardly be right (``data.upkeep.plausible_time``), or where more rows would go than usual: then nothing is
deleted until an operator confirms the number.
"""

import logging
from collections.abc import Container, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Literal

import psycopg
from psycopg import sql

from data import rollup
from data.auditing.owner_entries import append_as_owner
from data.auditing.owner_rows import OWNERS
from data.core.timezones import zone
from data.database.connections import Connection
from data.database.locks import LOADING
from data.privacy.rounding import band
from data.upkeep.plausible_time import ClockDoubt, doubt_clock

_log = logging.getLogger(__name__)

ACTION, FAILED, HELD = "retention", "retention_failed", "retention_held"
LOG_DAYS = 180
"""The law requires to keep logs for at least so many days (网络安全法, article 21). Gridwell never deletes a row of the audit log."""

USUAL_ROWS, USUAL_SHARE, TIMES_USUAL = 20, 0.05, 3
"""Up to so many rows go without a question; more, too, if they are at most this share of all, or at most so many times the most that ever
went on one day.
"""

# The rows to delete are looked up once, and are deleted by these keys. The figures of their cells and buildings follow.
_FIND = "CREATE TEMP TABLE overdue_person ON COMMIT DROP AS SELECT district, id FROM person WHERE city = %s AND retain_until < %s"
_DELETE = "DELETE FROM person p USING overdue_person o WHERE p.district = o.district AND p.id = o.id"
_DELETE_REPORTERS = "DELETE FROM incident_reporter WHERE city = %s AND retain_until < %s"
_COUNT = """
SELECT (SELECT count(*) FROM person WHERE city = %(city)s AND retain_until < %(today)s),
    (SELECT count(*) FROM incident_reporter WHERE city = %(city)s AND retain_until < %(today)s)
"""
_ALL = """
SELECT (SELECT count(*) FROM person WHERE city = %(city)s), (SELECT count(*) FROM incident_reporter WHERE city = %(city)s)
"""
_MOST_EVER = f"""
SELECT coalesce(max(CASE jsonb_typeof(detail -> 'people') WHEN 'number' THEN (detail ->> 'people')::bigint END), 0),
    coalesce(max(CASE jsonb_typeof(detail -> 'reporters') WHEN 'number' THEN (detail ->> 'reporters')::bigint END), 0)
FROM audit_log WHERE action = %s AND subject = %s AND {OWNERS}
"""  # noqa: S608 - ours
_AHEAD = """
SELECT city, count(*)::int, min(retain_until) FROM (
    SELECT city, retain_until FROM person WHERE retain_until IS NOT NULL
    UNION ALL SELECT city, retain_until FROM incident_reporter WHERE retain_until IS NOT NULL
) r GROUP BY city ORDER BY city
"""
# By the database's own clock: the date is in doubt. A row that a wrong clock dated ahead must not silence this for years.
_TOLD_LATELY = """
SELECT EXISTS (
    SELECT FROM audit_log WHERE action = %s AND subject = %s AND at > now() - interval '23 hours' AND at <= now() + interval '1 hour')
"""
_DONE = f"""
SELECT EXISTS (SELECT FROM audit_log WHERE action = %s AND subject = %s AND at >= %s AND {OWNERS})
"""  # noqa: S608 - ours


@dataclass(frozen=True, slots=True)
class Report:
    """What was or would be deleted in a city.

    Attributes:
        city: its code.
        today: the current day there: rows whose last day is before it are deleted.
        people: rows of the register.
        reporters: rows of people who reported a case.
    """

    city: str
    today: date
    people: int
    reporters: int


@dataclass(frozen=True, slots=True)
class Failure:
    """A city in which nothing could be deleted: rows whose last day is over are still there.

    Attributes:
        city: its code.
        today: the day there.
        reason: PostgreSQL's name of the error. Not its message, because that may contain the row.
    """

    city: str
    today: date
    reason: str


@dataclass(frozen=True, slots=True)
class Held:
    """A city in which nothing is deleted before an operator confirms it.

    Attributes:
        report: what would be deleted.
        reason: the date can hardly be right, or the share of the rows is unusual.
        people, reporters: how many rows there are.
        doubt: what is wrong with the date.
    """

    report: Report
    reason: Literal["clock", "share"]
    people: int
    reporters: int
    doubt: ClockDoubt | None = None

    @property
    def rows(self) -> int:
        """How many rows would go: the number to confirm."""
        return self.report.people + self.report.reporters


def list_held(connection: Connection, now: datetime) -> list[Held]:
    """Cities in which nothing is deleted before an operator confirms it."""
    doubt = doubt_clock(connection, now)
    found = [_judge(connection, city, _today(timezone, now), doubt) for city, timezone in _cities(connection)]
    return [held for held in found if held is not None]


def count_overdue(connection: Connection, now: datetime) -> list[Report]:
    """What would be deleted of each city, without deleting it."""
    return [_counted(connection, city, _today(timezone, now)) for city, timezone in _cities(connection)]


def list_dated(connection: Connection) -> list[tuple[str, int, date]]:
    """For each city with rows that have a last day: its code, the number of these rows, and the earliest of the days."""
    return connection.execute(_AHEAD).fetchall()


def delete_overdue(
    connection: Connection, now: datetime, by: str | None = None, confirmed: Container[str] = ()
) -> Iterator[Report | Failure | Held]:
    """Delete rows whose last day is over: each city in a separate transaction, with its roll-ups and its row in the audit log.

    A failure in one city does not stop the others: it is returned, and noted in the audit log.

    Args:
        connection: the owner's, in autocommit.
        now: the moment, with its zone; days begin and end in the city's time zone.
        by: whose doing it is, see ``data.auditing.owner_entries.append_as_owner``.
        confirmed: cities in which an operator has confirmed it.

    Raises:
        psycopg.Error: the connection is lost, or somebody stopped it.
    """
    doubt = doubt_clock(connection, now)
    for city, timezone in _cities(connection):
        today = _today(timezone, now)
        held = None if city in confirmed else _judge(connection, city, today, doubt)
        yield held or _tried(connection, city, today, by)


def delete_daily(connection: Connection, now: datetime, by: str) -> list[Report | Failure | Held]:
    """The same for cities in which, by the audit log, it was not done today. A city that somebody is changing right now has to wait.

    A failure, and that an operator has to confirm it, are noted once a day, however often the deletion is tried.
    """
    doubt = doubt_clock(connection, now)
    done: list[Report | Failure | Held] = []
    for city, timezone in _cities(connection):
        today = _today(timezone, now)
        midnight = datetime.combine(today, time(), zone(timezone))
        if _noted(connection, ACTION, city, midnight):
            continue
        with connection.transaction():
            if connection.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOADING]).fetchone() == (True,):
                held = _judge(connection, city, today, doubt)
                if held is not None and connection.execute(_TOLD_LATELY, [HELD, city]).fetchone() == (False,):
                    _note_held(connection, held, by)
                done.append(held or _tried(connection, city, today, by, again=_noted(connection, FAILED, city, midnight)))
    return done


def _judge(connection: Connection, city: str, today: date, doubt: ClockDoubt | None) -> Held | None:
    """Whether an operator has to confirm what would be deleted."""
    report, row = _counted(connection, city, today), connection.execute(_ALL, {"city": city}).fetchone()
    people, reporters = row or (0, 0)
    if doubt is not None:
        return Held(report, "clock", people, reporters, doubt)
    usual = connection.execute(_MOST_EVER, [ACTION, city]).fetchone() or (0, 0)
    going = zip((report.people, report.reporters), (people, reporters), usual, strict=True)
    unusual = any(gone > max(USUAL_ROWS, USUAL_SHARE * there, TIMES_USUAL * most) for gone, there, most in going)
    return Held(report, "share", people, reporters) if unusual else None


def _note_held(connection: Connection, held: Held, by: str) -> None:
    report = held.report
    told = {"today": report.today.isoformat(), "people": band(report.people), "reporters": band(report.reporters), "held": held.reason}
    if held.doubt is not None:
        told["last_known"] = held.doubt.known.date().isoformat()
    append_as_owner(connection, HELD, report.city, told, by)


def _noted(connection: Connection, action: str, city: str, since: datetime) -> bool:
    return connection.execute(_DONE, [action, city, since]).fetchone() == (True,)


def _tried(connection: Connection, city: str, today: date, by: str | None, again: bool = False) -> Report | Failure:
    """Delete the rows of one city. ``again``: a failure is already noted today."""
    try:
        return _delete(connection, city, today, by)
    except psycopg.Error as error:
        if connection.closed or isinstance(error, psycopg.errors.QueryCanceled):  # somebody has asked it to stop
            raise
        failure = Failure(city, today, " ".join(filter(None, [type(error).__name__, error.sqlstate])))
    _log.warning("rows whose last day is over could not be deleted in %s: %s", city, failure.reason)
    if not again:
        with connection.transaction():
            append_as_owner(connection, FAILED, city, {"today": today.isoformat(), "reason": failure.reason}, by)
    return failure


def _delete(connection: Connection, city: str, today: date, by: str | None) -> Report:
    with connection.transaction():
        connection.execute("SET LOCAL statement_timeout = 0")
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [LOADING])
        people = connection.execute(_FIND, [city, today]).rowcount
        if people:
            with rollup.changing_persons(connection, city, table=sql.Identifier("overdue_person")):
                people = connection.execute(_DELETE).rowcount
        connection.execute("DROP TABLE overdue_person")
        report = Report(city, today, people, connection.execute(_DELETE_REPORTERS, [city, today]).rowcount)
        told = {"today": today.isoformat(), "people": band(report.people), "reporters": band(report.reporters)}
        append_as_owner(connection, ACTION, city, told, by)
    return report


def _cities(connection: Connection) -> list[tuple[str, str]]:
    return connection.execute("SELECT code, timezone FROM city ORDER BY code").fetchall()


def _today(timezone: str, now: datetime) -> date:
    return now.astimezone(zone(timezone)).date()


def _counted(connection: Connection, city: str, today: date) -> Report:
    row = connection.execute(_COUNT, {"city": city, "today": today}).fetchone()
    assert row is not None  # noqa: S101 - a count gives a row
    return Report(city, today, *row)
