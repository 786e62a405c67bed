"""The pauses of a case from its steps; an undone step was never taken.

A pause counts until somebody resumes the case. If nobody does, it counts until the moment up to which it was granted, and not until the
keeper looked: how busy the keeper was, or whether it was stopped for a night, must not move a deadline. So the step ``resume`` by which the
keeper ends a pause is dated when it was taken, like every step, and says in ``until`` when the pause was over.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from data.deadlines.working_time import Pause
from data.schema import OPEN_STAGES

Step = tuple[int, datetime, str, str, int | None]
"""Number of a step, the moment from which it counts, its name, the stage after it, and the number of the step that it undoes."""


def find_counted_moment(at: datetime, step: str, details: Mapping[str, Any]) -> datetime:
    """The moment from which a step counts for deadlines: of a pause that was over, its end; of every other step, when it was taken."""
    until = details.get("until") if step == "resume" else None
    return at if until is None else datetime.fromisoformat(until)


def make_step(seq: int, at: datetime, step: str, stage: str, details: Mapping[str, Any]) -> Step:
    """A step as pauses are counted from it."""
    return seq, find_counted_moment(at, step, details), step, stage, details.get("undone")


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
