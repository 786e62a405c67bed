"""The figures of an area: what the side panel shows, what the machine door answers, what the map colours.

A report is asked for in one snapshot and a handful of statements, whatever the size of the city; they read roll-ups only.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import RowMapping

from data import changes
from data import report_shapes as shapes
from data.db import Ask, asking, database_url, fetch
from data.errors import NoData, UnknownArea
from data.kept import Kept, Made
from data.levels import MOST_UNITS, levels_below
from data.period import DEFAULT_DAYS, Period
from data.queries import areas, figures
from data.queries.figures import Counting, Family, Filters
from data.report_shapes import Answers, Parts, rate
from data.report_types import AreaReport, CityEntry, Rate, Unit
from data.schema import MARGIN_LEVELS
from data.settings import settings
from data.text import could_be_code
from data.viewer import Viewer

__all__ = [
    "DEFAULT_DAYS",
    "AreaReport",
    "Asked",
    "CityEntry",
    "Filters",
    "Rate",
    "Sight",
    "Unit",
    "area_report",
    "cities",
    "default_city",
    "rate",
    "sight",
    "unit_figures",
]

EVERYTHING = Filters()
MOST_KEPT = 20_000
"""Most areas with figures that a process keeps, of all answers together; one takes about 2 KB."""
MINUTE_S = 60
"""So long the figures of a city are kept that stand for now: its day may end."""


# ---- Cities ----


async def cities(viewer: Viewer) -> list[CityEntry]:
    """Every city: real ones before made ones, the newest first."""
    return _entries(await fetch(areas.cities(), viewer))


def _entries(rows: Sequence[RowMapping]) -> list[CityEntry]:
    return [{**shapes.city(row), "bbox": shapes.whole(row["bbox"])} for row in rows]


async def default_city(viewer: Viewer) -> str:
    """Code of the city shown first: the one that the settings name, or else the newest real one, or else the made one.

    Raises:
        NoData: the database holds no city.
        UnknownArea: the settings name a city that is not there.
    """
    return _default(await fetch(areas.cities(), viewer))


def _default(rows: Sequence[RowMapping]) -> str:
    known = [row["code"] for row in rows]
    if not known:
        raise NoData()
    wanted = settings().city
    if wanted and wanted not in known:
        raise UnknownArea(code=wanted)
    return str(wanted or known[0])


# ---- Reports ----


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
    async with asking(viewer) as ask:
        own = await _one(ask, _default(await ask(areas.cities())) if code is None else code)
        counting = _counting(own, period, filters)
        family = await _family(ask, own, None, counting)
        answers = Answers(own, family, *await _rest(ask, own, counting, counting.period))
    return shapes.report(answers, counting, viewer)


async def unit_figures(code: str, level: str | None, period: Period | None, filters: Filters, viewer: Viewer) -> list[Unit]:
    """The areas to colour inside an area: those of ``level``, or the next ones below; a leaf stands for itself.

    Raises:
        UnknownArea: no area has this code.
    """
    async with asking(viewer) as ask:
        own = await _one(ask, code)
        family = await _family(ask, own, level, _counting(own, period, filters))
    return [shapes.unit(row) for row in _coloured(own, level, family)]


# ---- A look at the map ----


@dataclass(frozen=True, slots=True)
class Asked:
    """What a look at the map is about.

    Attributes:
        code: the area; ``None`` is the default city.
        period: the whole period; ``None`` is the last 30 days of the city's data.
        window: days in it that count, where not all do.
        filters: categories and channels that count.
        level: whose areas are coloured; ``None`` leaves the choice to us.
    """

    code: str | None
    period: Period | None = None
    window: Period | None = None
    filters: Filters = EVERYTHING
    level: str | None = None


@dataclass(frozen=True, slots=True)
class Sight:
    """Everything that one look at the map shows, of one snapshot. It is shared by all who look there: nobody changes it.

    Attributes:
        report: the area for the days that count, all filters applied.
        period: the whole period.
        by_day: reported by day over the whole period.
        by_category: reported by category, also of those that the filter leaves out, so that they can still be chosen.
        by_source: by channel, likewise.
        coloured: the areas that the map colours.
        cities: every city.
    """

    report: AreaReport
    period: Period
    by_day: list[tuple[str, int]]
    by_category: dict[str, int]
    by_source: dict[str, int]
    coloured: list[Unit]
    cities: list[CityEntry]


_kept: WeakKeyDictionary[asyncio.AbstractEventLoop, Kept[Sight]] = WeakKeyDictionary()


async def sight(asked: Asked, viewer: Viewer) -> Sight:
    """Ask for everything a look at the map shows, or take what others were shown since the data last changed.

    Raises:
        UnknownArea: no area has this code.
        NoData: the database holds no city.
    """
    known = changes.heard()
    if known is None:
        return (await _made(asked, viewer)).answer
    kept = _kept.setdefault(asyncio.get_running_loop(), Kept(MOST_KEPT))
    key = (str(database_url()), settings().city, tuple(sorted(known.items())), asked, viewer.sees_contacts)
    return await kept.get(key, lambda: _made(asked, viewer))


async def _made(asked: Asked, viewer: Viewer) -> Made[Sight]:
    async with asking(viewer) as ask:
        known = await ask(areas.cities())
        own = await _one(ask, _default(known) if asked.code is None else asked.code)
        counting = _counting(own, asked.window or asked.period, asked.filters)
        whole = asked.period or _counting(own, None, asked.filters).period
        level = await _level(ask, own, asked.level)
        family = await _family(ask, own, level, counting)
        parts, *rest = await _rest(ask, own, counting, whole)
    coloured = [shapes.unit(row) for row in _coloured(own, level, family)]
    report = shapes.report(Answers(own, family, parts, *rest), counting, viewer)
    by_category, by_source = shapes.largest_first(parts.categories), shapes.largest_first(parts.channels)
    made = Sight(report, whole, parts.by_day(whole), by_category, by_source, coloured, _entries(known))
    return Made(made, len(family), MINUTE_S if own["city_live"] else None)


# ---- Which statements ----


async def _one(ask: Ask, code: str) -> RowMapping:
    rows = await ask(areas.one(), {"code": code}) if could_be_code(code) else []
    if not rows:
        raise UnknownArea(code=code)
    return rows[0]


def _counting(own: RowMapping, period: Period | None, filters: Filters) -> Counting:
    """What is counted: the period asked for, or the last 30 days that the city knows."""
    today: date = own["city_today"]
    return Counting(period or Period.last_days(DEFAULT_DAYS, today), filters, own["city_code"], today)


async def _level(ask: Ask, own: RowMapping, wanted: str | None) -> str | None:
    """The level to colour: the one asked for, else the second below the area, or the next where there are too many of those."""
    below = levels_below(own["level"], own["city_level_names"])
    if wanted in below or len(below) < 2:
        return wanted if wanted in below else next(iter(below), None)
    rows = await ask(areas.more_than(own["level"], MOST_UNITS), {**_place(own), "coloured": below[1]})
    return below[0] if rows[0]["more"] else below[1]


async def _family(ask: Ask, own: RowMapping, level: str | None, counting: Counting) -> Sequence[RowMapping]:
    """The area, those beside it, those below it, a city's zones, and those to colour, in one statement."""
    inside = level is not None and own["level"] not in (level, "zone")
    return await ask(
        figures.units(Family(own["level"], inside), counting.filters.form), {**_place(own), **counting.values(), "coloured": level}
    )


