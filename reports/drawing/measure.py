"""How wide texts are, near enough to lay out columns and labels without the fonts themselves."""

import unicodedata
from collections.abc import Sequence

_NO_WIDTH = frozenset(("Mn", "Me", "Cf", "Cc", "Cs", "Co", "Cn"))
_NARROW = frozenset(" .,:;!'|()[]{}ijlItfr/-")
_WIDE = frozenset("%@mwMWQO—…+<>=−÷×±")
_FULL = frozenset("WF")


def count_ems(text: str) -> float:
    """The width of a text in ems: a Chinese character is one, a Latin one about a half."""
    return sum(map(_count_ems, text))


def _count_ems(letter: str) -> float:
    if unicodedata.category(letter) in _NO_WIDTH:
        return 0.0
    if unicodedata.east_asian_width(letter) in _FULL:
        return 1.0
    if letter in _NARROW:
        return 0.34
    if letter in _WIDE:
        return 0.88
    return 0.72 if letter.isupper() else 0.57


def share_width(natural: Sequence[float], stretch: Sequence[float], total: float, least: float) -> list[float]:
    """Widths of columns that together are as wide as the table.

    Args:
        natural: how wide each column would like to be; of those that stretch at least this much.
        stretch: in which shares columns take what the others leave; 0: a column takes none. If none does, all grow alike.
        total: width of the table.
        least: what no column may fall below, as long as there is room for it; all lengths in one unit.
    """
    if not natural:
        return []
    wanted = [max(width, least) for width in natural]
    left = total - sum(wanted)
    if left < 0:
        return _shrink(wanted, total, min(least, total / len(natural)))
    shares = stretch if any(stretch) else wanted
    whole = sum(shares)
    return [width + left * share / whole for width, share in zip(wanted, shares, strict=True)]


def _shrink(wanted: Sequence[float], total: float, least: float) -> list[float]:
    """The widest columns lose first, so that columns of numbers keep theirs: all above one limit are cut to it."""
    limit, rest = total / len(wanted), total
    for at, width in enumerate(sorted(wanted)):
        limit = rest / (len(wanted) - at)
        if width > limit:
            break
        rest -= width
    return [max(min(width, limit), least) for width in wanted]
