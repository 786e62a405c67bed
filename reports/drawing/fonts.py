"""The fonts that typst draws reports with: those of this machine, looked for once, because that takes half a second."""

from functools import lru_cache

import typst

from data.core.errors import GridwellError

RARE = ("BabelStone Han", "HanaMinA", "HanaMinB")
"""Families that hold the rare letters of names (GB 18030-2022), those with the mainland's forms first."""


class NoFont(GridwellError):
    status, code = 500, "no_report_font"
    sentence = "Reports need the font {family}, which is not installed here."


@lru_cache(1)
def find_fonts() -> typst.Fonts:
    """The fonts of this machine."""
    return typst.Fonts(include_system_fonts=True, include_embedded_fonts=False)


@lru_cache(1)
def list_families() -> frozenset[str]:
    """The names of their families."""
    return frozenset(find_fonts().families())


def need_fonts(*families: str) -> None:
    """Make sure that these are installed: without them letters would be missing, and nobody would be told.

    Raises:
        NoFont: one of them is not.
    """
    for family in families:
        if family not in list_families():
            raise NoFont(family=family)
