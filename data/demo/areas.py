"""The tree of areas: codes, names, heads and polygons, and the functional zones beside it."""

from dataclasses import dataclass

import numpy as np
import shapely

from data.demo import names
from data.demo.frame import CENTRE, Floats, Ints, Shapes, dice
from data.demo.names import CITY_CODE, Name
from data.demo.plan import Plan, reach
from data.demo.tiling import dissolve, tile
from data.schema import area_label

ZONES = (
    ("990100Z1", Name("高新技术开发区", "High-tech Development Zone"), (4300.0, 1500.0), 1500.0),
    ("990100Z2", Name("老城风景区", "Old Town Scenic Area"), (-1050.0, 450.0), 1050.0),
    ("990100Z3", Name("滨江商务区", "Riverside Business District"), (550.0, -2000.0), 950.0),
)
"""Code, name, offset from the crossroads and radius, metres of a full-size city."""

_FULL_SIZE_M = 4900.0


@dataclass(frozen=True, slots=True)
class Area:
    """One area; ``shape`` and ``label`` are on the plan."""

    code: str
    level: str
    name: Name
    parent: str | None
    path: str
    district: str | None
    shape: shapely.Geometry
    label: shapely.Point


@dataclass(frozen=True, slots=True)
class Tree:
    """All areas; ``cells`` are the grid cells in the order of the plan, ``street_of`` and ``community_of`` their parents' indices."""

    areas: list[Area]
    cells: list[Area]
    communities: list[Area]
    streets: list[Area]
    street_of: Ints
    community_of: Ints


def _district(plan: Plan, street: shapely.Geometry) -> int:
    """Index into ``names.DISTRICTS``: by the side of the river and the distance."""
    _, middle, outer = plan.scale.rings_m
    at = shapely.difference(street, plan.waters.everything).centroid
    bed = shapely.get_coordinates(plan.waters.bed)
    r, east = float(reach(at.x, at.y)), (at.x - CENTRE[0]) * _FULL_SIZE_M / outer
    if at.y > float(np.interp(at.x, bed[:, 0], bed[:, 1])):
        if r < 0.85 * middle:
            return 0
        return 2 if east < 100 else 3
    if r < middle or (r < 0.88 * outer and -1200 < east < 2850):
        return 1
    return 4 if east < 750 else 5


def reading_order(shapes: Shapes) -> Ints:
    """Indices in the order of reading a map: rows from north to south, each from west to east."""
    at = shapely.get_coordinates(shapely.centroid(shapes))
    row_m = float(np.sqrt(np.median(shapely.area(shapes))))
    return np.lexsort((at[:, 0], -np.round(at[:, 1] / row_m)))


def labels(shapes: Shapes, plan: Plan) -> Shapes:
    """A point well inside the dry part of each shape (inside the shape where all is water)."""
    dry = shapes.copy()
    wet = shapely.intersects(plan.waters.everything, shapes)
    dry[wet] = shapely.difference(shapes[wet], plan.waters.everything)
    dry = np.where(shapely.area(dry) > 0.02 * shapely.area(shapes), dry, shapes)
    tolerance = np.sqrt(shapely.area(dry)) / 20
    return np.asarray(shapely.get_point(shapely.maximum_inscribed_circle(dry, tolerance=tolerance), 0))


def _children(parent: Area, shapes: Shapes, points: Shapes, level: str, codes: list[str], called: list[Name]) -> list[Area]:
    made = []
    for shape, point, code, name in zip(shapes, points, codes, called, strict=True):
        district = code if level == "district" else parent.district
        made.append(Area(code, level, name, parent.code, f"{parent.path}.{area_label(code)}", district, shape, point))
    return made


@dataclass(frozen=True, slots=True)
class _Level:
    shapes: Shapes
    points: Shapes
    parent: Ints


def _levels(plan: Plan) -> dict[str, _Level]:
    """Polygons of every level, united from the tiled cells, so that children tile their parents exactly."""
    community_of = np.array([p.parent for p in plan.cells])
    street_of = np.array([p.parent for p in plan.communities])
    cells = tile([p.shape for p in plan.cells])
    communities = dissolve(cells, community_of, len(plan.communities))
    streets = dissolve(communities, street_of, len(plan.streets))
    district_of = np.array([_district(plan, s) for s in streets])
    districts = dissolve(streets, district_of, len(names.DISTRICTS))
    city = np.array([shapely.coverage_union_all(districts)])
    return {
        "city": _Level(city, labels(city, plan), np.array([0])),
        "district": _Level(districts, labels(districts, plan), np.zeros(len(districts), int)),
        "street": _Level(streets, labels(streets, plan), district_of),
        "community": _Level(communities, labels(communities, plan), street_of),
        "grid": _Level(cells, labels(cells, plan), community_of),
    }


