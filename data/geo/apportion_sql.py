"""The statements behind ``data.geo.apportion``. Values are bound as ``%(city)s``; nothing is formatted into them.

A *holder* takes people: a leaf (an area with a polygon and no polygon below it), or an area without polygon at the foot of the tree
that does not lie below a leaf. The leaves for cases without a place (origin ``unplaced``) hold nobody.
"""

# Found by parents, not by comparing paths: a set of thousands of paths against itself would take minutes.
HOLDERS = """
CREATE TEMP TABLE share_holder ON COMMIT DROP AS
WITH RECURSIVE leaf AS (
    SELECT l.code, l.path, l.geom, coalesce(a.area_m2, ST_Area(a.geom::geography)) AS area_m2
    FROM leaves(%(city)s) l JOIN area a USING (code)
), under AS (
    SELECT a.code FROM area a JOIN leaf l ON l.code = a.parent WHERE a.level <> 'zone'
    UNION
    SELECT a.code FROM area a JOIN under u ON u.code = a.parent
)
SELECT code, path, geom, area_m2 FROM leaf
UNION ALL
SELECT a.code, a.path, NULL, NULL
FROM area a
WHERE a.city = %(city)s AND a.level <> 'zone' AND a.geom IS NULL AND a.origin <> 'unplaced'
  AND a.code NOT IN (SELECT parent FROM area WHERE city = %(city)s AND level <> 'zone' AND origin <> 'unplaced' AND parent IS NOT NULL)
  AND a.code NOT IN (SELECT code FROM under)
"""

TREE = """
CREATE TEMP TABLE share_tree ON COMMIT DROP AS
WITH RECURSIVE up AS (
    SELECT a.code AS holder, a.code AS area, a.parent FROM area a JOIN share_holder h ON h.code = a.code
    UNION  -- not UNION ALL: a ring of parents ends here instead of running for ever
    SELECT up.holder, a.code, a.parent FROM up JOIN area a ON a.code = up.parent
)
SELECT up.holder, up.area, h.geom IS NOT NULL AS on_ground, bool_or(h.geom IS NOT NULL) OVER (PARTITION BY up.area) AS any_ground
FROM up JOIN share_holder h ON h.code = up.holder
"""

INDEXES = (
    "CREATE INDEX ON share_holder USING gist (geom)",
    "CREATE INDEX ON share_holder USING gist (path)",
    "ANALYZE share_holder",
    "ANALYZE share_tree",
)

# A unit that names an area belongs to what lies below it: to leaves, and to areas without a polygon only where there is no leaf.
BY_CODE = """
CREATE TEMP TABLE share_weight ON COMMIT DROP AS
SELECT u.id AS unit, h.code AS holder, coalesce(h.area_m2, 0)::float8 AS area_m2, 0::float8 AS floor_m2, 'code' AS way
FROM population_unit u
JOIN share_tree t ON t.area = u.area
JOIN share_holder h ON h.code = t.holder
WHERE u.city = %(city)s AND (t.on_ground OR NOT t.any_ground)
"""

# Units that are placed by their shape: those with a polygon of their own, and those that name a zone, whose polygon it is.
_SHAPED = """(
    SELECT u.id, u.city, u.method, s.whole_from, CASE WHEN a.level = 'zone' THEN a.geom ELSE u.geom END AS geom
    FROM population_unit u JOIN source s ON s.id = u.source_id LEFT JOIN area a ON a.code = u.area AND a.city = u.city
    WHERE u.city = %(city)s AND (a.code IS NULL OR a.level = 'zone')
)"""

# People of an area that has nothing below it stand in the leaf above it.
BELOW_LEAF = """
INSERT INTO share_weight
SELECT u.id, h.code, h.area_m2, 0, 'code'
FROM population_unit u
JOIN area a ON a.code = u.area AND a.city = u.city AND a.level <> 'zone'
JOIN share_holder h ON h.path @> a.path
WHERE u.city = %(city)s AND u.area NOT IN (SELECT area FROM share_tree)
"""

BY_SHAPE = f"""
INSERT INTO share_weight
SELECT s.unit, s.holder, s.area_m2, 0, 'shape'
FROM (
    SELECT u.id AS unit, h.code AS holder,
        CASE WHEN ST_CoveredBy(h.geom, u.geom) THEN h.area_m2 ELSE ST_Area(ST_Intersection(h.geom, u.geom)::geography) END AS area_m2
    FROM {_SHAPED} u
    JOIN share_holder h ON h.geom && u.geom AND ST_Intersects(h.geom, u.geom)
) s WHERE s.area_m2 > 0
"""  # noqa: S608 - the part is ours

NEAREST = f"""
INSERT INTO share_weight
SELECT u.id, near.code, 1, 0, 'nearest'
FROM {_SHAPED} u
CROSS JOIN LATERAL (
    SELECT h.code FROM share_holder h WHERE h.geom IS NOT NULL ORDER BY h.geom <-> u.geom, h.code LIMIT 1
) near
WHERE u.geom IS NOT NULL AND NOT EXISTS (SELECT FROM share_weight w WHERE w.unit = u.id)
"""  # noqa: S608 - the part is ours

