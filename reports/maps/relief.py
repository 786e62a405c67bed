"""A still picture of buildings as prisms, seen from above at a slant, in the colour of the area in which they stand.

Parallel projection: nothing is smaller because it is farther away. Depth is foreshortened, so the scale bar holds across the picture.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from reports.drawing import svg
from reports.drawing.colours import WHITE, colour, mix, shade
from reports.maps.label_texts import fit_size
from reports.maps.labels import Label, Named, place_labels
from reports.maps.prisms import Face, Prism, find_silhouette, make_faces, order_prisms
from reports.maps.projection import Margins, Projection, fit, simplify
from reports.maps.sheet import WIDTH, Area, Base
from reports.maps.slant import RISE, SQUASH, Slant

MOST_FACES = 7_000
_LEAST_M2 = 12.0
_TINT = 0.42
_WALL = (0.70, 0.94)
"""Brightness of walls that face left and right: the light comes from the south-east."""
_NO_BUILDING = "#F3F5F9"


@dataclass(frozen=True, slots=True)
class Building:
    """A building: footprint in EPSG:4326, height in metres, and the place of its area's class."""

    shape: shapely.Geometry
    height_m: float
    place: int | None


@dataclass(frozen=True, slots=True)
class Relief:
    """The picture, how many buildings it shows, and how many it leaves out because they are small."""

    drawing: svg.Drawing
    shown: int
    left_out: int


def draw_relief(
    areas: Sequence[Area], buildings: Sequence[Building], colours: Sequence[str], base: Base | None = None, width: float = WIDTH
) -> Relief:
    """The picture.

    Args:
        areas: coloured on the ground; those without borders are left out.
        buildings: the largest are drawn.
        colours: of the classes.
        base: what lies around.
        width: of the picture.

    Raises:
        ValueError: no area has borders.
    """
    outlined = [one for one in areas if one.shape is not None]
    if not outlined:
        raise ValueError("no area has borders")
    view = fit([one.shape for one in outlined], width, (width * 0.3, width * 1.4), Margins(0, 0, 0))
    look = Slant.over(view.project([one.shape for one in outlined]), view, width)
    ground = [_only_surface(shape) for shape in simplify(look.turn(view.project([one.shape for one in outlined])), 0.8)]
    placed, left_out = _stand(buildings, view, look)
    prisms = _without_hidden([placed[n] for n in order_prisms(placed, SQUASH)]) if placed else []
    labels = _name(outlined, ground, look, width)
    parts = [*_draw_ground(outlined, ground, colours, base or Base(), view, look), *_draw_prisms(prisms, colours)]
    parts += [*(label.draw() for label in labels), look.furnish(view, ground)]
    drawing = svg.Drawing(svg.picture(width, look.height, parts), width, look.height, view.metres / look.zoom)
    return Relief(drawing, len(placed), left_out)


def _only_surface(shape: shapely.Geometry) -> shapely.Geometry:
    return shape if shape.geom_type in ("Polygon", "MultiPolygon") else shapely.Polygon()


def _stand(buildings: Sequence[Building], view: Projection, look: Slant) -> tuple[list[Prism], int]:
    """The largest buildings as prisms, and how many are left out."""
    if not buildings:
        return [], 0
    shapes = look.turn(view.project([one.shape for one in buildings]))
    scale = look.zoom / view.metres
    found: list[Prism] = []
    faces = 0
    bulk = shapely.area(shapes) * np.array([max(one.height_m, 1) for one in buildings])
    for n in np.argsort(-bulk, kind="stable"):
        for part in shapely.get_parts(shapes[n]):
            if part.geom_type != "Polygon" or part.area < _LEAST_M2 * scale**2 / 4:
                continue
            plain = shapely.simplify(shapely.Polygon(part.exterior), 0.5)
            if plain.is_empty or not plain.is_valid:
                continue
            # Counter-clockwise where y grows downwards is clockwise for the library.
            turned = shapely.orient_polygons(plain, exterior_cw=False)
            faces += shapely.get_num_coordinates(turned) // 2 + 1
            if faces > MOST_FACES:
                return found, len(buildings) - len(found)
            one = buildings[n]
            found.append(Prism(turned, max(one.height_m, 2.0) * scale * RISE, one.place))
    return found, max(len(buildings) - len(found), 0)


