"""How far each case has come by the moment up to which the city is made, and how it stands against its deadline."""

from dataclasses import dataclass

import numpy as np

from data.demo.cases.cases import DAY_MIN, Reports
from data.demo.common.catalogue import CATEGORIES
from data.demo.common.frame import Floats, Ints, make_dice
from data.demo.common.scale import Scale
from data.demo.land.areas import Tree
from data.schema import AMBER_SHARE, CLOSED_STAGES, DEADLINE_STATES, OPEN_STAGES, OTHER_ENDS, STAGES


@dataclass(frozen=True, slots=True)
class Progress:
    """How far each case has come: index into ``STAGES``, paused, minutes due and closed (NaN where not)."""

    stage: Ints
    paused: np.ndarray
    due: Floats
    closed: Floats

    def some(self, which: Ints) -> "Progress":
        """Some of the cases."""
        return Progress(self.stage[which], self.paused[which], self.due[which], self.closed[which])


def find_deadline_states(reports: Reports, progress: Progress, scale: Scale) -> Ints:
    """Index into ``DEADLINE_STATES`` of every open case at that moment, and their number (none) of all others."""
    overdue, amber, paused, on_time = range(4)
    now = scale.now_min
    used = now - reports.minute > AMBER_SHARE * (progress.due - reports.minute)
    standing = np.where(progress.paused, paused, np.where(progress.due < now, overdue, np.where(used, amber, on_time)))
    return np.where(progress.stage < len(OPEN_STAGES), standing, len(DEADLINE_STATES))


class Fates:
    """What becomes of cases, portion by portion."""

    def __init__(self, scale: Scale, tree: Tree) -> None:
        self._rng = make_dice(8)
        self._now, self._tree = scale.now_min, tree
        self._quality = self._rng.normal(0.928, 0.03, len(tree.streets))

    def progress(self, reports: Reports) -> Progress:
        """Close, void, pause or leave open the next cases. About 92 % are closed on time, more or less by street and category."""
        rng, now = self._rng, self._now
        n = len(reports.cell)
        allowed = np.array([c.hours for c in CATEGORIES])[reports.category] * 60
        due = reports.minute + allowed
        street = self._tree.street_of[reports.cell]
        quality = self._quality[street] + np.array([c.ease for c in CATEGORIES])[reports.category]
        on_time = rng.random(n) < np.clip(quality, 0.80, 0.985)
        # Of the time allowed: many are closed at leisure, a third in the last moment, and what is late is late for long.
        in_time = np.where(rng.random(n) < 0.35, rng.beta(9, 1, n), rng.beta(2.2, 1.6, n))
        used = np.where(on_time, 0.02 + 0.97 * in_time, 1.02 + rng.exponential(1.25, n))
        closed = np.ceil(reports.minute + used * allowed)
        # Seconds must not decide: what is on time is closed a minute before it is due at the latest.
        closed = np.where(on_time, np.minimum(closed, due - 1), closed)
        paused = (rng.random(n) < 0.0032) & (reports.minute > now - 60 * DAY_MIN) & (reports.minute < now - 2 * DAY_MIN)
        ended = rng.choice(5, n, p=[0.945, 0.015, 0.02, 0.008, 0.012])
        ended[(reports.minute > now - 600) | paused] = 0
        stage = self._stages(reports, closed)
        stage[paused] = STAGES.index("in_progress")
        stage[ended > 0] = np.array([STAGES.index(end) for end in OTHER_ENDS])[ended[ended > 0] - 1]
        is_closed = np.isin(stage, [STAGES.index(s) for s in CLOSED_STAGES])
        return Progress(stage, paused, due, np.where(is_closed, closed, np.nan))

    def _stages(self, reports: Reports, closed: Floats) -> Ints:
        """Stage by the share of the way (from report to closing) that lies behind at that moment."""
        way = (self._now - reports.minute) / (closed - reports.minute)
        stage = np.searchsorted([0.06, 0.16, 0.30, 0.86, 1.0], way, side="right")
        judged = (way >= 1) & (closed < self._now - 6 * DAY_MIN) & (self._rng.random(len(stage)) < 0.6)
        stage[judged] = STAGES.index("evaluated")
        return np.asarray(stage)
