"""Checks of codes: all of them are known."""

from data.database.connections import Connection
from data.doctor.model import Outcome, city_check, judge_offenders
from data.schema import CHANNELS, STAGES

_CATEGORIES = """
SELECT s.subject || ' ' || s.code || ' (' || s.n || ')' FROM (
    SELECT 'incident' AS subject, category AS code, count(*) AS n FROM incident WHERE city = %(city)s GROUP BY category
    UNION ALL SELECT 'building', "use", count(*) FROM building WHERE city = %(city)s GROUP BY "use"
    UNION ALL SELECT 'facility', kind, count(*) FROM facility WHERE city = %(city)s GROUP BY kind
) s
WHERE NOT EXISTS (SELECT FROM category c WHERE c.city = %(city)s AND c.subject = s.subject AND c.code = s.code)
ORDER BY 1
"""
_USED = "SELECT DISTINCT channel, stage FROM incident WHERE city = %(city)s ORDER BY 1, 2"
_KNOWN = "SELECT count(*) FROM category WHERE city = %(city)s"


@city_check("codes.categories", "Every category in use has a name")
def categories(connection: Connection, city: str) -> Outcome:
    """Of incidents, buildings and facilities."""
    unknown = [row[0] for row in connection.execute(_CATEGORIES, {"city": city})]
    known = connection.execute(_KNOWN, {"city": city}).fetchone()
    return judge_offenders(unknown, known[0] if known else 0)


@city_check("codes.stages", "Every source and stage of an incident is one of the agreed ones")
def stages(connection: Connection, city: str) -> Outcome:
    """Incidents with other codes would be missing from every figure."""
    used = connection.execute(_USED, {"city": city}).fetchall()
    unknown = {channel for channel, _ in used} - set(CHANNELS) | {stage for _, stage in used} - set(STAGES)
    return judge_offenders(sorted(unknown), len({value for row in used for value in row}))
