"""Grid cells: dividing a community into cells that tile it, numbering them, and approximating communities that are known only by a point.

Cells are cut the way surveyors divide land: across the shape, at the shortest of the cuts that leave whole numbers of shares.
All cuts of one community run along or across its main direction, so the cells line up with each other.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from data.geo.tiling import join_faces, merge_small, seal_tiling

LEAST, MOST = 0.5, 1.6
"""A cell's area lies between these multiples of the size asked for, unless the community is smaller than that."""

_SAMPLES = 33
_REFINEMENTS = 3
_SAME_PLACE_M = 1.0
_SPREAD_M = 25.0
_INSIDE_SHARE = 1e-6

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Plane:
    """A local plane in metres, turned so that ``x`` runs along ``angle``: an affine map of lon/lat, so straight lines stay straight."""

    lon: float
    lat: float
    angle: float = 0.0

    def _matrix(self) -> Floats:
        phi = np.radians(self.lat)
        # Length of one degree on WGS 84, series of the meridian arc (Snyder 1987, p. 25); good to centimetres.
        north = 111132.954 - 559.822 * np.cos(2 * phi) + 1.175 * np.cos(4 * phi)
        east = 111412.84 * np.cos(phi) - 93.5 * np.cos(3 * phi)
        cos, sin = np.cos(self.angle), np.sin(self.angle)
        turned: Floats = np.array([[cos, sin], [-sin, cos]]) @ np.diag([east, north])
        return turned

    def metres(self, shape: shapely.Geometry) -> shapely.Geometry:
        """Lon/lat to metres of this plane."""
        matrix = self._matrix()
        return shapely.transform(shape, lambda p: (p - [self.lon, self.lat]) @ matrix.T)

    def lonlat(self, shape: shapely.Geometry) -> shapely.Geometry:
        """Metres of this plane back to lon/lat."""
        matrix = np.linalg.inv(self._matrix())
        return shapely.transform(shape, lambda p: p @ matrix.T + [self.lon, self.lat])

    def square_degrees(self, area_m2: float) -> float:
        """The area in lon/lat units of so many square metres."""
        return area_m2 / abs(float(np.linalg.det(self._matrix())))


def plane_at(shape: shapely.Geometry) -> Plane:
    """The local plane at the middle of a shape, not turned."""
    return Plane(shape.centroid.x, shape.centroid.y)


def divide_area(polygon_lonlat: shapely.Geometry, target_area_m2: float) -> list[shapely.Geometry]:
    """Divide one community into cells of about the asked size that tile it exactly.

    Args:
        polygon_lonlat: valid polygon or multipolygon (holes, exclaves welcome), EPSG:4326 degrees.
        target_area_m2: size of a cell in square metres.

    Returns:
        Cells in the order of their numbers (west to east, north to south). Neighbours share every vertex of their border; the areas add up
        to the community's. A community smaller than 1.5 cells is one cell.

    Raises:
        ValueError: the size is not positive, or the polygon is empty or invalid.
    """
    if target_area_m2 <= 0:
        raise ValueError("a cell needs an area above 0 m²")
    if polygon_lonlat.is_empty or not polygon_lonlat.is_valid:
        raise ValueError("only a valid polygon can be divided")
    plane = _plane_along(polygon_lonlat)
    flat = plane.metres(polygon_lonlat)
    shares = max(1, round(flat.area / target_area_m2))
    if shares == 1:
        return [polygon_lonlat]
    size_m2 = flat.area / shares
    parts = _cut_up(flat, size_m2)
    cells = seal_tiling(polygon_lonlat, [plane.lonlat(part) for part in parts])
    size = plane.square_degrees(size_m2)
    merged = merge_small(cells, LEAST * size, MOST * size)
    return [merged[i] for i in np.argsort(number_cells(merged))]


def number_cells(cells: Sequence[shapely.Geometry]) -> list[int]:
    """Ordinals from 1: rows of similar latitude from north to south, in each row from west to east.

    Returns:
        One ordinal for each cell, in the order given.
    """
    if not cells:
        return []
    shapes = np.asarray(cells, dtype=object)
    centre = shapely.get_coordinates(shapely.centroid(shapes))
    bounds = shapely.bounds(shapes)
    row_height = 0.6 * float(np.median(bounds[:, 3] - bounds[:, 1]))
    row, top = np.zeros(len(shapes), dtype=np.intp), np.inf
    current = -1
    for i in np.argsort(-centre[:, 1], kind="stable"):
        if centre[i, 1] < top - row_height:
            current, top = current + 1, centre[i, 1]
        row[i] = current
    ordinal = np.empty(len(shapes), dtype=np.intp)
    ordinal[np.lexsort((-centre[:, 1], centre[:, 0], row))] = np.arange(1, len(shapes) + 1)
    return [int(i) for i in ordinal]


