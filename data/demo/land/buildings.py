"""All buildings of the city: drafts block by block, then checked and clipped in bulk."""

from dataclasses import dataclass

import numpy as np
import shapely

from data.demo.common.frame import Floats, Ints, Shapes, make_dice, shapes_to_lonlat
from data.demo.land.cutting import find_long_axis
from data.demo.land.footprints import MAKERS, Lot
from data.demo.land.land_use import Land
from data.demo.land.plan import Plan

_SET_BACK_M = 2.5
_KEEP_SHARE = 0.62
_SMALLEST_M2 = 45.0
STOREY_M = {"residential": 3.0, "old": 3.0, "commercial": 4.5, "office": 4.0, "industrial": 6.5, "public": 3.6}
USES = tuple(STOREY_M)


@dataclass(frozen=True, slots=True)
class Buildings:
    """One entry a building: footprint on the plan, height in metres, index into ``USES``, block."""

    shapes: Shapes
    height_m: Floats
    use: Ints
    block: Ints
    tracks: list[shapely.Polygon]

    def some(self, which: slice) -> "Buildings":
        """Some of the buildings, without the running tracks."""
        return Buildings(self.shapes[which], self.height_m[which], self.use[which], self.block[which], [])

    @property
    def area_m2(self) -> Floats:
        """Footprint."""
        return np.asarray(shapely.area(self.shapes))

    @property
    def floors(self) -> Ints:
        """Storeys above ground."""
        storey = np.array([STOREY_M[use] for use in USES])[self.use]
        return np.asarray(np.maximum(1, np.round(self.height_m / storey)), dtype=int)


@dataclass(slots=True)
class _Drafts:
    rings: list[Floats]
    heights: list[float]
    uses: list[int]
    blocks: list[int]
    podiums: list[int]


def _turn(site: shapely.Polygon) -> Floats:
    """Rotation of a block's frame: its longest side, brought within 45° of east."""
    along, _, _, _ = find_long_axis(site)
    angle = (np.arctan2(along[1], along[0]) + np.pi / 4) % (np.pi / 2) - np.pi / 4
    return np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])


def _draft(plan: Plan, land: Land, inner: Shapes) -> tuple[_Drafts, list[shapely.Polygon]]:
    """Let the maker of each block's use draw in the block's own frame, and bring the drafts back to the plan."""
    rng = make_dice(3)
    drafts = _Drafts([], [], [], [], [])
    tracks = []
    for i, use in enumerate(land.use):
        if use not in MAKERS or inner[i].is_empty:
            continue
        turn = _turn(inner[i])
        local = shapely.get_coordinates(inner[i]) @ turn.T
        x0, y0, x1, y1 = map(float, (*local.min(axis=0), *local.max(axis=0)))
        lot = Lot(x0, y0, x1, y1, float(land.peak[i]), float(land.reach_m[i]) / plan.scale.outer_m, rng)
        MAKERS[use](lot)
        offset = len(drafts.rings)
        drafts.rings += [ring @ turn for ring in lot.rings]
        drafts.heights += lot.heights
        drafts.uses += [USES.index(u) for u in lot.uses]
        drafts.blocks += [i] * len(lot.rings)
        drafts.podiums += [offset + on if on >= 0 else -1 for on in lot.on]
        if lot.track is not None:
            track = shapely.Polygon(lot.track @ turn)
            if inner[i].contains(track):
                tracks.append(track)
    return drafts, tracks


def _fit(shapes: Shapes, inner: Shapes) -> Shapes:
    """Footprints inside their site; one that sticks out is clipped, and dropped (None) when too little is left."""
    shapely.prepare(inner)
    whole = shapely.covers(inner, shapes)
    outlines = shapes[~whole]
    sound = shapely.is_valid(outlines)  # an L or a U in too small a lot crosses itself
    clipped = shapely.simplify(shapely.intersection(np.where(sound, outlines, None), inner[~whole]), 0.6)
    keep = (
        sound
        & (shapely.get_type_id(clipped) == 3)
        & (shapely.area(clipped) >= np.maximum(_SMALLEST_M2, _KEEP_SHARE * shapely.area(outlines)))
        & shapely.covered_by(clipped, shapely.buffer(inner[~whole], 1.0))
    )
    fitted = shapes.copy()
    fitted[~whole] = np.where(keep, clipped, None)
    return fitted


def make_buildings(plan: Plan, land: Land, sites: Shapes) -> Buildings:
    """Fill every block; exactly as many buildings as the scale asks for (farmhouses give way first)."""
    inner = np.asarray(shapely.buffer(sites, -_SET_BACK_M, join_style="mitre"))
    drafts, tracks = _draft(plan, land, inner)
    sizes = np.array([len(ring) for ring in drafts.rings])
    rings = shapely.linearrings(np.vstack(drafts.rings), indices=np.repeat(np.arange(len(sizes)), sizes))
    blocks, podiums = np.array(drafts.blocks), np.array(drafts.podiums)
    shapes = _fit(shapely.polygons(rings), inner[blocks])
    on = np.flatnonzero((podiums >= 0) & (shapes != None))  # noqa: E711 - elementwise
    on = on[shapes[podiums[on]] != None]  # noqa: E711 - elementwise
    shapes[podiums[on]] = shapely.difference(shapes[podiums[on]], shapes[on])
    kept = np.flatnonzero(shapely.get_type_id(shapes) == 3)
    kept = kept[shapely.is_valid(shapes_to_lonlat(shapes[kept]))]
    kept = _exactly(
        kept, np.array([land.use[b] in ("village", "urban_village", "villa", "old") for b in blocks[kept]]), plan.scale.buildings
    )
    return Buildings(shapes[kept], np.round(np.array(drafts.heights)[kept], 1), np.array(drafts.uses)[kept], blocks[kept], tracks)


def _exactly(kept: Ints, small: Floats, count: int) -> Ints:
    """Drop small houses at random until ``count`` are left (fewer stay when there were fewer)."""
    surplus = len(kept) - count
    if surplus <= 0:
        return kept
    candidates = np.flatnonzero(small)
    dropped = make_dice(4).choice(candidates if len(candidates) >= surplus else len(kept), surplus, replace=False)
    return np.delete(kept, dropped)
