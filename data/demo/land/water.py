"""River, tributary, lake, pond and island: where the city cannot be built."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely import LineString, MultiPolygon, Point, Polygon, affinity

from data.demo.common.frame import CENTRE, Floats

_RIVER = [
    (-19000, 2100),
    (-14500, 1500),
    (-9000, 2300),
    (-6600, 1750),
    (-4300, 350),
    (-2300, -750),
    (-300, -720),
    (1500, -330),
    (3300, 700),
    (5100, 850),
    (7200, -450),
    (9500, -900),
    (14500, 300),
    (19000, -400),
]
_TRIBUTARY = [(3900, 18000), (3300, 10500), (3000, 6200), (3500, 4300), (2700, 2900), (2500, 1500), (2250, 100)]
_LAKE = [
    (3600, -2700),
    (4300, -2250),
    (5250, -2350),
    (5500, -3000),
    (5000, -3650),
    (4300, -3500),
    (3750, -3800),
    (3250, -3300),
    (3600, -2700),
]
_ISLAND = (-1150.0, -800.0)
_POND = (-3050.0, 3000.0)


@dataclass(frozen=True, slots=True)
class Waters:
    """Water on the plan; ``bed`` is the line in the river along which areas meet."""

    river: Polygon
    bed: LineString
    tributary: Polygon
    lake: Polygon
    pond: Polygon
    island: Polygon
    everything: MultiPolygon


def make_spline(points: Sequence[tuple[float, float]], steps: int = 24) -> Floats:
    """A Catmull-Rom curve through all points, ``steps`` vertices a span."""
    given = np.array(points, float)
    held = np.vstack([2 * given[0] - given[1], given, 2 * given[-1] - given[-2]])
    t = np.linspace(0, 1, steps, endpoint=False)[:, None]
    spans = []
    for i in range(1, len(held) - 2):
        a, b, c, d = held[i - 1 : i + 3]
        spans.append(0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - 3 * c + d - a) * t**3))
    return np.vstack([*spans, held[-2][None]])


def _ribbon(line: Floats, half_width: Callable[[float], float]) -> Polygon:
    """A line given a width that changes along it."""
    pieces = [LineString(line[i : i + 2]).buffer(half_width(i / len(line))) for i in range(len(line) - 1)]
    return shapely.union_all(pieces)


def _river_half_width(t: float) -> float:
    return 165 + 45 * math.sin(t * 15) + 60 * math.exp(-(((t - 0.486) / 0.04) ** 2))


def make_waters(size: float = 1.0) -> Waters:
    """The demo city's waters; around a city ``size`` times as large they are as much longer, and wider by its root."""
    broad = size**0.5

    def at(point: tuple[float, float]) -> tuple[float, float]:
        # As given for the full city: no rounding may come between.
        return point if size == 1 else (CENTRE[0] + (point[0] - CENTRE[0]) * size, CENTRE[1] + (point[1] - CENTRE[1]) * size)

    def ellipse(centre: tuple[float, float], quarter: int, long_m: float, wide_m: float, turned: float) -> Polygon:
        return affinity.rotate(affinity.scale(Point(at(centre)).buffer(1, quarter), long_m * size, wide_m * broad), turned)

    line = make_spline([at(p) for p in _RIVER])
    river = _ribbon(line, lambda t: _river_half_width(t) * broad).simplify(6)
    island = ellipse(_ISLAND, 32, 620, 80, 3)
    tributary = _ribbon(make_spline([at(p) for p in _TRIBUTARY]), lambda t: (24 + 26 * t) * broad).simplify(3)
    lake = Polygon(make_spline([at(p) for p in _LAKE], 16)).buffer(0)
    pond = ellipse(_POND, 24, 330, 150, 25)
    # Areas meet in the main channel, north of the island, so that the island belongs to one of them.
    channel = 150 * broad * np.exp(-(((line[:, 0] - at(_ISLAND)[0]) / (800 * size)) ** 2))
    bed = line + np.column_stack([np.zeros(len(line)), channel])
    everything = shapely.union_all([river, tributary, lake, pond]).difference(island)
    return Waters(river, LineString(bed), tributary, lake, pond, island, everything)
