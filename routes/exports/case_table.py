"""The list of cases as a table: its columns, a row of it, and what a workbook says about them."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import date, tzinfo

from data.cases.listing.types import CaseRow
from data.core.export_files import Column, Fact
from data.core.i18n import t
from data.core.spreadsheets import Cell
from data.queries.case_filters import NO_FILTERS, CaseFilters, Days
from layers.style.wording import CHANNEL_TITLES
from routes.doors.desk_words import DESK_WORDS
from routes.exports.answers import as_moment, make_columns

_COLUMN_TITLES = {
    "number": "Number",
    "case": "Case",
    "category": "Category",
    "severity": "Severity",
    "stage": "Stage",
    "deadline_state": "Deadline state",
    "source": "Source",
    "reported_at": "Reported at",
    "deadline": "Deadline",
    "provisional": "Provisional",
    "closed_at": "Closed at",
    "last_step": "Last step",
    "place": "Place",
    "area_above": "Area above",
    "address": "Address",
    "responsible_unit": "Responsible unit",
    "handled_by": "Handled by (as published)",
    "assigned_to": "Assigned to",
    "code_of_the_area": "Code of the area",
    "longitude": "Longitude",
    "latitude": "Latitude",
}
_WIDTHS = {
    "number": 20,
    "case": 40,
    "category": 16,
    "severity": 10,
    "reported_at": 17,
    "deadline": 17,
    "provisional": 12,
    "closed_at": 17,
    "last_step": 17,
    "place": 20,
    "area_above": 20,
    "address": 32,
    "responsible_unit": 24,
    "handled_by": 18,
    "assigned_to": 16,
    "code_of_the_area": 18,
    "longitude": 12,
    "latitude": 12,
}
_FORMS = {"longitude": "0.000000", "latitude": "0.000000"}


def case_columns(lang: str) -> list[Column]:
    """The columns, in the reader's language."""
    return make_columns(lang, _COLUMN_TITLES, _WIDTHS, _FORMS)


def case_row(row: CaseRow, units: Mapping[tuple[str, str], str], lang: str, clock: tzinfo) -> list[Cell]:
    """A case as a row of the table.

    Args:
        row: the case, as the machine door tells it.
        units: names of units, by city and code.
        lang: the reader's language.
        clock: the city's time zone: moments of which only the day is known become that day.
    """

    def moment(name: str, is_day: bool) -> Cell:
        told = as_moment(row[name])  # type: ignore[literal-required]
        return told.astimezone(clock).date() if told is not None and is_day else told

    def named(code: str | None, name: str) -> str | None:
        return t(lang, DESK_WORDS[name]) if code and name in DESK_WORDS else code

    def local(name: str) -> str | None:
        other: str | None = row[f"{name}_en"] if lang == "en" else None  # type: ignore[literal-required]
        own: str | None = row[name]  # type: ignore[literal-required]
        return other or own

    return [
        row["number"],
        local("title"),
        local("category_name"),
        named(str(row["severity"]), f"severity_{row['severity']}"),
        named(row["stage"], f"stage_{row['stage']}"),
        named(row["state"], f"state_{row['state']}"),
        t(lang, CHANNEL_TITLES.get(row["channel"], row["channel"])),
        moment("reported_at", row["reported_is_day"]),
        moment("due_at", row["due_is_day"]),
        t(lang, "yes") if row["due_provisional"] else None,
        moment("closed_at", row["closed_is_day"]),
        moment("stage_at", False),
        local("grid_name"),
        local("above_name"),
        row["address"],
        units.get((row["city"], row["unit"]), row["unit"]) if row["unit"] else None,
        row["handler"],
        row["assignee"],
        row["grid"],
        row["lon"],
        row["lat"],
    ]


def case_definitions(lang: str) -> list[Fact]:
    """What the columns mean, where their heads do not say it."""
    return [
        (t(lang, "Deadline state"), t(lang, "As it stands at the moment above: overdue, due soon, on time or paused; of ended cases how.")),
        (t(lang, "Provisional"), t(lang, "The calendar of that year is not gazetted yet: the deadline may still change.")),
        (t(lang, "Longitude"), t(lang, "In degrees, WGS 84; empty where the place is not known.")),
        (t(lang, "Last step"), t(lang, "Since when the case is in its stage.")),
    ]


def tell_filters(filters: CaseFilters) -> dict[str, str]:
    """The filters in force, by their names; of a polygon only that there is one."""
    told: dict[str, str] = {}
    for field in fields(CaseFilters):
        value = getattr(filters, field.name)
        if value == getattr(NO_FILTERS, field.name):
            continue
        told[field.name] = _tell(value) if field.name != "polygon" else "*"
    return told


def _tell(value: object) -> str:
    if isinstance(value, Days):
        return f"{_day(value.first)} … {_day(value.last)}"
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _day(day: date | None) -> str:
    return "" if day is None else day.isoformat()
