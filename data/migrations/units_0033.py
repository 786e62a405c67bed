"""The statements of migration 0033: members of a unit see the cases of their unit, wherever these came from.

Beside its scope, a transaction says of which units its viewer is a member: ``gridwell.units``, an array of ltree. Each element is a label
of the unit, and the path of the area where the unit's cases are for this member, if that is not everywhere. So one operator compares a
case with all of them. What is sensitive stays so.
"""

from data.migrations.case_keys_0031 import make_functions

_SAFELY = "SET search_path = pg_catalog, public, pg_temp"
_CELLS = "(SELECT m.grid FROM zone_member m WHERE m.zone = (SELECT viewer_zone()))"
_IN_AREA = f"""(SELECT viewer_everywhere()) OR (
    path <@ (SELECT viewer_scope()) AND ((SELECT viewer_zone()) IS NULL OR grid IN {_CELLS}))"""
_SENSITIVE_SEEN = "((SELECT viewer_sees_people()) OR city || ' ' || category <> ALL ((SELECT sensitive_categories())::text[]))"
_SEES_CASES = "(SELECT current_setting('role') IN ('gridwell_cases', 'gridwell_people'))"


def _label(city: str, unit: str) -> str:
    """Codes may hold what no label can."""
    return f"('u' || md5({city} || ' ' || {unit}))"


def _of_unit(unit: str) -> str:
    return f"(SELECT viewer_units()) @> (text2ltree({_label('city', unit)}) || path)"


# After the area, so that whoever sees the area is asked nothing more.
_CASE_BEFORE = f"({_IN_AREA}) AND {_SENSITIVE_SEEN}"
CASE_SEEN = f"({_IN_AREA} OR (unit IS NOT NULL AND {_of_unit('unit')})) AND {_SENSITIVE_SEEN}"
_EVENT_BEFORE = f"kind = 'figures' OR {_SEES_CASES} AND ({_IN_AREA}) AND {_SENSITIVE_SEEN}"
_EVENT_AFTER = f"""kind = 'figures' OR {_SEES_CASES} AND {_SENSITIVE_SEEN} AND ({_IN_AREA}
    OR EXISTS (SELECT FROM unnest(units) of_case (unit) WHERE {_of_unit("of_case.unit")}))"""

_VIEWER_UNITS = """
CREATE FUNCTION viewer_units() RETURNS ltree[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT nullif(current_setting('gridwell.units', true), '')::ltree[]
$$
"""
# A member whose area is gone, or is a zone, sees nothing beyond the own scope.
_UNITS_OF = f"""
CREATE FUNCTION units_of(of_account text) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER {_SAFELY} AS $$
    SELECT coalesce(array_agg(DISTINCT {_label("m.city", "m.unit")} || coalesce('.' || a.path::text, ''))::text, '')
    FROM unit_member m
    JOIN city c ON c.code = m.city
    JOIN unit u ON u.city = m.city AND u.code = m.unit
    LEFT JOIN area a ON a.code = m.area AND a.city = m.city AND a.level <> 'zone'
    CROSS JOIN LATERAL (SELECT (now() AT TIME ZONE c.timezone)::date) d (today)
    WHERE m.account = of_account AND (m.area IS NULL OR a.code IS NOT NULL)
        AND d.today BETWEEN coalesce(m.valid_from, '-infinity') AND coalesce(m.valid_to, 'infinity')
        AND d.today BETWEEN coalesce(u.valid_from, '-infinity') AND coalesce(u.valid_to, 'infinity')
$$
"""  # noqa: S608 - no value in it

_AGAIN = "CREATE OR REPLACE FUNCTION"
UPGRADE = (
    _VIEWER_UNITS,
    _UNITS_OF,
    "REVOKE ALL ON FUNCTION units_of(text) FROM PUBLIC",
    "GRANT EXECUTE ON FUNCTION units_of(text) TO gridwell_door",
    f"ALTER POLICY in_scope ON incident USING ({CASE_SEEN})",
    f"ALTER POLICY in_scope ON live_event USING ({_EVENT_AFTER})",
    *make_functions(CASE_SEEN, _AGAIN),
)
DOWNGRADE = (
    *make_functions(_CASE_BEFORE, _AGAIN),
    f"ALTER POLICY in_scope ON live_event USING ({_EVENT_BEFORE})",
    f"ALTER POLICY in_scope ON incident USING ({_CASE_BEFORE})",
    "DROP FUNCTION units_of(text)",
    "DROP FUNCTION viewer_units()",
)
