"""Cutting land: pieces are halved until there are as many as asked, small ones are merged."""

import heapq
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import shapely
from shapely import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from data.demo.common.frame import Floats

_FAIR = 0.36
"""A cut is taken at once when the smaller half has this share of the land."""
_WORST = 0.16
_TRIES = 5

Measure = Callable[[Polygon], float]
Ground = Callable[[Polygon], BaseGeometry]


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of land and the index of the larger piece it was cut from."""

    shape: Polygon
    parent: int


@dataclass(frozen=True, slots=True)
class Cutting:
    """How one level is cut.

    Attributes:
        count: number of pieces.
        ground: the dry ground of a shape.
        wish: how much of it a piece should have here, relative to elsewhere.
        stray, bend: how far a cut may stray, as shares of the side lengths.
        far_m: a distance in metres that no piece reaches.
    """

    count: int
    ground: Ground
    wish: Measure
    stray: float
    bend: float
    far_m: float = 30_000.0


def find_long_axis(shape: BaseGeometry) -> tuple[Floats, Floats, float, float]:
    """Unit vectors along and across the longest side of the smallest box around a shape, and the box's two lengths."""
    corners = shapely.get_coordinates(shapely.oriented_envelope(shape))[:4]
    first, second = corners[1] - corners[0], corners[2] - corners[1]
    a, b = float(np.hypot(*first)), float(np.hypot(*second))
    if a >= b:
        return first / a, second / b, a, b
    return second / b, first / a, b, a


def _halve(shape: Polygon, how: Cutting, rng: np.random.Generator) -> tuple[float, Polygon, Polygon, LineString] | None:
    """The best of a few cuts across the longest side: share of the smaller half, the halves, the line."""
    ground = how.ground(shape)
    along, across, length, width = find_long_axis(ground)
    middle = shapely.get_coordinates(ground.centroid)[0]
    far = how.far_m
    best = None
    for attempt in range(_TRIES):
        if attempt == _TRIES - 2:
            along, across = across, along
        origin = middle + along * rng.normal(0, how.stray) * length
        direction = across + along * rng.normal(0, 0.03)
        knee = origin + along * rng.normal(0, how.bend) * width
        line = np.array([origin - direction * far, knee, origin + direction * far])
        half = Polygon(np.vstack([line, line[::-1][[0, 2]] + along * far]))
        a, b = shape.intersection(half), shape.difference(half)
        if a.geom_type != "Polygon" or b.geom_type != "Polygon":
            continue
        land_a, land_b = how.ground(a).area, how.ground(b).area
        share = min(land_a, land_b) / (land_a + land_b)
        if best is None or share > best[0]:
            best = (share, a, b, LineString(line).intersection(shape))
        if share > _FAIR:
            break
    return best


def cut_shapes(shapes: list[Polygon], how: Cutting, rng: np.random.Generator) -> tuple[list[Piece], list[tuple[LineString, int]]]:
    """Halve the piece that is largest for its place, again and again, until there are ``how.count`` pieces.

    Returns:
        The pieces, in the order of their parents, and the lines of the cuts, each with the index of the parent.
    """
    heap = [(-how.ground(shape).area / how.wish(shape), i, Piece(shape, i)) for i, shape in enumerate(shapes)]
    heapq.heapify(heap)
    done: list[Piece] = []
    lines: list[tuple[LineString, int]] = []
    made = len(shapes)
    while heap and len(heap) + len(done) < how.count:
        _, _, piece = heapq.heappop(heap)
        halves = _halve(piece.shape, how, rng)
        if halves is None or halves[0] < _WORST:
            done.append(piece)
            continue
        lines.append((halves[3], piece.parent))
        for half in halves[1:3]:
            made += 1
            heapq.heappush(heap, (-how.ground(half).area / how.wish(half), made, Piece(half, piece.parent)))
    pieces = done + [piece for _, _, piece in heap]
    return sorted(pieces, key=lambda p: (p.parent, *p.shape.centroid.coords[0])), lines


def merge_pieces(shapes: list[Polygon], count: int, ground: Ground, barrier: BaseGeometry) -> list[Polygon]:
    """Join the piece with the least land to the neighbour with the longest common border, until ``count`` are left.

    Borders along ``barrier`` (the river) do not count while there is another.
    """
    shapes = list(shapes)
    while len(shapes) > count:
        least = shapes.pop(min(range(len(shapes)), key=lambda i: ground(shapes[i]).area))
        borders = shapely.intersection(shapely.boundary(least), shapely.boundary(np.array(shapes)))
        best = int(np.argmax(shapely.length(shapely.difference(borders, barrier)) + 0.01 * shapely.length(borders)))
        joined = shapely.union(shapes[best], least)
        if joined.geom_type != "Polygon":
            raise ValueError("two pieces of the plan meet only in points")
        shapes[best] = joined
    return shapes
