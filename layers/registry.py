"""The layers of the map: the one place where a layer is registered.

A layer of one's own is a module with a ``LAYER``. It is named here twice, in the order of the panel and in the order of drawing; its
switch, its opacity, its part of the address and its row in the panel follow. A layer
reads the view from its ``MapContext``; importing ``layers.view`` would be a circle, because the view imports this module.
"""

from layers import base, buildings, facilities, flood, grid, incidents, outlines, population
from layers.context import Draw, MapLayer

PANEL_ORDER: tuple[MapLayer, ...] = (
    grid.LAYER,
    incidents.LAYER,
    buildings.LAYER,
    population.LAYER,
    facilities.LAYER,
    flood.LAYER,
)
"""Rows of the layer panel, from the top down."""

DRAWING_ORDER: tuple[MapLayer | Draw, ...] = (
    base.draw_below,
    grid.LAYER,
    base.draw_above,
    flood.LAYER,
    outlines.draw_borders,
    population.LAYER,
    buildings.LAYER,
    facilities.LAYER,
    incidents.LAYER,
    outlines.draw_names,
)
"""What is drawn, from below upwards: layers with a switch, and what is always there."""

LAYERS = tuple(layer.name for layer in PANEL_ORDER)
ON_AT_FIRST = tuple(layer.name for layer in PANEL_ORDER if layer.on_at_first)
