"""A city's calendar: its hours for each weekday, its holidays and make-up workdays, and the last day for which these are known."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Literal

from data.core.timezones import zone

Interval = tuple[datetime, datetime]
"""Two moments in UTC; the first is inside, the second is not."""

DAY_MIN = 24 * 60
MAKE_UP = 7
"""Place of the hours of make-up workdays, after those of Monday (0) to Sunday (6)."""
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Hours in which a city works: minutes since the midnight with which their day begins.

    ``closes`` may be up to 2880: a span that goes on after midnight belongs to the day on which it opens.
    """

    opens: int
    closes: int

    def __post_init__(self) -> None:
        if not (0 <= self.opens < DAY_MIN and self.opens < self.closes <= self.opens + DAY_MIN):
            raise ValueError(f"no span: {self.opens} to {self.closes}")

    def __str__(self) -> str:
        return f"{_clock(self.opens)}-{_clock(self.closes)}"


@dataclass(frozen=True, slots=True)
class Week:
    """The spans of each weekday, Monday first, then those of make-up workdays; in force from a day on (``None``: always).

    Make-up workdays without spans of their own have those of the first weekday that has any.
    """

    spans: tuple[tuple[Span, ...], ...]
    valid_from: date | None = None

    def __post_init__(self) -> None:
        if len(self.spans) != MAKE_UP + 1:
            raise ValueError("a week has seven days, and the make-up workday")

    def of_make_up_day(self, weekday: int) -> tuple[Span, ...]:
        """The spans of a weekday that is worked although it is usually free."""
        return self.spans[MAKE_UP] or self.spans[weekday] or next((spans for spans in self.spans if spans), ())


def office_week(*spans: Span, valid_from: date | None = None) -> Week:
    """The same spans from Monday to Friday."""
    return Week((spans,) * 5 + ((),) * 3, valid_from)


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """A day that differs from its weekday: a holiday (``off``) or a make-up workday (``work``)."""

    kind: Literal["off", "work"]
    name: str = ""
    name_en: str = ""


@dataclass(frozen=True, slots=True)
class Calendar:
    """The hours and days of a city.

    Attributes:
        timezone: IANA name.
        weeks: hours by validity, the oldest first; at least one.
        days: what differs from the weekdays.
        gazetted_until: last day of which holidays and make-up workdays are known; ``None``: all days are, as holidays follow from the law.
    """

    timezone: str
    weeks: tuple[Week, ...]
    days: Mapping[date, SpecialDay] = field(default_factory=dict)
    gazetted_until: date | None = None
    _known: dict[date, tuple[Interval, ...]] = field(default_factory=dict, init=False, repr=False, compare=False)
    _days: dict[date, Interval] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def zone(self) -> tzinfo:
        """The time zone."""
        return zone(self.timezone)

    def local_day(self, moment: datetime) -> date:
        """The day of a moment, in the city."""
        return moment.astimezone(self.zone).date()

    def is_gazetted(self, day: date) -> bool:
        """Whether holidays and make-up workdays of a day are known."""
        return self.gazetted_until is None or day <= self.gazetted_until

    def spans(self, day: date) -> tuple[Span, ...]:
        """The hours of a day; none where it is free."""
        week = next((week for week in reversed(self.weeks) if week.valid_from is None or week.valid_from <= day), self.weeks[0])
        special = self.days.get(day)
        if special is None:
            return week.spans[day.weekday()]
        return () if special.kind == "off" else week.of_make_up_day(day.weekday())

    def is_working_day(self, day: date) -> bool:
        """Whether the city works on a day."""
        return bool(self.spans(day))

    def openings(self, day: date) -> tuple[Interval, ...]:
        """The spans of a day as moments, in order; they may go on after its midnight."""
        found = self._known.get(day)
        if found is None:
            made = [(moment_of(day, s.opens, self.zone), moment_of(day, s.closes, self.zone, last=True)) for s in self.spans(day)]
            found = self._known[day] = tuple(merge(made))
        return found

    def whole_day(self, day: date) -> Interval:
        """From the first moment of a day to the first moment of the next, in the city."""
        found = self._days.get(day)
        if found is None:
            found = self._days[day] = moment_of(day, 0, self.zone), moment_of(day + _ONE_DAY, 0, self.zone)
        return found

    def end_of_day(self, day: date) -> datetime:
        """The last microsecond of a day, in the city, as a moment in UTC."""
        return self.whole_day(day)[1] - timedelta(microseconds=1)


def moment_of(day: date, minutes: int, zone: tzinfo, last: bool = False) -> datetime:
    """The moment, in UTC, at which clocks first show a time.

    Where clocks jump over it (start of summer time), it is the moment of the jump. Where they show it twice (end of summer time), it is the
    first of both, or the second if ``last`` is set: whatever clocks show between two times then lies between their moments.

    Args:
        day: the day in the zone.
        minutes: since the midnight with which the day begins; a later day's from 1440 on.
        zone: the time zone.
        last: take the second of two.
    """
    shown = datetime.combine(day, time()) + timedelta(minutes=minutes)
    before, after = (shown.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if before > after:  # clocks never show it, and jump between both
        return _find_jump(after, before, zone)
    return after if last else before


def _find_jump(low: datetime, high: datetime, zone: tzinfo) -> datetime:
    """The second at which clocks jump, between two moments of which only the second lies after it."""
    old = low.astimezone(zone).utcoffset()
    first, end = int(low.timestamp()), int(high.timestamp())
    while end - first > 1:
        middle = (first + end) // 2
        if datetime.fromtimestamp(middle, zone).utcoffset() == old:
            first = middle
        else:
            end = middle
    return datetime.fromtimestamp(end, UTC)


def merge(intervals: list[Interval]) -> list[Interval]:
    """Intervals in order, without overlaps and empty ones; those that touch become one."""
    merged: list[Interval] = []
    for start, end in sorted(intervals):
        if start >= end:
            continue
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
