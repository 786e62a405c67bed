"""The statements of migration 0051: whose departments a viewer belongs to, which fields they see, and how a delivery comes in.

How feeds stand is seen by whoever sees the whole city, and by the members of the units of the department; that a feed is there, by
everybody. What deliveries held (files, rejected and quarantined rows) is seen with the right to imports besides. Only ``feed_push`` and the
owner write.
"""

_SAFELY = "SET search_path = pg_catalog, public, pg_temp"
_ACCOUNT = "nullif(current_setting('gridwell.account', true), '')"
CHANNEL = "gridwell_feeds"
MOST_WAITING = 20
"""Deliveries of one feed that wait for the keeper."""
DELIVERERS = "'data_feed', 'steward'"
"""Roles with ``deliver_feeds`` in ``data.core.roles``; a test holds that both say the same."""

# A unit names its department in words: the code, the name or the short name, compared as data.organisation.names.fold_name does.
_FOLDED = r"lower(regexp_replace(normalize({text}, NFKC), '\s+', '', 'g'))"


def _names(column: str) -> str:
    listed = ", ".join(_FOLDED.format(text=f"d.{name}") for name in ("code", "name", "short", "name_en", "short_en"))
    return f"{_FOLDED.format(text=column)} IN ({listed})"


_DEPARTMENTS = f"""
CREATE FUNCTION viewer_departments() RETURNS text[] LANGUAGE sql STABLE SECURITY DEFINER {_SAFELY} AS $$
    SELECT coalesce(array_agg(DISTINCT d.city || ' ' || d.code), '{{}}')
    FROM unnest(viewer_units()) of_viewer (label)
    JOIN unit u ON 'u' || md5(u.city || ' ' || u.code) = subpath(of_viewer.label, 0, 1)::text
    JOIN department d ON d.city = u.city AND ({_names("u.department")} OR {_names("u.department_en")})
$$
"""  # noqa: S608 - no value in it
# Cities in which the viewer sees a field. What is about persons wants the right to see people besides.
_SHOWS = f"""
CREATE FUNCTION pack_shows(of_pack text, of_kind text, of_field text) RETURNS text[] LANGUAGE sql STABLE SECURITY DEFINER {_SAFELY} AS $$
    SELECT coalesce(array_agg(DISTINCT d.city), '{{}}')
    FROM pack_field f JOIN department d ON f.sees IS NULL AND f.class = 'ordinary' OR d.code = f.owner OR d.code = ANY (f.sees)
    WHERE f.pack = of_pack AND f.kind = of_kind AND f.field = of_field
        AND (f.class NOT IN ('personal', 'sensitive') OR viewer_sees_people())
        AND (f.sees IS NULL AND f.class = 'ordinary' OR d.city || ' ' || d.code = ANY (viewer_departments()))
$$
"""  # noqa: S608 - no value in it
_SEEN = """(SELECT viewer_everywhere()) OR city = ANY ((SELECT viewer_whole_cities())::text[])
    OR city || ' ' || department = ANY ((SELECT viewer_departments())::text[])"""
_OF_CITY = "EXISTS (SELECT FROM area a WHERE a.code = {table}.city)"
_OF_DELIVERY = "EXISTS (SELECT FROM feed_delivery d WHERE d.id = {table}.delivery)"

