"""Intervals at their boundaries, beside scipy and beside a table that others published."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from data.core.intervals import rate_ratio_interval, share_difference_interval, wilson_interval


def test_wilson_interval() -> None:
    # 213 of 246, as in the mock's tooltip: 81.8 to 90.3 %
    low, high = wilson_interval(213, 246)
    assert (round(low * 100, 1), round(high * 100, 1)) == (81.8, 90.3)


def test_the_interval_of_a_share_stays_inside_it() -> None:
    assert wilson_interval(0, 10)[0] == 0 and wilson_interval(10, 10)[1] == pytest.approx(1)
    assert wilson_interval(0, 10)[1] == pytest.approx(0.2775, abs=1e-4)
    assert wilson_interval(5, 10) == pytest.approx((0.2366, 0.7634), abs=1e-4)


@given(st.integers(0, 500), st.integers(1, 500))
def test_the_interval_of_a_share_is_that_of_statsmodels(numerator: int, denominator: int) -> None:
    numerator = min(numerator, denominator)
    assert wilson_interval(numerator, denominator) == pytest.approx(proportion_confint(numerator, denominator, method="wilson"), abs=1e-9)


@given(st.integers(0, 300), st.integers(1, 300), st.integers(0, 300), st.integers(1, 300))
def test_the_interval_of_a_difference_is_that_of_statsmodels(part: int, whole: int, part_before: int, whole_before: int) -> None:
    now, before = (min(part, whole), whole), (min(part_before, whole_before), whole_before)
    theirs = confint_proportions_2indep(*now, *before, method="newcomb", compare="diff")
    assert share_difference_interval(now, before) == pytest.approx(theirs, abs=1e-9)


@given(st.integers(0, 400), st.integers(0, 400), st.floats(0.5, 1000), st.floats(0.5, 1000))
def test_the_limits_of_a_ratio_are_those_at_which_mid_p_is_a_fortieth(now: int, before: int, of_now: float, of_before: float) -> None:
    low, high = rate_ratio_interval(now, before, of_now, of_before)
    total = now + before

    def share(ratio: float) -> float:
        return ratio * of_now / (ratio * of_now + of_before)

    if now:
        at = share(low)
        assert binom.sf(now, total, at) + binom.pmf(now, total, at) / 2 == pytest.approx(0.025, abs=1e-8)
        assert low < now / of_now / (before / of_before or 1e-12)
    else:
        assert low == 0
    if before:
        at = share(high)
        assert binom.cdf(now - 1, total, at) + binom.pmf(now, total, at) / 2 == pytest.approx(0.025, abs=1e-8)
        assert high > now / of_now / (before / of_before)
    else:
        assert math.isinf(high)


def test_counts_of_a_whole_city_have_limits_too() -> None:
    low, high = rate_ratio_interval(3_100_000, 3_000_000, 30, 30)
    # With such counts the logarithm is normal: 31/30 × exp(±1.96 × sqrt(1/3.1e6 + 1/3e6))
    wide = 1.959964 * math.sqrt(1 / 3.1e6 + 1 / 3e6)
    assert (low, high) == pytest.approx((31 / 30 * math.exp(-wide), 31 / 30 * math.exp(wide)), rel=1e-6)


def test_equal_rates_are_around_one_and_turned_rates_are_turned() -> None:
    low, high = rate_ratio_interval(20, 20, 30, 30)
    assert low == pytest.approx(1 / high) and low < 1 < high
    assert rate_ratio_interval(30, 10, 7, 9)[0] == pytest.approx(1 / rate_ratio_interval(10, 30, 9, 7)[1])


@pytest.mark.parametrize("wrong", [(-1, 1, 1, 1), (1, -1, 1, 1), (1, 1, 0, 1), (1, 1, 1, 0)])
def test_what_is_no_rate_is_refused(wrong: tuple[int, int, float, float]) -> None:
    with pytest.raises(ValueError, match="exposures"):
        rate_ratio_interval(*wrong)
