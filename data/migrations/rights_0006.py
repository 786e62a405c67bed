"""The statements of migration 0006 that enforce people's rights: functions, views, policies and grants.

Settings say what a transaction may see, and end with it: ``gridwell.scope`` and ``gridwell.figures`` (the path of an area, ``*`` for
all), ``gridwell.zone`` (code of a functional zone, if the scope is one). A setting that was never made, or was left empty by an earlier
transaction of the session, is no area at all.
"""

_SAFELY = "SET search_path = pg_catalog, public, pg_temp"
_STABLE = "LANGUAGE sql STABLE PARALLEL SAFE"


def _setting(name: str) -> str:
    return f"nullif(current_setting('gridwell.{name}', true), '')"


def _path(name: str) -> str:
    return f"CASE {_setting(name)} WHEN '*' THEN ''::ltree ELSE {_setting(name)}::ltree END"


# ---- Functions that read the settings ----

_SAID = (
    f"CREATE FUNCTION viewer_everywhere() RETURNS boolean {_STABLE} AS"
    f" $$ SELECT {_setting('scope')} = '*' AND {_setting('zone')} IS NULL $$",
    f"CREATE FUNCTION viewer_compares_all() RETURNS boolean {_STABLE} AS $$ SELECT {_setting('figures')} = '*' $$",
    f"CREATE FUNCTION viewer_scope() RETURNS ltree {_STABLE} AS $$ SELECT {_path('scope')} $$",
    f"CREATE FUNCTION viewer_figures() RETURNS ltree {_STABLE} AS $$ SELECT {_path('figures')} $$",
    f"CREATE FUNCTION viewer_zone() RETURNS text {_STABLE} AS $$ SELECT {_setting('zone')} $$",
    f"CREATE FUNCTION viewer_sees_people() RETURNS boolean {_STABLE} AS $$ SELECT current_setting('role') = 'gridwell_people' $$",
)

_CELLS = "(SELECT m.grid FROM zone_member m WHERE m.zone = (SELECT viewer_zone()))"

# The cheap test comes first: most viewers may see everything. And with OR the planner does not use the scope to find rows; it does not know
# the value, and would expect one row in a thousand to match.
_IN_SCOPE = f"""(SELECT viewer_everywhere()) OR (
    path <@ (SELECT viewer_scope()) AND ((SELECT viewer_zone()) IS NULL OR grid IN {_CELLS}))"""

_AREA_IN_SCOPE = f"""CASE WHEN (SELECT viewer_zone()) IS NULL THEN a.path <@ (SELECT viewer_scope())
    ELSE a.code = (SELECT viewer_zone()) OR a.code IN {_CELLS} END"""

_AREA_COMPARED = f"a.path <@ (SELECT viewer_figures()) OR a.code IN {_CELLS}"

# Objects in an area are visible to viewers who may see its figures.
_PLACE_SEEN = f"(SELECT viewer_compares_all()) OR path <@ (SELECT viewer_figures()) OR grid IN {_CELLS}"

# Areas above are visible too, because their names are shown on the way down.
_AREA_NAMED = f"""(SELECT viewer_compares_all()) OR path <@ (SELECT viewer_figures()) OR path @> (SELECT viewer_figures())
    OR path @> (SELECT viewer_scope()) OR code IN {_CELLS}"""

_AREAS = f"""
CREATE FUNCTION viewer_areas() RETURNS integer[] LANGUAGE sql STABLE SECURITY DEFINER {_SAFELY} AS $$
    SELECT s.bounds FROM area a JOIN area_span s ON s.area = a.code WHERE a.path = (SELECT viewer_figures())
$$
"""

_REACHES = f"""
CREATE FUNCTION viewer_reaches(path ltree, grid text) RETURNS boolean {_STABLE} AS $$ SELECT coalesce({_IN_SCOPE}, false) $$
"""

