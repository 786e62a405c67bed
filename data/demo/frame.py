"""The demo city's metric plane, its clock, and how big a city is asked for.

Everything is planned in metres, east and north of the centre, on a Lambert azimuthal equal-area plane: an area on the plan then
is the geodesic area, and no second measurement is needed.
"""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer

SEED = 20261123
TIMEZONE = ZoneInfo("Asia/Shanghai")
AS_OF = datetime(2026, 11, 23, 9, 40, tzinfo=TIMEZONE)
FIRST_DAY = date(2024, 11, 23)
"""First day with cases; the last is the day of ``AS_OF``, up to that minute."""

_MONTHS = (AS_OF.year - FIRST_DAY.year) * 12 + AS_OF.month - FIRST_DAY.month + 1
MONTHS = [date(FIRST_DAY.year + m // 12, m % 12 + 1, 1) for m in range(FIRST_DAY.month - 1, FIRST_DAY.month - 1 + _MONTHS)]
"""Months with cases."""

CENTRE = (150.0, 750.0)
"""The city's crossroads on the plan, metres."""

FULL_SIZE_M = 4900.0
"""Radius of the outer ring in the full city; places given for it shrink with the ring of a smaller one."""

COUNTRY_M = 16_000.0
"""The base map reaches this far from the origin, so that no edge of the world comes into view."""

_LON0, _LAT0 = 118.42, 30.88
_EARTH_M = 6_378_137.0
_TO_LONLAT = Transformer.from_crs(f"+proj=laea +lat_0={_LAT0} +lon_0={_LON0} +ellps=WGS84 +units=m", "EPSG:4326", always_xy=True)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Shapes = NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Scale:
    """How many of everything, and the radii (metres) of the ring roads and of the city's edge."""

    rings_m: tuple[float, float, float]
    edge_m: float
    radials: tuple[int, int, int, int]
    streets: int
    communities: int
    cells: int
    blocks: int
    buildings: int
    people: int
    incidents: int


SCALES = {
    "demo": Scale((1150, 2950, 4900), 8600, (4, 8, 12, 13), 40, 300, 3000, 5600, 60_000, 800_000, 200_000),
    "test": Scale((750, 1280, 2150), 3000, (4, 6, 8, 8), 18, 40, 200, 420, 3000, 20_000, 8000),
}


def dice(stage: int) -> np.random.Generator:
    """Random numbers of one stage of the making; stages do not disturb each other."""
    return np.random.default_rng([SEED, stage])


def to_lonlat(points_m: Floats) -> Floats:
    """(n, 2) plan metres to degrees (EPSG:4326), rounded to the common grid."""
    lon, lat = _TO_LONLAT.transform(points_m[:, 0], points_m[:, 1])
    return np.round(np.column_stack([lon, lat]), 8)


def to_mercator(points_lonlat: Floats) -> Floats:
    """(n, 2) degrees to EPSG:3857 metres."""
    lon, lat = np.radians(points_lonlat[:, 0]), np.radians(points_lonlat[:, 1])
    return np.column_stack([_EARTH_M * lon, _EARTH_M * np.log(np.tan(np.pi / 4 + lat / 2))])


def lonlat(shapes: Shapes) -> Shapes:
    """Shapes on the plan to EPSG:4326."""
    return np.asarray(shapely.transform(shapes, to_lonlat), dtype=object)


def mercator(shapes_lonlat: Shapes) -> Shapes:
    """Shapes in EPSG:4326 to EPSG:3857."""
    return np.asarray(shapely.transform(shapes_lonlat, to_mercator), dtype=object)
