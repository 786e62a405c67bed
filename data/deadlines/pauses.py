"""The pauses of a case from its steps; an undone step was never taken."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from data.deadlines.working_time import Pause
from data.schema import OPEN_STAGES

Step = tuple[int, datetime, str, str, int | None]
"""Number, moment and name of a step, the stage after it, and the number of the step that it undoes."""


def list_pauses(steps: Iterable[Step]) -> tuple[Pause, ...]:
    """Pauses in order; the last one may still go on. A case that ends while it is paused is no longer paused."""
    taken: list[Step] = []
    for step in steps:
        taken = [one for one in taken if one[0] != step[4]]
        if step[2] != "undo":
            taken.append(step)
    pauses: list[Pause] = []
    for _, at, name, stage, _ in taken:
        if name == "pause":
            pauses.append(Pause(at))
        elif pauses and pauses[-1].end is None and (name == "resume" or stage not in OPEN_STAGES):
            pauses[-1] = Pause(pauses[-1].start, at)
    return tuple(pauses)


def find_counting_moment(pauses: Sequence[Pause], now: datetime) -> datetime:
    """Until when a pause that still goes on is counted for a stored deadline: until it began.

    So the deadline of a paused case does not move from day to day; it moves when the case is resumed.
    """
    return pauses[-1].start if pauses and pauses[-1].end is None else now