_SCOPE_OF = f"""
CREATE FUNCTION scope_of(of_code text) RETURNS TABLE (scope text, figures text, zone text)
LANGUAGE sql STABLE SECURITY DEFINER {_SAFELY} AS $$
    SELECT '*', '*', '' WHERE of_code = '*'
    UNION ALL
    SELECT a.path::text, a.path::text, '' FROM area a WHERE a.code = of_code AND a.level <> 'zone'
    UNION ALL
    SELECT coalesce((SELECT lca(array_agg(g.path)) FROM zone_member m JOIN area g ON g.code = m.grid WHERE m.zone = a.code)::text, ''),
        a.path::text, a.code
    FROM area a WHERE a.code = of_code AND a.level = 'zone'
$$
"""

# ---- The audit log ----

_AUDIT_HASH = """
CREATE FUNCTION audit_hash(of_row audit_log) RETURNS bytea LANGUAGE sql STABLE AS $$
    SELECT sha256(convert_to(jsonb_build_array(
        (of_row).no, to_char((of_row).at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), (of_row).account, (of_row).role,
        (of_row).address, (of_row).action, (of_row).subject, (of_row).person, (of_row).purpose, (of_row).detail,
        encode((of_row).prev, 'hex'))::text, 'UTF8'))
$$
"""

# Read committed: with an older snapshot the chain would fork at the last row of that snapshot.
AUDIT_APPEND = f"""
CREATE FUNCTION audit_append(of_action text, of_subject text, of_person text DEFAULT NULL, for_purpose text DEFAULT NULL,
    more jsonb DEFAULT NULL)
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER {_SAFELY} AS $$
DECLARE
    last audit_log;
    made audit_log;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'the audit log is written by transactions that are read committed' USING ERRCODE = 'GW004';
    END IF;
    PERFORM pg_advisory_xact_lock(7411007);
    SELECT * INTO last FROM audit_log ORDER BY no DESC LIMIT 1;
    made.no := coalesce(last.no, 0) + 1;
    made.at := clock_timestamp();
    made.account := coalesce({_setting("account")},
        CASE current_setting('role') WHEN 'none' THEN 'owner:' || session_user ELSE '-' END);
    made.role := coalesce({_setting("role")}, '-');
    made.address := coalesce({_setting("address")}, '-');
    made.action := of_action;
    made.subject := of_subject;
    made.person := of_person;
    made.purpose := for_purpose;
    made.detail := coalesce(more, '{{}}');
    made.prev := coalesce(last.hash, '');
    made.hash := audit_hash(made);
    INSERT INTO audit_log SELECT (made).*;
    RETURN made.no;
END $$
"""

_AUDIT_STAYS = (
    """
    CREATE FUNCTION audit_stays() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'rows of the audit log are never changed or deleted' USING ERRCODE = 'GW005';
    END $$
    """,
    "CREATE TRIGGER audit_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log FOR EACH STATEMENT EXECUTE FUNCTION audit_stays()",
)

# ---- One record in full, many masked: never without a row in the audit log ----

# The lock that the audit log is written under is taken first: of two who reveal at once neither is counted out.
_REVEAL_ALLOWED = f"""
CREATE FUNCTION reveal_allowed(purpose text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER {_SAFELY} AS $$
BEGIN
    IF NOT viewer_sees_people() OR {_setting("account")} IS NULL THEN
        RAISE EXCEPTION 'not allowed to reveal' USING ERRCODE = 'GW003';
    END IF;
    IF coalesce(purpose, '') !~ '\\S.*\\S' THEN
        RAISE EXCEPTION 'a purpose is needed' USING ERRCODE = 'GW001';
    END IF;
    PERFORM pg_advisory_xact_lock(7411007);
    IF (SELECT count(*) FROM audit_log l WHERE l.account = {_setting("account")} AND l.at > clock_timestamp() - interval '1 hour'
            AND l.action IN ('reveal_person', 'reveal_reporter', 'reveal_head'))
        >= (SELECT most FROM rate_limit WHERE name = 'reveals_per_hour') THEN
        RAISE EXCEPTION 'too many records revealed within an hour' USING ERRCODE = 'GW002';
    END IF;
END $$
"""

