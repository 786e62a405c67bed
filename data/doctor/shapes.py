"""Checks of shapes: geometries are valid, cells tile the area above, and areas lie in the area above."""

from data.database.connections import Connection
from data.doctor.model import MOST_LISTED, Outcome, city_check, judge_offenders, judge_statement

SAMPLE = 5_000
"""Number of rows of a large table that are transformed again and compared."""
TOLERANCE_M2 = 1.0
TOLERANCE_SHARE = 1e-6

_ALL = """
SELECT (SELECT count(*) FROM area WHERE city = %(city)s AND geom IS NOT NULL)
     + (SELECT count(*) FROM building WHERE city = %(city)s)
     + (SELECT count(*) FROM incident WHERE city = %(city)s AND geom IS NOT NULL)
     + (SELECT count(*) FROM facility WHERE city = %(city)s)
"""
_UNSOUND = """
SELECT what FROM (
    SELECT 'area ' || code AS what, geom, geom_3857 FROM area WHERE city = %(city)s AND geom IS NOT NULL
    UNION ALL SELECT 'building ' || source_key, geom, geom_3857 FROM building WHERE city = %(city)s
    UNION ALL SELECT 'incident ' || number, geom, geom_3857 FROM incident WHERE city = %(city)s AND geom IS NOT NULL
    UNION ALL SELECT 'facility ' || source_key, geom, geom_3857 FROM facility WHERE city = %(city)s
) s
WHERE ST_IsEmpty(geom) OR NOT ST_IsValid(geom) OR geom_3857 IS NULL OR ST_IsEmpty(geom_3857) OR ST_SRID(geom) <> 4326
   OR ST_SRID(geom_3857) <> 3857 OR NOT ST_Covers(ST_MakeEnvelope(-180, -90, 180, 90, 4326), geom)
"""


@city_check("shape.valid", "Every geometry is valid, not empty, on the globe, and stored in both coordinate systems")
def valid(connection: Connection, city: str) -> Outcome:
    """EPSG:4326 is for computing, EPSG:3857 for drawing."""
    return judge_statement(connection, city, _ALL, _UNSOUND)


# A large table is sampled in even steps. Five centimetres are less than the map can show.
_SAMPLED = f"""
SELECT what, geom, geom_3857 FROM (
    SELECT 'area ' || code AS what, geom, geom_3857, 0 AS n, 1 AS step FROM area WHERE city = %(city)s AND geom IS NOT NULL
    UNION ALL SELECT 'building ' || source_key, geom, geom_3857, row_number() OVER (ORDER BY id), 1 + count(*) OVER () / {SAMPLE}
    FROM building WHERE city = %(city)s
    UNION ALL SELECT 'incident ' || number, geom, geom_3857, row_number() OVER (ORDER BY id), 1 + count(*) OVER () / {SAMPLE}
    FROM incident WHERE city = %(city)s AND geom IS NOT NULL
    UNION ALL SELECT 'facility ' || source_key, geom, geom_3857, row_number() OVER (ORDER BY id), 1 + count(*) OVER () / {SAMPLE}
    FROM facility WHERE city = %(city)s
) s WHERE n %% step = 0
"""  # noqa: S608 - the number is ours
_MOVED = f"""
SELECT what FROM (SELECT what, ST_Transform(geom, 3857) AS t, geom_3857 AS g FROM ({_SAMPLED}) sampled) s
WHERE ST_NPoints(t) <> ST_NPoints(g)
   OR greatest(abs(ST_XMin(t) - ST_XMin(g)), abs(ST_XMax(t) - ST_XMax(g))) > 0.05
   OR greatest(abs(ST_YMin(t) - ST_YMin(g)), abs(ST_YMax(t) - ST_YMax(g))) > 0.05
   OR abs(ST_Area(t) - ST_Area(g)) > 0.05 + 1e-6 * ST_Area(t)
"""  # noqa: S608 - both parts are ours


@city_check("shape.drawn", "The geometry for drawing equals the stored geometry")
def drawn(connection: Connection, city: str) -> Outcome:
    """The geometry in EPSG:3857 equals the transformed one, to five centimetres; large tables are sampled."""
    return judge_statement(connection, city, f"SELECT count(*) FROM ({_SAMPLED}) s", _MOVED)  # noqa: S608


# Gaps are measured in degrees and scaled by the parent's own square metres: between two vertices a polygon here is straight in degrees,
# while a geography's edge is a geodesic, and a vertex in the middle of a long edge would count as a gap of many square metres.
_TILING = """
WITH cell AS (
    SELECT parent, count(*) AS n, ST_Union(geom) AS all_of_them, sum(ST_Area(geom)) AS sum_degrees,
        bool_or(origin = 'published') AS published
    FROM area
    WHERE city = %(city)s AND geom IS NOT NULL AND parent IS NOT NULL AND (level = 'grid' OR origin IN ('made', 'approximate'))
    GROUP BY parent
)
SELECT p.code, n, published AND NOT c.is_demo, (p.attributes ->> 'tiling_tolerance')::float8,
    ST_Area(p.geom::geography),
    ST_Area(ST_Difference(p.geom, all_of_them)) * s.m2 AS gap_m2,
    greatest(sum_degrees - ST_Area(all_of_them), 0) * s.m2 AS overlap_m2,
    ST_Area(ST_Difference(all_of_them, p.geom)) * s.m2 AS outside_m2
FROM cell JOIN area p ON p.code = cell.parent JOIN city c ON c.code = p.city
CROSS JOIN LATERAL (SELECT ST_Area(p.geom::geography) / nullif(ST_Area(p.geom), 0) AS m2) s
WHERE p.geom IS NOT NULL AND s.m2 IS NOT NULL
ORDER BY p.code
"""


