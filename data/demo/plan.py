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

from data.demo.cutting import Cutting, Ground, Piece, cut, merge
from data.demo.frame import CENTRE, COUNTRY_M, Floats, Scale, dice
from data.demo.water import Waters, spline, waters

_SQUARENESS = 3.2
_WIDE, _TALL = 1.12, 0.94
_WOBBLE = (
    ((2, 0.3, 0.03), (3, 1.1, 0.03)),
    ((2, 1.3, 0.035), (3, 0.2, 0.03), (5, 2.0, 0.015)),
    ((2, 2.1, 0.03), (3, 0.9, 0.035), (4, 1.0, 0.02)),
    ((2, 0.8, 0.04), (3, 2.6, 0.05), (5, 0.4, 0.03), (9, 1.7, 0.012)),
)
_FAR_M = 26_000.0


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


def reach(x: Floats | float, y: Floats | float) -> Floats:
    """Distance from the crossroads as the rings measure it: about constant along a ring road, metres."""
    dx, dy = np.abs((np.asarray(x) - CENTRE[0]) / _WIDE), np.abs((np.asarray(y) - CENTRE[1]) / _TALL)
    return np.asarray((dx**_SQUARENESS + dy**_SQUARENESS) ** (1 / _SQUARENESS))


def _on_ring(radius_m: float, wobble: int, angle: float) -> tuple[float, float]:
    r = radius_m / (abs(math.cos(angle)) ** _SQUARENESS + abs(math.sin(angle)) ** _SQUARENESS) ** (1 / _SQUARENESS)
    r *= 1 + sum(math.sin(angle * f + phase) * size for f, phase, size in _WOBBLE[wobble])
    return CENTRE[0] + r * math.cos(angle) * _WIDE, CENTRE[1] + r * math.sin(angle) * _TALL


def _ring(radius_m: float, wobble: int) -> Floats:
    return np.array([_on_ring(radius_m, wobble, 2 * math.pi * i / 120) for i in range(120)])


def _radials(scale: Scale, rng: np.random.Generator) -> list[LineString]:
    """Roads from the crossroads to the first ring, from ring to ring, and out into the country."""
    lines = []
    for band, number in enumerate(scale.radials):
        for k in range(number):
            angle = 0.04 + 0.07 * band + 2 * math.pi * k / number + rng.normal(0, 0.03)
            start = np.array(CENTRE if band == 0 else _on_ring(scale.rings_m[band - 1], band - 1, angle))
            if band < 3:
                end = np.array(_on_ring(scale.rings_m[band], band, angle + rng.normal(0, 0.04)))
            else:
                end = np.array(CENTRE) + _FAR_M * np.array([math.cos(angle), math.sin(angle)])
            away = (end - start) / np.hypot(*(end - start))
            middle = (start + end) / 2 + rng.normal(0, 30 if band == 0 else 60, 2)
            curve = spline([tuple(start), tuple(middle), tuple(end)], 10)
            # A little beyond both ends, so that the crossing with the ring is a crossing.
            tails = [curve[:1] - 30 * away * (band > 0), curve, curve[-1:] + 30 * away]
            lines.append(LineString(np.vstack(tails)))
    return lines


def grain(shape: Polygon, scale: Scale) -> float:
    """How much coarser the fabric is here than downtown: 1 inside the outer ring, about 5 at the city's edge."""
    at = shape.centroid
    outside = (float(reach(at.x, at.y)) - 0.94 * scale.rings_m[2]) / (scale.edge_m - scale.rings_m[2])
    return 1 + 4.5 * min(1.0, max(0.0, outside)) ** 1.2


def _faces(scale: Scale, main: list[LineString], edge: Polygon, water: Waters, ground: Ground) -> list[Polygon]:
    """Streets: what the main roads and the river's bed enclose. The lake belongs to one of them whole."""
    lines = [*main, edge.boundary, water.bed]
    if water.lake.within(edge):
        lines = [line.difference(water.lake) for line in lines] + [water.lake.boundary]
    # The roads run on beyond the edge: clipped lines would end a hair short of it and close nothing.
    faces = [face for face in polygonize(shapely.union_all(lines).geoms) if edge.contains(face.representative_point())]
    faces = merge(faces, scale.streets, ground, water.bed.buffer(2))
    return sorted(faces, key=lambda s: float(reach(s.centroid.x, s.centroid.y)))


def _with_lake(pieces: list[Piece], lake: Polygon) -> list[Piece]:
    """The lake joins the piece it shares the longest shore with."""
    shores = [piece.shape.boundary.intersection(lake.boundary).length for piece in pieces]
    best = int(np.argmax(shores))
    joined = Piece(pieces[best].shape.union(lake), pieces[best].parent)
    return [*pieces[:best], joined, *pieces[best + 1 :]]


def make_plan(scale: Scale) -> Plan:
    """Draw the city; the same every time."""
    rng = dice(1)
    water = waters()
    edge = Polygon(_ring(scale.edge_m, 3)).buffer(0)
    rings = [LineString(np.vstack([ring, ring[:1]])) for ring in (_ring(r, i) for i, r in enumerate(scale.rings_m))]
    main = rings + _radials(scale, rng)
    shapely.prepare(water.everything)

    def ground(shape: Polygon) -> BaseGeometry:
        return shape.difference(water.everything) if water.everything.intersects(shape) else shape

    def level(count: int, stray: float, bend: float) -> Cutting:
        return Cutting(count, ground, lambda shape: grain(shape, scale), stray, bend)

    streets = _faces(scale, main, edge, water, ground)
    has_lake = water.lake.within(edge)
    dry = [s.difference(water.lake) for s in streets] if has_lake else streets
    communities, cuts_1 = cut(dry, level(scale.communities, 0.05, 0.04), rng)
    cells, cuts_2 = cut([p.shape for p in communities], level(scale.cells - has_lake, 0.06, 0.02), rng)
    if has_lake:
        # An exclusive cell of its own: cells that each held a strip of the lake would be slivers.
        communities = _with_lake(communities, water.lake)
        owner = next(i for i, piece in enumerate(communities) if piece.shape.contains(water.lake.representative_point()))
        cells = sorted([*cells, Piece(water.lake, owner)], key=lambda p: p.parent)
    blocks, cuts_3 = cut([p.shape for p in cells], level(scale.blocks, 0.05, 0.0), rng)
    return Plan(scale, water, edge, main, streets, communities, cells, blocks, {1: cuts_1, 2: cuts_2, 3: cuts_3})


def country() -> Polygon:
    """The square that the base map fills."""
    return box(-COUNTRY_M, -COUNTRY_M, COUNTRY_M, COUNTRY_M)
