"""The figures that a map states: the value of each area, and the whole area's own."""

from data.core.i18n import t
from data.figures.types import AreaReport
from data.figures.types import Unit as AreaUnit
from data.indicators.definitions import FEWEST, INDICATORS
from layers.style.measures import OF_PEOPLE, measure_from
from reports.citing import define_indicator, define_people, name_label
from reports.content import Unit
from reports.context import Context
from reports.figures import NOW, Defence

_CODES = {"incidents": "reported", "overdue_at_end": "overdue", "population": "residents", "incidents_per_1000": "reported_per_thousand"}
"""Measures that are figures of another name elsewhere in a report."""
_OF_NOW = ("population", "density", "open", "overdue")
_OF_PEOPLE = ("population", "density")
_DEFINITION_WORDS = {
    "incidents": "Cases of all sources reported in the period, with duplicates and void ones.",
    "incidents_per_1000": "Cases reported in the period ÷ residents × 1,000.",
    "population": "",
    "density": "Residents ÷ area in km².",
    "open": "Open at the moment of the data.",
    "overdue": "Open and beyond the deadline at the moment of the data; paused cases do not count.",
    "open_at_end": "Open when the last day of the period ended.",
    "overdue_at_end": "Open and beyond the deadline when the last day of the period ended; paused cases do not count.",
}


async def cite_value(context: Context, name: str, area: AreaReport | AreaUnit) -> int | None:
    """Enter the value of an area by a measure; ``None`` where it has none."""
    measure, lang = measure_from(name, FEWEST), context.lang
    value = measure.value(area)
    if value is None:
        return None
    unit: Unit = "people" if name in _OF_PEOPLE else "cases"
    counted: Defence = {"source": "" if name in _OF_PEOPLE else await context.source()}
    if name in INDICATORS:  # measures write them in percent
        rate = area["on_time_closing_rate"] if name == "on_time_closing_rate" else area["closing_rate"]
        told = (await context.indicators("none", (name,)))["indicators"][0]
        unit, value = "share", value / 100
        counted |= {"numerator": rate["numerator"], "denominator": rate["denominator"], "definition": define_indicator(told, lang)}
        title = told["title"]
    else:
        title = t(lang, measure.title)
        said = t(lang, words) if (words := _DEFINITION_WORDS[name]) else ""
        counted["definition"] = await _define_people(context, area, said) if name in OF_PEOPLE else said
    if name == "incidents":
        counted["cases"] = await context.link_reported(area["code"])
    key = context.key(_CODES.get(name, name), NOW if name in _OF_NOW else None, area["code"])
    counted["group"] = title
    return context.cite(key, name_label(context, title, context.name(area)), value, unit, **counted)


async def _define_people(context: Context, area: AreaReport | AreaUnit, rate: str) -> str:
    """How the whole area's residents are known, and of which day the area's own are."""
    whole = (await context.report())["population"]
    return define_people({**whole, "as_of": area["population"]["as_of"] or whole["as_of"]}, context.lang, rate=rate)
