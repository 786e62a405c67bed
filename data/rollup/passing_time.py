"""The moment that figures stand for moves: with the clock, or at once where work begins in a city of a fixed moment."""

from datetime import datetime

from psycopg import sql

from data.database.connections import Connection
from data.live import versions
from data.rollup.incident_parts import AMBER, HELD, STATE
from data.rollup.incidents import changing_incidents
from data.rollup.newest_case import update_newest_case

_BOUND = {**HELD, "amber": AMBER}
_MOVED = """
CREATE TEMP TABLE moved_incident ON COMMIT DROP AS
SELECT i.district, i.id FROM incident i JOIN city c ON c.code = i.city
WHERE i.city = %(city)s AND i.deadline_state {among} AND i.deadline_state IS DISTINCT FROM {state}
"""
# As time passes, paused and overdue cases stay so until somebody changes them. Each condition is that of an index.
_WAITING, _OVERDUE = "IN ('amber', 'on_time')", "= 'overdue'"
_FIXED = "SELECT as_of IS NOT NULL AND states_at IS NOT NULL FROM city WHERE code = %s FOR NO KEY UPDATE"
_LIFT = """
UPDATE city SET as_of = NULL, worked_since = %(now)s,
    states_at = CASE WHEN as_of IS NULL OR states_at IS NULL THEN states_at ELSE %(now)s END
WHERE code = %(city)s
"""


def tick(connection: Connection, city: str, now: datetime) -> bool:
    """Apply the time that has passed: open cases change their state if their deadline, or 75 % of their time, is over at ``now``.

    Does nothing if the city's figures are of a fixed moment. It also does nothing if another transaction is changing this city or giving
    versions; the next tick then does it. A ``now`` that is earlier than a previous one does not undo changes.

    Returns:
        Whether any case changed its state, and with it the roll-ups and the version of the incidents; or whether the day of the newest
        case has come.
    """
    free = connection.execute(
        "SELECT FROM city WHERE code = %s AND as_of IS NULL AND states_at IS NOT NULL FOR NO KEY UPDATE SKIP LOCKED", [city]
    )
    if free.fetchone() is None or not versions.try_lock_versions(connection):
        return False
    connection.execute("UPDATE city SET states_at = greatest(states_at, %s) WHERE code = %s", [now, city])
    moved = _settle(connection, city, _WAITING)
    renewed = update_newest_case(connection, city)  # a case that was in the future may be of today now
    if renewed and not moved:
        versions.touch(connection, city, ["incidents"])
    return moved or renewed


def begin_work(connection: Connection, city: str, now: datetime) -> None:
    """Let a city's figures stand for the present from its first step on, in the caller's transaction, which goes on to change cases.

    Steps are dated with the clock. Were the moment of the figures still fixed before them, a new case would be open, but in no period.

    Args:
        connection: the owner's.
        city: code of a city in which no step was taken yet.
        now: the moment of the step; it may also be earlier than the fixed moment, which is often the end of a day.
    """
    row = connection.execute(_FIXED, [city]).fetchone()
    connection.execute(_LIFT, {"city": city, "now": now})
    if row == (True,):
        for among in (_OVERDUE, _WAITING):
            _settle(connection, city, among)
        update_newest_case(connection, city)


def _settle(connection: Connection, city: str, among: str) -> bool:
    """Bring cases of some states to those that they have at ``city.states_at``; returns whether any changed."""
    statement = sql.SQL(_MOVED).format(among=sql.SQL(among), state=sql.SQL(STATE))
    moved = connection.execute(statement, {"city": city, **_BOUND}).rowcount
    if moved:  # in a pipeline it is not known yet (-1): then it is looked all the same
        with changing_incidents(connection, city, table=sql.Identifier("moved_incident")):
            pass  # leaving the block updates the states
    connection.execute("DROP TABLE moved_incident")
    return moved > 0
