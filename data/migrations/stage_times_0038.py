"""The statements of migration 0038: times in stages of many cases, by a function that checks whether each case is seen only once.

The policy of steps looks for the case of each step in every month. For the hundred thousand cases of a large city's quarter that takes
minutes. This function runs with its owner's rights and holds the policy of incident itself: a case is looked for once, in its own month,
and of one that the viewer may not see nothing is told.
"""

from data.migrations.units_0033 import CASE_SEEN

_DEFINER = "SET search_path = pg_catalog, public, pg_temp SET plan_cache_mode = force_generic_plan SET jit = off"

_STAGE_TIMES = f"""
CREATE FUNCTION stage_times(of_districts text[], of_ids bigint[], of_moments timestamptz[])
RETURNS TABLE (case_district text, case_id bigint, case_stage text, lasted interval)
LANGUAGE plpgsql STABLE SECURITY DEFINER {_DEFINER} AS $$
BEGIN
    RETURN QUERY
        WITH seen AS MATERIALIZED (
            SELECT incident.district AS of_district, incident.id AS of_id
            FROM unnest(of_districts, of_ids, of_moments) of_case (of_district, of_id, of_moment)
            JOIN incident
                ON incident.district = of_case.of_district AND incident.id = of_case.of_id AND incident.reported_at = of_case.of_moment
            WHERE {CASE_SEEN}
        ), step AS (
            SELECT seen.of_district, seen.of_id, e.stage,
                lead(e.at) OVER (PARTITION BY e.district, e.incident_id ORDER BY e.seq) - e.at AS until_next
            FROM seen JOIN incident_event e ON e.district = seen.of_district AND e.incident_id = seen.of_id
            WHERE e.account IS NOT NULL
        )
        SELECT step.of_district, step.of_id, step.stage, sum(step.until_next) FROM step
        WHERE step.until_next IS NOT NULL GROUP BY step.of_district, step.of_id, step.stage;
END $$
"""  # noqa: S608 - no value in it

_FUNCTION = "stage_times(text[], bigint[], timestamptz[])"
UPGRADE = (
    _STAGE_TIMES,
    f"REVOKE ALL ON FUNCTION {_FUNCTION} FROM PUBLIC",
    f"GRANT EXECUTE ON FUNCTION {_FUNCTION} TO gridwell_cases, gridwell_people",
)
DOWNGRADE = (f"DROP FUNCTION {_FUNCTION}",)
