"""The ground: land, fields and greens below the coloured areas; water, roads, tracks and trees above them."""

from data.figures.types import AreaReport
from layers.context import MapContext
from layers.spec.addresses import tiles, water_names, zooms
from layers.spec.deck import LayerSpec, field, ink, layer

REACH_DEG = 0.6
"""The land extends this far around the city, in degrees, so that its edge cannot be seen."""


def draw_below(context: MapContext) -> list[LayerSpec]:
    """Draw what lies under the coloured areas."""
    west, south, east, north = _box(context.report)
    if east < west:  # across the 180th meridian
        east += 360
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
            get_polygon=field("ring"),
            get_fill_color=ink("map-land"),
        ),
        layer("GroundTiles", "ground", tiles("ground", context.report), inks=inks, **zooms("ground")),
    ]


def _box(report: AreaReport) -> list[float]:
    """West, south, east and north of the picked area; of its label if it has no polygon."""
    if report["bbox"]:
        return report["bbox"]
    lon, lat = report["label_point"] or (0.0, 0.0)
    return [lon, lat, lon, lat]


def draw_above(context: MapContext) -> list[LayerSpec]:
    """Water, roads, tracks and trees, drawn over the coloured areas, so that cells look like city blocks and not like painted squares."""
    inks = {
        "water": ink("map-water"),
        "road": ink("map-road"),
        "minor": ink("map-road-minor"),
        "track": ink("map-track"),
        "tree": ink("map-tree"),
    }
    flat, report = context.is_flat, context.report
    return [
        layer("BaseTiles", "base", tiles("base", report), inks=inks, quiet=flat, trees=not flat, **zooms("base")),
        layer(
            "WaterNames",
            "fg-water-names",
            water_names(report),
            get_color=ink("map-river-name"),
            size_m=320 if flat else 95,
        ),
    ]
