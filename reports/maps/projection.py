"""From degrees to the picture: a projection of the area's own, in which a square metre is a square metre and, in the middle, a km is a km.

Lambert's azimuthal equal-area projection about the middle of the picture (Snyder, Map Projections, USGS PP 1395, chapter 24): colours of
areas ask for true areas, it is defined everywhere but at the antipode, and it knows no 180th meridian.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from pyproj import Geod, Transformer

Shapes = Any
"""An array of shapely geometries, or a list of them."""

GEOD = Geod(ellps="WGS84")
_LARGE_DEG = 2.0
"""From this size on the straight edges of a polygon in degrees are curves in the picture."""
_STEP_DEG = 0.25
_DECIMALS = 3
_SMALLEST_M = 1.0
DETAIL = 0.8
"""Side of the triangles that simplifying takes away, in units of the picture."""


@dataclass(frozen=True, slots=True)
class Margins:
    """What stays free around the areas, in units of the picture."""

    side: float = 24.0
    top: float = 24.0
    bottom: float = 24.0


@dataclass(frozen=True)
class Projection:
    """Where places lie in a picture, from its left upper corner, y downwards.

    Attributes:
        lon, lat: the middle of the projection, degrees.
        west, north: of the picture's left upper corner, metres from there.
        scale: units of the picture for a metre.
        width, height: of the picture.
    """

    lon: float
    lat: float
    west: float
    north: float
    scale: float
    width: float
    height: float

    @cached_property
    def _transformer(self) -> Transformer:
        return _transformer(self.lon, self.lat)

    def project(self, shapes: Shapes) -> Any:
        """Shapes in EPSG:4326 as shapes in the picture. What has a common border still has it."""
        given = np.asarray(shapes, dtype=object)
        if len(given) and _is_large(given):
            given = shapely.segmentize(given, _STEP_DEG)
        crosses = _touches_both_ends(given)
        placed = shapely.transform(given, self.place)
        for n in np.flatnonzero(crosses):  # its parts on both sides of the 180th meridian are one again
            placed[n] = shapely.union_all(shapely.get_parts(placed[n]))
        return placed

    def place(self, lonlat: Any) -> Any:
        """An array of [lon, lat] as an array of [x, y]."""
        x, y = self._transformer.transform(lonlat[:, 0], lonlat[:, 1])
        return np.column_stack(((np.asarray(x) - self.west) * self.scale, (self.north - np.asarray(y)) * self.scale)).round(_DECIMALS)

    def unplace(self, x: float, y: float) -> tuple[float, float]:
        """Longitude and latitude of a place in the picture."""
        found = self._transformer.transform(x / self.scale + self.west, self.north - y / self.scale, direction="INVERSE")
        return float(found[0]), float(found[1])

    @property
    def middle(self) -> tuple[float, float]:
        """Longitude and latitude of the picture's middle."""
        return self.unplace(self.width / 2, self.height / 2)

    @property
    def metres(self) -> float:
        """Metres for a unit of the picture, measured along the ellipsoid in its middle."""
        left, right = (self.unplace(self.width / 2 + side, self.height / 2) for side in (-0.5, 0.5))
        return float(GEOD.inv(*left, *right)[2])

    @property
    def north_deg(self) -> float:
        """Direction of true north in the middle of the picture, clockwise from straight up, in degrees."""
        lon, lat = self.middle
        step = 1e-4 if lat < 0 else -1e-4  # never over a pole
        ends = self.place(np.array([[lon, lat], [lon, lat + step]]))
        dx, dy = (ends[1] - ends[0]) * (1 if step > 0 else -1)
        return math.degrees(math.atan2(dx, -dy)) if (dx or dy) else 0.0

    def list_corners(self, beyond: float = 0.05) -> shapely.MultiPoint:
        """Places along the picture's frame in degrees, a share of its size outside of it."""
        xs, ys = (np.linspace(-size * beyond, size * (1 + beyond), 9) for size in (self.width, self.height))
        sides = [*((x, y) for x in xs for y in (ys[0], ys[-1])), *((x, y) for y in ys for x in (xs[0], xs[-1]))]
        found = np.array([self.unplace(x, y) for x, y in sides])
        return shapely.MultiPoint(found[np.isfinite(found).all(axis=1)])

    def clip(self, shapes: Shapes, beyond: float = 4.0) -> Any:
        """What of shapes in the picture lies in its frame and a little beyond."""
        given = np.asarray(shapes, dtype=object)
        cut = shapely.clip_by_rect(given, -beyond, -beyond, self.width + beyond, self.height + beyond)
        return cut[~shapely.is_empty(cut)]


