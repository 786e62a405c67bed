"""The statements behind ``data.rollup``. Values are bound as ``%(city)s``; nothing is formatted into them.

A *leaf* is an area with a polygon and no polygon below it: objects stand in leaves. A *holder* is an area whose population was
written by the loader: a leaf, or an area without polygon at the foot of the tree that does not lie below a leaf.
"""

FRESH_TABLES = (
    *("fresh_daily", "fresh_kind", "fresh_figure", "fresh_ages", "fresh_above", "fresh_area", "fresh_zone_member"),
    *("fresh_holder", "fresh_leaf", "fresh_tree"),
)

_TREE = """
CREATE TEMP TABLE fresh_tree ON COMMIT DROP AS
WITH RECURSIVE up AS (
    SELECT code AS below, code AS area, parent FROM area WHERE city = %(city)s AND level <> 'zone'
    UNION  -- not UNION ALL: a ring of parents ends here instead of running for ever
    SELECT up.below, a.code, a.parent FROM up JOIN area a ON a.code = up.parent
)
SELECT below, area FROM up
"""

_LEAF = """
CREATE TEMP TABLE fresh_leaf ON COMMIT DROP AS
SELECT a.code FROM area a
WHERE a.city = %(city)s AND a.level <> 'zone' AND a.geom IS NOT NULL AND NOT EXISTS (
    SELECT FROM fresh_tree t JOIN area d ON d.code = t.below
    WHERE t.area = a.code AND d.code <> a.code AND d.geom IS NOT NULL)
"""

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

_AREA = """
CREATE TEMP TABLE fresh_area ON COMMIT DROP AS
SELECT code, coalesce(district, city) AS district, row_number() OVER (ORDER BY coalesce(district, city), code)::int AS n
FROM area WHERE city = %(city)s
"""

# Every area an object in `below` counts for: itself, its ancestors, and its zones.
_ABOVE = """
CREATE TEMP TABLE fresh_above ON COMMIT DROP AS
SELECT s.below, s.area, b.n AS below_n, a.n AS area_n, h.code IS NOT NULL AS holds
FROM (SELECT below, area FROM fresh_tree UNION ALL SELECT grid, zone FROM fresh_zone_member) s
JOIN fresh_area a ON a.code = s.area
JOIN fresh_area b ON b.code = s.below
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

_FIGURE = """
CREATE TEMP TABLE fresh_figure ON COMMIT DROP AS
WITH people AS (
    SELECT u.area, sum(f.population)::int AS population, sum(f.households)::int AS households,
        sum(f.male)::int AS male, sum(f.female)::int AS female, max(f.population_as_of) AS population_as_of,
        mode() WITHIN GROUP (ORDER BY f.population_method) AS population_method
    FROM fresh_above u JOIN area_figure f ON f.area = u.below
    WHERE u.holds
    GROUP BY u.area
), built AS (
    SELECT u.area, sum(b.n)::int AS buildings, sum(b.footprint_m2) AS footprint_m2, sum(b.floor_area_m2) AS floor_area_m2
    FROM (
        SELECT grid, count(*) AS n, sum(footprint_m2) AS footprint_m2,
            sum(footprint_m2 * coalesce(nullif(floors, 0), greatest(round(height_m / 3), 1), 1)) AS floor_area_m2
        FROM building WHERE city = %(city)s GROUP BY grid
    ) b JOIN fresh_above u ON u.below = b.grid GROUP BY u.area
), held AS (
    -- Holders keep what the loader wrote; so do areas that no holder stands below (they lie under a leaf).
    SELECT u.area, bool_or(u.holds AND u.below <> u.area) AS summed FROM fresh_above u GROUP BY u.area
), placed AS (
    SELECT u.area, sum(c.n)::int AS facilities
    FROM (SELECT grid, count(*) AS n FROM facility WHERE city = %(city)s GROUP BY grid) c
    JOIN fresh_above u ON u.below = c.grid GROUP BY u.area
)
SELECT a.code AS area,
    CASE WHEN coalesce(d.summed, a.level = 'zone') THEN p.population ELSE f.population END AS population,
    CASE WHEN coalesce(d.summed, a.level = 'zone') THEN p.households ELSE f.households END AS households,
    CASE WHEN coalesce(d.summed, a.level = 'zone') THEN p.male ELSE f.male END AS male,
    CASE WHEN coalesce(d.summed, a.level = 'zone') THEN p.female ELSE f.female END AS female,
    CASE WHEN coalesce(d.summed, a.level = 'zone') THEN g.ages ELSE f.ages END AS ages,
    CASE WHEN coalesce(d.summed, a.level = 'zone') THEN p.population_as_of ELSE f.population_as_of END AS population_as_of,
    CASE WHEN coalesce(d.summed, a.level = 'zone') THEN p.population_method ELSE f.population_method END AS population_method,
    coalesce(b.buildings, 0) AS buildings, coalesce(b.footprint_m2, 0) AS footprint_m2,
    coalesce(b.floor_area_m2, 0) AS floor_area_m2, coalesce(c.facilities, 0) AS facilities
