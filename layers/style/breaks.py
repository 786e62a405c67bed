"""Class breaks: where one colour of a map ends and the next begins."""

import math
from bisect import bisect_right
from collections.abc import Sequence
from statistics import quantiles
from typing import TypeVar

import jenkspy

T = TypeVar("T")

CLASSES = 6
METHODS = ("quantile", "natural", "equal")
"""Ways to make class breaks."""
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


def sequential_breaks(values: Sequence[float], method: str, classes: int = CLASSES) -> list[float]:
    """At most ``classes - 1`` rounded, strictly rising breaks; fewer if the values do not differ enough.

    Args:
        values: one for each area, without those that have no data.
        method: one of ``METHODS``: ``quantile`` (as many areas in each class), ``natural`` (Jenks) or ``equal`` (classes of one width).
        classes: how many classes at most.
    """
    distinct = sorted(set(values))
    if len(distinct) < 2:
        return []
    classes = min(classes, len(distinct))
    raw = _RAW[method](sorted(values), classes)
    return round_breaks(raw, distinct[0], distinct[-1])


def _quantile(values: Sequence[float], classes: int) -> list[float]:
    return quantiles(values, n=classes, method="inclusive")


def _natural(values: Sequence[float], classes: int) -> list[float]:
    # The Jenks method takes quadratic time; for more than a thousand areas an even sample of the sorted values gives the same picture.
    sample = list(values[:: max(1, len(values) // 1000)])
    classes = min(classes, len(set(sample)))
    if classes < 2:
        return []
    # Jenks gives the highest value of each class; the break is halfway to the lowest value of the next class.
    tops = jenkspy.jenks_breaks(sample, n_classes=classes)[1:-1]
    return [(float(top) + values[bisect_right(values, top)]) / 2 for top in tops if top < values[-1]]


def _equal(values: Sequence[float], classes: int) -> list[float]:
    low, high = values[0], values[-1]
    return [low + (high - low) * i / classes for i in range(1, classes)]


_RAW = {"quantile": _quantile, "natural": _natural, "equal": _equal}


def round_breaks(raw: Sequence[float], low: float, high: float) -> list[float]:
    """Breaks rounded to the fewest digits that keep them different, inside (low, high], rising."""
    for digits in (2, 3, 4):
        rounded = [_significant(value, digits) for value in raw]
        if len(set(rounded)) == len(set(raw)):
            break
    return sorted({value for value in rounded if low < value <= high})


def _significant(value: float, digits: int) -> float:
    if value == 0:
        return 0.0
    places = digits - 1 - math.floor(math.log10(abs(value)))
    return float(round(value, places))


def diverging_breaks(values: Sequence[float], middle: float) -> list[float]:
    """Six breaks at equal, round distances; the class in the middle holds ``middle``.

    The width is the smallest round one with which nine areas in ten fall into the five inner classes.
    """
    deviations = sorted(abs(value - middle) for value in values) or [0.0]
    reach = deviations[min(len(deviations) - 1, math.ceil(len(deviations) * 0.9) - 1)]
    step = round_step(max(reach / 2.5, 0.1))
    lower = math.floor(middle / step) * step
    return [round(lower + step * i, 6) for i in range(-2, 4)]


def round_step(at_least: float) -> float:
    """The smallest of 1, 2, 2.5, 5 × a power of ten that is not below ``at_least``."""
    power = 10.0 ** math.floor(math.log10(at_least))
    return next(step * power for step in _STEPS if step * power >= at_least * (1 - 1e-9))


def find_class(value: float, breaks: Sequence[float]) -> int:
    """Index of a value's class; a value on a break belongs to the class above it."""
    return bisect_right(breaks, value)


def spread_colours(tokens: Sequence[T], classes: int) -> list[T]:
    """Pick ``classes`` colours from a longer ramp, from its first to its last."""
    if classes <= 1:
        return [tokens[len(tokens) // 2]]
    return [tokens[round(i * (len(tokens) - 1) / (classes - 1))] for i in range(classes)]
