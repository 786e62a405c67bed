"""Cells along two borders: an area is cut along the borders of others that do not nest in it, before it is divided into cells."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from data.geo.cell_division import divide_area, number_cells, plane_at
from data.geo.tiling import GRID_DEGREES, join_faces, merge_small, seal_tiling


@dataclass(frozen=True)
class Overlay:
    """Cells that tile an area, none of which crosses a border, slivers apart.

    Attributes:
        cells: in the order of their numbers.
        slivers: pieces between two borders that were too small and went to a neighbour.
        sliver_m2: their area together.
    """

    cells: list[shapely.Geometry]
    slivers: int
    sliver_m2: float


def divide_along(polygon: shapely.Geometry, borders: Sequence[shapely.Geometry], target_area_m2: float, sliver_m2: float) -> Overlay:
    """Divide an area into cells of about the asked size that tile it exactly and do not cross the borders of other polygons.

    Args:
        polygon: valid polygon or multipolygon, EPSG:4326 degrees.
        borders: valid polygons that overlap it in any way.
        target_area_m2: size of a cell; what lies between borders and is smaller than 1.5 cells is one cell.
        sliver_m2: pieces smaller than this go to the neighbour with the longest common border, whatever side of a border it lies on.
    """
    least = plane_at(polygon).square_degrees(sliver_m2)
    faces = _faces(polygon, borders)
    slivers = [face.area for face in faces if face.area < least] if len(faces) > 1 else []
    sides: dict[tuple[int, ...], list[shapely.Geometry]] = {}
    for face in merge_small(faces, least, np.inf):
        sides.setdefault(_sides(face, borders), []).extend(shapely.get_parts(face))
    parts = [cell for side in sorted(sides) for cell in divide_area(join_faces(sides[side]), target_area_m2)]
    # Each side was divided for itself: all cells are sealed together, so that they share their vertices across the borders, too.
    cells = [cell for cell in seal_tiling(polygon, parts) if not cell.is_empty] if len(parts) > 1 else [polygon]
    m2 = float(sum(slivers)) / plane_at(polygon).square_degrees(1.0)
    return Overlay([cells[i] for i in np.argsort(number_cells(cells))], len(slivers), m2)


def _faces(polygon: shapely.Geometry, borders: Sequence[shapely.Geometry]) -> list[shapely.Geometry]:
    """The pieces into which all borders cut a polygon."""
    lines = shapely.intersection(shapely.boundary(np.asarray(borders, dtype=object)), polygon)
    net = shapely.union_all([shapely.boundary(polygon), *lines], grid_size=GRID_DEGREES)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(net)))
    shapely.prepare(polygon)
    return list(faces[shapely.intersects(polygon, shapely.point_on_surface(faces))])


def _sides(face: shapely.Geometry, borders: Sequence[shapely.Geometry]) -> tuple[int, ...]:
    """Which of the polygons hold most of a face."""
    common = shapely.area(shapely.intersection(np.asarray(borders, dtype=object), face))
    return tuple(int(i) for i in np.flatnonzero(common > face.area / 2))
