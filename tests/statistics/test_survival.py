"""The curve of cases still open, beside statsmodels, and at its boundaries."""

import tracemalloc

import numpy as np
import pytest
from statsmodels.duration.survfunc import SurvfuncRight

from data.statistics.survival import SurvivalCurve, estimate_survival, thin_steps


def draw(seed: int, cases: int, ties: bool, open_share: float) -> tuple[np.ndarray, np.ndarray]:
    dice = np.random.default_rng(seed)
    hours = dice.gamma(1.3, 20, cases)
    return (np.floor(hours) if ties else hours), dice.random(cases) >= open_share


SAMPLES = [
    (seed, cases, ties, share) for seed, cases in enumerate((7, 40, 300, 2_000)) for ties in (False, True) for share in (0.0, 0.1, 0.6)
]


@pytest.mark.parametrize("sample", SAMPLES)
def test_the_curve_is_that_of_statsmodels(sample: tuple[int, int, bool, float]) -> None:
    hours, closed = draw(*sample)
    ours = estimate_survival(hours, closed)
    with np.errstate(divide="ignore", invalid="ignore"):
        theirs = SurvfuncRight(hours, closed.astype(int))
    assert ours.times == pytest.approx(theirs.surv_times, abs=1e-9)
    assert ours.at_risk.tolist() == theirs.n_risk.tolist()
    assert ours.closed.tolist() == theirs.n_events.tolist()
    assert ours.open_share == pytest.approx(theirs.surv_prob, abs=1e-9)
    inside = ours.open_share > 0
    assert np.sqrt(ours.variance[inside]) == pytest.approx(theirs.surv_prob_se[inside], abs=1e-9)


@pytest.mark.parametrize("sample", SAMPLES)
@pytest.mark.parametrize("share", [0.25, 0.5, 0.9])
def test_quantiles_and_their_intervals_are_those_of_statsmodels(sample: tuple[int, int, bool, float], share: float) -> None:
    hours, closed = draw(*sample)
    curve, ours = estimate_survival(hours, closed), estimate_survival(hours, closed).quantile(share)
    with np.errstate(divide="ignore", invalid="ignore"):
        theirs = SurvfuncRight(hours, closed.astype(int))
        low, high = theirs.quantile_ci(share, method="cloglog")
    value = float(theirs.quantile(share))
    if not np.isclose(curve.open_share, 1 - share, atol=1e-9).any():  # they take the next step where the share is reached exactly
        assert (ours.value is None) == np.isnan(value)
        assert ours.value is None or ours.value == pytest.approx(value, abs=1e-9)
    assert ours.low is None if np.isnan(low) else ours.low == pytest.approx(low, abs=1e-9)
    # They take the last step as the limit where the curve falls to 0 there; no variance is known at that step, so we name no limit.
    reached = np.isfinite(high) and not (curve.open_share[-1] == 0 and high == curve.times[-1])
    assert ours.high == pytest.approx(high, abs=1e-9) if reached else ours.high is None


@pytest.mark.parametrize("sample", [*SAMPLES, (0, 1, False, 0.0), (0, 1, False, 1.0), (3, 60, True, 1.0)])
def test_cases_that_are_counted_are_the_same_as_cases_one_by_one(sample: tuple[int, int, bool, float]) -> None:
    hours, closed = draw(*sample)
    entries, numbers = np.unique(np.column_stack((hours, closed)), axis=0, return_counts=True)
    single, counted = estimate_survival(hours, closed), estimate_survival(entries[:, 0], entries[:, 1], numbers)
    for name in ("times", "at_risk", "closed", "open_share", "variance", "low", "high"):
        assert getattr(counted, name) == pytest.approx(getattr(single, name), abs=1e-12, nan_ok=True), name
    assert (counted.cases, counted.events, counted.followed) == (single.cases, single.events, single.followed)


def test_one_entry_may_stand_for_ten_million_cases() -> None:
    """Nothing is as long as the cases are many."""
    tracemalloc.start()
    curve = estimate_survival([1.0, 2.0, 2.0, 5.0], [True, True, False, True], [5_000_000, 2_000_000, 1_000_000, 2_000_000])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000
    assert (curve.cases, curve.events) == (10_000_000, 9_000_000)
    assert curve.at_risk.tolist() == [10_000_000, 5_000_000, 2_000_000]
    assert curve.open_share.tolist() == pytest.approx([0.5, 0.3, 0.0], abs=1e-12)


TOGETHER = ([5, 5, 5, 7, 7, 9], [True, False, True, False, True, False])


@pytest.mark.parametrize(
    ("hours", "closed"),
    [
        TOGETHER,
        ([0, 0, 0], [True, False, True]),
        ([4], [True]),
        ([1, 2, 3, 4], [True] * 4),
        ([3, 3, 3], [True, True, False]),
    ],
)
def test_small_samples_are_those_of_statsmodels(hours: list[float], closed: list[bool]) -> None:
    """Closed and still open at the same time, all at once, a single one: curve and standard errors."""
    ours = estimate_survival(hours, closed)
    with np.errstate(divide="ignore", invalid="ignore"):
        theirs = SurvfuncRight(np.array(hours, float), np.array(closed, int))
    assert ours.times == pytest.approx(theirs.surv_times, abs=1e-9)
    assert ours.at_risk.tolist() == theirs.n_risk.tolist()
    assert ours.open_share == pytest.approx(theirs.surv_prob, abs=1e-9)
    inside = ours.open_share > 0
    assert np.sqrt(ours.variance[inside]) == pytest.approx(theirs.surv_prob_se[inside], abs=1e-9)
    # The interval of the curve from their standard errors, on the scale of log(-log).
    half = 1.959963984540054 * theirs.surv_prob_se[inside] / theirs.surv_prob[inside] / np.abs(np.log(theirs.surv_prob[inside]))
    assert ours.low[inside] == pytest.approx(theirs.surv_prob[inside] ** np.exp(half), abs=1e-9)
    assert ours.high[inside] == pytest.approx(theirs.surv_prob[inside] ** np.exp(-half), abs=1e-9)


