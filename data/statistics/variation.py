"""Whether a count or a share lies outside its usual variation, as earlier spans of the same length show it.

Counts of a city vary more than dice would: weather, holidays and campaigns move them. So the spread of the history counts, and never less
than chance alone makes. Whoever judges many of them chooses among them with ``data.statistics.false_discovery``.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

import numpy as np
from scipy.special import betainc, ndtr, ndtri, stdtr, stdtrit

from data.core.rate_changes import FEWEST_BOTH

MOST_SPANS = 12
"""Earlier spans that are looked at: older ones say little of what is usual now."""
FEWEST_SPANS = 4
"""With fewer of them nobody knows what is usual; the span before is then all that there is to compare with."""
SMALL = 5.0
"""Where fewer than this are expected, counts are no longer nearly normal, and are judged exactly, too."""
LEVEL = 0.05

_T = TypeVar("_T")
Verdict = Literal["more", "less", "usual", "too_few"]
Method = Literal["variation", "exact", "before", "none"]

METHOD_WORDS: dict[Method, str] = {
    "variation": "Student's t of cube roots of counts and of arcsines of shares, against {spans} earlier periods",
    "exact": "exact conditional test (mid-P) beside Student's t where few cases are expected, against {spans} earlier periods",
    "before": "conditional test (mid-P) against the period before alone",
    "none": "not judged",
}
"""Methods in words, as sentences for catalogues."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is to be said of a count or a share.

    Attributes:
        value: as it is; ``None``: a share of nothing.
        expected: what was usual; ``None`` where no earlier span is known.
        low, high: between these 95 % of spans lie if nothing has changed; ``None`` where it is not judged.
        p: the probability of lying as far off or farther, if nothing has changed; ``None`` where it is not judged.
        verdict: of this one alone, at 5 %.
        method: which test; see ``METHOD_WORDS``.
        spans: how many earlier spans it was compared with.
    """

    value: float | None
    expected: float | None
    low: float | None
    high: float | None
    p: float | None
    verdict: Verdict
    method: Method
    spans: int


# ---- Counts ----


def judge_count(now: int, history: Sequence[int], of_now: float = 1, of_history: Sequence[float] | None = None) -> Judgement:
    """Judge a count by the counts of earlier spans.

    The cube roots of counts are nearly normal, of those that chance alone makes and of those that are spread wider (Wilson & Hilferty
    1931). So the root of this span is compared with the mean of the earlier ones by Student's t with k - 1 degrees of freedom and the
    variance of a prediction, s² (1 + 1/k), where s² is at least the 1 / (9 m^(1/3)) of a Poisson count. Where fewer than ``SMALL`` are
    expected, the more cautious of this and of the exact conditional test is taken (mid-P: given all, the count now is binomial).

    Args:
        now: the count.
        history: those of earlier spans, the oldest first. The last ``MOST_SPANS`` are looked at.
        of_now, of_history: what they are counted on, such as days; by default all are alike.

    Raises:
        ValueError: a count is negative, something that is counted on is not above 0, or lengths differ.
    """
    of = [1.0] * len(history) if of_history is None else list(of_history)
    if len(of) != len(history) or min([now, *history]) < 0 or min([of_now, *of]) <= 0:
        raise ValueError("counts are not negative, what they are counted on is above 0, and there is one for each")
    counts, exposures = _newest(history), _newest(of)
    if not counts:
        return Judgement(now, None, None, None, None, "too_few", "none", 0)
    past, share = sum(counts), of_now / (of_now + sum(exposures))
    expected = past * of_now / sum(exposures)
    if now + expected < FEWEST_BOTH:
        return Judgement(now, expected, None, None, None, "too_few", "none", len(counts))
    exact = _exact_test(past, share)
    if len(counts) == 1:
        return _conclude(now, expected, exact(now), _count_range(exact, expected), "before", 1)
    p, span = _root_test(now, [count * of_now / on for count, on in zip(counts, exposures, strict=True)])
    if expected >= SMALL:
        return _conclude(now, expected, p, span, "variation", len(counts))
    low, high = _count_range(exact, expected)
    return _conclude(now, expected, max(p, exact(now)), (min(low, span[0]), max(high, span[1])), "exact", len(counts))


def _newest(history: Sequence[_T]) -> list[_T]:
    """The spans that are looked at."""
    return list(history[-MOST_SPANS:] if len(history) >= FEWEST_SPANS else history[-1:])


def _root_test(now: float, history: Sequence[float]) -> tuple[float, tuple[float, float]]:
    """p-value of a count, and the range in which 95 % of them lie."""
    past, spans = np.asarray(history, float), len(history)
    roots, shift = np.cbrt(past + 0.2), 0.2
    chance = 1 / (9 * math.cbrt(max(float(past.mean()), shift)))
    error = math.sqrt(max(float(roots.var(ddof=1)), chance) * (1 + 1 / spans))
    centre, reach = float(roots.mean()), float(stdtrit(spans - 1, 1 - LEVEL / 2)) * error
    p = 2 * float(stdtr(spans - 1, -abs(math.cbrt(now + shift) - centre) / error))
    low, high = ((centre + side * reach) ** 3 - shift for side in (-1, 1))
    return p, (max(0.0, low), high)


def _exact_test(past: float, share: float) -> Callable[[float], float]:
    """The two-sided mid-P of a count, if of it and the ``past`` together each belongs to it with the probability ``share``."""

    def test(count: float) -> float:
        at_least = float(betainc(count, past + 1, share)) if count > 0 else 1.0
        above = float(betainc(count + 1, past, share)) if past > 0 else 0.0
        upper = (at_least + above) / 2
        return min(1.0, 2 * min(upper, 1 - upper))

    return test


def _count_range(test: Callable[[float], float], expected: float) -> tuple[float, float]:
    """The smallest and the largest count that the test does not reject."""
    middle = round(expected)
    low, high = -1, middle  # low is rejected, or below every count
    while high - low > 1:
        at = (low + high) // 2
        low, high = (low, at) if test(at) >= LEVEL else (at, high)
    least, step = high, 1
    while test(middle + step) >= LEVEL:
        step *= 2
    low, high = middle, middle + step
    while high - low > 1:
        at = (low + high) // 2
        low, high = (at, high) if test(at) >= LEVEL else (low, at)
    return float(least), float(low)


# ---- Shares ----

Fraction = tuple[int, int]
"""Numerator and denominator."""


def judge_share(now: Fraction, history: Sequence[Fraction], fewest: int = FEWEST_BOTH) -> Judgement:
    """Judge a share by the shares of earlier spans.

    Their arcsines, asin √p, have nearly the variance 1 / (4 n) whatever the share (Anscombe 1948). How much wider the earlier ones are
    spread is the dispersion, at least 1 (quasi-binomial); the arcsine now is compared with their mean by Student's t with k - 1
    degrees of freedom. Where fewer than ``SMALL`` are expected with or without the quality, the more cautious of this and of the
    conditional mid-P test of the rarer ones is taken.

    Args:
        now: numerator and denominator.
        history: those of earlier spans, the oldest first; spans without a denominator are left out.
        fewest: with a smaller denominator now it is not judged.

    Raises:
        ValueError: a numerator is negative or above its denominator.
    """
    if any(not 0 <= part <= whole for part, whole in (now, *history)):
        raise ValueError("a numerator lies between 0 and its denominator")
    part, whole = now
    known = _newest([one for one in history if one[1] > 0])
    value = part / whole if whole else None
    past, past_whole = sum(one[0] for one in known), sum(one[1] for one in known)
    if not known or value is None or whole < fewest or past_whole < fewest:
        return Judgement(value, past / past_whole if known else None, None, None, None, "too_few", "none", len(known))
    expected = past / past_whole
    method: Method = "variation" if len(known) > 1 else "before"
    p, span = _arcsine_test(now, known)
    if whole * min(expected, 1 - expected) < SMALL:
        rare, rare_past = (part, past) if expected <= 0.5 else (whole - part, past_whole - past)
        exact = _exact_test(rare_past, whole / (whole + past_whole))
        ends = sorted(end / whole for end in _count_range(exact, rare_past * whole / past_whole))
        low, high = ends if expected <= 0.5 else (1 - ends[1], 1 - ends[0])
        p, span = max(p, exact(rare)), (max(0.0, min(low, span[0])), min(1.0, max(high, span[1])))
        method = "exact" if method == "variation" else method
    return _conclude(value, expected, p, span, method, len(known))


def _arcsine_test(now: Fraction, history: Sequence[Fraction]) -> tuple[float, tuple[float, float]]:
    """p-value of a share, and the range in which 95 % of them lie; of one earlier span with the variance of chance alone."""
    spans, sizes = len(history), np.array([whole for _, whole in history], float)
    angles = np.array([_arcsine(*one) for one in history])
    centre = float((angles * sizes).sum() / sizes.sum())
    spread = float((4 * sizes * (angles - centre) ** 2).sum() / (spans - 1)) if spans > 1 else 1.0
    error = math.sqrt(max(1.0, spread) / 4 * (1 / now[1] + 1 / float(sizes.sum())))
    far = abs(_arcsine(*now) - centre) / error
    p = 2 * float(stdtr(spans - 1, -far) if spans > 1 else ndtr(-far))
    reach = error * float(stdtrit(spans - 1, 1 - LEVEL / 2) if spans > 1 else ndtri(1 - LEVEL / 2))
    low, high = (math.sin(min(max(centre + side * reach, 0.0), math.pi / 2)) ** 2 for side in (-1, 1))
    return p, (low, high)


def _arcsine(part: int, whole: int) -> float:
    return math.asin(math.sqrt((part + 0.375) / (whole + 0.75)))


def _conclude(value: float, expected: float, p: float, span: tuple[float, float], method: Method, spans: int) -> Judgement:
    if p >= LEVEL:
        verdict: Verdict = "usual"
    else:
        verdict = "more" if value > expected else "less"
    return Judgement(value, expected, *span, p, verdict, method, spans)
