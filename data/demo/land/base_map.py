"""The base map: land, water, fields and woods, roads, running tracks and trees, far beyond the city's edge."""

from dataclasses import dataclass, field

import numpy as np
import shapely
from shapely import LineString, Polygon
from shapely.ops import polygonize

from data.demo.common import names
from data.demo.common.frame import Floats, Shapes, make_dice
from data.demo.land.addresses import strip_kind
from data.demo.land.areas import Tree
from data.demo.land.buildings import Buildings
from data.demo.land.cutting import Cutting, cut_shapes
from data.demo.land.land_use import Land
from data.demo.land.plan import Plan
from data.demo.land.roads import Road

RIVER = "澜江"
_COUNTRY_PIECES = 520
_TREE_M2 = 520.0
_STREET_TREE_M = 26.0


@dataclass(slots=True)
class Base:
    """Rows of the base map, on the plan."""

    kind: list[str] = field(default_factory=list)
    rank: list[int] = field(default_factory=list)
    width_m: list[float | None] = field(default_factory=list)
    name: list[str | None] = field(default_factory=list)
    shape: list[shapely.Geometry] = field(default_factory=list)

    def add(self, kind: str, shape: shapely.Geometry, rank: int = 3, width_m: float | None = None, name: str | None = None) -> None:
        """Add one feature, unless nothing is left of it."""
        if shape.is_empty:
            return
        self.kind.append(kind)
        self.rank.append(rank)
        self.width_m.append(width_m)
        self.name.append(name)
        self.shape.append(shape)


def make_base(plan: Plan, tree: Tree, land: Land, sites: Shapes, roads: list[Road], buildings: Buildings) -> Base:
    """Everything that is drawn under the data."""
    rng = make_dice(10)
    base = Base()
    base.add("land", plan.country, 1)
    _water(base, plan)
    woods = _greens(base, plan, land, sites, rng)
    _countryside(base, plan, rng)
    for road, name in zip(roads, _road_names(roads, tree), strict=True):
        base.add("road", road.line.simplify(1), road.rank, road.width_m, name)
    for track in buildings.tracks:
        base.add("track", track)
    for point in [*_trees_in(woods, rng), *_street_trees(plan)]:
        base.add("tree", point, width_m=round(float(rng.uniform(6, 12)), 1))
    return base


def _water(base: Base, plan: Plan) -> None:
    water, frame = plan.waters, plan.country
    base.add("water", water.river.difference(water.island).intersection(frame), 1, name=RIVER)
    base.add("water", water.tributary.difference(water.river).intersection(frame), 2, name="青溪")
    base.add("water", water.lake, 1, name="东湖")
    base.add("water", water.pond, 2, name="月塘")


def _greens(base: Base, plan: Plan, land: Land, sites: Shapes, rng: np.random.Generator) -> list[Polygon]:
    """Parks, woods and fields between the buildings; returns those with trees."""
    woods = [plan.waters.island]
    base.add("green", plan.waters.island, 1, name="江心洲")
    for use, site in zip(land.use, sites, strict=True):
        if use in ("park", "wood"):
            base.add("green", site, 2 if use == "park" else 3)
            woods += [site] if use == "park" or rng.random() < 0.5 else []
        elif use in ("field", "village"):
            base.add("field" if use == "field" or rng.random() < 0.7 else "green", site)
    return woods


def _countryside(base: Base, plan: Plan, rng: np.random.Generator) -> None:
    """Fields, woods and lanes between the city's edge and the end of the map."""
    size = plan.scale.country_m / 16_000.0
    outside = plan.country.difference(plan.edge.buffer(15))
    lines = shapely.union_all([*plan.main, outside.boundary, plan.waters.bed])
    sectors = [p for p in polygonize(lines.geoms) if outside.contains(p.representative_point())]
    wet = plan.waters.everything.buffer(30)
    pieces, lanes = cut_shapes(sectors, Cutting(round(_COUNTRY_PIECES * size), lambda s: s, lambda _: 1.0, 0.08, 0.0, 30_000.0 * size), rng)
    shapes = shapely.difference(shapely.buffer([p.shape for p in pieces], -11, join_style="mitre"), wet)
    for shape in shapely.difference(shapes, shapely.union_all(shapely.buffer(plan.main, 24))):
        dice_roll = rng.random()
        if dice_roll < 0.86:
            base.add("field" if dice_roll < 0.62 else "green", shape)
    for line, _ in lanes:
        for part in shapely.get_parts(line.difference(wet)):
            base.add("road", part, 4, 8.0)


def _road_names(roads: list[Road], tree: Tree) -> list[str | None]:
    """Main roads have the city's names, roads between cells that of their community."""
    called: list[str | None] = []
    main = iter(names.list_main_road_names(sum(road.rank == 1 for road in roads)))
    for road in roads:
        if road.rank == 1:
            called.append(next(main).zh + "路")
        elif road.piece is not None and road.piece[0] == 2:
            called.append(strip_kind(tree.communities[road.piece[1]].name).zh + "路")
        else:
            called.append(None)
    return called


def _trees_in(woods: list[Polygon], rng: np.random.Generator) -> list[shapely.Point]:
    """Trees scattered in parks and woods, at most a few hundred in each."""
    trees = []
    for wood in woods:
        inner = wood.buffer(-6)
        if inner.is_empty:
            continue
        low, high = np.array(inner.bounds[:2]), np.array(inner.bounds[2:])
        points: Floats = rng.uniform(low, high, (min(400, int(np.prod(high - low) / _TREE_M2)), 2))
        shapely.prepare(inner)
        trees += list(shapely.points(points[shapely.contains_xy(inner, points)]))
    return trees


def _street_trees(plan: Plan) -> list[shapely.Point]:
    """Rows of trees on both sides of the main roads inside the outer ring."""
    town = plan.outer_ring.buffer(50)
    dry = town.difference(plan.waters.everything.buffer(10))
    rows = []
    for line in shapely.get_parts(shapely.intersection(plan.main, town)):
        for side in (-15.0, 15.0):
            for row in shapely.get_parts(shapely.offset_curve(line, side)):
                if isinstance(row, LineString):
                    rows.append(shapely.line_interpolate_point(row, np.arange(0, row.length, _STREET_TREE_M)))
    points = np.concatenate(rows)
    shapely.prepare(dry)
    return list(points[shapely.contains(dry, points)])
