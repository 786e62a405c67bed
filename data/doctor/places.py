"""Checks of places: buildings, incidents, facilities and people are in the cells that their rows name."""

from data.database.connections import Connection
from data.doctor.model import Outcome, city_check, judge_statement

# Coordinates are stored with seven decimals, about a centimetre: rounding may have moved a point across a border.
_OUTSIDE = """
SELECT {what} || ' · ' || o.grid
FROM {table} o LEFT JOIN area a ON a.code = o.grid
WHERE o.city = %(city)s AND (a.geom IS NULL OR NOT (
    ST_Intersects(o.geom, a.geom)
    OR ST_DWithin(o.geom::geography, a.geom::geography, CASE o.grid_method WHEN 'nearest' THEN 300 ELSE 0.02 END)))
"""
_BUILDINGS_OUTSIDE = _OUTSIDE.format(what="'building ' || o.source_key", table="building")
# A case without a point stands in a leaf for such cases, and nothing else does.
_INCIDENTS_OUTSIDE = f"""
{_OUTSIDE.format(what="'incident ' || o.number", table="incident")} AND o.geom IS NOT NULL
UNION ALL
SELECT 'incident ' || o.number || ' · ' || o.grid FROM incident o LEFT JOIN area a ON a.code = o.grid
WHERE o.city = %(city)s AND o.geom IS NULL AND (o.grid_method = 'unplaced' AND a.origin = 'unplaced' AND o.geom_3857 IS NULL) IS NOT TRUE
"""  # noqa: S608 - both parts are ours
_FACILITIES_OUTSIDE = _OUTSIDE.format(what="'facility ' || o.source_key", table="facility")


@city_check("place.buildings", "Every building lies in its own grid cell")
def buildings(connection: Connection, city: str) -> Outcome:
    """Its outline meets the cell, or lies within 300 m of it if it was assigned to the nearest cell."""
    return judge_statement(connection, city, "SELECT count(*) FROM building WHERE city = %(city)s", _BUILDINGS_OUTSIDE)


@city_check("place.incidents", "Every incident lies in its own grid cell")
def incidents(connection: Connection, city: str) -> Outcome:
    """Its point is in the cell, or within 300 m of it where it was given to the nearest; without a point it stands in no cell."""
    return judge_statement(connection, city, "SELECT count(*) FROM incident WHERE city = %(city)s", _INCIDENTS_OUTSIDE)


@city_check("place.facilities", "Every facility lies in its own grid cell")
def facilities(connection: Connection, city: str) -> Outcome:
    """Its point is in the cell, or within 300 m of it where it was given to the nearest."""
    return judge_statement(connection, city, "SELECT count(*) FROM facility WHERE city = %(city)s", _FACILITIES_OUTSIDE)


@city_check("place.crowds", "No point holds an unusual share of the incidents of its source")
def crowds(connection: Connection, city: str) -> Outcome:
    """A note, by the rule of the import: such a point may stand for “no place is known”, or be the door of a large building."""
    return judge_statement(connection, city, "SELECT count(*) FROM incident WHERE city = %(city)s AND geom IS NOT NULL", _CROWDS, note=True)


# At least 20 incidents, and five times those of the tenth most frequent point, or of the one in the middle where there are fewer.
_CROWDS = """
WITH spot AS (
    SELECT source_id, geom, count(*) AS n, row_number() OVER (PARTITION BY source_id ORDER BY count(*) DESC) AS rank,
        count(*) OVER (PARTITION BY source_id) AS spots, sum(count(*)) OVER (PARTITION BY source_id) AS total
    FROM incident WHERE city = %(city)s AND geom IS NOT NULL GROUP BY source_id, geom
)
SELECT s.key || ': ' || ST_X(o.geom) || ' ' || ST_Y(o.geom) || ': ' || o.n || ' / ' || o.total
FROM spot o JOIN source s ON s.id = o.source_id
LEFT JOIN spot usual ON usual.source_id = o.source_id AND usual.rank = least(9, usual.spots / 2) + 1 AND usual.spots > 1
WHERE o.n >= greatest(20, 5 * coalesce(usual.n, 0))
"""


