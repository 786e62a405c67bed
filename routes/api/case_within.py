"""The polygon that somebody has drawn on a map, as an address holds it: its corners one after the other, `lon,lat,lon,lat,…`."""

import math

import shapely
from shapely.affinity import translate
from shapely.geometry.base import BaseGeometry

from data.core.errors import BadInput

MOST_DRAWN = 200
"""Corners: more nobody draws, and the address of a list stays short enough to be sent to others."""
LONGEST_WITHIN = 8_000
_DECIMALS = 9
_WEB_MERCATOR_ENDS = 85
"""Things are found in Web Mercator, which ends at 85.06 degrees."""

WITHIN_REASONS = {
    "corners": "a polygon has at least three corners",
    "many": "a drawn polygon has at most 200 corners",
    "world": "a polygon cannot go around the whole world",
    "line": "the corners lie on one line",
    "crossed": "the sides of the polygon cross each other",
    "form": "write the corners as lon,lat,lon,lat,… in degrees",
    "far": "longitudes lie between -180 and 180, latitudes between -85 and 85",
}


def parse_within(text: str) -> str:
    """A drawn polygon as WKT, in degrees (WGS 84).

    A side takes the shorter way around the world, so a polygon may lie across the 180th meridian; it is then answered in two parts. Whether
    the first corner comes once more at the end makes no difference.

    Args:
        text: longitude and latitude of each corner in turn, with commas between all of them.

    Raises:
        BadInput: it is no polygon that can be used; the sentence says why.
    """
    corners = _read_corners(text)
    if len(corners) > 1 and corners[0] == corners[-1]:
        corners.pop()
    if len(set(corners)) < 3:
        raise _refuse(text, "corners")
    if len(corners) > MOST_DRAWN:
        raise _refuse(text, "many")
    ring = _unwind(corners)
    if abs(_turn(ring[0][0], ring[-1][0]) - ring[0][0]) > 1e-6:
        raise _refuse(text, "world")
    shape = shapely.Polygon(ring)
    if shape.convex_hull.area == 0:
        raise _refuse(text, "line")
    if not shape.is_valid:
        raise _refuse(text, "crossed")
    return str(shapely.to_wkt(_split(shape), rounding_precision=_DECIMALS))


def _read_corners(text: str) -> list[tuple[float, float]]:
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        raise _refuse(text, "form") from None
    if len(numbers) % 2 or not all(map(math.isfinite, numbers)):
        raise _refuse(text, "form")
    corners = list(zip(numbers[::2], numbers[1::2], strict=True))
    if any(abs(lon) > 180 or abs(lat) > _WEB_MERCATOR_ENDS for lon, lat in corners):
        raise _refuse(text, "far")
    return corners


def _turn(lon: float, before: float) -> float:
    """The same longitude, on the turn of the world that lies nearest to another one."""
    return lon + 360 * round((before - lon) / 360)


def _unwind(corners: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """The corners with longitudes that go on beyond 180 degrees where a side crosses that meridian."""
    ring = [corners[0]]
    for lon, lat in corners[1:]:
        ring.append((_turn(lon, ring[-1][0]), lat))
    return ring


def _split(shape: shapely.Polygon) -> BaseGeometry:
    """The polygon cut at the 180th meridian, each part between -180 and 180 degrees."""
    west, _, east, _ = shape.bounds
    if west >= -180 and east <= 180:
        return shape
    parts = [translate(shape, turn * 360).intersection(shapely.box(-180, -90, 180, 90)) for turn in (-1, 0, 1)]
    surfaces = [one for part in parts for one in shapely.get_parts(part) if one.geom_type == "Polygon"]
    return shapely.MultiPolygon(surfaces)


def _refuse(text: str, why: str) -> BadInput:
    return BadInput(field="within", value=text[:60], reason=WITHIN_REASONS[why])
