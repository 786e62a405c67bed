"""The statements of migration 0021: who may ask for steps of cases, that steps stay, and reporters of merged cases.

A request carries who asks: its columns are filled from the settings of the transaction, and nobody may insert other values. It is accepted
only for a case, or for a cell of a new case, that its viewer may see.
"""

_SAFELY = "SET search_path = pg_catalog, public, pg_temp"
_ACCOUNT = "nullif(current_setting('gridwell.account', true), '')"

# A case that its viewer does not see is none: the policy of incident applies inside.
_SEEN = f"""
    account = {_ACCOUNT} AND CASE WHEN incident_id IS NULL
        THEN EXISTS (SELECT FROM area a WHERE a.code = case_request.grid AND a.city = case_request.city AND viewer_reaches(a.path, a.code))
        ELSE EXISTS (
            SELECT FROM incident i
            WHERE i.district = case_request.district AND i.id = case_request.incident_id AND i.reported_at = case_request.reported_at
                AND i.city = case_request.city)
    END
"""  # noqa: S608 - no value in it

_STAY = """
CREATE FUNCTION case_steps_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Who deletes whole cases, or cities, says so first.
    IF current_setting('gridwell.removing_cases', true) = 'on' THEN
        IF TG_OP = 'DELETE' THEN
            RETURN OLD;
        END IF;
        RETURN NEW;
    END IF;
    -- A case may get another district, when borders change.
    IF TG_OP = 'UPDATE' AND (to_jsonb(NEW) - 'district') = (to_jsonb(OLD) - 'district') THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'TRUNCATE' AND NOT EXISTS (SELECT FROM incident_event WHERE account IS NOT NULL) THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'steps of cases are never changed or deleted' USING ERRCODE = 'GW007';
END $$
"""

_OUTCOMES = f"""
CREATE FUNCTION case_outcomes(of_ids uuid[]) RETURNS TABLE (id uuid, outcome jsonb)
LANGUAGE sql STABLE SECURITY DEFINER {_SAFELY} AS $$
    SELECT r.id, r.outcome FROM case_request r WHERE r.id = ANY(of_ids) AND r.outcome IS NOT NULL
$$
"""  # noqa: S608 - no value in it

_REVEAL = """
CREATE FUNCTION reveal_reporter(of_district text, of_incident bigint, purpose text{of_seq})
RETURNS TABLE (name text, phone_cipher bytea)
LANGUAGE plpgsql SECURITY DEFINER {safely} AS $$
DECLARE
    found incident_reporter;
    named text := of_district || '/' || of_incident{named};
BEGIN
    PERFORM reveal_allowed(purpose);
    SELECT r.* INTO found FROM incident_reporter r
    WHERE r.district = of_district AND r.incident_id = of_incident{and_seq} AND viewer_reaches(r.path, r.grid);
    IF found.incident_id IS NOT NULL THEN
        PERFORM audit_append('reveal_reporter', 'incident ' || of_district || '/' || of_incident, 'reporter:' || named, purpose);
        RETURN QUERY SELECT found.name, found.phone_cipher;
    END IF;
END $$
"""


def _rights_of_reveal(arguments: str) -> tuple[str, str]:
    function = f"FUNCTION reveal_reporter({arguments})"
    return f"REVOKE ALL ON {function} FROM PUBLIC", f"GRANT EXECUTE ON {function} TO gridwell_people"


_ASKED = "id, city, district, incident_id, reported_at, grid, key, part, hash, body"

UPGRADE = (
    _STAY,
    "CREATE TRIGGER case_steps_stay BEFORE UPDATE OR DELETE ON incident_event FOR EACH ROW WHEN (OLD.account IS NOT NULL)"
    " EXECUTE FUNCTION case_steps_stay()",
    "CREATE TRIGGER case_steps_stay_all BEFORE TRUNCATE ON incident_event FOR EACH STATEMENT EXECUTE FUNCTION case_steps_stay()",
    _OUTCOMES,
    "REVOKE ALL ON FUNCTION case_outcomes(uuid[]) FROM PUBLIC",
    "GRANT EXECUTE ON FUNCTION case_outcomes(uuid[]) TO gridwell_figures",
    "ALTER TABLE case_request ENABLE ROW LEVEL SECURITY",
    f"CREATE POLICY asked ON case_request FOR INSERT WITH CHECK ({_SEEN})",
    f"CREATE POLICY own ON case_request FOR SELECT USING (account = {_ACCOUNT})",
    f"CREATE POLICY given_up ON case_request FOR DELETE USING (account = {_ACCOUNT} AND outcome IS NULL)",
    "ALTER TABLE case_idempotency ENABLE ROW LEVEL SECURITY",
    f"CREATE POLICY own ON case_idempotency FOR SELECT USING (account = {_ACCOUNT})",
    "GRANT SELECT, DELETE ON case_request TO gridwell_cases",
    f"GRANT INSERT ({_ASKED}) ON case_request TO gridwell_cases",
    "GRANT SELECT ON case_idempotency TO gridwell_cases",
    "GRANT SELECT (seq, merged_from) ON incident_reporter TO gridwell_people",
    "DROP FUNCTION reveal_reporter(text, bigint, text)",
    _REVEAL.format(
        safely=_SAFELY,
        of_seq=", of_seq smallint DEFAULT 1",
        named=" || CASE of_seq WHEN 1 THEN '' ELSE '/' || of_seq END",
        and_seq=" AND r.seq = of_seq",
    ),
    *_rights_of_reveal("text, bigint, text, smallint"),
)
DOWNGRADE = (
    "DROP TRIGGER case_steps_stay_all ON incident_event",
    "DROP TRIGGER case_steps_stay ON incident_event",
    "DROP FUNCTION case_steps_stay()",
    "DROP FUNCTION case_outcomes(uuid[])",
    "DROP FUNCTION reveal_reporter(text, bigint, text, smallint)",
    _REVEAL.format(safely=_SAFELY, of_seq="", named="", and_seq=""),
    *_rights_of_reveal("text, bigint, text"),
)
