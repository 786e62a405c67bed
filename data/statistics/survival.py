"""How long cases stay open, where some are open still: Kaplan and Meier's curve, with its intervals and quantiles."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

Numbers = NDArray[np.floating]
_Z = float(ndtri(0.975))
_EVEN = 1e-12
"""A curve that is so near to a share has reached it: it is a product of many fractions."""


@dataclass(frozen=True, slots=True)
class Quantile:
    """The time after which a share of the cases is closed.

    Attributes:
        share: which share.
        value: the first time at which so many are closed; ``None``: the curve does not reach it.
        low, high: its 95 % interval; ``None`` where the interval of the curve does not reach it: there is no limit on that side.
    """

    share: float
    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, eq=False)
class SurvivalCurve:
    """The share of cases still open, by the time since they were reported. One entry for each time at which a case was closed.

    Attributes:
        times: in the unit of the durations, ascending.
        at_risk: cases known to be open just before.
        closed: cases closed at that time.
        open_share: from that time on, 0 to 1.
        variance: of ``open_share`` (Greenwood 1926); not a number where nobody was left.
        low, high: 95 % interval of ``open_share``.
        cases: all of them.
        events: how many of them are closed.
        followed: the longest time that any case was looked at; the curve says nothing beyond. 0 without cases.
    """

    times: Numbers
    at_risk: NDArray[np.int64]
    closed: NDArray[np.int64]
    open_share: Numbers
    variance: Numbers
    low: Numbers
    high: Numbers
    cases: int
    events: int
    followed: float

    def quantile(self, share: float) -> Quantile:
        """The time after which ``share`` of the cases is closed, with its interval (Brookmeyer & Crowley 1982).

        The interval holds the times at which the curve's own interval contains ``1 - share``. It takes no limit from the time at which the
        last case was closed with nobody left: no variance is known there.
        """
        left = 1 - share
        inside = self.open_share > 0
        return Quantile(
            share,
            self._first(self.open_share <= left + _EVEN),
            self._first(inside & (self.low <= left)),
            self._first(inside & (self.high < left)),
        )

    def _first(self, reached: NDArray[np.bool_]) -> float | None:
        return float(self.times[np.argmax(reached)]) if reached.any() else None

    def open_at(self, time: float) -> float:
        """The share of cases still open at a time."""
        at = int(np.searchsorted(self.times, time, side="right"))
        return float(self.open_share[at - 1]) if at else 1.0


def estimate_survival(durations: ArrayLike, closed: ArrayLike, cases: ArrayLike | None = None) -> SurvivalCurve:
    """Estimate the share of cases still open (Kaplan & Meier 1958).

    A case that is open still counts as open up to its duration, and is not looked at any more from then on (censored on the right). Of
    those with the same duration, closed ones count as closed first. The interval is made on the scale of log(-log): it stays between 0
    and 1 (Kalbfleisch & Prentice 1980, "exponential Greenwood"). Where nobody is left, the lower limit is 0 and the upper one stays.

    Args:
        durations: from report to closing, or to now for open cases; not negative.
        closed: whether each case is closed.
        cases: how many cases each entry stands for, at least one: millions of cases need few entries. By default one.

    Raises:
        ValueError: of different length, a duration is negative or no number, or an entry stands for no case.
    """
    spans, ended = np.asarray(durations, float).ravel(), np.asarray(closed, bool).ravel()
    weights = np.ones(spans.shape, np.int64) if cases is None else np.asarray(cases, np.int64).ravel()
    if not spans.shape == ended.shape == weights.shape:
        raise ValueError("durations, closed and cases have different lengths")
    if spans.size and not (np.isfinite(spans).all() and spans.min() >= 0):
        raise ValueError("durations are numbers of at least 0")
    if spans.size and weights.min() < 1:
        raise ValueError("an entry stands for at least one case")
    order = np.argsort(spans, kind="stable")
    sorted_spans, sorted_ended = spans[order], ended[order]
    before = np.concatenate(([0], np.cumsum(weights[order])))
    closed_before = np.concatenate(([0], np.cumsum(np.where(sorted_ended, weights[order], 0))))
    times = np.unique(sorted_spans[sorted_ended])
    first, after = (np.searchsorted(sorted_spans, times, side=side) for side in ("left", "right"))
    at_risk, deaths = before[-1] - before[first], closed_before[after] - closed_before[first]
    open_share = np.cumprod(1 - deaths / at_risk)
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = np.cumsum(deaths / (at_risk * (at_risk - deaths).astype(float)))
        variance = open_share**2 * relative
        low, high = _limit(open_share, relative)
    return SurvivalCurve(
        times,
        at_risk.astype(np.int64),
        deaths.astype(np.int64),
        open_share,
        variance,
        low,
        high,
        cases=int(before[-1]),
        events=int(closed_before[-1]),
        followed=float(sorted_spans[-1]) if spans.size else 0.0,
    )


def _limit(open_share: Numbers, relative: Numbers) -> tuple[Numbers, Numbers]:
    """95 % limits of the curve; ``relative`` is the variance of its logarithm."""
    half = _Z * np.sqrt(relative) / np.abs(np.log(open_share))
    low, high = open_share ** np.exp(half), open_share ** np.exp(-half)
    if open_share.size and open_share[-1] == 0:
        low[-1], high[-1] = 0.0, high[-2] if open_share.size > 1 else 1.0
    return low, high


def thin_steps(curve: SurvivalCurve, most: int) -> list[int]:
    """Which steps of a curve to draw, so that they are at most ``most``: evenly by height, the first and the last among them."""
    count = curve.times.size
    if count <= most:
        return list(range(count))
    heights = np.linspace(curve.open_share[0], curve.open_share[-1], most)
    found = np.searchsorted(-curve.open_share, -heights, side="left")
    return sorted({0, count - 1, *(min(int(at), count - 1) for at in found[1:-1])})
