"""The camera of the map. It moves only when its key changes, so that it never moves while a reader is using the map."""

from typing import NotRequired

from typing_extensions import TypedDict

from data.figures.types import AreaReport
from layers.view import View

POINT_REACH_DEG = 0.01
"""Degrees shown around an area that is only a point."""


class ExactCamera(TypedDict):
    """A camera given in the address; angles in degrees, and zoom as in Web Mercator tiles."""

    longitude: float
    latitude: float
    zoom: float
    pitch: float
    bearing: float


class Angle(TypedDict):
    """Degrees."""

    pitch: float
    bearing: float


class Limits(TypedDict):
    """As deck.gl names them."""

    minZoom: float
    maxZoom: float
    minPitch: float
    maxPitch: float


class CameraSpec(TypedDict):
    """Either ``exact``, or ``box`` (west, south, east, north in degrees) with two angles; ``tilt`` is for whoever switches to 3D."""

    key: str
    limits: Limits
    tilt: Angle
    exact: NotRequired[ExactCamera]
    box: NotRequired[list[float]]
    pitch: NotRequired[float]
    bearing: NotRequired[float]


PITCH_DEG, BEARING_DEG = 50.0, -16.0
"""How the map looks in three dimensions."""
LIMITS: Limits = {"minZoom": 5, "maxZoom": 18.5, "minPitch": 0, "maxPitch": 62}
"""How far, how near and how steeply a reader can look."""


def camera(view: View, report: AreaReport) -> CameraSpec:
    """An exact camera if the address names one, otherwise the picked area's box, which is fitted into the free part of the map.

    The key identifies the wanted camera; the browser moves the camera only if the key differs from the last one.
    """
    tilt: Angle = {"pitch": PITCH_DEG, "bearing": BEARING_DEG}
    key = f"{report['city']['code']}/{report['code']}"
    if view.camera:
        seen = view.camera
        exact: ExactCamera = {"longitude": seen.lon, "latitude": seen.lat, "zoom": seen.zoom, "pitch": seen.pitch, "bearing": seen.bearing}
        return {"key": key, "limits": LIMITS, "tilt": tilt, "exact": exact}
    angle: Angle = {"pitch": 0.0, "bearing": 0.0} if view.dim == "2d" else tilt
    return {"key": key, "limits": LIMITS, "tilt": tilt, "box": _box(report), "pitch": angle["pitch"], "bearing": angle["bearing"]}


def _box(report: AreaReport) -> list[float]:
    """The area's box; a box around its label if it has no polygon."""
    if report["bbox"]:
        return report["bbox"]
    lon, lat = report["label_point"] or (0.0, 0.0)
    return [lon - POINT_REACH_DEG, lat - POINT_REACH_DEG, lon + POINT_REACH_DEG, lat + POINT_REACH_DEG]
