"""Deadlines of cases follow from their steps: the one place where a batch sets them."""

from dataclasses import replace
from datetime import timedelta

from data.cases.states import CaseState
from data.cases.targets import Deadlines


def plan(before: CaseState, after: CaseState, deadlines: Deadlines) -> Deadlines:
    """The deadlines after a step: the time of a pause that has ended does not count, so they move by it."""
    passed = timedelta(seconds=after.paused_s - before.paused_s)
    if not passed:
        return deadlines
    due_at, stage_due_at = (None if moment is None else moment + passed for moment in (deadlines.due_at, deadlines.stage_due_at))
    return replace(deadlines, due_at=due_at, stage_due_at=stage_due_at)
