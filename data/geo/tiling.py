"""Exact tilings: parts that share every vertex of their borders, so that there is no gap and no overlap between them.

Parts that were cut one after another meet in T-junctions whose coordinates differ in the last bit. ``seal_tiling`` puts all borders into
one net, nodes it and takes its faces, so that two neighbours have exactly the same coordinates.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import shapely

GRID_DEGREES = 1e-12
"""Coordinates are rounded to this when nodes are made: a tenth of a micrometre, finer than any survey and coarser than a double."""

Shapes = npt.NDArray[np.object_]


def seal_tiling(whole: shapely.Geometry, parts: Sequence[shapely.Geometry]) -> list[shapely.Geometry]:
    """Turn an approximate partition of ``whole`` into an exact one.

    Args:
        whole: polygon or multipolygon, lon/lat degrees.
        parts: shapes that cover it up to rounding, in the same coordinates.

    Returns:
        One valid polygon or multipolygon for each part, in the order given; a part without a face is returned empty.
    """
    borders = [shapely.boundary(whole), *shapely.boundary(np.asarray(parts, dtype=object))]
    net = shapely.union_all(borders, grid_size=GRID_DEGREES)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(net)))
    inner = shapely.point_on_surface(faces)
    shapely.prepare(whole)
    kept = shapely.intersects(whole, inner)
    owner = _owners(inner[kept], parts)
    return [join_faces(faces[kept][owner == i]) for i in range(len(parts))]


def join_faces(faces: Shapes | Sequence[shapely.Geometry]) -> shapely.Geometry:
    """The union of faces whose shared borders hold the same vertices; empty for none."""
    return shapely.coverage_union_all(np.asarray(faces, dtype=object)) if len(faces) else shapely.MultiPolygon()


def merge_small(cells: list[shapely.Geometry], least: float, most: float) -> list[shapely.Geometry]:
    """Give every cell below ``least`` (area, square degrees) to a neighbour, smallest first.

    It goes to the neighbour with the longest common border among those that stay below ``most`` after the merge, else to the one with the
    longest
    border of all; a cell without neighbours (an island) goes to the nearest cell and makes it a multipolygon.
    """
    cells = [cell for cell in cells if not cell.is_empty]
    areas = [cell.area for cell in cells]
    while len(cells) > 1:
        small = int(np.argmin(areas))
        if areas[small] >= least:
            break
        other = _best_neighbour(small, cells, areas, most)
        cells[other] = join_faces(shapely.get_parts([cells[other], cells[small]]))
        areas[other] += areas[small]
        del cells[small], areas[small]
    return cells


def measure_common_border(one: shapely.Geometry, others: Sequence[shapely.Geometry]) -> npt.NDArray[np.float64]:
    """Length of the border that a cell of a tiling shares with each of ``others`` (units of the coordinates)."""
    shared: npt.NDArray[np.float64] = shapely.length(
        shapely.intersection(shapely.boundary(one), shapely.boundary(np.asarray(others, dtype=object)))
    )
    return shared


def _best_neighbour(small: int, cells: list[shapely.Geometry], areas: list[float], most: float) -> int:
    others = np.array([i for i in range(len(cells)) if i != small])
    gap = shapely.distance(cells[small], np.asarray(cells, dtype=object)[others])
    near = others[gap <= GRID_DEGREES]
    if len(near):
        border = measure_common_border(cells[small], [cells[i] for i in near])
        fits = np.array([areas[i] + areas[small] <= most for i in near])
        score = np.where(fits, border, 0.0) if np.any(fits & (border > 0)) else border
        if score.max() > 0:
            return int(near[int(np.argmax(score))])
    return int(others[int(np.argmin(gap))])


def _owners(inner: Shapes, parts: Sequence[shapely.Geometry]) -> npt.NDArray[np.intp]:
    """For each inner point the part it lies in, or the nearest one where rounding left it between two."""
    tree = shapely.STRtree(np.asarray(parts, dtype=object))
    owner = np.full(len(inner), -1, dtype=np.intp)
    point, part = tree.query(inner, predicate="intersects")
    owner[point] = part
    lost = np.flatnonzero(owner < 0)
    if len(lost):
        which, nearest = tree.query_nearest(inner[lost], all_matches=False)
        owner[lost[which]] = nearest
    return owner