# The same key is the same delivery: what came first stays, and a sender who tries again learns its number.
_PUSH = f"""
CREATE FUNCTION feed_push(of_city text, of_feed text, of_name text, of_content bytea, of_key text, of_via text) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER {_SAFELY} AS $$
DECLARE
    v_feed feed; v_known feed_delivery; v_id bigint; v_hash bytea := sha256(of_content);
BEGIN
    SELECT * INTO v_feed FROM feed f WHERE f.city = of_city AND f.code = of_feed;
    IF v_feed.code IS NULL OR NOT EXISTS (SELECT FROM area a WHERE a.code = of_city
        AND (viewer_everywhere() OR a.path @> viewer_figures() OR a.path @> viewer_scope())) THEN
        RETURN jsonb_build_object('result', 'unknown');
    END IF;
    IF NOT (coalesce(current_setting('gridwell.role', true), '') IN ({DELIVERERS})
        AND (viewer_everywhere() OR of_city = ANY (viewer_whole_cities()) AND current_setting('gridwell.role', true) = 'steward'
            OR of_city || ' ' || v_feed.department = ANY (viewer_departments()))) THEN
        RAISE EXCEPTION 'this feed is not for this account' USING ERRCODE = '42501';
    END IF;
    PERFORM pg_advisory_xact_lock(7411052, hashtext(of_city || ' ' || of_feed));
    SELECT * INTO v_known FROM feed_delivery d WHERE d.city = of_city AND d.feed = of_feed AND d.key = of_key;
    IF v_known.id IS NOT NULL THEN
        RETURN jsonb_build_object('result', CASE WHEN v_known.hash = v_hash THEN 'known' ELSE 'key_taken' END, 'id', v_known.id);
    END IF;
    IF (SELECT count(*) >= {MOST_WAITING} FROM feed_delivery d
        WHERE d.city = of_city AND d.feed = of_feed AND d.state IN ('received', 'landing')) THEN
        RETURN jsonb_build_object('result', 'full');
    END IF;
    INSERT INTO feed_delivery (city, feed, department, contract, via, account, name, size, hash, key)
    VALUES (of_city, of_feed, v_feed.department, v_feed.contract, of_via, {_ACCOUNT}, of_name, length(of_content), v_hash, of_key)
    RETURNING id INTO v_id;
    INSERT INTO feed_file (delivery, content) VALUES (v_id, of_content);
    PERFORM audit_append('feed_delivered', of_city, NULL, NULL,
        jsonb_build_object('feed', of_feed, 'delivery', v_id, 'sha256', encode(v_hash, 'hex'), 'size', length(of_content)));
    PERFORM pg_notify('{CHANNEL}', '');
    RETURN jsonb_build_object('result', 'taken', 'id', v_id);
END $$
"""  # noqa: S608 - no value in it


def _allow(before: str, after: str) -> str:
    """Change the list of actions that the server's role may write, whatever other migrations added to it."""
    return f"""
    DO $do$ BEGIN
        EXECUTE replace(pg_get_functiondef('audit_append(text, text, text, text, jsonb)'::regprocedure), $a${before}$a$, $a${after}$a$);
    END $do$
    """


ACTIONS = ("feed_delivered",)
"""What is done to feeds through the server, beside ``notices_0049.ACTIONS``."""
_LIST, _LONGER = "hazard_notice,", "hazard_notice,feed_delivered,"
_POLICIES = {
    **{table: _OF_CITY.format(table=table) for table in ("department", "pack_city", "feed")},
    **dict.fromkeys(("feed_delivery", "feed_day"), _SEEN),
    "feed_contract": f"EXISTS (SELECT FROM feed f WHERE f.city = feed_contract.city AND f.code = feed AND ({_SEEN}))",
    **{table: _OF_DELIVERY.format(table=table) for table in ("feed_file", "feed_reject", "feed_quarantine")},
}
_FIGURES = ("department", "pack", "pack_city", "pack_field", "feed", "feed_contract", "feed_delivery", "feed_day")
_IMPORTS = ("feed_delivery", "feed_file", "feed_reject", "feed_quarantine")
_FUNCTIONS = ("viewer_departments()", "pack_shows(text, text, text)", "feed_push(text, text, text, bytea, text, text)")

UPGRADE = (
    _allow(_LIST, _LONGER),
    _DEPARTMENTS,
    _SHOWS,
    _PUSH,
    "CREATE SCHEMA packs",
    "ALTER TABLE feed_file ALTER COLUMN content SET STORAGE EXTERNAL",
    *(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY" for table in _POLICIES),
    *(f"CREATE POLICY seen ON {table} FOR SELECT USING ({condition})" for table, condition in _POLICIES.items()),
    *(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC" for function in _FUNCTIONS),
    "GRANT USAGE ON SCHEMA packs TO gridwell_figures",
    f"GRANT SELECT ON {', '.join(_FIGURES)} TO gridwell_figures",
    f"GRANT SELECT ON {', '.join(_IMPORTS)} TO gridwell_imports",
    "GRANT EXECUTE ON FUNCTION viewer_departments(), viewer_whole_cities() TO gridwell_figures, gridwell_imports",
    "GRANT EXECUTE ON FUNCTION pack_shows(text, text, text) TO gridwell_cases",
    "GRANT EXECUTE ON FUNCTION feed_push(text, text, text, bytea, text, text) TO gridwell_figures",
)
DOWNGRADE = (
    "DROP SCHEMA packs CASCADE",
    *(f"DROP POLICY seen ON {table}" for table in _POLICIES),
    "REVOKE EXECUTE ON FUNCTION viewer_whole_cities() FROM gridwell_figures",
    *(f"DROP FUNCTION {function}" for function in reversed(_FUNCTIONS)),
    _allow(_LONGER, _LIST),
)
