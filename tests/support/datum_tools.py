"""Chinese datums for tests: the way from WGS 84 to BD-09, and which datum an outline was published in."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from data.geo import datum


def wgs84_to_bd09(lon: npt.ArrayLike, lat: npt.ArrayLike) -> datum.LonLat:
    """WGS 84 to BD-09, degrees."""
    return datum.gcj02_to_bd09(*datum.wgs84_to_gcj02(lon, lat))


def nearest_datums(shapes: Sequence[Any], known: Sequence[Any]) -> list[str]:
    """For each outline, the datum in which its centroid lies nearest to the centroid of the same place in WGS 84 (``known``)."""
    truth = shapely.get_coordinates(shapely.centroid(np.asarray(known, dtype=object)))
    east = np.cos(np.radians(truth[:, 1]))
    off = []
    for name in datum.DATUMS:
        centres = shapely.get_coordinates(shapely.centroid(datum.geometry_to_wgs84(np.asarray(shapes, dtype=object), name)))
        off.append(np.hypot((centres[:, 0] - truth[:, 0]) * east, centres[:, 1] - truth[:, 1]))
    return [datum.DATUMS[index] for index in np.argmin(np.array(off), axis=0)]
