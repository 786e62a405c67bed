"""The statements of migration 0024: which imports a steward may read.

An import concerns a whole city: counts of its files, and rows that got no place, belong to no district. So its report is read by who may
see everything, or the whole city of it; who works in a part of a city reads nothing of it.
"""

MADE = (
    """
    CREATE FUNCTION viewer_whole_cities() RETURNS text[]
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
        SELECT coalesce(array_agg(a.code), '{}') FROM area a
        WHERE a.level = 'city' AND (SELECT viewer_zone()) IS NULL AND a.path <@ (SELECT viewer_scope())
    $$
    """,
    "REVOKE ALL ON FUNCTION viewer_whole_cities() FROM PUBLIC",
    "GRANT EXECUTE ON FUNCTION viewer_whole_cities() TO gridwell_imports",
    "ALTER TABLE import_run ENABLE ROW LEVEL SECURITY",
    """
    CREATE POLICY whole_city ON import_run FOR SELECT
    USING ((SELECT viewer_everywhere()) OR city = ANY ((SELECT viewer_whole_cities())::text[]))
    """,
    "ALTER TABLE reject ENABLE ROW LEVEL SECURITY",
    """
    CREATE POLICY whole_city ON reject FOR SELECT
    USING ((SELECT viewer_everywhere()) OR EXISTS (SELECT FROM import_run r WHERE r.id = reject.run_id))
    """,
    "GRANT USAGE ON SCHEMA public TO gridwell_imports",
    "GRANT SELECT ON import_run, reject, city TO gridwell_imports",
    "GRANT EXECUTE ON FUNCTION audit_append(text, text, text, text, jsonb) TO gridwell_imports",
)

TAKEN_BACK = (
    "REVOKE EXECUTE ON FUNCTION audit_append(text, text, text, text, jsonb) FROM gridwell_imports",
    "REVOKE SELECT ON import_run, reject, city FROM gridwell_imports",
    "REVOKE USAGE ON SCHEMA public FROM gridwell_imports",
    "DROP POLICY whole_city ON reject",
    "ALTER TABLE reject DISABLE ROW LEVEL SECURITY",
    "DROP POLICY whole_city ON import_run",
    "ALTER TABLE import_run DISABLE ROW LEVEL SECURITY",
    "DROP FUNCTION viewer_whole_cities()",
)
