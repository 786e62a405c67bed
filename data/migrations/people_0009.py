"""The function of migration 0009: it limits the number of searches for people within an hour.

Otherwise somebody who sees 138****5678 in a list could try all ten thousand possible numbers, and would find the whole number without a
purpose and beyond the limit of records. Searches are counted when they are done, not before: the lock that the audit log is
written under must not be held while the register is looked through. What was found beyond the limit goes with the transaction.
"""

_WHO = "nullif(current_setting('gridwell.account', true), '')"
_HEAD = """
CREATE OR REPLACE FUNCTION find_people(by_what text, wanted_name text, wanted_hash bytea, wanted_shown text, most integer DEFAULT 50)
RETURNS TABLE (district text, id bigint, city text, source_id integer, source_key text, grid text, building_id bigint, household text,
    name_shown text, sex text, birth_year smallint, residence text, id_kind text, id_shown text, phone_shown text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
DECLARE n integer;
"""
_SEARCH = f"""
BEGIN
    IF NOT viewer_sees_people() OR {_WHO} IS NULL THEN
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
"""
_COUNTED = f"""
    PERFORM pg_advisory_xact_lock(7411007);
    IF (SELECT count(*) FROM audit_log l
        WHERE l.account = {_WHO} AND l.at > clock_timestamp() - interval '1 hour' AND l.action = 'search_people')
        >= (SELECT r.most FROM rate_limit r WHERE r.name = 'searches_per_hour') THEN
        RAISE EXCEPTION 'too many searches for people within an hour' USING ERRCODE = 'GW006';
    END IF;
"""
_NOTED = """
    PERFORM audit_append('search_people', by_what, NULL, NULL, jsonb_build_object('wanted', wanted_shown, 'found', n));
END $$
"""
LIMIT = "INSERT INTO rate_limit VALUES ('searches_per_hour', 120)"
LIMIT_TAKEN_BACK = "DELETE FROM rate_limit WHERE name = 'searches_per_hour'"
COUNTED = _HEAD + _SEARCH + _COUNTED + _NOTED
UNCOUNTED = _HEAD + _SEARCH + _NOTED
