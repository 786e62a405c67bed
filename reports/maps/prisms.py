"""Buildings as prisms seen from the south at a slant, and the order in which they are painted.

Coordinates: ``x`` to the right and ``y`` towards the reader, on the ground, before it is foreshortened; heights in the same unit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Any

import numpy as np
import shapely


@dataclass(frozen=True, slots=True)
class Prism:
    """A building: its ground (counter-clockwise as the reader sees it from above, without holes), height, and the place of its colour."""

    ground: shapely.Polygon
    height: float
    place: int | None


@dataclass(frozen=True, slots=True)
class Face:
    """A surface to be painted: corners in the picture; how much it faces to the right, −1 to 1, or ``None`` for a roof."""

    corners: Any
    turn: float | None
    place: int | None


def order_prisms(prisms: Sequence[Prism], squash: float) -> list[int]:
    """Indices from the back to the front, so that each paints over those behind it.

    Of two that may cover each other, the one that lies nearer to the reader along a common line of sight is in front. Where buildings clasp
    each other so that neither is in front, the middle of their ground decides.
    """
    boxes = shapely.bounds(np.array([one.ground for one in prisms], dtype=object))
    heights = np.array([one.height for one in prisms])
    seen = shapely.box(boxes[:, 0], boxes[:, 1] * squash - heights, boxes[:, 2], boxes[:, 3] * squash)
    first, second = shapely.STRtree(seen).query(seen)
    sorter: TopologicalSorter[int] = TopologicalSorter(dict.fromkeys(range(len(prisms)), ()))
    depth = (boxes[:, 1] + boxes[:, 3]) / 2
    pairs = [(int(a), int(b)) for a, b in zip(first, second, strict=True) if a < b]
    for a, b in pairs:
        front = _find_front(prisms[a].ground, prisms[b].ground, boxes[a], boxes[b])
        if front is not None:
            sorter.add(*((a, b) if front == 0 else (b, a)))
    try:
        sorter.prepare()
    except CycleError:
        return [int(n) for n in np.argsort(depth, kind="stable")]
    ordered: list[int] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready(), key=lambda n: depth[n])
        ordered += ready
        sorter.done(*ready)
    return ordered


def _find_front(one: shapely.Polygon, other: shapely.Polygon, box: Any, beside: Any) -> int | None:
    """0 if the first is in front, 1 if the second is, ``None`` if no line of sight meets both."""
    left, right = max(box[0], beside[0]), min(box[2], beside[2])
    if right - left < 1e-6:
        return None
    if box[1] >= beside[3]:
        return 0
    if beside[1] >= box[3]:
        return 1
    for share in (0.5, 0.2, 0.8):
        x = left + (right - left) * share
        sight = shapely.LineString([(x, min(box[1], beside[1]) - 1), (x, max(box[3], beside[3]) + 1)])
        cuts = shapely.bounds(shapely.intersection(sight, [one, other]))
        if not np.isnan(cuts).any():
            return 0 if cuts[0, 1] + cuts[0, 3] > cuts[1, 1] + cuts[1, 3] else 1
    return None


def make_faces(prism: Prism, squash: float) -> list[Face]:
    """The walls that face the reader, farther ones first, and the roof."""
    corners = shapely.get_coordinates(prism.ground.exterior)
    low = corners * (1, squash)
    high = low - (0, prism.height)
    walls = []
    for n in range(len(corners) - 1):
        (ax, ay), (bx, by) = corners[n], corners[n + 1]
        dx, dy = bx - ax, by - ay
        length = float(np.hypot(dx, dy))
        if length > 0 and dx < 0:  # outward normal (dy, -dx) / length points towards the reader
            walls.append((ay + by, Face(np.array([low[n], low[n + 1], high[n + 1], high[n]]), float(dy / length), prism.place)))
    walls.sort(key=lambda wall: float(wall[0]))
    return [*(face for _, face in walls), Face(high[:-1], None, prism.place)]


def find_silhouette(prism: Prism, squash: float) -> shapely.Geometry:
    """What a prism covers in the picture, for whatever lies behind it: its ground, its roof, and what they sweep between them."""
    return shapely.union_all([shapely.Polygon(face.corners) for face in make_faces(prism, squash)])
