"""Where cases are: their density as a smooth surface of small hexagons, each coloured by its class.

The density at a place is the sum over cases of Silverman's quartic kernel (Density Estimation for Statistics and Data Analysis, 1986, 4.5):
``3 / (π r²) · (1 − d²/r²)²`` within the radius ``r``. The whole surface sums to the number of cases.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from layers.style.breaks import find_class, round_breaks, sequential_breaks, spread_colours
from layers.style.theme import RAMP
from reports.drawing import svg
from reports.drawing.colours import WHITE, colour
from reports.maps.labels import Label, Named, place_labels
from reports.maps.sheet import HEIGHTS, WIDTH, Area, Base, Sheet, draw_ground, draw_lines, group_above, lay_sheet

_SIDE = 6.0
"""Side of a hexagon, in units of the picture."""
_REACH_SHARE = 0.05
"""Radius of the kernel as a share of the map's width: more than the cells in which cases are counted where there are many."""
FEWEST_TOLD = 5
"""Where only sums may be seen, a place is coloured if at least so many cases lie within the radius."""
MOST_DOTS = 300
"""With at most so many cases each is a dot, too, where single cases may be seen."""
_SAMPLE = 300
_LEAST_SHARE = 0.02
"""Less than this share of the highest density is left blank."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Cases at a place, degrees."""

    lon: float
    lat: float
    n: int


@dataclass(frozen=True, slots=True)
class Density:
    """The map with what its legend says.

    Attributes:
        drawing: the picture.
        breaks: between the classes, cases per km², rising; one fewer than ``colours``.
        colours: of the classes.
        radius_m: of the kernel.
        peak: the highest density; 0 where there is no case.
    """

    drawing: svg.Drawing
    breaks: tuple[float, ...]
    colours: tuple[str, ...]
    radius_m: float
    peak: float


def draw_density(
    areas: Sequence[Area],
    spots: Sequence[Spot],
    singly: bool,
    base: Base | None = None,
    width: float = WIDTH,
    heights: tuple[float, float] = HEIGHTS,
) -> Density:
    """The map of the density.

    Args:
        areas: whose borders and names are drawn.
        spots: the cases that have a place.
        singly: whether single cases may be seen.
        base: what lies around.
        width, heights: of the picture, and its least and most height.

    Raises:
        ValueError: no area has a place.
    """
    sheet = lay_sheet(areas, base or Base(), width, heights)
    view, kept = sheet.view, [spot for spot in spots if spot.n > 0]
    radius_m = _choose_radius(view.width * view.metres * _REACH_SHARE)
    places = view.place(np.array([[spot.lon, spot.lat] for spot in kept])) if kept else np.empty((0, 2))
    counts = np.array([spot.n for spot in kept], dtype=float)
    hexagons, values, near = _measure(sheet, places, counts, radius_m)
    shown = values > max(values.max(initial=0.0) * _LEAST_SHARE, 1e-12)
    if not singly:
        shown &= near >= FEWEST_TOLD
    hexagons, values = hexagons[shown], values[shown]
    breaks = _find_breaks(values)
    colours = tuple(colour(token) for token in spread_colours(RAMP, len(breaks) + 1))
    labels = _name(areas, sheet)
    parts = [
        *draw_ground(sheet),
        svg.path([sheet.whole], fill=WHITE, fill_rule="evenodd"),
        *_colour(hexagons, values, breaks, colours, sheet),
        *draw_lines(areas, sheet),
        _dots(places) if singly and counts.sum() <= MOST_DOTS and (counts == 1).all() else "",
        *(label.draw() for label in labels),
        sheet.furniture.draw(),
    ]
    drawing = svg.Drawing(svg.picture(view.width, view.height, parts), view.width, view.height, view.metres)
    return Density(drawing, tuple(breaks), colours, radius_m, float(values.max(initial=0.0)))


def _choose_radius(near_m: float) -> float:
    """The round length that is nearest, as a ratio: 1, 2, 3 or 5 × a power of ten metres."""
    power = 10.0 ** math.floor(math.log10(near_m))
    return min((step * power for step in (1, 2, 3, 5, 10)), key=lambda length: abs(math.log(length / near_m)))


