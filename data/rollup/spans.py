"""The numbers of the areas inside each area. A policy on the roll-ups then compares numbers instead of walking the tree for each row.

The numbers are stored as runs: the first number of each run and the first number after it, in one ascending array. A number is inside if an
odd count of the array's elements is not greater than it. Areas that were loaded together have consecutive numbers, so the arrays are short.
"""

from data.database.connections import Connection

FRESH = """
WITH RECURSIVE up AS (
    SELECT no, code AS area, parent FROM area WHERE city = %(city)s
    UNION  -- not UNION ALL: a ring of parents ends here instead of running for ever
    SELECT up.no, a.code, a.parent FROM up JOIN area a ON a.code = up.parent
), pair AS (
    SELECT area, no FROM up
    UNION
    SELECT m.zone, g.no FROM zone_member m JOIN area g ON g.code = m.grid WHERE g.city = %(city)s
), run AS (
    SELECT area, min(no) AS first, max(no) + 1 AS after
    FROM (SELECT area, no, no - row_number() OVER (PARTITION BY area ORDER BY no) AS run FROM pair) n GROUP BY area, run
)
SELECT area, array_agg(bound ORDER BY bound)::int[] AS bounds
FROM (SELECT area, first AS bound FROM run UNION ALL SELECT area, after FROM run) b GROUP BY area
"""
_STORE = f"""
INSERT INTO area_span AS s (area, bounds) {FRESH}
ON CONFLICT (area) DO UPDATE SET bounds = excluded.bounds WHERE s.bounds <> excluded.bounds
"""


def update_spans(connection: Connection, city: str) -> None:
    """Update the spans of a city's areas from its tree and its zones, in the caller's transaction."""
    connection.execute(_STORE, {"city": city})