_PLACED = """
    SELECT 'building ' || source_key AS what, grid, path, district FROM building WHERE city = %(city)s
    UNION ALL SELECT 'incident ' || number, grid, path, district FROM incident WHERE city = %(city)s
    UNION ALL SELECT 'facility ' || source_key, grid, path, district FROM facility WHERE city = %(city)s
    UNION ALL SELECT 'person ' || source_key, grid, path, district FROM person WHERE city = %(city)s
    UNION ALL SELECT 'reporter ' || incident_id, grid, path, district FROM incident_reporter WHERE city = %(city)s
"""


@city_check("place.leaves", "Every object with a place names a leaf of the tree, with its path and district")
def leaves(connection: Connection, city: str) -> Outcome:
    """The cell exists, belongs to the city, has no cell below it, and its path and district are those of the row."""
    return judge_statement(connection, city, f"SELECT count(*) FROM ({_PLACED}) o", _NOT_ON_A_LEAF)  # noqa: S608


_NOT_ON_A_LEAF = f"""
SELECT o.what || ' · ' || o.grid
FROM ({_PLACED}) o LEFT JOIN (
    SELECT code, path, district FROM leaves(%(city)s)
    UNION ALL SELECT code, path, coalesce(district, city) FROM area WHERE city = %(city)s AND origin = 'unplaced'
) l ON l.code = o.grid
WHERE l.code IS NULL OR o.path <> l.path OR o.district <> l.district
"""  # noqa: S608 - both parts are ours


@city_check("place.zones", "A functional zone holds the cells whose label point lies in it")
def zones(connection: Connection, city: str) -> Outcome:
    """No member lies elsewhere."""
    members = "SELECT count(*) FROM zone_member m JOIN area z ON z.code = m.zone WHERE z.city = %(city)s"
    return judge_statement(connection, city, members, _MEMBERS_ELSEWHERE)


@city_check("place.counted", "What stands in a functional zone is what is counted for it")
def counted(connection: Connection, city: str) -> Outcome:
    """Cases, buildings and facilities are counted in the zone's polygon, apart from all cells."""
    zones_there = "SELECT count(*) FROM area WHERE city = %(city)s AND level = 'zone' AND geom IS NOT NULL"
    return judge_statement(connection, city, zones_there, _COUNTED)


# Of rows outside every cell only those that were put into a cell count, as everywhere.
_COUNTED = """
SELECT z.code || ' · ' || v.what || ': ' || v.stored || ' ≠ ' || v.standing
FROM area z
CROSS JOIN LATERAL (
    SELECT count(*) AS n, count(*) FILTER (WHERE i.is_open) AS open
    FROM incident i WHERE i.city = z.city AND i.geom && z.geom AND ST_Intersects(z.geom, i.geom)
) cases
CROSS JOIN LATERAL (
    SELECT count(*) AS n FROM facility i WHERE i.city = z.city AND i.geom && z.geom AND ST_Intersects(z.geom, i.geom)
) places
CROSS JOIN LATERAL (
    SELECT count(*) AS n FROM building i WHERE i.city = z.city AND i.geom && z.geom AND ST_Intersects(z.geom, ST_PointOnSurface(i.geom))
) houses
LEFT JOIN area_figure f ON f.area = z.code
CROSS JOIN LATERAL (
    SELECT coalesce(sum(d.reported), 0) AS n FROM incident_daily d JOIN incident_kind k ON k.no = d.kind
    WHERE d.area_no = z.no AND k.category IS NOT NULL AND k.channel IS NOT NULL
) told
CROSS JOIN LATERAL (
    SELECT coalesce(sum(o.n), 0) AS n FROM incident_open o JOIN incident_kind k ON k.no = o.kind
    WHERE o.area_no = z.no AND k.category IS NOT NULL AND k.channel IS NOT NULL
) waiting
CROSS JOIN LATERAL (VALUES
    ('cases', told.n::bigint, cases.n), ('open cases', waiting.n::bigint, cases.open),
    ('facilities', coalesce(f.facilities, 0)::bigint, places.n),
    ('buildings', coalesce(f.buildings, 0)::bigint, houses.n)
) v (what, stored, standing)
WHERE z.city = %(city)s AND z.level = 'zone' AND z.geom IS NOT NULL AND v.stored <> v.standing
"""

_MEMBERS_ELSEWHERE = """
SELECT m.zone || ' · ' || m.grid
FROM zone_member m JOIN area z ON z.code = m.zone JOIN area g ON g.code = m.grid
WHERE z.city = %(city)s AND NOT coalesce(ST_Covers(z.geom, coalesce(g.label_point, ST_PointOnSurface(g.geom))), false)
"""
