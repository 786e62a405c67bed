"""The tree of areas: codes, names, heads and polygons, and the functional zones beside it."""

from collections import Counter
from dataclasses import dataclass

import numpy as np
import shapely

from data.demo.common import names
from data.demo.common.frame import CENTRE, Ints, Shapes, make_dice
from data.demo.common.names import CITY_CODE, Name
from data.demo.land.levels import Level, make_levels, place_labels
from data.demo.land.plan import Plan, measure_reach
from data.schema import area_label

ZONES = (
    ("990100Z1", Name("高新技术开发区", "High-tech Development Zone"), (4300.0, 1500.0), 1500.0),
    ("990100Z2", Name("老城风景区", "Old Town Scenic Area"), (-1050.0, 450.0), 1050.0),
    ("990100Z3", Name("滨江商务区", "Riverside Business District"), (550.0, -2000.0), 950.0),
)
"""Code, name, offset from the crossroads and radius, metres of a full-size city."""


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


def make_tree(plan: Plan) -> Tree:
    """Name and number every area, as one reads a map: from north to south, from west to east."""
    level = make_levels(plan)
    city = level["city"]
    root = Area(CITY_CODE, "city", names.CITY, None, area_label(CITY_CODE), None, city.shapes[0], city.points[0])
    districts = _children("district", level["district"], [root], [d.of(names.DISTRICT) for d in names.DISTRICTS[: plan.scale.districts]])
    streets = _children("street", level["street"], districts, _street_names(plan, level["street"]))
    communities = _children("community", level["community"], streets, _community_names(plan, level["community"], streets))
    cells = _children("grid", level["grid"], communities, [Name(f"{n:02d}网格", f"Grid {n:02d}") for n in level["grid"].number])
    areas = [root, *districts, *streets, *communities, *cells, *_zones(plan, root, level["grid"].shapes)]
    community_of = level["grid"].parent
    return Tree(areas, cells, communities, streets, level["community"].parent[community_of], community_of)


def _code(kind: str, parent: Area, index: int, number: int, name: Name) -> str:
    """GB/T 2260 for districts (6 digits), GB/T 10114 for streets (001 on) and towns (101 on), then three digits a level."""
    if kind == "district":
        return f"{parent.code[:4]}{2 + index:02d}"
    return f"{parent.code}{number + 100 * name.zh.endswith(names.TOWN.zh):03d}"


def _children(kind: str, level: Level, parents: list[Area], called: list[Name]) -> list[Area]:
    made = []
    for i, name in enumerate(called):
        parent = parents[level.parent[i]]
        code = _code(kind, parent, i, int(level.number[i]), name)
        district = code if kind == "district" else parent.district
        path = f"{parent.path}.{area_label(code)}"
        made.append(Area(code, kind, name, parent.code, path, district, level.shapes[i], level.points[i]))
    return made


def _street_names(plan: Plan, level: Level) -> list[Name]:
    """Streets inside the outer ring and just beyond, towns farther out."""
    at = shapely.get_coordinates(shapely.centroid(level.shapes))
    far = measure_reach(at[:, 0], at[:, 1]) > 1.12 * plan.scale.outer_m
    return [name.of(names.TOWN if town else names.STREET) for name, town in zip(names.list_street_names(), far, strict=False)]


def _community_names(plan: Plan, level: Level, streets: list[Area]) -> list[Name]:
    """Each name once in a district, as far as the names go; villages in towns."""
    rng = make_dice(5)
    keys = [(streets[parent].district, streets[parent].name.zh.endswith(names.TOWN.zh)) for parent in level.parent]
    wanted = Counter(keys)
    pools: dict[tuple[str | None, bool], list[Name]] = {}
    called = []
    for key in keys:
        town = key[1]
        if not pools.get(key):
            pool = list(names.HAMLETS if town else names.COMMUNITIES)
            if plan.scale.size > 1 and wanted[key] > len(pool):
                pool = names.list_community_names(town)[: max(wanted[key], 2 * len(pool))]
            rng.shuffle(pool)
            pools[key] = pool
        called.append(pools[key].pop().of(names.VILLAGE if town else names.COMMUNITY))
    return called


def _zones(plan: Plan, root: Area, cells: Shapes) -> list[Area]:
    """Functional zones: whole cells of several communities and streets, so they overlap the tree."""
    at = shapely.get_coordinates(shapely.centroid(cells))
    size = plan.scale.size
    zones = []
    for code, name, offset, radius_m in ZONES:
        near = np.hypot(*(at - np.array(CENTRE) - np.array(offset) * size).T) < radius_m * size
        parts = shapely.get_parts(shapely.coverage_union_all(cells[near]))
        shape = shapely.Polygon(max(parts, key=lambda p: p.area).exterior)
        point = place_labels(np.array([shape], dtype=object), plan)[0]
        zones.append(Area(code, "zone", name, root.code, f"{root.path}.{area_label(code)}", None, shape, point))
    return zones
