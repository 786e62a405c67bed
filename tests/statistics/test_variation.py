"""Whether counts and shares lie outside their usual variation: at the limits themselves, and beside scipy."""

import math

import numpy as np
import pytest
from scipy import stats

from data.core.rate_changes import FEWEST_BOTH, compare_counts
from data.statistics.variation import METHOD_WORDS, Judgement, judge_count, judge_share

STEADY = [98, 104, 93, 101, 107, 95, 99, 102, 100, 97, 106, 98]
RESTLESS = [60, 140, 85, 120, 70, 150, 95, 110, 55, 130, 80, 105]


def plain(judged: Judgement) -> tuple[str, str, int]:
    return judged.verdict, judged.method, judged.spans


# ---- Counts ----


def test_a_rise_and_a_fall_beyond_the_usual_are_seen() -> None:
    assert plain(judge_count(150, STEADY)) == ("more", "variation", 12)
    assert plain(judge_count(60, STEADY)) == ("less", "variation", 12)
    assert plain(judge_count(108, STEADY)) == ("usual", "variation", 12)


def test_the_same_rise_is_usual_where_counts_vary_much() -> None:
    assert judge_count(150, RESTLESS).verdict == "usual"
    assert judge_count(150, RESTLESS).expected == 100
    assert judge_count(400, RESTLESS).verdict == "more"


def test_a_restless_history_is_judged_by_its_own_spread() -> None:
    """The interval of a prediction for one more observation, on cube roots, from scipy's quantile."""
    roots = np.cbrt(np.array(RESTLESS) + 0.2)
    reach = stats.t.ppf(0.975, 11) * roots.std(ddof=1) * math.sqrt(13 / 12)
    judged = judge_count(150, RESTLESS)
    assert (judged.low, judged.high) == pytest.approx(((roots.mean() - reach) ** 3 - 0.2, (roots.mean() + reach) ** 3 - 0.2), abs=1e-9)
    far = (np.cbrt(150.2) - roots.mean()) / (roots.std(ddof=1) * math.sqrt(13 / 12))
    assert judged.p == pytest.approx(2 * stats.t.sf(far, 11), abs=1e-12)


def test_a_history_steadier_than_dice_is_judged_by_what_dice_make() -> None:
    judged = judge_count(120, [100] * 12)
    reach = stats.t.ppf(0.975, 11) * math.sqrt(13 / 12 / (9 * np.cbrt(100)))
    root = np.cbrt(100.2)
    assert (judged.low, judged.high) == pytest.approx(((root - reach) ** 3 - 0.2, (root + reach) ** 3 - 0.2), abs=1e-9)
    assert judged.low is not None and judged.high is not None
    assert 100 - 2.5 * 10.5 < judged.low < 80 < 120 < judged.high < 100 + 2.5 * 10.5


@pytest.mark.parametrize("history", [STEADY, RESTLESS, [3, 2, 4, 5, 3, 1, 4, 8, 6, 4, 3, 5], [100, 90, 120]])
def test_the_range_ends_where_the_verdict_turns(history: list[int]) -> None:
    judged = judge_count(50, history)
    assert judged.low is not None and judged.high is not None
    assert judge_count(math.floor(judged.high), history).verdict == "usual"
    assert judge_count(math.floor(judged.high) + 1, history).verdict == "more"
    if judged.low >= 1:
        assert judge_count(math.ceil(judged.low), history).verdict == "usual"
        assert judge_count(math.ceil(judged.low) - 1, history).verdict == "less"


def test_few_cases_are_not_judged_at_the_houses_own_limit() -> None:
    """With what is usual together fewer than ten, as everywhere."""
    assert plain(judge_count(7, [2] * 12)) == ("too_few", "none", 12)
    assert judge_count(7, [2] * 12).p is None
    assert judge_count(8, [2] * 12).verdict != "too_few"
    assert FEWEST_BOTH == 10


def test_something_new_is_judged_exactly() -> None:
    """Given all 12, that they all fell into the last of 13 spans has the probability 13^-12; mid-P takes half of it, on both sides."""
    judged = judge_count(12, [0] * 12)
    assert plain(judged) == ("more", "exact", 12)
    assert judged.expected == 0
    far = (np.cbrt(12.2) - np.cbrt(0.2)) / math.sqrt(13 / 12 / (9 * np.cbrt(0.2)))
    assert judged.p == pytest.approx(max(13.0**-12, 2 * stats.t.sf(far, 11)), rel=1e-9)
    assert judge_count(0, [0] * 12).verdict == "too_few"


def test_small_counts_are_judged_by_the_more_cautious_test() -> None:
    history = [1, 0, 2, 3, 1, 0, 2, 1, 4, 2, 1, 3]
    judged, total = judge_count(9, history), 29
    exact = 2 * (stats.binom.sf(9, total, 1 / 13) + stats.binom.pmf(9, total, 1 / 13) / 2)
    assert judged.p is not None and judged.p >= exact * (1 - 1e-9)
    assert plain(judged) == ("more", "exact", 12)
    assert judge_count(8, [4] * 12).method == "exact"
    assert judge_count(8, [5] * 12).method == "variation"


def test_only_the_last_twelve_spans_count() -> None:
    assert judge_count(130, [1_000] * 5 + STEADY) == judge_count(130, STEADY)


def test_four_spans_are_enough_and_three_are_not() -> None:
    assert plain(judge_count(100, [90, 110, 100, 95])) == ("usual", "variation", 4)
    assert plain(judge_count(100, [90, 110, 100])) == ("usual", "before", 1)


