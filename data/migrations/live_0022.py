"""The statements of migration 0022 that say who sees which live event.

Figures are versions of the data, which everybody may know. A case's event is seen by whoever sees the case: see ``rights_0006`` and
``sensitive_0012``. What is sensitive is asked when an event is read, so that an event that was written before is hidden too.
"""

_CELLS = "(SELECT m.grid FROM zone_member m WHERE m.zone = (SELECT viewer_zone()))"
_IN_SCOPE = f"""((SELECT viewer_everywhere()) OR (
    path <@ (SELECT viewer_scope()) AND ((SELECT viewer_zone()) IS NULL OR grid IN {_CELLS})))"""
_SEES_CASES = "(SELECT current_setting('role') IN ('gridwell_cases', 'gridwell_people'))"
_CASE_SEEN = "((SELECT viewer_sees_people()) OR city || ' ' || category <> ALL ((SELECT sensitive_categories())::text[]))"

GRANTED = (
    "ALTER TABLE live_event ENABLE ROW LEVEL SECURITY",
    f"CREATE POLICY in_scope ON live_event FOR SELECT USING (kind = 'figures' OR {_SEES_CASES} AND {_IN_SCOPE} AND {_CASE_SEEN})",
    "GRANT SELECT (seq, kind, city, path, grid, category, body) ON live_event TO gridwell_figures",
    "GRANT SELECT (one, epoch, id_key, last, pruned) ON live_state TO gridwell_figures",
    "INSERT INTO live_state (epoch, id_key) VALUES"
    " (replace(gen_random_uuid()::text, '-', ''), decode(replace(gen_random_uuid()::text, '-', ''), 'hex'))",
)
