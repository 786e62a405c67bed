"""The levels that a city's tree has."""

from collections.abc import Collection

from data.schema import LEVELS

MOST_UNITS = 4_000
"""The most areas that are coloured at once by default. A screen cannot show more of them well, and all steps would take longer."""


def levels_below(level: str, known: Collection[str]) -> list[str]:
    """Levels below a level, from the top down, that a city has (all, where the city's levels are not known). Below a zone are its cells."""
    below = LEVELS[LEVELS.index(level) + 1 :] if level in LEVELS else ("grid",)
    return [name for name in below if not known or name in known]
