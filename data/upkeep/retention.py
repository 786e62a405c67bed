"""Deletes rows of the register whose last day is over, once a day, with a report in the audit log. The log itself is never deleted."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time

import psycopg
from psycopg import sql

from data import rollup
from data.auditing.owner_entries import append_as_owner
from data.core.timezones import zone
from data.database.connections import Connection
from data.database.locks import LOADING
from data.privacy.rounding import band

_log = logging.getLogger(__name__)

ACTION, FAILED = "retention", "retention_failed"
LOG_DAYS = 180
"""The law requires to keep logs for at least so many days (网络安全法, article 21). Gridwell never deletes a row of the audit log."""

# The rows to delete are looked up once, and are deleted by these keys. The figures of their cells and buildings follow.
_FIND = "CREATE TEMP TABLE overdue_person ON COMMIT DROP AS SELECT district, id FROM person WHERE city = %s AND retain_until < %s"
_DELETE = "DELETE FROM person p USING overdue_person o WHERE p.district = o.district AND p.id = o.id"
_DELETE_REPORTERS = "DELETE FROM incident_reporter WHERE city = %s AND retain_until < %s"
_COUNT = """
SELECT (SELECT count(*) FROM person WHERE city = %(city)s AND retain_until < %(today)s),
    (SELECT count(*) FROM incident_reporter WHERE city = %(city)s AND retain_until < %(today)s)
"""
_AHEAD = """
SELECT city, count(*)::int, min(retain_until) FROM (
    SELECT city, retain_until FROM person WHERE retain_until IS NOT NULL
    UNION ALL SELECT city, retain_until FROM incident_reporter WHERE retain_until IS NOT NULL
) r GROUP BY city ORDER BY city
"""
_DONE = "SELECT EXISTS (SELECT FROM audit_log WHERE action = %s AND subject = %s AND at >= %s)"


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


def count_overdue(connection: Connection, now: datetime) -> list[Report]:
    """What would be deleted of each city, without deleting it."""
    return [_counted(connection, city, _today(timezone, now)) for city, timezone in _cities(connection)]


def list_dated(connection: Connection) -> list[tuple[str, int, date]]:
    """For each city with rows that have a last day: its code, the number of these rows, and the earliest of the days."""
    return connection.execute(_AHEAD).fetchall()


def delete_overdue(connection: Connection, now: datetime, by: str | None = None) -> Iterator[Report | Failure]:
    """Delete rows whose last day is over: each city in a separate transaction, with its roll-ups and its row in the audit log.

    A failure in one city does not stop the others: it is returned, and noted in the audit log.

    Args:
        connection: the owner's, in autocommit.
        now: the moment, with its zone; days begin and end in the city's time zone.
        by: whose doing it is, see ``data.auditing.owner_entries.append_as_owner``.

    Raises:
        psycopg.Error: the connection is lost, or somebody stopped it.
    """
    for city, timezone in _cities(connection):
        yield _tried(connection, city, _today(timezone, now), by)


def delete_daily(connection: Connection, now: datetime, by: str) -> list[Report | Failure]:
    """The same for cities in which, by the audit log, it was not done today. A city that somebody is changing right now has to wait.

    A failure is noted once a day, however often the deletion is tried.
    """
    done: list[Report | Failure] = []
    for city, timezone in _cities(connection):
        today = _today(timezone, now)
        midnight = datetime.combine(today, time(), zone(timezone))
        if _noted(connection, ACTION, city, midnight):
            continue
        with connection.transaction():
            if connection.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOADING]).fetchone() == (True,):
                done.append(_tried(connection, city, today, by, again=_noted(connection, FAILED, city, midnight)))
    return done


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