def make_tree(plan: Plan) -> Tree:
    """Name and number every area: streets from the centre outwards, communities and cells as one reads a map."""
    level = _levels(plan)
    root = Area(CITY_CODE, "city", names.CITY, None, area_label(CITY_CODE), None, level["city"].shapes[0], level["city"].points[0])
    district_codes = [f"{CITY_CODE[:4]}{2 + i:02d}" for i in range(len(names.DISTRICTS))]
    called = [d.of(names.DISTRICT) for d in names.DISTRICTS]
    districts = _children(root, level["district"].shapes, level["district"].points, "district", district_codes, called)
    streets = _number(
        level["street"], districts, lambda n, town: f"{100 + n if town else n:03d}", _street_names(plan, level["street"]), "street"
    )
    communities = _number(level["community"], streets, lambda n, _: f"{n:03d}", _community_names(level["community"], streets), "community")
    numbers = _ordinals(level["grid"])
    cells = _number(level["grid"], communities, lambda n, _: f"{n:03d}", [Name(f"{n:02d}网格", f"Grid {n:02d}") for n in numbers], "grid")
    community_of = level["grid"].parent
    street_of = level["community"].parent[community_of]
    tree = Tree([root, *districts, *streets, *communities, *cells], cells, communities, streets, street_of, community_of)
    tree.areas.extend(_zones(plan, root, level["grid"].shapes))
    return tree


def _ordinals(level: _Level) -> list[int]:
    """Number of each shape inside its parent, from 1."""
    numbers = np.zeros(len(level.shapes), int)
    for parent in np.unique(level.parent):
        mine = np.flatnonzero(level.parent == parent)
        numbers[mine[reading_order(level.shapes[mine])]] = np.arange(1, len(mine) + 1)
    return [int(n) for n in numbers]


def _street_names(plan: Plan, level: _Level) -> list[Name]:
    """Streets inside the outer ring and just beyond, towns farther out."""
    at = shapely.get_coordinates(shapely.centroid(level.shapes))
    far = reach(at[:, 0], at[:, 1]) > 1.12 * plan.scale.rings_m[2]
    return [name.of(names.TOWN if town else names.STREET) for name, town in zip(names.STREETS, far, strict=False)]


def _community_names(level: _Level, streets: list[Area]) -> list[Name]:
    """Each name once in a district; villages in towns."""
    rng = dice(5)
    pools: dict[tuple[str | None, bool], list[Name]] = {}
    called = []
    for parent in level.parent:
        street = streets[parent]
        town = street.name.zh.endswith(names.TOWN.zh)
        key = (street.district, town)
        if not pools.get(key):
            pool = list(names.HAMLETS if town else names.COMMUNITIES)
            rng.shuffle(pool)  # type: ignore[arg-type]
            pools[key] = pool
        called.append(pools[key].pop().of(names.VILLAGE if town else names.COMMUNITY))
    return called


def _number(level: _Level, parents: list[Area], suffix, called: list[Name], kind: str) -> list[Area]:
    numbers = _ordinals(level)
    made = []
    for i, parent_index in enumerate(level.parent):
        parent = parents[parent_index]
        code = parent.code + suffix(numbers[i], called[i].zh.endswith(names.TOWN.zh))
        made += _children(parent, level.shapes[i : i + 1], level.points[i : i + 1], kind, [code], [called[i]])
    return made


def _zones(plan: Plan, root: Area, cells: Shapes) -> list[Area]:
    """Functional zones: whole cells of several communities and streets, so they overlap the tree."""
    at: Floats = shapely.get_coordinates(shapely.centroid(cells))
    size = plan.scale.rings_m[2] / _FULL_SIZE_M
    zones = []
    for code, name, offset, radius_m in ZONES:
        near = np.hypot(*(at - np.array(CENTRE) - np.array(offset) * size).T) < radius_m * size
        parts = shapely.get_parts(shapely.coverage_union_all(cells[near]))
        shape = shapely.Polygon(max(parts, key=lambda p: p.area).exterior)
        point = labels(np.array([shape], dtype=object), plan)[0]
        zones.append(Area(code, "zone", name, root.code, f"{root.path}.{area_label(code)}", None, shape, point))
    return zones
