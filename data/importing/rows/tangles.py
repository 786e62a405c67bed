"""Outlines that cross themselves too often to be repaired: GEOS needs minutes for a hundred points, and cannot be interrupted."""

import numpy as np
import shapely

MOST_CROSSINGS = 2_000
"""Crossings of one shape that are repaired, which takes about a second. Outlines that people drew have a few."""
_PAIRS_AT_ONCE = 20_000_000
_FEW = 60
"""So few lines cross each other less often than that."""


def is_tangled(shape: shapely.Geometry) -> bool:
    """Whether the outline of a polygon, or of several, crosses or touches itself more than ``MOST_CROSSINGS`` times."""
    if shapely.get_num_coordinates(shape) <= _FEW:
        return False
    rings = shapely.get_rings(shapely.get_parts(shapely.get_parts(shape)))
    points, ring = shapely.get_coordinates(rings, return_index=True)
    inside = ring[1:] == ring[:-1]
    lines = shapely.linestrings(np.stack([points[:-1][inside], points[1:][inside]], axis=1))
    tree = shapely.STRtree(lines)
    step = max(1, _PAIRS_AT_ONCE // max(len(lines), 1))
    met = 0
    for first in range(0, len(lines), step):
        some, others = tree.query(lines[first : first + step], predicate="intersects")
        apart = np.abs(some + first - others)
        met += int((apart > 1).sum())  # a line meets itself and the next ones anyway
        if met > 2 * (MOST_CROSSINGS + len(rings)):  # each twice; and each ring ends where it begins
            return True
    return False
