"""When a change of counts is more than chance: beside exact fractions, at the counts where the answer turns."""

from fractions import Fraction
from math import comb

import pytest

from data.core.rate_changes import FEWEST_BOTH, compare_counts


def mid_p_of_more(now: int, before: int, of_now: int, of_before: int) -> Fraction:
    """Probability of more events now than there were, and half of that of as many, if the rate had not changed."""
    total, share = now + before, Fraction(of_now, of_now + of_before)
    each = [comb(total, n) * share**n * (1 - share) ** (total - n) for n in range(total + 1)]
    return sum(each[now + 1 :], Fraction(0)) + each[now] / 2


@pytest.mark.parametrize(("of_now", "of_before"), [(30, 30), (28, 29), (1, 7)])
@pytest.mark.parametrize("total", [10, 11, 40, 137])
def test_a_change_counts_where_its_chance_is_below_one_in_forty_on_either_side(total: int, of_now: int, of_before: int) -> None:
    for now in range(total + 1):
        more = mid_p_of_more(now, total - now, of_now, of_before)
        expected = "more" if more < Fraction(1, 40) else "less" if 1 - more < Fraction(1, 40) else "unclear"
        assert compare_counts(now, total - now, of_now, of_before).verdict == expected


def test_both_sides_are_reached() -> None:
    """Of 10 events in two equal spans: 9 to 1 has a chance of 0.6 %, 8 to 2 of 3.3 %."""
    assert [compare_counts(now, 10 - now, 1, 1).verdict for now in (1, 2, 8, 9)] == ["less", "unclear", "unclear", "more"]


def test_too_few_are_set_apart_and_the_first_that_are_enough_are_not() -> None:
    few, enough = compare_counts(FEWEST_BOTH - 1, 0, 1, 1), compare_counts(FEWEST_BOTH, 0, 1, 1)
    assert (few.verdict, few.ratio, few.low, few.high) == ("too_few", None, None, None)
    assert (enough.verdict, enough.ratio, enough.high) == ("more", None, None) and enough.low is not None and enough.low > 1
    assert compare_counts(20, 20, 0, 1).verdict == "too_few"


def test_the_ratio_is_that_of_rates_and_not_of_counts() -> None:
    change = compare_counts(28, 29, 28, 29)
    assert (change.ratio, change.verdict) == (1.0, "unclear")
    assert compare_counts(0, 20, 1, 1).ratio == 0.0
