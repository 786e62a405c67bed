"""What every map carries: a scale bar of a round length, and an arrow to true north. They stand where they cover least."""

import math
from dataclasses import dataclass
from typing import Protocol

import shapely

from reports.drawing import svg
from reports.drawing.colours import WHITE, colour
from reports.drawing.text_width import measure

_SIZE = 16.0
_LONGEST, _INSET, _ARROW = 130.0, 16.0, 34.0
"""Longest bar, distance from the frame, and room of the arrow, in units of the picture."""
_HEIGHT = 36.0
FREE_SHARE = 0.08
"""The share of the bar's room that may lie over areas before the map makes room below them."""


class Measured(Protocol):
    """What scale bar and arrow need to know of a picture: its size, metres for a unit, and where north is, clockwise from straight up."""

    @property
    def width(self) -> float: ...
    @property
    def height(self) -> float: ...
    @property
    def metres(self) -> float: ...
    @property
    def north_deg(self) -> float: ...


@dataclass(frozen=True, slots=True)
class ScaleBar:
    """A scale bar: the metres that it stands for, its length in the picture, and its label."""

    metres: float
    length: float
    label: str


def make_scale_bar(metres_a_unit: float, longest: float = _LONGEST) -> ScaleBar:
    """The longest bar of 1, 2 or 5 × a power of ten metres that has room."""
    most = metres_a_unit * longest
    power = 10.0 ** math.floor(math.log10(most))
    metres = next(step * power for step in (5, 2, 1) if step * power <= most * (1 + 1e-9))
    return ScaleBar(metres, metres / metres_a_unit, format_length(metres))


def format_length(metres: float) -> str:
    """``5 cm``, ``200 m``, ``1 km``, ``1,000 km``."""
    if metres >= 1000:
        return f"{metres / 1000:,.0f} km"
    return f"{metres:.0f} m" if metres >= 1 else f"{metres * 100:g} cm"


@dataclass(frozen=True, slots=True)
class Furniture:
    """Scale bar and arrow with their corner: ``box`` is what they cover, ``covers`` which share of it lies over areas."""

    bar: ScaleBar
    north_deg: float
    box: shapely.Polygon
    covers: float

    def draw(self) -> str:
        """The two, on a light ground."""
        west, north, east, south = self.box.bounds
        ink = colour("text")
        x, y = west + 10, south - 8
        middle, foot = east - _ARROW / 2 - 2, south - 5
        m, f = svg.number(middle), svg.number
        size: dict[str, str | float] = {"width": f(east - west), "height": f(south - north), "rx": 5, "fill": WHITE, "fill_opacity": 0.86}
        plate = f"<rect{svg.attributes(x=f(west), y=f(north), **size)}/>"
        length = svg.number(self.bar.length)
        bar = f'<path d="M{svg.number(x)},{svg.number(y - 6)}v6h{length}v-6" fill="none" stroke="{ink}" stroke-width="1.8"/>'
        label = svg.text(x + self.bar.length / 2, y - 8, self.bar.label, _SIZE, ink)
        turn = (
            f' transform="rotate({self.north_deg:.2f} {svg.number(middle)} {svg.number(foot - 13)})"' if abs(self.north_deg) >= 0.05 else ""
        )
        arrow = (
            f'<g{turn}><path d="M{m},{f(foot - 14)}l5,13l-5,-3.4l-5,3.4Z" fill="{ink}"/>'
            f"{svg.text(middle, foot - 16, 'N', 13, ink, bold=True)}</g>"
        )
        return f"<g>{plate}{bar}{label}{arrow}</g>"


def place_furniture(view: Measured, areas: shapely.Geometry) -> Furniture:
    """Scale bar and arrow in the corner where they cover least of the areas; the right lower one if they cover nothing there.

    Args:
        view: the picture.
        areas: all areas in the picture, as one.
    """
    bar = make_scale_bar(view.metres, min(_LONGEST, view.width / 4))
    width = max(bar.length, measure(bar.label, _SIZE)) + 20 + _ARROW
    right, low = view.width - _INSET - width, view.height - _INSET - _HEIGHT
    found = []
    for x, y in ((right, low), (_INSET, low), (right, _INSET), (_INSET, _INSET)):
        box = shapely.box(x, y, x + width, y + _HEIGHT)
        found.append(Furniture(bar, view.north_deg, box, shapely.intersection(box, areas).area / box.area))
    return min(found, key=lambda one: round(one.covers, 2))
