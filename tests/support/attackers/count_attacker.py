"""An attacker who knows everything that is published about people, and asks an integer programme what each figure can be.

The unknowns are residents, households, men and people of each age of every leaf, in one version or in two that differ by one person's
change. The attacker knows what is shown, and how it is rounded; that the figures of an area are the sums of its leaves'; that men and
women, and the ages, are together the residents; that every household has somebody and everybody a household; and which hidden leaves
are inhabited (more than the pages say).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from data.privacy.rounding import FEWEST
from data.rollup.household_counts import floor_of
from data.rollup.small_counts import People, children_of

Unknown = tuple[int, str, str]
"""Version, leaf, column."""
Row = dict[Unknown, int]
MANY = 1000
"""No leaf of the tests' cities has more people."""


@dataclass(slots=True)
class City:
    """One version of a city: exact figures, parents, and what is shown."""

    exact: Mapping[str, People]
    parents: Mapping[str, str | None]
    shown: Mapping[str, People]
    tree: dict[str, list[str]] = field(init=False)

    def __post_init__(self) -> None:
        self.tree = children_of(self.parents)

    def leaves(self, code: str) -> list[str]:
        """The leaves of an area; a leaf is its own."""
        below = [leaf for child in self.tree[code] for leaf in self.leaves(child)]
        return below or [code]

    def is_inside_few(self, code: str) -> bool:
        """Whether an area above has one to four people: then its hidden leaves can be empty."""
        above = self.parents[code]
        return above is not None and (0 < (self.exact[above].population or 0) < FEWEST or self.is_inside_few(above))


def bounds_of(shown: int) -> tuple[int, int]:
    """What a figure that is rounded to 5 can be; 1 to 4 are not shown."""
    return (0, 0) if not shown else (max(FEWEST, shown - 2), shown + 2)


def bounds_of_piece(shown: int, floor: int) -> tuple[int, int]:
    """What the households of a piece can be, whose figure is never below its floor where there are any."""
    return (1, shown + 2) if shown == floor else bounds_of(shown)


class Attacker:
    """What follows from one version of a city, or from two that differ by one person."""

    def __init__(self, *versions: City) -> None:
        self._at: dict[Unknown, int] = {}
        self._rows: list[Row] = []
        self._bounds: list[tuple[float, float]] = []
        self.versions = versions
        for number, version in enumerate(versions):
            self._know_leaves(number, version)
            self._know_shown(number, version)
        if len(versions) == 2:
            self._know_one_person_changed()

    def possible(self, code: str, column: str, values: Iterable[int], version: int = 0) -> set[int]:
        """Those of the values that a figure can have."""
        row = self._sum(version, code, column)
        return {n for n in values if self._solve(row, [(row, n, n)]) is not None}

    def span(self, code: str, column: str, version: int = 0) -> int:
        """How far the least and the most that a figure can be are apart."""
        row = self._sum(version, code, column)
        least, most = self._solve(row), self._solve({var: -n for var, n in row.items()})
        assert least is not None and most is not None
        return round(-most - least)

    def _know(self, row: Row, least: float, most: float) -> None:
        for var in row:
            self._at.setdefault(var, len(self._at))
        self._rows.append(row)
        self._bounds.append((least, most))

    def _sum(self, number: int, code: str, column: str) -> Row:
        row: Row = defaultdict(int)
        for leaf in self.versions[number].leaves(code):
            if column == "female":
                row[number, leaf, "population"] += 1
                row[number, leaf, "male"] -= 1
            else:
                row[number, leaf, column] += 1
        return dict(row)

    def _know_leaves(self, number: int, version: City) -> None:
        bands = {band for own in version.exact.values() for band in own.ages or {}}
        for leaf in (code for code in version.parents if not version.tree[code]):
            residents, households, anybody = ((number, leaf, name) for name in ("population", "households", "anybody"))
            self._know({households: 1, residents: -1}, -np.inf, 0)
            self._know({households: 1, anybody: -1}, 0, np.inf)
            self._know({residents: 1, anybody: -MANY}, -np.inf, 0)
            self._know({anybody: 1}, 0, 1)
            self._know({residents: 1, (number, leaf, "male"): -1}, 0, np.inf)
            if bands:
                self._know({residents: -1, **{(number, leaf, band): 1 for band in bands}}, 0, 0)
            if version.exact[leaf].population and not version.is_inside_few(leaf):
                self._know({residents: 1}, 1, np.inf)

    def _know_shown(self, number: int, version: City) -> None:
        for code, told in version.shown.items():
            for column in ("population", "male", "female"):
                if (n := getattr(told, column)) is not None:
                    self._know(self._sum(number, code, column), *bounds_of(n))
            for band, n in (told.ages or {}).items():
                self._know(self._sum(number, code, band), *bounds_of(n))
            if told.households is not None:
                self._know_households(number, version, code)

    def _know_households(self, number: int, version: City, code: str) -> None:
        """Of a leaf its figure; of another area what remains without the areas that are shown inside it."""
        told = version.shown[code].households or 0
        if not version.tree[code]:
            self._know(self._sum(number, code, "households"), *bounds_of_piece(told, FEWEST))
            return
        shown, hidden = _split(version, version.tree[code])
        left = told - sum(version.shown[below].households or 0 for below in shown)
        if hidden:
            self._know({(number, leaf, "households"): 1 for leaf in hidden}, *bounds_of_piece(left, floor_of(len(hidden))))

    def _know_one_person_changed(self) -> None:
        """Somebody comes, goes, or moves from one leaf to another: that is all that changes."""
        leaves = [code for code in self.versions[0].parents if not self.versions[0].tree[code]]
        for leaf in leaves:
            came, went = (0, leaf, "came"), (0, leaf, "went")
            self._know({(1, leaf, "population"): 1, (0, leaf, "population"): -1, came: -1, went: 1}, 0, 0)
            for column in ("households", "male"):
                change = {(1, leaf, column): 1, (0, leaf, column): -1}
                self._know({**change, came: -1}, -np.inf, 0)
                self._know({**change, went: 1}, 0, np.inf)
        for way in ("came", "went"):
            self._know({(0, leaf, way): 1 for leaf in leaves}, 0, 1)

    def _solve(self, aim: Row, more: Sequence[tuple[Row, float, float]] = ()) -> float | None:
        rows = [*self._rows, *(row for row, _, _ in more)]
        bounds = [*self._bounds, *((least, most) for _, least, most in more)]
        entries = [(i, self._at[var], n) for i, row in enumerate(rows) for var, n in row.items()]
        i, j, n = zip(*entries, strict=True)
        known = LinearConstraint(csr_array((n, (i, j)), shape=(len(rows), len(self._at))), *np.array(bounds, float).T)
        cost = np.zeros(len(self._at))
        for var, times in aim.items():
            cost[self._at[var]] = times
        found = milp(cost, integrality=np.ones(len(cost)), bounds=Bounds(0, MANY), constraints=known)
        assert found.status in (0, 2), found.message
        return None if found.status == 2 else float(found.fun)


def _split(version: City, below: Iterable[str]) -> tuple[list[str], list[str]]:
    """Of these areas and those inside hidden ones: the shown ones, and the hidden leaves."""
    shown, hidden = [], []
    for code in below:
        if version.shown[code].population is not None:
            shown.append(code)
        elif version.tree[code]:
            inside, leaves = _split(version, version.tree[code])
            shown += inside
            hidden += leaves
        else:
            hidden.append(code)
    return shown, hidden
