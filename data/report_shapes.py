"""From rows to the shape of a report: no questions, only arranging."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import RowMapping

from data.clock import iso
from data.period import Period
from data.queries import figures
from data.queries.figures import Counting
from data.report_types import (
    VERSION,
    AreaReport,
    Buildings,
    CityInfo,
    Comparison,
    Head,
    Incidents,
    LabelledName,
    PeriodSpan,
    Population,
    Rate,
    Unit,
)
from data.schema import CHANNELS, PROACTIVE_CHANNELS
from data.text import masked_phone
from data.viewer import Viewer


def compared(period: Period) -> dict[str, Period]:
    """The periods that a report compares its own with."""
    return {"previous": period.previous(), "year_before": period.year_before()}


def report(
    own: RowMapping,
    counting: Counting,
    family: Sequence[RowMapping],
    other: RowMapping,
    parts: Sequence[RowMapping],
    facilities: Sequence[RowMapping],
    names: Sequence[RowMapping],
    viewer: Viewer,
) -> AreaReport:
    """The whole report.

    Args:
        own: the area with its city, figures and ancestors.
        counting: which incidents were counted, as seen when.
        family: the area, those beside it, those below it, and a city's zones, each with its totals.
        other: totals of the periods of ``compared``.
        parts: incidents by day, by category and by channel.
        facilities: facilities by kind.
        names: names of the city's categories.
        viewer: decides whether a phone number is masked.
    """
    itself = next(row for row in family if row["code"] == own["code"])
    beside, below, zones = _relatives(own, family)
    incidents = _incidents(itself, parts, counting.period)
    proactive = sum(incidents["by_source"].get(channel, 0) for channel in PROACTIVE_CHANNELS)
    by_kind = {row["kind"]: row["n"] for row in facilities}
    earlier = compared(counting.period)
    return {
        "version": VERSION,
        "code": own["code"],
        "name": own["name"],
        "name_en": own["name_en"],
        "level": own["level"],
        "path": own["path"],
        "parent": own["parent"],
        "origin": own["origin"],
        "has_polygon": own["has_polygon"],
        "area_m2": own["area_m2"],
        "bbox": whole(own["bbox"]),
        "label_point": whole(own["label_point"]),
        "head": _head(own, viewer),
        "city": city({name.removeprefix("city_"): own[name] for name in own if name.startswith("city_")}),
        "ancestors": own["ancestors"],
        "period": _span(counting.period),
        "population": _population(own),
        "buildings": _buildings(own),
        "facilities": {"total": sum(by_kind.values()), "by_kind": by_kind},
        "incidents": incidents,
        "closing_rate": rate(itself["due_closed"], itself["due"]),
        "on_time_closing_rate": rate(itself["due_on_time"], itself["due"]),
        "proactive": rate(proactive, incidents["total"]),
        "previous": _comparison("previous", earlier["previous"], other),
        "year_before": _comparison("year_before", earlier["year_before"], other),
        "categories": _names(names, "incident"),
        "kinds": _names(names, "facility"),
        "uses": _names(names, "building"),
        "channels": list(CHANNELS),
        "children": [unit(row) for row in below],
        "siblings": [unit(row) for row in beside],
        "zones": [unit(row) for row in zones],
    }


def rate(numerator: int, denominator: int) -> Rate:
    """A share with both its parts; no value where nothing was due."""
    return {"numerator": numerator, "denominator": denominator, "value": numerator / denominator if denominator else None}


def _relatives(own: RowMapping, family: Sequence[RowMapping]) -> tuple[list[RowMapping], list[RowMapping], list[RowMapping]]:
    """Of a family: those beside the area (with itself), those below it, and a city's zones."""
    zones, tree = [row for row in family if row["level"] == "zone"], [row for row in family if row["level"] != "zone"]
    if own["level"] == "zone":
        return [row for row in zones if row["parent"] == own["parent"]], tree, []
    beside = [row for row in tree if row["parent"] == own["parent"]]
    return beside, [row for row in tree if row["parent"] == own["code"]], zones


