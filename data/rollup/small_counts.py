"""Which figures about people may be shown to viewers who may not see the register, and in which form. Pure functions, no database.

Figures are residents, households, sexes and ages of an area. In the tree a parent's figure is the sum of its children's, and men and
women, like the age bands, are together the residents. Each area shows, or hides, its *groups*: ``residents``; then ``households``,
``sexes`` and ``ages``, each with all its columns or none, and only beside its residents. Households are hidden where residents are, and are
shown in a form of their own: see ``data.rollup.household_counts``. What follows is about the other three.

**What is hidden.** A group with any count from 1 to 4; zero stays, because an empty place tells of nobody (except inside an area that
itself has 1 to 4: there zeros would give away the rest). Then, from the leaves up, further areas until nothing can be worked out:

- a hidden area that is divided hides at least one of its children;
- under a parent that is shown, none or at least two children are hidden, and of the hidden leaves that stand behind them
  *residents*: one is not small, and their sum is at least 3 more than the least it can be (1 for each small one, 5 for each other
  one); *sexes and ages*: no column of them sums to 1, 2, 3 or 4.

The area that is hidden in addition is the first sibling in the order of codes, not the smallest. So neither sizes nor their changes
decide, and the same areas stay hidden while people come and go. Where no sibling is left, the parent is hidden, and then its siblings.

**Why it holds.** A hidden parent is the sum of its children, so it can be replaced by them: what remains for each shown parent is ONE
equation in each column, over the hidden leaves behind it, and no leaf stands behind two shown parents.

- *Residents*: k ≥ 2 leaves, each at least 1, of which the sum S is known. S − k ≥ 3, so each leaf can be anything from 1 to
  S − k + 1 ≥ 4, and an area above it that does not hold all of them moves by as much. Whoever knows these rules too, and so which are
  small, still finds all of 1, 2, 3 and 4 for each: the room of 3 is left after every condition (of parents that were safe by themselves
  and were hidden for others later, too), and the one that is not small takes up the rest. Leaves below a parent that had nothing more
  to hide do not count as that one, because having had to be hidden says that it is small.
- *Sexes, ages*: a table with hidden leaves as rows, whose column sums are known, and row sums where residents are shown. Leaves whose
  residents are hidden count together as one row, with a known sum. Each row and each column sums to 0 or at least 5, so what is outside of
  it does too, or there is but one row of hidden residents. A count in such a table lies between max(0, r + c − n) and min(r, c) and can
  be each number between (Fréchet's bounds, sharp for two dimensions), which is min(r, c, n − r, n − c) ≥ 5 apart, unless its column is
  empty, or holds everybody and the count is that row's residents, which are shown and not small. Inside a row of hidden residents a count
  can move between leaves by at least 3, as the residents do.
- The groups do not help each other: any residents of the hidden leaves with the right sums have a table of sexes and one of ages, and
  households.

Ages are shown with every band of the city, also with those in which nobody is: which bands there are tells of nobody.

**Versions after each other.** What is shown is rounded to the nearest 5, or is a sum of multiples of 5. Then every sum and difference of
shown figures, of one moment or of two, is a multiple of 5: no subtraction ever gives 1 to 4, and one person who moves changes either
nothing or a five. Rounding only takes away, so all that is said above holds for it. It has no memory: the same register always shows the
same.

**Functional zones** overlap the tree. Their figures are the sums of the shown, rounded figures of their cells, and shares of those that
their border crosses, rounded to 5 once more, with the number of cells that are left out. They are made of what is shown, so they tell
nothing more.

*What is tested*, not only argued: random small cities with residents, households, sexes and ages together, asked by an integer programme
(``tests/privacy/test_integer_attacker.py``); every city of a few cells and people, asked by whoever knows these rules
(``tests/privacy/test_suppression.py``). *Limits* are in ``SECURITY.md``.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import floor
from typing import Literal

from data.privacy.rounding import FEWEST, STEP, rounded
from data.rollup.household_counts import show_households

_ROOM = 3
"""The sum of hidden counts is at least this much above its minimum: each of them can then be 1, 2, 3 or 4."""

_SLIVER = 0.001
"""A zone that has less than this share of a cell does not meet it: borders of zones and cells are rarely drawn alike to the last digit."""

Group = Literal["residents", "households", "sexes", "ages"]


@dataclass(frozen=True, slots=True)
class People:
    """Figures about the people of an area; ``None`` where nothing is known, or nothing is shown."""

    population: int | None = None
    households: int | None = None
    male: int | None = None
    female: int | None = None
    ages: Mapping[str, int] | None = None

    def columns(self, group: Group) -> dict[str, int]:
        """The known columns of a group."""
        if group == "ages":
            return dict(self.ages or {})
        names = {"residents": ("population",), "households": ("households",), "sexes": ("male", "female")}[group]
        return {name: value for name in names if (value := getattr(self, name)) is not None}


@dataclass(frozen=True, slots=True)
class Zone:
    """What is shown of a functional zone: sums over the cells that are shown, and how many are left out."""

    people: People
    left_out: int


Hidden = dict[Group, set[str]]
"""For each group the areas that hide it."""
Helps = Callable[[str], bool]
"""Decides whether hiding an area would help."""
Short = Callable[[Sequence[str]], Helps | None]
"""Gives what is missing for the hidden leaves of one shown parent to protect each other; ``None`` if nothing is missing."""


def children_of(parents: Mapping[str, str | None]) -> dict[str, list[str]]:
    """Build the tree from each area's parent; a parent that is not among the areas counts as none."""
    tree: dict[str, list[str]] = {code: [] for code in parents}
    for code in sorted(parents):
        above = parents[code]
        if above is not None and above in tree:
            tree[above].append(code)
    return tree