async def _rest(ask: Ask, own: RowMapping, counting: Counting, whole: Period) -> tuple[Parts, Sequence[RowMapping], Sequence[RowMapping]]:
    """The area's incidents taken apart, its facilities, and the names of everything."""
    counted, place = counting.period, _place(own)
    # The window may reach over the whole period.
    days = Period(min(counted.start, whole.start), max(counted.end, whole.end))
    spans = {"days": days, **shapes.compared(counted)}
    values = {**place, **counting.values(), **{k: v for name, period in spans.items() for k, v in figures.span(f"{name}_", period).items()}}
    parts = Parts.of(await ask(figures.parts(own["level"] in MARGIN_LEVELS, counting.filters.form), values))
    return parts, await ask(areas.facilities_by_kind(own["level"]), place), await ask(areas.categories(), values)


def _place(own: RowMapping) -> Mapping[str, Any]:
    """Values of the parameters that name an area."""
    return {name: own[name] for name in ("no", "code", "parent", "path")}


def _coloured(own: RowMapping, level: str | None, family: Sequence[RowMapping]) -> Sequence[RowMapping]:
    """Of a family the areas of the level to colour; without any the next ones below, or where those have no polygon the area itself."""
    within = f"{own['path']}."
    found = [row for row in family if row["level"] == level and row["path"].startswith(within)]
    if found:
        return found
    _, below, _ = shapes.relatives(own, family)
    return below if any(row["has_polygon"] for row in below) else [row for row in family if row["code"] == own["code"]]
