"""Class breaks at their edges."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.style import breaks, theme


def test_breaks_take_as_many_digits_as_tell_them_apart() -> None:
    assert breaks.round_breaks([1.234, 5.678], 0, 10) == [1.2, 5.7], "two digits do"
    assert breaks.round_breaks([1.234, 1.241, 5], 0, 10) == [1.23, 1.24, 5.0], "three are needed"
    assert breaks.round_breaks([1001.4, 1002.4, 1003.4], 0, 2000) == [1001, 1002, 1003], "four are needed"
    assert breaks.round_breaks([10_001, 10_002], 0, 20_000) == [10_000], "more than four digits are never written"


def test_close_values_have_breaks_between_them() -> None:
    found = breaks.sequential_breaks([1001, 1002, 1003, 1004, 1005, 1006], "equal")
    assert found == [1002, 1003, 1004, 1005], "four digits are needed, and two breaks still become one"
    assert len({breaks.find_class(value, found) for value in (1001, 1002, 1003, 1004, 1005)}) == 5


def test_a_break_lies_above_the_lowest_value_and_may_be_the_highest() -> None:
    assert breaks.round_breaks([1, 2, 3], 1, 3) == [2, 3]


def test_zero_and_negative_breaks_are_rounded_too() -> None:
    assert breaks.round_breaks([-12.34, 0, 12.34], -20, 20) == [-12, 0, 12]


@pytest.mark.parametrize(
    ("at_least", "step"),
    [(1, 1), (1.01, 2), (2, 2), (2.01, 2.5), (2.5, 2.5), (2.6, 5), (5, 5), (5.1, 10), (10, 10), (0.1, 0.1), (0.11, 0.2)],
)
def test_a_round_step_is_the_next_one_that_reaches(at_least: float, step: float) -> None:
    assert breaks.round_step(at_least) == pytest.approx(step)


def test_diverging_classes_hold_nine_areas_in_ten_in_the_inner_five() -> None:
    values = [50 + n for n in range(10)] + [150.0] * 1
    found = breaks.diverging_breaks(values, 50.0)
    assert found == [40, 45, 50, 55, 60, 65], "deviations 0–9 reach 9, a step of 5 holds 2.5 of them"
    assert breaks.diverging_breaks([50.0, 150.0], 50.0) == [-50, 0, 50, 100, 150, 200], "of two areas both count"


def test_diverging_without_values_still_has_a_middle() -> None:
    assert breaks.find_class(90.0, breaks.diverging_breaks([], 90.0)) == 3


@pytest.mark.parametrize(("classes", "places"), [(1, [3]), (2, [0, 5]), (3, [0, 2, 5]), (4, [0, 2, 3, 5]), (6, [0, 1, 2, 3, 4, 5])])
def test_few_classes_take_colours_from_both_ends(classes: int, places: list[int]) -> None:
    assert breaks.spread_colours(range(6), classes) == places
    assert [theme.RAMP.index(token) for token in breaks.spread_colours(theme.RAMP, classes)] == places


def test_two_values_make_two_classes_whatever_the_method() -> None:
    for method in breaks.METHODS:
        found = breaks.sequential_breaks([1, 1, 9, 9], method)
        assert breaks.find_class(1, found) == 0 and breaks.find_class(9, found) == len(found) == 1, method


def test_there_are_at_most_six_classes() -> None:
    for method in breaks.METHODS:
        assert len(breaks.sequential_breaks([float(n) for n in range(100)], method)) == 5, method


def test_natural_breaks_lie_halfway_between_neighbouring_classes() -> None:
    assert breaks.sequential_breaks([1, 2, 10, 12, 30], "natural", 3) == [6, 21]


def test_natural_breaks_of_thousands_of_areas_are_those_of_a_sample() -> None:
    values = [float(n // 1500) * 100 + n % 7 for n in range(4500)]
    found = breaks.sequential_breaks(values, "natural", 3)
    assert [breaks.find_class(value, found) for value in (6, 100, 106, 200)] == [0, 1, 1, 2]


# ---- Hand-worked: one outlier, nearly all at the maximum, negative values, two distinct values, many zeros ----

HAND_WORKED: list[tuple[str, list[float], str, list[float]]] = [
    # One outlier. The quantiles of 1 to 9 and 1000 lie at 2.5, 4, 5.5, 7 and 8.5; natural: it is alone; equal: 1 + 166.5 × i.
    ("outlier", [1, 2, 3, 4, 5, 6, 7, 8, 9, 1000], "quantile", [2.5, 4, 5.5, 7, 8.5]),
    ("outlier", [1, 2, 10, 11, 20, 21, 30, 31, 40, 41, 1000], "natural", [6, 16, 26, 36, 520]),
    ("outlier", [1, 2, 3, 4, 5, 6, 7, 8, 9, 1000], "equal", [170, 330, 500, 670, 830]),
    # All but one are alike: quantiles fall on the low value, so that value is the first class.
    ("alone", [5.0] * 99 + [1000], "quantile", [1000]),
    ("alone", [5.0] * 99 + [1000], "natural", [500]),
    ("alone", [5.0] * 99 + [1000], "equal", [500]),
    ("few", [5.0] * 95 + [6, 7, 8, 9, 1000], "quantile", [6, 6.8, 7.6, 8.4, 210]),
    ("few", [5.0] * 95 + [6, 7, 8, 9, 1000], "natural", [5.5, 6.5, 7.5, 8.5, 500]),
    # Nearly all at the maximum, like a rate of 100 %.
    ("full", [40.0, 70, 90, *[100.0] * 97], "quantile", [100]),
    ("full", [40.0, 70, 90, *[100.0] * 97], "natural", [55, 80, 95]),
    ("full", [40.0, 70, 90, *[100.0] * 97], "equal", [55, 70, 85]),
    # Negative values.
    ("negative", [-10, -5, 0, 5, 10], "quantile", [-6, -2, 2, 6]),
    ("negative", [-10, -5, 0, 5, 10], "natural", [-7.5, -2.5, 2.5, 7.5]),
    ("negative", [-10, -5, 0, 5, 10], "equal", [-6, -2, 2, 6]),
    ("below", [-30, -20, -10], "quantile", [-23, -17]),
    ("below", [-30, -20, -10], "natural", [-25, -15]),
    ("below", [-30, -20, -10], "equal", [-23, -17]),
    # Two distinct values.
    ("two", [1, 1, 1, 2], "quantile", [2]),
    ("two", [1, 2, 2, 2], "quantile", [2]),
    ("two", [1, 1, 1, 2], "natural", [1.5]),
    ("two", [1, 1, 1, 2], "equal", [1.5]),
    ("close", [1_000_000, 1_000_001], "quantile", [1_000_001]),
    ("close", [1_000_000, 1_000_001], "natural", [1_000_000.5]),
    ("close", [1_000_000, 1_000_001], "equal", [1_000_001]),
    # Many zeros: a class of their own, then five classes of the rest.
    ("zeros", [0.0] * 90 + [1, 2, 3, 4, 5, 6, 7, 8, 9, 110], "quantile", [1, 2.8, 4.6, 6.4, 8.2]),
    ("zeros", [0.0] * 90 + [1, 2, 10, 11, 20, 21, 30, 31, 110], "natural", [1, 6, 16, 26, 70]),
    ("zeros", [0.0] * 90 + [1, 2, 3, 4, 5, 6, 7, 8, 9, 110], "equal", [1, 23, 45, 66, 88]),
    ("zeros", [0.0] * 3000 + [1.0] * 114, "quantile", [1]),
    ("zeros", [0.0] * 9 + [0.37, 37], "quantile", [0.3, 19]),
    ("both", [-8, -4, *[0.0] * 20, 6, 12, 18], "quantile", [-6, 0, 6, 10, 14]),
    ("both", [-8, *[0.0] * 20], "equal", [0]),
]


@pytest.mark.parametrize(
    ("_", "values", "method", "expected"), HAND_WORKED, ids=[f"{name}-{how}-{n}" for n, (name, _, how, _) in enumerate(HAND_WORKED)]
)
def test_breaks_worked_out_by_hand(_: str, values: list[float], method: str, expected: list[float]) -> None:
    assert breaks.sequential_breaks(values, method) == pytest.approx(expected)
    assert breaks.sequential_breaks(values[::-1], method) == breaks.sequential_breaks(values, method), "whatever their order"


@pytest.mark.parametrize("method", breaks.METHODS)
@given(values=st.lists(st.integers(-50, 50) | st.floats(-1e9, 1e9).map(lambda x: round(x, 3)), max_size=60))
def test_values_that_differ_are_never_all_alike(method: str, values: list[float]) -> None:
    found = breaks.sequential_breaks(values, method)
    assert (found == []) is (len(set(values)) < 2)
    assert found == sorted(set(found)) and len(found) < breaks.CLASSES
    assert not found or (min(values) < found[0] and found[-1] <= max(values))
    if breaks.has_zero_class(values) and found:
        zero = breaks.find_class(0.0, found)
        assert {value for value in values if breaks.find_class(value, found) == zero} == {0}, "nothing else is in the class of zeros"


@pytest.mark.parametrize(("zeros", "others", "apart"), [(1, 0, False), (1, 5, False), (2, 10, True), (2, 11, False), (500, 2500, True)])
def test_zero_is_frequent_where_it_fills_a_class(zeros: int, others: int, apart: bool) -> None:
    assert breaks.has_zero_class([0.0] * zeros + [float(n) for n in range(1, others + 1)]) is apart


@pytest.mark.parametrize("rare", [[1e6], [-1e6], [1e6, 2e6, 3e6], [500_000.0, 1e6]])
def test_no_outlier_is_sampled_away(rare: list[float]) -> None:
    """Among more areas than natural breaks are computed of, each rare value is in a class that no common value is in."""
    common = [float(n % 1000) for n in range(1, breaks.MOST_VALUES * 3)]
    found = breaks.sequential_breaks([*common, *rare], "natural")
    classes = {breaks.find_class(value, found) for value in rare}
    assert not classes & {breaks.find_class(value, found) for value in common} and len(classes) == len(rare)


@given(values=st.lists(st.integers(-20, 40), min_size=1, max_size=40), method=st.sampled_from(breaks.METHODS))
def test_breaks_of_counts_are_whole_and_make_the_same_classes(values: list[int], method: str) -> None:
    counts = [float(value) for value in values]
    found = breaks.sequential_breaks(counts, method)
    whole = breaks.whole_breaks(counts, found)
    assert all(value.is_integer() for value in whole)
    as_told, as_counted = ([breaks.find_class(value, each) for value in sorted(counts)] for each in (whole, found))
    changes = [[a != b for a, b in pairwise(classes)] for classes in (as_told, as_counted)]
    assert changes[0] == changes[1]


def test_breaks_of_other_figures_stay() -> None:
    assert breaks.whole_breaks([0.5, 1.0, 4.0], [0.7, 2.5]) == [0.7, 2.5]
    assert breaks.whole_breaks([0.0, 1.0, 4.0], [0.5, 2.0, 2.5]) == [1.0, 2.0, 3.0]
