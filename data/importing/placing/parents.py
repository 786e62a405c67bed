"""Gives areas their parent: by its code, or the area that holds most of them. If both are known, they are compared.

An area stands under another only if more than ``inside`` of its surface lies in it, whoever says so.
"""

import numpy as np
import shapely

from data.geo.cell_division import Plane
from data.importing.common.sentences import Sentence, format_share
from data.importing.placing.nesting import Nesting, Overlap
from data.importing.placing.tree import Area, Tree
from data.importing.profile.model import AreaSource
from data.importing.rows.batch import Batch
from data.importing.rows.rejects import Ledger

AGREES = 0.98
"""The report names an area of which less than this share lies in its parent."""
_METRES_A_DEGREE = 110_000.0
"""Less than the length of a degree of latitude anywhere."""
_POLE = 89.9
_ROUNDING = 1e-9

Found = list[tuple[Batch, int, Area]]


def assign_parents(found: Found, tree: Tree, ledger: Ledger, source: AreaSource) -> None:
    """Set the parent of each new area; areas without one are rejected and removed from the tree.

    Where the level does not nest in the one above, the ledger gets a refusal with the figures.
    """
    by_code = source.columns.parent is not None
    above = tree.above(source.kept_level)
    if source.kept_level == "zone" or (not by_code and len(above) == 1 and above[0].geom is None):
        for _, _, area in found:
            area.parent = above[0].code
        if source.kept_level != "zone":
            Nesting().judge([area for _, _, area in found], ledger, source)
        return
    finder = _Finder(tree, ledger, source, _Space([a for a in above if a.geom is not None]))
    for batch, i, area in found:
        if by_code and area.parent is not None:
            finder.place_by_code(batch, i, area)
        else:
            if by_code:
                ledger.repair(source, "parent_by_space")
            finder.place_by_space(batch, i, area)
    finder.nesting.judge([area for _, _, area in found if area.code in tree.areas], ledger, source)


class _Finder:
    """Finds the parents of the areas of one source."""

    def __init__(self, tree: Tree, ledger: Ledger, source: AreaSource, space: "_Space") -> None:
        self._tree, self._ledger, self._source, self._space = tree, ledger, source, space
        self.nesting = Nesting()

    def place_by_code(self, batch: Batch, row: int, area: Area) -> None:
        parent = self._tree.areas.get(area.parent or "")
        if parent is None or parent.level == area.level:
            batch.reject(row, "unknown_parent", None, area.parent)
            self._tree.areas.pop(area.code)
            return
        if parent.geom is None or area.geom is None or shapely.covers(parent.geom, area.geom):
            self.nesting.add(area, parent, None)
            return
        overlap = self._space.overlap(area).including(parent, area)
        share = overlap.of(parent)
        if not self._suffices(share) and self._source.inside > 0:
            self._refuse(batch, row, area, parent, share)
            return
        self.nesting.add(area, parent, overlap)
        if share < AGREES and overlap.shares:
            self._remark(area, parent, overlap)
        elif not overlap.shares and share < AGREES:
            facts = {"child": area.name, "parent": parent.name}
            self._ledger.remarks.append((self._source.key, Sentence("parent_disagrees", facts, "parent_disagrees_away")))

    def _remark(self, area: Area, parent: Area, overlap: Overlap) -> None:
        """Say that an area stands under another one than its place suggests, with both shares where there are two."""
        share, other = overlap.of(parent), next(((a, s) for a, s in overlap.shares if a is not parent), None)
        facts: dict[str, object] = {"other": other[0].name, "other_share": format_share(other[1])} if other else {}
        facts |= {"child": area.name, "parent": parent.name, "share": format_share(share)}
        wording = "parent_disagrees_nowhere" if other is None else "" if share > _ROUNDING else "parent_disagrees_wholly"
        self._ledger.remarks.append((self._source.key, Sentence("parent_disagrees", facts, wording)))

    def place_by_space(self, batch: Batch, row: int, area: Area) -> None:
        overlap = self._space.overlap(area)
        if (best := overlap.best()) is None:
            self._take_nearest(batch, row, area)
            return
        parent, share = best
        if area.geom is not None and not self._suffices(share):
            self._refuse(batch, row, area, parent, share)
            return
        area.parent = parent.code
        self.nesting.add(area, parent, overlap)
        if area.geom is not None and share < AGREES and len(overlap.shares) < 2:
            self._ledger.repair(self._source, "partly_outside")
        elif area.geom is not None and share < AGREES:
            told = Sentence("parent_straddles", {"child": area.name or area.code, "parent": parent.name, "share": format_share(share)})
            self._ledger.remarks.append((self._source.key, told))

    def _suffices(self, share: float) -> bool:
        """Whether more than ``inside`` lies there; what is the same up to rounding of doubles is not more."""
        return share > self._source.inside + _ROUNDING

    def _take_nearest(self, batch: Batch, row: int, area: Area) -> None:
        """The nearest area, for one that has nothing in common with any: only where the source allows it, within its metres."""
        near = self._space.nearest(area, self._source.tolerance_m) if self._source.tolerance_m is not None else None
        if near is None:
            batch.reject(row, "outside_parents", None, area.name or area.code)
            self._tree.areas.pop(area.code)
            return
        area.parent = near.code
        self._ledger.repair(self._source, "parent_nearest")

    def _refuse(self, batch: Batch, row: int, area: Area, parent: Area, share: float) -> None:
        facts = {"share": format_share(share), "rest": format_share(1 - share), "least": format_share(self._source.inside)}
        wording = "outside_parents_mostly" if share > _ROUNDING else "outside_parents_wholly"
        batch.reject(row, "outside_parents", None, area.name or area.code, wording, parent=parent.name, **facts)
        self._tree.areas.pop(area.code)


