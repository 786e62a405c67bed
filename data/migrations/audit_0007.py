"""The function of migration 0007: who a person's access record is about. Auditors see nothing else of the register."""

_SIGNATURE = "access_record_of(text, text, bytea, text, text)"

# A key may belong to a person whose row is deleted by now, or to a reporter or a head: the log still contains who looked at it.
# A search by number finds a person only if the number is right and complete. Each record that is made is in the log itself.
ACCESS_RECORD = (
    """
    CREATE FUNCTION access_record_of(by_what text, wanted_key text, wanted_hash bytea, wanted_shown text, purpose text)
    RETURNS TABLE (person text, name_shown text, home text, cell text)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    #variable_conflict use_column
    DECLARE
        who text := nullif(current_setting('gridwell.account', true), '');
        of_source integer;
        n integer := 0;
    BEGIN
        IF current_setting('role') <> 'gridwell_audit' OR who IS NULL THEN
            RAISE EXCEPTION 'not allowed to make access records' USING ERRCODE = 'GW003';
        END IF;
        IF length(btrim(coalesce(purpose, ''))) < 2 THEN
            RAISE EXCEPTION 'a purpose is needed' USING ERRCODE = 'GW001';
        END IF;
        PERFORM pg_advisory_xact_lock(7411007);
        IF (SELECT count(*) FROM audit_log l
            WHERE l.account = who AND l.at > clock_timestamp() - interval '1 hour' AND l.action = 'access_record')
            >= (SELECT most FROM rate_limit WHERE name = 'reveals_per_hour') THEN
            RAISE EXCEPTION 'too many records within an hour' USING ERRCODE = 'GW002';
        END IF;
        IF by_what = 'key' THEN
            IF wanted_key ~ '^[0-9]{1,9}:' THEN
                of_source := split_part(wanted_key, ':', 1)::integer;
            END IF;
            RETURN QUERY SELECT wanted_key, p.name_shown, b.source_id || ':' || b.source_key, p.grid
                FROM (SELECT) one
                LEFT JOIN person p ON p.source_id = of_source AND p.source_key = substr(wanted_key, strpos(wanted_key, ':') + 1)
                LEFT JOIN building b ON b.district = p.district AND b.id = p.building_id;
            PERFORM audit_append('access_record', by_what, wanted_key, purpose);
            RETURN;
        END IF;
        FOR person, name_shown, home, cell IN
            SELECT p.source_id || ':' || p.source_key, p.name_shown, b.source_id || ':' || b.source_key, p.grid
            FROM person p LEFT JOIN building b ON b.district = p.district AND b.id = p.building_id
            WHERE (by_what = 'id' AND p.id_hash = wanted_hash) OR (by_what = 'phone' AND p.phone_hash = wanted_hash)
            ORDER BY p.district, p.id LIMIT 10
        LOOP
            n := n + 1;
            PERFORM audit_append('access_record', by_what, person, purpose, jsonb_build_object('wanted', wanted_shown));
            RETURN NEXT;
        END LOOP;
        IF n = 0 THEN
            PERFORM audit_append('access_record', by_what, NULL, purpose, jsonb_build_object('wanted', wanted_shown, 'found', 0));
        END IF;
    END $$
    """,
    f"REVOKE ALL ON FUNCTION {_SIGNATURE} FROM PUBLIC",
    f"GRANT EXECUTE ON FUNCTION {_SIGNATURE} TO gridwell_audit",
)
TAKEN_BACK = f"DROP FUNCTION {_SIGNATURE}"