def hide(people: Mapping[str, People], parents: Mapping[str, str | None]) -> Hidden:
    """Decide which groups of which areas are hidden.

    Args:
        people: exact figures of the areas of the tree; those without any may be missing.
        parents: the parent of each area, ``None`` for a root; functional zones are not among them.
    """
    tree = _Known(people, parents)
    residents = tree.counted()
    return {
        "residents": residents,
        "households": {code for code in residents if tree.people[code].households is not None},
        "sexes": tree.tabled("sexes", residents),
        "ages": tree.tabled("ages", residents),
    }


def show(people: Mapping[str, People], parents: Mapping[str, str | None]) -> dict[str, People]:
    """The figures of each area of a tree that are shown: see the module's docstring.

    Args:
        people, parents: as for ``hide``.
    """
    hidden, known = hide(people, parents), {code: n for code in parents if (n := people[code].households) is not None}
    residents_known = {code: parent for code, parent in parents.items() if people[code].population is not None}
    households = show_households(known, children_of(residents_known), hidden["residents"])
    bands = sorted({band for code in residents_known for band in people[code].ages or ()})
    return {code: _show(code, people[code], hidden, households.get(code), bands) for code in parents}


def _show(code: str, people: People, hidden: Hidden, households: int | None, bands: Sequence[str]) -> People:
    """The figures of an area that are shown: of the groups that are not hidden."""
    if people.population is None:
        return People()

    def of(group: Group, n: int | None) -> int | None:
        return None if n is None or code in hidden[group] else rounded(n)

    ages = None if people.ages is None or code in hidden["ages"] else {band: rounded(people.ages.get(band, 0)) for band in bands}
    return People(of("residents", people.population), households, of("sexes", people.male), of("sexes", people.female), ages)


def zone(cells: Iterable[tuple[People, People, float]]) -> Zone:
    """The figures of a functional zone that are shown.

    Args:
        cells: exact and shown figures of each cell that it meets, and the share (0 to 1) of the cell's people who live in it.

    Returns:
        Sums over the cells whose residents are shown, multiples of 5. A breakdown is there only if all of these show it: its parts and
        the residents then are of the same people. A cell of which hardly anything lies in the zone decides nothing.
    """
    known = [one for one in cells if one[0].population is not None and one[2] >= _SLIVER]
    kept = [one for one in known if one[1].population is not None]

    def total(group: Group) -> dict[str, int]:
        if any(set(before.columns(group)) != set(after.columns(group)) for before, after, _ in kept):
            return {}
        parts = [(after.columns(group), share) for _, after, share in kept]
        names = sorted({name for part, _ in parts for name in part})
        return {name: _nearest(sum(share * part.get(name, 0) for part, share in parts)) for name in names}

    plain = {**total("residents"), **total("households"), **total("sexes")}
    figures = People(plain.get("population"), plain.get("households"), plain.get("male"), plain.get("female"), total("ages") or None)
    return Zone(figures, len(known) - len(kept))


def _nearest(n: float) -> int:
    """The nearest multiple of 5; shares add up only nearly, so that halves are those of the figures, not of the last bit."""
    return STEP * floor(round(n / STEP, 6) + 0.5)


