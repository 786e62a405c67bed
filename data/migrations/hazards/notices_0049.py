"""The statements of migration 0049: notices of hazards are taken by one function, which finds their areas and tells listeners.

Whoever sees a city sees its notices: they are public. Only the two functions write them. ``hazard_tell`` is for accounts: it has the
owner's rights, so it first asks for the role, and for the city as a whole. ``hazard_take`` is for the owner.
"""

_SAFELY = "SET search_path = pg_catalog, public, pg_temp"
_TELLERS = "'hazard_feed', 'supervisor', 'administrator'"
"""Roles with ``tell_hazards`` in ``data.core.roles``; a test holds that both say the same."""
_VERSIONING = 7411005
"""``data.database.locks.VERSIONING``."""
_SUBJECTS = "'areas', 'population', 'buildings', 'incidents', 'facilities', 'base', 'hazards'"

# As data.live.versions.touch does it.
_TOUCH = f"""
    WITH moment AS (
        SELECT greatest(max(data_version) + 1, (extract(epoch FROM clock_timestamp()) * 1000)::bigint) AS ms FROM city
    ), touched AS (
        UPDATE city c SET data_version = m.ms, changed_at = clock_timestamp(), versions = (
            SELECT jsonb_object_agg(s, CASE WHEN s = 'hazards' THEN m.ms ELSE coalesce((c.versions ->> s)::bigint, m.ms) END)
            FROM unnest(ARRAY[{_SUBJECTS}]) s)
        FROM moment m WHERE c.code = of_city RETURNING c.code, c.versions
    ), told AS (
        INSERT INTO live_event (city, kind, body) SELECT code, 'figures', jsonb_build_object('versions', versions) FROM touched
    )
    SELECT pg_notify('gridwell_changes', jsonb_build_object('city', code, 'versions', versions)::text) INTO v_nothing FROM touched;
    PERFORM pg_notify('gridwell_outbox', '');
"""  # noqa: S608 - ours

