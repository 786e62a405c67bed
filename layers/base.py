"""The ground: land, fields and greens below the coloured areas; water, roads, tracks and trees above them."""

from typing import Any

from layers.spec.addresses import tiles, water_names
from layers.spec.deck import ink, layer
from layers.style.wording import Row
from layers.view import View

REACH_DEG = 0.6
"""The land reaches this far around the city, so that no edge shows under the haze."""
FIRST_ZOOM, LAST_ZOOM = 7, 15


def below(view: View, report: Row) -> list[dict[str, Any]]:
    """What lies under the coloured areas."""
    west, south, east, north = report["city"].get("bbox") or _around(report)
    ring = [
        [west - REACH_DEG, south - REACH_DEG],
        [east + REACH_DEG, south - REACH_DEG],
        [east + REACH_DEG, north + REACH_DEG],
        [west - REACH_DEG, north + REACH_DEG],
    ]
    inks = {"field": ink("map-field"), "green": ink("map-green"), "land": ink("map-land")}
    return [
        layer(
            "SolidPolygonLayer",
            "land",
            [{"ring": ring}],
            get_polygon={"@@function": "field", "name": "ring"},
            get_fill_color=ink("map-land"),
        ),
        layer("GroundTiles", "ground", tiles("ground", report), inks=inks, min_zoom=FIRST_ZOOM, max_zoom=LAST_ZOOM),
    ]


def _around(report: Row) -> tuple[float, float, float, float]:
    bbox = report.get("bbox")
    if bbox:
        return tuple(bbox)
    lon, lat = report["label_point"]
    return lon, lat, lon, lat


def above(view: View, report: Row) -> list[dict[str, Any]]:
    """Water, roads, tracks and trees, drawn over the coloured areas: cells then read as city blocks, not as paint."""
    inks = {
        "water": ink("map-water"),
        "road": ink("map-road"),
        "minor": ink("map-road-minor"),
        "track": ink("map-track"),
        "tree": ink("map-tree"),
    }
    flat = view.dim == "2d"
    return [
        layer("BaseTiles", "base", tiles("base", report), inks=inks, min_zoom=FIRST_ZOOM, max_zoom=LAST_ZOOM, quiet=flat, trees=not flat),
        layer(
            "WaterNames",
            "fg-water-names",
            water_names(report),
            get_color=ink("map-river-name"),
            size_m=320 if flat else 95,
        ),
    ]
