"""Counting time: forward from a moment (a deadline) and between two moments (time used), in each of three units.

* ``hours``: every hour counts, day and night.
* ``working_hours``: hours in which the city works.
* ``working_days``: days on which the city works. The day on which counting begins does not count, and the last one lasts until its end,
  as periods by days do in law (Civil Procedure Law of China, article 85; Regulation (EEC) 1182/71, article 3).

While a case is paused, no time counts. A working day does not count if the case is paused at its end.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Literal

from data.core.errors import GridwellError
from data.deadlines.calendar import Calendar, Interval, merge

Unit = Literal["hours", "working_hours", "working_days"]
UNITS: tuple[Unit, ...] = ("hours", "working_hours", "working_days")
LONGEST_CLOSED_DAYS = 3_660
"""A city that is closed for so long has no working time."""
_ONE_DAY = timedelta(days=1)
_NONE = timedelta()
_END = datetime.max.replace(tzinfo=UTC)


class NoWorkingTime(GridwellError):
    status, code = 422, "no_working_time"
    sentence = "The calendar has no working time in the ten years after {day}: check the city's hours and holidays."


@dataclass(frozen=True, slots=True)
class Duration:
    """An amount of time in a unit; working days are whole.

    Raises:
        ValueError: it is negative, or a part of a working day.
    """

    amount: Decimal
    unit: Unit

    def __post_init__(self) -> None:
        if self.amount < 0 or (self.unit == "working_days" and self.amount != int(self.amount)):
            raise ValueError(f"no duration: {self.amount} {self.unit}")

    def times(self, factor: int) -> "Duration":
        """So many times as long."""
        return Duration(self.amount * factor, self.unit)

    @property
    def length(self) -> timedelta:
        """Of hours: how long they are."""
        return timedelta(microseconds=int(self.amount * 3_600_000_000))


@dataclass(frozen=True, slots=True)
class Pause:
    """A time that does not count; without an end it still goes on."""

    start: datetime
    end: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """Time that was counted: where counting began and ended, and the intervals that counted in between."""

    start: datetime
    end: datetime
    counted: tuple[Interval, ...]

    @property
    def length(self) -> timedelta:
        """How much of it counted."""
        return sum((end - start for start, end in self.counted), _NONE)


def merge_pauses(pauses: Iterable[Pause], now: datetime) -> tuple[Interval, ...]:
    """Pauses as intervals in order; those without an end last until ``now``."""
    return tuple(merge([(p.start.astimezone(UTC), (p.end or max(p.start, now)).astimezone(UTC)) for p in pauses]))


def add_time(calendar: Calendar, start: datetime, duration: Duration, pauses: Sequence[Interval] = ()) -> Run:
    """Count a duration from a moment on.

    The run ends as early as it can: working hours that are used up at closing time end there, not at the next opening.

    Args:
        calendar: the city's.
        start: the moment, with its zone.
        duration: how much to count.
        pauses: intervals in order that do not count.

    Raises:
        NoWorkingTime: the calendar has none.
    """
    start = start.astimezone(UTC)
    if duration.unit == "working_days":
        return _add_days(calendar, start, int(duration.amount), pauses)
    source = iter([(start, _END)]) if duration.unit == "hours" else _openings(calendar, start)
    left, counted, end = duration.length, list[Interval](), start
    for opens, closes in _without(source, pauses):
        step = min(left, closes - opens)
        if step or not left:
            end = opens + step
        if step:
            counted.append((opens, end))
        left -= step
        if not left:
            break
    return Run(start, end, tuple(counted))


def measure_time(calendar: Calendar, start: datetime, end: datetime, unit: Unit, pauses: Sequence[Interval] = ()) -> Decimal:
    """How much time counts between two moments, in hours or days of the unit; 0 where the second is not later."""
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    if end <= start:
        return Decimal(0)
    if unit == "working_days":
        last = calendar.local_day(end)
        days = _days_after(calendar, start, pauses, last)
        return Decimal(sum(1 for day in days if calendar.end_of_day(day) <= end))
    source = iter([(start, end)]) if unit == "hours" else _openings(calendar, start, end)
    length = sum((min(closes, end) - opens for opens, closes in _without(source, pauses) if opens < end), _NONE)
    return Decimal(length // timedelta(microseconds=1)) / Decimal(3_600_000_000)


def find_share(runs: Sequence[Run], share: Decimal) -> datetime:
    """The moment at which a share of the time that counts in runs is over.

    Args:
        runs: at least one, in order.
        share: 0 to 1.
    """
    total = sum((run.length for run in runs), _NONE)
    left = timedelta(microseconds=int(Decimal(total // timedelta(microseconds=1)) * share))
    for opens, closes in (interval for run in runs for interval in run.counted):
        if left <= closes - opens:
            return opens + left
        left -= closes - opens
    return runs[-1].end


def _add_days(calendar: Calendar, start: datetime, amount: int, pauses: Sequence[Interval]) -> Run:
    days = _days_after(calendar, start, pauses)
    chosen = [next(days) for _ in range(amount)]
    counted = tuple(_without((calendar.whole_day(day) for day in chosen), pauses))
    return Run(start, calendar.end_of_day(chosen[-1] if chosen else calendar.local_day(start)), counted)


def _days_after(calendar: Calendar, start: datetime, pauses: Sequence[Interval], last: date | None = None) -> Iterator[date]:
    """The working days that count after the day of a moment, up to ``last``."""
    first, closed = calendar.local_day(start), 0
    for day in (first + _ONE_DAY * n for n in count(1)):
        if last is not None and day > last:
            return
        if calendar.is_working_day(day) and not _is_paused(calendar.end_of_day(day), pauses):
            closed = 0
            yield day
        elif (closed := closed + 1) > LONGEST_CLOSED_DAYS:
            raise NoWorkingTime(day=first.isoformat())


def _is_paused(moment: datetime, pauses: Sequence[Interval]) -> bool:
    return any(start <= moment < end for start, end in pauses)


def _openings(calendar: Calendar, start: datetime, end: datetime | None = None) -> Iterator[Interval]:
    """The intervals in which the city works, from ``start`` on, in order and without overlaps; the first one may begin at ``start``.

    A day's spans may reach into the next day and meet those of it, so that they are given out up to each midnight.
    """
    first = calendar.local_day(start) - _ONE_DAY
    waiting: list[Interval] = []
    closed = 0
    for day in (first + _ONE_DAY * n for n in count()):
        waiting = merge([*waiting, *((max(opens, start), closes) for opens, closes in calendar.openings(day))])
        tomorrow = calendar.whole_day(day)[1]
        ready = [(opens, min(closes, tomorrow)) for opens, closes in waiting if opens < tomorrow]
        waiting = [(max(opens, tomorrow), closes) for opens, closes in waiting if closes > tomorrow]
        yield from ready
        if end is not None and tomorrow >= end:
            return
        closed = 0 if ready else closed + 1
        if closed > LONGEST_CLOSED_DAYS:
            if end is not None:
                return
            raise NoWorkingTime(day=calendar.local_day(start).isoformat())


def _without(intervals: Iterable[Interval], pauses: Sequence[Interval]) -> Iterator[Interval]:
    """Intervals without what lies in pauses; both are in order."""
    for opens, closes in intervals:
        begins = opens
        for start, end in pauses:
            if end <= begins or start >= closes:
                continue
            if start > begins:
                yield begins, start
            begins = end
        if begins < closes:
            yield begins, closes
