"""Levels of a city's tree, as far as it has them."""

from collections.abc import Collection

from data.schema import LEVELS

MOST_UNITS = 4_000
"""So many areas are coloured at once unless a reader asks for more: beyond, a screen shows no more, and everything takes longer."""


def levels_below(level: str, known: Collection[str]) -> list[str]:
    """Levels below one, from the top down, of those that a city has (of all, where it does not say); below a zone are its cells."""
    below = LEVELS[LEVELS.index(level) + 1 :] if level in LEVELS else ("grid",)
    return [name for name in below if not known or name in known]
