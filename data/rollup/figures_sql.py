"""The statements that count zone members and the figures of areas afresh. Values are bound as ``%(city)s``.

A *leaf* is an area with a polygon and no polygon below it: objects stand in leaves. A *holder* is an area whose population was
written by the loader: a leaf, or an area without polygon at the foot of the tree that does not lie below a leaf. The leaves
for cases without a place (origin ``unplaced``) hold nobody, and nothing but such cases.
"""

TABLES = (
    "fresh_figure",
    "fresh_ages",
    "fresh_people",
    "fresh_above",
    "fresh_zone_edge",
    "fresh_exposed",
    "fresh_zone_member",
    "fresh_holder",
    "fresh_leaf",
    "fresh_tree",
)

FLOOR_AREA_M2 = "footprint_m2 * coalesce(nullif(floors, 0), greatest(round(height_m / 3), 1), 1)"
"""Floor area of a building; unknown floors are derived from its height, or are 1 if that is unknown too."""

STANDING = ("buildings", "footprint_m2", "floor_area_m2", "facilities")
"""Columns of ``area_figure`` to which buildings and facilities are added."""


def _standing(figures: str, spot: str) -> str:
    """What rows add to the figures of their cells, and of the zones whose border crosses the cell, where they stand in the zone."""
    return f"""
        SELECT a.no AS area_no, {figures}
        FROM {{rows}} i JOIN area a ON a.code = i.grid AND a.city = i.city WHERE i.city = %(city)s
        UNION ALL
        SELECT a.no, {figures}
        FROM {{rows}} i JOIN {{edges}} e ON e.grid = i.grid
        JOIN area a ON a.code = e.zone AND a.city = i.city AND ST_Intersects(a.geom, {spot}) WHERE i.city = %(city)s
    """  # noqa: S608 - all of it is ours


PARTS = {
    "building": _standing(
        f"1 AS buildings, i.footprint_m2, {FLOOR_AREA_M2} AS floor_area_m2, 0 AS facilities", "ST_PointOnSurface(i.geom)"
    ),
    "facility": _standing("0 AS buildings, 0 AS footprint_m2, 0 AS floor_area_m2, 1 AS facilities", "i.geom"),
}
"""What one row adds to the figures of its area; the one definition for rebuilding, for changes, and for the comparison.

``edges`` is ``zone_edge``, or a fresh one.
"""

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
WHERE a.city = %(city)s AND a.level <> 'zone' AND a.geom IS NULL AND a.origin <> 'unplaced'
  AND NOT EXISTS (SELECT FROM area c WHERE c.parent = a.code AND c.level <> 'zone' AND c.origin <> 'unplaced')
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

# Cells beside which is no other cell: at the border of the city, and at holes between cells. Rows outside every cell are put into the
# nearest one, which is one of these, however far it is.
_EXPOSED = """
CREATE TEMP TABLE fresh_exposed ON COMMIT DROP AS
WITH leaf AS MATERIALIZED (
    SELECT code, geom FROM leaves(%(city)s)
    WHERE EXISTS (SELECT FROM area WHERE city = %(city)s AND level = 'zone' AND geom IS NOT NULL)
), whole AS MATERIALIZED (SELECT ST_Boundary(ST_Union(geom)) AS border FROM leaf)
SELECT l.code, l.geom FROM leaf l JOIN whole w ON ST_Intersects(w.border, l.geom)
"""

