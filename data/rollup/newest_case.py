"""The day of a city's newest case: where it is days old, the data are, and pages say so.

A case that says that it was reported in the future (a profile may keep such dates) is no news of any day yet: one of them would make old
data look as if they were of today.
"""

from data.database.connections import Connection

# From the sum over all categories that are not sensitive, because everybody may read this day. Days of the index come newest first.
_NEWEST = """
SELECT d.day FROM area a
JOIN city c ON c.code = a.city
JOIN incident_kind k ON k.city = a.city AND k.category IS NULL AND k.channel IS NULL AND NOT k.sensitive
CROSS JOIN LATERAL (
    SELECT day FROM incident_daily
    WHERE area_no = a.no AND kind = k.no AND kind < 0 AND reported > 0
        AND day <= timezone(c.timezone, coalesce(c.as_of, greatest(c.states_at, now())))::date
    ORDER BY day DESC LIMIT 1
) d
WHERE a.code = %(city)s
"""
_STORE = f"""
UPDATE city SET newest_case_day = ({_NEWEST}) WHERE code = %(city)s AND newest_case_day IS DISTINCT FROM ({_NEWEST})
"""  # noqa: S608 - both are ours


def update_newest_case(connection: Connection, city: str) -> bool:
    """Update the day of a city's newest case from its roll-ups, in the caller's transaction; returns whether it is another day.

    Days after the moment of its figures do not count: ``as_of``, or now, or ``states_at`` where the clock has told a later moment.
    """
    return connection.execute(_STORE, {"city": city}).rowcount > 0