# Share (0 to 1) of each unit with a polygon of its own that lies in the city: in its outline, or in a leaf that reaches beyond a published
# outline. Only units that cross the outline are measured, with the pieces of it that they meet.
INSIDE = f"""
WITH ground AS MATERIALIZED (
    SELECT ST_Subdivide(geom, 128) AS geom FROM area WHERE code = %(city)s AND geom IS NOT NULL
    UNION ALL
    SELECT l.geom FROM leaves(%(city)s) l JOIN area root ON root.code = %(city)s WHERE root.origin <> 'derived'
), unit AS MATERIALIZED (
    SELECT u.id, u.geom, coalesce(u.whole_from, 1) AS whole_from, ST_CoveredBy(u.geom, root.geom) AS covered
    FROM {_SHAPED} u JOIN area root ON root.code = u.city AND root.geom IS NOT NULL
    WHERE u.geom IS NOT NULL AND ST_Area(u.geom) > 0
), measured AS (
    SELECT u.id, u.whole_from, coalesce(ST_Area(ST_Union(ST_Intersection(g.geom, u.geom))::geography), 0) / ST_Area(u.geom::geography)
        AS share
    FROM unit u LEFT JOIN ground g ON g.geom && u.geom AND ST_Intersects(g.geom, u.geom)
    WHERE NOT u.covered GROUP BY u.id, u.whole_from, u.geom
)
SELECT id AS unit, 1::float8 AS share FROM unit WHERE covered
UNION ALL
SELECT id, CASE WHEN share >= whole_from THEN 1 ELSE share END FROM measured
"""  # noqa: S608 - the part is ours

# Floor area as the roll-ups count it: footprint × floors, floors from the height where they are unknown, else one.
BUILDINGS = """
CREATE TEMP TABLE share_building ON COMMIT DROP AS
SELECT b.grid, ST_PointOnSurface(b.geom) AS spot,
    b.footprint_m2 * coalesce(nullif(b.floors, 0), greatest(round(b.height_m / 3), 1), 1) AS floor_m2
FROM building b
WHERE b.city = %(city)s AND EXISTS (SELECT FROM population_unit u WHERE u.city = b.city AND u.method = 'by_buildings')
"""

BUILDING_INDEX = ("CREATE INDEX ON share_building USING gist (spot)", "ANALYZE share_building")

FLOORS = f"""
UPDATE share_weight w SET floor_m2 = s.floor_m2
FROM (
    SELECT w.unit, w.holder, sum(b.floor_m2) AS floor_m2
    FROM share_weight w
    JOIN population_unit p ON p.id = w.unit AND p.method = 'by_buildings'
    LEFT JOIN {_SHAPED} u ON u.id = w.unit
    JOIN share_building b ON b.grid = w.holder AND (w.way <> 'shape' OR ST_Intersects(u.geom, b.spot))
    GROUP BY w.unit, w.holder
) s
WHERE s.unit = w.unit AND s.holder = w.holder
"""  # noqa: S608 - the part is ours

UNITS = f"""
WITH inside AS MATERIALIZED ({INSIDE})
SELECT u.id, u.source_key, u.area, u.total, u.households, u.male, u.female, u.ages, u.as_of, u.method, coalesce(i.share, 1), s.key
FROM population_unit u JOIN source s ON s.id = u.source_id LEFT JOIN inside i ON i.unit = u.id
WHERE u.city = %(city)s ORDER BY u.id
"""  # noqa: S608 - the part is ours

WEIGHTS = "SELECT unit, holder, area_m2, floor_m2, way FROM share_weight ORDER BY unit, holder"

FORGET = """
UPDATE area_figure f
SET population = NULL, households = NULL, male = NULL, female = NULL, ages = NULL, population_as_of = NULL, population_method = NULL
FROM area a
WHERE a.code = f.area AND a.city = %(city)s
"""

FIGURES = (
    "CREATE TEMP TABLE share_figure (LIKE area_figure) ON COMMIT DROP",
    "ALTER TABLE share_figure ALTER buildings DROP NOT NULL, ALTER footprint_m2 DROP NOT NULL, "
    "ALTER floor_area_m2 DROP NOT NULL, ALTER facilities DROP NOT NULL, ALTER people_hidden DROP NOT NULL",
)

COPY = """
COPY share_figure (area, population, households, male, female, ages, population_as_of, population_method) FROM STDIN
"""

STORE = """
INSERT INTO area_figure (area, population, households, male, female, ages, population_as_of, population_method)
SELECT area, population, households, male, female, ages, population_as_of, population_method FROM share_figure
ON CONFLICT (area) DO UPDATE SET population = excluded.population, households = excluded.households, male = excluded.male,
    female = excluded.female, ages = excluded.ages, population_as_of = excluded.population_as_of,
    population_method = excluded.population_method
"""

TABLES = ("share_holder", "share_tree", "share_weight", "share_building", "share_figure")
