"""Which of many findings are real, so that a reader who is told of changes is seldom told of chance."""

from collections.abc import Hashable, Mapping
from typing import TypeVar

LEVEL = 0.05
"""Of the changes that are told, at most this share is chance on average; where nothing changed, at most this share of reports tells any."""

Key = TypeVar("Key", bound=Hashable)


def choose_discoveries(chances: Mapping[Key, float | None], level: float = LEVEL) -> frozenset[Key]:
    """The candidates that stand when all of them are looked at together (the step-up rule of Benjamini & Hochberg 1995).

    Not ``scipy.stats.false_discovery_control``, which tests compare it with: loading that package takes a fifth of a weekly report's time.

    Args:
        chances: p-value of each candidate; ``None``: it was not judged, and is no candidate.
        level: the share of false ones among the chosen that is allowed on average.
    """
    judged = {key: chance for key, chance in chances.items() if chance is not None}
    ordered = sorted(judged.values())
    line = max((chance for rank, chance in enumerate(ordered, 1) if chance * (len(ordered) / rank) <= level), default=None)
    return frozenset(key for key, chance in judged.items() if line is not None and chance <= line)
