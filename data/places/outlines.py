"""What the map fetches besides tiles, ready for JSON: area polygons, cases, facilities, and names on water."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import shapely
from sqlalchemy import RowMapping
from typing_extensions import TypedDict

from data.core.errors import BadInput
from data.core.period import DEFAULT_DAYS, Period
from data.core.text import could_be_code
from data.core.timezones import iso
from data.core.viewer import Viewer
from data.database.transactions import Ask, open_snapshot
from data.figures.levels import levels_below
from data.figures.scope import no_area, sees_cases
from data.geo.water_names import names_on
from data.queries import shapes as queries
from data.queries.counted import by_areas
from data.queries.figures import Counting, Filters, how_many, levels_with_sums
from data.schema import LEVELS, area_code

MOST_CASES = 2_000
MOST_LOCATED = 300_000
"""Beyond this many cases circles no longer stand where the cases do, but where the labels of their areas are: it would take too long."""
MOST_FACILITIES = 4_000
MOST_CORNERS = 40_000
"""Beyond this many corners an answer is simplified; neighbours keep their common border."""
DECIMALS = 6
SHAPE_LEVELS = (*LEVELS, "zone", "self")

SUBJECTS = {"polygons": ("areas",), "cases": ("incidents", "areas"), "facilities": ("facilities",), "water_names": ("base",)}
"""What each answer is about: its version is the newest of these. Cases say the names of their cell and community."""


class Outline(TypedDict):
    """An area's polygon: for each part its rings of [lon, lat]. A click inside opens ``drill``; the label stands ``at`` [lon, lat]."""

    code: str
    name: str
    name_en: str
    level: str
    origin: str
    path: str
    at: list[float] | None
    drill: str
    polygons: list[list[list[list[float]]]]


@dataclass(frozen=True, slots=True)
class Found:
    """An answer, and the version it is of, read in the same snapshot; ``None`` where it changes with the clock."""

    body: dict[str, Any]
    version: int | None


def version_of(answer: str, versions: Mapping[str, int]) -> int:
    """The version of one of ``SUBJECTS``, from versions by subject."""
    return max(versions[subject] for subject in SUBJECTS[answer])


async def _one(code: str, ask: Ask, viewer: Viewer, named: bool = False) -> RowMapping:
    """The area; with ``named`` also one of which the viewer may see no more than its name."""
    rows = await ask(queries.one(), {"code": code}) if could_be_code(code) else []
    if not rows or not (named or rows[0]["figures_seen"]):
        raise await no_area(ask, code, viewer)
    return rows[0]


async def polygons(code: str, level: str, viewer: Viewer) -> Found:
    """The areas of one level inside an area: ``{"areas": [{code, name, name_en, path, drill, origin, at, polygons}]}``.

    ``polygons`` holds, for each part, its rings of [lon, lat]; ``drill`` is the code that a click inside opens.

    Raises:
        UnknownArea, OutOfScope, Nowhere: see ``data.figures.scope.no_area``.
        BadInput: no level has this name.
    """
    if level not in SHAPE_LEVELS:
        raise BadInput(field="level", value=level[:60], reason="it does not have the right form")
    async with open_snapshot(viewer) as ask:
        own = await _one(code, ask, viewer)
        rows = await ask(queries.polygons(own["level"], level), {"code": code, "path": own["path"]})
    return Found({"areas": await asyncio.to_thread(_shaped, rows, f"{own['path']}.")}, version_of("polygons", own["versions"]))


def _shaped(rows: Sequence[RowMapping], within: str) -> list[Outline]:
    drawn = _simpler(shapely.from_wkb([bytes(row["wkb"]) for row in rows]))
    named = ("code", "name", "name_en", "level", "origin", "path", "at")
    return [
        {**{key: row[key] for key in named}, "drill": _drill(row, within), "polygons": _rings(shape)}  # type: ignore[typeddict-item]
        for row, shape in zip(rows, drawn, strict=True)
    ]


def _drill(row: RowMapping, within: str) -> str:
    """The next area on the way down to a row's, from the one whose path begins all paths inside; the row's own where it lies elsewhere."""
    path: str = row["path"]
    return area_code(path[len(within) :].partition(".")[0]) if path.startswith(within) else str(row["code"])


def _simpler(shapes: Any) -> Any:
    """As coarse as it takes to stay within the corners allowed; a coverage keeps its common borders common."""
    corners = int(shapely.get_num_coordinates(shapes).sum())
    if corners <= MOST_CORNERS:
        return shapes
    west, south, east, north = shapely.total_bounds(shapes)
    tolerance_deg = max(east - west, north - south) / 8_000
    while corners > MOST_CORNERS and tolerance_deg < 0.01:
        shapes = shapely.coverage_simplify(shapes, tolerance_deg)
        corners, tolerance_deg = int(shapely.get_num_coordinates(shapes).sum()), tolerance_deg * 2
    return shapes


