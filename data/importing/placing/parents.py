"""Gives areas their parent: by its code, or the area that holds most of them. If both are known, they are compared."""

from dataclasses import dataclass

import numpy as np
import shapely

from data.importing.common.sentences import Sentence
from data.importing.placing.tree import Area, Tree
from data.importing.profile.model import AreaSource
from data.importing.rows.batch import Batch
from data.importing.rows.rejects import Ledger

AGREES = 0.98
"""The report names an area of which less than this share lies in its parent."""
_REACH_DEGREES = 0.01

Found = list[tuple[Batch, int, Area]]


@dataclass
class _Overlap:
    """Shares (0 to 1) of one area in each area above it that it meets, largest first."""

    shares: list[tuple[Area, float]]

    def of(self, parent: Area) -> float:
        return next((share for area, share in self.shares if area is parent), 0.0)

    def best(self) -> tuple[Area, float] | None:
        return self.shares[0] if self.shares else None


def assign_parents(found: Found, tree: Tree, ledger: Ledger, source: AreaSource) -> None:
    """Set the parent of each new area; areas without one are rejected and removed from the tree."""
    by_code = source.columns.parent is not None
    above = tree.above(source.level)
    space = _Space([a for a in above if a.geom is not None])
    for batch, i, area in found:
        if source.level == "zone" or (not by_code and len(above) == 1):
            area.parent = above[0].code
            continue
        if by_code and area.parent is not None:
            _by_code(batch, i, area, tree, space, ledger, source)
        else:
            if by_code:
                ledger.repair(source, "parent_by_space")
            _by_space(batch, i, area, tree, space, ledger, source)


def _by_code(batch: Batch, row: int, area: Area, tree: Tree, space: "_Space", ledger: Ledger, source: AreaSource) -> None:
    parent = tree.areas.get(area.parent or "")
    if parent is None or parent.level == area.level:
        batch.reject(row, "unknown_parent", None, area.parent)
        tree.areas.pop(area.code)
        return
    if parent.geom is None or area.geom is None or not space.holds(parent) or shapely.covers(parent.geom, area.geom):
        return
    overlap = space.overlap(area)
    if not overlap.shares:
        return
    share = overlap.of(parent)
    if share < AGREES:
        other = next(((a, s) for a, s in overlap.shares if a is not parent), None)
        facts = {"other": other[0].name if other else "—", "other_share": _percent(other[1] if other else 0.0)}
        told = Sentence("parent_disagrees", {"child": area.name, "parent": parent.name, "share": _percent(share), **facts})
        ledger.remarks.append((source.key, told))


def _by_space(batch: Batch, row: int, area: Area, tree: Tree, space: "_Space", ledger: Ledger, source: AreaSource) -> None:
    overlap = space.overlap(area)
    best = overlap.best() or space.nearest(area)
    if best is None:
        batch.reject(row, "outside_parents", None, area.name or area.code)
        tree.areas.pop(area.code)
        return
    parent, share = best
    area.parent = parent.code
    if area.geom is not None and share < AGREES and len(overlap.shares) < 2:
        ledger.repair(source, "partly_outside")
    elif area.geom is not None and share < AGREES:
        told = Sentence("parent_straddles", {"child": area.name or area.code, "parent": parent.name, "share": _percent(share)})
        ledger.remarks.append((source.key, told))


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


class _Space:
    """An index of the areas of the level above."""

    def __init__(self, areas: list[Area]) -> None:
        self.areas = areas
        self.shapes = np.array([a.geom for a in areas], dtype=object)
        shapely.prepare(self.shapes)
        self.index = shapely.STRtree(self.shapes)
        self._codes = {a.code for a in areas}

    def holds(self, area: Area) -> bool:
        """Whether an area is one of those of the level above."""
        return area.code in self._codes

    def overlap(self, area: Area) -> _Overlap:
        """The areas that contain parts of an area, with their shares of its surface; a point lies in one area."""
        shape: shapely.Geometry = area.geom if area.geom is not None else area.point
        if shape is None or not self.areas:
            return _Overlap([])
        hits = self.index.query(shape, predicate="intersects")
        if area.geom is None:
            return _Overlap([(self.areas[i], 1.0) for i in sorted(hits)[:1]])
        if len(hits) == 1 and shapely.covers(self.shapes[hits[0]], shape):
            return _Overlap([(self.areas[hits[0]], 1.0)])
        common = shapely.area(shapely.intersection(self.shapes[hits], shape)) / shape.area
        pairs = [(self.areas[i], float(share)) for i, share in zip(hits, common, strict=True) if share > 1e-9]
        return _Overlap(sorted(pairs, key=lambda pair: (-pair[1], pair[0].code)))

    def nearest(self, area: Area) -> tuple[Area, float] | None:
        """The nearest area, for an area that lies in none; within about a kilometre."""
        shape: shapely.Geometry = area.geom if area.geom is not None else area.point
        if shape is None or not self.areas:
            return None
        hits = self.index.query_nearest(shape, max_distance=_REACH_DEGREES)
        return (self.areas[int(hits[0])], 0.0) if len(hits) else None
