"""The sizes in which the demo city can be made."""

import math
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import numpy as np

from data.core.errors import GridwellError
from data.demo.common.frame import AS_OF, PINNED_DAY, Floats, Ints

_FULL_SIZE_M = 4900.0
FIRST_DAY = date(2005, 1, 1)
"""A city can be made up to this day at the earliest."""
FEWEST_CASES = 500
"""With fewer cases, most of them would be planted ones."""


class CasesOutOfRange(GridwellError):
    status, code = 422, "cases_out_of_range"
    sentence = "A city of this size takes between {least} and {most} cases, not {cases}."


class NoSuchDay(GridwellError):
    status, code = 422, "no_such_day"
    sentence = "The demo city is made up to a day from {first} to today, {today}, such as {example}; “{day}” is none of them."


@dataclass(frozen=True, slots=True)
class Scale:
    """How many of everything, and how far the city reaches.

    Attributes:
        rings_m: radii of the ring roads, metres; the last one is the outer ring.
        edge_m: radius of the city's edge.
        radials: roads out from the centre: inside the first ring, between each ring and the next, and outside the last.
        districts, streets, communities, cells, blocks, buildings, people, incidents: exactly so many (blocks: at most).
        years: cases of so many years back, to the day.
        until: the city is made up to this minute, in its time zone.
        water: size of river and lake, compared with the full city.
        country_m: the base map reaches so far from the origin, so that no edge of the world comes into view.
        monthly: cases are made one month after the other, so that memory stays bounded; otherwise all at once.
        history_days: only open cases and those reported so many days back keep their history; None: all do.
    """

    rings_m: tuple[float, ...]
    edge_m: float
    radials: tuple[int, ...]
    districts: int
    streets: int
    communities: int
    cells: int
    blocks: int
    buildings: int
    people: int
    incidents: int
    years: int = 2
    until: datetime = AS_OF
    water: float = 1.0
    country_m: float = 16_000.0
    monthly: bool = False
    history_days: int | None = None

    @property
    def inner_m(self) -> float:
        """Radius of the ring around the inner city."""
        return self.rings_m[(len(self.rings_m) - 2) // 2]

    @property
    def middle_m(self) -> float:
        """Radius of the ring before the outer one."""
        return self.rings_m[-2]

    @property
    def outer_m(self) -> float:
        """Radius of the outer ring."""
        return self.rings_m[-1]

    @property
    def size(self) -> float:
        """Distances of this city compared with those of the full one, for which places are given."""
        return self.outer_m / _FULL_SIZE_M

    @property
    def spread(self) -> float:
        """How wide a quarter spreads compared with the full city: larger cities have more quarters, not only larger ones."""
        return min(self.size, math.sqrt(self.size))

    @property
    def first_day(self) -> date:
        """First day with cases: of the same date so many years before; of 29 February, the day before where there is none."""
        last = self.until.date()
        leap = last.month == 2 and last.day == 29
        return last.replace(year=last.year - self.years, day=28 if leap else last.day)

    @property
    def days(self) -> int:
        """Days with cases, today included."""
        return (self.until.date() - self.first_day).days + 1

    @property
    def now_min(self) -> int:
        """``until`` in minutes since the first midnight; all times of cases are counted so."""
        return (self.days - 1) * 1440 + self.minute_of_day

    @property
    def minute_of_day(self) -> int:
        """Minutes of the last day that are over."""
        return self.until.hour * 60 + self.until.minute

    def calendar(self) -> list[date]:
        """Every day with cases."""
        return [self.first_day + timedelta(days=i) for i in range(self.days)]

    def utc(self, minute: Floats | Ints) -> np.ndarray:
        """Minutes since the first midnight in Shanghai (UTC+8, no summer time) to UTC; NaN becomes NaT."""
        known = ~np.isnan(minute)
        midnight = np.datetime64(f"{self.first_day}T00:00") - np.timedelta64(8, "h")
        moment = (midnight + np.where(known, minute, 0).astype("timedelta64[m]")).astype("datetime64[s]")
        moment[~known] = np.datetime64("NaT")
        return moment


SCALES = {
    "test": Scale((750, 1280, 2150), 3000, (4, 6, 8, 8), 6, 18, 40, 200, 420, 3000, 20_000, 8000),
    "town": Scale((1050, 1790, 3010), 4200, (4, 8, 12, 12), 6, 22, 80, 600, 1250, 12_000, 120_000, 40_000, 3, monthly=True),
    "demo": Scale((1150, 2950, 4900), 8600, (4, 8, 12, 13), 6, 40, 300, 3000, 5600, 60_000, 800_000, 200_000),
    "city": Scale(
        *((1500, 3700, 6300, 9200), 14_500, (4, 9, 15, 20, 20), 10, 64, 520, 6000, 18_000, 200_000, 1_500_000, 1_000_000),
        years=3,
        water=1.7,
        country_m=27_000,
        monthly=True,
        history_days=60,
    ),
    "metropolis": Scale(
        *((2400, 5200, 8800, 13_000, 18_000), 25_000, (6, 14, 24, 34, 40, 40), 16, 160, 1600, 20_000, 93_000),
        *(1_000_000, 5_000_000, 10_000_000),
        years=3,
        water=3.2,
        country_m=46_000,
        monthly=True,
        history_days=60,
    ),
}


def find_scale(name: str, cases: int | None = None, until: datetime = AS_OF) -> Scale:
    """A scale by its name, or the very same city with fewer cases: what changes with their number shows beside it.

    Args:
        name: one of ``SCALES``.
        cases: so many instead of the scale's own.
        until: the minute up to which the city is made, in its time zone.

    Raises:
        KeyError: there is no such scale.
        CasesOutOfRange: fewer than ``FEWEST_CASES``, or more than the scale has.
    """
    scale = replace(SCALES[name], until=until)
    if cases is None:
        return scale
    if not FEWEST_CASES <= cases <= scale.incidents:
        raise CasesOutOfRange(least=f"{FEWEST_CASES:,}", most=f"{scale.incidents:,}", cases=f"{cases:,}")
    return replace(scale, incidents=cases)


def read_day(text: str, today: date) -> date:
    """The day up to which somebody wants the city to be made.

    Args:
        text: as in 2026-11-23.
        today: in the city's time zone.

    Raises:
        NoSuchDay: it is no day, or one to which no city can be made.
    """
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = date.max
    if FIRST_DAY <= day <= today:
        return day
    raise NoSuchDay(first=FIRST_DAY.isoformat(), today=today.isoformat(), example=PINNED_DAY.isoformat(), day=text[:20])
