"""The questions behind reports and looks at the map: each asks one statement, or decides which."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import RowMapping

from data.core.period import DEFAULT_DAYS, Period
from data.core.text import could_be_code
from data.core.viewer import Viewer
from data.database.transactions import Ask
from data.figures import assemble as shapes
from data.figures.assemble import Parts
from data.figures.levels import MOST_UNITS, levels_below
from data.figures.scope import ends, no_area
from data.queries import areas, figures
from data.queries.figures import Counting, Family, Filters
from data.schema import MARGIN_LEVELS


async def one(ask: Ask, code: str, viewer: Viewer) -> RowMapping:
    """An area with its city, its own figures, and its ancestors.

    Raises:
        UnknownArea, OutOfScope, Nowhere: see ``data.figures.scope.no_area``.
    """
    rows = await ask(areas.one(), {"code": code, **ends(viewer)}) if could_be_code(code) else []
    if not rows or not rows[0]["figures_seen"]:
        raise await no_area(ask, code, viewer)
    return rows[0]


def counting_of(own: RowMapping, period: Period | None, filters: Filters) -> Counting:
    """What is counted: the period asked for, or the last 30 days that the city knows."""
    today: date = own["city_today"]
    return Counting(period or Period.last_days(DEFAULT_DAYS, today), filters, own["city_code"], today)


async def level_to_colour(ask: Ask, own: RowMapping, wanted: str | None) -> str | None:
    """The level to colour: the one asked for, else the second below the area, or the next where there are too many of those."""
    below = levels_below(own["level"], own["city_level_names"])
    if wanted in below or len(below) < 2:
        return wanted if wanted in below else next(iter(below), None)
    rows = await ask(areas.more_than(own["level"], MOST_UNITS), {**_place(own), "coloured": below[1]})
    return below[0] if rows[0]["more"] else below[1]


async def family_of(ask: Ask, own: RowMapping, level: str | None, counting: Counting) -> Sequence[RowMapping]:
    """The area, those beside it, those below it, a city's zones, and those to colour, in one statement."""
    inside = level is not None and own["level"] not in (level, "zone")
    return await ask(
        figures.units(Family(own["level"], inside), counting.filters.form), {**_place(own), **counting.values(), "coloured": level}
    )


async def rest_of(ask: Ask, own: RowMapping, counting: Counting, whole: Period) -> tuple[Parts, Sequence[RowMapping], Sequence[RowMapping]]:
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


def coloured_of(own: RowMapping, level: str | None, family: Sequence[RowMapping]) -> Sequence[RowMapping]:
    """Of a family the areas of the level to colour; without any the next ones below, or where those have no polygon the area itself."""
    within = f"{own['path']}."
    found = [row for row in family if row["level"] == level and row["path"].startswith(within)]
    if found:
        return found
    _, below, _ = shapes.relatives(own, family)
    return below if any(row["has_polygon"] for row in below) else [row for row in family if row["code"] == own["code"]]
