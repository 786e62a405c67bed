"""Lets cases run again whose pauses (挂账) are over, as a rule does it: a step of the history, like that of a person who resumes them.

The step is dated when it is taken. The time that does not count ends earlier, at the moment until which the pause was granted; see
``data.deadlines.pauses``. So the deadline is the one that a person would have given who resumed the case at that very moment, also if the
keeper was stopped meanwhile. Imported cases that are paused have no such moment, and stay as their source has them.
"""

import logging
from datetime import datetime

import psycopg

from data.cases.batch import Batch
from data.cases.committing import write_and_tell
from data.cases.targets import Targets
from data.cases.writing import now_of
from data.database.connections import Connection

_log = logging.getLogger(__name__)

MOST_ENDED = 200
"""Pauses that are ended in one transaction, so that steps of people do not wait for long."""

# Both conditions are those of the index ix_incident_pause_end.
_CITIES = """
SELECT c.code FROM city c
WHERE EXISTS (SELECT FROM incident i WHERE i.city = c.code AND i.paused_until <= now()) ORDER BY c.code
"""
_FREE = "SELECT FROM city WHERE code = %s AND worked_since IS NOT NULL FOR NO KEY UPDATE SKIP LOCKED"
_OVER = """
SELECT district, id, reported_at FROM incident
WHERE city = %s AND paused_until <= %s AND paused AND is_open AND version > 0 ORDER BY paused_until, id LIMIT %s
"""


def list_cities(connection: Connection) -> list[str]:
    """Codes of the cities in which a pause is over."""
    return [code for (code,) in connection.execute(_CITIES)]


def end_all_pauses(connection: Connection) -> bool:
    """Resume the cases of all cities whose pauses are over; a city where that is not possible now waits for the next call.

    Args:
        connection: the owner's, in autocommit.

    Returns:
        Whether more of them are over than were resumed.

    Raises:
        psycopg.OperationalError: the database is away.
    """
    more = False
    for city in list_cities(connection):
        try:
            more |= end_pauses(connection, city) == MOST_ENDED
        except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected):
            continue
        except psycopg.OperationalError:
            raise
        except Exception:  # steps that people take must not wait for it
            _log.exception("pauses of cases of %s cannot be ended", city)
    return more


def end_pauses(connection: Connection, city: str, now: datetime | None = None, most: int = MOST_ENDED) -> int:
    """Resume the cases of a city whose pauses are over, the longest over first, in one transaction.

    Does nothing while another transaction is changing this city, as an import does; the next call then does it. Called again it finds
    nothing left to do, because a case that runs has no end of a pause.

    Args:
        connection: the owner's, in autocommit.
        city: code of the city.
        now: the moment of the steps; the database's clock unless given.
        most: how many cases at most.

    Returns:
        How many cases run again.

    Raises:
        psycopg.errors.LockNotAvailable: somebody else is giving versions right now; nothing was done.
    """
    with connection.transaction():
        if connection.execute(_FREE, [city]).fetchone() is None:
            return 0
        at = now or now_of(connection)
        over = connection.execute(_OVER, [city, at, most]).fetchall()
        if not over:
            return 0
        targets = Targets(connection, city)
        targets.load(over)
        targets.load_histories([key[:2] for key in over])
        batch = Batch(connection, city, targets, frozenset(), at)
        for key in over:
            target = targets.get(key[:2])
            assert target is not None  # noqa: S101 - found above, under the city's lock
            batch.end_pause(target)
        with connection.pipeline():
            write_and_tell(batch)
    return len(over)
