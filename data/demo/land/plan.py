"""The plan of the demo city, in metres: ring roads and radials, and the land between them cut into areas that nest.

Every border is a road or the river's bed, and every area is cut from the one above it, so the levels tile by construction.
"""

import math
from dataclasses import dataclass

import numpy as np
import shapely
from shapely import LineString, Polygon, box
from shapely.geometry.base import BaseGeometry
from shapely.ops import polygonize

from data.demo.common.frame import CENTRE, Floats, make_dice
from data.demo.common.scale import Scale
from data.demo.land.cutting import Cutting, Ground, Piece, cut_shapes, merge_pieces
from data.demo.land.water import Waters, make_spline, make_waters

_SQUARENESS = 3.2
_WIDE, _TALL = 1.12, 0.94
_WOBBLE = (
    ((2, 0.3, 0.03), (3, 1.1, 0.03)),
    ((2, 1.3, 0.035), (3, 0.2, 0.03), (5, 2.0, 0.015)),
    ((2, 2.1, 0.03), (3, 0.9, 0.035), (4, 1.0, 0.02)),
    ((2, 0.8, 0.04), (3, 2.6, 0.05), (5, 0.4, 0.03), (9, 1.7, 0.012)),
)
_FAR = 1.625
"""Radials end so far out, as a multiple of the reach of the base map: beyond its corners."""
_JOIN_RAD = 0.16


@dataclass(frozen=True, slots=True)
class Plan:
    """Areas from large to small; each piece knows the index of its parent one level up.

    ``cuts`` are the lines between pieces by level (1 communities, 2 cells, 3 blocks), each with the index of the parent.
    """

    scale: Scale
    waters: Waters
    edge: Polygon
    main: list[LineString]
    streets: list[Polygon]
    communities: list[Piece]
    cells: list[Piece]
    blocks: list[Piece]
    cuts: dict[int, list[tuple[LineString, int]]]

    @property
    def outer_ring(self) -> Polygon:
        """What the outer ring road encloses."""
        return Polygon(self.main[len(self.scale.rings_m) - 1].coords)

    @property
    def country(self) -> Polygon:
        """The square that the base map fills."""
        reach_m = self.scale.country_m
        return box(-reach_m, -reach_m, reach_m, reach_m)


def measure_reach(x: Floats | float, y: Floats | float) -> Floats:
    """Distance from the crossroads as the rings measure it: about constant along a ring road, metres."""
    dx, dy = np.abs((np.asarray(x) - CENTRE[0]) / _WIDE), np.abs((np.asarray(y) - CENTRE[1]) / _TALL)
    return np.asarray((dx**_SQUARENESS + dy**_SQUARENESS) ** (1 / _SQUARENESS))


def _on_ring(radius_m: float, wobble: int, angle: float) -> tuple[float, float]:
    r = radius_m / (abs(math.cos(angle)) ** _SQUARENESS + abs(math.sin(angle)) ** _SQUARENESS) ** (1 / _SQUARENESS)
    r *= 1 + sum(math.sin(angle * f + phase) * size for f, phase, size in _WOBBLE[wobble])
    return CENTRE[0] + r * math.cos(angle) * _WIDE, CENTRE[1] + r * math.sin(angle) * _TALL


def _wobble(ring: int) -> int:
    """Index of a ring's shape; the last one is the edge's."""
    return ring % (len(_WOBBLE) - 1)


def _ring(radius_m: float, wobble: int) -> Floats:
    return np.array([_on_ring(radius_m, wobble, 2 * math.pi * i / 120) for i in range(120)])


def _radials(scale: Scale, rng: np.random.Generator) -> list[LineString]:
    """Roads from the crossroads to the first ring, from ring to ring, and out into the country; where one ends near, the next goes on."""
    lines = []
    ended = np.empty(0)
    for band, number in enumerate(scale.radials):
        ends = []
        apart = 2 * math.pi / number
        for k in range(number):
            angle = 0.04 + 0.03 * band + 2 * math.pi * k / number + rng.normal(0, min(0.03, apart / 16))
            gaps = np.abs((ended - angle + math.pi) % (2 * math.pi) - math.pi)
            if len(gaps) and gaps.min() < min(_JOIN_RAD, 0.36 * apart):
                angle = float(ended[gaps.argmin()])
            ends.append(angle + rng.normal(0, min(0.04, apart / 12)))
            lines.append(_radial(scale, band, angle, ends[-1], rng))
        ended = np.array(ends)
    return lines


