"""The texts of labels: a name in one line or several, or its beginning, with the value under it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from reports.drawing.text_width import balance, measure, wrap

LEAST_SIZE = 14.5
"""Smallest text: 2.1 mm of the height of a line on A4, 5.9 pt."""
LINE = 1.16
"""Distance of baselines, in sizes of the text."""
_LONGEST_EM = 9.0
"""Longest line of a name, in sizes of its text."""
_SHORTEST_EM = 6.5
"""Longest line of a name of which only the beginning is written."""
_MOST_LINES = 3


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a label."""

    text: str
    size: float
    bold: bool


@dataclass(frozen=True, slots=True)
class Text:
    """A label's lines, its width and height, and how much is lost by them: 0 for the whole name in one line at full size."""

    lines: tuple[Line, ...]
    width: float
    height: float
    cost: float


def lay_out(name: str, value: str, size: float) -> list[Text]:
    """The forms of a label, the best first: one line or several, full size or smaller."""
    sizes = [size, *([max(size * 0.84, LEAST_SIZE)] if size > LEAST_SIZE else [])]
    found = []
    for step, one in enumerate(sizes):
        longest = _LONGEST_EM * one
        least = max(1, min(_MOST_LINES, math.ceil(measure(name, one) / longest)))
        for count in range(least, _MOST_LINES + 1):
            lines = balance(name, one, count) if measure(name, one) <= longest * count else wrap(name, one, longest, count)
            if len(lines) == count and (count == 1 or all(len(line) > 1 for line in lines)):
                found.append(_make_text(lines, value, one, step * 0.45 + (count - 1) * 0.25))
    cut = [_cut(name, value, sizes[-1], count) for count in range(_MOST_LINES, 0, -1)]
    return [*found, *(text for text in cut if text.lines[: len(text.lines) - bool(value)][-1].text.endswith("…"))]


def _cut(name: str, value: str, size: float, count: int) -> Text:
    """The beginning of a long name in so many lines."""
    return _make_text(wrap(name, size, (_LONGEST_EM if count > 1 else _SHORTEST_EM) * size, count), value, size, 1.6 - count * 0.3)


def _make_text(lines: Sequence[str], value: str, size: float, cost: float) -> Text:
    made = [Line(line, size, False) for line in lines]
    if value:
        made.append(Line(value, round(size * 1.05, 2), True))
    width = max(measure(line.text, line.size, line.bold) for line in made)
    return Text(tuple(made), width, sum(line.size * LINE for line in made), cost)


def fit_size(count: int) -> float:
    """Size of the names of so many areas."""
    return 23.0 if count <= 12 else 19.0 if count <= 40 else 16.5 if count <= 100 else LEAST_SIZE
