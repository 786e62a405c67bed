"""The statements of migration 0039: who sees walls and may change them, and that every change of a tour is told as a live event.

Scenes and turns are seen by whoever sees the figures of the area they show. A tour is changed by roles that may, whose scope holds the
wall's area. A screen tells of itself as its own account; who may steer or manage its wall sees how it is.
"""

_SAFELY = "SET search_path = pg_catalog, public, pg_temp"
_ACCOUNT = "nullif(current_setting('gridwell.account', true), '')"
_MANAGERS = "'supervisor', 'administrator'"
_STEERERS = "'supervisor', 'dispatcher', 'leader', 'administrator'"
"""Roles with ``manage_walls`` and ``steer_walls`` in ``data.core.roles``; a test holds that both say the same."""


def _role(names: str) -> str:
    return f"(SELECT current_setting('gridwell.role', true) IN ({names}))"


# The policies of ``area`` hold here, too: of an area whose name may not be known there is no row.
_SHOWS = """
CREATE FUNCTION wall_shows(of_code text) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM area a WHERE a.code = of_code AND (viewer_compares_all() OR a.path <@ viewer_figures()
        OR a.code IN (SELECT m.grid FROM zone_member m WHERE m.zone = viewer_zone())))
$$
"""
_REACHED = """
CREATE FUNCTION wall_reached(of_city text, of_wall text) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM area a
        WHERE a.code = coalesce((SELECT t.area FROM wall_tour t WHERE t.city = of_city AND t.wall = of_wall), of_city)
            AND viewer_reaches(a.path, a.code))
$$
"""
_AREA_REACHED = "EXISTS (SELECT FROM area a WHERE a.code = wall_tour.area AND a.city = wall_tour.city AND viewer_reaches(a.path, a.code))"
_TOLD = f"""
CREATE FUNCTION wall_told() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER {_SAFELY} AS $$
BEGIN
    INSERT INTO live_event (city, kind, path, body)
    SELECT NEW.city, 'wall', a.path, jsonb_build_object('wall', NEW.wall, 'version', NEW.version::text) FROM area a WHERE a.code = NEW.city;
    PERFORM pg_notify('gridwell_outbox', '');
    RETURN NULL;
END $$
"""  # noqa: S608 - no value in it
_HEARS = "(SELECT viewer_compares_all()) OR path @> (SELECT viewer_figures()) OR path @> (SELECT viewer_scope())"
_SEEN = {
    "wall_tour": "EXISTS (SELECT FROM area a WHERE a.code = wall_tour.city)",
    "wall_scene": "wall_shows(area) AND (zone IS NULL OR wall_shows(zone))",
    "wall_turn": "area IS NULL OR wall_shows(area)",
}
_STEERED = f"{_role(_STEERERS)} AND wall_reached(city, wall)"
_CHANGED = {
    "wall_tour": f"{_role(_STEERERS)} AND {_AREA_REACHED}",
    "wall_scene": f"{_role(_MANAGERS)} AND wall_reached(city, wall)",
    "wall_turn": _STEERED,
}
_PLACED = "kind IN ('figures', 'wall') OR path IS NOT NULL AND grid IS NOT NULL AND category IS NOT NULL"
_PLACED_BEFORE = _PLACED.replace("kind IN ('figures', 'wall')", "kind = 'figures'")


def _rules(table: str) -> tuple[str, ...]:
    seen, changed = _SEEN[table], _CHANGED[table]
    return (
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"CREATE POLICY seen ON {table} FOR SELECT USING ({seen})",
        f"CREATE POLICY made ON {table} FOR INSERT WITH CHECK ({changed} AND ({seen}))",
        f"CREATE POLICY changed ON {table} FOR UPDATE USING ({changed}) WITH CHECK ({changed} AND ({seen}))",
        f"CREATE POLICY deleted ON {table} FOR DELETE USING ({changed})",
    )


