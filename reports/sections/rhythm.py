"""When and what: cases by day beside the period before, and by category or source."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from babel.dates import format_date

from data.core.i18n import t
from data.figures.types import AreaReport
from layers.style.wording import CHANNEL_TITLES, local_label
from reports.content import Bar, Bars, Cell, Column, Number, Pair, Point, Section, Table
from reports.context import Context, write_day
from reports.numbers import percent, whole

MOST_DAYS = 62
"""Longer periods are drawn by month."""
MOST_ROWS = 8


async def make(context: Context, options: Mapping[str, Any]) -> Section | None:
    """``by``: ``category`` (usual) or ``source``."""
    report = await context.report()
    if not report["incidents"]["total"]:
        return None
    before = await context.report(context.before) if await context.is_over() else None
    return Section("", (Pair(_draw(context, report, before), _list(context, report, options.get("by", "category")), 0.53),))


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
    if context.period.days > 7:
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


# ---- By category or source ----


def _list(context: Context, report: AreaReport, by: str) -> Table:
    lang, cases = context.lang, report["incidents"]
    if by == "source":
        counts = [(t(lang, CHANNEL_TITLES.get(code, "Other")), n) for code, n in cases["by_source"].items()]
    else:
        counts = [(local_label(code, report["categories"].get(code), lang), n) for code, n in cases["by_category"].items()]
    counts = sorted((one for one in counts if one[1]), key=lambda one: -one[1])
    shown, rest = counts[:MOST_ROWS], counts[MOST_ROWS:]
    if len(rest) == 1:
        shown, rest = counts, []
    if rest:
        shown = [*shown, (t(lang, "{n} others", n=len(rest)), sum(n for _, n in rest))]
    total, most = cases["total"], max((n for _, n in shown), default=1)
    rows: list[tuple[Cell, ...]] = [
        (name, Bar(n / most), Number(whole(n), n), Number(f"{percent(n / total)}%", n / total)) for name, n in shown
    ]
    columns = (Column(""), Column("", stretch=1), Column(t(lang, "Cases"), "right"), Column(t(lang, "Share"), "right"))
    title = t(lang, "Sources") if by == "source" else t(lang, "Categories")
    return Table(columns, tuple(rows), title, t(lang, "cases, and share of those reported"))