_REVEAL_PERSON = f"""
CREATE FUNCTION reveal_person(of_district text, of_id bigint, purpose text)
RETURNS TABLE (name text, birth_date date, id_kind text, id_cipher bytea, phone_cipher bytea)
LANGUAGE plpgsql SECURITY DEFINER {_SAFELY} AS $$
DECLARE found person;
BEGIN
    PERFORM reveal_allowed(purpose);
    SELECT p.* INTO found FROM person p WHERE p.district = of_district AND p.id = of_id AND viewer_reaches(p.path, p.grid);
    IF found.id IS NOT NULL THEN
        PERFORM audit_append('reveal_person', 'person ' || of_district || '/' || of_id,
            found.source_id || ':' || found.source_key, purpose);
        RETURN QUERY SELECT found.name, found.birth_date, found.id_kind, found.id_cipher, found.phone_cipher;
    END IF;
END $$
"""

_REVEAL_REPORTER = f"""
CREATE FUNCTION reveal_reporter(of_district text, of_incident bigint, purpose text) RETURNS TABLE (name text, phone_cipher bytea)
LANGUAGE plpgsql SECURITY DEFINER {_SAFELY} AS $$
DECLARE found incident_reporter;
BEGIN
    PERFORM reveal_allowed(purpose);
    SELECT r.* INTO found FROM incident_reporter r
    WHERE r.district = of_district AND r.incident_id = of_incident AND viewer_reaches(r.path, r.grid);
    IF found.incident_id IS NOT NULL THEN
        PERFORM audit_append('reveal_reporter', 'incident ' || of_district || '/' || of_incident,
            'reporter:' || of_district || '/' || of_incident, purpose);
        RETURN QUERY SELECT found.name, found.phone_cipher;
    END IF;
END $$
"""

_REVEAL_HEAD = f"""
CREATE FUNCTION reveal_head(of_area text, purpose text) RETURNS TABLE (name text, phone text)
LANGUAGE plpgsql SECURITY DEFINER {_SAFELY} AS $$
DECLARE found area;
BEGIN
    PERFORM reveal_allowed(purpose);
    SELECT a.* INTO found FROM area a WHERE a.code = of_area AND ((SELECT viewer_compares_all()) OR {_AREA_COMPARED});
    IF found.code IS NOT NULL THEN
        PERFORM audit_append('reveal_head', 'area ' || of_area, 'head:' || of_area, purpose);
        RETURN QUERY SELECT found.head_name, found.head_phone;
    END IF;
END $$
"""

_FIND_PEOPLE = f"""
CREATE FUNCTION find_people(by_what text, wanted_name text, wanted_hash bytea, wanted_shown text, most integer DEFAULT 50)
RETURNS TABLE (district text, id bigint, city text, source_id integer, source_key text, grid text, building_id bigint, household text,
    name_shown text, sex text, birth_year smallint, residence text, id_kind text, id_shown text, phone_shown text)
LANGUAGE plpgsql SECURITY DEFINER {_SAFELY} AS $$
#variable_conflict use_column
DECLARE n integer;
BEGIN
    IF NOT viewer_sees_people() OR {_setting("account")} IS NULL THEN
        RAISE EXCEPTION 'not allowed to search for people' USING ERRCODE = 'GW003';
    END IF;
    RETURN QUERY
    SELECT p.district, p.id, p.city, p.source_id, p.source_key, p.grid, p.building_id, p.household, p.name_shown, p.sex, p.birth_year,
        p.residence, p.id_kind, p.id_shown, p.phone_shown
    FROM person p
    WHERE viewer_reaches(p.path, p.grid) AND (
        (by_what = 'name' AND p.name = wanted_name) OR (by_what = 'id' AND p.id_hash = wanted_hash)
        OR (by_what = 'phone' AND p.phone_hash = wanted_hash))
    ORDER BY p.district, p.id LIMIT least(greatest(most, 0), 50);
    GET DIAGNOSTICS n = ROW_COUNT;
    PERFORM audit_append('search_people', by_what, NULL, NULL, jsonb_build_object('wanted', wanted_shown, 'found', n));
END $$
"""

