"""What was asked, in the reader's words: filters and the order of a list, for the last sheet of a workbook."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import RowMapping, select

from data.core.export_files import Fact
from data.core.i18n import t
from data.core.viewer import Viewer
from data.database.transactions import fetch
from data.indicators.definitions import INDICATORS
from data.queries.case_filters import CaseFilters, Days
from data.queries.case_list import Order
from data.queries.units import units_of
from data.schema import category
from layers.style.wording import CHANNEL_TITLES
from routes.doors.desk_words import DESK_WORDS, MAP_WORDS
from routes.doors.figures_words import BEHIND_WORDS

_KIND_TITLES = {
    "stages": "Stage",
    "states": "Deadline state",
    "categories": "Category",
    "channels": "Source",
    "severities": "Severity",
    "units": "Responsible unit",
    "assignees": "Assigned to",
}
"""Filters of which one of several values holds."""
_TRUTH_WORDS = {
    "behind_placed_false": "The place is not known",
    "behind_placed_true": "The place is known",
    "behind_provisional_false": "The deadline is not provisional",
    "behind_provisional_true": "The deadline is provisional",
    **BEHIND_WORDS,
}
_ORDER_TITLES = {
    "reported_at": "Reported at",
    "due_at": "Deadline",
    "closed_at": "Closed at",
    "stage_at": "Last step",
    "number": "Number",
    "category": "Category",
    "channel": "Source",
    "area": "Place",
    "severity": "Severity",
    "stage": "Stage",
    "unit": "Responsible unit",
    "assignee": "Assigned to",
}


@dataclass(frozen=True, slots=True)
class Names:
    """Names by code, in the reader's language: of categories of cases, and of units."""

    categories: Mapping[str, str]
    units: Mapping[str, str]


async def fetch_names(viewer: Viewer) -> Names:
    """What categories and units are called. Where cities call one code differently, any of its names is told."""

    def local(rows: Iterable[RowMapping]) -> dict[str, str]:
        return {str(row["code"]): str((row["name_en"] if viewer.lang == "en" else None) or row["name"]) for row in rows}

    kinds = select(category.c.code, category.c.name, category.c.name_en).where(category.c.subject == "incident")
    return Names(local(await fetch(kinds, viewer)), local(await fetch(units_of(None), viewer)))


def word_filters(filters: CaseFilters, names: Names, lang: str) -> Fact:
    """The filters in force, one on each line."""
    return t(lang, "Filters"), "\n".join(_word_all(filters, names, lang)) or t(lang, "none")


def word_order(order: Order, lang: str) -> Fact:
    """By what a list is sorted."""
    if order.column == "urgency":
        return t(lang, "Order"), t(lang, DESK_WORDS["order_urgency"])
    way = t(lang, "descending") if order.descending else t(lang, "ascending")
    return t(lang, "Order"), t(lang, "{column}, {way}", column=t(lang, _ORDER_TITLES[order.column]), way=way)


def _word_all(filters: CaseFilters, names: Names, lang: str) -> Iterator[str]:
    for kind, title in _KIND_TITLES.items():
        values = [_value(kind, value, names, lang) for value in getattr(filters, kind)]
        if values:
            yield t(lang, "{name}: {value}", name=t(lang, title), value=t(lang, ", ").join(values))
    if filters.words or filters.number:
        sought = " ".join((*filters.words, *([filters.number] if filters.number else [])))
        yield t(lang, "{name}: {value}", name=t(lang, "Searched for"), value=sought)
    for days, sentence in ((filters.reported, "behind_reported"), (filters.due, "behind_due"), (filters.closed, "behind_closed")):
        if days:
            yield t(lang, BEHIND_WORDS[sentence], **_span(days))
    if filters.box is not None or filters.polygon is not None:
        yield t(lang, MAP_WORDS["drawn_area"])
    yield from _word_truths(filters, lang)
    yield from _word_number(filters, lang)


def _value(kind: str, value: str | int, names: Names, lang: str) -> str:
    """A value of a filter as people call it; whatever has no name stays as it is."""
    code = str(value)
    if kind == "categories":
        return names.categories.get(code, code)
    if kind == "units":
        return names.units.get(code, code)
    if kind == "channels":
        return t(lang, CHANNEL_TITLES[code]) if code in CHANNEL_TITLES else code
    word = {"stages": "stage_", "states": "state_", "severities": "severity_"}.get(kind, "?") + code
    return t(lang, DESK_WORDS[word]) if word in DESK_WORDS else code


def _span(days: Days) -> dict[str, str]:
    def told(day: date | None) -> str:
        return "…" if day is None else day.isoformat()

    return {"first": told(days.first), "last": told(days.last)}


def _word_truths(filters: CaseFilters, lang: str) -> Iterator[str]:
    for name in ("placed", "provisional", "with_unit", "with_assignee", "only_day"):
        known = getattr(filters, name)
        if known is not None:
            yield t(lang, _TRUTH_WORDS[f"behind_{name}_{str(known).lower()}"])
    if filters.own_units:
        yield t(lang, DESK_WORDS["queue_unit"])


def _word_number(filters: CaseFilters, lang: str) -> Iterator[str]:
    """Which number of the figures led to the list, and which hour of the week."""
    if filters.behind is not None:
        code, part = filters.behind
        name = t(lang, INDICATORS[code].title) if code in INDICATORS else code
        yield t(lang, BEHIND_WORDS[f"behind_{part}"], name=name)
    if filters.due_within is not None:
        yield t(lang, BEHIND_WORDS["behind_due_within"], hours=filters.due_within)
    day = t(lang, BEHIND_WORDS[f"weekday_{filters.weekday}"]) if filters.weekday is not None else ""
    hour = t(lang, BEHIND_WORDS["behind_hour"], hour=filters.hour) if filters.hour is not None else ""
    if day or hour:
        yield " ".join(filter(None, (day, hour)))
