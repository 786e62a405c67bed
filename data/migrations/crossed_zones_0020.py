"""The statements of migration 0020: exact figures of a zone need the register of every cell that the zone meets.

A zone counts what stands in it, also in cells that it has only a part of. Who may see the register of some of these cells could
subtract them from the zone's exact figures and learn of the others; to such a viewer the zone is told as to everybody else.
"""

from data.migrations.rights_0006 import VIEWS

_SAFELY = "SET search_path = pg_catalog, public, pg_temp"
_DEFINER = f"LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER {_SAFELY}"

CROSSED = f"""
CREATE FUNCTION viewer_crossed_zones() RETURNS text[] {_DEFINER} AS $$
    SELECT coalesce(array_agg(DISTINCT met.zone), '{{}}')
    FROM (SELECT zone, grid FROM zone_edge WHERE share > 1e-9 UNION ALL SELECT zone, grid FROM zone_member) met
    JOIN area g ON g.code = met.grid
    WHERE NOT CASE WHEN (SELECT viewer_zone()) IS NULL THEN coalesce(g.path <@ (SELECT viewer_scope()), false)
        ELSE g.code IN (SELECT m.grid FROM zone_member m WHERE m.zone = (SELECT viewer_zone())) END
$$
"""  # noqa: S608 - no value in it

# A number that is put into the runs once more, with the one after it, is outside of them.
REGISTER_AREAS = f"""
CREATE OR REPLACE FUNCTION viewer_register_areas() RETURNS integer[] {_DEFINER} AS $$
    SELECT ARRAY(
        SELECT bound FROM (
            SELECT unnest(s.bounds)
            UNION ALL
            SELECT unnest(ARRAY[z.no, z.no + 1]) FROM area z
            WHERE z.level = 'zone' AND z.code = ANY (viewer_crossed_zones()) AND width_bucket(z.no, s.bounds) % 2 = 1
        ) b (bound) ORDER BY bound)
    FROM area a JOIN area_span s ON s.area = a.code
    WHERE CASE WHEN (SELECT viewer_zone()) IS NULL THEN a.path = (SELECT viewer_scope()) ELSE a.code = (SELECT viewer_zone()) END
$$
"""  # noqa: S608 - no value in it
REGISTER_AREAS_BEFORE = f"""
CREATE OR REPLACE FUNCTION viewer_register_areas() RETURNS integer[] {_DEFINER} AS $$
    SELECT s.bounds FROM area a JOIN area_span s ON s.area = a.code
    WHERE a.path = (SELECT viewer_scope()) AND (SELECT viewer_zone()) IS NULL
    UNION ALL
    SELECT s.bounds FROM area_span s WHERE s.area = (SELECT viewer_zone())
$$
"""  # noqa: S608 - no value in it

_RAW = "EXISTS (SELECT FROM area a WHERE a.code = f.area AND"
_FIGURES_BEFORE = next(view for view in VIEWS if "CREATE VIEW area_figure_seen" in view).replace("CREATE VIEW", "CREATE OR REPLACE VIEW")
_FIGURES = _FIGURES_BEFORE.replace(_RAW, f"{_RAW} f.area <> ALL ((SELECT viewer_crossed_zones())::text[]) AND", 1)

UPGRADE = (
    CROSSED,
    "REVOKE ALL ON FUNCTION viewer_crossed_zones() FROM PUBLIC",
    "GRANT EXECUTE ON FUNCTION viewer_crossed_zones() TO gridwell_figures",
    REGISTER_AREAS,
    _FIGURES,
)
DOWNGRADE = (_FIGURES_BEFORE, REGISTER_AREAS_BEFORE, "DROP FUNCTION viewer_crossed_zones()")