FUNCTIONS = (
    *_SAID,
    _AREAS,
    _REACHES,
    _SCOPE_OF,
    _AUDIT_HASH,
    AUDIT_APPEND,
    *_AUDIT_STAYS,
    _REVEAL_ALLOWED,
    _REVEAL_PERSON,
    _REVEAL_REPORTER,
    _REVEAL_HEAD,
    _FIND_PEOPLE,
)

# ---- Figures about people ----

_FIGURES = ("population", "households", "male", "female", "ages")
_RAW_OR_SHOWN = ", ".join(f"CASE WHEN s.raw THEN f.{name} ELSE f.shown_{name} END AS {name}" for name in _FIGURES)

# A security barrier: a reader's own conditions are evaluated only on rows that the reader may see.
VIEWS = (
    f"""
    CREATE VIEW area_figure_seen WITH (security_barrier) AS
    SELECT f.area, {_RAW_OR_SHOWN}, f.population_as_of, f.population_method, f.buildings, f.footprint_m2, f.floor_area_m2, f.facilities,
        f.people_hidden AND s.raw IS NOT TRUE AS people_hidden
    FROM area_figure f
    CROSS JOIN LATERAL (
        SELECT (SELECT viewer_sees_people()) AND (
            (SELECT viewer_everywhere()) OR EXISTS (SELECT FROM area a WHERE a.code = f.area AND {_AREA_IN_SCOPE})) AS raw
        OFFSET 0 -- worked out once for all columns
    ) s
    WHERE (SELECT viewer_compares_all()) OR EXISTS (SELECT FROM area a WHERE a.code = f.area AND ({_AREA_COMPARED}))
    """,
    # No barrier, which would keep tiles and the search for addresses from the indexes: only our own statements read it, and of what its
    # conditions could give away on the way, whether a building stands somewhere, the street tells everybody.
    f"""
    CREATE VIEW building_seen AS
    SELECT district, id, city, source_id, source_key, grid, path, grid_method, geom, geom_3857, name, address, use, floors, height_m,
        height_origin, year_built, footprint_m2, attributes, seen_from,
        CASE WHEN (SELECT viewer_sees_people()) AND ({_IN_SCOPE}) THEN residents END AS residents
    FROM building WHERE {_PLACE_SEEN}
    """,
)

# ---- Rights on tables and rows ----

# Runs of numbers, see data.rollup.spans: a search in a short array for each row, instead of a walk through the tree.
_OF_AREA_NO = "(SELECT viewer_compares_all()) OR width_bucket(area_no, (SELECT viewer_areas())) % 2 = 1"
_OF_INCIDENT = """(SELECT viewer_everywhere()) OR EXISTS (
    SELECT FROM incident i WHERE i.district = incident_event.district AND i.id = incident_event.incident_id)"""

_ROWS = {
    "person": ("ALL", _IN_SCOPE),
    "incident": ("ALL", _IN_SCOPE),
    "incident_reporter": ("ALL", _IN_SCOPE),
    "incident_event": ("ALL", _OF_INCIDENT),
    "area": ("SELECT", _AREA_NAMED),
    "facility": ("SELECT", _PLACE_SEEN),
    "incident_daily": ("SELECT", _OF_AREA_NO),
    "incident_open": ("SELECT", _OF_AREA_NO),
}

