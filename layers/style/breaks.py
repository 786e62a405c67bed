"""Class breaks: where one colour of a map ends and the next begins."""

import math
from bisect import bisect_right
from collections.abc import Sequence
from heapq import nlargest
from statistics import quantiles
from typing import TypeVar

import jenkspy

T = TypeVar("T")

CLASSES = 6
MOST_VALUES = 4_000
"""With more areas than this, natural breaks are those of a sample."""
METHODS = ("quantile", "natural", "equal")
"""Ways to make class breaks."""
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


def sequential_breaks(values: Sequence[float], method: str, classes: int = CLASSES) -> list[float]:
    """At most ``classes - 1`` rounded, strictly rising breaks; none only if all values are equal.

    Where zero is frequent it is a class of its own: most cells of a city may have no case, and the others must still differ.

    Args:
        values: one for each area, without those that have no data.
        method: one of ``METHODS``: ``quantile`` (as many areas in each class), ``natural`` (Jenks) or ``equal`` (classes of one width).
        classes: how many classes at most.
    """
    ordered = sorted(values)
    below, above = [value for value in ordered if value < 0], [value for value in ordered if value > 0]
    if not (below or above) or not has_zero_class(values, classes):
        return _breaks(ordered, method, classes)
    for_below = min(max(round((classes - 1) * len(below) / (len(below) + len(above))), bool(below)), classes - 1 - bool(above))
    found = [*_breaks(below, method, for_below), 0.0] if below else []
    return [*found, _roundest(0.0, above[0]), *_breaks(above, method, classes - 1 - for_below)] if above else found


def whole_breaks(values: Sequence[float], breaks: Sequence[float]) -> list[float]:
    """The breaks as whole numbers if all values are whole, with the same classes: half a case is nothing a reader can count."""
    if not all(float(value).is_integer() for value in values):
        return list(breaks)
    return sorted({float(math.ceil(value)) for value in breaks})


def has_zero_class(values: Sequence[float], classes: int = CLASSES) -> bool:
    """Whether zero is so frequent among the values that it fills a class of its own: at least one area in ``classes``, and two of them."""
    zeros = sum(value == 0 for value in values)
    return zeros > 1 and zeros * classes >= len(values) and classes > 2


def _breaks(values: Sequence[float], method: str, classes: int) -> list[float]:
    """Breaks of sorted values. If the method finds none although they differ, nearly all have the lowest value: that is a class, then."""
    distinct = sorted(set(values))
    classes = min(classes, len(distinct))
    if classes < 2:
        return []
    found = _METHODS[method](values, classes)
    if found:
        return found
    rest = [value for value in values if value > distinct[0]]
    return [_roundest(distinct[0], distinct[1]), *_breaks(rest, method, classes - 1)]


def _roundest(above: float, up_to: float) -> float:
    """The number with the fewest digits that is greater than ``above`` and at most ``up_to``."""
    for digits in range(1, 17):
        step = 10.0 ** (math.floor(math.log10(abs(up_to))) - digits + 1) if up_to else 1.0
        candidate = _significant(math.floor(up_to / step) * step, digits)
        if above < candidate <= up_to:
            return candidate
    return up_to


def _quantile(values: Sequence[float], classes: int) -> list[float]:
    return round_breaks(quantiles(values, n=classes, method="inclusive"), values[0], values[-1])


def _natural(values: Sequence[float], classes: int) -> list[float]:
    sample = _thinned(values)
    # Jenks gives the highest value of each class; the break is about halfway to the lowest value of the next class.
    tops = jenkspy.jenks_breaks(sample, n_classes=classes if len(sample) == len(values) else min(classes, len(set(sample))))[1:-1]
    # Where one value is frequent, it may be the highest of several classes.
    return sorted({_halfway(float(top), values[bisect_right(values, top)]) for top in tops if top < values[-1]})


def _halfway(low: float, high: float) -> float:
    """A number about halfway with as few digits as keep it above ``low`` and not above ``high``, but at least two."""
    for digits in range(2, 17):
        candidate = _significant((low + high) / 2, digits)
        if low < candidate <= high:
            return candidate
    return high


def _thinned(values: Sequence[float]) -> list[float]:
    """At most a few thousand of the sorted values, because the Jenks method takes quadratic time.

    They are an even sample, both ends, and both sides of the widest gaps: whatever lies apart from the rest stays, however rare it is.
    """
    if len(values) <= MOST_VALUES:
        return list(values)
    even = range(0, len(values), len(values) // (MOST_VALUES // 2) + 1)
    gaps = nlargest(MOST_VALUES // 8, range(1, len(values)), key=lambda i: values[i] - values[i - 1])
    kept = {0, len(values) - 1, *even, *gaps, *(i - 1 for i in gaps)}
    return [values[i] for i in sorted(kept)]


def _equal(values: Sequence[float], classes: int) -> list[float]:
    low, high = values[0], values[-1]
    return round_breaks([low + (high - low) * i / classes for i in range(1, classes)], low, high)


_METHODS = {"quantile": _quantile, "natural": _natural, "equal": _equal}


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