# A code is looked for as it is, then those of the areas around it, the nearest first; the code of something larger than the city means the
# whole of it. A name counts where nothing else says where it is. A circle is drawn around its middle on the globe.
_TAKE = f"""
CREATE FUNCTION hazard_take(of_city text, of_notice jsonb) RETURNS jsonb LANGUAGE plpgsql {_SAFELY} AS $$
DECLARE
    v_part jsonb; v_named jsonb; v_found text; v_codes text[]; v_all text[] := '{{}}'; v_shape geometry;
    v_no integer := 0; v_kept integer := 0; v_ended integer := 0; v_id bigint; v_over boolean; v_nothing text;
    v_source text := of_notice ->> 'source'; v_sent timestamptz := (of_notice ->> 'sent')::timestamptz;
    v_refs text[] := ARRAY(SELECT jsonb_array_elements_text(of_notice -> 'refs'));
    v_head text := rtrim(of_city, '0'); v_is_alert boolean := of_notice ->> 'kind' = 'alert';
BEGIN
    PERFORM pg_advisory_xact_lock({_VERSIONING});
    IF EXISTS (SELECT FROM hazard_notice n WHERE n.city = of_city AND n.source = v_source AND n.sent_at = v_sent) THEN
        RETURN jsonb_build_object('result', 'known', 'ended', 0, 'areas', '[]'::jsonb);
    END IF;
    DELETE FROM hazard_notice n WHERE n.city = of_city AND n.sent_at < now() - interval '90 days'
        AND NOT EXISTS (SELECT FROM hazard_part p WHERE p.notice = n.id AND p.ends_at > now() - interval '90 days');
    v_over := EXISTS (SELECT FROM hazard_notice n WHERE n.city = of_city AND v_source = ANY(n.refs) AND n.sent_at >= v_sent);
    INSERT INTO hazard_notice (city, source, sent_at, kind, refs, ended_at)
    VALUES (of_city, v_source, v_sent, of_notice ->> 'kind', v_refs, CASE WHEN v_over THEN now() END) RETURNING id INTO v_id;
    FOR v_part IN SELECT jsonb_array_elements(of_notice -> 'parts') LOOP
        v_codes := '{{}}';
        FOR v_named IN SELECT jsonb_array_elements(v_part -> 'codes') LOOP
            SELECT a.code INTO v_found FROM area a
            JOIN jsonb_array_elements_text(v_named -> 'near') WITH ORDINALITY w (one, place) ON w.one = a.code
            WHERE a.city = of_city ORDER BY w.place LIMIT 1;
            IF v_found IS NULL AND of_city ~ '^[1-9][0-9]{{5,}}$'
                AND (starts_with(v_head, v_named ->> 'head') OR starts_with(v_named ->> 'head', v_head)) THEN
                v_found := of_city;
            END IF;
            IF v_found IS NOT NULL THEN v_codes := v_codes || v_found; END IF;
        END LOOP;
        SELECT ST_Multi(ST_CollectionExtract(ST_MakeValid(ST_Union(g.one)), 3)) INTO v_shape FROM (
            SELECT ST_MakeValid(ST_GeomFromText(w, 4326)) AS one FROM jsonb_array_elements_text(v_part -> 'polygons') w
            UNION ALL SELECT ST_Buffer(ST_SetSRID(ST_MakePoint((c ->> 0)::float8, (c ->> 1)::float8), 4326)::geography,
                greatest(1, (c ->> 2)::float8))::geometry FROM jsonb_array_elements(v_part -> 'circles') c
        ) g;
        IF v_shape IS NULL AND jsonb_array_length(v_part -> 'codes') = 0 THEN
            v_codes := ARRAY(SELECT a.code FROM area a WHERE a.city = of_city AND a.level IN ('city', 'district', 'street')
                AND (a.name IN (SELECT jsonb_array_elements_text(v_part -> 'names'))
                    OR a.name_en <> '' AND a.name_en IN (SELECT jsonb_array_elements_text(v_part -> 'names'))));
        END IF;
        IF cardinality(v_codes) > 0 OR EXISTS (
            SELECT FROM area a WHERE a.code = of_city AND a.geom && v_shape AND ST_Relate(a.geom, v_shape, 'T********')) THEN
            INSERT INTO hazard_part (notice, no, city, level, starts_at, ends_at, told, geom, areas) VALUES (v_id, v_no, of_city,
                (v_part ->> 'level')::integer, (v_part ->> 'starts')::timestamptz, (v_part ->> 'ends')::timestamptz,
                v_part -> 'told', v_shape, v_codes);
            v_kept := v_kept + 1;
            v_all := v_all || v_codes;
        END IF;
        v_no := v_no + 1;
    END LOOP;
    UPDATE hazard_notice n SET ended_at = now()
    WHERE n.city = of_city AND n.ended_at IS NULL AND n.source = ANY(v_refs) AND n.sent_at <= v_sent AND n.id <> v_id;
    GET DIAGNOSTICS v_ended = ROW_COUNT;
    IF v_kept = 0 AND v_ended = 0 AND v_is_alert THEN
        DELETE FROM hazard_notice n WHERE n.id = v_id;
        RETURN jsonb_build_object('result', 'outside', 'ended', 0, 'areas', '[]'::jsonb);
    END IF;
    {_TOUCH}
    RETURN jsonb_build_object('result', CASE WHEN v_over THEN 'replaced' WHEN v_kept = 0 AND jsonb_array_length(of_notice -> 'parts') > 0
        THEN 'outside' ELSE 'taken' END, 'ended', v_ended, 'areas', to_jsonb(ARRAY(SELECT DISTINCT t FROM unnest(v_all) t ORDER BY t)));
END $$
"""  # noqa: S608 - ours
_TELL = f"""
CREATE FUNCTION hazard_tell(of_city text, of_notice jsonb) RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER {_SAFELY} AS $$
BEGIN
    IF current_setting('gridwell.role', true) IN ({_TELLERS}) AND EXISTS (
        SELECT FROM area a WHERE a.code = of_city AND a.level = 'city' AND viewer_reaches(a.path, a.code)) THEN
        RETURN hazard_take(of_city, of_notice);
    END IF;
    RAISE EXCEPTION 'hazards of this city are not for this account' USING ERRCODE = '42501';
END $$
"""


def _allow(before: str, after: str) -> str:
    """Change the list of actions that the server's role may write, whatever other migrations added to it."""
    return f"""
    DO $do$ BEGIN
        EXECUTE replace(pg_get_functiondef('audit_append(text, text, text, text, jsonb)'::regprocedure), $a${before}$a$, $a${after}$a$);
    END $do$
    """


ACTIONS = ("hazard_notice",)
"""What feeds and people do with notices through the server, beside ``wall_0043.ACTIONS``."""
_LIST, _LONGER = "wall_tour,", "wall_tour,hazard_notice,"
_TABLES = ("hazard_notice", "hazard_part")
UPGRADE = (
    _allow(_LIST, _LONGER),
    _TAKE,
    _TELL,
    "REVOKE ALL ON FUNCTION hazard_take(text, jsonb) FROM PUBLIC",
    "REVOKE ALL ON FUNCTION hazard_tell(text, jsonb) FROM PUBLIC",
    "GRANT EXECUTE ON FUNCTION hazard_tell(text, jsonb) TO gridwell_figures",
    *(
        statement
        for table in _TABLES
        for statement in (
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
            f"CREATE POLICY seen ON {table} FOR SELECT USING (EXISTS (SELECT FROM area a WHERE a.code = {table}.city))",  # noqa: S608
            f"GRANT SELECT ON {table} TO gridwell_figures",
        )
    ),
)
DOWNGRADE = ("DROP FUNCTION hazard_tell(text, jsonb)", "DROP FUNCTION hazard_take(text, jsonb)", _allow(_LONGER, _LIST))