FROM area a
LEFT JOIN area_figure f ON f.area = a.code
LEFT JOIN people p ON p.area = a.code
LEFT JOIN fresh_ages g ON g.area = a.code
LEFT JOIN built b ON b.area = a.code
LEFT JOIN placed c ON c.area = a.code
LEFT JOIN held d ON d.area = a.code
WHERE a.city = %(city)s
"""

# Areas and kinds are numbered while counting: grouping by four integers takes a third of the time that grouping by texts does.
_KIND = """
CREATE TEMP TABLE fresh_kind ON COMMIT DROP AS
SELECT category, channel, row_number() OVER (ORDER BY category, channel)::int AS kind
FROM incident WHERE city = %(city)s GROUP BY category, channel
"""

_DAILY = """
WITH raw AS MATERIALIZED (
    SELECT l.n, k.kind, is_open::int AS open, paused, closed_at <= due_at AS on_time,
        stage IN ('closed', 'evaluated') AS is_closed,
        stage IN ('void', 'duplicate', 'not_responsible', 'referred') AS is_void,
        (reported_at AT TIME ZONE c.timezone)::date AS reported_day,
        (closed_at AT TIME ZONE c.timezone)::date AS closed_day,
        (due_at AT TIME ZONE c.timezone)::date AS due_day
    FROM incident i
    JOIN city c ON c.code = i.city
    JOIN fresh_area l ON l.code = i.grid
    JOIN fresh_kind k USING (category, channel)
    WHERE i.city = %(city)s
), counted AS (
    SELECT n, reported_day AS day, kind, 1 AS reported, is_void::int AS void, open, 0 AS closed, 0 AS due, 0 AS due_closed, 0 AS due_on_time
    FROM raw
    UNION ALL
    SELECT n, closed_day, kind, 0, 0, 0, 1, 0, 0, 0
    FROM raw WHERE is_closed AND closed_day IS NOT NULL
    UNION ALL
    SELECT n, due_day, kind, 0, 0, 0, 0, 1, is_closed::int, coalesce(is_closed AND on_time, false)::int
    FROM raw WHERE due_day IS NOT NULL AND NOT is_void AND NOT paused
), summed AS (
    SELECT u.area_n, day, kind, sum(reported) AS reported, sum(void) AS void, sum(open) AS open, sum(closed) AS closed,
        sum(due) AS due, sum(due_closed) AS due_closed, sum(due_on_time) AS due_on_time
    FROM counted JOIN fresh_above u ON u.below_n = counted.n
    GROUP BY u.area_n, day, kind
)
SELECT a.district, a.code AS area, day, category, channel, reported::int, void::int, open::int, closed::int, due::int,
    due_closed::int, due_on_time::int
