"""The statements that count zone members and the figures of areas afresh. Values are bound as ``%(city)s``.

A *leaf* is an area with a polygon and no polygon below it: objects stand in leaves. A *holder* is an area whose population was
written by the loader: a leaf, or an area without polygon at the foot of the tree that does not lie below a leaf.
"""

TABLES = ("fresh_figure", "fresh_ages", "fresh_above", "fresh_zone_member", "fresh_holder", "fresh_leaf", "fresh_tree")

FLOOR_AREA_M2 = "footprint_m2 * coalesce(nullif(floors, 0), greatest(round(height_m / 3), 1), 1)"
"""Floor area of a building; unknown floors are derived from its height, or are 1 if that is unknown too."""

STANDING = ("buildings", "footprint_m2", "floor_area_m2", "facilities")
"""Columns of ``area_figure`` to which buildings and facilities are added."""

PARTS = {
    "building": f"""
        SELECT a.no AS area_no, 1 AS buildings, i.footprint_m2, {FLOOR_AREA_M2} AS floor_area_m2, 0 AS facilities
        FROM {{rows}} i JOIN area a ON a.code = i.grid AND a.city = i.city WHERE i.city = %(city)s
    """,  # noqa: S608 - the formula is ours
    "facility": """
        SELECT a.no AS area_no, 0 AS buildings, 0 AS footprint_m2, 0 AS floor_area_m2, 1 AS facilities
        FROM {rows} i JOIN area a ON a.code = i.grid AND a.city = i.city WHERE i.city = %(city)s
    """,
}
"""What one row adds to the figures of its area; the one definition for rebuilding, for changes, and for the comparison."""

_TREE = """
CREATE TEMP TABLE fresh_tree ON COMMIT DROP AS
WITH RECURSIVE up AS (
    SELECT code AS below, code AS area, parent FROM area WHERE city = %(city)s AND level <> 'zone'
    UNION  -- not UNION ALL: a ring of parents ends here instead of running for ever
    SELECT up.below, a.code, a.parent FROM up JOIN area a ON a.code = up.parent
)
SELECT below, area FROM up
"""

_LEAF = "CREATE TEMP TABLE fresh_leaf ON COMMIT DROP AS SELECT code FROM leaves(%(city)s)"

_HOLDER = """
CREATE TEMP TABLE fresh_holder ON COMMIT DROP AS
SELECT code FROM fresh_leaf
UNION
SELECT a.code FROM area a
WHERE a.city = %(city)s AND a.level <> 'zone' AND a.geom IS NULL
  AND NOT EXISTS (SELECT FROM area c WHERE c.parent = a.code AND c.level <> 'zone')
  AND NOT EXISTS (SELECT FROM fresh_tree t JOIN fresh_leaf l ON l.code = t.area WHERE t.below = a.code)
"""

_ZONE_MEMBER = """
CREATE TEMP TABLE fresh_zone_member ON COMMIT DROP AS
SELECT z.code AS zone, g.code AS grid
FROM area z
JOIN area g ON g.city = z.city
    AND ST_Covers(z.geom, coalesce(g.label_point, ST_PointOnSurface(g.geom)))
JOIN fresh_leaf l ON l.code = g.code
WHERE z.city = %(city)s AND z.level = 'zone' AND z.geom IS NOT NULL
"""

# Every area to which an object in `below` is added: the area itself, its ancestors, and its zones.
_ABOVE = """
CREATE TEMP TABLE fresh_above ON COMMIT DROP AS
SELECT s.below, s.area, h.code IS NOT NULL AS holds
FROM (SELECT below, area FROM fresh_tree UNION ALL SELECT grid, zone FROM fresh_zone_member) s
LEFT JOIN fresh_holder h ON h.code = s.below
"""

_AGES = """
CREATE TEMP TABLE fresh_ages ON COMMIT DROP AS
SELECT area, jsonb_object_agg(band, n ORDER BY band) AS ages
FROM (
    SELECT u.area, e.key AS band, sum(e.value::int)::int AS n
    FROM fresh_above u
    JOIN area_figure f ON f.area = u.below
    CROSS JOIN LATERAL jsonb_each_text(f.ages) e
    WHERE u.holds
    GROUP BY u.area, e.key
) s GROUP BY area
"""

_PARTS = " UNION ALL ".join(PARTS[table].format(rows=table) for table in PARTS)

