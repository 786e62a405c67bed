"""Nothing about a handful of people can be worked out from what is shown: exact algebra, and attackers who know the rules."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import product
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from linear_algebra import Var, solved
from people_trees import CITIES, city, living

from data.privacy.rounding import FEWEST, rounded
from data.rollup.household_counts import floor_of
from data.rollup.small_counts import Group, Hidden, People, hide, show, zone

GROUPS: tuple[Group, ...] = get_args(Group)
SUMMED: tuple[Group, ...] = ("residents", "sexes", "ages")
"""The groups of which an area shows the rounded sum of its leaves."""

FEW = set(range(1, FEWEST))
GROUP_OF: dict[str, Group] = {"population": "residents", "households": "households", "male": "sexes", "female": "sexes"}


def hidden_values(people: dict[str, People], hidden: Hidden) -> Iterator[tuple[Var, int]]:
    for code, found in people.items():
        for group in SUMMED:
            if code in hidden[group]:
                yield from (((code, name), n) for name, n in found.columns(group).items())


# ---- What an attacker knows ----


def equations(people: dict[str, People], parents: dict[str, str | None]) -> list[dict[Var, int]]:
    """Sums that are 0: parents less their children, parts of the residents less the residents."""
    below = defaultdict(list)
    for code, parent in parents.items():
        below[parent].append(code)
    found = []
    for code, own in people.items():
        columns = {name for group in SUMMED for name in own.columns(group)}
        if below[code]:
            found += [{(code, name): -1, **{(child, name): 1 for child in below[code]}} for name in columns]
        found += [{(code, "population"): -1, **{(code, name): 1 for name in own.columns(group)}} for group in ("sexes", "ages")]
    return found


# ---- Properties ----


@given(CITIES)
@settings(max_examples=80)
def test_small_counts_are_hidden_and_breakdowns_stand_beside_residents_only(made: Any) -> None:
    people, parents = made
    hidden, told = hide(people, parents), show(people, parents)
    for code, own in people.items():
        after = told[code]
        for group in GROUPS:
            values = set(after.columns(group).values())
            assert not {n for n in values if 0 < n < FEWEST}
            assert (code in hidden[group]) == (own.columns(group).keys() != after.columns(group).keys())
        if after.population is None:
            assert after == People()


@given(CITIES)
@settings(max_examples=80)
def test_nothing_hidden_can_be_solved_for(made: Any) -> None:
    people, parents = made
    hidden = hide(people, parents)
    values = dict(hidden_values(people, hidden))
    given_away = {var: values[var] for var in solved(equations(people, parents), set(values))}
    assert {var: n for var, n in given_away.items() if n} == {}


@pytest.mark.parametrize(
    "shape",
    [
        lambda n: [*n],
        lambda n: [n[:2], n[2:]],
        lambda n: [n[0], [n[1]], n[2:]],
        lambda n: [[n[0], [n[1], n[2]]], n[3]],
        lambda n: [[n[0]], [n[1]], [[n[2]], n[3]]],
        lambda n: [n[:3], n[3]],
    ],
    ids=["one level", "two by two", "only children", "three levels", "chains", "three and one"],
)
def test_whoever_knows_the_rules_still_finds_every_small_count_possible(shape: Any) -> None:
    """Every city of four cells and at most 19 people: in those that look the same, a hidden cell that may be small has each of 1 to 4."""
    same: dict[Any, list[tuple[int, ...]]] = defaultdict(list)
    for counts in product(range(20), repeat=4):
        if sum(counts) < 20:
            people, parents = city(shape([People(n) for n in counts]))
            hidden = hide(people, parents)["residents"]
            if "c" not in hidden:
                same[tuple(-1 if code in hidden else own.population for code, own in people.items())].append(counts)
    for alike in same.values():
        for values in map(set, zip(*alike, strict=True)):
            small = {n for n in values if 0 < n < FEWEST}
            assert small in (set(), {1, 2, 3, 4}), alike
    assert len(same) > 500


# ---- By hand ----


def of(*counts: int) -> list[People]:
    return [living(n, male=n // 2) for n in counts]


def test_one_small_cell_takes_a_brother_with_it_the_first_by_code() -> None:
    people, parents = city([of(300, 3, 100), of(60, 70)])
    assert hide(people, parents)["residents"] == {"c01", "c00"}


def test_two_small_cells_alone_are_not_enough() -> None:
    """Of 4 and 4 the sum would say all to whoever knows that both are small."""
    people, parents = city([of(4, 4, 90, 100), of(60, 70)])
    assert hide(people, parents)["residents"] == {"c00", "c01", "c02"}


def test_where_no_brother_is_left_the_parent_goes_too_and_its_own_brother_with_one_cell() -> None:
    people, parents = city([of(3), of(60, 70), of(90, 80)])
    assert hide(people, parents)["residents"] == {"c00", "c0", "c1", "c10"}


def test_noughts_stay_but_not_inside_a_handful() -> None:
    people, parents = city([of(0, 60, 70), of(0, 2, 0), of(50, 60)])
    assert hide(people, parents)["residents"] == {"c1", "c10", "c11", "c12", "c0", "c01"}


def test_a_whole_city_of_a_handful_shows_nothing() -> None:
    people, parents = city([of(1, 2), of(0)])
    assert hide(people, parents)["residents"] == set(people)


def test_a_breakdown_is_shown_whole_or_not_at_all() -> None:
    women = [living(100, male=98), living(100, male=50), living(100, male=60)]
    people, parents = city([women])
    hidden = hide(people, parents)
    assert hidden["sexes"] == {"c00", "c01"} and not hidden["residents"] and not hidden["ages"]
    told = show(people, parents)
    assert told["c00"] == People(100, 5, None, None, people["c00"].ages)
    assert told["c02"].male == 60


def _first(group: Group, n: int) -> People:
    """A cell of which one count of the group is ``n``; a hundred people unless they are what is counted."""
    return {
        "residents": living(n, households=n, male=n, young=n),
        "sexes": living(100, households=50, male=n, young=50),
        "ages": living(100, households=50, male=50, young=n),
    }[group]


@pytest.mark.parametrize("group", SUMMED)
@pytest.mark.parametrize("n", [0, 1, 2, 4, 5, 95, 96, 99, 100])
def test_one_to_four_are_small_in_every_group(group: Group, n: int) -> None:
    """Of 100 people 96 to 99 men, or young ones, leave 4 to 1 others, who are small too."""
    others = [living(100, households=50, male=50, young=50) for _ in range(3)]
    people, parents = city([[_first(group, n), *others]])
    small = {1, 2, 4} if group == "residents" else {1, 2, 4, 96, 99}
    assert ("c00" in hide(people, parents)[group]) is (n in small)


def test_a_column_is_summed_over_hidden_leaves_and_not_over_their_parents_too() -> None:
    """The three men of c00 stand in c0 as well; three together are few, although three and three are not."""
    people, parents = city([[living(100, male=3), living(100)], living(100), living(100, male=60), living(100, male=50)])
    hidden = hide(people, parents)
    assert hidden["sexes"] == {"c0", "c00", "c1", "c2"} and not hidden["residents"]


def test_unknown_people_are_no_part_of_any_sum() -> None:
    people, parents = city([of(3, 100, 90), of(60, 70)])
    people["c03"], parents["c03"] = People(), "c0"
    assert hide(people, parents)["residents"] == {"c00", "c01"}
    assert show(people, parents)["c03"] == People()


def test_under_an_unknown_parent_no_brother_is_hidden() -> None:
    """There is no sum that a cell could be subtracted from."""
    people, parents = city([of(3, 100, 90), of(60, 70)])
    people["c"] = people["c0"] = People()
    assert hide(people, parents)["residents"] == {"c00"}


def test_breakdowns_of_unknown_residents_are_no_part_of_any_sum_either() -> None:
    """They are not shown, so their being few makes no brother hide."""
    people, parents = city([of(100, 90, 80), of(60, 70)])
    people["c03"], parents["c03"] = People(households=3, male=1, female=50, ages={"0-14": 2}), "c0"
    hidden = hide(people, parents)
    assert not any(hidden[group] - {"c03"} for group in SUMMED)
    assert show(people, parents).get("c03", People()) == People()


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ((3, 100, 90), {0, 1}),
        ((100, 3, 90), {0, 1}),
        ((100, 90, 3), {0, 2}),
        ((4, 5, 90), {0, 1}),  # 4 + 5 leave room: each of 1, 2, 3, 4 is possible
        ((3, 5, 90), {0, 1, 2}),  # 3 + 5 do not
        ((4, 6, 90), {0, 1}),
        ((2, 6, 90), {0, 1, 2}),
        ((4, 4, 90), {0, 1, 2}),
        ((1, 90, 0), {0, 1}),
        ((0, 0, 90), set()),
        ((5, 5, 5), set()),
    ],
)
def test_as_few_are_hidden_as_it_takes(counts: tuple[int, ...], expected: set[int]) -> None:
    people, parents = city([of(*counts), of(60, 70)])
    assert hide(people, parents)["residents"] == {f"c0{n}" for n in expected}


def test_nothing_is_hidden_that_need_not_be() -> None:
    """All cities of four cells with up to 9 people: without a small count none is hidden, and the last one that was added was needed."""
    for counts in product(range(10), repeat=4):
        people, parents = city([People(n) for n in counts])
        hidden = hide(people, parents)["residents"]
        small = {f"c{n}" for n, count in enumerate(counts) if 0 < count < FEWEST}
        if not small and not 0 < sum(counts) < FEWEST:
            assert hidden == set(), counts
        added = sorted(hidden - small - {"c"})
        if "c" in hidden or not added:
            continue
        before = [people[code].population or 0 for code in hidden if code != added[-1]]
        least = sum(1 if n < FEWEST else FEWEST for n in before)
        safe = len(before) > 1 and any(n >= FEWEST for n in before) and sum(before) >= least + 3
        assert not safe, (counts, hidden)


@given(CITIES)
@settings(max_examples=60)
def test_a_city_without_small_counts_hides_nothing(made: Any) -> None:
    people, parents = made
    large = {code: People(own.population) for code, own in people.items()}
    if not any(0 < (own.population or 0) < FEWEST for own in large.values()):
        assert hide(large, parents) == {group: set() for group in GROUPS}


@pytest.mark.parametrize(("exact", "told"), [(0, 0), (5, 5), (7, 5), (8, 10), (12, 10), (13, 15), (800_001, 800_000)])
def test_figures_are_rounded_to_the_nearest_five(exact: int, told: int) -> None:
    assert rounded(exact) == told


# ---- Zones and versions ----


def test_a_zone_is_the_sum_of_what_its_cells_show() -> None:
    people, parents = city([of(300, 3, 100), of(60, 72)])
    told = show(people, parents)
    cells = [(people[code], told[code], 1.0) for code in ("c01", "c02", "c11")]
    found = zone(cells)
    assert (found.people.population, found.people.male, found.left_out) == (170, 85, 1)
    assert found.people.ages == {"0-14": 0, "15-59": 170, "60+": 0}


def test_a_zone_shows_a_breakdown_only_where_all_of_its_shown_cells_do() -> None:
    people, parents = city([[living(100, 50, 98), living(100, 50, 50), living(100, 50, 60)]])
    told = show(people, parents)
    found = zone([(people[code], told[code], 1.0) for code in ("c00", "c02")])
    assert (found.people.population, found.people.households, found.people.male, found.left_out) == (200, 100, None, 0)


def test_a_zone_s_shares_of_cells_are_rounded_once() -> None:
    people, parents = city([[living(10, 5, 5) for _ in range(20)]])
    told = show(people, parents)
    found = zone([(people[code], told[code], 0.04) for code in people if told[code].population == 10 and code != "c0"])
    assert (found.people.population, found.people.male, found.people.female) == (10, 5, 5), "20 cells x 10 people x 0.04 are 8"


def test_a_cell_that_hardly_lies_in_a_zone_hides_nothing_of_it() -> None:
    people, parents = city([[living(100, 50, 98), living(100, 50, 50), living(100, 50, 60)]])
    told = show(people, parents)
    assert told["c00"].male is None
    found = zone([(people["c00"], told["c00"], 0.0001), (people["c02"], told["c02"], 1.0)])
    assert (found.people.population, found.people.male, found.left_out) == (100, told["c02"].male, 0)


MOVES = st.lists(st.tuples(st.integers(0, 10), st.integers(0, 10)), min_size=1, max_size=12)


@given(st.lists(st.integers(0, 30), min_size=11, max_size=11), MOVES)
@settings(max_examples=60)
def test_no_difference_of_two_moments_is_a_handful(counts: list[int], moves: list[tuple[int, int]]) -> None:
    """One person moves at a time; an attacker subtracts every figure from every later one, and children from parents."""
    seen: dict[str, set[int]] = defaultdict(set)
    for source, target in [(0, 0), *moves]:
        if counts[source]:
            counts[source] -= 1
            counts[target] += 1
        people, parents = city([of(*counts[:4]), of(*counts[4:8]), of(*counts[8:])])
        after = show(people, parents)
        for code, found in after.items():
            for group in GROUPS:
                seen[code].update(found.columns(group).values())
        for parent in ("c", "c0", "c1", "c2"):
            kids = [after[code].population for code, above in parents.items() if above == parent]
            if after[parent].population is not None:
                seen["left over"].add(abs(after[parent].population - sum(n for n in kids if n is not None)))
    for values in seen.values():
        assert not {abs(a - b) for a in values for b in values} & {1, 2, 3, 4}
    assert not seen["left over"] & {1, 2, 3, 4}


# ---- Households ----


@pytest.mark.parametrize(
    ("residents", "households", "told"),
    [(34, 34, 35), (8, 4, 5), (8, 1, 5), (8, 7, 5), (8, 8, 10), (60, 12, 10), (60, 13, 15), (60, 0, 0), (0, 0, 0)],
)
def test_households_of_a_cell_are_rounded_and_five_is_one_to_seven(residents: int, households: int, told: int) -> None:
    people, parents = city([[People(residents, households), People(100, 40)]])
    assert show(people, parents)["c00"].households == told


def test_households_of_an_area_are_the_sum_of_what_its_cells_show() -> None:
    """34 + 8 + 33 are 75; told are 35, 10 and 35."""
    people, parents = city([[People(34, 34), People(8, 8), People(33, 33)]])
    told = show(people, parents)
    assert [told[code].households for code in ("c00", "c01", "c02", "c0", "c")] == [35, 10, 35, 80, 80]


@pytest.mark.parametrize(("households", "told"), [((1, 1), 5), ((3, 4), 5), ((3, 5), 10), ((3, 90), 95)])
def test_hidden_cells_show_their_households_together(households: tuple[int, int], told: int) -> None:
    people, parents = city([[People(3, households[0]), People(100, households[1]), People(60, 20)]])
    after = show(people, parents)
    assert [after[code].households for code in ("c00", "c01", "c02", "c0")] == [None, None, 20, 20 + told]


def test_what_is_shown_of_hidden_households_together_leaves_each_of_them_four() -> None:
    assert [(n, floor_of(n)) for n in (1, 4, 5, 9, 10, 14)] == [(1, 5), (4, 5), (5, 10), (9, 10), (10, 15), (14, 15)]
    assert all(floor_of(n) + 2 >= n + 3 for n in range(1, 100))


def test_which_households_are_hidden_does_not_depend_on_them() -> None:
    few, parents = city([[People(30, 1), People(40, 2), People(3, 1), People(50, 4)]])
    many, _ = city([[People(30, 30), People(40, 40), People(3, 3), People(50, 50)]])
    assert hide(few, parents) == hide(many, parents)


def test_unknown_households_are_no_part_of_any_sum() -> None:
    people, parents = city([[People(30, 12), People(40)]])
    told = show(people, parents)
    assert (told["c00"].households, told["c01"].households, told["c0"].households) == (10, None, 10)


@pytest.mark.parametrize(
    "shape",
    [
        pytest.param(lambda n: [*n], id="flat", marks=pytest.mark.slow),
        pytest.param(lambda n: [n[:2], n[2]], id="two", marks=pytest.mark.slow),
        pytest.param(lambda n: [[n[0], [n[1]]], n[2]], id="deep"),
    ],
)
def test_whoever_knows_the_rules_still_finds_every_few_households_possible(shape: Any) -> None:
    """All cities of three cells and at most 17 people: in those that look the same, what may be few can be 1 to 4."""
    same: dict[Any, list[tuple[int, ...]]] = defaultdict(list)
    for counts in product(range(18), repeat=3):
        if sum(counts) > 17:
            continue
        for households in product(*(range(bool(n), n + 1) for n in counts)):
            people, parents = city(shape([People(*cell) for cell in zip(counts, households, strict=True)]))
            told = show(people, parents)
            if told["c"].population is not None:
                same[tuple((own.population, own.households) for own in told.values())].append((*counts, *households))
    for alike in same.values():
        values = [set(cell) for cell in zip(*alike, strict=True)]
        for residents, households in zip(values[:3], values[3:], strict=True):
            assert residents & FEW in (set(), FEW), alike
            assert households & FEW in (set(), FEW) or (min(residents) >= FEWEST and len(households) >= 4), alike
    assert len(same) > 20
