"""Which playlist a wall shows when: the schedule of a tour laid out over the coming days. Pure.

A rule holds from its begin to its end on each day that fits; a night shift that ends on the next day belongs to the day on which it begins.
Where several hold, the first in the list wins. Where none does, the usual playlist is shown.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from data.deadlines.calendar import DAY_MIN, Calendar, moment_of
from data.wall.model import PLAYLIST, ScheduleRule

PLANNED = timedelta(days=8)
"""Far enough that a wall goes on through a week without its server."""
LOOKED_BACK_DAYS = 32
"""A playlist that has been shown for longer counts from the tour's own beginning. Holidays are shorter, and weeks repeat."""


@dataclass(frozen=True, slots=True)
class Segment:
    """From this moment on, in UTC, a playlist is shown."""

    at: datetime
    playlist: str


def plan(schedule: Sequence[ScheduleRule], calendar: Calendar, now: datetime, ahead: timedelta = PLANNED) -> list[Segment]:
    """The playlists from the one that is shown now on; each differs from the one before. The first says since when it is shown.

    Args:
        schedule: rules of a tour.
        calendar: of the city: its time zone and its working days.
        now: the moment, with its zone.
        ahead: how far to look.
    """
    today, last = calendar.local_day(now), calendar.local_day(now + ahead)
    days = [today + timedelta(days=n) for n in range(-LOOKED_BACK_DAYS, (last - today).days + 1)]
    begin = moment_of(days[0], 0, calendar.zone)
    borders, holding = _find_borders(schedule, calendar, days, begin), [0] * len(schedule)
    found: list[Segment] = []
    for at in sorted(borders):
        if at > now + ahead:
            break
        for number, change in borders[at]:
            holding[number] += change
        playlist = next((rule.playlist for rule, holds in zip(schedule, holding, strict=True) if holds), PLAYLIST)
        if found and found[-1].playlist == playlist:
            continue
        if found and at <= now:
            found.clear()
        found.append(Segment(at, playlist))
    if found[0].at == begin:
        found[0] = Segment(datetime.fromtimestamp(0, UTC), found[0].playlist)
    return found


def _find_borders(
    schedule: Sequence[ScheduleRule], calendar: Calendar, days: Sequence[date], begin: datetime
) -> dict[datetime, list[tuple[int, int]]]:
    """The moments at which rules begin or end to hold: the number of the rule, and 1 or -1. The begin of all is among them."""
    borders: dict[datetime, list[tuple[int, int]]] = {begin: []}
    for number, rule in enumerate(schedule):
        for day in days:
            if not _fits(rule, calendar, day):
                continue
            first, end = max(begin, moment_of(day, rule.first_min, calendar.zone)), moment_of(day, _end(rule), calendar.zone)
            if first < end:  # not where clocks jump over all of it
                borders.setdefault(first, []).append((number, 1))
                borders.setdefault(end, []).append((number, -1))
    return borders


def _end(rule: ScheduleRule) -> int:
    return rule.last_min if rule.last_min > rule.first_min else rule.last_min + DAY_MIN


def _fits(rule: ScheduleRule, calendar: Calendar, day: date) -> bool:
    if rule.weekdays and day.isoweekday() not in rule.weekdays:
        return False
    return rule.days == "all" or calendar.is_working_day(day) == (rule.days == "working")
