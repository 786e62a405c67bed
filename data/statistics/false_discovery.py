"""Which of many findings are real, so that a reader who is told of changes is seldom told of chance."""

from collections.abc import Hashable, Mapping
from typing import TypeVar

from scipy.stats import false_discovery_control

LEVEL = 0.05
"""Of the changes that are told, at most this share is chance on average; where nothing changed, at most this share of reports tells any."""

Key = TypeVar("Key", bound=Hashable)


def choose_discoveries(chances: Mapping[Key, float | None], level: float = LEVEL) -> frozenset[Key]:
    """The candidates that stand when all of them are looked at together (Benjamini & Hochberg 1995).

    Args:
        chances: p-value of each candidate; ``None``: it was not judged, and is no candidate.
        level: the share of false ones among the chosen that is allowed on average.
    """
    judged = {key: chance for key, chance in chances.items() if chance is not None}
    if not judged:
        return frozenset()
    adjusted = false_discovery_control(list(judged.values()), method="bh")
    return frozenset(key for key, chance in zip(judged, adjusted, strict=True) if chance <= level)
