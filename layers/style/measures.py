"""The measures by which areas can be coloured: their values, when a value is missing, and how it is written."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from typing_extensions import ReadOnly, TypedDict

from data.core.i18n import t
from data.core.rate_changes import FEWEST_BOTH
from data.core.viewer import Lang
from data.figures.changes import Against
from data.figures.types import IncidentTotals, PopulationTotal, Rate


class Measured(TypedDict):
    """The fields of an area that a measure reads; both ``Unit`` and ``AreaReport`` have them."""

    level: ReadOnly[str]
    area_m2: ReadOnly[float | None]
    population: ReadOnly[PopulationTotal]
    incidents: ReadOnly[IncidentTotals]
    closing_rate: ReadOnly[Rate]
    on_time_closing_rate: ReadOnly[Rate]


RateName = Literal["closing_rate", "on_time_closing_rate"]
Value = Callable[[Measured], float | None]

FEWEST_RESIDENTS = 100
"""With fewer residents than this, a figure per 1,000 residents has no meaning."""
FEWEST_DUE = {"city": 60, "district": 60, "street": 60}
FEWEST_DUE_BELOW = 30
"""A rate needs this many due cases: 60 in large areas, 30 in communities and cells."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One way to colour areas.

    Attributes:
        title, unit: msgids.
        value: computes the unit's value; ``None`` if there is none.
        diverging: coloured around the picked area's own value.
        decimals: digits after the point.
        per_area: whether the picked area's own value can be compared with that of a part (a density or rate, not a count).
    """

    title: str
    unit: str
    value: Value
    diverging: bool = False
    decimals: int = 0
    per_area: bool = False


def _count(name: Literal["total", "open", "overdue", "open_at_end", "overdue_at_end"]) -> Value:
    return lambda unit: float(unit["incidents"][name])


def _population(unit: Measured) -> float | None:
    total = residents(unit)
    return None if total is None else float(total)


def residents(unit: Measured) -> int | None:
    """Residents of an area; ``None`` if they were not counted or if the number is not shown."""
    return unit["population"]["total"]


def is_withheld(unit: Measured) -> bool:
    """Whether residents are known but not shown, because they are few, or because the number would reveal few people elsewhere."""
    return unit["population"]["total"] is None and unit["population"]["hidden"]


def density(unit: Measured) -> float | None:
    """Residents per square kilometre; ``None`` without a population or without a polygon."""
    total, area_m2 = residents(unit), unit["area_m2"]
    return None if total is None or not area_m2 else total / (area_m2 / 1e6)


def _per_1000(unit: Measured) -> float | None:
    total = residents(unit)
    return None if total is None or total < FEWEST_RESIDENTS else unit["incidents"]["total"] / total * 1000


def fewest_due(level: str) -> int:
    """The least number of due cases that a rate needs at this level."""
    return FEWEST_DUE.get(level, FEWEST_DUE_BELOW)


def _rate(name: RateName, fewest: int | None = None) -> Value:
    def value(unit: Measured) -> float | None:
        rate = unit[name]
        if not rate["denominator"] or rate["denominator"] < (fewest or fewest_due(unit["level"])):
            return None
        return rate["numerator"] / rate["denominator"] * 100

    return value


def _not_alone(unit: Measured) -> float | None:
    """A change has no value of one period: see ``layers.style.change``."""
    return None


MEASURE_TITLES = {
    "incidents": "Cases",
    "incidents_per_1000": "Cases per 1,000 residents",
    "closing_rate": "Closing rate",
    "on_time_closing_rate": "On-time closing rate",
    "population": "Population",
    "density": "Population density",
    "open": "Open cases",
    "overdue": "Overdue cases",
    "open_at_end": "Open at the end of the period",
    "overdue_at_end": "Overdue at the end of the period",
    "change": "Change from the period before",
    "change_year": "Change from last year",
}
UNIT_TITLES = {
    "incidents": "cases",
    "incidents_per_1000": "cases per 1,000 residents",
    "closing_rate": "%",
    "on_time_closing_rate": "%",
    "population": "residents",
    "density": "residents per km²",
    "open": "cases",
    "overdue": "cases",
    "open_at_end": "cases",
    "overdue_at_end": "cases",
    "change": "%",
    "change_year": "%",
}


def _measure(key: str, value: Value, *, diverging: bool = False, decimals: int = 0, per_area: bool = False) -> Measure:
    return Measure(MEASURE_TITLES[key], UNIT_TITLES[key], value, diverging, decimals, per_area)


MEASURES: dict[str, Measure] = {
    "incidents": _measure("incidents", _count("total")),
    "incidents_per_1000": _measure("incidents_per_1000", _per_1000, decimals=1, per_area=True),
    "closing_rate": _measure("closing_rate", _rate("closing_rate"), diverging=True, decimals=1, per_area=True),
    "on_time_closing_rate": _measure("on_time_closing_rate", _rate("on_time_closing_rate"), diverging=True, decimals=1, per_area=True),
    "population": _measure("population", _population),
    "density": _measure("density", density, per_area=True),
    "open": _measure("open", _count("open")),
    "overdue": _measure("overdue", _count("overdue")),
    "open_at_end": _measure("open_at_end", _count("open_at_end")),
    "overdue_at_end": _measure("overdue_at_end", _count("overdue_at_end")),
    "change": _measure("change", _not_alone, diverging=True, decimals=1, per_area=True),
    "change_year": _measure("change_year", _not_alone, diverging=True, decimals=1, per_area=True),
}


def measure_from(name: str, fewest: int | None = None) -> Measure:
    """A measure by its name; ``fewest``: how many due cases a rate needs, whatever the level of an area, instead of the usual number."""
    rate = _RATES.get(name)
    return MEASURES[name] if fewest is None or rate is None else replace(MEASURES[name], value=_rate(rate, fewest))


_RATES: dict[str, RateName] = {"closing_rate": "closing_rate", "on_time_closing_rate": "on_time_closing_rate"}


OF_PEOPLE = ("incidents_per_1000", "population", "density")
AS_IT_STANDS = ("open", "overdue")
"""Stocks, which belong to no period."""
AT_END = ("open_at_end", "overdue_at_end")
"""Stocks of the moment at which the period ended."""
CHANGES: dict[str, Against] = {"change": "previous", "change_year": "year_before"}
"""Changes of the number of cases, each with the earlier period with which it compares."""
OF_CASES = ("incidents", "incidents_per_1000", "closing_rate", "on_time_closing_rate", *AS_IT_STANDS, *AT_END, *CHANGES)


def list_measures(has_cases: bool, has_people: bool) -> tuple[str, ...]:
    """The measures for which there is data, the usual one first; all measures if there is no data."""
    usual = ("incidents_per_1000", "density", "incidents")
    known = [key for key in MEASURES if (has_cases or key not in OF_CASES) and (has_people or key not in OF_PEOPLE)]
    return tuple(sorted(known, key=lambda key: usual.index(key) if key in usual else len(usual))) or tuple(MEASURES)


def format_number(value: float, decimals: int = 0) -> str:
    """A number for readers: a comma between thousands, no needless zeros after the decimal point."""
    return f"{value:,.{decimals}f}"


def format_value(measure: Measure, value: float) -> str:
    """A value in short form; small values get one more digit, so that they do not all look the same."""
    small = bool(measure.decimals) and 0 < abs(value) < 1
    text = format_number(value, measure.decimals + small)
    return f"{text}%" if measure.unit == "%" else text


def format_break(value: float) -> str:
    """A class break with as many decimals as needed, at most two."""
    return f"{value:,.2f}".rstrip("0").rstrip(".")


TOO_FEW_WORDS = "Too few people to show"


def explain_no_data(name: str, level: str, unknown: bool, lang: Lang, few: bool = False, fewest: int | None = None) -> str:
    """The sentence next to the hatch.

    ``unknown`` says that no residents are shown, ``few`` that they are withheld; ``fewest``: see ``measure_from``.
    """
    if few and name in OF_PEOPLE:
        return t(lang, TOO_FEW_WORDS)
    if name == "incidents_per_1000" and not unknown:
        return t(lang, "Fewer than {n} residents, not calculated", n=FEWEST_RESIDENTS)
    if name in CHANGES:
        return t(lang, "Fewer than {n} cases in both periods together, not compared", n=FEWEST_BOTH)
    if MEASURES[name].diverging:
        return t(lang, "Fewer than {n} cases due, not calculated", n=fewest or fewest_due(level))
    return t(lang, "No data")
