"""What every map of areas begins with: areas and their surroundings in the picture, simplified, with ground, water, roads and borders."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from reports.drawing import svg
from reports.drawing.colours import colour
from reports.maps.furniture import FREE_SHARE, Furniture, place_furniture
from reports.maps.projection import Margins, Projection, fit, simplify

WIDTH = 1210.0
"""Of a picture as wide as a page: 174 mm of A4, so that a unit is 0.41 pt."""
HEIGHTS = (420.0, 945.0)
MOST_NAMED = 250
"""With more areas no name has room; those of the level above are written instead."""
_BELOW = 66.0
"""Room under the areas for scale bar and arrow where every corner is full."""
_DISTANT_M = 60_000.0
"""On maps that are wider than this, roads would only be noise."""

_OUTLINE = "#A5B0BF"


@dataclass(frozen=True, slots=True)
class Area:
    """An area to be coloured.

    Attributes:
        name, value: what is written in it.
        shape: polygon in EPSG:4326; ``None`` where its borders are not known: a dot is drawn at ``at``.
        place: of its class, from 0; ``None`` where nothing is told of it.
        above, above_name: code and name of the area above, whose border is drawn dark; empty: none.
        at: longitude and latitude of its label.
    """

    name: str
    value: str
    shape: shapely.Geometry | None
    place: int | None
    above: str = ""
    above_name: str = ""
    at: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Base:
    """What lies around and under the areas, in EPSG:4326.

    Attributes:
        water: surfaces of rivers, lakes, and the sea.
        roads: main roads, each with its width on the ground in metres.
        beside: areas of which the map does not speak: their borders are drawn lightly.
    """

    water: tuple[shapely.Geometry, ...] = ()
    roads: tuple[tuple[shapely.Geometry, float], ...] = ()
    beside: tuple[shapely.Geometry, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """Areas in the picture, and what belongs to every map of them.

    Attributes:
        view: where places lie.
        shapes: of the areas, simplified; an area without borders is a small circle.
        whole: all of them together.
        water: in the picture.
        furniture: scale bar and arrow.
        base: what lies around.
    """

    view: Projection
    shapes: Any
    whole: shapely.Geometry
    water: shapely.Geometry
    furniture: Furniture
    base: Base


def lay_sheet(areas: Sequence[Area], base: Base, width: float = WIDTH, heights: tuple[float, float] = HEIGHTS) -> Sheet:
    """Project, simplify and arrange: the first step of every map.

    Raises:
        ValueError: no area has a place.
    """
    known = [one.shape if one.shape is not None else shapely.Point(one.at) for one in areas if one.shape is not None or one.at is not None]
    if not known:
        raise ValueError("no area has a place")
    view = fit(known, width, heights)
    sheet = _arrange(areas, base, view)
    if sheet.furniture.covers > FREE_SHARE:
        sheet = _arrange(areas, base, fit(known, width, heights, Margins(bottom=_BELOW)))
    return sheet


def _arrange(areas: Sequence[Area], base: Base, view: Projection) -> Sheet:
    outlined = [n for n, one in enumerate(areas) if one.shape is not None]
    shapes = np.full(len(areas), shapely.Polygon(), dtype=object)
    if outlined:
        shapes[outlined] = simplify(view.project([areas[n].shape for n in outlined]))
    for n, one in enumerate(areas):
        if one.shape is None and one.at is not None:
            x, y = view.place(np.array([one.at]))[0]
            shapes[n] = shapely.Point(x, y).buffer(13)
    whole = shapely.union_all(shapes)
    return Sheet(view, shapes, whole, _find_water(view, base), place_furniture(view, whole), base)


def _find_water(view: Projection, base: Base) -> shapely.Geometry:
    """All surfaces of water in the picture, as one."""
    found = view.clip(view.project(base.water)) if base.water else np.array([], dtype=object)
    flat = [part for part in shapely.get_parts(found) if part.geom_type == "Polygon"]
    return simplify([shapely.union_all(flat)], 0.6)[0] if flat else shapely.Polygon()


def draw_ground(sheet: Sheet) -> list[str]:
    """What lies around the areas: a light hatch, and the borders of the areas beside them."""
    view = sheet.view
    ground = f'<rect width="{svg.number(view.width)}" height="{svg.number(view.height)}" fill="{svg.AROUND}"/>'
    beside = view.clip(simplify(view.project(sheet.base.beside))) if sheet.base.beside else []
    return [ground, svg.path(beside, fill="none", stroke="#C3CAD4", stroke_width=1.2)]


def draw_lines(areas: Sequence[Area], sheet: Sheet) -> list[str]:
    """Water and roads over the colours, then borders: white ones between the areas, dark ones between those above."""
    view = sheet.view
    parts = [svg.path([sheet.water], fill=colour("map-water"), fill_rule="evenodd")]
    if view.width * view.metres < _DISTANT_M:
        parts += _roads(sheet)
    thin = 1.8 if len(areas) <= 60 else 1.2 if len(areas) <= MOST_NAMED else 0.7
    borders, looks = _borders(sheet.shapes), {"fill": "none", "stroke_linejoin": "round", "stroke_linecap": "round"}
    parts.append(svg.path(borders, stroke="#FFFFFF", stroke_width=thin, **looks))
    if len(areas) <= MOST_NAMED:  # the middle class is nearly white, too
        parts.append(svg.path(borders, stroke=colour("text"), stroke_opacity=0.4, stroke_width=0.5, **looks))
    parts.append(svg.path([shapely.boundary(sheet.whole)], stroke=_OUTLINE, stroke_width=1.4, **looks))
    dark = _borders_above(areas, sheet)
    parts.append(svg.path(dark, stroke="#FFFFFF", stroke_opacity=0.85, stroke_width=5.5, **looks))
    parts.append(svg.path(dark, stroke=colour("map-district-line"), stroke_width=2.2, **looks))
    return parts


def _roads(sheet: Sheet) -> list[str]:
    """Main roads in white, in three widths, as wide as they are or as they can be seen."""
    view, found = sheet.view, dict[float, list[shapely.Geometry]]()
    for shape, width_m in zip(view.project([road for road, _ in sheet.base.roads]), (width for _, width in sheet.base.roads), strict=True):
        wide = min(max(width_m / view.metres, 0.8), 3.0)
        found.setdefault(round(wide * 2) / 2 or 0.8, []).append(shape)
    return [
        svg.path(view.clip(shapely.simplify(shapes, 0.5)), fill="none", stroke="#FFFFFF", stroke_opacity=0.6, stroke_width=wide)
        for wide, shapes in sorted(found.items())
    ]


def _borders(shapes: Any) -> list[shapely.Geometry]:
    """Every border once, also those that two areas share."""
    lines = shapely.union_all(shapely.boundary(shapes))
    return [shapely.line_merge(lines)] if not lines.is_empty else []


def _borders_above(areas: Sequence[Area], sheet: Sheet) -> list[shapely.Geometry]:
    """Borders between the areas above, without their outer line."""
    groups = group_above(areas, sheet.shapes)
    if len(groups) < 2:
        return []
    lines = shapely.union_all([shapely.boundary(shape) for shape in groups.values()])
    inner = shapely.difference(lines, shapely.buffer(shapely.boundary(sheet.whole), 0.5))
    return [part for part in shapely.get_parts(shapely.line_merge(inner)) if part.length > 3]


def group_above(areas: Sequence[Area], shapes: Any) -> dict[str, shapely.Geometry]:
    """The areas above, each as the union of its parts."""
    members: dict[str, list[shapely.Geometry]] = {}
    for one, shape in zip(areas, shapes, strict=True):
        if one.above:
            members.setdefault(one.above, []).append(shape)
    return {code: shapely.union_all(parts) for code, parts in members.items()}
