"""From planned pieces to area polygons in degrees that share every vertex with their neighbours."""

from collections.abc import Sequence

import numpy as np
import shapely
from shapely import Polygon
from shapely.ops import polygonize

from data.demo.common.frame import Ints, Shapes

_NODES_M = 0.001


def make_tiling(cells: Sequence[Polygon]) -> Shapes:
    """The cells on the plan as a coverage: noded on one coordinate grid, no gap, no overlap.

    A cut ends in the middle of a neighbour's border, where the neighbour has no vertex. Rounding or projecting would open slivers
    there; snap rounding all borders together first gives both sides the same vertices.
    """
    given = np.array(cells)
    noded = shapely.union_all(shapely.boundary(given), grid_size=_NODES_M)
    faces = np.array(list(polygonize(noded.geoms)))
    found, owner = shapely.STRtree(given).query(shapely.point_on_surface(faces), predicate="within")
    owners = np.full(len(faces), -1)
    owners[found] = owner
    if (owners < 0).any():
        raise ValueError("the plan has gaps")
    return dissolve_shapes(faces, owners, len(cells))


def dissolve_shapes(shapes: Shapes, owners: Ints, count: int) -> Shapes:
    """Unite the shapes of each owner (0 to ``count`` - 1) exactly, for shapes that are a coverage."""
    order = np.argsort(owners, kind="stable")
    parts = np.split(shapes[order], np.searchsorted(owners[order], np.arange(1, count)))
    return np.array([shapely.coverage_union_all(part) if len(part) > 1 else part[0] for part in parts], dtype=object)
