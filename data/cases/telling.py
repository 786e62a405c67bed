"""Tells listeners of the steps of a batch, through the outbox and in the same transaction."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg import Cursor, sql
from psycopg.rows import TupleRow

from data.cases.batch import Batch
from data.cases.states import Event
from data.cases.targets import Target
from data.database.partitions import within_months
from data.live.outbox import CaseChange, append_events

# After the deadline states were settled.
_AS_IT_STANDS = """
SELECT i.district, i.id, i.number, i.grid, i.path::text, i.category, i.severity, i.deadline_state
FROM unnest(%s::text[], %s::bigint[], %s::timestamptz[]) k (district, id, reported_at)
JOIN incident i ON i.district = k.district AND i.id = k.id AND i.reported_at = k.reported_at
WHERE {months}
"""

Written = tuple[tuple[str, int, datetime], list[Event]]
"""District, id and moment of reporting of a case, and the events that were added to it."""


def _has_left(target: Target) -> bool:
    """Whether it is gone from a place or out of a category."""
    was = target.left
    return was is not None and any(was[name] != target.row[name] for name in ("path", "grid", "category"))


def _tell_left(batch: Batch) -> Iterator[CaseChange]:
    """For whoever saw a case where it was, or in the category that it had: it is gone from there. Where to is not said."""
    for target in batch.targets.changed():
        if (was := target.left) is not None and _has_left(target):
            event = target.added[-1]
            stood = (target.number, was["grid"], was["path"], was["category"], target.state.severity)
            moved = (event.stage, None, event.seq, "move", event.at)
            units = (target.row["unit"],) if target.row["unit"] else ()
            yield CaseChange(batch.city, was["district"], was["id"], *stood, *moved, left=True, units=units)


@dataclass(slots=True)
class News:
    """What a batch tells: it looks at the cases as soon as their deadline states are settled, and tells while the roll-ups follow.

    Attributes:
        batch: its steps.
        written: the cases that were written.
    """

    batch: Batch
    written: Sequence[Written] = ()
    _found: Cursor[TupleRow] | None = None

    def look(self) -> None:
        """Ask how the cases stand now; the answer is read by ``tell``."""
        columns = [list(column) for column in zip(*(key for key, _ in self.written), strict=True)]
        if columns:
            statement = sql.SQL(_AS_IT_STANDS).format(months=within_months("i", columns[2])).as_bytes()
            self._found = self.batch.connection.execute(statement, columns)

    def tell(self) -> None:
        """Write an event for listeners for each step, in the order of the steps of each case."""
        if self._found is None:
            return
        batch = self.batch
        added = {key[:2]: events for key, events in self.written}
        changes = list(_tell_left(batch))
        # Who lost a case that has left, too, hears no more than that.
        units = {target.new_key: target.row["unit"] for target in batch.targets.changed() if not _has_left(target)}
        for district, case_id, number, grid, path, category, severity, state in self._found:
            for event in added[district, case_id]:
                told = (number, grid, path, category, severity, event.stage, state, event.seq, event.step, event.at)
                concerned = {unit: None for unit in (units.get((district, case_id)), event.unit) if unit}
                units[district, case_id] = event.unit
                changes.append(CaseChange(batch.city, district, case_id, *told, units=tuple(concerned)))
        append_events(batch.connection, changes)
