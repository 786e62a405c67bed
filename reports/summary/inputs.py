"""What a summary is written from: counts of this period and of earlier ones, as plain values."""

from dataclasses import dataclass

from data.statistics.variation import Fraction
from reports.periods import Step


@dataclass(frozen=True, slots=True)
class Counts:
    """A count of this period, and those of earlier ones, the oldest first."""

    now: int
    history: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Shares:
    """A share of this period, and those of earlier ones, the oldest first, each as numerator and denominator."""

    now: Fraction
    history: tuple[Fraction, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """An area inside the area, or a category.

    Attributes:
        code, name: of it.
        reported: cases reported in it.
        on_time: cases closed on time, of those due; ``None``: it is not told of this part.
        cases: address of the list of its cases of this period.
        area, category: codes of what it is; both of a category in an area.
    """

    code: str
    name: str
    reported: Counts
    on_time: Shares | None = None
    cases: str | None = None
    area: str = ""
    category: str = ""


@dataclass(frozen=True, slots=True)
class Overdue:
    """Open cases beyond their deadline.

    Attributes:
        total: when the period ended.
        waiting: all open cases then; ``None``: not known.
        long: of them, beyond it for more than three days then, and open to this day; ``None``: not known.
        holders: names of those who have them, with their numbers, the largest first.
        cases: address of the list.
    """

    total: int
    waiting: int | None = None
    long: int | None = None
    holders: tuple[tuple[str, int], ...] = ()
    cases: str | None = None


@dataclass(frozen=True, slots=True)
class Times:
    """Where and when: the area's code; this period and the one before, as ``reports.periods.write_span`` writes them."""

    area: str = ""
    now: str = ""
    before: str = "before"


@dataclass(frozen=True, slots=True)
class Inputs:
    """All that a summary is written from.

    Attributes:
        step: how long the period is. The earlier ones of a day are the same days of earlier weeks.
        reported, on_time: of the whole area; ``cases``, ``due_cases``: addresses of the lists of cases reported, and of those due.
        areas, categories: parts of it. Each case lies in one category; in one area, or in none.
        overdue: ``None``: not known.
        days, history_days: how long the period and the earlier ones are; empty: all are alike.
        source: of the figures: a sentence.
        share_definition: how the share was counted: a sentence; empty: the usual one.
        over: whether the period is over. Otherwise it has no history.
        times: see there.
    """

    step: Step
    reported: Counts
    on_time: Shares
    areas: tuple[Part, ...] = ()
    categories: tuple[Part, ...] = ()
    overdue: Overdue | None = None
    days: int = 1
    history_days: tuple[int, ...] = ()
    source: str = ""
    share_definition: str = ""
    cases: str | None = None
    due_cases: str | None = None
    over: bool = True
    times: Times = Times()
