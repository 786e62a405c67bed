"""Checks of incidents: each one is stored once, in the right partition, and in a consistent state."""

from datetime import UTC, datetime

from data.database import partitions
from data.database.connections import Connection
from data.deadlines.recomputing import find_touched
from data.deadlines.working_time import NoWorkingTime
from data.doctor.model import Outcome, city_check, judge_offenders, judge_statement
from data.rollup.incident_parts import AMBER, STATE

_ALL = "SELECT count(*) FROM incident WHERE city = %(city)s"


@city_check("incident.closed", "An incident has a closing time exactly when its stage is closed or evaluated")
def closed(connection: Connection, city: str) -> Outcome:
    """Otherwise it would be counted as closed in one figure and open in another."""
    return judge_statement(connection, city, _ALL, _WRONGLY_CLOSED)


_WRONGLY_CLOSED = """
SELECT number || ' · ' || stage FROM incident
WHERE city = %(city)s AND (closed_at IS NOT NULL) <> (stage IN ('closed', 'evaluated'))
"""


@city_check("incident.once", "Every incident exists only once")
def once(connection: Connection, city: str) -> Outcome:
    """No two incidents have the same source and key. An index can ensure that only within a month."""
    return judge_statement(connection, city, _ALL, _TWICE)


_TWICE = """
SELECT source_id || ':' || source_key || ' · ' || count(*) FROM incident WHERE city = %(city)s
GROUP BY source_id, source_key HAVING count(*) > 1
"""


@city_check("incident.months", "Every incident is in the partition of its month")
def months(connection: Connection, city: str) -> Outcome:
    """Only incidents whose date is certainly wrong are outside the months."""
    return judge_statement(connection, city, _ALL, _ELSEWHERE, first=partitions.BEGIN, end=partitions.END)


_ELSEWHERE = """
SELECT number || ' · ' || (reported_at AT TIME ZONE 'UTC')::date FROM incident
WHERE city = %(city)s AND (reported_at < %(first)s OR reported_at >= %(end)s)
"""


@city_check("incident.states", "Every open case has a deadline state, and no other case has one")
def states(connection: Connection, city: str) -> Outcome:
    """The states are compared with those at the moment ``city.states_at``."""
    return judge_statement(connection, city, _ALL, _WRONG_STATE, amber=AMBER)


_WRONG_STATE = f"""
SELECT i.number || ' · ' || coalesce(i.deadline_state, '-') || ' ≠ ' || coalesce({STATE}, '-')
FROM incident i JOIN city c ON c.code = i.city
WHERE i.city = %(city)s AND i.deadline_state IS DISTINCT FROM {STATE}
"""  # noqa: S608 - the definition is ours


@city_check("incident.deadlines", "Open cases that follow a rule have the deadline that rules and calendar give")
def deadlines(connection: Connection, city: str) -> Outcome:
    """It is counted again from the report, through every pause."""
    try:
        touched = [
            f"{one.district}/{one.id} · {one.due_at} ≠ {one.plan.due_at}" for one in find_touched(connection, city, datetime.now(UTC))
        ]
    except NoWorkingTime as error:
        touched = [str(error)]
    row = connection.execute("SELECT count(*) FROM incident WHERE city = %s AND is_open AND rule_id IS NOT NULL", [city]).fetchone()
    return judge_offenders(touched, row[0] if row else 0)


@city_check("incident.kinds", "Every kind that is counted is in the city's dictionary")
def kinds(connection: Connection, city: str) -> Outcome:
    """A kind that is missing there would be in no breakdown."""
    return judge_statement(connection, city, "SELECT count(*) FROM incident_kind WHERE city = %(city)s", _UNKNOWN_KIND)


_UNKNOWN_KIND = """
SELECT d.kind || ' · ' || d.n FROM (
    SELECT kind, count(*) AS n FROM incident_daily d JOIN area a ON a.no = d.area_no WHERE a.city = %(city)s GROUP BY kind
) d WHERE NOT EXISTS (SELECT FROM incident_kind k WHERE k.no = d.kind AND k.city = %(city)s)
"""


@city_check(
    "incident.days",
    "A deadline that is a day lasts until its end, and any other day counts from its beginning",
)
def days(connection: Connection, city: str) -> Outcome:
    """In the city's time zone; a closing is the beginning of its day, or the report where that is later."""
    return judge_statement(connection, city, _ALL, _NO_DAYS)


# One microsecond further it is another day, also where a day has no midnight because clocks are put forward.
_NO_DAYS = """
SELECT number || ' · ' || v.what || ' ' || (v.moment AT TIME ZONE c.timezone)::text
FROM incident i JOIN city c ON c.code = i.city
CROSS JOIN LATERAL (VALUES
    ('due_at', due_is_day, due_at, interval '1 microsecond'), ('reported_at', reported_is_day, reported_at, interval '-1 microsecond'),
    ('closed_at', closed_is_day AND closed_at IS DISTINCT FROM reported_at, closed_at, interval '-1 microsecond')
) v (what, is_day, moment, step)
WHERE i.city = %(city)s AND v.is_day
  AND (v.moment AT TIME ZONE c.timezone)::date = ((v.moment + v.step) AT TIME ZONE c.timezone)::date
"""


@city_check("incident.midnights", "No source has all its deadlines at midnight, as if days were meant")
def midnights(connection: Connection, city: str) -> Outcome:
    """A note: whether days are meant, only the source knows. In the city's time zone, and in UTC, in which formats of maps keep days."""
    return judge_statement(connection, city, _ALL, _MIDNIGHTS, note=True)


_MIDNIGHTS = """
SELECT s.key || ': ' || count(*)
FROM incident i JOIN city c ON c.code = i.city JOIN source s ON s.id = i.source_id
WHERE i.city = %(city)s AND i.due_at IS NOT NULL AND NOT i.due_is_day
GROUP BY s.key
HAVING bool_and((i.due_at AT TIME ZONE c.timezone)::time = '00:00') OR bool_and((i.due_at AT TIME ZONE 'UTC')::time = '00:00')
"""