class _Space:
    """An index of the areas of the level above."""

    def __init__(self, areas: list[Area]) -> None:
        self.areas = areas
        self.shapes = np.array([a.geom for a in areas], dtype=object)
        shapely.prepare(self.shapes)
        self.index = shapely.STRtree(self.shapes)

    def overlap(self, area: Area) -> Overlap:
        """The areas that contain parts of an area, with their shares of its surface; a point lies in one area."""
        shape: shapely.Geometry = area.geom if area.geom is not None else area.point
        if shape is None or not self.areas:
            return Overlap([])
        hits = self.index.query(shape, predicate="intersects")
        if area.geom is None:
            return Overlap([(self.areas[i], 1.0) for i in sorted(hits)[:1]])
        if len(hits) == 1 and shapely.covers(self.shapes[hits[0]], shape):
            return Overlap([(self.areas[hits[0]], 1.0)])
        common = shapely.area(shapely.intersection(self.shapes[hits], shape)) / shape.area
        pairs = [(self.areas[i], float(share)) for i, share in zip(hits, common, strict=True) if share > 1e-9]
        return Overlap(sorted(pairs, key=lambda pair: (-pair[1], pair[0].code)))

    def nearest(self, area: Area, within_m: float) -> Area | None:
        """The nearest area, by metres, if it is no farther than ``within_m``; of several the one with the first code."""
        shape: shapely.Geometry = area.geom if area.geom is not None else area.point
        if shape is None or not self.areas:
            return None
        west, south, east, north = shape.bounds
        plane = Plane((west + east) / 2, (south + north) / 2)
        reach = within_m / _METRES_A_DEGREE
        wide = reach / np.cos(np.radians(min(max(abs(south), abs(north)) + reach, _POLE)))
        hits = self.index.query(shapely.box(west - wide, south - reach, east + wide, north + reach), predicate="intersects")
        gaps = [(float(shapely.distance(plane.metres(self.shapes[i]), plane.metres(shape))), self.areas[i].code, int(i)) for i in hits]
        metres, _, i = min(gaps, default=(np.inf, "", -1))
        return self.areas[i] if metres <= within_m else None
