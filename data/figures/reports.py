"""The figures of an area: for the side panel, for the API, and for the colours of the map.

A report takes one snapshot and a handful of statements, whatever the size of the city. They read only roll-ups.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import RowMapping

from data.core.period import DEFAULT_DAYS, Period
from data.core.roles import EVERYWHERE
from data.core.text import could_be_code
from data.core.viewer import Viewer
from data.database.transactions import fetch, open_snapshot
from data.figures import assemble as shapes
from data.figures.assemble import Answers
from data.figures.questions import (
    check_filters,
    choose_counting,
    fetch_area,
    fetch_breakdown,
    fetch_family,
    list_unplaced,
    select_coloured,
)
from data.figures.scope import choose_default_city, choose_start, explain_missing_area, scope_parameters
from data.figures.types import AreaName, AreaReport, CityEntry, Rate, Unit
from data.queries import areas
from data.queries.figures import NO_FILTERS, Filters
from data.queries.scope import NAMES, area_names

__all__ = [
    "DEFAULT_DAYS",
    "AreaReport",
    "CityEntry",
    "Filters",
    "Rate",
    "Unit",
    "fetch_cities",
    "fetch_default_city",
    "fetch_path",
    "fetch_report",
    "fetch_roots",
    "fetch_start",
    "fetch_units",
]


# ---- Cities ----


async def fetch_cities(viewer: Viewer) -> list[CityEntry]:
    """Every city: real ones before demo cities, the newest first."""
    return shapes.assemble_cities(await fetch(areas.cities(), viewer))


async def fetch_default_city(viewer: Viewer) -> str:
    """Code of the city shown first: see ``data.figures.scope.choose_default_city``."""
    return choose_default_city(await fetch(areas.cities(), viewer), viewer)


async def fetch_start(viewer: Viewer) -> str:
    """Code of the area that the viewer starts with: see ``data.figures.scope.choose_start``."""
    return choose_start(await fetch(areas.cities(), viewer), viewer)


async def fetch_roots(viewer: Viewer) -> list[AreaName]:
    """The areas from which a program can walk down: the root of each city, or the area whose figures the viewer may see."""
    if viewer.figures != EVERYWHERE:
        return [name_area(row) for row in await fetch(area_names(), viewer, {"code": scope_parameters(viewer)["figures_code"]})]
    return [name_area({**city, "level": "city"}) for city in await fetch_cities(viewer)]


def name_area(row: Mapping[str, Any] | RowMapping) -> AreaName:
    """Code, names and level of an area."""
    return {name: row[name] for name in NAMES}  # type: ignore[return-value]


async def fetch_path(code: str, viewer: Viewer) -> list[str]:
    """Codes of the areas from the root of an area's city down to the area itself.

    Raises:
        UnknownArea, OutOfScope, Nowhere: see ``data.figures.scope.explain_missing_area``.
    """
    async with open_snapshot(viewer) as ask:
        rows = await ask(areas.path_to_root(), {"code": code}) if could_be_code(code) else []
        if not rows or not rows[-1]["seen"]:
            raise await explain_missing_area(ask, code, viewer)
    return [row["code"] for row in rows]


# ---- Reports ----


async def fetch_report(code: str | None, period: Period | None, viewer: Viewer, filters: Filters = NO_FILTERS) -> AreaReport:
    """One area with its figures for a period, its children, and its siblings.

    Args:
        code: the area; ``None`` is the one that the viewer starts with.
        period: days, both ends included; ``None`` is the last 30 days of the city's data.
        viewer: who asks.
        filters: categories and channels that count; they do not affect population and buildings.

    Raises:
        UnknownArea, OutOfScope, Nowhere: see ``data.figures.scope.explain_missing_area``.
        UnknownName: see ``data.figures.questions.check_filters``.
        NoData: the database holds no city.
    """
    async with open_snapshot(viewer) as ask:
        own = await fetch_area(ask, choose_start(await ask(areas.cities()), viewer) if code is None else code, viewer)
        await check_filters(ask, own["city_code"], filters)
        counting = choose_counting(own, period, filters)
        family = await fetch_family(ask, own, None, counting)
        answers = Answers(own, family, *await fetch_breakdown(ask, own, counting, counting.period), viewer)
    return shapes.assemble_report(answers, counting)


async def fetch_units(code: str, level: str | None, period: Period | None, filters: Filters, viewer: Viewer) -> list[Unit]:
    """The areas to colour inside an area: those of ``level``, or its children; for a leaf, the leaf itself.

    Leaves for cases without a place that lie in none of them come last, so that the figures of all sum to those of the area.

    Raises:
        UnknownArea, OutOfScope, Nowhere: see ``data.figures.scope.explain_missing_area``.
    """
    async with open_snapshot(viewer) as ask:
        own = await fetch_area(ask, code, viewer)
        await check_filters(ask, own["city_code"], filters)
        family = await fetch_family(ask, own, level, choose_counting(own, period, filters))
    found = select_coloured(own, level, family)
    return [shapes.assemble_unit(row) for row in (*found, *list_unplaced(own, found, family))]
