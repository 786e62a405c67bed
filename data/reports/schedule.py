"""When reports are made: a rhythm laid out over a city's calendar, and the period that a report is of. Pure.

A schedule names days (weekdays, a day of the month, the first or last working day) and a time. What falls on a free day is made all the
same, on the next working day, or not at all, as chosen. Clocks that jump over the time move it to the moment of the jump; where they show
it twice, the first is meant, so that nothing is made twice (``data.deadlines.calendar.moment_of``).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, get_args

from data.deadlines.calendar import DAY_MIN, Calendar, moment_of

Every = Literal["day", "week", "month", "quarter", "year"]
"""How often a report is made."""
Place = Literal["day", "first_working", "last_working"]
"""Which day of it: those that are named, or the first or last on which the city works."""
Holidays = Literal["as_is", "next_working", "leave_out"]
"""What becomes of a day on which the city does not work."""
Step = Literal["day", "week", "month", "quarter", "year"]
"""Length of the period that a report is of."""
EVERY, PLACES, HOLIDAYS, STEPS = get_args(Every), get_args(Place), get_args(Holidays), get_args(Step)

MOVED_DAYS = 40
"""A day is moved by so much at most; in a city that is closed for longer it stays where it is."""
LAST_DAY = 31
"""As the day of a month: its last day, however long it is."""
_MONTHS: dict[str, int] = {"month": 1, "quarter": 3, "year": 12}
_ONE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """When something is made.

    Attributes:
        every: day, week, month, quarter or year.
        at_min: minutes since midnight, by the clocks of the city.
        place: which day; of every day there is none to choose.
        weekdays: 1 (Monday) to 7, for weeks with named days.
        day: 1 to 31, for months, quarters and years with a named day; months that are shorter have it on their last day.
        month: which month of a quarter (1 to 3) or year (1 to 12) it is in.
        holidays: what becomes of days on which the city does not work.

    Raises:
        ValueError: there is no such rhythm.
    """

    every: Every
    at_min: int
    place: Place = "day"
    weekdays: tuple[int, ...] = ()
    day: int = 1
    month: int = 1
    holidays: Holidays = "as_is"

    def __post_init__(self) -> None:
        known = self.every in EVERY and self.place in PLACES and self.holidays in HOLIDAYS
        if not known or not 0 <= self.at_min < DAY_MIN or not 1 <= self.day <= LAST_DAY:
            raise ValueError(f"no rhythm: {self}")
        named = self.every == "week" and self.place == "day"
        if any(not 1 <= one <= 7 for one in self.weekdays) or bool(self.weekdays) != named:
            raise ValueError(f"no weekdays of a rhythm: {self.weekdays}")
        if not 1 <= self.month <= max(1, _MONTHS.get(self.every, 1)) or (self.every == "day" and self.place != "day"):
            raise ValueError(f"no month or place of a rhythm: {self.month}, {self.place}")


def due_between(rhythm: Rhythm, after: datetime, until: datetime, calendar: Calendar) -> list[datetime]:
    """The moments, in UTC and in order, at which a report is due: later than the first moment, up to and with the second.

    Days that are moved to the same working day make one moment.

    Args:
        rhythm: of the schedule.
        after, until: moments with their zones.
        calendar: of the city.
    """
    if until <= after:
        return []
    first, last = calendar.local_day(after), calendar.local_day(until)
    found = set()
    for day in _days(rhythm, first - _ONE * (MOVED_DAYS + 1), last + _ONE, calendar):
        moved = _move(rhythm, day, calendar)
        if moved is not None and after < (moment := moment_of(moved, rhythm.at_min, calendar.zone)) <= until:
            found.add(moment)
    return sorted(found)


def next_due(rhythm: Rhythm, after: datetime, calendar: Calendar, count: int = 5) -> list[datetime]:
    """The next moments; fewer where there are not so many within the next years (a city that never works has no working day)."""
    found: list[datetime] = []
    days = 2 * max(31 * _MONTHS.get(rhythm.every, 1), MOVED_DAYS)
    for _ in range(2 * count):
        until = after + _ONE * days
        found += due_between(rhythm, after, until, calendar)
        if len(found) >= count:
            break
        after = until
    return found[:count]


def _days(rhythm: Rhythm, first: date, last: date, calendar: Calendar) -> Iterator[date]:
    """The days that a rhythm names, before they are moved."""
    if rhythm.every == "day" or (rhythm.every == "week" and rhythm.place == "day"):
        for n in range((last - first).days + 1):
            day = first + _ONE * n
            if rhythm.every == "day" or day.isoweekday() in rhythm.weekdays:
                yield day
        return
    for begin, end in _spans(rhythm, first, last):
        found = _find(rhythm, begin, end, calendar)
        if found is not None:
            yield found


def _spans(rhythm: Rhythm, first: date, last: date) -> Iterator[tuple[date, date]]:
    """The weeks, or the months of a rhythm, that touch some days: first and last day of each."""
    if rhythm.every == "week":
        begin = first - _ONE * first.weekday()
        while begin <= last:
            yield begin, begin + _ONE * 6
            begin += _ONE * 7
        return
    step = _MONTHS[rhythm.every]
    month = first.replace(day=1)
    while month <= last:
        after = _next_month(month)
        if (month.month - 1) % step + 1 == rhythm.month:
            yield month, after - _ONE
        month = after


def _find(rhythm: Rhythm, begin: date, end: date, calendar: Calendar) -> date | None:
    if rhythm.place == "day":
        return min(begin + _ONE * (rhythm.day - 1), end)
    days = [begin + _ONE * n for n in range((end - begin).days + 1)]
    ordered = days if rhythm.place == "first_working" else reversed(days)
    return next((day for day in ordered if calendar.is_working_day(day)), None)


def _move(rhythm: Rhythm, day: date, calendar: Calendar) -> date | None:
    """Where a day goes: to itself, to the next working day, or nowhere."""
    if rhythm.holidays == "as_is" or calendar.is_working_day(day):
        return day
    if rhythm.holidays == "leave_out":
        return None
    later = (day + _ONE * n for n in range(1, MOVED_DAYS + 1))
    return next((one for one in later if calendar.is_working_day(one)), day)


def _next_month(first: date) -> date:
    return (first + _ONE * 31).replace(day=1)


# ---- Periods ----


def period_before(step: Step, day: date) -> str:
    """The last period of a length that is over on a day, as ``reports.periods.parse_period`` reads it; the day itself is not over."""
    if step == "day":
        return (day - _ONE).isoformat()
    if step == "week":
        year, week, _ = (day - _ONE * 7).isocalendar()
        return f"{year}-W{week:02}"
    months = day.year * 12 + (day.month - 1) // _MONTHS[step] * _MONTHS[step] - _MONTHS[step]
    year, month = divmod(months, 12)
    return {"month": f"{year}-{month + 1:02}", "quarter": f"{year}-Q{month // 3 + 1}", "year": f"{year}"}[step]


def days_before(step: Step, day: date) -> tuple[date, date]:
    """First and last day of ``period_before``."""
    if step == "day":
        return day - _ONE, day - _ONE
    if step == "week":
        begin = day - _ONE * (day.weekday() + 7)
        return begin, begin + _ONE * 6
    this = day.replace(month=(day.month - 1) // _MONTHS[step] * _MONTHS[step] + 1, day=1)
    begin = this
    for _ in range(_MONTHS[step]):
        begin = (begin - _ONE).replace(day=1)
    return begin, this - _ONE
