"""A span of whole days in the city's own time zone."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Self

from data.core.errors import BadPeriod

DEFAULT_DAYS = 30
"""Length of the period where a request names none. It ends with the day that the city's figures are of."""
LONGEST_DAYS = 366 * 20
FIRST_YEAR, LAST_YEAR = 1900, 2200


@dataclass(frozen=True, slots=True)
class Period:
    """First and last day, both included.

    Raises:
        BadPeriod: when the end lies before the start, or the span is longer than twenty years.
    """

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise BadPeriod(start=self.start, end=self.end, reason="the end lies before the start")
        if self.days > LONGEST_DAYS:
            raise BadPeriod(start=self.start, end=self.end, reason="it is longer than twenty years")

    @classmethod
    def parse(cls, start: str, end: str) -> Self:
        """From two ISO dates (``2026-10-24``), as a person or a program writes them.

        Raises:
            BadPeriod: also for years outside 1900 to 2200, so that dates before any period are still valid dates.
        """
        try:
            first, last = (datetime.strptime(day, "%Y-%m-%d").date() for day in (start, end))
        except ValueError:
            raise BadPeriod(start=start, end=end, reason="write both days as YYYY-MM-DD") from None
        if not (FIRST_YEAR <= first.year <= LAST_YEAR and FIRST_YEAR <= last.year <= LAST_YEAR):
            raise BadPeriod(start=start, end=end, reason="only the years 1900 to 2200 can be asked for")
        return cls(first, last)

    @classmethod
    def last_days(cls, days: int, until: date) -> Self:
        """The ``days`` days that end with ``until``."""
        return cls(until - timedelta(days=days - 1), until)

    @property
    def days(self) -> int:
        """Number of days, both ends included."""
        return (self.end - self.start).days + 1

    def touches(self, other: "Period") -> bool:
        """Whether the two share a day."""
        return self.start <= other.end and other.start <= self.end

    def whole_days(self, last_whole: date) -> "Period | None":
        """The days of the period up to the last day that is over; ``None`` where there is none."""
        end = min(self.end, last_whole)
        return None if end < self.start else Period(self.start, end)

    def previous(self) -> "Period":
        """The period of the same length just before (环比)."""
        return Period.last_days(self.days, self.start - timedelta(days=1))

    def year_before(self) -> "Period":
        """The same days one year earlier (同比); 29 February becomes 28 February."""

        def back(day: date) -> date:
            try:
                return day.replace(year=day.year - 1)
            except ValueError:
                return day.replace(year=day.year - 1, day=28)

        return Period(back(self.start), back(self.end))

    def dates(self) -> list[date]:
        """Every day of the period, in order."""
        return [self.start + timedelta(days=i) for i in range(self.days)]
