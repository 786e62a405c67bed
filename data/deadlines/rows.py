"""Rows of the tables of deadlines as values, and values as rows; pure, whoever reads the rows."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from itertools import pairwise
from typing import Any, Literal, cast

from data.core.errors import GridwellError
from data.deadlines.calendar import MAKE_UP, Calendar, Span, SpecialDay, Week, office_week
from data.deadlines.rules import STEPS, Rule, parse_duration
from data.deadlines.working_time import Duration

DEFAULT_WEEK = office_week(Span(9 * 60, 17 * 60))
"""Hours of a city that says nothing of its own: 09:00 to 17:00 from Monday to Friday."""
ALWAYS = date(1, 1, 1)
"""``valid_from`` of hours without a first day."""
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun", "make_up")
"""Names of the places of a week."""
_SPAN = re.compile(r"([0-9]{1,2}):([0-9]{2})\s*[-–—~至]\s*([0-9]{1,2}):([0-9]{2})")
_DAY_MIN = 24 * 60


class BadSpans(GridwellError):
    status, code = 422, "bad_hours"
    sentence = (
        "“{text}” are no hours: write them as 09:00-12:00 13:30-17:30; 22:00-06:00 goes on after midnight, and nothing is a free day."
    )


class BadWeekday(GridwellError):
    status, code = 422, "bad_weekday"
    sentence = "“{name}” is no weekday: write one of {known}, or two such as mon-fri."


def parse_spans(text: str) -> tuple[Span, ...]:
    """Hours of one day as people write them: ``09:00-12:00 13:30-17:30``; an end that is not later is on the next day.

    Raises:
        BadSpans: they are none, or overlap.
    """
    found = [tuple(map(int, match.groups())) for match in _SPAN.finditer(text)]
    if _SPAN.sub("", text).strip(" ,;，；、"):
        raise BadSpans(text=text[:80])
    spans: list[Span] = []
    try:
        for hour, minute, until, past in found:
            if minute > 59 or past > 59:
                raise ValueError
            opens, closes = hour * 60 + minute, until * 60 + past
            spans.append(Span(opens, closes if closes > opens else closes + _DAY_MIN))
    except ValueError:
        raise BadSpans(text=text[:80]) from None
    spans.sort()
    if any(first.closes > second.opens for first, second in pairwise(spans)):
        raise BadSpans(text=text[:80])
    return tuple(spans)


def make_week(hours: Mapping[str, str], valid_from: date | None = None) -> Week:
    """A week from texts by weekdays: ``{"mon-fri": "09:00-17:00", "sat": "09:00-12:00", "make_up": "09:00-16:00"}``.

    Days that are not named are free; ``make_up`` are make-up workdays.

    Raises:
        BadWeekday: a name is none.
        BadSpans: hours are none.
    """
    spans: list[tuple[Span, ...]] = [()] * (MAKE_UP + 1)
    for name, text in hours.items():
        first, _, last = name.strip().lower().partition("-")
        if first not in WEEKDAYS or (last or first) not in WEEKDAYS or WEEKDAYS.index(last or first) < WEEKDAYS.index(first):
            raise BadWeekday(name=name[:40], known=", ".join(WEEKDAYS))
        for day in range(WEEKDAYS.index(first), WEEKDAYS.index(last or first) + 1):
            spans[day] = parse_spans(text)
    return Week(tuple(spans), valid_from)


def format_spans(spans: Iterable[Span]) -> str:
    """Spans as they are stored."""
    return " ".join(map(str, spans))


def make_calendar(
    timezone: str,
    hours: Iterable[tuple[date, int, str]],
    reach: tuple[str | None, date | None, date | None] | None,
    days: Iterable[tuple[date, str, str, str]],
) -> Calendar:
    """A calendar from its rows.

    Args:
        timezone: of the city.
        hours: ``valid_from, weekday, spans`` of ``working_hours``.
        reach: ``region, official_until, uploaded_until`` of ``city_calendar``, if there is a row.
        days: ``day, kind, name, name_en`` of ``calendar_day``.
    """
    weeks: dict[date, list[tuple[Span, ...]]] = {}
    for valid_from, weekday, spans in hours:
        weeks.setdefault(valid_from, [()] * (MAKE_UP + 1))[weekday] = parse_spans(spans)
    made = tuple(Week(tuple(spans), None if start == ALWAYS else start) for start, spans in sorted(weeks.items()))
    known = {day: SpecialDay(cast("Literal['off', 'work']", kind), name, name_en) for day, kind, name, name_en in days}
    return Calendar(timezone, made or (DEFAULT_WEEK,), known, find_end(*reach) if reach else None)


def find_end(region: str | None, official_until: date | None, uploaded_until: date | None) -> date | None:
    """The last day for which a calendar is official; ``None``: no end is known."""
    if region is not None and official_until is None:
        return None
    known = [day for day in (official_until, uploaded_until) if day is not None]
    return max(known) if known else None


RULE_COLUMNS = ("id", "category", "condition", "valid_from", "valid_to", *STEPS, "closing", "closing_en")


def make_rule(row: Mapping[str, Any]) -> Rule:
    """A rule from a row with ``RULE_COLUMNS``."""
    times = {step: parse_duration(row[step]) for step in STEPS if row[step]}
    named = {name: row[name] for name in ("id", "category", "condition", "valid_from", "valid_to", "closing", "closing_en")}
    return Rule(times=times, **named)


def format_time(time: Duration | None) -> str | None:
    """A time as it is stored: ``4 working_hours``."""
    return f"{time.amount.normalize():f} {time.unit}" if time else None


def rule_values(rule: Rule) -> tuple[object, ...]:
    """A rule as the values of ``RULE_COLUMNS`` without its id."""
    times = (format_time(rule.times.get(step)) for step in STEPS)
    return (rule.category, rule.condition, rule.valid_from, rule.valid_to, *times, rule.closing, rule.closing_en)
