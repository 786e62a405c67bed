"""Writes SVG: paths of shapes, and texts. Whatever readers typed is a text and never markup; nothing points outside the picture."""

import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from reports.drawing.texts import make_legible

FONT = "Noto Sans CJK SC"


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture: its SVG, its size in its own units, and how many metres a unit is in its middle.

    ``unnamed`` are the names of areas that found no room for them.
    """

    svg: str
    width: float
    height: float
    metres: float
    unnamed: tuple[str, ...] = ()


def number(value: float) -> str:
    """A coordinate with one decimal, without needless zeros."""
    text = f"{value:.1f}"
    text = text.removesuffix(".0")
    return "0" if text == "-0" else text


def escape(text: str) -> str:
    """A text for the inside of an element or of an attribute."""
    return html.escape(make_legible(text))


def path_data(shapes: Iterable[shapely.Geometry]) -> str:
    """The ``d`` of a path: rings of polygons, or lines, in their order; points are left out."""
    found: list[str] = []
    for part in shapely.get_parts(np.asarray(list(shapes), dtype=object)):
        if part.is_empty:
            continue
        if part.geom_type == "Polygon":
            found += [_line(ring, closed=True) for ring in (part.exterior, *part.interiors)]
        elif part.geom_type in ("LineString", "LinearRing"):
            found.append(_line(part, closed=False))
        elif part.geom_type == "GeometryCollection":
            found.append(path_data(part.geoms))
    return "".join(filter(None, found))


def _line(line: shapely.Geometry, closed: bool) -> str:
    """One run of corners, without those that fall together when they are rounded."""
    corners = [f"{number(x)},{number(y)}" for x, y in shapely.get_coordinates(line)]
    kept = [corner for n, corner in enumerate(corners) if n == 0 or corner != corners[n - 1]]
    if closed:
        kept = kept[:-1] if len(kept) > 1 and kept[0] == kept[-1] else kept
        return f"M{' '.join(kept)}Z" if len(kept) > 2 else ""
    return f"M{' '.join(kept)}" if len(kept) > 1 else ""


def surfaces(shape: shapely.Geometry) -> list[shapely.Geometry]:
    """The polygons of a shape, without the lines and points that cutting may leave."""
    return [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]


def path(shapes: Iterable[shapely.Geometry], **looks: str | float) -> str:
    """A path, or nothing where there is nothing to draw. Names of attributes are written with ``_`` for ``-``."""
    data = path_data(shapes)
    return f'<path d="{data}"{attributes(**looks)}/>' if data else ""


def attributes(**looks: str | float) -> str:
    """Attributes of an element, ``_`` in a name standing for ``-``; numbers as short as they can be."""
    written = {name.replace("_", "-"): f"{value:g}" if isinstance(value, float | int) else value for name, value in looks.items()}
    return "".join(f' {name}="{escape(value)}"' for name, value in written.items())


def text(x: float, y: float, words: str, size: float, fill: str, halo: str = "", bold: bool = False, anchor: str = "middle") -> str:
    """A line of text on its baseline. ``halo`` is the colour of the rim that keeps it readable over lines."""
    looks: dict[str, str | float] = {"font_size": size, "fill": fill, "text_anchor": anchor}
    if bold:
        looks["font_weight"] = "700"
    if halo:  # painted first, so that the text is written once and can be copied once
        looks |= {"stroke": halo, "stroke_width": round(size * 0.24, 1), "stroke_linejoin": "round", "paint_order": "stroke"}
    return f'<text x="{number(x)}" y="{number(y)}"{attributes(**looks)}>{escape(words)}</text>'


def picture(width: float, height: float, parts: Sequence[str]) -> str:
    """The whole picture, cut at its rounded frame.

    The frame's name follows from its size, so that pictures on one page do not disturb each other.
    """
    w, h = number(width), number(height)
    frame = f"f{w}x{h}".replace(".", "_")
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w} {h}" width="{w}" height="{h}" font-family="{FONT}">',
            f'<defs><clipPath id="{frame}"><rect width="{w}" height="{h}" rx="10"/></clipPath>{_HATCHES}</defs>',
            f'<g clip-path="url(#{frame})">',
            *filter(None, parts),
            "</g></svg>",
        )
    )


def _hatch(name: str, pitch: float, ground: str, line: str, width: float) -> str:
    side = f'width="{pitch:g}" height="{pitch:g}"'
    return (
        f'<pattern id="{name}" {side} patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        f'<rect {side} fill="{ground}"/><rect width="{width:g}" height="{pitch:g}" fill="{line}"/></pattern>'
    )


UNTOLD_GROUND, AROUND_GROUND = "#F1F3F6", "#F6F7F9"
UNTOLD, AROUND = "url(#untold)", "url(#around)"
"""Fills of areas of which nothing is told, and of what lies around them."""
_HATCHES = _hatch("untold", 7, UNTOLD_GROUND, "#C2CAD5", 2) + _hatch("around", 11, AROUND_GROUND, "#E6EAEF", 1.4)
