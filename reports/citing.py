"""How the figures that several sections state are told and defended: cases reported, cases overdue, indicators, people. Once, here."""

from collections.abc import Mapping
from typing import Any

from data.core.i18n import t
from data.core.period import Period
from data.core.viewer import Lang
from data.figures.types import Population
from data.indicators.types import IndicatorTold, IndicatorValue
from reports.cases import NO_FILTERS, link_list
from reports.context import Context
from reports.periods import name_days, write_day

Area = Mapping[str, Any]
"""Code and names of an area."""


def name_label(context: Context, label: str, of: str = "", period: Period | None = None) -> str:
    """What a figure is called: of which part, and of which period, if not of the whole and of the report's."""
    lang = context.lang
    if of:
        label = t(lang, "{figure}: {name}", figure=label, name=of)
    if period is None or period == context.period:
        return label
    named = context.name_of_period(period) if period in (context.before, context.year_before) else name_days(period, lang)
    return t(lang, "{figure}, {time}", figure=label, time=named)


async def cite_reported(
    context: Context,
    n: int,
    period: Period | None = None,
    area: Area | None = None,
    of: str = "",
    filters: Mapping[str, str] = NO_FILTERS,
    single: bool = False,
) -> int:
    """Enter the cases reported; returns the figure's number.

    Args:
        context: of the report.
        n: how many.
        period: another one than the report's.
        area: another area than the report's.
        of: name of the part that is counted alone, if there is one.
        filters: which part that is, as the list of cases calls it, such as ``category``.
        single: whether it has a small number; otherwise it is one of many in a table or chart.
    """
    lang, code = context.lang, None if area is None else area["code"]
    label = t(lang, "Cases reported")
    return context.cite(
        context.key("reported", period, code, **filters),
        name_label(context, label, of or context.name(area), period),
        n,
        "cases",
        definition=t(lang, "Cases of all sources reported in the period, with duplicates and void ones."),
        source=await context.source(),
        cases=await context.link_reported(code, period, filters),
        group="" if single else label,
    )


async def cite_overdue(
    context: Context, n: int, waiting: int | None = None, period: Period | None = None, area: Area | None = None, single: bool = False
) -> int:
    """Enter the cases overdue when a period ended, of so many that were open. What they were then no list of cases can show now."""
    lang, code = context.lang, None if area is None else area["code"]
    label = t(lang, "Overdue and open")
    return context.cite(
        context.key("overdue", period, code),
        name_label(context, label, context.name(area), period),
        n,
        "cases",
        numerator=None if waiting is None else n,
        denominator=waiting,
        definition=t(lang, "Open and beyond the deadline when the last day of the period ended; paused cases do not count."),
        source=await context.source(),
        group="" if single else label,
    )


async def cite_indicator(
    context: Context,
    told: IndicatorTold,
    value: IndicatorValue,
    period: Period | None = None,
    area: Area | None = None,
    single: bool = False,
) -> int:
    """Enter an indicator's value; arguments as of ``cite_reported``."""
    return context.cite(
        context.key(told["code"], period, None if area is None else area["code"]),
        name_label(context, told["title"], context.name(area), period),
        value["value"],
        "share" if told["unit"] == "share" else "hours",
        numerator=value["numerator"],
        denominator=value["denominator"],
        low=value["low"],
        high=value["high"],
        definition=define_indicator(told, context.lang),
        source=await context.source(),
        cases=link_list(value["denominator_cases"]),
        group="" if single else told["title"],
    )


def define_indicator(told: IndicatorTold, lang: Lang) -> str:
    """How an indicator is counted: a sentence."""
    return t(lang, "{numerator}; counted on: {denominator}.", numerator=told["numerator"], denominator=told["denominator"])


def define_people(people: Population, lang: Lang, unit: str = "people", rate: str = "") -> str:
    """From where residents or households are known, and how they are rounded for a reader who may not see the register.

    Args:
        people: of the area, or of the whole in which it lies.
        lang: of the report.
        unit: ``people`` or ``households``.
        rate: a sentence on what is divided by them, or by what they are divided.
    """
    said = [rate] if rate else []
    registered, day = people["method"] == "register", write_day(people["as_of"], lang) if people["as_of"] else ""
    if day:
        said.append(t(lang, "As registered, {day}.", day=day) if registered else t(lang, "As published, {day}.", day=day))
    else:
        said.append(t(lang, "As registered.") if registered else t(lang, "As published."))
    if people["method"] == "by_area":
        said.append(t(lang, "Distributed over the cells by area."))
    if people["method"] == "by_buildings":
        said.append(t(lang, "Distributed over the cells by buildings."))
    if people["rounded"]:
        said.append(t(lang, "Rounded cell by cell to 5, and added up.") if unit == "households" else t(lang, "Rounded to 5."))
    return ("" if lang == "zh" else " ").join(said)
