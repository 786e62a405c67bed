"""What the caller of an expression says beside the columns: which day it is, whose clock holds, working days, earlier periods."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Self

from sqlalchemy import ARRAY, ColumnElement, Date, Integer, Numeric, cast, func, literal
from sqlalchemy.sql.elements import Grouping

from data.deadlines.calendar import Calendar
from data.packs.expressions.strict import within

_MOST_DAYS = 100_000
"""More working days than any calendar knows."""


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """The working days of a calendar, as far as they are known.

    Attributes:
        days: every working day from ``first`` to ``last``, in order; or a column with an array of them.
        first, last: of which days it is known whether they are worked. Beyond them the answer is missing.
    """

    days: Sequence[date] | ColumnElement[Any]
    first: date
    last: date

    @classmethod
    def of_calendar(cls, calendar: Calendar, first: date, last: date) -> Self:
        """Those of a city's calendar between two days. After its ``gazetted_until`` they are what the weekdays say."""
        every = (date.fromordinal(place) for place in range(first.toordinal(), last.toordinal() + 1))
        return cls([day for day in every if calendar.is_working_day(day)], first, last)

    def count_between(self, start: ColumnElement[Any], end: ColumnElement[Any]) -> ColumnElement[Any]:
        """How many working days there are after ``start`` up to and with ``end``; below 0 if ``end`` is before ``start``."""
        return cast(self._place(end) - self._place(start), Numeric)

    def after(self, start: ColumnElement[Any], count: ColumnElement[Any]) -> ColumnElement[Any]:
        """The ``count``-th working day after a day, decimals of it dropped; missing below 1."""
        return Grouping(self._array())[self._place(start) + within(func.trunc(count), 1, _MOST_DAYS)]

    def _array(self) -> ColumnElement[Any]:
        return self.days if isinstance(self.days, ColumnElement) else literal(list(self.days), ARRAY(Date))

    def _place(self, day: ColumnElement[Any]) -> ColumnElement[Any]:
        """How many working days there are up to and with a day, found by halves; missing where the calendar is not known."""
        first = literal(self.first, Date)
        known = first + within(cast(cast(day, Date) - first, Numeric), 0, (self.last - self.first).days)
        return func.width_bucket(known, self._array(), type_=Integer)


@dataclass(frozen=True, slots=True)
class Given:
    """What holds when an expression is evaluated.

    Attributes:
        today: the day of ``today()``: a value, or a bound parameter, so that figures can be counted again.
        timezone: name of the time zone in which a moment has its day.
        working_days: of the city's calendar.
        previous: columns of earlier periods by field and number of periods before; ``Typed.previous`` names those that are needed.
    """

    today: date | ColumnElement[Any] | None = None
    timezone: str = "Asia/Shanghai"
    working_days: WorkingDays | None = None
    previous: Mapping[tuple[str, int], ColumnElement[Any]] = field(default_factory=dict)

    def get_today(self) -> ColumnElement[Any]:
        """The day as a column.

        Raises:
            ValueError: none was given.
        """
        if self.today is None:
            raise ValueError("an expression with today() needs the day")
        return self.today if isinstance(self.today, ColumnElement) else literal(self.today, Date)

    def get_working_days(self) -> WorkingDays:
        """The working days.

        Raises:
            ValueError: none were given.
        """
        if self.working_days is None:
            raise ValueError("an expression with working days needs a calendar")
        return self.working_days
