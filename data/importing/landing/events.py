"""The history of imported incidents. Files say only when a case was reported and when it was closed.

The history of a case that was worked on here is left as it is.
"""

from data.database.indexes import set_indexes_aside
from data.importing.landing.context import Context
from data.importing.landing.staging import Changes
from data.schema import incident_event

_TOLD = """
    SELECT i.district, i.id, 1 AS seq, i.reported_at AS at, 'reported' AS stage
    FROM incident i WHERE i.source_id = ANY(%(sources)s) AND i.version = 0
    UNION ALL
    SELECT i.district, i.id, 2, i.closed_at, i.stage
    FROM incident i WHERE i.source_id = ANY(%(sources)s) AND i.version = 0 AND i.closed_at IS NOT NULL
"""
_FRESH = "INSERT INTO incident_event (district, incident_id, seq, at, stage)" + _TOLD

# Only rows that differ are written, so that a second import leaves the history as it is.
_WRITE = """
INSERT INTO incident_event AS e (district, incident_id, seq, at, stage)
SELECT district, id, seq, at, stage FROM told
ON CONFLICT (district, incident_id, seq) DO UPDATE SET at = excluded.at, stage = excluded.stage
WHERE (e.at, e.stage) IS DISTINCT FROM (excluded.at, excluded.stage)
RETURNING (xmax = 0) AS fresh
"""
_COUNT = "SELECT count(*) FILTER (WHERE fresh), count(*) FILTER (WHERE NOT fresh) FROM written"
_WRITE_AND_COUNT = " ".join(["WITH told AS (", _TOLD, "), written AS (", _WRITE, ")", _COUNT])

# Events of cases that were opened again, moved to another district, or are gone.
_FORGET = """
DELETE FROM incident_event e
WHERE NOT EXISTS (SELECT FROM incident i WHERE i.district = e.district AND i.id = e.incident_id)
   OR (e.seq = 2 AND EXISTS (
        SELECT FROM incident i
        WHERE i.district = e.district AND i.id = e.incident_id AND i.source_id = ANY(%(sources)s) AND i.version = 0
            AND i.closed_at IS NULL))
"""


def write_events(context: Context) -> None:
    """Make ``incident_event`` agree with the imported incidents."""
    sources = [context.source_ids[s.key] for s in context.profile.incidents]
    if not sources or not context.changes.get("incident"):
        return
    if not context.changes["incident"].any:
        return
    if "incident" not in context.held:
        with set_indexes_aside(context.connection, incident_event):
            count = context.connection.execute(_FRESH, {"sources": sources}).rowcount
        context.add_changes("incident_event", Changes(inserted=count))
        return
    gone = context.connection.execute(_FORGET, {"sources": sources}).rowcount
    row = context.connection.execute(_WRITE_AND_COUNT, {"sources": sources}).fetchone()
    assert row is not None  # noqa: S101  an aggregate always gives a row
    context.add_changes("incident_event", Changes(inserted=row[0], updated=row[1], deleted=gone))