@dataclass(frozen=True)
class Approximation:
    """Polygons made up for communities that are known by a point only.

    Attributes:
        cells: for each point its polygon, or None where the point was left out.
        moved: points a little outside, which were taken to the nearest place inside.
        left_out: points too far outside to belong here.
        spread: points that shared their place with an earlier one and were set apart by some metres.
    """

    cells: list[shapely.Geometry | None]
    moved: list[int]
    left_out: list[int]
    spread: list[int]


def divide_by_points(points_lonlat: Sequence[tuple[float, float]], within: shapely.Geometry, reach_m: float = 500.0) -> Approximation:
    """Give every point the part of a polygon that is nearest to it; the parts tile the polygon exactly.

    Args:
        points_lonlat: one point for each community, degrees.
        within: valid polygon or multipolygon of the street, degrees.
        reach_m: a point outside is moved inside when it is at most so far away, otherwise left out.

    Returns:
        The cells with what was done to the points. Pieces that the polygon's shape cuts off from their own point go to the neighbour they
        touch, so that cells are connected where the street is.
    """
    plane = _plane_along(within)
    flat = plane.metres(within)
    sites = shapely.get_coordinates(plane.metres(shapely.points(np.asarray(points_lonlat, dtype=np.float64).reshape(-1, 2))))
    gap = shapely.distance(flat, shapely.points(sites))
    used = np.flatnonzero(gap <= reach_m)
    sites, spread = _set_apart(_pulled_in(sites, gap, flat), used)
    cells: list[shapely.Geometry | None] = [None] * len(sites)
    for i, cell in zip(used, _regions(sites[used], flat, within, plane), strict=True):
        cells[i] = cell if cell is not None and not cell.is_empty else None
    moved = [int(i) for i in used if gap[i] > 0]
    return Approximation(cells, moved, [int(i) for i in np.flatnonzero(gap > reach_m)], spread)


def _regions(sites: Floats, flat: shapely.Geometry, within: shapely.Geometry, plane: Plane) -> list[shapely.Geometry | None]:
    if len(sites) < 2:
        return [within] * len(sites)
    faces = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(sites), extend_to=flat, ordered=True))
    cells = seal_tiling(within, list(plane.lonlat(shapely.intersection(faces, flat))))
    return _held_together(cells, plane.lonlat(shapely.points(sites)))


def _held_together(cells: list[shapely.Geometry], points: npt.NDArray[np.object_]) -> list[shapely.Geometry | None]:
    """Hand pieces that do not hold their cell's point to the cell with which they share the longest border."""
    kept: list[list[shapely.Geometry]] = []
    strays: list[tuple[int, shapely.Geometry]] = []
    for i, cell in enumerate(cells):
        pieces = shapely.get_parts(cell)
        home = int(np.argmin(shapely.distance(pieces, points[i]))) if len(pieces) else -1
        kept.append([piece for j, piece in enumerate(pieces) if j == home])
        strays += [(i, piece) for j, piece in enumerate(pieces) if j != home]
    for owner, piece in sorted(strays, key=lambda stray: -stray[1].area):
        border = [sum(shapely.length(shapely.intersection(piece.boundary, part.boundary)) for part in parts) for parts in kept]
        kept[int(np.argmax(border)) if max(border) > 0 else owner].append(piece)
    return [join_faces(parts) if parts else None for parts in kept]


def _pulled_in(sites: Floats, gap: Floats, flat: shapely.Geometry) -> Floats:
    """Points outside, at the nearest point of the polygon."""
    out = sites.copy()
    for i in np.flatnonzero(gap > 0):
        out[i] = shapely.get_coordinates(shapely.shortest_line(flat, shapely.points(sites[i])))[0]
    return out


def _set_apart(sites: Floats, used: npt.NDArray[np.intp]) -> tuple[Floats, list[int]]:
    """Spread points of one place over a small circle: each community gets a part of what is nearest to all of them."""
    out, spread = sites.copy(), []
    place: dict[tuple[int, int], list[int]] = {}
    for i in used:
        x, y = np.round(sites[i] / _SAME_PLACE_M).astype(int)
        place.setdefault((int(x), int(y)), []).append(int(i))
    for together in place.values():
        for turn, i in enumerate(together if len(together) > 1 else []):
            angle = 2 * np.pi * turn / len(together)
            out[i] += _SPREAD_M * np.array([np.cos(angle), np.sin(angle)])
        spread += together[1:]
    return out, sorted(spread)


