"""The register's rows that may be kept no longer: deleted once a day, with a report in the audit log. That log itself is never deleted."""

import logging
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime, time

import psycopg
from psycopg import sql

from data import rollup
from data.auditing.owner_entries import append_as_owner
from data.core.timezones import zone
from data.database.connections import Connection
from data.database.locks import LOADING

_log = logging.getLogger(__name__)

ACTION, FAILED = "retention", "retention_failed"
LOG_DAYS = 180
"""Days for which the law wants logs kept at least (网络安全法, article 21). Nothing in Gridwell deletes a row of the audit log at all."""

# What is deleted is looked up once, and changed by these keys: figures of its cells and buildings follow.
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
    """What was deleted of a city, or would be.

    Attributes:
        city: its code.
        today: the day there: what might be kept until the day before is gone.
        people: rows of the register.
        reporters: rows of who reported a case.
    """

    city: str
    today: date
    people: int
    reporters: int


@dataclass(frozen=True, slots=True)
class Failure:
    """A city in which nothing could be deleted: what may be kept no longer is still there.

    Attributes:
        city: its code.
        today: the day there.
        reason: what PostgreSQL calls it. No more: its sentence may hold the row that it is about.
    """

    city: str
    today: date
    reason: str


def count_overdue(connection: Connection, now: datetime) -> list[Report]:
    """What would be deleted of each city, without deleting it."""
    return [_counted(connection, city, _today(timezone, now)) for city, timezone in _cities(connection)]


def list_dated(connection: Connection) -> list[tuple[str, int, date]]:
    """Of each city that has any: its code, how many rows have a last day, and the first of these days."""
    return connection.execute(_AHEAD).fetchall()


def delete_overdue(connection: Connection, now: datetime, by: str | None = None) -> Iterator[Report | Failure]:
    """Delete what may be kept no longer, each city in a transaction of its own, with its roll-ups and its row in the audit log.

    A city in which that fails does not keep the others from it: the failure is told, and noted in the audit log.

    Args:
        connection: the owner's, in autocommit.
        now: the moment, with its zone; days begin and end in the city's.
        by: whose doing it is, see ``data.auditing.owner_entries.append_as_owner``.

    Raises:
        psycopg.Error: the connection is lost, or somebody stopped it.
    """
    for city, timezone in _cities(connection):
        yield _tried(connection, city, _today(timezone, now), by)


def delete_daily(connection: Connection, now: datetime, by: str) -> list[Report | Failure]:
    """The same for cities in which it was not done today yet, as the audit log knows; a city that somebody is changing has to wait.

    A failure is noted once a day, however often it is tried.
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
    """Delete of one city. ``again``: that it fails is noted already."""
    try:
        return _delete(connection, city, today, by)
    except psycopg.Error as error:
        if connection.closed or isinstance(error, psycopg.errors.QueryCanceled):  # somebody wants it to stop
            raise
        failure = Failure(city, today, " ".join(filter(None, [type(error).__name__, error.sqlstate])))
    _log.warning("what may be kept no longer could not be deleted in %s: %s", city, failure.reason)
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
        told = asdict(report)
        append_as_owner(connection, ACTION, told.pop("city"), {**told, "today": today.isoformat()}, by)
    return report


def _cities(connection: Connection) -> list[tuple[str, str]]:
    return connection.execute("SELECT code, timezone FROM city ORDER BY code").fetchall()


def _today(timezone: str, now: datetime) -> date:
    return now.astimezone(zone(timezone)).date()


def _counted(connection: Connection, city: str, today: date) -> Report:
    row = connection.execute(_COUNT, {"city": city, "today": today}).fetchone()
    assert row is not None  # noqa: S101 - a count gives a row
    return Report(city, today, *row)
