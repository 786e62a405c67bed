"""Facilities: a dozen kinds, each near what it serves."""

from dataclasses import dataclass

import numpy as np
import shapely

from data.demo.common.catalogue import FACILITIES, FacilityKind
from data.demo.common.frame import Ints, Shapes, make_dice
from data.demo.common.names import Name
from data.demo.land.addresses import Places, strip_kind
from data.demo.land.areas import Tree
from data.demo.land.land_use import Land

_WANTS = {
    "school": ("school",),
    "kindergarten": ("slab", "tower", "villa"),
    "park": ("park",),
    "market": ("shops", "slab", "urban_village"),
    "store": ("slab", "tower", "shops", "urban_village", "centre", "old"),
    "pharmacy": ("slab", "tower", "shops", "urban_village", "old"),
    "library": ("shops", "centre", "school"),
    "shelter": ("park", "school"),
    "gas": ("works", "slab", "shops"),
}
"""Uses of block that a kind stands at; the others stand anywhere in town."""
_TOWN = ("slab", "tower", "shops", "centre", "old", "urban_village", "works", "school", "villa", "village")


@dataclass(frozen=True, slots=True)
class Facility:
    """One facility; ``where`` is on the plan."""

    kind: FacilityKind
    name: Name
    block: int
    where: shapely.Point


def make_facilities(tree: Tree, places: Places, land: Land, sites: Shapes) -> list[Facility]:
    """Every kind at least once; numbers follow the number of communities."""
    rng = make_dice(11)
    use = np.array(land.use)
    rings = shapely.get_exterior_ring(sites)
    free = shapely.area(sites) > 0
    made = []
    for kind in FACILITIES:
        candidates = np.flatnonzero(free & np.isin(use, _WANTS.get(kind.code, _TOWN)))
        blocks = _choose(kind, candidates, places, tree, rng)
        points = shapely.line_interpolate_point(rings[blocks], rng.random(len(blocks)), normalized=True)
        turns: dict[str, int] = {}
        for block, point in zip(blocks.tolist(), points, strict=True):
            home = strip_kind(tree.communities[tree.community_of[places.cell[block]]].name)
            turns[home.zh] = turn = turns.get(home.zh, 0) + 1
            made.append(Facility(kind, _called(home, kind, turn), block, point))
    return made


def _choose(kind: FacilityKind, candidates: Ints, places: Places, tree: Tree, rng: np.random.Generator) -> Ints:
    """Blocks for one kind; a service centre stands in every community."""
    if kind.code == "service":
        community = tree.community_of[places.cell[candidates]]
        return candidates[np.unique(community, return_index=True)[1]]
    count = max(1, round(kind.per_100 * len(tree.communities) / 100))
    return np.sort(rng.choice(candidates, count, replace=count > len(candidates)))


def _called(home: Name, kind: FacilityKind, turn: int) -> Name:
    number = (
        f"{turn}号" if kind.code == "camera" else ("" if turn == 1 else f"第{'零一二三四五六七八九'[turn]}" if turn < 10 else f"第{turn}")
    )
    return Name(f"{home.zh}{number}{kind.name}", f"{home.en} {kind.name_en}" + (f" {turn}" if turn > 1 else ""))