@city_check("shape.tiling", "Grid cells, and areas made here, tile the area above: no gap, no overlap")
def tiling(connection: Connection, city: str) -> Outcome:
    """Areas of gaps, of overlaps, and of parts outside the area above, in m².

    Generated cells must tile to 1 m² and a millionth of the area. For published cells, which we do not change, the figures are a note,
    unless the area above says in ``tiling_tolerance`` which share of its area may be off.
    """
    rows = connection.execute(_TILING, {"city": city}).fetchall()
    gap, overlap, outside = (sum(row[i] for row in rows) for i in (5, 6, 7))
    wrong: list[str] = []
    noted: list[str] = []
    for code, _, published, tolerance, area_m2, *off in rows:
        allowed = TOLERANCE_M2 + area_m2 * (TOLERANCE_SHARE if tolerance is None else tolerance)
        if max(off) > allowed:
            told = f"{code}: gap {off[0]:.2f} m², overlap {off[1]:.2f} m², outside {off[2]:.2f} m²"
            (noted if published and tolerance is None else wrong).append(told)
    return Outcome(
        "{cells} cells in {parents} areas: gaps {gap_m2} m², overlaps {overlap_m2} m², outside {outside_m2} m²",
        {
            "cells": sum(row[1] for row in rows),
            "parents": len(rows),
            "gap_m2": round(gap, 2),
            "overlap_m2": round(overlap, 2),
            "outside_m2": round(outside, 2),
        },
        len(wrong or noted),
        tuple((wrong or noted)[:MOST_LISTED]),
        note=not wrong,
    )


NESTS = 0.05
"""How far areas may leave the areas above them where their source says nothing; the import stops at the same share."""
_HALF = 0.5

# Only areas that their parent does not cover are measured: in the parent, and in the other areas of its level.
_NESTING = """
CREATE TEMP TABLE nested_area ON COMMIT DROP AS
SELECT a.code, a.name, a.geom, a.area_m2, a.parent, p.level AS parent_level, s.nests,
    a.level = 'grid' AND a.origin = 'published' OR a.origin = 'approximate' AS free,
    CASE WHEN ST_CoveredBy(a.geom, p.geom) THEN a.area_m2
        ELSE a.area_m2 * ST_Area(ST_Intersection(a.geom, p.geom)) / ST_Area(a.geom) END AS inside_m2
FROM area a JOIN area p ON p.code = a.parent LEFT JOIN source s ON s.id = a.source_id
WHERE a.city = %(city)s AND a.level <> 'zone' AND a.geom IS NOT NULL AND p.geom IS NOT NULL AND ST_Area(a.geom) > 0
"""
_NESTED = f"""
WITH taken AS (
    SELECT q.code AS parent, n.parent AS owner, n.free, n.nests,
        sum(n.area_m2 * ST_Area(ST_Intersection(n.geom, q.geom)) / ST_Area(n.geom)) AS m2
    FROM nested_area n JOIN area q ON q.city = %(city)s AND q.level = n.parent_level AND q.code <> n.parent AND q.geom && n.geom
    WHERE n.inside_m2 < n.area_m2 * (1 - 1e-9) AND ST_Intersects(n.geom, q.geom)
    GROUP BY q.code, n.parent, n.free, n.nests
), left_by AS (
    SELECT parent, free, nests, sum(area_m2) AS m2, sum(area_m2 - inside_m2) AS outside_m2
    FROM nested_area GROUP BY parent, free, nests
)
SELECT p.name || ' (' || p.code || '): ' || round(100 * l.outside_m2 / l.m2)::text || ' %%', l.free OR l.nests IS NOT NULL,
    l.outside_m2 / l.m2 > coalesce(l.nests, {NESTS}), p.code
FROM left_by l JOIN area p ON p.code = l.parent WHERE l.outside_m2 / l.m2 > {NESTS}
UNION ALL
SELECT p.name || ' (' || p.code || ') < ' || o.name || ' (' || o.code || '): ' || round(100 * t.m2 / p.area_m2)::text || ' %%',
    t.free OR t.nests IS NOT NULL, t.m2 / p.area_m2 > coalesce(t.nests, {NESTS}), p.code
FROM taken t JOIN area p ON p.code = t.parent JOIN area o ON o.code = t.owner WHERE t.m2 / p.area_m2 > {NESTS}
UNION ALL
SELECT n.name || ' (' || n.code || ') < ' || p.name || ' (' || p.code || '): ' || round(100 * n.inside_m2 / n.area_m2)::text || ' %%',
    n.free OR n.nests IS NOT NULL, true, n.code
FROM nested_area n JOIN area p ON p.code = n.parent WHERE n.inside_m2 / n.area_m2 <= {_HALF}
ORDER BY 4, 1
"""  # noqa: S608 - the numbers are ours


@city_check("shape.nesting", "Areas lie in the area above them, and no area is covered by the children of another")
def nesting(connection: Connection, city: str) -> Outcome:
    """Otherwise the figures of an area, which are the sums of those below it, are not those of what lies in its outline.

    Named are parents of whose children much lies outside, parents that the children of another cover, and areas that lie in their parent
    by half or less. Published grid cells, and sources whose profile says how far they may leave the areas above, only give a note.
    """
    connection.execute("DROP TABLE IF EXISTS pg_temp.nested_area")
    connection.execute(_NESTING, {"city": city})
    connection.execute("CREATE INDEX ON nested_area USING gist (geom)")
    connection.execute("ANALYZE nested_area")
    counted = connection.execute("SELECT count(*) FROM nested_area").fetchone()
    rows = connection.execute(_NESTED, {"city": city}).fetchall()
    wrong = [what for what, declared, beyond, _ in rows if beyond and not declared]
    return judge_offenders(wrong or [row[0] for row in rows], counted[0] if counted else 0, note=not wrong)