def _without_hidden(prisms: list[Prism]) -> list[Prism]:
    """Prisms in the order of painting, without those that one later prism hides wholly."""
    seen = np.array([find_silhouette(one, SQUASH) for one in prisms], dtype=object)
    inner, outer = shapely.STRtree(seen).query(seen, predicate="covered_by")
    hidden = {int(a) for a, b in zip(inner, outer, strict=True) if a < b}
    return [one for n, one in enumerate(prisms) if n not in hidden]


def _draw_ground(
    areas: Sequence[Area], ground: Sequence[shapely.Geometry], colours: Sequence[str], base: Base, view: Projection, look: Slant
) -> list[str]:
    seen = look.lay(ground)
    frame = f'width="{svg.number(view.width)}" height="{svg.number(look.height)}"'
    parts = [f'<rect {frame} fill="{colour("map-land")}"/>']
    for place in (None, *range(len(colours))):
        chosen = [shape for shape, one in zip(seen, areas, strict=True) if one.place == place]
        fill = svg.UNTOLD if place is None else colours[place]
        parts.append(svg.path(chosen, fill=fill, fill_rule="evenodd"))
    water = (
        [part for part in look.lay(look.turn(view.project(base.water))) if part.geom_type in ("Polygon", "MultiPolygon")]
        if base.water
        else []
    )
    cut = shapely.clip_by_rect(np.array(water, dtype=object), -4, -4, view.width + 4, look.height + 4) if water else []
    parts.append(svg.path([part for shape in cut for part in svg.surfaces(shape)], fill=colour("map-water"), fill_rule="evenodd"))
    roads = look.lay(look.turn(view.project([road for road, _ in base.roads]))) if base.roads else []
    cut = shapely.clip_by_rect(np.asarray(roads, dtype=object), -4, -4, view.width + 4, look.height + 4) if len(roads) else []
    parts.append(svg.path(cut, fill="none", stroke=WHITE, stroke_opacity=0.8, stroke_width=2))
    parts.append(svg.path(shapely.boundary(seen), fill="none", stroke=WHITE, stroke_width=1.8))
    parts.append(svg.path(shapely.boundary(seen), fill="none", stroke=colour("text"), stroke_opacity=0.35, stroke_width=0.6))
    return parts


def _draw_prisms(prisms: Sequence[Prism], colours: Sequence[str]) -> list[str]:
    """Faces from the back to the front; neighbours of one colour are one path, so that the picture stays small."""
    parts: list[str] = []
    for prism in prisms:
        roof = _NO_BUILDING if prism.place is None else mix(WHITE, colours[prism.place], _TINT)
        for face in make_faces(prism, SQUASH):
            parts.append(_draw_face(face, roof))
    return parts


def _draw_face(face: Face, roof: str) -> str:
    corners = " ".join(f"{svg.number(x)},{svg.number(y)}" for x, y in face.corners)
    if face.turn is None:
        return f'<path d="M{corners}Z" fill="{roof}" stroke="{shade(roof, 0.78)}" stroke-width=".4"/>'
    low, high = _WALL
    fill = shade(roof, low + (high - low) * (face.turn + 1) / 2)
    return f'<path d="M{corners}Z" fill="{fill}" stroke="{fill}" stroke-width=".3"/>'


def _name(areas: Sequence[Area], ground: Sequence[shapely.Geometry], look: Slant, width: float) -> list[Label]:
    seen = look.lay(ground)
    wanted = [Named(one.name, "", shape, WHITE, colour("text")) for one, shape in zip(areas, seen, strict=True) if not shape.is_empty]
    return place_labels(wanted, (width, look.height), fit_size(len(wanted)))[0] if len(wanted) <= 40 else []
