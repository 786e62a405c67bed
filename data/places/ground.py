"""What a printed map shows besides areas and cases: water, main roads, and the largest buildings."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import shapely
from sqlalchemy import RowMapping

from data.core.viewer import Viewer
from data.database.transactions import open_snapshot
from data.figures.questions import fetch_area
from data.queries import outlines as queries

MAIN_ROADS, ALL_ROADS = 2, 3
"""The least important roads that are wanted."""
MOST_BUILDINGS = 3_000

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Ground:
    """Surfaces of water, and roads with their width in metres; EPSG:4326."""

    water: tuple[shapely.Geometry, ...]
    roads: tuple[tuple[shapely.Geometry, float], ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """A building: footprint in EPSG:4326, height in metres, and the path of its cell."""

    shape: shapely.Geometry
    height_m: float
    path: str


async def fetch_ground(code: str, box: Box, rank: int, viewer: Viewer) -> Ground:
    """Water and roads in a box, which everybody may see.

    Args:
        code: an area of the city whose base map is wanted.
        box: west, south, east and north in degrees; where west is greater than east, it crosses the 180th meridian.
        rank: the least important roads that are wanted, 1 to 3.
        viewer: who asks.

    Raises:
        UnknownArea, OutOfScope, Nowhere: see ``data.figures.scope.explain_missing_area``.
    """
    west, south, east, north = box
    if west > east:
        west, east = -180.0, 180.0
    ends = {"west": west, "south": max(south, -85.0), "east": east, "north": min(north, 85.0)}
    async with open_snapshot(viewer) as ask:
        own = await fetch_area(ask, code, viewer)
        rows = await ask(queries.base_in_box(), {"city": own["city_code"], "rank": rank, **ends})
    return await asyncio.to_thread(_read_ground, rows)


def _read_ground(rows: Sequence[RowMapping]) -> Ground:
    shapes = shapely.from_wkb([bytes(row["wkb"]) for row in rows])
    water = tuple(shape for row, shape in zip(rows, shapes, strict=True) if row["kind"] == "water" and not shape.is_empty)
    roads = ((shape, row["width_m"] or 0.0) for row, shape in zip(rows, shapes, strict=True) if row["kind"] == "road")
    return Ground(water, tuple((shape, width_m) for shape, width_m in roads if not shape.is_empty))


async def fetch_largest_buildings(code: str, viewer: Viewer) -> tuple[list[Standing], int]:
    """The largest buildings of an area, at most ``MOST_BUILDINGS``, and how many there are.

    Raises:
        UnknownArea, OutOfScope, Nowhere: see ``data.figures.scope.explain_missing_area``.
    """
    async with open_snapshot(viewer) as ask:
        own = await fetch_area(ask, code, viewer)
        rows = await ask(queries.largest_buildings(own["level"], MOST_BUILDINGS), {"code": code, "path": own["path"]})
    shapes = shapely.from_wkb([bytes(row["wkb"]) for row in rows])
    found = [Standing(shape, float(row["height_m"]), row["path"]) for row, shape in zip(rows, shapes, strict=True)]
    return found, rows[0]["total"] if rows else 0
