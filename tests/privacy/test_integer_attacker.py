"""Random small cities with residents, households, sexes and ages together, and an integer programme that asks what is possible.

The attacker of ``count_attacker`` knows every figure that is shown, but not by which rules areas are hidden (``test_suppression.py`` tries
whoever knows them). What these tests show, on the cities that they try:

- by the figures of one moment, residents and households of 1 to 4 could be any of 1, 2, 3 and 4, except that there is at least one
  household in each inhabited cell; sexes and ages of 1 to 4 have at least four values;
- by the figures of two moments that differ by one person's change, residents and households of 1 to 4 that are hidden both times have
  at least four values.
"""

from dataclasses import replace
from random import Random

import pytest
from count_attacker import Attacker, City
from people_trees import BANDS, city, living, summed

from data.privacy.rounding import FEWEST
from data.rollup.small_counts import People, children_of, show

pytestmark = pytest.mark.slow

FEW = set(range(1, FEWEST))
COUNTED = ("population", "households")


def version(people: dict[str, People], parents: dict[str, str | None]) -> City:
    return City(people, parents, show(people, parents))


def random_city(dice: Random, most: int = 3) -> tuple[dict[str, People], dict[str, str | None]]:
    """A city of up to nine cells, many of them with few people, or with as many households as people."""

    def leaf() -> People:
        total = dice.choice([dice.randint(0, 6), dice.randint(0, 12), dice.randint(0, 40)])
        households = dice.choice([total, dice.randint(1, max(total, 1)), dice.randint(1, 5)])
        return living(total, households, *(dice.randint(0, total) for _ in range(3)))

    return city([[leaf() for _ in range(dice.randint(1, most))] for _ in range(dice.randint(1, most))])


def few_in(seen: City) -> list[tuple[str, str]]:
    """Areas and columns of 1 to 4: none of them is shown as it is."""
    found = []
    for code, own in seen.exact.items():
        plain = {name: getattr(own, name) for name in (*COUNTED, "male", "female")}
        found += [(code, name) for name, n in {**plain, **(own.ages or {})}.items() if n in FEW]
    return found


def expected(seen: City, code: str, column: str) -> set[int]:
    """Which of 1 to 4 must be possible: all of them, but a household for each cell of which the attacker knows that it is inhabited."""
    inhabited = [leaf for leaf in seen.leaves(code) if seen.exact[leaf].population and not seen.is_inside_few(leaf)]
    return {n for n in FEW if column == "population" or n >= len(inhabited)}


@pytest.mark.parametrize("seed", range(24))
def test_every_few_can_be_one_two_three_or_four(seed: int) -> None:
    seen = version(*random_city(Random(seed)))
    attacker = Attacker(seen)
    for code, column in few_in(seen):
        if column in COUNTED:
            assert attacker.possible(code, column, FEW) >= expected(seen, code, column), (code, column)
        else:
            assert attacker.span(code, column) >= 3, (code, column)


@pytest.mark.parametrize(
    "cells",
    [
        [living(34, 34), living(8, 4)],
        [living(34, 34), living(8, 4), living(20, 5)],
        [living(8, 8), living(8, 8), living(8, 8), living(8, 1)],
        [living(5, 5), living(3, 3), living(40, 2)],
        [living(1, 1)] * 7 + [living(60, 3)],
    ],
    ids=["34 of 34 and 4 of 8", "a third", "all at the edge", "everybody alone", "many of one"],
)
def test_households_that_residents_could_give_away(cells: list[People]) -> None:
    seen = version(*city([cells, [living(60, 30), living(70, 20)]]))
    attacker = Attacker(seen)
    few = [(code, column) for code, column in few_in(seen) if column == "households"]
    assert few
    for code, column in few:
        assert attacker.possible(code, column, FEW) == FEW, code


def moved(people: dict[str, People], parents: dict[str, str | None], source: str | None, target: str | None) -> dict[str, People]:
    """The city after one man of 15 to 59, who lives alone, has moved from one leaf to another; ``None``: from or to elsewhere."""
    tree, after = children_of(parents), dict(people)
    for code, n in ((source, -1), (target, 1)):
        if code is not None:
            own = after[code]
            ages = {**(own.ages or {}), BANDS[1]: (own.ages or {})[BANDS[1]] + n}
            after[code] = replace(own, **{name: getattr(own, name) + n for name in (*COUNTED, "male")}, ages=ages)
    for code in sorted(parents, key=len, reverse=True):
        if tree[code]:
            after[code] = summed([after[below] for below in tree[code]])
    return after


def could_leave(own: People) -> bool:
    """Whether a man of 15 to 59 who lives alone can be among them: the others keep a household."""
    alone = own.population == 1 or (own.households or 0) > 1
    return alone and bool(own.male) and bool((own.ages or {}).get(BANDS[1]))


@pytest.mark.parametrize("seed", range(15))
def test_one_persons_change_does_not_tell_how_few_there_are(seed: int) -> None:
    dice = Random(seed)
    people, parents = random_city(dice)
    leaves = [code for code, below in children_of(parents).items() if not below]
    source = dice.choice([None, *(leaf for leaf in leaves if could_leave(people[leaf]))])
    target = dice.choice([None, *(leaf for leaf in leaves if leaf != source)])
    before, after = version(people, parents), version(moved(people, parents, source, target), parents)
    attacker = Attacker(before, after)
    for number, (seen, other) in enumerate([(before, after), (after, before)]):
        for code, column in few_in(seen):
            hidden = seen.shown[code].population is None and other.shown[code].population is None
            if column in COUNTED and hidden:
                assert len(attacker.possible(code, column, range(8), number)) >= 4, (code, column)
