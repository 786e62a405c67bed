"""The statements of migration 0036: telephones of units, remark templates, replaced photos, and earlier cases of a reporter.

Telephones of heads and units are those of an office: who works with cases may open them, with a purpose and a row in the audit log, as
before only who may see the register.
"""

_SAFELY = "SET search_path = pg_catalog, public, pg_temp"
_ACCOUNT = "nullif(current_setting('gridwell.account', true), '')"
_CELLS = "(SELECT m.grid FROM zone_member m WHERE m.zone = (SELECT viewer_zone()))"
_AREA_COMPARED = f"(SELECT viewer_compares_all()) OR a.path <@ (SELECT viewer_figures()) OR a.code IN {_CELLS}"
# Somebody of a city: the own area lies in it, or its units are the own ones.
_OF_CITY = f"""(SELECT viewer_everywhere()) OR (SELECT viewer_scope()) <@ (SELECT c.path FROM area c WHERE c.code = of_city)
    OR EXISTS (SELECT FROM unit_member m WHERE m.city = of_city AND m.account = {_ACCOUNT})"""  # noqa: S608 - no value in it

_ALLOWED = f"""
CREATE {{again}} FUNCTION {{name}}(purpose text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER {_SAFELY} AS $$
BEGIN
    IF NOT {{able}} OR {_ACCOUNT} IS NULL THEN
        RAISE EXCEPTION 'not allowed to reveal' USING ERRCODE = 'GW003';
    END IF;
    IF coalesce(purpose, '') !~ '\\S.*\\S' THEN
        RAISE EXCEPTION 'a purpose is needed' USING ERRCODE = 'GW001';
    END IF;
    PERFORM pg_advisory_xact_lock(7411007);
    IF (SELECT count(*) FROM audit_log l WHERE l.account = {_ACCOUNT} AND l.at > clock_timestamp() - interval '1 hour'
            AND l.action IN ({{actions}})) >= (SELECT most FROM rate_limit WHERE name = 'reveals_per_hour') THEN
        RAISE EXCEPTION 'too many records revealed within an hour' USING ERRCODE = 'GW002';
    END IF;
END $$
"""  # noqa: S608 - no value in it
_BEFORE = "'reveal_person', 'reveal_reporter', 'reveal_head'"
_PEOPLE = {"name": "reveal_allowed", "able": "viewer_sees_people()"}
_WORK = {"name": "call_allowed", "able": "current_setting('role') IN ('gridwell_cases', 'gridwell_people')"}

_HEAD = f"""
CREATE OR REPLACE FUNCTION reveal_head(of_area text, purpose text) RETURNS TABLE (name text, phone text)
LANGUAGE plpgsql SECURITY DEFINER {_SAFELY} AS $$
DECLARE found area;
BEGIN
    PERFORM {{allowed}}(purpose);
    SELECT a.* INTO found FROM area a WHERE a.code = of_area AND ({_AREA_COMPARED});
    IF found.code IS NOT NULL THEN
        PERFORM audit_append('reveal_head', 'area ' || of_area, 'head:' || of_area, purpose);
        RETURN QUERY SELECT found.head_name, found.head_phone;
    END IF;
END $$
"""  # noqa: S608 - no value in it
_UNIT = f"""
CREATE FUNCTION reveal_unit(of_city text, of_unit text, purpose text) RETURNS TABLE (name text, phone text)
LANGUAGE plpgsql SECURITY DEFINER {_SAFELY} AS $$
DECLARE found unit;
BEGIN
    PERFORM call_allowed(purpose);
    SELECT u.* INTO found FROM unit u WHERE u.city = of_city AND u.code = of_unit AND ({_OF_CITY});
    IF found.code IS NOT NULL THEN
        PERFORM audit_append('reveal_unit', 'unit ' || of_city || '/' || of_unit, 'unit:' || of_city || '/' || of_unit, purpose);
        RETURN QUERY SELECT found.name, found.phone;
    END IF;
END $$
"""  # noqa: S608 - no value in it

# Who writes templates has the right to dispatch: the server names the role, and the accounts decide which one that is.
_MAY_WRITE = f"""
    IF {_ACCOUNT} IS NULL OR coalesce(current_setting('gridwell.role', true), '') NOT IN ('supervisor', 'dispatcher')
        OR NOT coalesce({_OF_CITY}, false) THEN
        RAISE EXCEPTION 'not allowed to write templates' USING ERRCODE = 'GW003';
    END IF;
"""
MOST_TEMPLATES = 200
_ADD = f"""
CREATE FUNCTION add_remark_template(of_city text, of_step text, of_text text) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER {_SAFELY} AS $$
DECLARE made integer;
BEGIN
    {_MAY_WRITE}
    PERFORM pg_advisory_xact_lock(7411056, hashtext(of_city));
    IF (SELECT count(*) FROM remark_template t WHERE t.city = of_city AND t.retired_at IS NULL) >= {MOST_TEMPLATES} THEN
        RAISE EXCEPTION 'too many templates' USING ERRCODE = 'GW008';
    END IF;
    INSERT INTO remark_template (city, step, text, account) VALUES (of_city, of_step, of_text, {_ACCOUNT}) RETURNING id INTO made;
    PERFORM audit_append('templates', 'city ' || of_city, NULL, NULL, jsonb_build_object('added', made));
    RETURN made;
END $$
"""  # noqa: S608 - no value in it
_RETIRE = f"""
CREATE FUNCTION retire_remark_template(of_city text, of_id integer) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER {_SAFELY} AS $$
BEGIN
    {_MAY_WRITE}
    UPDATE remark_template t SET retired_at = clock_timestamp() WHERE t.city = of_city AND t.id = of_id AND t.retired_at IS NULL;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM audit_append('templates', 'city ' || of_city, NULL, NULL, jsonb_build_object('retired', of_id));
    RETURN true;
END $$
"""  # noqa: S608 - no value in it

