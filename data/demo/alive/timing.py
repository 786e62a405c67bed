"""When the crew does it: how long each case lies in each stage, and who works at night. Pure.

The crew's own time runs ``speed`` times as fast as the clock, so all waits are divided by it. Hours and weekdays are those of the crew's
time, too: at speed 60 a day of it passes in 24 minutes. Steps are dated by the clock, and deadlines run by the clock.
"""

from dataclasses import dataclass

from data.demo.alive.decisions import Case, Deed, make_dice
from data.demo.common.catalogue import CATEGORIES

DAY_S, HOUR_S = 86_400.0, 3_600.0
_ZONE_S = 8 * HOUR_S
"""The demo city's hours are those of UTC+8, without summer time."""
_EPOCH_WEEKDAY = 3
"""1 January 1970 was a Thursday."""
_ALLOWED_H = {category.code: category.hours for category in CATEGORIES}
_ON_TIME = {category.code: 0.928 + category.ease for category in CATEGORIES}
_SHARES = {"reported": 0.06, "filed": 0.10, "dispatched": 0.14, "in_progress": 0.56, "feedback": 0.14}
"""Of the way from report to closing, as in ``data.demo.cases.progress``: the part that a case lies in each stage."""
_NIGHT_OFF = frozenset({"accept", "handle", "verify_pass", "verify_fail", "not_responsible", "call_back", "evaluate"})
_FROM_H, _TO_H = 7.5, 20.0
_URGENT = frozenset({"emergency"})


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast the crew's time runs."""

    speed: float = 1.0

    def crew_s(self, clock_s: float) -> float:
        """The crew's time of a moment of the clock, both in seconds since 1970."""
        return clock_s * self.speed

    def weekday_hour(self, clock_s: float) -> tuple[int, float]:
        """Day of the week (Monday is 0) and hour of the crew's time at a moment of the clock."""
        local = self.crew_s(clock_s) + _ZONE_S
        return int(local // DAY_S + _EPOCH_WEEKDAY) % 7, local % DAY_S / HOUR_S


def find_due(case: Case, deed: Deed, pace: Pace, seed: int, now: float) -> float:
    """When a step is taken, in seconds since 1970 by the clock.

    A case that has waited longer than that already (it was there before the crew, or the crew was away) is taken up soon: after
    a part of its wait, so that the crew does not do everything at once.
    """
    dice = make_dice(seed, case, "time")
    wait_s = wait_for(case, seed) / pace.speed
    due = case.since + wait_s
    if due < now:
        due = now + dice.random() * wait_s
    if deed.step not in _NIGHT_OFF or case.category in _URGENT:
        return due
    hour = pace.weekday_hour(due)[1]
    if _FROM_H <= hour < _TO_H:
        return due
    return due + ((_FROM_H - hour) % 24 + dice.random() * 2) * HOUR_S / pace.speed


def wait_for(case: Case, seed: int) -> float:
    """How long a case lies as it is, in seconds of the crew's time."""
    dice = make_dice(seed, case, "wait")
    if case.paused:
        return dice.uniform(0.5, 3) * DAY_S
    if case.stage not in _SHARES:
        return dice.uniform(0.2, 3) * DAY_S
    return _SHARES[case.stage] * find_length(case, seed) * dice.uniform(0.8, 1.2)


def find_length(case: Case, seed: int) -> float:
    """The whole way of a case from its report to its closing, in seconds: most are on time, some at the last moment, some long after it."""
    dice = make_dice(seed, Case(case.number, case.category, "", "", "", case.reported_at, "", 0, 0.0), "length")
    if dice.random() < _ON_TIME.get(case.category, 0.93):
        used = 0.02 + 0.97 * (dice.betavariate(9, 1) if dice.random() < 0.35 else dice.betavariate(2.2, 1.6))
    else:
        used = 1.02 + dice.expovariate(1 / 1.25)
    return used * _ALLOWED_H.get(case.category, 72) * HOUR_S
