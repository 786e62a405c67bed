"""The statements of migration 0029: what a zone tells is the same for everybody who may see its figures.

A zone counts what stands in it, also in cells of which its viewer may see no row. So its facilities by kind are counted apart from the
viewer's rows, and everybody may know which cells count for it as a whole: that is a matter of outlines.
"""

_DEFINER = "LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp"

FACILITIES = f"""
CREATE FUNCTION zone_facilities(of_zone text) RETURNS TABLE (kind text, n bigint) {_DEFINER} AS $$
    SELECT f.kind, count(*)
    FROM area z JOIN facility f ON f.city = z.city AND f.geom_3857 && z.geom_3857 AND ST_Intersects(z.geom, f.geom)
    WHERE z.code = of_zone AND z.level = 'zone' AND EXISTS (SELECT FROM area_figure_seen s WHERE s.area = of_zone)
    GROUP BY f.kind
$$
"""  # noqa: S608 - no value in it

# Cells all of whose cases stand in the zone: those that its border does not meet, and others that it covers if no case strays from them.
# None that has cases without a place below it: not everybody who may see the zone sees how many these are.
WHOLE_CELLS = f"""
CREATE FUNCTION zone_whole_cells(of_zone text) RETURNS SETOF text {_DEFINER} AS $$
    SELECT m.grid
    FROM area z JOIN zone_member m ON m.zone = z.code LEFT JOIN zone_edge e ON e.zone = m.zone AND e.grid = m.grid
    WHERE z.code = of_zone AND (e.grid IS NULL OR e.share > 1 - 1e-9 AND NOT EXISTS (
        SELECT FROM incident i WHERE i.grid = m.grid AND NOT ST_Intersects(z.geom, i.geom)))
        AND NOT EXISTS (SELECT FROM area l WHERE l.parent = m.grid AND l.origin = 'unplaced')
$$
"""  # noqa: S608 - no value in it

_FUNCTIONS = ("zone_facilities(text)", "zone_whole_cells(text)")
UPGRADE = (
    FACILITIES,
    WHOLE_CELLS,
    *(f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC" for name in _FUNCTIONS),
    *(f"GRANT EXECUTE ON FUNCTION {name} TO gridwell_figures" for name in _FUNCTIONS),
)
DOWNGRADE = tuple(f"DROP FUNCTION {name}" for name in _FUNCTIONS)