# The same number, whoever gave it: its keyed hash. What is told are keys of cases that this viewer's scope reaches, and a row of the log.
_EARLIER = f"""
CREATE FUNCTION cases_of_reporter(of_district text, of_incident bigint, most integer) RETURNS TABLE (district text, id bigint)
LANGUAGE plpgsql SECURITY DEFINER {_SAFELY} AS $$
DECLARE hashes bytea[];
BEGIN
    IF NOT viewer_sees_people() OR {_ACCOUNT} IS NULL THEN
        RAISE EXCEPTION 'not allowed to see reporters' USING ERRCODE = 'GW003';
    END IF;
    SELECT array_agg(r.phone_hash) INTO hashes FROM incident_reporter r
    WHERE r.district = of_district AND r.incident_id = of_incident AND r.phone_hash IS NOT NULL AND viewer_reaches(r.path, r.grid);
    IF hashes IS NULL THEN
        RETURN;
    END IF;
    PERFORM audit_append('list_people', 'earlier cases of the reporter of incident ' || of_district || '/' || of_incident);
    RETURN QUERY SELECT DISTINCT r.district, r.incident_id FROM incident_reporter r
        WHERE r.phone_hash = ANY (hashes) AND (r.district, r.incident_id) <> (of_district, of_incident) AND viewer_reaches(r.path, r.grid)
        ORDER BY 2 DESC LIMIT most;
END $$
"""  # noqa: S608 - no value in it

_SEEN = """EXISTS (SELECT FROM attachment_case c WHERE c.hash = attachment.hash{kept})
    OR EXISTS (SELECT FROM attachment_upload u WHERE u.hash = attachment.hash)"""
_KEPT = " AND (c.replaced_by IS NULL OR (SELECT viewer_sees_people()))"
_COLUMNS = "city, code, name, name_en, department, department_en, valid_from, valid_to, phone_shown"


def _definer(function: str, role: str) -> tuple[str, str]:
    return f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC", f"GRANT EXECUTE ON FUNCTION {function} TO {role}"


def _allow(before: str, after: str) -> str:
    """Change the list of actions that the server's role may write, whatever other migrations added to it."""
    return f"""
    DO $do$ BEGIN
        EXECUTE replace(pg_get_functiondef('audit_append(text, text, text, text, jsonb)'::regprocedure), $a${before}$a$, $a${after}$a$);
    END $do$
    """


MORE_ACTIONS = ("reveal_unit", "templates")
"""What people do through the server, beside ``audit_0014.SERVERS_ACTIONS``."""
_ACTIONS, _MORE = "'{sign_in,", f"'{{{','.join(MORE_ACTIONS)},sign_in,"

UPGRADE = (
    _allow(_ACTIONS, _MORE),
    "REVOKE SELECT ON unit FROM gridwell_figures",
    f"GRANT SELECT ({_COLUMNS}) ON unit TO gridwell_figures",
    _ALLOWED.format(again="OR REPLACE", actions=f"{_BEFORE}, 'reveal_unit'", **_PEOPLE),
    _ALLOWED.format(again="", actions=f"{_BEFORE}, 'reveal_unit'", **_WORK),
    "REVOKE ALL ON FUNCTION call_allowed(text) FROM PUBLIC",
    _HEAD.format(allowed="call_allowed"),
    "GRANT EXECUTE ON FUNCTION reveal_head(text, text) TO gridwell_cases",
    _UNIT,
    *_definer("reveal_unit(text, text, text)", "gridwell_cases"),
    "GRANT SELECT ON remark_template TO gridwell_cases",
    _ADD,
    *_definer("add_remark_template(text, text, text)", "gridwell_cases"),
    _RETIRE,
    *_definer("retire_remark_template(text, integer)", "gridwell_cases"),
    _EARLIER,
    *_definer("cases_of_reporter(text, bigint, integer)", "gridwell_people"),
    f"ALTER POLICY seen ON attachment USING ({_SEEN.format(kept=_KEPT)})",
)
DOWNGRADE = (
    _allow(_MORE, _ACTIONS),
    f"ALTER POLICY seen ON attachment USING ({_SEEN.format(kept='')})",
    "DROP FUNCTION cases_of_reporter(text, bigint, integer)",
    "DROP FUNCTION retire_remark_template(text, integer)",
    "DROP FUNCTION add_remark_template(text, text, text)",
    "DROP FUNCTION reveal_unit(text, text, text)",
    "REVOKE EXECUTE ON FUNCTION reveal_head(text, text) FROM gridwell_cases",
    _HEAD.format(allowed="reveal_allowed"),
    "DROP FUNCTION call_allowed(text)",
    _ALLOWED.format(again="OR REPLACE", actions=_BEFORE, **_PEOPLE),
    f"REVOKE SELECT ({_COLUMNS}) ON unit FROM gridwell_figures",  # noqa: S608 - no value in it
    "GRANT SELECT ON unit TO gridwell_figures",
)