_FIGURE = f"""
CREATE TEMP TABLE fresh_figure ON COMMIT DROP AS
WITH people AS (
    SELECT u.area, sum(f.population)::int AS population, sum(f.households)::int AS households,
        sum(f.male)::int AS male, sum(f.female)::int AS female, max(f.population_as_of) AS population_as_of,
        mode() WITHIN GROUP (ORDER BY f.population_method) AS population_method
    FROM fresh_above u JOIN area_figure f ON f.area = u.below
    WHERE u.holds
    GROUP BY u.area
), standing AS (
    SELECT u.area, sum(s.buildings)::int AS buildings, sum(s.footprint_m2) AS footprint_m2, sum(s.floor_area_m2) AS floor_area_m2,
        sum(s.facilities)::int AS facilities
    FROM (
        SELECT area_no, sum(buildings) AS buildings, sum(footprint_m2) AS footprint_m2, sum(floor_area_m2) AS floor_area_m2,
            sum(facilities) AS facilities
        FROM ({_PARTS}) p GROUP BY area_no
    ) s JOIN area a ON a.no = s.area_no JOIN fresh_above u ON u.below = a.code GROUP BY u.area
), held AS (
    -- Holders keep what the loader wrote; so do areas that no holder stands below (they lie under a leaf).
    SELECT u.area, bool_or(u.holds AND u.below <> u.area) AS summed FROM fresh_above u GROUP BY u.area
)
SELECT a.code AS area,
    CASE WHEN coalesce(d.summed, a.level = 'zone') THEN p.population ELSE f.population END AS population,
    CASE WHEN coalesce(d.summed, a.level = 'zone') THEN p.households ELSE f.households END AS households,
    CASE WHEN coalesce(d.summed, a.level = 'zone') THEN p.male ELSE f.male END AS male,
    CASE WHEN coalesce(d.summed, a.level = 'zone') THEN p.female ELSE f.female END AS female,
    CASE WHEN coalesce(d.summed, a.level = 'zone') THEN g.ages ELSE f.ages END AS ages,
    CASE WHEN coalesce(d.summed, a.level = 'zone') THEN p.population_as_of ELSE f.population_as_of END AS population_as_of,
    CASE WHEN coalesce(d.summed, a.level = 'zone') THEN p.population_method ELSE f.population_method END AS population_method,
    coalesce(s.buildings, 0) AS buildings, coalesce(s.footprint_m2, 0) AS footprint_m2,
    coalesce(s.floor_area_m2, 0) AS floor_area_m2, coalesce(s.facilities, 0) AS facilities
FROM area a
LEFT JOIN area_figure f ON f.area = a.code
LEFT JOIN people p ON p.area = a.code
LEFT JOIN fresh_ages g ON g.area = a.code
LEFT JOIN standing s ON s.area = a.code
LEFT JOIN held d ON d.area = a.code
WHERE a.city = %(city)s
"""  # noqa: S608 - the formula is ours

COMPUTE = (
    _TREE,
    "CREATE INDEX ON fresh_tree (area)",
    "CREATE INDEX ON fresh_tree (below)",
    "ANALYZE fresh_tree",
    _LEAF,
    _HOLDER,
    _ZONE_MEMBER,
    _ABOVE,
    "ANALYZE fresh_above",
    _AGES,
    _FIGURE,
)

RESIDENTS = (
    """
    UPDATE building b SET residents = coalesce(p.n, 0)
    FROM building o LEFT JOIN (
        SELECT building_id, count(*)::int AS n FROM person WHERE city = %(city)s GROUP BY building_id
    ) p ON p.building_id = o.id
    WHERE b.id = o.id AND b.district = o.district AND o.city = %(city)s AND b.residents <> coalesce(p.n, 0)
      AND EXISTS (SELECT FROM person WHERE city = %(city)s)
    """,
)

STORE = (
    "DELETE FROM zone_member m USING area z WHERE z.code = m.zone AND z.city = %(city)s",
    "INSERT INTO zone_member (zone, grid) SELECT zone, grid FROM fresh_zone_member",
    "DELETE FROM area_figure f USING area a WHERE a.code = f.area AND a.city = %(city)s",
    """
    INSERT INTO area_figure (area, population, households, male, female, ages, population_as_of, population_method,
        buildings, footprint_m2, floor_area_m2, facilities)
    SELECT area, population, households, male, female, ages, population_as_of, population_method,
        buildings, footprint_m2, floor_area_m2, facilities
    FROM fresh_figure
    """,
)
