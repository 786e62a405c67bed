"""Flood zones, if the city publishes them."""

from data.core.i18n import t
from layers.context import MapContext, MapLayer
from layers.spec.addresses import tiles, zooms
from layers.spec.deck import LayerSpec, ink, layer
from layers.style import theme
from layers.style.legend import Legend

NAME = "flood"


def draw(context: MapContext) -> list[LayerSpec]:
    """Draw translucent surfaces."""
    color = ink("map-flood", round(105 * context.opacity(NAME)))
    return [layer("FloodTiles", "flood", tiles("flood", context.report), get_fill_color=color, **zooms("flood"))]


def legend(context: MapContext) -> Legend:
    """A legend with one colour."""
    lang = context.lang
    return Legend(t(lang, "Flood zones"), classes=[(theme.css_variable("map-flood"), t(lang, "Flood zone"))])


LAYER = MapLayer(NAME, draw, legend)
