"""The two looks of a PDF: fonts, colours and sizes that the template and the drawings share."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from reports.drawing import colours
from reports.drawing.fonts import RARE, list_families, need_fonts

MM = 72 / 25.4
_LATIN = ("Noto Sans", "DejaVu Sans")
_SANS = ("Noto Sans CJK SC", *_LATIN, *RARE)
_SERIF = ("Noto Serif CJK SC", "Noto Serif", "DejaVu Serif", *RARE)
FANGSONG = ("FangSong_GB2312", "FangSong", "FandolFang R")
KAITI = ("KaiTi_GB2312", "KaiTi", "FandolKai")
"""Fonts that a city has a licence for come before the free ones, which hold GB 2312 and a little more; other letters are drawn in Song."""
_TITLE = ("FZXiaoBiaoSong-B05S", "FZXiaoBiaoSong-B05", "Noto Serif CJK SC", *_SERIF)
_COLOURS = {
    "ink": colours.INK,
    "muted": colours.MUTED,
    "accent": colours.ACCENT,
    "rule": colours.RULE,
    "hairline": colours.HAIRLINE,
    "soft": colours.SOFT,
    "hatch": colours.HATCH,
    "head": colours.HEAD_RED,
}


@dataclass(frozen=True, slots=True)
class Paper:
    """A look; lengths in points.

    Attributes:
        width: of the text.
        highest: how high a map may be.
        longest: a table that is higher may go on over pages; others stay on one.
        across: how many key figures stand side by side at most.
        narrow: two blocks have no room side by side.
        sizes: of letters, and of rows of tables: ``row`` is the margin above and below a line, ``cell`` the height of a drawn one.
        fonts: families by use, the first that has a letter draws it.
        needed: families, of each group one, without which it would not look like this.
    """

    width: float
    highest: float
    longest: float
    across: int
    narrow: bool
    sizes: Mapping[str, float]
    fonts: Mapping[str, tuple[str, ...]]
    needed: tuple[tuple[str, ...], ...]

    def tell(self) -> dict[str, Any]:
        """What the template reads.

        Raises:
            NoFont: a family that is needed is not installed.
        """
        known = list_families()
        for group in self.needed:
            if not known.intersection(group):
                need_fonts(group[-1])
        fonts: dict[str, list[str | dict[str, str]]] = {use: [one for one in all_ if one in known] for use, all_ in self.fonts.items()}
        for use in ("body", "kai") if self.narrow else ():  # Latin letters and digits of fonts for Chinese are as wide as half a square
            fonts[use].insert(0, {"name": _SERIF[0], "covers": "[ -~\u00a0-\u00ff\u2212\u2013]"})
        return {"fonts": fonts, "colours": _COLOURS, "sizes": dict(self.sizes)}


STANDARD = Paper(
    width=174 * MM,
    highest=150 * MM,
    longest=90 * MM,
    across=4,
    narrow=False,
    sizes={"table": 9, "head": 8, "note": 7.5, "small": 8, "detail": 8.5, "value": 23, "unit": 10, "row": 4.25, "cell": 17.5},
    fonts={"body": _SANS, "head": _SANS, "title": _SERIF, "kai": _SANS, "value": _SANS, "number": _SANS},
    needed=(_SANS[:1], _SERIF[:1]),
)
OFFICIAL = Paper(
    width=156 * MM,
    highest=130 * MM,
    longest=60 * MM,
    across=3,
    narrow=True,
    sizes={"table": 12, "head": 12, "note": 10.5, "small": 10.5, "detail": 12, "value": 22, "unit": 12, "row": 4.5, "cell": 21},
    fonts={
        "body": (*FANGSONG, *_SERIF),
        "head": ("SimHei", *_SANS),
        "title": _TITLE,
        "kai": (*KAITI, *_SERIF),
        "value": _SERIF,
        "number": ("SimSun", *_SERIF),
    },
    needed=(_SANS[:1], _SERIF[:1], FANGSONG, KAITI),
)
"""GB/T 9704-2012; its page stands in ``template/official.typ``."""


def find_paper(format_: Literal["standard", "official"]) -> Paper:
    """The look of a report's form."""
    return OFFICIAL if format_ == "official" else STANDARD
