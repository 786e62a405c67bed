"""The change of the number of cases as a measure: its classes around no change, and how they are told."""

from itertools import groupby

from data.core.i18n import t
from data.core.rate_changes import RateChange
from data.core.viewer import Lang
from data.figures.changes import Changes
from layers.style.days import format_period
from layers.style.theme import DIVERGING
from layers.style.wording import format_count

_LESS, _MORE = (1 / 2, 2 / 3), (3 / 2, 2.0)
"""Ratios between the classes on both sides of no change: a half and double, two thirds and three halves. They never follow the data."""
CHANCE = 3
"""Class of the areas whose change may be chance: the middle one."""
TOKENS = tuple(reversed(DIVERGING))
"""Colours of the classes, from far fewer cases to far more: as in the other diverging measures, the warm end is the one to look at."""

CLASS_TITLES = {
    0: "Halved or less",
    1: "Down by a third to a half",
    2: "Down by less than a third",
    CHANCE: "Within chance",
    4: "Up by less than a half",
    5: "Up by a half to double",
    6: "Doubled or more",
}


def find_change_class(change: RateChange | None) -> int | None:
    """The class of a change, an index of ``CLASS_TITLES``; ``None`` where it is not judged."""
    if change is None or change.verdict == "too_few":
        return None
    if change.verdict == "unclear":
        return CHANCE
    if change.ratio is None:
        return len(TOKENS) - 1
    if change.verdict == "less":
        return sum(change.ratio > limit for limit in _LESS)
    return CHANCE + 1 + sum(change.ratio >= limit for limit in _MORE)


def percent_of(change: RateChange | None) -> float | None:
    """By how many percent the rate grew; ``None`` where it is not judged, infinite where there was no case before."""
    if change is None or change.verdict == "too_few":
        return None
    return float("inf") if change.ratio is None else (change.ratio - 1) * 100


def format_percent(ratio: float) -> str:
    """A ratio as a change in percent, with its sign: ``+12.3%``, ``−4.0%``; no change is ``0%``."""
    percent = (ratio - 1) * 100
    if abs(percent) < 0.05:
        return "0%"
    return f"{percent:+,.1f}%".replace("-", "−") if abs(percent) < 1000 else f"×{ratio:,.0f}"


def format_change(change: RateChange, lang: Lang) -> str:
    """A change that is judged, in short."""
    return t(lang, "none before") if change.ratio is None else format_percent(change.ratio)


def explain_change(change: RateChange, lang: Lang) -> list[str]:
    """Both counts, and the interval if there is one."""
    told = [t(lang, "{cases} now, {before} before", cases=format_count(change.now, "cases", lang), before=f"{change.before:,}")]
    if change.low is None:
        return told
    low = format_percent(change.low)
    if change.high is None:
        told.append(t(lang, "95% interval: at least {low}", low=low))
    else:
        told.append(t(lang, "95% interval {low} to {high}", low=low, high=format_percent(change.high)))
    if change.verdict == "unclear":
        told.append(t(lang, "may be chance"))
    return told


def format_compared_days(changes: Changes, lang: Lang) -> str:
    """The days that are compared; empty where none is over."""
    if changes.now is None:
        return ""
    now, before = format_period(changes.now, lang), format_period(changes.before, lang, today=changes.now.end)
    return t(lang, "{now}, before: {before}", now=now, before=before)


def count_classes(classes: dict[str, int | None]) -> dict[int, int]:
    """How many areas are in each class."""
    known = sorted(index for index in classes.values() if index is not None)
    return {index: len(list(same)) for index, same in groupby(known)}
