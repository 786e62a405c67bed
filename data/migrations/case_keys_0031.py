"""The statements of migration 0031: a case is found by its number, and seen or not, by functions whose plans are kept.

To plan a statement over all months takes several milliseconds, ten times as long as to run it; a plan under policies is made again for
each role of a session. These functions run with their owner's rights, so their plans are made once for each session; and they hold the
conditions of the policy of incident themselves, so they tell nothing that the policy would not.
"""

from data.migrations.sensitive_0012 import CASE_SEEN, IN_SCOPE

_KEPT = "SET search_path = pg_catalog, public, pg_temp SET plan_cache_mode = force_generic_plan"
_DEFINER = f"LANGUAGE plpgsql STABLE SECURITY DEFINER {_KEPT}"
_SEEN = f"{IN_SCOPE} AND {CASE_SEEN}"

_ACCOUNT = "nullif(current_setting('gridwell.account', true), '')"
_NEW_CASE = "EXISTS (SELECT FROM area a WHERE a.code = case_request.grid AND a.city = case_request.city AND viewer_reaches(a.path, a.code))"

RECENT = "62 days"
"""Cases of this age are looked for first: most steps are taken on them, and they lie in three or four months of many."""


def _find(seen: str, months: str) -> str:
    return f"""
    RETURN QUERY
        SELECT incident.city, incident.district, incident.id, incident.reported_at FROM incident
        WHERE incident.number = of_number AND (of_city IS NULL OR incident.city = of_city) AND {seen} AND {months}
        ORDER BY incident.reported_at DESC LIMIT 1;
    """  # noqa: S608 - no value in it


def make_functions(seen: str, how: str = "CREATE FUNCTION") -> tuple[str, str]:
    """The statements that make both functions, for a condition on who sees a case."""
    # Later months first, because the newest of several cases is meant.
    find_case = f"""
{how} find_case(of_number text, of_city text)
RETURNS TABLE (case_city text, case_district text, case_id bigint, case_moment timestamptz) {_DEFINER} AS $$
BEGIN
    {_find(seen, f"incident.reported_at >= now() - interval '{RECENT}'")}
    IF NOT FOUND THEN
        {_find(seen, f"incident.reported_at < now() - interval '{RECENT}'")}
    END IF;
END $$
"""
    sees_case = f"""
{how} viewer_sees_case(of_city text, of_district text, of_id bigint, of_moment timestamptz) RETURNS boolean {_DEFINER} AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM incident
        WHERE incident.district = of_district AND incident.id = of_id AND incident.reported_at = of_moment AND incident.city = of_city
            AND {seen});
END $$
"""
    return find_case, sees_case


_SEEN_BEFORE = """EXISTS (
    SELECT FROM incident i
    WHERE i.district = case_request.district AND i.id = case_request.incident_id AND i.reported_at = case_request.reported_at
        AND i.city = case_request.city)"""


def _policy(seen: str) -> str:
    asked = f"account = {_ACCOUNT} AND CASE WHEN incident_id IS NULL THEN {_NEW_CASE} ELSE {seen} END"
    return f"ALTER POLICY asked ON case_request WITH CHECK ({asked})"


_FUNCTIONS = ("find_case(text, text)", "viewer_sees_case(text, text, bigint, timestamptz)")
UPGRADE = (
    *make_functions(_SEEN),
    *(f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC" for name in _FUNCTIONS),
    *(f"GRANT EXECUTE ON FUNCTION {name} TO gridwell_cases" for name in _FUNCTIONS),
    _policy("viewer_sees_case(city, district, incident_id, reported_at)"),
)
DOWNGRADE = (_policy(_SEEN_BEFORE), *(f"DROP FUNCTION {name}" for name in _FUNCTIONS))