def test_the_interval_of_the_curve_holds_what_its_formula_says() -> None:
    """Four of ten closed after an hour: log(-log S) has the standard error √(d / (n (n - d))) / |log S|."""
    curve = estimate_survival([1.0] * 4 + [2.0] * 6, [True] * 4 + [False] * 6)
    assert curve.open_share.tolist() == pytest.approx([0.6])
    assert curve.variance.tolist() == pytest.approx([0.6 * 0.4 / 10], abs=1e-12)
    half = 1.959963984540054 * np.sqrt(4 / (10 * 6)) / -np.log(0.6)
    assert (curve.low[0], curve.high[0]) == pytest.approx((0.6 ** np.exp(half), 0.6 ** np.exp(-half)), abs=1e-12)


def names(curve: SurvivalCurve) -> tuple[float | None, float | None, float | None]:
    found = curve.quantile(0.5)
    return found.value, found.low, found.high


def test_without_cases_nothing_is_said() -> None:
    curve = estimate_survival([], [])
    assert (curve.cases, curve.events, curve.followed, curve.times.size) == (0, 0, 0.0, 0)
    assert names(curve) == (None, None, None)
    assert curve.open_at(5) == 1


def test_where_all_are_open_the_curve_does_not_fall() -> None:
    curve = estimate_survival([3, 4, 5], [False] * 3)
    assert (curve.cases, curve.events, curve.followed) == (3, 0, 5.0)
    assert names(curve) == (None, None, None)
    assert curve.open_at(100) == 1


def test_a_single_case_has_a_median_without_limits() -> None:
    assert names(estimate_survival([7], [True])) == (7.0, None, None)
    assert names(estimate_survival([7], [False])) == (None, None, None)


def test_where_all_end_at_once_nobody_knows_the_interval() -> None:
    curve = estimate_survival([2.0] * 50, [True] * 50)
    assert names(curve) == (2.0, None, None)
    assert (curve.low.tolist(), curve.high.tolist()) == ([0.0], [1.0])


def test_cases_closed_at_once_count_from_the_start() -> None:
    curve = estimate_survival([0, 0, 1, 2], [True, True, True, False])
    assert curve.times.tolist() == [0, 1]
    assert curve.open_share.tolist() == pytest.approx([0.5, 0.25])
    assert curve.open_at(0) == pytest.approx(0.5)
    assert curve.quantile(0.5).value == 0


def test_open_cases_count_as_open_at_their_own_time() -> None:
    """A case open for five hours is among those that could be closed at five, and not among those at six."""
    curve = estimate_survival([5, 5, 6], [True, False, True])
    assert curve.at_risk.tolist() == [3, 1]
    assert curve.open_share.tolist() == pytest.approx([2 / 3, 0])


def test_a_share_that_is_reached_exactly_is_reached() -> None:
    """Products of fractions end a little beside it: 0.9 of ten and 0.5 of many."""
    for cases in range(2, 200, 2):
        curve = estimate_survival(np.arange(1, cases + 1), np.ones(cases, bool))
        assert curve.quantile(0.5).value == cases / 2
    assert estimate_survival(np.arange(1, 11), np.ones(10, bool)).quantile(0.9).value == 9


def test_the_last_tenth_that_is_open_leaves_the_ninetieth_percentile_unknown() -> None:
    hours, closed = np.arange(1.0, 101), np.arange(100) < 89
    curve = estimate_survival(hours, closed)
    assert curve.quantile(0.9).value is None
    assert estimate_survival(hours, np.arange(100) < 90).quantile(0.9).value == 90


def test_a_million_cases() -> None:
    """Without open cases the curve is the share of longer ones, exactly."""
    hours = np.random.default_rng(5).exponential(24, 1_000_000)
    curve = estimate_survival(hours, np.ones(hours.size, bool))
    assert np.abs(curve.open_share - (1 - np.arange(1, hours.size + 1) / hours.size)).max() < 1e-9
    middle = curve.quantile(0.5)
    assert middle.value == np.sort(hours)[499_999]
    assert middle.low is not None and middle.high is not None and middle.low < middle.value < middle.high
    steps = thin_steps(curve, 200)
    assert len(steps) <= 200 and steps[0] == 0 and steps[-1] == hours.size - 1
    assert np.abs(np.diff(curve.open_share[steps])).max() < 0.006


def test_a_short_curve_is_drawn_whole() -> None:
    assert thin_steps(estimate_survival([1, 2, 3], [True] * 3), 3) == [0, 1, 2]
    assert thin_steps(estimate_survival([], []), 3) == []


@pytest.mark.parametrize(("hours", "closed"), [([1, 2], [True]), ([-1], [True]), ([float("nan")], [False]), ([float("inf")], [False])])
def test_what_is_no_duration_is_refused(hours: list[float], closed: list[bool]) -> None:
    with pytest.raises(ValueError):
        estimate_survival(hours, closed)
