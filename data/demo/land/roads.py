"""Roads of the plan, and the sites they leave: each block without its share of roads and banks."""

from dataclasses import dataclass

import numpy as np
import shapely
from shapely import LineString, Polygon

from data.demo.common.frame import Shapes
from data.demo.land.plan import Plan

_WIDTH_M = {1: 34.0, 2: 20.0, 3: 13.0, 4: 8.0}
_CLEAR_M = {1: 20.0, 2: 11.5, 3: 8.0, 4: 5.5}
"""Half of the strip kept free of buildings, by rank."""
_BANK_M = 42.0
_LONGEST_BRIDGE_M = 760.0
_CHUNK = 5
_MARGIN_M = 1.5
"""Nothing stands nearer to the border of its block, road or not."""


@dataclass(frozen=True, slots=True)
class Road:
    """A line on the plan; rank 1 is a main road. ``piece``: the level and index of the area it was cut through, if it was."""

    line: LineString
    rank: int
    width_m: float
    piece: tuple[int, int] | None = None


def _lines(shape: shapely.Geometry, shortest_m: float = 5.0) -> list[LineString]:
    parts = shapely.get_parts(shape)
    return [p for p in parts if p.geom_type == "LineString" and p.length > shortest_m]


def _off_the_river(line: LineString, plan: Plan) -> list[LineString]:
    """A main road without the stretches that run along in the water: bridges cross."""
    wet = _lines(line.intersection(plan.waters.river), 0) + _lines(line.intersection(plan.waters.lake), 0)
    longest_m = _LONGEST_BRIDGE_M * plan.scale.water**0.5
    along = [part.buffer(6) for part in wet if part.length > longest_m or part.intersects(plan.waters.lake)]
    return _lines(line.difference(shapely.union_all(along)) if along else line)


def make_roads(plan: Plan) -> list[Road]:
    """All roads: rings and radials, banks, and the cuts between areas."""
    water, built_up = plan.waters, plan.outer_ring.buffer(250)
    roads = [Road(part, 1, _WIDTH_M[1]) for line in plan.main for part in _off_the_river(line.intersection(plan.country), plan)]
    river_bank = water.river.buffer(30).simplify(8)
    for bank, rank, width in (
        (river_bank.boundary, 2, 16.0),
        (water.lake.buffer(26).simplify(8).boundary, 2, 16.0),
        (water.tributary.buffer(18).simplify(6).boundary.difference(river_bank), 3, 9.0),
    ):
        roads += [Road(part, rank, width) for part in _lines(bank.intersection(built_up))]
    wet = shapely.union(water.everything, water.island).buffer(4)
    still = shapely.union_all([water.lake, water.pond, water.island])
    for level, cuts in plan.cuts.items():
        barrier = still if level == 1 else wet
        shapely.prepare(barrier)
        for line, parent in cuts:
            dry = line.difference(barrier) if barrier.intersects(line) else line
            roads += [Road(part, level + 1, _WIDTH_M[level + 1], (level, parent)) for part in _lines(dry)]
    return roads


def _strips(roads: list[Road]) -> Shapes:
    """The ground that roads take, in short pieces, so that each block meets only a few small ones."""
    pieces, widths = [], []
    for road in roads:
        points = shapely.get_coordinates(road.line)
        for start in range(0, len(points) - 1, _CHUNK):
            pieces.append(LineString(points[start : start + _CHUNK + 1]))
            widths.append(_CLEAR_M[road.rank])
    return np.asarray(shapely.buffer(np.array(pieces), np.array(widths), quad_segs=2))


def make_sites(plan: Plan, roads: list[Road]) -> Shapes:
    """The buildable part of each block: without roads and banks, the largest piece; empty where nothing is left."""
    left = np.asarray(shapely.buffer([block.shape for block in plan.blocks], -_MARGIN_M, join_style="mitre"))
    strips = _strips(roads)
    strip, block = shapely.STRtree(left).query(strips, predicate="intersects")
    order = np.argsort(block, kind="stable")
    strip, block = strip[order], block[order]
    turn = np.arange(len(block)) - np.searchsorted(block, block)
    for k in range(int(turn.max()) + 1):
        now = turn == k
        left[block[now]] = shapely.difference(left[block[now]], strips[strip[now]])
    bank = shapely.union(plan.waters.everything, plan.waters.island).buffer(_BANK_M)
    shapely.prepare(bank)
    near = shapely.intersects(bank, left)
    left[near] = shapely.difference(left[near], bank)
    return np.array([_largest(shape) for shape in left])


def _largest(shape: shapely.Geometry) -> Polygon:
    parts = [p for p in shapely.get_parts(shape) if p.geom_type == "Polygon"]
    return max(parts, key=lambda p: p.area, default=Polygon())
