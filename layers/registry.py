"""The layers of the map: the only place where a layer is registered.

To add a layer, write a module with a ``LAYER`` and name it here twice: in the order of the panel and in the order of drawing. It then has
a switch, an opacity, a part of the address and a row in the panel. A layer reads the view from its
``MapContext``; it cannot import ``layers.view``, because the view imports this module.
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
"""What is drawn, from the bottom up: layers with a switch, and parts that are always drawn."""

LAYERS = tuple(layer.name for layer in PANEL_ORDER)
ON_AT_FIRST = tuple(layer.name for layer in PANEL_ORDER if layer.on_at_first)