def whole(numbers: list[float | None]) -> list[float] | None:
    """Coordinates rounded to a centimetre, or nothing where one is missing."""
    return None if None in numbers else [round(n, 7) for n in numbers if n is not None]


def _span(period: Period) -> PeriodSpan:
    return {"from": period.start.isoformat(), "to": period.end.isoformat()}


def city(row: Any) -> CityInfo:
    """A city, with its moment in its own time zone."""
    return {
        "code": row["code"],
        "name": row["name"],
        "name_en": row["name_en"],
        "timezone": row["timezone"],
        "as_of": iso(row["as_of"], row["timezone"]),
        "today": row["today"].isoformat(),
        "is_demo": row["is_demo"],
        "has_cases": row["has_cases"],
        "data_version": row["data_version"],
        "level_names": row["level_names"],
        "notes": row["notes"],
    }


def _head(own: RowMapping, viewer: Viewer) -> Head:
    phone = own["head_phone"] if viewer.sees_contacts else masked_phone(own["head_phone"])
    return {
        "name": own["head_name"],
        "name_en": own["head_name_en"],
        "title": own["head_title"],
        "title_en": own["head_title_en"],
        "phone": phone,
        "body": own["responsible_body"],
        "body_en": own["responsible_body_en"],
    }


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _population(own: RowMapping) -> Population:
    return {
        "total": own["population"],
        "households": own["households"],
        "as_of": _day(own["population_as_of"]),
        "male": own["male"],
        "female": own["female"],
        "ages": own["ages"],
        "method": own["population_method"],
    }


def _buildings(own: RowMapping) -> Buildings:
    return {
        "total": own["buildings"] or 0,
        "footprint_m2": own["footprint_m2"] or 0.0,
        "floor_area_m2": own["floor_area_m2"] or 0.0,
    }


def _incidents(itself: RowMapping, parts: Sequence[RowMapping], period: Period) -> Incidents:
    days = {row["day"]: row["reported"] for row in parts if row["day"] is not None}
    return {
        "total": itself["reported"],
        "open": itself["open"],
        **{state: itself[state] for state in figures.DEADLINE_STATES},  # type: ignore[typeddict-item]
        "void": sum(row["void"] for row in parts if row["day"] is not None),
        "by_category": _largest_first(parts, "category"),
        "by_source": _largest_first(parts, "channel"),
        "by_day": [(day.isoformat(), days.get(day, 0)) for day in period.dates()],
    }


def _largest_first(parts: Sequence[RowMapping], column: str) -> dict[str, int]:
    counted = [(row[column], row["reported"]) for row in parts if row[column] is not None and row["reported"]]
    return dict(sorted(counted, key=lambda pair: (-pair[1], pair[0])))


def _comparison(name: str, period: Period, row: RowMapping) -> Comparison:
    return {
        "period": _span(period),
        "total": row[f"{name}_reported"],
        "closing_rate": rate(row[f"{name}_due_closed"], row[f"{name}_due"]),
        "on_time_closing_rate": rate(row[f"{name}_due_on_time"], row[f"{name}_due"]),
    }


def _names(rows: Sequence[RowMapping], subject: str) -> dict[str, LabelledName]:
    return {
        row["code"]: {"name": row["name"], "name_en": row["name_en"], "symbol": row["symbol"], "ordinal": row["ordinal"]}
        for row in rows
        if row["subject"] == subject
    }


def unit(row: RowMapping) -> Unit:
    """An area with its totals."""
    return {
        **{name: row[name] for name in ("code", "name", "name_en", "level", "path", "parent", "origin", "has_polygon", "area_m2")},  # type: ignore[typeddict-item]
        "label_point": whole(row["label_point"]),
        "population": {"total": row["population"], "households": row["households"], "as_of": _day(row["population_as_of"])},
        "buildings": {"total": row["buildings"] or 0},
        "incidents": {"total": row["reported"], "open": row["open"], "overdue": row["overdue"]},
        "closing_rate": rate(row["due_closed"], row["due"]),
        "on_time_closing_rate": rate(row["due_on_time"], row["due"]),
    }
