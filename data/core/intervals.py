"""Intervals of shares and of ratios of counts, at 95 %."""

import math

Z95 = 1.959963984540054
"""Quantile of the normal distribution for 97.5 %."""
ALPHA = 0.05
_STEPS = 60
"""The most steps in which a limit is sought; as halvings they would give more digits than a number has."""


def wilson_interval(numerator: int, denominator: int) -> tuple[float, float]:
    """95 % interval of a share, 0–1 (Wilson 1927, score interval)."""
    share = numerator / denominator
    scale = 1 + Z95**2 / denominator
    centre = (share + Z95**2 / (2 * denominator)) / scale
    half = Z95 * math.sqrt(share * (1 - share) / denominator + Z95**2 / (4 * denominator**2)) / scale
    # Nothing and all are told exactly: in floating point the difference of two equal numbers may lie beside the share.
    low = 0.0 if numerator == 0 else max(0.0, centre - half)
    return low, 1.0 if numerator == denominator else min(1.0, centre + half)


def share_difference_interval(now: tuple[int, int], before: tuple[int, int]) -> tuple[float, float]:
    """95 % interval of the difference of two shares, each with numerator and denominator (Newcombe 1998, method 10: hybrid score).

    It is made of both Wilson intervals, so it holds for small denominators and for shares of 0 and 1, too.
    """
    (share, (low, high)), (share_before, (low_before, high_before)) = ((n / d, wilson_interval(n, d)) for n, d in (now, before))
    difference = share - share_before
    below = math.hypot(share - low, high_before - share_before)
    above = math.hypot(high - share, share_before - low_before)
    return difference - below, difference + above


def rate_ratio_interval(now: int, before: int, exposure_now: float, exposure_before: float) -> tuple[float, float]:
    """95 % mid-P interval of the ratio of two rates, ``now / exposure_now`` to ``before / exposure_before``.

    Given the sum of two Poisson counts, the first is binomial with the share ``p``, and the ratio is ``p / (1 - p)`` times
    ``exposure_before / exposure_now`` (Przyborowski & Wilenski 1940). The limits of ``p`` are those at which the probability of a more
    extreme count, with half of that of the count itself, is 2.5 % (mid-P: Berry & Armitage 1995; Rothman, Greenland & Lash, Modern
    Epidemiology, 3rd ed., chapter 14).

    Returns:
        The limits; 0 and infinity where a count is 0. Both are without meaning where both counts are 0.

    Raises:
        ValueError: a count is negative, or an exposure is not above 0.
    """
    if now < 0 or before < 0 or exposure_now <= 0 or exposure_before <= 0:
        raise ValueError("counts are not negative, and exposures are above 0")
    total, scale = now + before, exposure_before / exposure_now
    low = 0.0 if now == 0 else _find_share(now, total)
    high = 1.0 if before == 0 else 1 - _find_share(before, total)
    return low / (1 - low) * scale if low < 1 else math.inf, high / (1 - high) * scale if high < 1 else math.inf


def _find_share(count: int, total: int) -> float:
    """The share at which more than ``count`` of ``total`` have the probability ``ALPHA`` / 2.

    By Newton's steps; where one leads out of what is known, the interval is halved.
    """
    low, high, share = 0.0, 1.0, count / (total + 1)
    for _ in range(_STEPS):
        beyond = _mid_p_above(count, total, share) - ALPHA / 2
        low, high = (share, high) if beyond < 0 else (low, share)
        slope = total / 2 * (_exactly(count - 1, total - 1, share) + _exactly(count, total - 1, share))
        step = share - beyond / slope if slope else low
        step = step if low < step < high else (low + high) / 2
        if abs(step - share) <= 1e-15:
            return step
        share = step
    return share


def _mid_p_above(count: int, total: int, share: float) -> float:
    """Probability of more than ``count`` of ``total``, and half of that of ``count`` itself; it grows with the share."""
    return _at_least(count, total, share) - _exactly(count, total, share) / 2


def _at_least(count: int, total: int, share: float) -> float:
    """Probability of at least ``count`` successes: a regularised incomplete beta function (Abramowitz & Stegun 26.5.24)."""
    if count <= 0:
        return 1.0
    return 0.0 if count > total else _beta(count, total - count + 1, share)


def _exactly(count: int, total: int, share: float) -> float:
    """Probability of ``count`` successes, for shares above 0 and below 1."""
    if not 0 <= count <= total:
        return 0.0
    ways = math.lgamma(total + 1) - math.lgamma(count + 1) - math.lgamma(total - count + 1)
    return math.exp(ways + count * math.log(share) + (total - count) * math.log1p(-share))


def _beta(a: float, b: float, x: float) -> float:
    """Regularised incomplete beta function, by its continued fraction (DLMF 8.17.22) where that is quick."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - _beta(b, a, 1 - x)
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x))
    return front / a / _fraction(a, b, x)


def _fraction(a: float, b: float, x: float) -> float:
    """1 + d1 / (1 + d2 / (1 + …)), from the front (modified Lentz)."""
    tiny, value, c, d = 1e-300, 1.0, 1.0, 0.0
    for n in range(1, 10_000):
        m = n // 2
        step = m * (b - m) * x / ((a + n - 1) * (a + n)) if n % 2 == 0 else -(a + m) * (a + b + m) * x / ((a + n - 1) * (a + n))
        d, c = 1 / (1 + step * d or tiny), 1 + step / c or tiny
        value *= c * d
        if abs(c * d - 1) < 1e-15:
            break
    return value
