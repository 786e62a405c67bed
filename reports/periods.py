"""Periods of reports: how they are written, what they are called, and the ones before."""

import re
from datetime import date, datetime, timedelta
from typing import Literal

from babel.dates import format_date

from data.core.errors import BadPeriod
from data.core.i18n import t
from data.core.period import FIRST_YEAR, LAST_YEAR, Period
from data.core.viewer import Lang

Step = Literal["day", "week", "month", "quarter", "year", "own"]
"""How long a period is; ``own``: from any day to any other."""

_MONTHS: dict[Step, int] = {"month": 1, "quarter": 3, "year": 12}
_FORMS: tuple[tuple[Step, re.Pattern[str]], ...] = (
    ("day", re.compile(r"(\d{4})-(\d\d)-(\d\d)")),
    ("week", re.compile(r"(\d{4})-W(\d\d)")),
    ("month", re.compile(r"(\d{4})-(\d\d)")),
    ("quarter", re.compile(r"(\d{4})-Q([1-4])")),
    ("year", re.compile(r"(\d{4})")),
)
_WEEKDAYS = "一二三四五六日"


class BadPeriodName(BadPeriod):
    """A period that is not written as days."""

    sentence = "The period “{start}” cannot be used: {reason}"


def parse_period(text: str) -> tuple[Step, Period]:
    """A period as people write it: ``2026-11-23``, ``2026-W10``, ``2026-03``, ``2026-Q1``, ``2026`` or ``2026-03-01..2026-03-17``.

    Weeks are those of ISO 8601: they begin on Monday, and the first one of a year holds its first Thursday.

    Raises:
        BadPeriod: it is none of these, no such day or week exists, or the year is too far away.
    """
    if ".." in text:
        first, _, last = text.partition("..")
        return "own", Period.parse(first.strip(), last.strip())
    for step, form in _FORMS:
        if found := form.fullmatch(text.strip()):
            try:
                start = _start(step, [int(part) for part in found.groups()])
            except ValueError:
                break
            if FIRST_YEAR < start.year < LAST_YEAR:
                return step, span_from(step, start)
            raise BadPeriodName(start=text, end=text, reason="only the years 1900 to 2200 can be asked for")
    raise BadPeriodName(start=text, end=text, reason="write it as 2026-11-23, 2026-W10, 2026-03, 2026-Q1, 2026 or 2026-03-01..2026-03-17")


def _start(step: Step, parts: list[int]) -> date:
    if step == "week":
        return date.fromisocalendar(parts[0], parts[1], 1)
    if step == "quarter":
        return date(parts[0], 3 * parts[1] - 2, 1)
    return date(*parts, *([1] * (3 - len(parts))))


def span_from(step: Step, start: date) -> Period:
    """The period of this length that begins on a day; ``own`` is one day."""
    if step in _MONTHS:
        return Period(start, _add_months(start, _MONTHS[step]) - timedelta(days=1))
    return Period(start, start + timedelta(days=6 if step == "week" else 0))


def last_over(step: Step, last_whole: date) -> Period:
    """The last period of this length that is over.

    Args:
        step: not ``own``.
        last_whole: the last day that is over.
    """
    day = last_whole + timedelta(days=1)  # the period that holds this day is not over
    starts: dict[Step, date] = {
        "day": day,
        "week": day - timedelta(days=day.weekday()),
        "month": day.replace(day=1),
        "quarter": day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1),
        "year": day.replace(month=1, day=1),
    }
    return shift(step, span_from(step, starts[step]), -1)


def shift(step: Step, period: Period, by: int) -> Period:
    """The period so many periods later: months stay months, and so on; own ones move by their length."""
    if step in _MONTHS:
        return span_from(step, _add_months(period.start, by * _MONTHS[step]))
    return Period(*(day + timedelta(days=by * period.days) for day in (period.start, period.end)))


def _add_months(day: date, months: int) -> date:
    """The first day of the month so many months later; ``day`` is a first day."""
    whole = day.year * 12 + day.month - 1 + months
    return date(whole // 12, whole % 12 + 1, 1)


# ---- In words ----


def name_period(step: Step, period: Period, lang: Lang) -> str:
    """What a period is called: 2026 年第 47 周, Week 47 of 2026."""
    start = period.start
    if step == "week":
        year, week, _ = start.isocalendar()
        return t(lang, "Week {week} of {year}", week=week, year=year)
    if step == "month":
        return f"{start.year} 年 {start.month} 月" if lang == "zh" else str(format_date(start, "MMMM y", locale="en_GB"))
    if step == "quarter":
        return t(lang, "Quarter {quarter} of {year}", quarter=(start.month + 2) // 3, year=start.year)
    if step == "year":
        return t(lang, "The year {year}", year=start.year)
    return name_days(period, lang)


def name_days(period: Period, lang: Lang) -> str:
    """The days of a period: 11 月 16 日（周一）至 11 月 22 日（周日）, Monday 16 to Sunday 22 November 2026."""
    first, last = period.start, period.end
    if lang == "zh":
        said = [f"{day.month} 月 {day.day} 日（周{_WEEKDAYS[day.weekday()]}）" for day in (first, last)]
        if first.year != last.year:
            said = [f"{day.year} 年 {text}" for day, text in zip((first, last), said, strict=True)]
        return said[0] if first == last else "至".join((said[0], f" {said[1]}"))
    if first == last:
        return str(format_date(first, "EEEE d MMMM y", locale="en_GB"))
    short = "EEEE d" if (first.year, first.month) == (last.year, last.month) else "EEEE d MMMM"
    begin = format_date(first, short if first.year == last.year else "EEEE d MMMM y", locale="en_GB")
    return f"{begin} to {format_date(last, 'EEEE d MMMM y', locale='en_GB')}"


def write_day(iso: str, lang: Lang) -> str:
    """A day in words: 2026 年 11 月 23 日, 23 November 2026."""
    day = date.fromisoformat(iso[:10])
    return f"{day.year} 年 {day.month} 月 {day.day} 日" if lang == "zh" else f"{day.day} {day:%B %Y}"


def write_moment(iso: str, lang: Lang) -> str:
    """A moment in the city's own time: 2026 年 11 月 23 日 06:00, 23 November 2026, 06:00."""
    at = datetime.fromisoformat(iso)
    if lang == "zh":
        return f"{at.year} 年 {at.month} 月 {at.day} 日 {at:%H:%M}"
    return f"{at.day} {at:%B %Y, %H:%M}"


def write_period(step: Step, period: Period) -> str:
    """The text from which ``parse_period`` makes this period."""
    start = period.start
    if step == "week":
        year, week, _ = start.isocalendar()
        return f"{year}-W{week:02}"
    if step == "quarter":
        return f"{start.year}-Q{(start.month + 2) // 3}"
    if step == "own":
        return f"{start}..{period.end}"
    return {"day": f"{start}", "month": f"{start:%Y-%m}", "year": f"{start.year}"}[step]


def write_span(period: Period) -> str:
    """The shortest text from which ``parse_period`` makes this period: that of a day, week, month, quarter or year, if it is one."""
    for step, _ in _FORMS:
        written = write_period(step, period)
        if parse_period(written)[1] == period:
            return written
    return write_period("own", period)


def year_before(step: Step, period: Period) -> Period:
    """The same period one year earlier (同比). Days and weeks: 52 weeks earlier, so that days of the week are the same."""
    if step in _MONTHS:
        return span_from(step, _add_months(period.start, -12))
    if step == "own":
        return period.year_before()
    return Period(*(day - timedelta(weeks=52) for day in (period.start, period.end)))