class _Known:
    """The tree of the areas whose residents are known; a group is hidden from its leaves up."""

    def __init__(self, people: Mapping[str, People], parents: Mapping[str, str | None]) -> None:
        self.people = {code: found for code in parents if (found := people.get(code)) is not None and found.population is not None}
        self.tree = children_of({code: parents[code] for code in self.people})

    def counted(self) -> set[str]:
        """All areas that hide their residents."""
        values = {code: n for code, found in self.people.items() if (n := found.population) is not None}
        small = {code for code, n in values.items() if 0 < n < FEWEST}
        hidden = set(small)
        for code in small:
            hidden.update(self._behind(self.tree[code]))

        def short(behind: Sequence[str]) -> Helps | None:
            counts = {code: values[code] for code in behind if not self.tree[code]}
            least = sum(min(n, 1) if n < FEWEST else FEWEST for n in counts.values())
            least += _ROOM * sum(1 for code in behind if code in safe)  # these parents were safe before, and must remain safe
            free = any(n >= FEWEST and leaf not in spent for leaf, n in counts.items())
            return None if free and sum(counts.values()) >= least + _ROOM else _any

        safe: set[str] = set()
        spent: set[str] = set()
        self._close({code for code, n in values.items() if n}, hidden, short, safe, spent)
        return hidden

    def tabled(self, group: Group, above: Collection[str]) -> set[str]:
        """All areas that hide a group whose columns are parts of the residents, including those that hide it anyway."""
        values = {code: columns for code, found in self.people.items() if (columns := found.columns(group))}
        hidden = {code for code in above if code in values}
        hidden |= {code for code, columns in values.items() if any(0 < n < FEWEST for n in columns.values())}

        def short(behind: Sequence[str]) -> Helps | None:
            sums: dict[str, int] = {}
            for leaf in (code for code in behind if not self.tree[code]):
                for name, n in values[leaf].items():
                    sums[name] = sums.get(name, 0) + n
            thin = next((name for name, n in sums.items() if 0 < n < FEWEST), None)
            return None if thin is None else lambda code: values[code].get(thin, 0) > 0

        self._close({code for code in values if self.people[code].population}, hidden, short, set(), set())
        return hidden

    def _upwards(self) -> list[str]:
        """All areas, children before their parents."""
        inside = {below for below_one in self.tree.values() for below in below_one}
        down = [code for code in self.tree if code not in inside]
        for code in down:
            down.extend(self.tree[code])
        return down[::-1]

    def _close(self, there: set[str], hidden: set[str], short: Short, safe: set[str], spent: set[str]) -> None:
        """Hide more areas until every parent is safe: see the module's docstring.

        One pass from the leaves up is enough: hiding for a parent only reaches into branches that hid nothing so far.

        Args:
            there: areas that are not empty; the others protect nobody.
            hidden: the hidden areas; more are added to it.
            short: gives what is missing for the hidden areas of a shown parent.
            safe: the parents with hidden areas for which nothing is missing are added to it.
            spent: the leaves of parents that had nothing left to hide are added to it. That alone reveals that they are few.
        """
        for code in self._upwards():
            inside = [below for below in self.tree[code] if below in there]
            if code in hidden:
                self._reach_down(code, there, hidden)
                continue
            while (tops := [below for below in inside if below in hidden]) and (lacking := self._lacking(tops, hidden, short)):
                another = next((below for below in inside if below not in hidden and lacking(below)), None)
                if another is None:
                    hidden.add(code)
                    spent.update(self._behind(tops, hidden))
                    break
                hidden.add(another)
                self._reach_down(another, there, hidden)
            else:
                if tops:
                    safe.add(code)

    def _lacking(self, tops: Sequence[str], hidden: set[str], short: Short) -> Helps | None:
        """What is missing for the hidden children of a shown parent: first of all a second hidden child."""
        return _any if len(tops) == 1 else short(self._behind(tops, hidden))

    def _reach_down(self, code: str, there: set[str], hidden: set[str]) -> None:
        """Hide one leaf inside a hidden area if nothing inside is hidden yet: otherwise its shown children would sum to its figure."""
        inside = [below for below in self.tree[code] if below in there]
        while inside and not any(below in hidden for below in inside):
            hidden.add(inside[0])
            inside = [below for below in self.tree[inside[0]] if below in there]

    def _behind(self, tops: Sequence[str], hidden: Collection[str] | None = None) -> list[str]:
        """These areas and all areas below them, or the hidden ones that are reached through hidden ones."""
        found = list(tops)
        for code in found:
            found.extend(below for below in self.tree[code] if hidden is None or below in hidden)
        return found


def _any(code: str) -> bool:
    return True
