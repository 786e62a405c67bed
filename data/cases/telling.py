"""Tells listeners of the steps of a batch, through the outbox and in the same transaction."""

from collections.abc import Sequence
from datetime import datetime

from data.cases.batch import Batch
from data.cases.states import Event
from data.live.outbox import CaseChange, append_events

# After the deadline states were settled.
_AS_IT_STANDS = """
SELECT i.district, i.id, i.number, i.grid, i.path::text, i.category, i.severity, i.deadline_state
FROM unnest(%s::text[], %s::bigint[], %s::timestamptz[]) k (district, id, reported_at)
JOIN incident i ON i.district = k.district AND i.id = k.id AND i.reported_at = k.reported_at
"""

Written = tuple[tuple[str, int, datetime], list[Event]]
"""District, id and moment of reporting of a case, and the events that were added to it."""


def tell_changes(batch: Batch, written: Sequence[Written]) -> None:
    """Write an event for listeners for each step, in the order of the steps of each case."""
    columns = [list(column) for column in zip(*(key for key, _ in written), strict=True)]
    if not columns:
        return
    added = {key[:2]: events for key, events in written}
    changes = []
    for district, case_id, number, grid, path, category, severity, state in batch.connection.execute(_AS_IT_STANDS, columns):
        for event in added[district, case_id]:
            told = (number, grid, path, category, severity, event.stage, state, event.seq, event.step, event.at)
            changes.append(CaseChange(batch.city, district, case_id, *told))
    append_events(batch.connection, changes)
