"""Once a day: calendars follow the library, and provisional deadlines are worked out again when a year's notice has come."""

import logging
from datetime import UTC, datetime, timedelta

import psycopg

from data.auditing.owner_entries import append_as_owner
from data.database.connections import Connection
from data.deadlines import store
from data.deadlines.recomputing import recompute

_log = logging.getLogger(__name__)
_EVERY = timedelta(days=1)
_DUE = "SELECT city FROM city_calendar WHERE region IS NOT NULL AND read_at < %s ORDER BY city"


def refresh_calendars(connection: Connection, now: datetime, by: str | None = None) -> dict[str, int]:
    """Bring the calendars that were not looked at for a day to what the library knows, each city in a transaction of its own.

    Args:
        connection: the owner's, in autocommit.
        now: the moment.
        by: who does it, for the audit log; by default the person at the terminal.

    Returns:
        Open cases with another deadline, by city; only cities with other days.
    """
    changed: dict[str, int] = {}
    for (city,) in connection.execute(_DUE, [now - _EVERY]).fetchall():
        try:
            with connection.transaction():
                touched = _refresh(connection, city, now, by)
        except psycopg.Error as error:
            _log.warning("the calendar of %s could not be refreshed, trying again in an hour: %s", city, error)
            continue
        if touched is not None:
            changed[city] = touched
    return changed


def _refresh(connection: Connection, city: str, now: datetime, by: str | None) -> int | None:
    days = store.refresh_library(connection, city, store.local_today(connection, city, now))
    connection.execute("UPDATE city_calendar SET read_at = %s WHERE city = %s", [now.astimezone(UTC), city])
    if not days:
        return None
    touched = recompute(connection, city, now, days=days).touched
    append_as_owner(connection, "calendar", city, {"days_changed": len(days), "cases": touched}, by=by)
    return touched
