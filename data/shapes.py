"""What the map fetches besides tiles, ready for JSON: area polygons, cases, facilities, and names on water."""

import asyncio
from collections.abc import Sequence
from typing import Any

import shapely
from sqlalchemy import RowMapping

from data.clock import iso
from data.db import asking, fetch
from data.errors import BadInput, UnknownArea
from data.period import DEFAULT_DAYS, Period
from data.queries import shapes as queries
from data.queries.figures import Counting, Filters
from data.schema import LEVELS
from data.text import could_be_code
from data.viewer import Viewer
from data.waters import names_on

MOST_CASES = 2_000
MOST_FACILITIES = 4_000
MOST_CORNERS = 40_000
"""Beyond this many corners an answer is simplified; neighbours keep their common border."""
DECIMALS = 6
SHAPE_LEVELS = (*LEVELS, "zone", "self")


async def _one(code: str, viewer: Viewer) -> RowMapping:
    rows = await fetch(queries.one(code), viewer) if could_be_code(code) else []
    if not rows:
        raise UnknownArea(code=code[:60])
    return rows[0]


async def polygons(code: str, level: str, viewer: Viewer) -> dict[str, Any]:
    """The areas of one level inside an area, as ``{"areas": [{code, name, name_en, path, drill, origin, at, polygons}]}``.

    ``polygons`` holds, for each part, its rings of [lon, lat]; ``drill`` is the code that a click inside opens.

    Raises:
        UnknownArea: no area has this code.
        BadInput: no level has this name.
    """
    if level not in SHAPE_LEVELS:
        raise BadInput(field="level", value=level[:60], reason="it does not have the right form")
    own = await _one(code, viewer)
    rows = await fetch(queries.polygons(code, own["level"], level), viewer)
    return {"areas": await asyncio.to_thread(_shaped, rows)}


def _shaped(rows: Sequence[RowMapping]) -> list[dict[str, Any]]:
    drawn = _simpler(shapely.from_wkb([bytes(row["wkb"]) for row in rows]))
    named = ("code", "name", "name_en", "level", "origin", "path", "drill", "at")
    return [{**{key: row[key] for key in named}, "polygons": _rings(shape)} for row, shape in zip(rows, drawn, strict=True)]


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


async def cases(code: str, period: Period | None, filters: Filters, closed: bool, viewer: Viewer) -> dict[str, Any]:
    """Cases one by one, or counted in cells where there are more than 2,000.

    Returns:
        ``{"kind": "points", "total", "as_of", "live", "rows": [...]}`` or ``{"kind": "clusters", …, "rows": [{n, overdue, lon, lat}]}``.
        Times are ISO 8601 in the city's own time zone; ``live`` says that deadline states change with the clock.

    Raises:
        UnknownArea: no area has this code.
    """
    own = await _one(code, viewer)
    today, timezone = own["today"], own["timezone"]
    counting = Counting(period or Period.last_days(DEFAULT_DAYS, today), filters, own["as_of"], today, timezone)
    stands_for = {"as_of": iso(own["as_of"], timezone), "live": own["live"]}
    async with asking(viewer) as ask:
        rows = await ask(queries.cases(code, own["level"], counting, closed, MOST_CASES + 1))
        if len(rows) <= MOST_CASES:
            return {"kind": "points", "total": len(rows), **stands_for, "rows": [_case(row, timezone) for row in rows]}
        counted = await ask(queries.clusters(code, own["level"], counting, closed))
    total = sum(row["n"] for row in counted)
    return {"kind": "clusters", "total": total, **stands_for, "rows": [_point(row) for row in counted]}


def _case(row: RowMapping, timezone: str) -> dict[str, Any]:
    """A case with its moments as the city writes them."""
    return {**_point(row), **{name: iso(row[name], timezone) if row[name] else None for name in ("reported_at", "due_at")}}


def _point(row: RowMapping) -> dict[str, Any]:
    """A row with its place as plain numbers and its columns as plain strings."""
    return {**{str(key): value for key, value in row.items()}, "lon": float(row["lon"]), "lat": float(row["lat"])}


async def facilities(code: str, viewer: Viewer) -> dict[str, Any]:
    """Facilities in an area, rare kinds first, at most 4,000: ``{"rows": [{key, lon, lat, name, kind, kind_en, symbol}], "cut"}``.

    Raises:
        UnknownArea: no area has this code.
    """
    own = await _one(code, viewer)
    rows = await fetch(queries.facilities(code, own["level"], MOST_FACILITIES + 1), viewer)
    shown = [_point(row) for row in rows[:MOST_FACILITIES]]
    return {"rows": shown, "cut": len(rows) > MOST_FACILITIES}


async def water_names(code: str, viewer: Viewer) -> dict[str, Any]:
    """Where names of rivers and lakes lie on the water: ``{"rows": [{text, lon, lat, angle, width_m}]}``.

    Raises:
        UnknownArea: no area has this code.
    """
    own = await _one(code, viewer)
    rows = await fetch(queries.waters(own["city"]), viewer)
    pairs = [(str(row["name"]), bytes(row["wkb"])) for row in rows]
    return {"rows": await asyncio.to_thread(names_on, pairs)}