# Cells whose rows may stand on another side of a zone's border than the cell: cells that the border crosses or touches (a row on the
# border stands in the zone, whichever cell it was put into, and a stored point may have been rounded across), exposed cells in the zone,
# and exposed cells near a part of the zone that lies in no cell. Near: a row in that part is nearer to the cells beside it than the part
# is wide. Degrees of longitude are shorter than those of latitude.
_ZONE_EDGE = """
CREATE TEMP TABLE fresh_zone_edge ON COMMIT DROP AS
WITH part AS MATERIALIZED (
    SELECT z.code, z.city, z.geom, CASE WHEN ST_IsEmpty(bare.geom) THEN NULL ELSE bare.geom END AS bare,
        greatest(cos(radians(least(89, greatest(abs(ST_YMin(z.geom)), abs(ST_YMax(z.geom)))))), 0.01) AS shrunk
    FROM area z
    CROSS JOIN LATERAL (
        SELECT ST_Difference(z.geom, coalesce((SELECT ST_Union(l.geom) FROM leaves(%(city)s) l WHERE l.geom && z.geom),
            'SRID=4326;POLYGON EMPTY')) AS geom
    ) bare
    WHERE z.city = %(city)s AND z.level = 'zone' AND z.geom IS NOT NULL
), zone AS MATERIALIZED (
    -- How near is near: once for each zone, because it measures all exposed cells.
    SELECT p.*, (ST_Distance(ST_MakePoint(ST_XMin(p.bare), ST_YMin(p.bare)), ST_MakePoint(ST_XMax(p.bare), ST_YMax(p.bare)))
        + ST_Distance(p.bare, e.geom)) / p.shrunk AS reach
    FROM part p CROSS JOIN (SELECT ST_Collect(geom) AS geom FROM fresh_exposed) e
), near AS (
    SELECT z.code AS zone, l.code AS grid FROM zone z JOIN leaves(%(city)s) l
        ON l.geom && ST_Expand(z.geom, 1e-7) AND ST_DWithin(ST_Boundary(z.geom), l.geom, 1e-7)
    UNION
    SELECT z.code, x.code FROM zone z JOIN fresh_exposed x ON x.geom && z.geom AND ST_Covers(z.geom, x.geom)
    UNION
    SELECT z.code, x.code FROM zone z JOIN fresh_exposed x
        ON x.geom && ST_Expand(z.bare, z.reach) AND ST_DWithin(z.bare, x.geom, z.reach)
)
SELECT n.zone, n.grid,
    CASE WHEN c.covers THEN 1 WHEN NOT c.meets THEN 0
        ELSE coalesce(u.share, ST_Area(ST_Intersection(z.geom, l.geom)) / ST_Area(l.geom)) END::float8 AS share
FROM near n JOIN zone z ON z.code = n.zone JOIN area l ON l.code = n.grid
CROSS JOIN LATERAL (SELECT ST_Relate(z.geom, l.geom, 'T********') AS meets, ST_Covers(z.geom, l.geom) AS covers) c
LEFT JOIN LATERAL (
    -- Where census units cross the cell too, their people are as thick as each of them says.
    SELECT sum(p.total / ST_Area(p.geom) * ST_Area(ST_Intersection(ST_Intersection(l.geom, p.geom), z.geom)))
        / nullif(sum(p.total / ST_Area(p.geom) * ST_Area(ST_Intersection(l.geom, p.geom))), 0) AS share
    FROM population_unit p
    WHERE p.city = z.city AND c.meets AND NOT c.covers AND p.area IS NULL AND p.geom && l.geom AND ST_Intersects(p.geom, l.geom)
) u ON true
"""

# Every area to which an object in `below` is added: the area itself, its ancestors, and the zones that hold all of it. What stands in
# cells that the border of a zone crosses is counted for the zone directly.
_ABOVE = """
CREATE TEMP TABLE fresh_above ON COMMIT DROP AS
SELECT s.below, s.area, h.code IS NOT NULL AS holds
FROM (
    SELECT below, area FROM fresh_tree
    UNION ALL
    SELECT grid, zone FROM fresh_zone_member m
    WHERE NOT EXISTS (SELECT FROM fresh_zone_edge e WHERE e.zone = m.zone AND e.grid = m.grid)
    UNION ALL
    SELECT code, code FROM area WHERE city = %(city)s AND level = 'zone'
) s
LEFT JOIN fresh_holder h ON h.code = s.below
"""

ZONE_CELLS = """(
    SELECT m.zone, m.grid, 1::float8 AS share FROM {members} m JOIN area z ON z.code = m.zone AND z.city = %(city)s
    WHERE NOT EXISTS (SELECT FROM {edges} e WHERE e.zone = m.zone AND e.grid = m.grid)
    UNION ALL
    SELECT e.zone, e.grid, e.share FROM {edges} e JOIN area z ON z.code = e.zone AND z.city = %(city)s WHERE e.share > 0
)"""
"""The cells that a zone meets, with the share of their people that it has."""

# Shares of a thousand cells add up to a whole number only nearly: halves are those of the figures, not of the last bit.
_WHOLE = "floor(round(sum(s.share * f.{0})::numeric, 6) + 0.5)::int AS {0}"
_WHOLES = ", ".join(_WHOLE.format(name) for name in ("population", "households", "male", "female"))

ZONE_PEOPLE = f"""
SELECT zone AS area, population, households, male,
    CASE WHEN parted THEN population - male ELSE female END AS female, population_as_of, population_method
FROM (
    SELECT s.zone, {_WHOLES}, max(f.population_as_of) AS population_as_of,
        mode() WITHIN GROUP (ORDER BY f.population_method) AS population_method,
        bool_and(coalesce(f.male + f.female = f.population, false)) FILTER (WHERE f.population IS NOT NULL) AS parted
    FROM {ZONE_CELLS} s JOIN area_figure f ON f.area = s.grid
    GROUP BY s.zone
) z
"""  # noqa: S608 - the parts are ours
"""People of zones: all of the cells inside, and a share of those that their border crosses, rounded once."""

