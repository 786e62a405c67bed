"""The figures of an area: what the side panel shows, what the machine door answers, what the map colours.

One report is asked for in one snapshot and six statements, whatever the size of the city; they read roll-ups, except for what
depends on the hour (open, overdue, amber, paused), which reads the open cases.
"""

from datetime import date
from typing import Any

from sqlalchemy import RowMapping

from data import report_shapes as shapes
from data.db import Ask, asking, fetch
from data.errors import NoData, UnknownArea
from data.period import DEFAULT_DAYS, Period
from data.queries import areas, figures
from data.queries.figures import Counting, Filters
from data.report_shapes import rate
from data.report_types import AreaReport, CityEntry, Rate, Unit
from data.settings import settings
from data.text import could_be_code
from data.viewer import Viewer

__all__ = [
    "DEFAULT_DAYS",
    "AreaReport",
    "CityEntry",
    "Filters",
    "Rate",
    "Unit",
    "area_report",
    "cities",
    "default_city",
    "rate",
    "unit_figures",
]

EVERYTHING = Filters()


# ---- Questions ----


async def cities(viewer: Viewer) -> list[CityEntry]:
    """Every city: real ones before made ones, the newest first."""
    return [{**shapes.city(row), "bbox": shapes.whole(row["bbox"])} for row in await fetch(areas.cities(), viewer)]


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
        comparison = await ask(figures.totals(code, shapes.compared(counting.period), counting))
        parts = await ask(figures.breakdown(code, counting))
        facilities = await ask(areas.facilities_by_kind(code, own["level"]))
        names = await ask(areas.categories(own["city_code"]))
    return shapes.report(own, counting, family, comparison[0], parts, facilities, names, viewer)


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
                return [shapes.unit(row) for row in rows]
        rows = await ask(figures.units(figures.children_of(code, own["level"]), scope, counting))
        if not any(row["has_polygon"] for row in rows):
            rows = await ask(figures.units(figures.itself(code), scope, counting))
    return [shapes.unit(row) for row in rows]


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
