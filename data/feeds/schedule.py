"""When deliveries are expected: due moments of what was agreed, by the city's calendar. Pure.

``daily`` means each day and ``working_days`` each day on which the city works; the other cadences name a day of their own, and where the
city does not work on it, ``shift`` says whether the next or the previous working day is meant. Two due moments that a shift brings to the
same moment are one.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import takewhile
from typing import Literal

from data.deadlines.calendar import Calendar, moment_of
from data.packs.declaration.cadence import LAST_DAY, Cadence

Shift = Literal["next", "previous", "none"]
LONGEST_SHIFT = 31
"""Days within which a working day is looked for; a city without any has its due moments on the day that was named."""
_ONE_DAY = timedelta(days=1)
_FARTHEST = timedelta(days=2 * 366)
"""From one due moment to the next; a city that never works has no ``working_days``."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What was agreed about a feed, as long as it holds.

    Attributes:
        cadence, shift, grace_hours: as the pack declares them.
        since: the first day of this version; its due moments are on this day or later.
        may_be_empty: whether a delivery without rows is in order.
    """

    cadence: Cadence
    since: date
    shift: Shift = "next"
    grace_hours: int = 0
    may_be_empty: bool = False


@dataclass(frozen=True, slots=True)
class Agreement:
    """A feed's terms, the oldest version first, and the days in which anything is expected at all.

    Attributes:
        versions: each holds until the day before the next one begins.
        valid_from, valid_to: first and last day on which something is expected; ``None``: no end.
        paused_until: what is due up to this day is excused.
    """

    versions: Sequence[Terms]
    valid_from: date
    valid_to: date | None = None
    paused_until: date | None = None


@dataclass(frozen=True, slots=True, order=True)
class Due:
    """A moment until which a delivery is expected.

    Attributes:
        at: the moment, in UTC.
        day: its day, in the city.
        limit: ``at`` with the grace: whoever comes later is late.
        interval: from the due moment before it to this one; to the next one, for the first.
        excused: somebody excused the department; it is not late with it.
        provisional: holidays of these days are not known yet, so it may still move.
    """

    at: datetime
    day: date
    limit: datetime
    interval: timedelta
    excused: bool = False
    provisional: bool = False
    may_be_empty: bool = False


def list_dues(agreement: Agreement, calendar: Calendar, last: date) -> list[Due]:
    """All due moments from the beginning of an agreement to a day, and one more, which what comes early may answer; in order."""
    found: dict[datetime, Due] = {}
    ends = [terms.since for terms in agreement.versions[1:]]
    for place, terms in enumerate(agreement.versions):
        first = agreement.valid_from if place == 0 else max(terms.since, agreement.valid_from)
        end = ends[place] if place < len(ends) else None
        for due in _of_version(terms, calendar, first, end, last, agreement):
            found.setdefault(due.at, due)
            if due.day > last:
                break
    ordered = sorted(found.values())
    beyond = next((place for place, due in enumerate(ordered) if due.day > last), len(ordered))
    return _with_intervals(ordered[: beyond + 1], agreement)


def _of_version(terms: Terms, calendar: Calendar, first: date, end: date | None, last: date, agreement: Agreement) -> Iterator[Due]:
    """Due moments of one version from a day on, without intervals; the first one after ``last`` is the last."""
    if terms.cadence.time is None:
        return
    clock, grace = terms.cadence.time, timedelta(hours=terms.grace_hours)
    begin = first - LONGEST_SHIFT * _ONE_DAY if first - date.min > LONGEST_SHIFT * _ONE_DAY else date.min
    for named in takewhile(lambda named: named - last < _FARTHEST, _named_days(terms.cadence, calendar, begin)):
        day = _shift(named, terms, calendar)
        if end is not None and day >= end:
            return
        if agreement.valid_to is not None and day > agreement.valid_to:
            return
        if day < first:
            continue
        at = moment_of(day, clock.hour * 60 + clock.minute, calendar.zone)
        unknown = _asks_calendar(terms.cadence) and not calendar.is_gazetted(max(day, named))
        excused = agreement.paused_until is not None and day <= agreement.paused_until
        yield Due(at, day, at + grace, timedelta(), excused, unknown, terms.may_be_empty)
        if day > last:
            return


def _asks_calendar(cadence: Cadence) -> bool:
    return cadence.every != "daily"


def _with_intervals(dues: list[Due], agreement: Agreement) -> list[Due]:
    made = []
    for place, due in enumerate(dues):
        other = dues[place - 1] if place else dues[1] if len(dues) > 1 else None
        interval = abs(due.at - other.at) if other else usual_interval(agreement.versions[-1].cadence)
        made.append(Due(due.at, due.day, due.limit, interval, due.excused, due.provisional, due.may_be_empty))
    return made


def usual_interval(cadence: Cadence) -> timedelta:
    """About how long it is from one delivery to the next."""
    days = {"daily": 1, "working_days": 1, "weekly": 7, "monthly": 30, "quarterly": 91, "yearly": 365, "on_demand": 0}
    return days[cadence.every] * _ONE_DAY


def _shift(named: date, terms: Terms, calendar: Calendar) -> date:
    """The day that is meant, where the city does not work on the one that is named."""
    if terms.shift == "none" or terms.cadence.every in ("daily", "working_days") or calendar.is_working_day(named):
        return named
    step = _ONE_DAY if terms.shift == "next" else -_ONE_DAY
    return next((day for n in range(1, LONGEST_SHIFT) if calendar.is_working_day(day := named + n * step)), named)


def _named_days(cadence: Cadence, calendar: Calendar, first: date) -> Iterator[date]:
    """The days that a cadence names from a day on, without an end."""
    if cadence.every in ("daily", "working_days", "weekly"):
        wanted: dict[str, Callable[[date], bool]] = {
            "daily": lambda _: True,
            "working_days": calendar.is_working_day,
            "weekly": lambda day: day.weekday() == cadence.weekday,
        }
        yield from (day for day in _every_day(first) if wanted[cadence.every](day))
    elif cadence.every == "yearly":
        yield from (_in_month(year, cadence.month or 1, cadence.day or 1) for year in range(first.year, date.max.year))
    else:
        months = 3 if cadence.every == "quarterly" else 1
        start = first.year * 12 + (first.month - 1) // months * months
        for number in range(start, (date.max.year - 1) * 12, months):
            ahead = months - 1 if cadence.day == LAST_DAY else 0
            yield _in_month((number + ahead) // 12, (number + ahead) % 12 + 1, cadence.day or 1)


def _every_day(first: date) -> Iterator[date]:
    return (date.fromordinal(number) for number in range(first.toordinal(), date.max.toordinal() - LONGEST_SHIFT))


def _in_month(year: int, month: int, day: int) -> date:
    """A day of a month; the month's last one where it is shorter, or where the last one is meant."""
    next_month = date(year + month // 12, month % 12 + 1, 1)
    last = next_month - _ONE_DAY
    return last if day == LAST_DAY or day > last.day else date(year, month, day)


def next_limit(dues: Sequence[Due], now: datetime) -> datetime | None:
    """The next moment at which a delivery that is missing becomes late."""
    return min((due.limit for due in dues if due.limit >= now), default=None)


def working_days_after(calendar: Calendar, first: date, last: date) -> int:
    """Working days after a day, up to and including another one."""
    return sum(calendar.is_working_day(date.fromordinal(n)) for n in range(first.toordinal() + 1, last.toordinal() + 1))
