"""Chinese datums for tests: the way from WGS 84 to BD-09."""

import numpy.typing as npt

from data.geo import datum


def wgs84_to_bd09(lon: npt.ArrayLike, lat: npt.ArrayLike) -> datum.LonLat:
    """WGS 84 to BD-09, degrees."""
    return datum.gcj02_to_bd09(*datum.wgs84_to_gcj02(lon, lat))
