"""The order of urgency: cases whose time runs, by their deadline, then those that are paused, then those that have ended.

A paused case keeps the deadline that it had when its pause began, so by deadline alone old pauses would stand at the head of the list.
Of many cases the list is read turn by turn: of overdue cases and of those that wait there is an index by deadline each, and at any moment
every overdue case has an earlier deadline than every one that waits. Both stand in one place of the order, because the one becomes the
other while somebody reads on.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from data.queries.case_list import URGENCY_STEP, microseconds

_RANKS = ((("overdue",), ("amber", "on_time")), (("paused",),), (("closed", "ended"),))
"""States in the order of urgency, and in which parts those of one rank are read."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A part of the list.

    Attributes:
        place: in the order: twice the rank, and one more for those without a deadline.
        states: of the cases that are read.
        empty: whether those without a deadline are read; otherwise the others.
    """

    place: int
    states: tuple[str, ...]
    empty: bool


def list_turns(descending: bool) -> Iterator[Turn]:
    """The parts of the list in their order. ``descending``: the latest deadline first, within each rank."""
    for rank, parts in enumerate(_RANKS):
        for states in reversed(parts) if descending else parts:
            yield Turn(2 * rank, states, False)
        yield Turn(2 * rank + 1, tuple(state for states in parts for state in states), True)


def write_urgency(place: int, due_at: datetime | None) -> int:
    """The number that stands in a cursor, as ``data.queries.case_list`` computes it in the database."""
    return place * URGENCY_STEP + (0 if due_at is None else microseconds(due_at))
