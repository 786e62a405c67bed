"""The day of a city's newest case: where it is days old, the data are, and pages say so."""

from data.database.connections import Connection

# From the sum over all categories that are not sensitive, because everybody may read this day. Days of the index come newest first.
_NEWEST = """
SELECT d.day FROM area a
JOIN incident_kind k ON k.city = a.city AND k.category IS NULL AND k.channel IS NULL AND NOT k.sensitive
CROSS JOIN LATERAL (
    SELECT day FROM incident_daily WHERE area_no = a.no AND kind = k.no AND kind < 0 AND reported > 0 ORDER BY day DESC LIMIT 1
) d
WHERE a.code = %(city)s
"""
_STORE = f"""
UPDATE city SET newest_case_day = ({_NEWEST}) WHERE code = %(city)s AND newest_case_day IS DISTINCT FROM ({_NEWEST})
"""  # noqa: S608 - both are ours


def update_newest_case(connection: Connection, city: str) -> None:
    """Update the day of a city's newest case from its roll-ups, in the caller's transaction."""
    connection.execute(_STORE, {"city": city})
