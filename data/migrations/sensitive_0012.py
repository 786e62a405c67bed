"""The statements of migration 0012: cases of sensitive categories, and counts of them, need the right to personal data.

Who may see the register of an area sees its sensitive cases and counts. Everybody else sees neither: no row of such a case, and no row
of a roll-up that counts one. Sums over all categories are therefore stored twice, for the sensitive ones and for the others; whoever may
see both adds them up.
"""

_SAFELY = "SET search_path = pg_catalog, public, pg_temp"
_DEFINER = f"LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER {_SAFELY}"

_FUNCTIONS = (
    f"""
    CREATE FUNCTION sensitive_categories() RETURNS text[] {_DEFINER} AS $$
        SELECT coalesce(array_agg(city || ' ' || code), '{{}}') FROM category WHERE subject = 'incident' AND sensitive
    $$
    """,  # noqa: S608 - no value in it
    f"""
    CREATE FUNCTION sensitive_kinds() RETURNS smallint[] {_DEFINER} AS $$
        SELECT coalesce(array_agg(no), '{{}}') FROM incident_kind WHERE sensitive
    $$
    """,  # noqa: S608 - no value in it
    # The runs of numbers of the areas whose register the viewer may see, if the viewer may see any register at all.
    f"""
    CREATE FUNCTION viewer_register_areas() RETURNS integer[] {_DEFINER} AS $$
        SELECT s.bounds FROM area a JOIN area_span s ON s.area = a.code
        WHERE a.path = (SELECT viewer_scope()) AND (SELECT viewer_zone()) IS NULL
        UNION ALL
        SELECT s.bounds FROM area_span s WHERE s.area = (SELECT viewer_zone())
    $$
    """,  # noqa: S608 - no value in it
)
_NAMES = ("sensitive_categories()", "sensitive_kinds()", "viewer_register_areas()")

_CELLS = "(SELECT m.grid FROM zone_member m WHERE m.zone = (SELECT viewer_zone()))"
IN_SCOPE = f"""((SELECT viewer_everywhere()) OR (
    path <@ (SELECT viewer_scope()) AND ((SELECT viewer_zone()) IS NULL OR grid IN {_CELLS})))"""
_OF_AREA_NO = "((SELECT viewer_compares_all()) OR width_bucket(area_no, (SELECT viewer_areas())) % 2 = 1)"
_OF_INCIDENT = """EXISTS (
    SELECT FROM incident i WHERE i.district = incident_event.district AND i.id = incident_event.incident_id)"""

# Each function is called once for each statement and table, so there are no others around them.
CASE_SEEN = """((SELECT viewer_sees_people()) OR city || ' ' || category <> ALL ((SELECT sensitive_categories())::text[]))"""
_ALL_CASES_SEEN = """(SELECT viewer_everywhere())
    AND ((SELECT viewer_sees_people()) OR (SELECT cardinality(sensitive_categories()) = 0))"""
# The register of an area is looked up only for kinds that are sensitive.
_COUNT_SEEN = """((SELECT viewer_sees_people() AND viewer_everywhere()) OR kind <> ALL ((SELECT sensitive_kinds())::smallint[])
    OR (SELECT viewer_sees_people()) AND width_bucket(area_no, (SELECT viewer_register_areas())) % 2 = 1)"""

_AFTER = {
    "incident": f"{IN_SCOPE} AND {CASE_SEEN}",
    "incident_event": f"{_ALL_CASES_SEEN} OR {_OF_INCIDENT}",
    "incident_daily": f"{_OF_AREA_NO} AND {_COUNT_SEEN}",
    "incident_open": f"{_OF_AREA_NO} AND {_COUNT_SEEN}",
}
_BEFORE = {
    "incident": IN_SCOPE,
    "incident_event": f"(SELECT viewer_everywhere()) OR {_OF_INCIDENT}",
    "incident_daily": _OF_AREA_NO,
    "incident_open": _OF_AREA_NO,
}

MADE = (
    *_FUNCTIONS,
    *(f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC" for name in _NAMES),
    *(f"GRANT EXECUTE ON FUNCTION {name} TO gridwell_figures" for name in _NAMES),
    *(f"ALTER POLICY in_scope ON {table} USING ({condition})" for table, condition in _AFTER.items()),
    "ALTER TABLE incident_kind ENABLE ROW LEVEL SECURITY",
    "CREATE POLICY in_scope ON incident_kind FOR SELECT USING (NOT sensitive OR (SELECT viewer_sees_people()))",
)
TAKEN_BACK = (
    "DROP POLICY in_scope ON incident_kind",
    "ALTER TABLE incident_kind DISABLE ROW LEVEL SECURITY",
    *(f"ALTER POLICY in_scope ON {table} USING ({condition})" for table, condition in _BEFORE.items()),
    *(f"DROP FUNCTION {name}" for name in _NAMES),
)
