"""The figures of an area: what the side panel shows, what the machine door answers, what the map colours.

One report is asked for in one snapshot and six statements, whatever the size of the city; they read roll-ups, except for what
depends on the hour (open, overdue, amber, paused), which reads the open cases.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import RowMapping

from data.clock import iso
from data.db import Ask, asking, fetch
from data.errors import NoData, UnknownArea
from data.period import Period
from data.queries import areas, figures
from data.queries.figures import Counting, Filters
from data.report_types import (
    VERSION,
    AreaReport,
    CityEntry,
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
from data.settings import settings
from data.text import could_be_code, masked_phone
from data.viewer import Viewer

__all__ = ["AreaReport", "CityEntry", "Filters", "Rate", "Unit", "area_report", "cities", "default_city", "unit_figures"]

DEFAULT_DAYS = 30
EVERYTHING = Filters()


# ---- Questions ----


async def cities(viewer: Viewer) -> list[CityEntry]:
    """Every city: real ones before made ones, the newest first."""
    return [{**_city(row), "bbox": _whole(row["bbox"])} for row in await fetch(areas.cities(), viewer)]


async def default_city(viewer: Viewer) -> str:
    """Code of the city shown first: the one that the settings name, or else the newest real one, or else the made one.

    Raises:
        NoData: the database holds no city.
        UnknownArea: the settings name a city that is not there.
    """
    known = [row["code"] for row in await fetch(areas.cities(), viewer)]
    if not known:
        raise NoData()
    wanted = settings().city
    if wanted and wanted not in known:
        raise UnknownArea(code=wanted)
    return str(wanted or known[0])


async def area_report(code: str | None, period: Period | None, viewer: Viewer, filters: Filters = EVERYTHING) -> AreaReport:
    """One area with its figures for a period, its children, and those beside it.

    Args:
        code: the area; ``None`` is the default city.
        period: days, both ends included; ``None`` is the last 30 days of the city's data.
        viewer: who asks; decides whether a phone number is masked.
        filters: categories and channels that count; they leave population and buildings alone.

    Raises:
        UnknownArea: no area has this code.
        NoData: the database holds no city.
    """
    code = await default_city(viewer) if code is None else code
    async with asking(viewer) as ask:
        own = await _one(ask, code)
        counting = _counting(own, period, filters)
        family = await ask(_family(own, counting))
        comparison = await ask(figures.totals(code, _compared(counting.period), counting))
        parts = await ask(figures.breakdown(code, counting))
        facilities = await ask(areas.facilities_by_kind(code, own["level"]))
        names = await ask(areas.categories(own["city_code"]))
    return _report(own, counting, family, comparison[0], parts, facilities, names, viewer)


async def unit_figures(code: str, level: str | None, period: Period | None, filters: Filters, viewer: Viewer) -> list[Unit]:
    """The areas to colour inside an area: those of ``level``, or the next ones below; a leaf stands for itself.

    Raises:
        UnknownArea: no area has this code.
    """
    async with asking(viewer) as ask:
        own = await _one(ask, code)
        counting, scope = _counting(own, period, filters), figures.under(code, own["level"])
        if level and own["level"] not in (level, "zone"):
            rows = await ask(figures.units(figures.below(code, level), scope, counting))
            if rows:
                return [_unit(row) for row in rows]
        rows = await ask(figures.units(figures.children_of(code, own["level"]), scope, counting))
        if not any(row["has_polygon"] for row in rows):
            rows = await ask(figures.units(figures.itself(code), scope, counting))
    return [_unit(row) for row in rows]


# ---- Which statements ----


async def _one(ask: Ask, code: str) -> RowMapping:
    rows = await ask(areas.one(code)) if could_be_code(code) else []
    if not rows:
        raise UnknownArea(code=code)
    return rows[0]


def _counting(own: RowMapping, period: Period | None, filters: Filters) -> Counting:
    """What is counted: the period asked for, or the last 30 days that the city knows."""
    today: date = own["city_today"]
    return Counting(period or Period.last_days(DEFAULT_DAYS, today), filters, own["city_as_of"], today, own["city_timezone"])


def _family(own: RowMapping, counting: Counting) -> Any:
    """The area, those beside it, those below it, and for a city its zones, in one statement."""
    code, level, parent = own["code"], own["level"], own["parent"]
    chosen = figures.siblings_of(code, level, parent) | figures.children_of(code, level)
    if parent is None:
        chosen |= figures.zones_of(code)
    return figures.units(chosen, figures.under(code if level == "zone" else parent or code, level), counting)


def _compared(period: Period) -> dict[str, Period]:
    return {"previous": period.previous(), "year_before": period.year_before()}


# ---- Shapes ----


def _report(
    own: RowMapping,
    counting: Counting,
    family: Sequence[RowMapping],
    compared: RowMapping,
    parts: Sequence[RowMapping],
    facilities: Sequence[RowMapping],
    names: Sequence[RowMapping],
    viewer: Viewer,
) -> AreaReport:
    code, level, parent = own["code"], own["level"], own["parent"]
    itself = next(row for row in family if row["code"] == code)
    zones, tree = [row for row in family if _zone(row)], [row for row in family if not _zone(row)]
    beside = [row for row in (zones if level == "zone" else tree) if row["parent"] == parent]
    below = tree if level == "zone" else [row for row in tree if row["parent"] == code]
    incidents = _incidents(itself, parts, counting.period)
    proactive = sum(incidents["by_source"].get(channel, 0) for channel in PROACTIVE_CHANNELS)
    by_kind = {row["kind"]: row["n"] for row in facilities}
    earlier = _compared(counting.period)
    return {
        "version": VERSION,
        "code": code,
        "name": own["name"],
        "name_en": own["name_en"],
        "level": level,
        "path": own["path"],
        "parent": parent,
        "origin": own["origin"],
        "has_polygon": own["has_polygon"],
        "area_m2": own["area_m2"],
        "bbox": _whole(own["bbox"]),
        "label_point": _whole(own["label_point"]),
        "head": _head(own, viewer),
        "city": _city({name.removeprefix("city_"): own[name] for name in own if name.startswith("city_")}),
        "ancestors": own["ancestors"],
        "period": _span(counting.period),
        "population": _population(own),
        "buildings": {
            "total": own["buildings"] or 0,
            "footprint_m2": own["footprint_m2"] or 0.0,
            "floor_area_m2": own["floor_area_m2"] or 0.0,
        },
        "facilities": {"total": sum(by_kind.values()), "by_kind": by_kind},
        "incidents": incidents,
        "closing_rate": rate(itself["due_closed"], itself["due"]),
        "on_time_closing_rate": rate(itself["due_on_time"], itself["due"]),
        "proactive": rate(proactive, incidents["total"]),
        "previous": _comparison("previous", earlier["previous"], compared),
        "year_before": _comparison("year_before", earlier["year_before"], compared),
        "categories": _names(names, "incident"),
        "kinds": _names(names, "facility"),
        "channels": list(CHANNELS),
        "children": [_unit(row) for row in below],
        "siblings": [_unit(row) for row in beside],
        "zones": [_unit(row) for row in zones] if parent is None else [],
    }


def rate(numerator: int, denominator: int) -> Rate:
    """A share with both its parts; no value where nothing was due."""
    return {"numerator": numerator, "denominator": denominator, "value": numerator / denominator if denominator else None}


def _zone(row: RowMapping) -> bool:
    return bool(row["level"] == "zone")


def _whole(numbers: list[float | None]) -> list[float] | None:
    """Coordinates rounded to a centimetre, or nothing where one is missing."""
    return None if None in numbers else [round(n, 7) for n in numbers if n is not None]


def _span(period: Period) -> PeriodSpan:
    return {"from": period.start.isoformat(), "to": period.end.isoformat()}


def _city(row: Any) -> CityInfo:
    return {
        "code": row["code"],
        "name": row["name"],
        "name_en": row["name_en"],
        "timezone": row["timezone"],
        "as_of": iso(row["as_of"], row["timezone"]),
        "today": row["today"].isoformat(),
        "is_demo": row["is_demo"],
        "data_version": row["data_version"],
        "level_names": row["level_names"],
        "notes": row["notes"],
    }


def _head(own: RowMapping, viewer: Viewer) -> Head:
    phone = own["head_phone"] if viewer.sees_contacts else masked_phone(own["head_phone"])
    return {"name": own["head_name"], "title": own["head_title"], "phone": phone, "body": own["responsible_body"]}


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


def _unit(row: RowMapping) -> Unit:
    return {
        **{name: row[name] for name in ("code", "name", "name_en", "level", "path", "parent", "origin", "has_polygon", "area_m2")},  # type: ignore[typeddict-item]
        "label_point": _whole(row["label_point"]),
        "population": {"total": row["population"], "households": row["households"], "as_of": _day(row["population_as_of"])},
        "buildings": {"total": row["buildings"] or 0},
        "incidents": {"total": row["reported"], "open": row["open"], "overdue": row["overdue"]},
        "closing_rate": rate(row["due_closed"], row["due"]),
        "on_time_closing_rate": rate(row["due_on_time"], row["due"]),
    }
