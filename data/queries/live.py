"""Statements on live events."""

EVENTS_AFTER = """
SELECT s.epoch, s.id_key, s.last, s.pruned, e.seqs, e.kinds, e.bodies
FROM live_state s CROSS JOIN LATERAL (
    SELECT array_agg(n.seq ORDER BY n.seq) AS seqs, array_agg(n.kind ORDER BY n.seq) AS kinds,
        array_agg(n.body::text ORDER BY n.seq) AS bodies
    FROM (
        SELECT seq, kind, body FROM live_event
        WHERE seq > %(after)s::bigint AND seq <= least(s.last, %(upto)s::bigint) ORDER BY seq LIMIT %(most)s
    ) n
) e
"""
"""How far the numbering is, and the events after a number that the viewer may see, in one row. The texts have no line breaks."""
