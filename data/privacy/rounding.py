"""How numbers of people are told to whoever may not see the register."""

FEWEST = 5
"""Counts about people below this are small: hidden, unless they are 0."""
STEP = 5


def rounded(n: int) -> int:
    """The nearest multiple of 5; never 0 for a count of 5 or more."""
    return (n + 2) // STEP * STEP


def band(n: int) -> int | str:
    """A number of people as a text may give it: 0, ``<5``, or the nearest multiple of 5."""
    return f"<{FEWEST}" if 0 < n < FEWEST else rounded(n)
