"""How often edges of areas meet, before any database works on them: the work grows with that number, and not with that of their points.

A polygon of a few thousand points can cross itself millions of times. One that is right never does, and neighbours meet at their corners.
"""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Ring = Sequence[tuple[float, float]]
MOST_CROSSINGS = 5_000
"""Of all edges of a hazard. A drawn area has hardly any; two copies of a border that differ a little have about one for each edge."""
MOST_MEETINGS = 50_000
"""Crossings, and corners and edges that touch: about five for each point where every corner belongs to several areas."""
_CORNERS = 16
"""Of what stands for a circle."""
_KM_OF_DEGREE = 111.2
_AT_ONCE = 400_000
"""Pairs of edges that are compared at once: some 50 MB."""
_Numbers = npt.NDArray[np.float64]
_Counts = npt.NDArray[np.int64]


def draw_circle(lon: float, lat: float, metres: float) -> Ring:
    """A ring of corners that is about as large as a circle."""
    up = metres / 1000 / _KM_OF_DEGREE
    across = up / max(0.05, math.cos(math.radians(lat)))
    turns = [2 * math.pi * n / _CORNERS for n in range(_CORNERS)]
    points = [(lon + across * math.cos(turn), lat + up * math.sin(turn)) for turn in turns]
    return [*points, points[0]]


def is_tangled(rings: Sequence[Ring]) -> bool:
    """Whether edges of these rings cross or touch more often than those of areas do."""
    edges, places = _find_edges(rings)
    order = np.argsort(np.minimum(edges[:, 0], edges[:, 2]), kind="stable")
    edges, (ring, place, last) = edges[order], places[order].T
    west, east = np.minimum(edges[:, 0], edges[:, 2]), np.maximum(edges[:, 0], edges[:, 2])
    south, north = np.minimum(edges[:, 1], edges[:, 3]), np.maximum(edges[:, 1], edges[:, 3])
    end = np.searchsorted(west, east, "right")  # behind the last one that may reach each edge
    crossings, meetings, first = 0, 0, 0
    while first < len(edges):
        rows = min(max(1, _AT_ONCE // max(1, int(end[first:].max()) - first)), len(edges) - first)
        own = np.arange(first, first + rows)
        other = np.arange(first, int(end[own].max()))
        near = (own[:, None] < other) & (west[other] <= east[own, None])
        near &= (south[other] <= north[own, None]) & (north[other] >= south[own, None])
        at, to = (found + first for found in np.nonzero(near))
        apart = np.abs(place[at] - place[to])
        kept = (ring[at] != ring[to]) | ((apart != 1) & (apart != last[at]))
        crossed, met = _compare(edges[at[kept]], edges[to[kept]])
        crossings, meetings, first = crossings + crossed, meetings + met, first + rows
        if crossings > MOST_CROSSINGS or meetings > MOST_MEETINGS:
            return True
    return False


def _find_edges(rings: Sequence[Ring]) -> tuple[_Numbers, _Counts]:
    """From and to of each edge that has a length; its ring, its place there, and the place of the last one."""
    edges, places = [np.empty((0, 4))], [np.empty((0, 3), np.int64)]
    for n, ring in enumerate(rings):
        points = np.asarray(ring, np.float64)
        made = np.hstack([points[:-1], points[1:]])
        made = made[(made[:, :2] != made[:, 2:]).any(axis=1)]
        edges.append(made)
        places.append(np.column_stack([np.full(len(made), n), np.arange(len(made)), np.full(len(made), len(made) - 1)]))
    return np.vstack(edges), np.vstack(places)


def _compare(one: _Numbers, two: _Numbers) -> tuple[int, int]:
    """How many pairs of edges cross, and how many meet at all; their boxes overlap."""
    sides = [_side(one, two[:, :2]) * _side(one, two[:, 2:]), _side(two, one[:, :2]) * _side(two, one[:, 2:])]
    crossed, met = (sides[0] < 0) & (sides[1] < 0), (sides[0] <= 0) & (sides[1] <= 0)
    return int(np.count_nonzero(crossed)), int(np.count_nonzero(met))


def _side(edge: _Numbers, point: _Numbers) -> npt.NDArray[np.int8]:
    """On which side of each edge a point lies: 1, −1, or 0 on its line."""
    across = (edge[:, 2] - edge[:, 0]) * (point[:, 1] - edge[:, 1]) - (edge[:, 3] - edge[:, 1]) * (point[:, 0] - edge[:, 0])
    return np.sign(across).astype(np.int8)
