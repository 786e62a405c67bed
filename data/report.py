"""The figures of an area: what the side panel shows, what the machine door answers, what the map colours.

A report is asked for in one snapshot and a handful of statements, whatever the size of the city; they read roll-ups only.
"""

from data import report_shapes as shapes
from data.db import asking, fetch
from data.errors import UnknownArea
from data.period import DEFAULT_DAYS, Period
from data.queries import areas
from data.queries.figures import EVERYTHING, Filters
from data.questions import coloured_of, counting_of, default_of, family_of, one, rest_of
from data.report_shapes import Answers, rate
from data.report_types import AreaReport, CityEntry, Rate, Unit
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
    "way_to",
]


# ---- Cities ----


async def cities(viewer: Viewer) -> list[CityEntry]:
    """Every city: real ones before made ones, the newest first."""
    return shapes.entries(await fetch(areas.cities(), viewer))


async def default_city(viewer: Viewer) -> str:
    """Code of the city shown first: the one that the settings name, or else the newest real one, or else the made one.

    Raises:
        NoData: the database holds no city.
        UnknownArea: the settings name a city that is not there.
    """
    return default_of(await fetch(areas.cities(), viewer))


async def way_to(code: str, viewer: Viewer) -> list[str]:
    """Codes of the areas from the root of an area's city down to the area itself.

    Raises:
        UnknownArea: no area has this code.
    """
    rows = await fetch(areas.way(), viewer, {"code": code}) if could_be_code(code) else []
    if not rows:
        raise UnknownArea(code=code)
    return [row["code"] for row in rows]


# ---- Reports ----


async def area_report(code: str | None, period: Period | None, viewer: Viewer, filters: Filters = EVERYTHING) -> AreaReport:
    """One area with its figures for a period, its children, and those beside it.

    Args:
        code: the area; ``None`` is the default city.
        period: days, both ends included; ``None`` is the last 30 days of the city's data.
        viewer: who asks.
        filters: categories and channels that count; they leave population and buildings alone.

    Raises:
        UnknownArea: no area has this code.
        NoData: the database holds no city.
    """
    async with asking(viewer) as ask:
        own = await one(ask, default_of(await ask(areas.cities())) if code is None else code)
        counting = counting_of(own, period, filters)
        family = await family_of(ask, own, None, counting)
        answers = Answers(own, family, *await rest_of(ask, own, counting, counting.period))
    return shapes.report(answers, counting)


async def unit_figures(code: str, level: str | None, period: Period | None, filters: Filters, viewer: Viewer) -> list[Unit]:
    """The areas to colour inside an area: those of ``level``, or the next ones below; a leaf stands for itself.

    Raises:
        UnknownArea: no area has this code.
    """
    async with asking(viewer) as ask:
        own = await one(ask, code)
        family = await family_of(ask, own, level, counting_of(own, period, filters))
    return [shapes.unit(row) for row in coloured_of(own, level, family)]