def _transformer(lon: float, lat: float) -> Transformer:
    plane = f"+proj=laea +lat_0={lat:.9f} +lon_0={lon:.9f} +datum=WGS84 +units=m +no_defs"
    return Transformer.from_crs("EPSG:4326", plane, always_xy=True)


def fit(shapes: Shapes, width: float, heights: tuple[float, float], margins: Margins | None = None) -> Projection:
    """The projection that shows shapes as large as they can be.

    Args:
        shapes: in EPSG:4326; at least one place.
        width: of the picture.
        heights: least and most height of the picture.
        margins: what stays free.
    """
    free, given = margins or Margins(), np.asarray(shapes, dtype=object)
    if len(given) and _is_large(given):
        given = shapely.segmentize(given, _STEP_DEG)
    corners = shapely.get_coordinates(given)
    lon, lat = _middle(corners)
    for _ in range(2):  # about the middle of the degrees first, then about that of the plane
        plane = np.column_stack(_transformer(lon, lat).transform(corners[:, 0], corners[:, 1]))
        low, high = plane.min(axis=0), plane.max(axis=0)
        x, y = (low + high) / 2
        centre = _transformer(lon, lat).transform(x, y, direction="INVERSE")
        lon, lat = float(centre[0]), float(centre[1])
    plane = np.column_stack(_transformer(lon, lat).transform(corners[:, 0], corners[:, 1]))
    low, high = plane.min(axis=0), plane.max(axis=0)
    across, down = np.maximum(high - low, _SMALLEST_M)
    scale = min((width - 2 * free.side) / across, (heights[1] - free.top - free.bottom) / down)
    height = min(max(down * scale + free.top + free.bottom, heights[0]), heights[1])
    x, y = (low + high) / 2
    below = (height + free.top - free.bottom) / 2  # the middle of the free room, from the top
    return Projection(lon, lat, float(x - width / 2 / scale), float(y + below / scale), float(scale), width, round(float(height), 1))


def _middle(corners: Any) -> tuple[float, float]:
    """Longitude and latitude in the middle: opposite to the widest gap between longitudes, so that the 180th meridian is no border."""
    lons = np.unique(np.mod(corners[:, 0], 360.0))
    gaps = np.diff(np.append(lons, lons[0] + 360.0))
    widest = int(gaps.argmax())
    first, last = lons[(widest + 1) % len(lons)], lons[widest]
    middle = (first + ((last - first) % 360.0) / 2 + 180.0) % 360.0 - 180.0
    return float(middle), float((corners[:, 1].min() + corners[:, 1].max()) / 2)


def _is_large(shapes: Any) -> bool:
    boxes = shapely.bounds(shapes)
    return bool(np.nanmax(np.maximum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]), initial=0.0) > _LARGE_DEG)


def _touches_both_ends(shapes: Any) -> Any:
    boxes = shapely.bounds(shapes)
    return (boxes[:, 0] <= -179.999) & (boxes[:, 2] >= 179.999)


def simplify(shapes: Shapes, detail: float = DETAIL) -> Any:
    """Shapes in the picture without what cannot be seen; neighbours keep their common borders, and none vanishes."""
    given = np.asarray(shapes, dtype=object)
    flat = np.isin(shapely.get_type_id(given), (3, 6)) if len(given) else np.array([], dtype=bool)
    if flat.any():
        given = given.copy()
        given[flat] = shapely.coverage_simplify(given[flat], detail)
    return given


def bounds_of(shapes: Sequence[shapely.Geometry]) -> tuple[float, float, float, float]:
    """West, south, east and north of shapes in degrees; across the 180th meridian west is greater than east."""
    corners = shapely.get_coordinates(np.asarray(shapes, dtype=object))
    lon, _ = _middle(corners)
    turned = (corners[:, 0] - lon + 180.0) % 360.0 - 180.0
    ends = [(lon + float(turn) + 180.0) % 360.0 - 180.0 for turn in (turned.min(), turned.max())]
    return ends[0], float(corners[:, 1].min()), ends[1], float(corners[:, 1].max())
