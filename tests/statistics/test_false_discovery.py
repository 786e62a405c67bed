"""A year of noise tells of hardly any change, and real changes are told all the same."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from data.statistics.false_discovery import choose_discoveries
from data.statistics.variation import judge_count, judge_share

AREAS, CATEGORIES, SPANS = 12, 8, 12
YEARS, WEEKS = 6, 52


def test_the_choice_is_the_one_of_the_paper() -> None:
    """Fifteen p-values of Benjamini & Hochberg 1995, section 4: at 5 % the first four stand."""
    chances = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0]
    assert choose_discoveries(dict(enumerate(chances))) == {0, 1, 2, 3}


def test_what_was_not_judged_is_no_candidate() -> None:
    """Beside it, others would need more to be told."""
    assert choose_discoveries({"a": 0.04, "b": None, "c": None}) == {"a"}
    assert choose_discoveries({"a": 0.04, "b": 0.9}) == frozenset()
    assert choose_discoveries({"a": None}) == choose_discoveries({}) == frozenset()


def test_the_limit_itself_stands() -> None:
    assert choose_discoveries({"a": 0.05}) == {"a"}
    assert choose_discoveries({"a": 0.0501}) == frozenset()


@given(st.lists(st.floats(0, 1) | st.sampled_from([0.0, 0.01, 0.02, 0.05]), min_size=1, max_size=40))
def test_the_choice_is_that_of_scipy(chances: list[float]) -> None:
    adjusted = stats.false_discovery_control(chances, method="bh")
    assert choose_discoveries(dict(enumerate(chances))) == {at for at, chance in enumerate(adjusted) if chance <= 0.05}


# ---- A year of noise ----


def noise(kind: str, dice: np.random.Generator, spans: int) -> tuple[np.ndarray, np.ndarray]:
    """Cases by week, area and category, and how many of them are on time."""
    size = np.outer(np.linspace(0.3, 2.5, AREAS), np.geomspace(0.3, 3, CATEGORIES)) * 6
    mean = np.broadcast_to(size, (spans, AREAS, CATEGORIES))
    on_time = np.full((spans, AREAS), 0.9)
    if kind != "poisson":  # negative binomial: a whole area has good and bad weeks, with a coefficient of variation of 15 or 40 %
        spread = 0.15 if kind == "restless" else 0.4
        mean = mean * dice.gamma(spread**-2, spread**2, (spans, AREAS, 1))
        on_time = dice.beta(0.9 * 60, 0.1 * 60, (spans, AREAS))
    counts = dice.poisson(mean)
    return counts, dice.binomial(counts.sum(2), on_time)


def tells_a_change(counts: np.ndarray, on_time: np.ndarray) -> bool:
    """Whether a report of the last week calls anything a change: the whole, its share on time, each area, each category."""
    rows = np.vstack([counts.sum((1, 2)), counts.sum(2).T, counts.sum(1).T])
    chances: dict[str, float | None] = {f"count {at}": judge_count(int(row[-1]), row[:-1].tolist()).p for at, row in enumerate(rows)}
    of_areas = counts.sum(2)
    for at, (part, whole) in enumerate([(on_time.sum(1), of_areas.sum(1)), *zip(on_time.T, of_areas.T, strict=True)]):
        pairs = [(int(one), int(other)) for one, other in zip(part, whole, strict=True)]
        chances[f"share {at}"] = judge_share(pairs[-1], pairs[:-1], fewest=30).p
    return bool(choose_discoveries(chances))


@pytest.mark.parametrize("kind", ["poisson", "restless", "wild"])
def test_a_year_of_noise_tells_a_change_in_at_most_one_report_of_twenty(kind: str) -> None:
    """Six years of weekly reports: not more than a binomial with 5 % makes at 99 %. The dice are fixed, so it turns out alike each time."""
    dice = np.random.default_rng(20261130)
    false = 0
    for _ in range(YEARS):
        counts, on_time = noise(kind, dice, SPANS + WEEKS)
        false += sum(tells_a_change(counts[at : at + SPANS + 1], on_time[at : at + SPANS + 1]) for at in range(WEEKS))
    assert false <= stats.binom.ppf(0.99, YEARS * WEEKS, 0.05)


@pytest.mark.parametrize(("kind", "factor"), [("poisson", 2), ("restless", 3), ("wild", 12)])
def test_a_planted_rise_of_one_area_is_told_in_most_reports(kind: str, factor: int) -> None:
    """Otherwise the test above would praise somebody who never speaks."""
    dice, told = np.random.default_rng(7), 0
    for _ in range(40):
        counts, on_time = noise(kind, dice, SPANS + 1)
        counts[-1, AREAS // 2] *= factor
        on_time[-1, AREAS // 2] *= factor
        told += tells_a_change(counts, on_time)
    assert told >= 28
