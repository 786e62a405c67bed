"""Which unit of the demo city a case is with: the one of its district and category, from the dispatch on."""

import numpy as np

from data.demo.common.catalogue import CATEGORIES
from data.demo.common.frame import Ints
from data.demo.common.offices import KIND_OF, OFFICES, code_unit, name_unit
from data.demo.land.areas import Tree
from data.schema import STAGES

_WITH_A_UNIT = [STAGES.index(stage) for stage in ("dispatched", "in_progress", "feedback", "closed", "evaluated")]
"""What ended in another way never went to a unit."""


class Responsible:
    """The units of a city by index; the last index is for cases without one.

    Attributes:
        codes, names: of the units, and ``None`` as the last.
    """

    def __init__(self, tree: Tree) -> None:
        districts = [area for area in tree.areas if area.level == "district"]
        of_district = {district.code: n for n, district in enumerate(districts)}
        kinds = [next(o for o in OFFICES if o.kind == KIND_OF[category.code]) for category in CATEGORIES]
        self.codes: list[str | None] = [*(code_unit(d.code, kind.kind) for d in districts for kind in kinds), None]
        self.names: list[str | None] = [*(name_unit(d.name, kind).zh for d in districts for kind in kinds), None]
        self._district = np.array([of_district[cell.district or ""] for cell in tree.cells])

    def find(self, cell: Ints, category: Ints, stage: Ints) -> Ints:
        """Index of the unit of each case, by its cell, its category (index) and the stage in which it is (index)."""
        known = self._district[cell] * len(CATEGORIES) + category
        return np.where(np.isin(stage, _WITH_A_UNIT), known, len(self.codes) - 1)
