"""Sums of counts over the tree of areas, its zones, and kinds. Pure functions on arrays, no database.

Each area is summed up from its children, so that every part is looked at only once.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_KINDS = 1 << 16
"""More than there are numbers of kinds, which are smallints and may be negative."""


@dataclass(frozen=True, slots=True)
class Counted:
    """Counts by area, label and kind.

    Attributes:
        area: positions in the ``Areas``.
        label: by what else they are told apart: days from any day on, or numbers of states.
        kind: numbers of kinds; below 0 for sums over kinds.
        counts: one row for each count, one column for each row of the roll-up.
    """

    area: Ints
    label: Ints
    kind: Ints
    counts: npt.NDArray[np.int32]

    def select(self, rows: Mask | Ints) -> "Counted":
        """Some of the rows."""
        return Counted(self.area[rows], self.label[rows], self.kind[rows], self.counts[:, rows])

    def __len__(self) -> int:
        return len(self.area)


@dataclass(frozen=True, slots=True)
class Areas:
    """The areas of a city.

    Attributes:
        parent: position of the area above each; -1 where there is none, or none directly above.
        depth: 1 for the city; 0 for zones, which are not summed up along the tree.
        sums: which sums each holds (see ``incident_parts.HELD``).
        zone_cells: positions of cells, and of zones that hold all of them.
    """

    parent: Ints
    depth: Ints
    sums: Ints
    zone_cells: tuple[Ints, Ints]


@dataclass(frozen=True, slots=True)
class KindSums:
    """The sums to which each kind is added: arrays by the kind's number."""

    of_category: Ints
    of_channel: Ints
    of_all: Ints


def sum_counts(parts: Counted, areas: Areas, kinds: KindSums) -> Iterator[Counted]:
    """All rows of a roll-up that follow from parts, level by level: zones, then from the deepest areas up to the city.

    Args:
        parts: what cases add to the areas in which they stand, and to zones whose border crosses these; in any order.
    """
    depth = areas.depth[parts.area]
    yield from _with_sums(_add(_in_zones(parts, areas)), areas, kinds)
    below: Counted | None = None
    for level in range(int(areas.depth.max(initial=0)), 0, -1):
        here = parts.select(depth == level)
        if below is not None and len(below):
            here = _join(here, _raised(below, areas))
        below = _add(here)
        yield from _with_sums(below, areas, kinds)


def _in_zones(parts: Counted, areas: Areas) -> Counted:
    """What zones have: of the cells that lie wholly inside, and of those that their border crosses, whose parts name the zone."""
    cells, zones = areas.zone_cells
    order = np.argsort(cells, kind="stable")
    cells, zones = cells[order], zones[order]
    first, after = np.searchsorted(cells, parts.area, "left"), np.searchsorted(cells, parts.area, "right")
    rows = np.repeat(np.arange(len(parts)), after - first)
    nth = np.arange(len(rows)) - np.repeat(np.cumsum(after - first) - (after - first), after - first)
    inside = Counted(zones[np.repeat(first, after - first) + nth], parts.label[rows], parts.kind[rows], parts.counts[:, rows])
    return _join(parts.select(areas.depth[parts.area] == 0), inside)


def _raised(below: Counted, areas: Areas) -> Counted:
    """The rows of areas as rows of the areas above them."""
    above = areas.parent[below.area]
    known = above >= 0
    return Counted(above[known], below.label[known], below.kind[known], below.counts[:, known])


def _with_sums(rows: Counted, areas: Areas, kinds: KindSums) -> Iterator[Counted]:
    """The rows of one level, and the sums over kinds that its areas hold; these in the order in which they are read: many days of one."""
    if not len(rows):
        return
    yield rows
    held = areas.sums[rows.area]
    for least, numbers in ((1, kinds.of_all), (2, kinds.of_category), (2, kinds.of_channel)):
        summed = rows.select(held >= least)
        if len(summed):
            yield _add(Counted(summed.area, summed.label, numbers[summed.kind], summed.counts), by_label=False)


def _join(one: Counted, other: Counted) -> Counted:
    return Counted(
        np.concatenate([one.area, other.area]),
        np.concatenate([one.label, other.label]),
        np.concatenate([one.kind, other.kind]),
        np.concatenate([one.counts, other.counts], axis=1),
    )


def _add(rows: Counted, by_label: bool = True) -> Counted:
    """One row for each area, label and kind, in this order, or in that of area, kind and label."""
    if not len(rows):
        return rows
    first = int(rows.label.min())
    labels = int(rows.label.max()) - first + 1
    label, kind = rows.label - first, rows.kind + _KINDS // 2
    key = (rows.area * labels + label) * _KINDS + kind if by_label else (rows.area * _KINDS + kind) * labels + label
    order = np.argsort(key)
    key = key[order]
    last = np.flatnonzero(np.append(key[1:] != key[:-1], True))
    # Sums as differences of running totals are five times as fast as np.add.reduceat.
    totals = np.cumsum(rows.counts[:, order], axis=1, dtype=np.int64)[:, last]
    kept = order[last]
    return Counted(rows.area[kept], rows.label[kept], rows.kind[kept], np.diff(totals, axis=1, prepend=0).astype(np.int32))