def _radial(scale: Scale, band: int, angle: float, end_angle: float, rng: np.random.Generator) -> LineString:
    """One curved road through a band; it begins and ends a little beyond the rings, so that the crossings are crossings."""
    start = np.array(CENTRE if band == 0 else _on_ring(scale.rings_m[band - 1], _wobble(band - 1), angle))
    if band < len(scale.rings_m):
        end = np.array(_on_ring(scale.rings_m[band], _wobble(band), end_angle))
    else:
        end = np.array(CENTRE) + _FAR * scale.country_m * np.array([math.cos(angle), math.sin(angle)])
    away = (end - start) / np.hypot(*(end - start))
    middle = (start + end) / 2 + rng.normal(0, (30 if band == 0 else 60) * max(1.0, scale.size), 2)
    curve = make_spline([tuple(start), tuple(middle), tuple(end)], 10)
    return LineString(np.vstack([curve[:1] - 30 * away * (band > 0), curve, curve[-1:] + 30 * away]))


def measure_grain(shape: Polygon, scale: Scale) -> float:
    """How much coarser the fabric is here than downtown: 1 inside the outer ring, about 5 at the city's edge."""
    at = shape.centroid
    outside = (float(measure_reach(at.x, at.y)) - 0.94 * scale.outer_m) / (scale.edge_m - scale.outer_m)
    return float(1 + 4.5 * min(1.0, max(0.0, outside)) ** 1.2)


def _faces(scale: Scale, main: list[LineString], edge: Polygon, water: Waters, ground: Ground) -> list[Polygon]:
    """Streets: what the main roads and the river's bed enclose. The lake belongs to one of them whole."""
    lake = [water.lake.boundary] if water.lake.within(edge) else []
    # Whole lines, though only parts are wanted: clipped ones would end a hair short of what they meet, and close nothing.
    every = np.array(list(polygonize(shapely.union_all([*main, edge.boundary, water.bed, *lake]).geoms)))
    inside = shapely.point_on_surface(every)
    of_lake = shapely.within(inside, water.lake) & bool(lake)
    faces = list(every[shapely.within(inside, edge) & ~of_lake])
    if lake:
        faces.append(shapely.union_all(every[of_lake]))
    faces = merge_pieces(faces, scale.streets, ground, water.bed.buffer(2))
    return sorted(faces, key=lambda s: float(measure_reach(s.centroid.x, s.centroid.y)))


def _without(shape: Polygon, lake: Polygon) -> Polygon:
    """A street's dry part; hair-thin leftovers of the shore are dropped, the tiling closes them."""
    return max(shapely.get_parts(shape.difference(lake)), key=lambda part: float(part.area))


def _shore(pieces: list[Piece], lake: Polygon) -> int:
    """Index of the piece with the longest shore."""
    strip = lake.buffer(1)
    return int(np.argmax(shapely.length(shapely.intersection(strip, [piece.shape.boundary for piece in pieces]))))


def make_plan(scale: Scale) -> Plan:
    """Draw the city; the same every time."""
    rng = make_dice(1)
    water = make_waters(scale.water)
    edge = Polygon(_ring(scale.edge_m, 3)).buffer(0)
    rings = [LineString(np.vstack([ring, ring[:1]])) for ring in (_ring(r, _wobble(i)) for i, r in enumerate(scale.rings_m))]
    main = rings + _radials(scale, rng)
    shapely.prepare(water.everything)

    def ground(shape: Polygon) -> BaseGeometry:
        return shape.difference(water.everything) if water.everything.intersects(shape) else shape

    def level(count: int, stray: float, bend: float) -> Cutting:
        return Cutting(count, ground, lambda shape: measure_grain(shape, scale), stray, bend)

    streets = _faces(scale, main, edge, water, ground)
    has_lake = water.lake.within(edge)
    dry = [_without(street, water.lake) for street in streets] if has_lake else streets
    communities, cuts_1 = cut_shapes(dry, level(scale.communities, 0.05, 0.04), rng)
    cells, cuts_2 = cut_shapes([p.shape for p in communities], level(scale.cells - has_lake, 0.06, 0.02), rng)
    if has_lake:
        # An exclusive cell of its own: cells that each held a strip of the lake would be slivers.
        cells = sorted([*cells, Piece(water.lake, _shore(communities, water.lake))], key=lambda p: p.parent)
    blocks, cuts_3 = cut_shapes([p.shape for p in cells], level(scale.blocks, 0.05, 0.0), rng)
    return Plan(scale, water, edge, main, streets, communities, cells, blocks, {1: cuts_1, 2: cuts_2, 3: cuts_3})
