"""When: cases by day beside the period before, with their categories or sources."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from babel.dates import format_date

from data.core.i18n import t
from data.core.period import Period
from data.figures.types import AreaReport
from reports.content import Bars, Pair, Point, Section
from reports.context import Context, write_day
from reports.numbers import whole
from reports.sections.breakdown import list_kinds

MOST_DAYS = 62
"""Longer periods are drawn by month."""
DAYS_OF_ONE = 14
"""Of a single day, so many days that end with it are drawn."""


async def make(context: Context, options: Mapping[str, Any]) -> Section | None:
    """``by``: what stands beside the days: ``category`` (usual), ``source`` or ``none``."""
    report = await context.report()
    if not report["incidents"]["total"]:
        return None
    if context.period.days == 1:  # one bar says nothing
        days, before = await context.report(Period.last_days(DAYS_OF_ONE, context.period.end)), None
    else:
        days, before = report, await context.report(context.before) if await context.is_over() else None
    drawn, by = _draw(context, days, before), options.get("by", "category")
    return Section("", (drawn if by == "none" else Pair(drawn, list_kinds(context, report, by), 0.53),))


# ---- By day ----


def _draw(context: Context, report: AreaReport, before: AreaReport | None) -> Bars:
    days = [(date.fromisoformat(day), n) for day, n in report["incidents"]["by_day"]]
    if len(days) > MOST_DAYS:
        return _draw_months(context, days)
    # Weeks lie on weeks; other periods are compared as a whole and not day by day.
    then = dict(before["incidents"]["by_day"]) if before and context.step in ("day", "week") and before["incidents"]["total"] else {}
    points = tuple(
        Point(_name_day(context, day), n, then.get((day - timedelta(days=context.period.days)).isoformat()), day.isoweekday() > 5)
        for day, n in days
    )
    lang = context.lang
    unit = t(lang, "cases; black lines: the week before") if then else t(lang, "cases")
    return Bars(t(lang, "Reported by day"), unit, points, _describe(context, days))


def _draw_months(context: Context, days: list[tuple[date, int]]) -> Bars:
    months: dict[date, int] = {}
    for day, n in days:
        months[day.replace(day=1)] = months.get(day.replace(day=1), 0) + n
    locale = "zh" if context.lang == "zh" else "en_GB"
    points = tuple(Point(str(format_date(month, "LLL", locale=locale)), n) for month, n in months.items())
    return Bars(t(context.lang, "Reported by month"), t(context.lang, "cases"), points, _describe(context, list(months.items())))


def _name_day(context: Context, day: date) -> str:
    if context.period.days > 7 or context.period.days == 1:
        return str(day.day)
    return str(format_date(day, "EEE", locale="zh" if context.lang == "zh" else "en_GB"))


def _describe(context: Context, days: list[tuple[date, int]]) -> str:
    """The chart in words, for readers who do not see it."""
    most, least = max(days, key=lambda one: one[1]), min(days, key=lambda one: one[1])
    return t(
        context.lang,
        "Bars of the cases reported: most on {most_day} ({most}), fewest on {least_day} ({least}).",
        most_day=write_day(most[0].isoformat(), context.lang),
        most=whole(most[1]),
        least_day=write_day(least[0].isoformat(), context.lang),
        least=whole(least[1]),
    )
