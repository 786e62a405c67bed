"""A map of areas coloured by their class: what leaders see first."""

from collections.abc import Sequence
from typing import Literal

import numpy as np
import shapely

from reports.drawing import svg
from reports.drawing.colours import WHITE, colour, ink_on
from reports.maps.label_texts import fit_size
from reports.maps.labels import Label, Named, place_labels
from reports.maps.projection import Projection
from reports.maps.sheet import HEIGHTS, WIDTH, Area, Base, Sheet, draw_ground, draw_lines, group_above, lay_sheet

Names = Literal["areas", "above", "none"]


def draw_choropleth(
    areas: Sequence[Area],
    colours: Sequence[str],
    base: Base | None = None,
    names: Names = "areas",
    width: float = WIDTH,
    heights: tuple[float, float] = HEIGHTS,
) -> svg.Drawing:
    """The map.

    Args:
        areas: in any order; those without borders and without a place are on no map, and count as unnamed.
        colours: of the classes, ``#RRGGBB``.
        base: what lies around.
        names: whose names are written.
        width, heights: of the picture, and its least and most height.

    Raises:
        ValueError: no area has a place.
    """
    sheet = lay_sheet(areas, base or Base(), width, heights)
    view = sheet.view
    labels, left = _name(areas, colours, sheet, names)
    parts = [
        *draw_ground(sheet),
        *_fill(areas, colours, sheet),
        *draw_lines(areas, sheet),
        *(label.draw_line() for label in labels),
        *(label.draw() for label in labels),
        sheet.furniture.draw(),
    ]
    unplaced = [one.name for one in areas if one.shape is None and one.at is None] if names == "areas" else []
    unnamed = (*(one.name for one in left), *unplaced)
    return svg.Drawing(svg.picture(view.width, view.height, parts), view.width, view.height, view.metres, unnamed)


def _fill(areas: Sequence[Area], colours: Sequence[str], sheet: Sheet) -> list[str]:
    """Areas class by class, so that a thousand cells are a handful of paths."""
    parts = []
    for place in (None, *range(len(colours))):
        chosen = [shape for shape, one in zip(sheet.shapes, areas, strict=True) if one.place == place]
        fill = svg.UNTOLD if place is None else colours[place]
        parts.append(svg.path(chosen, fill=fill, fill_rule="evenodd"))
    return parts


def _name(areas: Sequence[Area], colours: Sequence[str], sheet: Sheet, names: Names) -> tuple[list[Label], list[Named]]:
    if names == "none":
        return [], []
    view = sheet.view
    if names == "above":
        called = {one.above: one.above_name for one in areas}
        groups = group_above(areas, sheet.shapes)
        wanted = [Named(called[code], "", shape, WHITE, colour("text")) for code, shape in groups.items()]
    else:
        wanted = [_name_area(one, shape, colours, view) for one, shape in zip(areas, sheet.shapes, strict=True) if not shape.is_empty]
    size = fit_size(len(wanted)) if view.width >= WIDTH * 0.7 else max(fit_size(len(wanted)) - 2.5, 14.5)
    return place_labels(wanted, (view.width, view.height), size, [sheet.furniture.box.bounds], sheet.water)


def _name_area(one: Area, shape: shapely.Geometry, colours: Sequence[str], view: Projection) -> Named:
    ground = svg.UNTOLD_GROUND if one.place is None else colours[one.place]
    ink = colour("muted") if one.place is None else ink_on(ground)
    at = None
    if one.at is not None:
        x, y = view.place(np.array([one.at]))[0]
        at = float(x), float(y)
    return Named(one.name, one.value, shape, ground, ink, at)
