"""Addresses of the lists of the cases behind a number: ``GET /api/cases`` with the same conditions."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from data.core.period import Period
from data.indicators.definitions import Indicator, Listed
from data.indicators.questions import IndicatorQuestion
from data.queries.case_filters import CaseFilters, Days
from data.queries.indicator_facts import BEHIND, Part

LIST = "/api/cases"
MOST_VALUES = 100
"""Most values of one parameter of the list."""
_SPANS = {"reported": ("from", "to"), "due": ("due_from", "due_to"), "closed": ("closed_from", "closed_to")}


def link_cases(params: Mapping[str, Sequence[str]]) -> str:
    """The address of a list of cases."""
    return f"{LIST}?{urlencode(params, doseq=True)}"


def link_indicator(
    one: Indicator, question: IndicatorQuestion, area: str, group: str | None, spans: CaseFilters | None, units: Sequence[str]
) -> tuple[str | None, str | None]:
    """Addresses of the cases of numerator and denominator; ``None`` where the list cannot show exactly these.

    Args:
        one: the indicator.
        question: with its filters, and by what groups are.
        area: code of the area that is asked for.
        group: code of the group; ``None``: cases without a unit or a person.
        spans: the days that the indicator counts.
        units: of a department, its units.
    """
    base = _select_group(question, area, group, units)
    if base is None or spans is None:
        return None, None
    base |= span_params(spans)
    denominator = _narrow(base, one.listed_base if one.listed_base is not None else _name_part(one, "denominator"))
    counted = None
    if one.listed_counted is not None:
        counted = _narrow(base, one.listed_counted)
    elif BEHIND[one.code][1] is not None:
        counted = _narrow(base, _name_part(one, "numerator"))
    return link_cases(counted) if counted else None, link_cases(denominator) if denominator else None


def span_params(spans: CaseFilters) -> dict[str, Sequence[str]]:
    """The days of reports, deadlines and closings, as parameters of the list."""
    made: dict[str, Sequence[str]] = {}
    for anchor, names in _SPANS.items():
        days: Days = getattr(spans, anchor)
        told = zip(names, (days.first, days.last), strict=True)
        made |= {name: (day.isoformat(),) for name, day in told if day is not None}
    return made


def _name_part(one: Indicator, part: Part) -> Listed:
    return {"indicator": (one.code,), "part": (part,)}


def _select_group(question: IndicatorQuestion, area: str, group: str | None, units: Sequence[str]) -> dict[str, Sequence[str]] | None:
    filters, by = question.filters, question.grouping
    base: dict[str, Sequence[str]] = {"area": (area,)}
    given = {"category": filters.categories, "channel": filters.channels, "unit": filters.units, "assignee": filters.assignees}
    base |= {name: values for name, values in given.items() if values}
    if by == "none":
        return base
    if group is None:
        without = {"unit": "with_unit", "person": "with_assignee"}.get(by)
        return {**base, without: ("false",)} if without and not given["unit" if by == "unit" else "assignee"] else None
    if by == "department":
        kept = [code for code in units if not filters.units or code in filters.units]
        return {**base, "unit": kept} if 0 < len(kept) <= MOST_VALUES else None
    name = {"area": "area", "unit": "unit", "category": "category", "source": "channel", "person": "assignee"}[by]
    return {**base, name: (group,)}


def _narrow(base: Mapping[str, Sequence[str]], more: Listed) -> dict[str, Sequence[str]] | None:
    """Both conditions at once; ``None`` where no value is left, and the list would show everything."""
    made = dict(base)
    for name, values in more.items():
        made[name] = [one for one in made[name] if one in values] if name in made else values
        if not made[name]:
            return None
    return made


def span_text(period: Period) -> dict[str, str]:
    """First and last day of a period."""
    return {"from": period.start.isoformat(), "to": period.end.isoformat()}
