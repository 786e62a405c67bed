"""What a set of cases comes to in a period: shares, times, stocks, and what was usual, by the definitions in docs/indicators.md."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.duration.survfunc import SurvfuncRight
from statsmodels.stats.proportion import proportion_confint

from tests.reports.recount.rows import PROACTIVE, Rows

Days = tuple[pd.Timestamp, pd.Timestamp]
Pair = tuple[int, int]


def month(text: str) -> Days:
    """First and last day of a month."""
    start = pd.Timestamp(f"{text}-01")
    return start, start + pd.offsets.MonthEnd(0)


def months_before(days: Days, back: int) -> Days:
    start = days[0] - pd.DateOffset(months=back)
    return start, start + pd.offsets.MonthEnd(0)


@dataclass(frozen=True)
class Counts:
    """Cases of a part of a city in a period."""

    rows: Rows
    cases: pd.DataFrame
    days: Days

    def within(self, day: pd.Series) -> pd.Series:
        return (day >= self.days[0]) & (day <= self.days[1])

    @cached_property
    def reported(self) -> pd.DataFrame:
        return self.cases[self.within(self.cases["day"])]

    @cached_property
    def due(self) -> pd.DataFrame:
        cases = self.cases
        return cases[self.within(cases["due_day"]) & (cases["due_day"] <= self.rows.today) & ~cases["ended"] & ~cases["paused"]]

    @cached_property
    def closed(self) -> pd.DataFrame:
        return self.cases[self.cases["is_closed"] & self.within(self.cases["closed"].dt.normalize())]

    @cached_property
    def length(self) -> int:
        return (self.days[1] - self.days[0]).days + 1

    # ---- Stocks ----

    @cached_property
    def open_at_end(self) -> pd.DataFrame:
        """Open when the last day ended; of a day that is not over, as it stands."""
        cases, last = self.cases, self.days[1]
        if last >= self.rows.today:
            return cases[cases["is_open"]]
        return cases[(cases["day"] <= last) & ~cases["ended"] & ~(cases["closed_day"] <= last)]

    @cached_property
    def overdue_at_end(self) -> int:
        if self.days[1] >= self.rows.today:
            return int(self.cases["overdue"].sum())
        waiting = self.open_at_end
        return int((~waiting["paused"] & (waiting["due_day"] <= self.days[1])).sum())

    @property
    def long_overdue(self) -> int:
        cases = self.cases
        return int((cases["is_open"] & ~cases["paused"] & (cases["due_day"] <= self.days[1] - timedelta(days=3))).sum())

    # ---- Shares ----

    @property
    def on_time(self) -> Pair:
        due = self.due
        return int((due["is_closed"] & (due["closed_utc"] <= due["due_utc"])).sum()), len(due)

    def share(self, title: str) -> Pair:
        """Numerator and denominator of an indicator."""
        return _SHARES[title](self)

    @cached_property
    def filed_here(self) -> pd.DataFrame:
        """Of those reported: filed here, by a step that was not undone or because they were reported here."""
        cases, events = self.reported, self.rows.tables["events"]
        undone = {(one.partition, one.id, int(one.undone)) for one in events[events["step"] == "undo"].itertuples() if one.undone}
        steps = {
            (one.partition, one.id, one.at)
            for one in events[events["step"] == "file"].itertuples()
            if (one.partition, one.id, one.seq) not in undone
        }
        kept = [
            pd.notna(one.filed_at_utc) and (one.source == "gridwell" or (one.partition, one.id, one.filed_at_utc) in steps)
            for one in cases.itertuples()
        ]
        return cases[pd.Series(kept, cases.index, dtype=bool)]

    @property
    def returned(self) -> set[tuple[str, int]]:
        events = self.rows.tables["events"]
        undone = {(one.partition, one.id, int(one.undone)) for one in events[events["step"] == "undo"].itertuples() if one.undone}
        found = events[events["step"] == "not_responsible"].itertuples()
        return {(one.partition, one.id) for one in found if (one.partition, one.id, one.seq) not in undone}

    # ---- Times ----

    @property
    def hours(self) -> pd.Series:
        """Hours from report to closing, of those closed in the period."""
        kept = self.closed[self.closed["timed"]]
        return kept["seconds"] / 3600

    @cached_property
    def survival(self) -> tuple[np.ndarray, np.ndarray]:
        """Hours of those reported, to a tenth (in long periods to a whole one), and whether each was closed."""
        cases = self.reported[~self.reported["ended"]]
        known = cases["timed"] | (cases["is_open"] & ~cases["reported_is_day"])
        per_hour = 10 if self.length <= 100 else 1
        return np.rint(cases[known]["seconds"].to_numpy() * (per_hour / 3600)) / per_hour, cases[known]["is_closed"].to_numpy(bool)

    def curve(self) -> SurvfuncRight:
        hours, closed = self.survival
        with np.errstate(all="ignore"):
            return SurvfuncRight(hours, closed.astype(int))


def _of(frame: pd.DataFrame, counted: pd.Series) -> Pair:
    return int(counted.sum()), len(frame)


def _judged(counts: Counts) -> pd.DataFrame:
    return counts.reported[counts.reported["stage"] != "reported"]


def _called(counts: Counts, of: str) -> pd.DataFrame:
    cases = counts.reported
    nobody_called_here = cases["is_closed"] & (cases["version"] == 0) & (cases["source"] != "gridwell")
    return cases[~nobody_called_here & cases[of].notna()]


def _dispatched(counts: Counts) -> Pair:
    filed, now = counts.filed_here, counts.rows.now
    waits = (filed["stage"] == "filed") & ~filed["paused"] & (filed["stage_due_at"].isna() | (filed["stage_due_at"] <= now))
    due = filed[filed["dispatched_at"].notna() | waits]
    returned = pd.Series([(one.partition, one.id) in counts.returned for one in due.itertuples()], due.index, dtype=bool)
    return _of(due, due["dispatched_at"].notna() & ~returned)


def _rework(counts: Counts) -> Pair:
    here = counts.closed[counts.closed["dispatched_at"].notna()]
    return _of(here, here["reworked"] > 0)


def _answer(of: str) -> Callable[[Counts], Pair]:
    return lambda counts: _of(asked := _called(counts, of), asked[of].astype(bool))


_SHARES: dict[str, Callable[[Counts], Pair]] = {
    "Closing rate": lambda one: _of(one.due, one.due["is_closed"]),
    "On-time closing rate": lambda one: one.on_time,
    "Valid report rate": lambda one: _of(_judged(one), ~_judged(one)["stage"].isin(("void", "duplicate", "not_responsible"))),
    "Duplicate rate": lambda one: _of(_judged(one), _judged(one)["stage"] == "duplicate"),
    "Accurate filing rate": lambda one: _of(one.filed_here, one.filed_here["stage"] != "void"),
    "Accurate dispatch rate": _dispatched,
    "Rework rate": _rework,
    "Proactive share": lambda one: _of(one.reported, one.reported["channel"].isin(PROACTIVE)),
    "Call-backs answered": _answer("answered"),
    "Solved rate": _answer("solved"),
    "Satisfaction rate": _answer("satisfied"),
}
SHARES = tuple(_SHARES)


def wilson(part: int, whole: int) -> tuple[float, float]:
    """95 % interval by statsmodels; nothing and all are told exactly."""
    low, high = proportion_confint(part, whole, method="wilson")
    return (0.0 if part == 0 else float(low)), (1.0 if part == whole else float(high))


# ---- What was usual ----


def usual_count(history: list[int], lengths: list[int], length: int) -> tuple[float, float, float]:
    """The average, and the range in which 95 % lie, of at least five expected: Student's t of cube roots (Wilson and Hilferty)."""
    past = np.array(history, float) * length / np.array(lengths)
    roots = np.cbrt(past + 0.2)
    spread = max(roots.var(ddof=1), 1 / (9 * np.cbrt(past.mean()))) * (1 + 1 / len(past))
    low, high = stats.t.interval(0.95, len(past) - 1, loc=roots.mean(), scale=math.sqrt(spread))
    return sum(history) * length / sum(lengths), max(0.0, low**3 - 0.2), high**3 - 0.2


def usual_share(history: list[Pair], now: Pair) -> tuple[float, float, float]:
    """The same of shares: arcsines (Anscombe), with the dispersion of the earlier ones, at least that of chance."""
    known = [one for one in history if one[1]]
    sizes = np.array([d for _, d in known], float)
    angles = np.array([math.asin(math.sqrt((n + 0.375) / (d + 0.75))) for n, d in known])
    centre = np.average(angles, weights=sizes)
    dispersion = max(1.0, float((4 * sizes * (angles - centre) ** 2).sum()) / (len(known) - 1))
    error = math.sqrt(dispersion / 4 * (1 / now[1] + 1 / sizes.sum()))
    ends = np.clip(stats.t.interval(0.95, len(known) - 1, loc=centre, scale=error), 0, math.pi / 2)
    return sum(n for n, _ in known) / sum(d for _, d in known), *(float(np.sin(end) ** 2) for end in ends)


def age_in_years(born: date, at: date) -> int:
    return at.year - born.year - ((at.month, at.day) < (born.month, born.day))
