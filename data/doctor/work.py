"""Checks of the work on cases: every step belongs to a case, none is missing, and steps replayed give the state again."""

from data.cases.life import replay
from data.cases.states import STATE_COLUMNS, CaseState
from data.cases.targets import read_events
from data.database.connections import Connection
from data.doctor.model import Outcome, city_check, judge_offenders, judge_statement

_WORKED = "SELECT count(*) FROM incident WHERE city = %(city)s AND version > 0"


@city_check("incident.steps", "Every step that was made here belongs to a case")
def steps(connection: Connection, city: str) -> Outcome:
    """A case that is gone leaves no steps behind; of steps without a case nobody knows the city, so that each city tells of all."""
    return judge_statement(connection, city, "SELECT count(*) FROM incident_event WHERE account IS NOT NULL AND %(city)s <> ''", _ORPHANS)


_ORPHANS = """
SELECT e.district || '/' || e.incident_id || ' · ' || e.seq FROM incident_event e
WHERE e.account IS NOT NULL AND NOT EXISTS (SELECT FROM incident i WHERE i.district = e.district AND i.id = e.incident_id)
    AND %(city)s <> ''
"""


@city_check("incident.versions", "The version of a case is the number of its last step, and no step is missing")
def versions(connection: Connection, city: str) -> Outcome:
    """Steps that were made here have numbers without a gap."""
    return judge_statement(connection, city, _WORKED, _WRONG_VERSIONS)


_WRONG_VERSIONS = """
SELECT i.number || ' · ' || i.version || ' ≠ ' || coalesce(e.last, 0) FROM incident i
LEFT JOIN LATERAL (
    SELECT max(seq) AS last, max(seq) - min(seq) + 1 = count(*) AS whole
    FROM incident_event WHERE district = i.district AND incident_id = i.id AND account IS NOT NULL
) e ON true
WHERE i.city = %(city)s AND i.version > 0 AND (e.last IS DISTINCT FROM i.version OR NOT e.whole)
"""


@city_check("incident.replayed", "The steps of a case, taken again one after the other, lead to its state")
def replayed(connection: Connection, city: str) -> Outcome:
    """Only of cases on which steps were made here."""
    columns, wrong, count = ", ".join(STATE_COLUMNS), [], 0
    rows = connection.execute(f"SELECT district, id, number, {columns} FROM incident WHERE city = %s AND version > 0", [city])  # noqa: S608
    for district, case_id, number, *state in rows.fetchall():
        count += 1
        try:
            same = replay(read_events(connection, (district, case_id))) == CaseState(*state)
        except (ValueError, KeyError, TypeError, StopIteration):
            same = False
        if not same:
            wrong.append(str(number))
    return judge_offenders(sorted(wrong), count)
