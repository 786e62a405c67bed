"""When: cases by day beside the period before, with their categories or sources."""

from calendar import monthrange
from collections import Counter
from datetime import date, timedelta
from typing import Literal

from babel.dates import format_date

from data.core.i18n import t
from data.core.period import Period
from data.figures.types import AreaReport
from layers.style.numbers import whole
from reports.citing import cite_reported
from reports.content import Pair, Section
from reports.context import Context
from reports.graphics import Bars, Point
from reports.options import SectionOptions
from reports.periods import name_period, span_from, write_day
from reports.sections.breakdown import list_kinds

MOST_DAYS = 62
"""Longer periods are drawn by month."""
DAYS_OF_ONE = 14
"""Of a single day, so many days that end with it are drawn."""


class Options(SectionOptions):
    """``by``: what stands beside the days."""

    by: Literal["category", "source", "none"] = "category"


async def make(context: Context, options: Options) -> Section | None:
    """Nothing where no case was reported."""
    report = await context.report()
    if not report["incidents"]["total"]:
        return None
    if context.period.days == 1:  # one bar says nothing
        days, before = await context.report(Period.last_days(DAYS_OF_ONE, context.period.end)), None
    else:
        days, before = report, await context.report(context.before) if await context.is_known(context.before) else None
    drawn, by = await _draw(context, days, before), options.by
    return Section("", (drawn if by == "none" else Pair(drawn, await list_kinds(context, report, by), 0.53),))


# ---- By day ----


async def _draw(context: Context, report: AreaReport, before: AreaReport | None) -> Bars:
    days = [(date.fromisoformat(day), n) for day, n in report["incidents"]["by_day"]]
    if len(days) > MOST_DAYS:
        return await _draw_months(context, days)
    # Weeks lie on weeks; other periods are compared as a whole and not day by day.
    then = dict(before["incidents"]["by_day"]) if before and context.step in ("day", "week") and before["incidents"]["total"] else {}
    points = []
    for day, n in days:
        no, ago = await cite_reported(context, n, Period(day, day)), (day - timedelta(days=context.period.days)).isoformat()
        points.append(Point(_name_day(context, day), n, then.get(ago), day.isoweekday() > 5, no))
    lang = context.lang
    unit = t(lang, "cases; black lines: the week before") if then else t(lang, "cases")
    return Bars(t(lang, "Reported by day"), unit, tuple(points), _describe(context, days))


async def _draw_months(context: Context, days: list[tuple[date, int]]) -> Bars:
    """Months; those of which the period holds only a part are drawn lighter."""
    lang, months, held = context.lang, dict[date, int](), Counter[date]()
    for day, n in days:
        months[day.replace(day=1)] = months.get(day.replace(day=1), 0) + n
        held[day.replace(day=1)] += 1
    partial = {month for month in months if held[month] < monthrange(month.year, month.month)[1]}
    form = "LLL" if len(months) <= 12 else "LLL yy" if lang == "en" else "yy-MM"
    points = []
    for month, n in months.items():
        own = [day for day, _ in days if day.replace(day=1) == month]
        no = await cite_reported(context, n, Period(own[0], own[-1]))
        label = str(format_date(month, form, locale="zh" if lang == "zh" else "en_GB"))
        points.append(Point(label, n, quiet=month in partial, figure=no))
    unit = t(lang, "cases; lighter: only a part of the month") if partial else t(lang, "cases")
    most, least = max(months, key=lambda one: months[one]), min(months, key=lambda one: months[one])
    said = t(
        lang,
        "Bars of the cases reported by month: most in {most_month} ({most}), fewest in {least_month} ({least}).",
        most_month=name_period("month", span_from("month", most), lang),
        most=whole(months[most]),
        least_month=name_period("month", span_from("month", least), lang),
        least=whole(months[least]),
    )
    return Bars(t(lang, "Reported by month"), unit, tuple(points), said)


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
