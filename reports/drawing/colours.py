"""Colours of everything that is printed: those of the product's light theme, mixes of them, and texts that can be read on them."""

from functools import lru_cache

from layers.style.theme import load_tokens

WHITE = "#FFFFFF"
LEAST_CONTRAST = 4.5
"""Of text on its ground (WCAG 2.2, 1.4.3)."""


@lru_cache
def colour(token: str) -> str:
    """A colour of the light theme: paper is white."""
    return load_tokens("light")[token]


INK, MUTED, ACCENT = colour("text"), colour("muted"), colour("accent")
HAIRLINE, SOFT = colour("hairline"), colour("soft")
RANGE, ABOVE, BELOW = colour("bar"), colour("div-6"), colour("amber")
"""Of an interval, and of its point: only what lies wholly above or below the line has a colour."""
RULE, QUIET, TRACK, BAR, HATCH = "#D5DBE4", "#9DC3EC", "#E8ECF2", "#6C8EBB", "#A9B3C1"
"""Lines between parts of a page; quiet bars, the track and the bar of a share; lines on what is not told."""
HEAD_RED = "#D0021B"
"""The head of official documents."""


def mix(first: str, second: str, share: float) -> str:
    """A colour between two: ``share`` of the second."""
    pairs = zip(_channels(first), _channels(second), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02X}" for a, b in pairs)


def shade(of: str, factor: float) -> str:
    """A colour made darker or lighter: below 1 darker."""
    return "#" + "".join(f"{min(round(channel * factor), 255):02X}" for channel in _channels(of))


def _channels(of: str) -> tuple[int, int, int]:
    return int(of[1:3], 16), int(of[3:5], 16), int(of[5:7], 16)


def _luminance(of: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    linear = [c / 12.92 if (c := channel / 255) <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for channel in _channels(of)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    """Contrast ratio of two colours, 1 to 21 (WCAG 2.2)."""
    high, low = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def ink_on(ground: str) -> str:
    """The colour of text on a ground: dark, or white where dark could not be read well."""
    dark = colour("text")
    return dark if contrast(dark, ground) >= LEAST_CONTRAST else WHITE