UPGRADE = (
    _SHOWS,
    _REACHED,
    *(statement for table in _SEEN for statement in _rules(table)),
    "GRANT SELECT ON wall_scene, wall_turn TO gridwell_figures",
    "GRANT SELECT (city, wall, area, version, epoch_at, set_at, settings, changed_at) ON wall_tour TO gridwell_figures",
    "GRANT SELECT (alarm, changed_by) ON wall_tour TO gridwell_cases",
    "GRANT INSERT, UPDATE, DELETE ON wall_tour, wall_scene, wall_turn TO gridwell_cases",
    "ALTER TABLE wall_screen ENABLE ROW LEVEL SECURITY",
    f"CREATE POLICY own ON wall_screen USING (account = {_ACCOUNT})"
    f" WITH CHECK (account = {_ACCOUNT} AND EXISTS (SELECT FROM area a WHERE a.code = wall_screen.city))",
    f"CREATE POLICY watched ON wall_screen FOR SELECT USING ({_STEERED})",
    f"CREATE POLICY managed ON wall_screen FOR UPDATE USING ({_STEERED}) WITH CHECK ({_STEERED})",
    f"CREATE POLICY forgotten ON wall_screen FOR DELETE USING ({_role(_MANAGERS)} AND wall_reached(city, wall))",
    "GRANT SELECT ON wall_screen TO gridwell_figures",
    "GRANT INSERT (id, city, wall, seen_at, body) ON wall_screen TO gridwell_figures",
    "GRANT UPDATE (city, wall, seen_at, body, wanted_at, picture, picture_at) ON wall_screen TO gridwell_figures",
    "GRANT UPDATE (settings), DELETE ON wall_screen TO gridwell_cases",
    # Screens that the viewer does not see have no plays for them.
    "ALTER TABLE wall_play ENABLE ROW LEVEL SECURITY",
    "CREATE POLICY seen ON wall_play FOR SELECT USING (EXISTS (SELECT FROM wall_screen s WHERE s.id = screen))",
    "CREATE POLICY made ON wall_play FOR INSERT WITH CHECK"
    f" (EXISTS (SELECT FROM wall_screen s WHERE s.id = screen AND s.account = {_ACCOUNT}))",
    "GRANT SELECT, INSERT ON wall_play TO gridwell_figures",
    "ALTER TABLE live_event DROP CONSTRAINT ck_live_event_placed",
    f"ALTER TABLE live_event ADD CONSTRAINT ck_live_event_placed CHECK ({_PLACED})",
    "COMMENT ON COLUMN live_event.kind IS 'case, figures or wall'",
    f"CREATE POLICY walls ON live_event FOR SELECT USING (kind = 'wall' AND ({_HEARS}))",
    _TOLD,
    "REVOKE ALL ON FUNCTION wall_told() FROM PUBLIC",
    "CREATE TRIGGER wall_told AFTER INSERT OR UPDATE OF version ON wall_tour FOR EACH ROW EXECUTE FUNCTION wall_told()",
)
DOWNGRADE = (
    "DROP TRIGGER wall_told ON wall_tour",
    "DROP FUNCTION wall_told()",
    "DROP POLICY walls ON live_event",
    "DELETE FROM live_event WHERE kind = 'wall'",
    "COMMENT ON COLUMN live_event.kind IS 'case or figures'",
    "ALTER TABLE live_event DROP CONSTRAINT ck_live_event_placed",
    f"ALTER TABLE live_event ADD CONSTRAINT ck_live_event_placed CHECK ({_PLACED_BEFORE})",
    *(
        f"DROP POLICY {policy} ON {table}"
        for table, policies in {
            **dict.fromkeys(("wall_tour", "wall_scene", "wall_turn"), ("seen", "made", "changed", "deleted")),
            "wall_play": ("seen", "made"),
            "wall_screen": ("own", "watched", "managed", "forgotten"),
        }.items()
        for policy in policies
    ),
    "DROP FUNCTION wall_reached(text, text)",
    "DROP FUNCTION wall_shows(text)",
)
