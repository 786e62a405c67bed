"""Statements that find the cell of a case: of a point, and of a code. Processes that serve people and the keeper both ask them.

Whose rights count is what the transaction says (``viewer_reaches``). Both answer exactly one row; without a cell its columns are null.
"""

LOOK_DEGREES = 0.05
"""Cells are looked for so far around a point that lies in none: about five kilometres."""

_POINT = "ST_SetSRID(ST_MakePoint(%(lon)s::float8, %(lat)s::float8), 4326)"
# Neither a zone, nor an area with others below it; a leaf for cases without a place hides nothing.
_LEAF = """
a.level <> 'zone' AND NOT EXISTS (
    SELECT FROM area b WHERE b.parent = a.code AND b.level <> 'zone' AND b.origin <> 'unplaced')
"""
_IN_CITY = "(%(city)s::text IS NULL OR a.city = %(city)s::text)"

CELL_AT = f"""
WITH inside AS MATERIALIZED (
    SELECT a.code, a.city, a.path, coalesce(a.district, a.city) AS district, viewer_reaches(a.path, a.code) AS reached, 0::float8 AS metres
    FROM area a WHERE ST_Intersects(a.geom, {_POINT}) AND {_LEAF} AND {_IN_CITY}
    ORDER BY reached DESC, a.code LIMIT 1
), near AS (
    -- The index orders by degrees; of the eight nearest by degrees the nearest by metres counts, as in an import.
    SELECT n.code, n.city, n.path, n.district, true AS reached, ST_Distance(n.geom::geography, {_POINT}::geography) AS metres
    FROM (
        SELECT a.code, a.city, a.path, coalesce(a.district, a.city) AS district, a.geom
        FROM area a
        WHERE NOT EXISTS (SELECT FROM inside) AND a.geom && ST_Expand({_POINT}, {LOOK_DEGREES}) AND {_LEAF} AND {_IN_CITY}
            AND viewer_reaches(a.path, a.code)
        ORDER BY a.geom <-> {_POINT} LIMIT 8
    ) n ORDER BY metres, n.code LIMIT 1
)
SELECT f.code, f.city, f.path::text, f.district, f.reached, f.metres
FROM (SELECT) one LEFT JOIN (SELECT * FROM inside UNION ALL SELECT * FROM near) f ON true
"""  # noqa: S608 - ours
"""The cell in which a point (``lon``, ``lat``, degrees; ``city`` or null) lies, or else the nearest that the viewer reaches: code, city,
path, district, whether the viewer reaches it, and how many metres the point lies outside.
"""

CELL_BY_CODE = f"""
SELECT f.* FROM (SELECT) one LEFT JOIN (
    SELECT a.code, a.city, a.path::text, coalesce(a.district, a.city) AS district, a.origin, {_LEAF} AS is_cell,
        viewer_reaches(a.path, a.code) AS reached, ST_X(a.label_point) AS lon, ST_Y(a.label_point) AS lat
    FROM area a WHERE a.code = %(code)s::text
) f ON true
"""  # noqa: S608 - ours
"""The area with a ``code``: code, city, path, district, origin, whether it is a cell, whether the viewer reaches it, a place inside it."""

IN_ANY_CELL = f"SELECT EXISTS (SELECT FROM area a WHERE ST_Intersects(a.geom, {_POINT}) AND {_LEAF})"  # noqa: S608 - ours
"""For the keeper, who sees all areas: whether a point lies in any cell at all."""