@pytest.mark.parametrize(("now", "before"), [(130, 100), (128, 100), (127, 100), (12, 3), (3, 12), (1_003_000, 1_000_000)])
def test_against_one_span_it_is_the_houses_mid_p(now: int, before: int) -> None:
    """The verdict is that of the interval of the ratio, which has its own way to the same numbers."""
    verdict = {"more": "more", "less": "less", "unclear": "usual"}[compare_counts(now, before, 7, 7).verdict]
    assert plain(judge_count(now, [before])) == (verdict, "before", 1)
    assert judge_count(now, [before]).expected == before


def test_without_any_history_nothing_is_judged() -> None:
    assert judge_count(500, []) == Judgement(500, None, None, None, None, "too_few", "none", 0)
    assert judge_share((50, 100), []) == Judgement(0.5, None, None, None, None, "too_few", "none", 0)


def test_months_of_different_length_are_compared_by_day() -> None:
    days = [31, 28, 31, 30, 31, 30]
    judged = judge_count(310, [day * 10 for day in days], 31, days)
    assert judged.expected == pytest.approx(310)
    assert judged.verdict == "usual"
    assert judge_count(280, [day * 10 for day in days], 28, days).expected == pytest.approx(280)


def test_millions_are_judged_alike() -> None:
    judged = judge_count(4_000_000, [one * 30_000 for one in STEADY])
    assert judged.verdict == "more"
    assert judged.expected == pytest.approx(3_000_000)
    assert judged.high is not None and 3_200_000 < judged.high < 3_500_000


@pytest.mark.parametrize(("now", "history", "of_now", "of"), [(-1, [1], 1, [1]), (1, [-1], 1, [1]), (1, [1], 0, [1]), (1, [1], 1, [1, 2])])
def test_impossible_counts_are_refused(now: int, history: list[int], of_now: float, of: list[float]) -> None:
    with pytest.raises(ValueError):
        judge_count(now, history, of_now, of)


# ---- Shares ----

ON_TIME = [(part, 200) for part in (180, 184, 176, 182, 178, 181, 179, 183, 177, 180, 185, 175)]


def test_shares_beyond_the_usual_are_seen() -> None:
    assert plain(judge_share((150, 200), ON_TIME)) == ("less", "variation", 12)
    assert plain(judge_share((196, 200), ON_TIME)) == ("more", "variation", 12)
    assert plain(judge_share((178, 200), ON_TIME)) == ("usual", "variation", 12)
    assert judge_share((178, 200), ON_TIME).expected == pytest.approx(0.9)


def test_the_range_of_a_share_without_excess_is_that_of_its_formula() -> None:
    history = [(180, 200)] * 12
    centre = math.asin(math.sqrt(180.375 / 200.75))
    reach = stats.t.ppf(0.975, 11) * math.sqrt((1 / 200 + 1 / 2400) / 4)
    judged = judge_share((170, 200), history)
    assert (judged.low, judged.high) == pytest.approx((math.sin(centre - reach) ** 2, math.sin(centre + reach) ** 2), abs=1e-9)


def test_shares_that_vary_much_need_a_larger_change() -> None:
    restless = [(part, 200) for part in (190, 150, 185, 140, 195, 160, 180, 145, 170, 190, 155, 175)]
    assert judge_share((140, 200), restless).verdict == "usual"
    assert judge_share((140, 200), ON_TIME).verdict == "less"


def test_rare_ones_among_few_are_judged_exactly() -> None:
    """One of 40 late is usual, and 9 of 40 are not: given all 21 late ones, with 40 of 520 cases."""
    history = [(39, 40)] * 12
    judged = judge_share((31, 40), history)
    assert plain(judged) == ("less", "exact", 12)
    exact = 2 * (stats.binom.sf(9, 21, 40 / 520) + stats.binom.pmf(9, 21, 40 / 520) / 2)
    assert judged.p is not None and judged.p >= exact * (1 - 1e-9)
    assert judge_share((38, 40), history).verdict == "usual"
    assert judge_share((40, 40), [(40, 40)] * 12).verdict == "usual"
    mirrored = judge_share((9, 40), [(1, 40)] * 12)
    assert mirrored.verdict == "more" and mirrored.p == pytest.approx(judged.p)
    assert (judged.low, judged.high) == pytest.approx((1 - (mirrored.high or 0), 1 - (mirrored.low or 0)))


def test_shares_of_few_are_not_judged() -> None:
    assert judge_share((0, 29), ON_TIME, fewest=30).verdict == "too_few"
    assert judge_share((15, 30), ON_TIME, fewest=30).verdict == "less"
    assert judge_share((0, 0), ON_TIME) == Judgement(None, 0.9, None, None, None, "too_few", "none", 12)
    assert judge_share((15, 30), [(0, 0)] * 12).verdict == "too_few"


def test_spans_without_cases_are_no_history_of_a_share() -> None:
    assert judge_share((150, 200), [(0, 0), *ON_TIME[:4]]).spans == 4
    assert plain(judge_share((150, 200), [(0, 0), *ON_TIME[:3]])) == ("less", "before", 1)


def test_one_earlier_share_is_compared_with_what_chance_makes() -> None:
    judged = judge_share((90, 100), [(80, 100)])
    far = abs(math.asin(math.sqrt(90.375 / 100.75)) - math.asin(math.sqrt(80.375 / 100.75))) / math.sqrt((1 / 100 + 1 / 100) / 4)
    assert judged.p == pytest.approx(2 * stats.norm.sf(far), abs=1e-12)
    assert plain(judged) == ("more", "before", 1)


def test_impossible_shares_are_refused() -> None:
    for bad in ((5, 4), (-1, 4)):
        with pytest.raises(ValueError):
            judge_share(bad, ON_TIME)
        with pytest.raises(ValueError):
            judge_share((1, 4), [bad])


def test_every_method_is_told_in_words() -> None:
    assert set(METHOD_WORDS) == {"variation", "exact", "before", "none"}