# The bands of a zone add up to the people of all its bands: those with the largest remainders get one more.
ZONE_AGES = f"""
SELECT zone AS area, jsonb_object_agg(band, n ORDER BY band) AS ages
FROM (
    SELECT zone, band, floor(x)::int + (
        row_number() OVER (PARTITION BY zone ORDER BY x - floor(x) DESC, band)
        <= round(sum(x) OVER (PARTITION BY zone)) - sum(floor(x)) OVER (PARTITION BY zone))::int AS n
    FROM (
        SELECT s.zone, e.key AS band, round(sum(s.share * e.value::int)::numeric, 6) AS x
        FROM {ZONE_CELLS} s JOIN area_figure f ON f.area = s.grid CROSS JOIN LATERAL jsonb_each_text(f.ages) e
        GROUP BY s.zone, e.key
    ) b
) w GROUP BY zone
"""  # noqa: S608 - the parts are ours
_FRESH = {"members": "fresh_zone_member", "edges": "fresh_zone_edge"}

_AGES = """
CREATE TEMP TABLE fresh_ages ON COMMIT DROP AS
{zones}
UNION ALL
SELECT area, jsonb_object_agg(band, n ORDER BY band) AS ages
FROM (
    SELECT u.area, e.key AS band, sum(e.value::int)::int AS n
    FROM fresh_above u
    JOIN area_figure f ON f.area = u.below
    CROSS JOIN LATERAL jsonb_each_text(f.ages) e
    WHERE u.holds AND u.area NOT IN (SELECT code FROM area WHERE city = %(city)s AND level = 'zone')
    GROUP BY u.area, e.key
) s GROUP BY area
""".replace("{zones}", ZONE_AGES.format(**_FRESH))

_PARTS = " UNION ALL ".join(PARTS[table].format(rows=table, edges="fresh_zone_edge") for table in PARTS)

_PEOPLE = f"""
CREATE TEMP TABLE fresh_people ON COMMIT DROP AS
SELECT u.area, sum(f.population)::int AS population, sum(f.households)::int AS households,
    sum(f.male)::int AS male, sum(f.female)::int AS female, max(f.population_as_of) AS population_as_of,
    mode() WITHIN GROUP (ORDER BY f.population_method) AS population_method
FROM fresh_above u JOIN area_figure f ON f.area = u.below
WHERE u.holds AND u.area NOT IN (SELECT code FROM area WHERE city = %(city)s AND level = 'zone')
GROUP BY u.area
UNION ALL
{ZONE_PEOPLE.format(**_FRESH)}
"""  # noqa: S608 - the parts are ours

_FIGURE = f"""
CREATE TEMP TABLE fresh_figure ON COMMIT DROP AS
WITH standing AS (
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
    CASE WHEN a.level = 'zone' OR d.summed THEN p.population ELSE f.population END AS population,
    CASE WHEN a.level = 'zone' OR d.summed THEN p.households ELSE f.households END AS households,
    CASE WHEN a.level = 'zone' OR d.summed THEN p.male ELSE f.male END AS male,
    CASE WHEN a.level = 'zone' OR d.summed THEN p.female ELSE f.female END AS female,
    CASE WHEN a.level = 'zone' OR d.summed THEN g.ages ELSE f.ages END AS ages,
    CASE WHEN a.level = 'zone' OR d.summed THEN p.population_as_of ELSE f.population_as_of END AS population_as_of,
    CASE WHEN a.level = 'zone' OR d.summed THEN p.population_method ELSE f.population_method END AS population_method,
    coalesce(s.buildings, 0) AS buildings, coalesce(s.footprint_m2, 0) AS footprint_m2,
    coalesce(s.floor_area_m2, 0) AS floor_area_m2, coalesce(s.facilities, 0) AS facilities
FROM area a
LEFT JOIN area_figure f ON f.area = a.code
LEFT JOIN fresh_people p ON p.area = a.code
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
    _EXPOSED,
    _ZONE_EDGE,
    "ANALYZE fresh_zone_edge",
    _ABOVE,
    "ANALYZE fresh_above",
    _AGES,
    _PEOPLE,
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
    "DELETE FROM zone_edge e USING area z WHERE z.code = e.zone AND z.city = %(city)s",
    "INSERT INTO zone_edge (zone, grid, share) SELECT zone, grid, share FROM fresh_zone_edge",
    "DELETE FROM area_figure f USING area a WHERE a.code = f.area AND a.city = %(city)s",
    """
    INSERT INTO area_figure (area, population, households, male, female, ages, population_as_of, population_method,
        buildings, footprint_m2, floor_area_m2, facilities)
    SELECT area, population, households, male, female, ages, population_as_of, population_method,
        buildings, footprint_m2, floor_area_m2, facilities
    FROM fresh_figure
    """,
)
