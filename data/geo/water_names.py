"""Places the names of rivers: in the middle of the water, along its course.

A surface is cut by lines across its long axis; the middles of the cuts are its course. Names are placed where the water is wide, some
kilometres apart.
"""

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import shapely
from shapely import affinity
from shapely.geometry import LineString
from shapely.geometry.base import BaseGeometry

APART_M = 3_600.0
NARROWEST_M = 60.0
STEP_M = 150.0
_EARTH_M = 6378137.0
MOST_CUTS = 400


def place_water_names(waters: Sequence[tuple[str, bytes]]) -> list[dict[str, Any]]:
    """Places of names for (name, WKB in EPSG:3857): text, lon, lat, angle in degrees (counter-clockwise from east), width in metres."""
    return _found(tuple(waters))


@lru_cache(maxsize=8)
def _found(waters: tuple[tuple[str, bytes], ...]) -> list[dict[str, Any]]:
    """Cached: every page of a city needs the same names, and computing them takes a hundred times as long as a look-up."""
    by_name: dict[str, list[BaseGeometry]] = {}
    for name, wkb in waters:
        shape = shapely.from_wkb(wkb)
        if shape.area > 0:
            by_name.setdefault(name, []).append(shape)
    found: list[dict[str, Any]] = []
    for name, shapes in by_name.items():
        found.extend(_along(name, shapely.union_all(shapes)))
    return found


def _along(name: str, water: BaseGeometry) -> list[dict[str, Any]]:
    course = _course(water)
    placed: list[dict[str, Any]] = []
    spots: list[tuple[float, float]] = []
    # Widest places first; the next name keeps its distance.
    for i in sorted(range(1, len(course) - 1), key=lambda i: -course[i][2]):
        x, y, width = course[i]
        shrink = math.cos(2 * math.atan(math.exp(y / _EARTH_M)) - math.pi / 2)
        if width * shrink < NARROWEST_M or any(math.dist((x, y), spot) * shrink < APART_M for spot in spots):
            continue
        before, after = course[max(0, i - 2)], course[min(len(course) - 1, i + 2)]
        angle = math.degrees(math.atan2(after[1] - before[1], after[0] - before[0]))
        spots.append((x, y))
        placed.append(_place(name, x, y, (angle + 90) % 180 - 90, width * shrink))
    return placed


def _place(name: str, x: float, y: float, angle_deg: float, width_m: float) -> dict[str, Any]:
    lon = math.degrees(x / _EARTH_M)
    lat = math.degrees(2 * math.atan(math.exp(y / _EARTH_M)) - math.pi / 2)
    return {"text": name, "lon": round(lon, 6), "lat": round(lat, 6), "angle": round(angle_deg, 1), "width_m": round(width_m)}


def _course(water: BaseGeometry) -> list[tuple[float, float, float]]:
    """(x, y, width) of the middles of cuts across the long axis of the water, in order along it."""
    box = shapely.oriented_envelope(water)
    if box.geom_type != "Polygon":
        return []
    corners = shapely.get_coordinates(box)[:4]
    sides = [(math.dist(corners[i], corners[i + 1]), i) for i in (0, 1)]
    length, longest = max(sides)
    turn = math.degrees(math.atan2(*(corners[longest + 1] - corners[longest])[::-1]))
    centre = (float(corners[:, 0].mean()), float(corners[:, 1].mean()))
    level = affinity.rotate(water, -turn, origin=centre)
    west, south, east, north = level.bounds
    step = max(STEP_M, length / MOST_CUTS)
    found = []
    for k in range(1, int((east - west) / step)):
        x = west + k * step
        cut = level.intersection(LineString([(x, south - 1), (x, north + 1)]))
        pieces = [piece for piece in shapely.get_parts(cut) if piece.length > 0]
        if pieces:
            widest = max(pieces, key=lambda piece: piece.length)
            middle = affinity.rotate(widest.centroid, turn, origin=centre)
            found.append((middle.x, middle.y, widest.length))
    return found
