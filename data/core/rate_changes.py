"""How the rate of events changed from one span of time to another, and whether by more than chance."""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from data.core.intervals import rate_ratio_interval

FEWEST_BOTH = 10
"""With fewer events in both spans together a change is not judged: its ratio says next to nothing."""

Verdict = Literal["more", "unclear", "less", "too_few"]


@dataclass(frozen=True, slots=True)
class RateChange:
    """How a rate changed.

    Attributes:
        now, before: numbers of events.
        of_now, of_before: what they are counted on, such as days.
        ratio: of the rate now to the rate before; ``None`` where it is not known or not finite.
        low, high: its 95 % mid-P interval, see ``data.core.intervals.rate_ratio_interval``; ``None`` where it is not known, ``high`` also
            where there is no limit.
        verdict: ``more`` or ``less`` where the interval leaves out 1, ``unclear`` where the change may be chance, otherwise ``too_few``.
    """

    now: int
    before: int
    of_now: float
    of_before: float
    ratio: float | None
    low: float | None
    high: float | None
    verdict: Verdict


@lru_cache(20_000)
def compare_counts(now: int, before: int, of_now: float, of_before: float) -> RateChange:
    """Judge the change between two Poisson counts; kept, because the areas of a map often share their counts."""
    if now + before < FEWEST_BOTH or not (of_now and of_before):
        return RateChange(now, before, of_now, of_before, None, None, None, "too_few")
    low, high = rate_ratio_interval(now, before, of_now, of_before)
    verdict: Verdict = "more" if low > 1 else "less" if high < 1 else "unclear"
    ratio = now * of_before / (before * of_now) if before else None
    return RateChange(now, before, of_now, of_before, ratio, low, None if math.isinf(high) else high, verdict)