def _find_breaks(values: Any) -> list[float]:
    """Natural breaks of an even sample: of thousands of hexagons it has the same ones."""
    if not len(values):
        return []
    ordered = np.sort(values)
    sample = ordered[np.unique(np.linspace(0, len(ordered) - 1, _SAMPLE).round().astype(int))]
    return round_breaks(sequential_breaks(sample.tolist(), "natural"), float(ordered[0]), float(ordered[-1]))


def _measure(sheet: Sheet, places: Any, counts: Any, radius_m: float) -> tuple[Any, Any, Any]:
    """Hexagons over the areas, their density in cases per km², and how many cases lie within the radius of each."""
    centres = _net(sheet.whole)
    metres = sheet.view.metres
    radius = radius_m / metres
    case, at = shapely.STRtree(shapely.points(centres)).query(shapely.points(places), predicate="dwithin", distance=radius)
    share = 1 - ((centres[at] - places[case]) ** 2).sum(axis=1) / radius**2
    values = np.bincount(at, counts[case] * share**2, len(centres)) * 3 / (math.pi * (radius_m / 1000) ** 2)
    near = np.bincount(at, counts[case], len(centres))
    return _hexagons(centres), values, near


def _net(whole: shapely.Geometry) -> Any:
    """Middles of hexagons that touch the areas, rows shifted by half."""
    west, north, east, south = whole.bounds
    across, down = math.sqrt(3) * _SIDE, 1.5 * _SIDE
    rows, columns = (math.ceil((high - low) / step) + 2 for high, low, step in ((south, north, down), (east, west, across)))
    y, x = np.mgrid[0:rows, 0:columns].astype(float)
    centres = np.column_stack(((west + (x + (y % 2) / 2 - 0.5) * across).ravel(), (north + y * down).ravel()))
    shapely.prepare(whole)
    return centres[shapely.dwithin(whole, shapely.points(centres), _SIDE)]


def _hexagons(centres: Any) -> Any:
    turns = np.radians(np.arange(6) * 60 + 30)
    corners = np.column_stack((np.cos(turns), np.sin(turns))) * _SIDE
    return shapely.polygons((centres[:, None, :] + corners[None, :, :]).round(3)) if len(centres) else np.array([], dtype=object)


def _colour(hexagons: Any, values: Any, breaks: Sequence[float], colours: Sequence[str], sheet: Sheet) -> list[str]:
    """Hexagons of a class as one shape, each class lying upon the lower ones: so no seam can be seen between them."""
    places = np.array([find_class(value, breaks) for value in values], dtype=int)
    parts = []
    for place, fill in enumerate(colours):
        chosen = hexagons[places >= place]
        if len(chosen):
            surface = shapely.intersection(shapely.coverage_union_all(chosen), sheet.whole)
            parts.append(svg.path(svg.surfaces(surface), fill=fill, fill_rule="evenodd"))
    return parts


def _dots(places: Any) -> str:
    look = f'r="3" fill="{colour("text")}" stroke="{WHITE}" stroke-width="1"'
    return "".join(f'<circle cx="{svg.number(x)}" cy="{svg.number(y)}" {look}/>' for x, y in places)


def _name(areas: Sequence[Area], sheet: Sheet) -> list[Label]:
    """Names of the areas, or of those above where there are many; without values, so that the surface can be seen."""
    if len(areas) > 60:
        called = {one.above: one.above_name for one in areas}
        named = [(called[code], shape) for code, shape in group_above(areas, sheet.shapes).items()]
    else:
        named = [(one.name, shape) for one, shape in zip(areas, sheet.shapes, strict=True) if not shape.is_empty]
    wanted = [Named(name, "", shape, WHITE, colour("text")) for name, shape in named]
    return place_labels(wanted, (sheet.view.width, sheet.view.height), 16.5, [sheet.furniture.box.bounds], sheet.water)[0]