def _rings(shape: Any) -> list[Any]:
    parts = [part for part in shapely.get_parts(shape) if not part.is_empty]
    return [[_ring(part.exterior), *(_ring(hole) for hole in part.interiors)] for part in parts]


def _ring(ring: Any) -> list[list[float]]:
    rounded: list[list[float]] = shapely.get_coordinates(ring).round(DECIMALS).tolist()
    return rounded


async def cases(code: str, period: Period | None, filters: Filters, closed: bool, viewer: Viewer) -> Found:
    """Cases one by one; or counted in cells, where there are more than 2,000, or where the viewer may not see single ones.

    Returns:
        ``{"kind": "points", "total", "as_of", "live", "singly", "rows": [...]}`` or
        ``{"kind": "clusters", …, "rows": [{n, overdue, lon, lat}]}``. Times are ISO 8601 in the city's own time zone; ``live`` says that
        deadline states change with the clock, ``singly`` whether the viewer may see single cases here.

    Raises:
        UnknownArea, OutOfScope, Nowhere: see ``data.figures.scope.no_area``.
    """
    async with open_snapshot(viewer) as ask:
        own = await _one(code, ask, viewer)
        timezone, level, form = own["timezone"], own["level"], filters.form
        singly = own["cases_seen"] and sees_cases(viewer)
        counting = Counting(period or Period.last_days(DEFAULT_DAYS, own["today"]), filters, own["city"], own["today"])
        values = {**counting.values(), **{name: own[name] for name in ("no", "code", "path", "timezone")}}
        # The roll-up knows how many there are: thousands need not be put in order first, only to be counted after all.
        total = (await ask(how_many(level in levels_with_sums(form), form, closed), values))[0]["n"]
        few = singly and total <= MOST_CASES
        if few:
            statement = queries.cases(level, form, closed, MOST_CASES)
        elif singly and total <= MOST_LOCATED:
            statement = queries.clusters(level, form, closed)
        else:
            statement = by_areas(level, _level_to_count(own, form) if total > MOST_LOCATED else None, form, closed)
        rows = await ask(statement, values)
    shown = [_case(row, timezone) if few else _point(row) for row in rows]
    told = {"total": total, "as_of": iso(own["as_of"], timezone), "live": own["live"], "singly": singly, "rows": shown}
    return Found({"kind": "points" if few else "clusters", **told}, None if own["live"] else version_of("cases", own["versions"]))


def _level_to_count(own: RowMapping, form: tuple[bool, bool]) -> str | None:
    """The finest level inside an area whose areas hold the sums that these filters read: cells hold days nearly as sparse as cases."""
    summed = [level for level in levels_below(own["level"], own["level_names"]) if level in levels_with_sums(form)]
    return summed[-1] if summed else None


def _case(row: RowMapping, timezone: str) -> dict[str, Any]:
    """A case with its moments as the city writes them."""
    return {**_point(row), **{name: iso(row[name], timezone) if row[name] else None for name in ("reported_at", "due_at")}}


def _point(row: RowMapping) -> dict[str, Any]:
    """A row with its place as plain numbers and its columns as plain strings."""
    return {**{str(key): value for key, value in row.items()}, "lon": float(row["lon"]), "lat": float(row["lat"])}


async def facilities(code: str, viewer: Viewer) -> Found:
    """Facilities in an area, rare kinds first, at most 4,000: ``{"rows": [{key, lon, lat, name, kind, kind_en, symbol}], "cut"}``.

    Raises:
        UnknownArea, OutOfScope, Nowhere: see ``data.figures.scope.no_area``.
    """
    async with open_snapshot(viewer) as ask:
        own = await _one(code, ask, viewer)
        rows = await ask(queries.facilities(own["level"], MOST_FACILITIES + 1), {"code": code, "path": own["path"]})
    shown = [_point(row) for row in rows[:MOST_FACILITIES]]
    return Found({"rows": shown, "cut": len(rows) > MOST_FACILITIES}, version_of("facilities", own["versions"]))


async def water_names(code: str, viewer: Viewer) -> Found:
    """Where names of rivers and lakes of an area's city lie: ``{"rows": [{text, lon, lat, angle, width_m}]}``. Everybody's base map.

    Raises:
        UnknownArea, OutOfScope, Nowhere: see ``data.figures.scope.no_area``.
    """
    async with open_snapshot(viewer) as ask:
        own = await _one(code, ask, viewer, named=True)
        rows = await ask(queries.waters(own["city"]))
    pairs = [(str(row["name"]), bytes(row["wkb"])) for row in rows]
    return Found({"rows": await asyncio.to_thread(names_on, pairs)}, version_of("water_names", own["versions"]))
