"""The figures of an area: what the side panel shows, what the machine door answers, what the map colours.

A report is asked for in one snapshot and a handful of statements, whatever the size of the city; they read roll-ups only.
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
from data.figures.assemble import Answers, rate
from data.figures.questions import coloured_of, counting_of, family_of, one, rest_of
from data.figures.scope import begins, default_of, ends, no_area
from data.figures.types import AreaName, AreaReport, CityEntry, Rate, Unit
from data.queries import areas
from data.queries.figures import EVERYTHING, Filters
from data.queries.scope import NAMES, called

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
    "roots",
    "start",
    "unit_figures",
    "way_to",
]


# ---- Cities ----


async def cities(viewer: Viewer) -> list[CityEntry]:
    """Every city: real ones before made ones, the newest first."""
    return shapes.entries(await fetch(areas.cities(), viewer))


async def default_city(viewer: Viewer) -> str:
    """Code of the city shown first: see ``data.figures.scope.default_of``."""
    return default_of(await fetch(areas.cities(), viewer), viewer)


async def start(viewer: Viewer) -> str:
    """Code of the area that a look begins with: see ``data.figures.scope.begins``."""
    return begins(await fetch(areas.cities(), viewer), viewer)


async def roots(viewer: Viewer) -> list[AreaName]:
    """Where a walk through the areas begins: the root of each city, or the area whose figures the viewer may see."""
    if viewer.figures != EVERYWHERE:
        return [name_of(row) for row in await fetch(called(), viewer, {"code": ends(viewer)["figures_code"]})]
    return [name_of({**city, "level": "city"}) for city in await cities(viewer)]


def name_of(row: Mapping[str, Any] | RowMapping) -> AreaName:
    """Of an area what it is called."""
    return {name: row[name] for name in NAMES}  # type: ignore[return-value]


async def way_to(code: str, viewer: Viewer) -> list[str]:
    """Codes of the areas from the root of an area's city down to the area itself.

    Raises:
        UnknownArea, OutOfScope, Nowhere: see ``data.figures.scope.no_area``.
    """
    async with open_snapshot(viewer) as ask:
        rows = await ask(areas.way(), {"code": code}) if could_be_code(code) else []
        if not rows or not rows[-1]["seen"]:
            raise await no_area(ask, code, viewer)
    return [row["code"] for row in rows]


# ---- Reports ----


async def area_report(code: str | None, period: Period | None, viewer: Viewer, filters: Filters = EVERYTHING) -> AreaReport:
    """One area with its figures for a period, its children, and those beside it.

    Args:
        code: the area; ``None`` is the one that a look begins with.
        period: days, both ends included; ``None`` is the last 30 days of the city's data.
        viewer: who asks.
        filters: categories and channels that count; they leave population and buildings alone.

    Raises:
        UnknownArea, OutOfScope, Nowhere: see ``data.figures.scope.no_area``.
        NoData: the database holds no city.
    """
    async with open_snapshot(viewer) as ask:
        own = await one(ask, begins(await ask(areas.cities()), viewer) if code is None else code, viewer)
        counting = counting_of(own, period, filters)
        family = await family_of(ask, own, None, counting)
        answers = Answers(own, family, *await rest_of(ask, own, counting, counting.period), viewer)
    return shapes.report(answers, counting)


async def unit_figures(code: str, level: str | None, period: Period | None, filters: Filters, viewer: Viewer) -> list[Unit]:
    """The areas to colour inside an area: those of ``level``, or the next ones below; a leaf stands for itself.

    Raises:
        UnknownArea, OutOfScope, Nowhere: see ``data.figures.scope.no_area``.
    """
    async with open_snapshot(viewer) as ask:
        own = await one(ask, code, viewer)
        family = await family_of(ask, own, level, counting_of(own, period, filters))
    return [shapes.unit(row) for row in coloured_of(own, level, family)]
