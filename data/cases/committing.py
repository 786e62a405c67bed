"""Writes what a batch did to cases, and tells of it: states, events, roll-ups, versions and live events, in the caller's transaction."""

from collections.abc import Callable

from data.cases.batch import Batch
from data.cases.telling import News
from data.cases.writing import write_batch
from data.rollup import changing_dated_incidents


def write_and_tell(batch: Batch, store: Callable[[], object] = lambda: None) -> None:
    """Write the changed and the new cases of a batch.

    Args:
        batch: its steps; at least one was taken.
        store: writes what else belongs to them, after the cases and before the roll-ups.
    """
    changed = [(*target.key, target.row["reported_at"]) for target in batch.targets.changed()]
    news = News(batch)
    with changing_dated_incidents(batch.connection, batch.city, changed, settled=news.look) as touched:
        news.written = write_batch(batch, touched)
        store()
    news.tell()
