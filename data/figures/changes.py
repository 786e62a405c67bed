"""How the number of reported cases changed from an earlier period to this one, area by area."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import time
from typing import Literal, Self

from sqlalchemy import RowMapping

from data.core.period import Period
from data.core.rate_changes import RateChange, compare_counts
from data.figures.assemble import earlier_periods
from data.queries.figures import Counting

Against = Literal["previous", "year_before"]
"""The earlier period: as many days just before, or the same days of the year before."""


@dataclass(frozen=True, slots=True)
class SameHours:
    """Cases reported today so far, and on earlier days until the same time of day.

    Attributes:
        until: that time, in the city.
        now, previous, year_before: cases of today, of the day before, and of the same day a year earlier.
    """

    until: time
    now: int
    previous: int
    year_before: int


@dataclass(frozen=True, slots=True)
class Changes:
    """Cases reported on the whole days of a period, and in an earlier one.

    Attributes:
        now: the days of the period that are over; ``None``: none is, and nothing is compared.
        before: the earlier days.
        counts: by code of an area, the cases reported now and before.
    """

    now: Period | None
    before: Period
    counts: Mapping[str, tuple[int, int]]

    @classmethod
    def choose_days(cls, counting: Counting, against: Against) -> Self:
        """The days that are compared, without counts."""
        return cls(counting.compared, earlier_periods(counting)[against], {})

    @property
    def spans(self) -> dict[str, Period]:
        """The days to be counted, by the names in ``data.queries.families.area_figures.COMPARED``; empty where nothing is compared."""
        return {} if self.now is None else {"now": self.now, "before": self.before}

    def with_counts(self, rows: Iterable[RowMapping]) -> "Changes":
        """The same days, with the counts of ``data.queries.families.area_figures.family_figures``."""
        found = {} if self.now is None else {row["code"]: (row["now_reported"], row["before_reported"]) for row in rows}
        return Changes(self.now, self.before, found)

    def of(self, code: str) -> RateChange | None:
        """The change of the daily rate in an area; ``None`` where nothing is compared."""
        if self.now is None or code not in self.counts:
            return None
        return compare_counts(*self.counts[code], self.now.days, self.before.days)
