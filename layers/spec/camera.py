"""Where the map looks first. The camera moves only when its key changes: never under a person's hand."""

from typing import Any

from layers.style.wording import Row
from layers.view import View

PITCH_DEG, BEARING_DEG = 50.0, -16.0


def camera(view: View, report: Row) -> dict[str, Any]:
    """An exact camera where the address brings one, else the picked area's box to fit into the free part of the map.

    The key names what was asked for; the browser flies only when it differs from the last one.
    """
    key = f"{report['city']['code']}/{report['code']}"
    if view.camera:
        seen = view.camera
        exact = {"longitude": seen.lon, "latitude": seen.lat, "zoom": seen.zoom, "pitch": seen.pitch, "bearing": seen.bearing}
        return {"key": key, "exact": exact}
    flat = view.dim == "2d"
    box = report.get("bbox")
    angle = {"pitch": 0.0 if flat else PITCH_DEG, "bearing": 0.0 if flat else BEARING_DEG}
    if box:
        return {"key": key, "box": list(box), **angle}
    lon, lat = report["label_point"]
    return {"key": key, "box": [lon - 0.01, lat - 0.01, lon + 0.01, lat + 0.01], **angle}
