"""Measures how well one level of areas nests in the level above, and stops where figures would be wrong.

Figures of an area are the sums of the areas below it. They are right only where these lie in it, cover what their neighbours' parents do
not, and do not overlap each other.
"""

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np
import shapely

from data.importing.common.sentences import Sentence, format_share
from data.importing.placing.tree import Area
from data.importing.profile.model import AreaSource
from data.importing.rows.rejects import Ledger

_WORTH_TELLING = 0.001
"""The report tells how far children reach beyond their parents from this share of their surface on."""


@dataclass
class Overlap:
    """Shares (0 to 1) of one area in each area above it that it meets, largest first."""

    shares: list[tuple[Area, float]]

    def of(self, parent: Area) -> float:
        return next((share for area, share in self.shares if area is parent), 0.0)

    def best(self) -> tuple[Area, float] | None:
        return self.shares[0] if self.shares else None

    def including(self, parent: Area, child: Area) -> "Overlap":
        """The same with the share in an area that is not of the level above (a parent may be of any)."""
        if any(area is parent for area, _ in self.shares):
            return self
        common = float(shapely.intersection(parent.geom, child.geom).area / child.geom.area)
        return Overlap([(parent, common), *self.shares]) if common > 0 else self


@dataclass
class Nesting:
    """How far the areas of one source leave their parents; surfaces in square degrees.

    Attributes:
        surface: of the children of each parent.
        outside: of these, what lies outside their parent.
        taken: what of each parent is covered by the children of others.
        crossing: how many children leave their parent.
        total: how many children were looked at.
    """

    surface: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    outside: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    taken: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    parents: dict[str, Area] = field(default_factory=dict)
    crossing: int = 0
    total: int = 0

    def add(self, child: Area, parent: Area, overlap: Overlap | None) -> None:
        """Note a child with its shares in the areas above; ``None``: all of it lies in its parent."""
        if child.geom is None or parent.geom is None:
            return
        surface = float(child.geom.area)
        self.total += 1
        self.parents[parent.code] = parent
        self.surface[parent.code] += surface
        if overlap is None:
            return
        beyond = max(1.0 - overlap.of(parent), 0.0)
        self.outside[parent.code] += beyond * surface
        self.crossing += int(beyond > _WORTH_TELLING)
        for other, share in overlap.shares:
            if other is not parent:
                self.parents[other.code] = other
                self.taken[other.code] += share * surface

    def judge(self, children: list[Area], ledger: Ledger, source: AreaSource) -> None:
        """Refuse a level that does not nest, with figures; remark on one that nearly does. Grid cells may cross borders."""
        if source.level == "grid":
            return
        if self._leaves_parents(ledger, source):
            return
        told = find_overlap(children, source)
        if told is not None:
            ledger.refusals.append(told)

    def _leaves_parents(self, ledger: Ledger, source: AreaSource) -> bool:
        whole = sum(self.surface.values())
        if not whole or not self.parents:
            return False
        worst = max(self.parents.values(), key=lambda parent: (max(self._beyond(parent), self._taken(parent)), parent.code))
        outside = sum(self.outside.values()) / whole
        facts = {
            "source": source.key,
            "crossing": self.crossing,
            "total": self.total,
            "outside": format_share(outside),
            "parent": worst.name,
            "beyond": format_share(self._beyond(worst)),
            "taken": format_share(self._taken(worst)),
            "most": format_share(source.nests),
        }
        if max(self._beyond(worst), self._taken(worst)) > source.nests:
            ledger.refusals.append(Sentence("levels_do_not_nest", facts))
            return True
        if outside > _WORTH_TELLING:
            ledger.remarks.append((source.key, Sentence("levels_nearly_nest", facts)))
        return False

    def _beyond(self, parent: Area) -> float:
        """Share of the surface of an area's children that lies outside it."""
        surface = self.surface.get(parent.code, 0.0)
        return self.outside.get(parent.code, 0.0) / surface if surface else 0.0

    def _taken(self, parent: Area) -> float:
        """Share of an area that the children of others cover."""
        return float(self.taken.get(parent.code, 0.0) / parent.geom.area)


def find_overlap(children: list[Area], source: AreaSource) -> Sentence | None:
    """What to say of areas of one level that overlap each other by more than ``nests`` of their surface, or of one of them."""
    areas = [area for area in children if area.geom is not None]
    shapes = np.array([area.geom for area in areas], dtype=object)
    # Neighbours whose borders fit need no intersection: only those whose edges do not are compared.
    loose = np.flatnonzero(~shapely.is_empty(shapely.coverage_invalid_edges(shapes))) if len(areas) > 1 else np.array([], dtype=int)
    one, two = shapely.STRtree(shapes[loose]).query(shapes[loose], predicate="intersects") if len(loose) else (loose, loose)
    one, two = loose[one[one < two]], loose[two[one < two]]
    if not len(one):
        return None
    surface = shapely.area(shapes)
    common = shapely.area(shapely.intersection(shapes[one], shapes[two]))
    of_smaller = common / np.minimum(surface[one], surface[two])
    worst = int(np.argmax(of_smaller))
    if max(common.sum() / surface.sum(), of_smaller[worst]) <= source.nests:
        return None
    facts = {"overlap": format_share(float(common.sum() / surface.sum())), "common": format_share(float(of_smaller[worst]))}
    names = {"first": areas[one[worst]].name, "second": areas[two[worst]].name}
    return Sentence("siblings_overlap", {"source": source.key, "most": format_share(source.nests), **facts, **names})
