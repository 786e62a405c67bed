"""The demo city's metric plane, its clock and its random numbers.

Everything is planned in metres, east and north of the centre, on a Lambert azimuthal equal-area plane: an area on the plan then
is the geodesic area, and no second measurement is needed.
"""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer

SEED = 20261123
TIMEZONE = ZoneInfo("Asia/Shanghai")
MORNING = time(9, 40)
PINNED_DAY = date(2026, 11, 23)
"""The day up to which the city of tests, pictures and the bench is made; planted facts are dated for it."""
CENTRE = (150.0, 750.0)
"""The city's crossroads on the plan, metres."""

_LON0, _LAT0 = 118.42, 30.88
_EARTH_M = 6_378_137.0
_TO_LONLAT = Transformer.from_crs(f"+proj=laea +lat_0={_LAT0} +lon_0={_LON0} +ellps=WGS84 +units=m", "EPSG:4326", always_xy=True)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Shapes = NDArray[np.object_]


def morning_of(day: date) -> datetime:
    """The moment that a city stands for which is made up to a given day."""
    return datetime.combine(day, MORNING, TIMEZONE)


AS_OF = morning_of(PINNED_DAY)


def make_dice(stage: int, part: int = 0) -> np.random.Generator:
    """Random numbers of one stage of the making, or of one part of it; stages and parts do not disturb each other."""
    return np.random.default_rng([SEED, stage, part] if part else [SEED, stage])


def to_lonlat(points_m: Floats) -> Floats:
    """(n, 2) plan metres to degrees (EPSG:4326), rounded to the common grid."""
    lon, lat = _TO_LONLAT.transform(points_m[:, 0], points_m[:, 1])
    return np.round(np.column_stack([lon, lat]), 8)


def to_mercator(points_lonlat: Floats) -> Floats:
    """(n, 2) degrees to EPSG:3857 metres."""
    lon, lat = np.radians(points_lonlat[:, 0]), np.radians(points_lonlat[:, 1])
    return np.column_stack([_EARTH_M * lon, _EARTH_M * np.log(np.tan(np.pi / 4 + lat / 2))])


def shapes_to_lonlat(shapes: Shapes) -> Shapes:
    """Shapes on the plan to EPSG:4326."""
    return np.asarray(shapely.transform(shapes, to_lonlat), dtype=object)


def shapes_to_mercator(shapes_lonlat: Shapes) -> Shapes:
    """Shapes in EPSG:4326 to EPSG:3857."""
    return np.asarray(shapely.transform(shapes_lonlat, to_mercator), dtype=object)