POLICIES = tuple(
    statement
    for table, (command, condition) in _ROWS.items()
    for statement in (
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"CREATE POLICY in_scope ON {table} FOR {command} USING ({condition})",
    )
)


def _columns(table: str, role: str, without: str) -> str:
    """Grant the right to read all columns of a table except those that match a pattern."""
    return f"""
    DO $$ BEGIN EXECUTE (
        SELECT format('GRANT SELECT (%s) ON {table} TO {role}', string_agg(quote_ident(attname), ', ' ORDER BY attnum))
        FROM pg_attribute WHERE attrelid = '{table}'::regclass AND attnum > 0 AND NOT attisdropped AND attname !~ '^({without})$'
    ); END $$
    """


_SECRET = "name|birth_date|.*_cipher|.*_hash"  # noqa: S105 - a pattern
_EVERYBODY = "gridwell_figures, gridwell_door, gridwell_audit"
"""These roles, and every role that has the rights of one of them."""
_DEFINERS = (
    "viewer_areas()",
    "scope_of(text)",
    "audit_append(text, text, text, text, jsonb)",
    "reveal_allowed(text)",
    "reveal_person(text, bigint, text)",
    "reveal_reporter(text, bigint, text)",
    "reveal_head(text, text)",
    "find_people(text, text, bytea, text, integer)",
)

GRANTS = (
    f"GRANT USAGE ON SCHEMA public TO {_EVERYBODY}",
    "GRANT SELECT ON city, source, category, zone_member, incident_kind, incident_daily, incident_open, facility, base_feature,"
    " area_figure_seen, building_seen TO gridwell_figures",
    _columns("area", "gridwell_figures", "head_phone"),
    "GRANT SELECT ON incident, incident_event TO gridwell_cases",
    _columns("person", "gridwell_people", _SECRET),
    _columns("incident_reporter", "gridwell_people", _SECRET),
    "GRANT SELECT, INSERT, UPDATE, DELETE ON account, session, token, one_time_link TO gridwell_door",
    "GRANT SELECT ON audit_log TO gridwell_audit",
    *(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC" for function in _DEFINERS),
    "GRANT EXECUTE ON FUNCTION viewer_areas() TO gridwell_figures",
    "GRANT EXECUTE ON FUNCTION scope_of(text) TO gridwell_door",
    f"GRANT EXECUTE ON FUNCTION audit_append(text, text, text, text, jsonb) TO {_EVERYBODY}",
    *(f"GRANT EXECUTE ON FUNCTION {function} TO gridwell_people" for function in _DEFINERS[4:]),
    # Readers must not be able to create functions or tables that other users might then use by mistake.
    """
    DO $$ BEGIN
        REVOKE CREATE ON SCHEMA public FROM PUBLIC;
    EXCEPTION WHEN insufficient_privilege THEN
        NULL; -- the schema belongs to the server's superuser, as it did up to PostgreSQL 14
    END $$
    """,
)

_FUNCTIONS_TAKEN_BACK = (
    *reversed(_DEFINERS),
    "audit_hash(audit_log)",
    "viewer_reaches(ltree, text)",
    "viewer_sees_people()",
    "viewer_zone()",
    "viewer_figures()",
    "viewer_scope()",
    "viewer_compares_all()",
    "viewer_everywhere()",
)

TAKEN_BACK = (
    *(f"DROP POLICY in_scope ON {table}" for table in _ROWS),
    *(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY" for table in _ROWS),
    "DROP VIEW area_figure_seen, building_seen",
    "REVOKE SELECT ON city, source, category, zone_member, incident_kind, incident_daily, incident_open, facility, base_feature, area,"
    " building, incident, incident_event, person FROM gridwell_figures, gridwell_cases, gridwell_people",
    "DROP TRIGGER audit_stays ON audit_log",
    "DROP FUNCTION audit_stays()",
    *(f"DROP FUNCTION {function}" for function in _FUNCTIONS_TAKEN_BACK),
)
