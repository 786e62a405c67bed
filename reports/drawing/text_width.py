"""How wide texts are, without asking a font: a picture must be the same on a machine that has other fonts, or none.

The widths are those of Noto Sans CJK SC, in hundredths of the size of the text.
"""

import unicodedata
from functools import lru_cache

_FIRST = 32
_REGULAR = (
    *(22, 32, 47, 56, 56, 92, 68, 28, 34, 34, 47, 56, 28, 35, 28, 39, 56, 56, 56, 56, 56, 56, 56, 56, 56, 56, 28, 28, 56, 56, 56, 47),
    *(95, 61, 66, 64, 69, 59, 55, 69, 73, 29, 54, 65, 54, 81, 72, 74, 63, 74, 64, 60, 60, 72, 58, 88, 57, 53, 60, 34, 39, 34, 56, 56),
    *(61, 56, 62, 51, 62, 55, 32, 56, 61, 28, 28, 55, 28, 93, 61, 61, 62, 62, 39, 47, 38, 61, 52, 80, 50, 52, 48, 34, 27, 34, 56),
)
_BOLD = (
    *(23, 37, 57, 59, 59, 96, 74, 32, 38, 38, 51, 59, 32, 37, 32, 39, 59, 59, 59, 59, 59, 59, 59, 59, 59, 59, 32, 32, 59, 59, 59, 51),
    *(101, 64, 68, 66, 71, 62, 58, 72, 76, 33, 57, 69, 58, 85, 75, 77, 67, 77, 68, 62, 62, 75, 62, 92, 63, 58, 61, 38, 39, 38, 59, 57),
    *(63, 59, 64, 53, 64, 58, 37, 60, 64, 30, 31, 60, 32, 96, 64, 63, 64, 64, 44, 50, 42, 64, 58, 86, 56, 57, 51, 38, 30, 38, 59),
)
"""Characters 32 to 126."""
_WIDE, _OTHER = 100, 79
_ELLIPSIS = "…"
_LOOSE = " （(《「【[-—,，、"
"""What does not stand before an ellipsis."""


def measure(text: str, size: float, bold: bool = False) -> float:
    """Width of a line of text."""
    return sum(_width(letter, bold) for letter in text) * size / 100


@lru_cache(8192)
def _width(letter: str, bold: bool) -> int:
    place = ord(letter) - _FIRST
    if 0 <= place < len(_REGULAR):
        return (_BOLD if bold else _REGULAR)[place]
    if unicodedata.combining(letter) or unicodedata.category(letter) in ("Cf", "Cc"):
        return 0
    base = unicodedata.normalize("NFD", letter)[0]
    if base != letter and 0 <= ord(base) - _FIRST < len(_REGULAR):  # é is as wide as e
        return _width(base, bold)
    return _WIDE if unicodedata.east_asian_width(letter) in "WFA" else _OTHER


def shorten(text: str, size: float, room: float, bold: bool = False) -> str:
    """The text, or as much of it as fits with an ellipsis at its end."""
    if measure(text, size, bold) <= room:
        return text
    kept = text
    while kept and measure(kept.rstrip(_LOOSE) + _ELLIPSIS, size, bold) > room:
        kept = kept[:-1]
    return kept.rstrip(_LOOSE) + _ELLIPSIS


def wrap(text: str, size: float, room: float, most: int, bold: bool = False) -> tuple[str, ...]:
    """The text in at most ``most`` lines that fit; what has no room in the last one ends with an ellipsis.

    Lines break at spaces, and between any two Chinese characters; a Latin word that is longer than a line is cut.
    """
    lines: list[str] = []
    rest = text.strip()
    while rest and len(lines) < most - 1 and measure(rest, size, bold) > room:
        fitting = _fitting(rest, size, room, bold)
        lines.append(rest[:fitting].rstrip())
        rest = rest[fitting:].lstrip()
    return (*lines, shorten(rest, size, room, bold)) if rest or not lines else tuple(lines)


def balance(text: str, size: float, lines: int, bold: bool = False) -> tuple[str, ...]:
    """The text in so many lines, as evenly as its break points allow."""
    room = measure(text, size, bold) / lines
    longest = max((measure(word, size, bold) for word in text.split()), default=0.0) if " " in text else size
    for more in range(16):
        found = wrap(text, size, max(room, longest) * (1 + more * 0.07) + 0.01, lines, bold)
        if not found[-1].endswith(_ELLIPSIS) or text.endswith(_ELLIPSIS):
            return found
    return found


def _fitting(text: str, size: float, room: float, bold: bool) -> int:
    """How many characters begin a line: up to the last break that fits."""
    used, last = 0.0, 0
    for n, letter in enumerate(text):
        used += _width(letter, bold) * size / 100
        if used > room and not letter.isspace():
            return last or max(n, 1)
        if n + 1 < len(text) and _may_break(letter, text[n + 1]):
            last = n + 1
    return len(text)


def _may_break(before: str, after: str) -> bool:
    if after in "，。、；：！？）》」』】”’,.;:!?)]}%…" or before in "（《「『【“‘([{":
        return False
    return before.isspace() or after.isspace() or before in "-/" or _is_wide(before) or _is_wide(after)


def _is_wide(letter: str) -> bool:
    return unicodedata.east_asian_width(letter) in "WF"
