"""Class breaks at their edges."""

import pytest

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