FROM summed JOIN fresh_area a ON a.n = summed.area_n JOIN fresh_kind USING (kind)
ORDER BY area_n, day, kind  -- the order of incident_daily's primary key: its index then grows at its end
"""

COMPUTE = (
    _TREE,
    "CREATE INDEX ON fresh_tree (area)",
    "CREATE INDEX ON fresh_tree (below)",
    "ANALYZE fresh_tree",
    _LEAF,
    _HOLDER,
    _ZONE_MEMBER,
    _AREA,
    "ANALYZE fresh_area",
    _ABOVE,
    "ANALYZE fresh_above",
    _AGES,
    _FIGURE,
    _KIND,
    "ANALYZE fresh_kind",
)

FRESH_DAILY = "CREATE TEMP TABLE fresh_daily ON COMMIT DROP AS" + _DAILY

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
    # Also what belongs to areas that are gone: nothing else would ever take it away.
    """
    DELETE FROM incident_daily d
    WHERE d.area IN (SELECT code FROM area WHERE city = %(city)s) OR NOT EXISTS (SELECT FROM area a WHERE a.code = d.area)
    """,
    "SET LOCAL work_mem = '256MB'",
    "INSERT INTO incident_daily (district, area, day, category, channel, reported, void, open, closed, due, due_closed, due_on_time)"
    + _DAILY,
    "SET LOCAL work_mem TO DEFAULT",
)

# A version is part of addresses that browsers keep for ever, so it is never used again: not by a city that was taken away and made anew,
# nor by another database behind the same address. Counting from 1 would; milliseconds do not.
TOUCH = (
    """
    UPDATE city SET data_version = greatest(data_version + 1, (extract(epoch FROM clock_timestamp()) * 1000)::bigint),
        changed_at = clock_timestamp()
    WHERE code = %(city)s
    """,
)

_FIGURE_DIFFERENCES = """
SELECT coalesce(s.area, f.area), v.col, v.stored, v.fresh
FROM fresh_figure f
FULL JOIN (SELECT g.* FROM area_figure g JOIN area a ON a.code = g.area WHERE a.city = %(city)s) s ON s.area = f.area
CROSS JOIN LATERAL (VALUES
    ('population', s.population::float8, f.population::float8),
    ('households', s.households::float8, f.households::float8),
    ('male', s.male::float8, f.male::float8),
    ('female', s.female::float8, f.female::float8),
    ('buildings', s.buildings::float8, f.buildings::float8),
    ('footprint_m2', s.footprint_m2, f.footprint_m2),
    ('floor_area_m2', s.floor_area_m2, f.floor_area_m2),
    ('facilities', s.facilities::float8, f.facilities::float8)
) v (col, stored, fresh)
WHERE (v.stored IS NULL) <> (v.fresh IS NULL) OR abs(v.stored - v.fresh) > 1e-6 * greatest(1, abs(v.fresh))
ORDER BY 1, 2 LIMIT %(limit)s
"""

_DAILY_DIFFERENCES = """
SELECT concat_ws(' · ', area, day, category, channel), v.col, v.stored, v.fresh
FROM fresh_daily f
FULL JOIN (SELECT d.* FROM incident_daily d JOIN area a ON a.code = d.area WHERE a.city = %(city)s) s
    USING (district, area, day, category, channel)
CROSS JOIN LATERAL (VALUES
    ('reported', s.reported::float8, f.reported::float8),
    ('void', s.void::float8, f.void::float8),
    ('open', s.open::float8, f.open::float8),
    ('closed', s.closed::float8, f.closed::float8),
    ('due', s.due::float8, f.due::float8),
    ('due_closed', s.due_closed::float8, f.due_closed::float8),
    ('due_on_time', s.due_on_time::float8, f.due_on_time::float8)
) v (col, stored, fresh)
WHERE coalesce(v.stored, 0) <> coalesce(v.fresh, 0)
ORDER BY 1, 2 LIMIT %(limit)s
"""

_ZONE_DIFFERENCES = """
SELECT concat_ws(' · ', zone, grid), 'member', s.one::float8, f.one::float8
FROM (SELECT zone, grid, 1 AS one FROM fresh_zone_member) f
FULL JOIN (SELECT m.zone, m.grid, 1 AS one FROM zone_member m JOIN area z ON z.code = m.zone WHERE z.city = %(city)s) s
    USING (zone, grid)
WHERE s.one IS NULL OR f.one IS NULL
ORDER BY 1 LIMIT %(limit)s
"""

DIFFERENCES = {
    "area_figure": _FIGURE_DIFFERENCES,
    "incident_daily": _DAILY_DIFFERENCES,
    "zone_member": _ZONE_DIFFERENCES,
}
