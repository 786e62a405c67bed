"""The polygons of every level, united from the tiled cells, with a label point and a number inside the parent."""

import math
from dataclasses import dataclass

import numpy as np
import shapely

from data.demo.common.frame import CENTRE, Ints, Shapes
from data.demo.common.scale import Scale
from data.demo.land.plan import Plan, measure_reach
from data.demo.land.tiling import dissolve_shapes, make_tiling


@dataclass(frozen=True, slots=True)
class Level:
    """Areas of one level on the plan: polygon, label point, index of the parent one level up, number inside it (from 1)."""

    shapes: Shapes
    points: Shapes
    parent: Ints
    number: Ints


_INNER_DISTRICTS = 4
"""Of a city with more than six districts: two on each side of the river."""


def _district(plan: Plan, street: shapely.Geometry) -> int:
    """Index into ``names.DISTRICTS``: by the side of the river and the distance."""
    at = shapely.difference(street, plan.waters.everything).centroid
    bed = shapely.get_coordinates(plan.waters.bed)
    north = bool(at.y > float(np.interp(at.x, bed[:, 0], bed[:, 1])))
    r, east = float(measure_reach(at.x, at.y)), (at.x - CENTRE[0]) / plan.scale.size
    if plan.scale.districts > 6:
        return _sector(plan.scale, r, math.atan2(at.y - CENTRE[1], at.x - CENTRE[0]), north)
    if north:
        if r < 0.85 * plan.scale.middle_m:
            return 0
        return 2 if east < 100 else 3
    if r < plan.scale.middle_m or (r < 0.88 * plan.scale.outer_m and -1200 < east < 2850):
        return 1
    return 4 if east < 750 else 5


def _sector(scale: Scale, r: float, angle: float, north: bool) -> int:
    """Districts of a larger city: four around the crossroads, the others side by side around them, none across the river."""
    turned = (angle if north else -angle) % (2 * math.pi)
    from_east = min(turned, math.pi) / math.pi if turned < 1.5 * math.pi else 0.0
    if r < scale.rings_m[len(scale.rings_m) // 2]:
        return (0 if north else 1) + 2 * (from_east < 0.5)
    half = (scale.districts - _INNER_DISTRICTS) // 2
    place = min(half - 1, int(from_east * half))
    if north:
        return _INNER_DISTRICTS + half + place
    # The eastern one has its name from the lake in it, as in the full city.
    return _INNER_DISTRICTS + (1 - place if place < 2 else place)


def find_reading_order(shapes: Shapes) -> Ints:
    """Indices in the order of reading a map: rows from north to south, each from west to east."""
    at = shapely.get_coordinates(shapely.centroid(shapes))
    row_m = float(np.sqrt(np.median(shapely.area(shapes))))
    return np.lexsort((at[:, 0], -np.round(at[:, 1] / row_m)))


def place_labels(shapes: Shapes, plan: Plan) -> Shapes:
    """A point well inside the dry part of each shape (inside the shape where all is water)."""
    dry = shapes.copy()
    wet = shapely.intersects(plan.waters.everything, shapes)
    dry[wet] = shapely.difference(shapes[wet], plan.waters.everything)
    dry = np.where(shapely.area(dry) > 0.02 * shapely.area(shapes), dry, shapes)
    tolerance = np.sqrt(shapely.area(dry)) / 20
    return np.asarray(shapely.get_point(shapely.maximum_inscribed_circle(dry, tolerance=tolerance), 0))


def _level(shapes: Shapes, parent: Ints, plan: Plan) -> Level:
    number = np.zeros(len(shapes), int)
    for owner in np.unique(parent):
        mine = np.flatnonzero(parent == owner)
        number[mine[find_reading_order(shapes[mine])]] = np.arange(1, len(mine) + 1)
    return Level(shapes, place_labels(shapes, plan), parent, number)


def make_levels(plan: Plan) -> dict[str, Level]:
    """City, districts, streets, communities and cells; children tile their parents exactly."""
    community_of = np.array([p.parent for p in plan.cells])
    street_of = np.array([p.parent for p in plan.communities])
    cells = make_tiling([p.shape for p in plan.cells])
    communities = dissolve_shapes(cells, community_of, len(plan.communities))
    streets = dissolve_shapes(communities, street_of, len(plan.streets))
    district_of = np.array([_district(plan, s) for s in streets])
    districts = dissolve_shapes(streets, district_of, plan.scale.districts)
    city = np.array([shapely.coverage_union_all(districts)])
    return {
        "city": _level(city, np.array([0]), plan),
        "district": _level(districts, np.zeros(len(districts), int), plan),
        "street": _level(streets, district_of, plan),
        "community": _level(communities, street_of, plan),
        "grid": _level(cells, community_of, plan),
    }
