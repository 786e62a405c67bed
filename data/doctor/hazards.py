"""Checks of hazard notices: those in force are about this city, and those long over are gone."""

from data.database.connections import Connection
from data.doctor.model import Outcome, city_check, judge_statement

_IN_FORCE = "n.city = %(city)s AND n.ended_at IS NULL AND p.ends_at > now()"
_PARTS = f"SELECT count(*) FROM hazard_notice n JOIN hazard_part p ON p.notice = n.id WHERE {_IN_FORCE}"  # noqa: S608 - ours
# As data.queries.wall.HAZARDS_NEAR looks for them, for the city as a whole.
_NOWHERE = f"""
SELECT n.source || ' · ' || coalesce(p.told -> 'words' -> 'zh' ->> 'event', p.told -> 'words' -> 'en' ->> 'event', p.no::text)
FROM hazard_notice n JOIN hazard_part p ON p.notice = n.id
WHERE {_IN_FORCE}
    AND NOT EXISTS (SELECT FROM area a WHERE a.city = p.city AND a.code = ANY(p.areas))
    AND NOT EXISTS (SELECT FROM area a WHERE a.code = p.city AND a.geom && p.geom AND ST_Relate(p.geom, a.geom, 'T********'))
"""  # noqa: S608 - ours
_OVER = """
SELECT n.source || ' · ' || to_char(n.sent_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') FROM hazard_notice n
WHERE n.city = %(city)s AND n.sent_at < now() - interval '90 days'
    AND NOT EXISTS (SELECT FROM hazard_part p WHERE p.notice = n.id AND p.ends_at > now() - interval '90 days')
"""


@city_check("hazard.areas", "Every hazard notice in force is about an area of the city")
def areas(connection: Connection, city: str) -> Outcome:
    """Otherwise no wall shows it: areas were imported anew with other codes or elsewhere, and the notice has to be sent again."""
    return judge_statement(connection, city, _PARTS, _NOWHERE)


@city_check("hazard.kept", "Hazard notices are gone 90 days after their end")
def kept(connection: Connection, city: str) -> Outcome:
    """A note: the server deletes them once an hour, so those that stay are of a time in which it did not run."""
    return judge_statement(connection, city, "SELECT count(*) FROM hazard_notice WHERE city = %(city)s", _OVER, note=True)
