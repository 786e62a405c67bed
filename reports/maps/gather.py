"""What a map of a report is drawn from, asked as its reader: areas with their classes, shapes, and surroundings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import shapely

from data.figures.types import AreaReport, Unit
from data.indicators.definitions import FEWEST
from data.places.ground import ALL_ROADS, MAIN_ROADS, fetch_ground
from data.places.outlines import Outline, fetch_polygons
from data.schema import area_code
from layers.spec.area_tree import levels_below
from layers.style.classes import Classes, classify
from reports.context import Context
from reports.maps.projection import bounds_of, fit
from reports.maps.sheet import Area, Base

Size = tuple[float, tuple[float, float]]
"""Width of a picture, and its least and most height."""

MOST_AREAS = 220
"""With more areas, a map without a chosen level shows the level above."""
LEAST_TOLD = 0.5
"""The share of areas that must have a value, or the map shows the level above."""
_LEVELS_DEEP = 2
_MOST_ABOVE = 60
_FAR_M = 9_000.0
"""In a wider picture only main roads are drawn."""


@dataclass(frozen=True, slots=True)
class Coloured:
    """The areas of one level with their classes.

    Attributes:
        level: theirs.
        units: without those of cases that have no place.
        classes: how they fall into classes.
    """

    level: str
    units: Sequence[Unit]
    classes: Classes

    @property
    def told(self) -> float:
        """The share of areas that have a value."""
        return 1 - self.classes.missing / len(self.units) if self.units else 0.0


async def colour_areas(context: Context, measure: str, method: str, level: str | None) -> Coloured:
    """The areas to colour: those of the level; else, as on the map page, those two levels below, unless they are too many.

    Where most of these have no value, it is the next level, if more have one there. For an area without parts it is the area itself.
    """
    report = await context.report()
    if level is not None:
        return await _classify(context, report, measure, method, level)
    best: Coloured | None = None
    for below in reversed(levels_below(report)[:_LEVELS_DEEP]):
        found = await _classify(context, report, measure, method, below)
        if best is None or found.told > best.told or len(best.units) > MOST_AREAS:
            best = found
        if len(found.units) <= MOST_AREAS and found.told >= LEAST_TOLD:
            return found
    return best or await _classify(context, report, measure, method, report["level"])


async def _classify(context: Context, report: AreaReport, measure: str, method: str, level: str) -> Coloured:
    units = [unit for unit in await context.units(level) if unit["origin"] != "unplaced"]
    shown = units[0]["level"] if units else level
    return Coloured(shown, units, classify(measure, method, report, units, fewest=FEWEST))


async def fetch_shapes(context: Context, level: str) -> dict[str, Outline]:
    """The outlines of a level's areas by code; for a leaf its own."""
    report = await context.report()
    wanted = "self" if level == report["level"] else level
    found = (await fetch_polygons(context.area, wanted, context.viewer)).body["areas"]
    return {shape["code"]: shape for shape in found}


def make_areas(
    context: Context, report: AreaReport, coloured: Coloured, outlines: Mapping[str, Outline], names: Mapping[str, str]
) -> list[Area]:
    """The areas as they are drawn; ``names`` are those of the areas above, by code."""
    above, classes = find_above(report, coloured.units), coloured.classes
    made = []
    for unit in coloured.units:
        outline, point = outlines.get(unit["code"]), unit["label_point"]
        group = above.get(unit["code"], "")
        made.append(
            Area(
                name=context.name(unit),
                value=classes.format_value_of(unit["code"], context.lang).removesuffix("%"),
                shape=None if outline is None else read_outline(outline),
                place=classes.of[unit["code"]],
                above=group,
                above_name=names.get(group, ""),
                at=None if point is None else (point[0], point[1]),
            )
        )
    return made


def read_outline(outline: Outline) -> shapely.Geometry:
    """An outline as a shape."""
    return shapely.MultiPolygon([(part[0], part[1:]) for part in outline["polygons"]])


def find_above(report: AreaReport, units: Sequence[Unit]) -> dict[str, str]:
    """For each unit the area above it whose border is drawn: the finest level inside the area with not too many areas."""
    own = len(report["path"].split("."))
    paths = {unit["code"]: unit["path"].split(".") for unit in units}
    deepest = min((len(path) for path in paths.values()), default=0)
    for depth in range(deepest - 1, own, -1):
        found = {code: area_code(path[depth - 1]) for code, path in paths.items() if path[:own] == report["path"].split(".")}
        if len(found) == len(paths) and 1 < len(set(found.values())) <= _MOST_ABOVE:
            return found
    return {}


async def fetch_names_above(context: Context, report: AreaReport, units: Sequence[Unit]) -> dict[str, str]:
    """Names of the areas above the units, by code."""
    wanted = set(find_above(report, units).values())
    if not wanted:
        return {}
    for level in levels_below(report):
        named = {unit["code"]: context.name(unit) for unit in await context.units(level)}
        if wanted <= set(named):
            return named
    return {}


async def fetch_base(context: Context, report: AreaReport, areas: Sequence[Area], size: Size, beyond: float) -> Base:
    """Water and roads in the picture, and the areas beside the report's own.

    Args:
        context: what the report is about.
        report: the area.
        areas: those that the map shows.
        size: of the picture.
        beyond: how far the surroundings reach beyond it, as a share of its size.
    """
    shapes = (area.shape if area.shape is not None else area.at and shapely.Point(area.at) for area in areas)
    known = [shape for shape in shapes if shape is not None]
    view = fit(known, *size)
    rank = MAIN_ROADS if view.width * view.metres > _FAR_M else ALL_ROADS
    ground = await fetch_ground(context.area, bounds_of([view.list_corners(beyond)]), rank, context.viewer)
    return Base(ground.water, ground.roads, tuple(await _fetch_beside(context, report)))


async def _fetch_beside(context: Context, report: AreaReport) -> list[shapely.Geometry]:
    above = report["ancestors"][-1] if report["ancestors"] else None
    if above is None or not above["seen"] or report["level"] == "zone":
        return []
    found = (await fetch_polygons(above["code"], report["level"], context.viewer)).body["areas"]
    return [read_outline(one) for one in found if one["code"] != report["code"]]


def place_of(path: str, by_label: Mapping[str, int | None]) -> int | None:
    """The class of the area in which something with this path stands; ``by_label`` holds classes by the labels of areas."""
    return next((by_label[label] for label in reversed(path.split(".")) if label in by_label), None)
