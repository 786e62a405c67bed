"""The duty roster of the demo city: grid workers by day, teams of streets by night, written as a table of an administrator would be."""

from datetime import datetime, timedelta

import psycopg

from data.demo.common.frame import TIMEZONE
from data.demo.common.names import CITY_CODE

DAYS_BEFORE, DAYS_AFTER = 1, 21
"""A city that lives on shows who is on duty for some weeks."""
# Nine of ten grids have their worker on working days, six on weekends; nobody works two shifts on end. A street has a team at night.
_ROSTER = """
WITH day AS (
    SELECT d::date AS day, extract(isodow FROM d) > 5 AS free FROM generate_series(%(first)s::date, %(last)s::date, interval '1 day') d
), shift AS (
    SELECT a.code, 1 AS people, d.day + time '08:00' AS begins, d.day + time '20:00' AS ends
    FROM area a CROSS JOIN day d WHERE a.city = %(city)s AND a.level = 'grid' AND a.origin NOT IN ('unplaced', 'none')
        AND abs(hashtext(a.code || d.day)) %% 100 < CASE WHEN d.free THEN 62 ELSE 93 END
    UNION ALL
    SELECT a.code, 2 + abs(hashtext(d.day || a.code)) %% 3, d.day + time '20:00', d.day + interval '1 day' + time '08:00'
    FROM area a CROSS JOIN day d WHERE a.city = %(city)s AND a.level = 'street'
)
INSERT INTO duty_shift (city, area, people, begins_at, ends_at)
SELECT %(city)s, code, people, begins AT TIME ZONE %(zone)s, ends AT TIME ZONE %(zone)s FROM shift
"""


def plan_duty(connection: psycopg.Connection, at: datetime) -> int:
    """Write the roster around a moment; returns how many shifts it has. The areas are there already."""
    today = at.astimezone(TIMEZONE).date()
    bound = {
        "first": today - timedelta(days=DAYS_BEFORE),
        "last": today + timedelta(days=DAYS_AFTER),
        "city": CITY_CODE,
        "zone": str(TIMEZONE),
    }
    return connection.execute(_ROSTER.encode(), bound).rowcount