def _plane_along(polygon: shapely.Geometry) -> Plane:
    """The local plane along the longer side of the smallest rectangle around a shape."""
    centre = polygon.centroid
    upright = Plane(centre.x, centre.y)
    corners = shapely.get_coordinates(shapely.minimum_rotated_rectangle(upright.metres(polygon)))
    sides = np.diff(corners, axis=0)
    along = sides[int(np.argmax(np.hypot(sides[:, 0], sides[:, 1])))]
    return Plane(centre.x, centre.y, float(np.arctan2(along[1], along[0])))


def _cut_up(flat: shapely.Geometry, size_m2: float) -> list[shapely.Geometry]:
    """Halve (or nearly so) again and again until each piece is one share; pieces of a multipolygon are taken one by one."""
    waiting, done = list(shapely.get_parts(flat)), []
    while waiting:
        piece = waiting.pop()
        shares = round(piece.area / size_m2)
        sides = _best_cut(piece, shares, size_m2) if shares > 1 else []
        if len(sides) > 1:
            waiting += sides
        else:
            done.append(piece)
    return done


def _best_cut(piece: shapely.Geometry, shares: int, size_m2: float) -> list[shapely.Geometry]:
    """The pieces on both sides of the best cut: one that makes no scraps if there is any, and of those the shortest; empty if none cuts."""
    edges = _edges(piece)
    cuts = []
    for axis in (0, 1):
        for left in {shares // 2, (shares + 1) // 2}:
            at, width = _place_of_cut(edges, axis, left / shares, piece.area)
            cuts.append((width, axis, at))
    best: tuple[float, list[shapely.Geometry]] = (np.inf, [])
    for _, axis, at in sorted(cuts):
        sides = _sides(piece, axis, at)
        scraps = sum(side.area for side in sides if side.area < LEAST * size_m2)
        if len(sides) > 1 and scraps < best[0]:
            best = (scraps, sides)
        if best[0] == 0:
            break
    return best[1]


def _sides(piece: shapely.Geometry, axis: int, at: float) -> list[shapely.Geometry]:
    """The polygons on both sides of the line where coordinate ``axis`` equals ``at``."""
    west, south, east, north = piece.bounds
    if axis == 0:
        halves = [shapely.box(west - 1, south - 1, at, north + 1), shapely.box(at, south - 1, east + 1, north + 1)]
    else:
        halves = [shapely.box(west - 1, south - 1, east + 1, at), shapely.box(west - 1, at, east + 1, north + 1)]
    parts = shapely.get_parts(shapely.get_parts(shapely.intersection(halves, piece)))
    return [part for part in parts if part.geom_type == "Polygon" and part.area > _INSIDE_SHARE * piece.area]


def _edges(piece: shapely.Geometry) -> Floats:
    """All edges of a polygon's rings as rows x0, y0, x1, y1; shells run counter-clockwise and holes clockwise."""
    rings = shapely.get_rings(shapely.orient_polygons(piece))
    points, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[1:] == ring[:-1]
    edges: Floats = np.hstack([points[:-1][same], points[1:][same]])
    return edges


def _area_before(edges: Floats, axis: int, at: Floats) -> Floats:
    """Area of the polygon where coordinate ``axis`` is below each of ``at``.

    Green's theorem on the clipped polygon: the closing side lies on the cut itself and adds nothing.
    """
    x0, y0 = edges[:, axis, None], edges[:, 1 - axis, None]
    x1, y1 = edges[:, 2 + axis, None], edges[:, 3 - axis, None]
    slope = np.divide(y1 - y0, x1 - x0, out=np.zeros_like(x0), where=x1 != x0)
    a, b = np.minimum(x0, at), np.minimum(x1, at)
    strips = (b - a) * (y0 + slope * (a - x0) + y0 + slope * (b - x0)) / 2
    total: Floats = strips.sum(axis=0)
    return total if axis == 1 else -total


def _place_of_cut(edges: Floats, axis: int, share: float, area: float) -> tuple[float, float]:
    """Where a cut across ``axis`` leaves ``share`` of the area before it, and how long that cut is."""
    ends = edges[:, [axis, 2 + axis]]
    low, high = float(ends.min()), float(ends.max())
    for _ in range(_REFINEMENTS):
        at = np.linspace(low, high, _SAMPLES)
        before = _area_before(edges, axis, at)
        i = int(np.clip(np.searchsorted(before, share * area), 1, _SAMPLES - 1))
        low, high = float(at[i - 1]), float(at[i])
        length = float(before[i] - before[i - 1]) / (high - low)
    return (low + high) / 2, length
