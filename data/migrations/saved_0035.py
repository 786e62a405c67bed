"""The statements of migration 0035: filters and settings are seen by their owner, and filters by members of the unit they are shared with.

The names of a unit's members are told to whoever sees single cases: their accounts stand in the history of cases anyhow.
"""

_SAFELY = "SET search_path = pg_catalog, public, pg_temp"
_OWN = "account = nullif(current_setting('gridwell.account', true), '')"
_TODAY = "(now() AT TIME ZONE c.timezone)::date"
_WITHIN = f"(m.valid_from IS NULL OR m.valid_from <= {_TODAY}) AND (m.valid_to IS NULL OR m.valid_to >= {_TODAY})"
# Whoever asks is a member of the unit today.
_MEMBER = f"""
    EXISTS (SELECT FROM unit_member m JOIN city c ON c.code = m.city
        WHERE m.city = case_filter.city AND m.unit = case_filter.unit
            AND m.account = nullif(current_setting('gridwell.account', true), '') AND {_WITHIN})
"""
_MEMBERS = f"""
CREATE FUNCTION unit_members(of_city text, of_unit text) RETURNS TABLE (account text, shown text, post text)
LANGUAGE sql STABLE SECURITY DEFINER {_SAFELY} AS $$
    SELECT DISTINCT ON (m.account) m.account, a.shown, m.post
    FROM unit_member m JOIN city c ON c.code = m.city JOIN account a ON a.name = m.account
    WHERE m.city = of_city AND m.unit = of_unit AND a.disabled_at IS NULL AND {_WITHIN}
    ORDER BY m.account, m.post
$$
"""  # noqa: S608 - no value in it

UPGRADE = (
    "ALTER TABLE case_filter ENABLE ROW LEVEL SECURITY",
    f"CREATE POLICY seen ON case_filter FOR SELECT USING ({_OWN} OR {_MEMBER})",
    f"CREATE POLICY made ON case_filter FOR INSERT WITH CHECK ({_OWN} AND (unit IS NULL OR {_MEMBER}))",
    f"CREATE POLICY changed ON case_filter FOR UPDATE USING ({_OWN}) WITH CHECK ({_OWN} AND (unit IS NULL OR {_MEMBER}))",
    f"CREATE POLICY deleted ON case_filter FOR DELETE USING ({_OWN})",
    "GRANT SELECT, DELETE ON case_filter TO gridwell_cases",
    "GRANT INSERT (name, search, city, unit, ordinal), UPDATE (name, search, city, unit, ordinal, changed_at) ON case_filter"
    " TO gridwell_cases",
    "ALTER TABLE desk_setting ENABLE ROW LEVEL SECURITY",
    f"CREATE POLICY own ON desk_setting USING ({_OWN}) WITH CHECK ({_OWN})",
    "GRANT SELECT, DELETE ON desk_setting TO gridwell_cases",
    "GRANT INSERT (name, value), UPDATE (value, changed_at) ON desk_setting TO gridwell_cases",
    _MEMBERS,
    "REVOKE ALL ON FUNCTION unit_members(text, text) FROM PUBLIC",
    "GRANT EXECUTE ON FUNCTION unit_members(text, text) TO gridwell_cases",
)
DOWNGRADE = ("DROP FUNCTION unit_members(text, text)",)
