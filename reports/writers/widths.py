"""How wide columns are. Left to themselves programs give all room to the longest text, and the columns beside it none."""

import re
from collections.abc import Iterable, Sequence
from math import ceil

from layers.style.numbers import fraction
from reports.content import Bar, Cell, Fraction, Number, Scale, Table
from reports.drawing.charts import place
from reports.drawing.text_width import measure

SIDE = 5.0
"""Margin of a cell, in points; as the style says."""
SPARE, SPARE_ELSEWHERE = 1.06, 1.22
"""Fonts differ: so much more room than the one that is measured needs, here, and on machines of which nobody knows what fonts they have."""
_LOOSE = 2.2
"""How much wider than its texts a table may be: eyes lose the row between a name and a number far from it."""
_SHORT = 3.2
"""Of names and heads so many letters stand in a line at least: a name of three letters below one another is read by nobody."""
_DRAWN = 0.85
"""A drawing may be so much narrower than it would like to be."""
_BREAKS = re.compile(r"[\s\u2e80-\U0010ffff]")
"""Where lines may break: at blanks, and at every Chinese character."""


def find_widths(table: Table, width: float, size: float, head_size: float, spare: float = SPARE) -> list[float]:
    """Widths of a table's columns, in points.

    One that draws gets what the others leave; few short ones together are narrower than the page.

    Args:
        table: the table.
        width: of the page or column that it stands in.
        size, head_size: of the letters in its rows and in its head.
        spare: how much more room columns get than the font that is measured needs.
    """
    natural, least, stretch = [], [], []
    for at, column in enumerate(table.columns):
        draws = column.scale is not None or any(isinstance(row[at], Bar) for row in table.rows)
        head = (width * 0.24 if column.scale else width * 0.14) if draws else measure(column.title, head_size)
        lines = [(line, _is_bold(row[at])) for row in table.rows for line in _shown(row[at])]
        widest = max((measure(line, size, bold) for line, bold in lines), default=0.0)
        uncut = [measure(line, size, _is_bold(row[at])) for row in table.rows if _is_number(row[at]) for line in _shown(row[at])]
        words = [measure(word, size, bold) for line, bold in lines for word in _BREAKS.split(line)]
        short = [min(widest, size * _SHORT), 0.0 if draws else min(head, head_size * _SHORT)]
        natural.append(min(max(widest, head) * spare + 2 * SIDE, width * 0.5))
        needed = max([*uncut, *words, *short, size * 1.4]) * spare
        least.append(min(max(needed, head * _DRAWN if draws else 0) + 2 * SIDE, width * 0.5))
        stretch.append(column.stretch or float(draws))
    whole = width if any(stretch) else min(width, max(sum(natural) * _LOOSE, width * 0.45))
    return share_width(natural, least, stretch, whole)


def _is_number(cell: Cell) -> bool:
    """Whether a cell's line is not torn: “299 / 314” is one thing."""
    return isinstance(cell, Number | Fraction)


def _is_bold(cell: Cell) -> bool:
    return isinstance(cell, Number) and cell.bold


def _shown(cell: Cell) -> Iterable[str]:
    """The lines of a cell; small numbers of figures are as wide as two digits behind the last one."""
    text = fraction(cell.numerator, cell.denominator) if isinstance(cell, Fraction) else getattr(cell, "text", cell)
    mark = "00" if isinstance(cell, Number | Fraction) and cell.figure is not None else ""
    return (text + mark).splitlines() if isinstance(text, str) else []


def head_of_scale(title: str, scale: Scale, width: float, size: float) -> tuple[str, list[tuple[str, float]]]:
    """The ends of a scale and the name of its line, each above its place: a text with tabs, and the tabs.

    An end that the name would cover is left out.
    """
    gap = 4.0
    if not scale.line_text or scale.line is None:
        return f"{title or scale.low_text}\t{scale.high_text}", [("right", width)]
    half = measure(scale.line_text, size) / 2
    middle = min(max(place(scale.line, scale) * width, half), width - half)
    low = scale.low_text if measure(scale.low_text, size) + gap < middle - half else ""
    high = scale.high_text if measure(scale.high_text, size) + gap < width - middle - half else ""
    return f"{low}\t{scale.line_text}" + (f"\t{high}" if high else ""), [("center", middle), ("right", width)]


def find_height(table: Table, widths: Sequence[float], size: float, margin: float) -> float:
    """About how high the rows of a table are, in points: their longest cells wrapped.

    Args:
        table: the table.
        widths: of its columns.
        size: of the letters.
        margin: above and below the lines of a row.
    """
    made = 0.0
    for row in table.rows:
        lines = (
            sum(max(1, ceil(measure(line, size) / max(width - 2 * SIDE, size))) for line in _shown(cell))
            for cell, width in zip(row, widths, strict=True)
        )
        made += max(1, max(lines, default=1)) * size * 1.3 + 2 * margin
    return made


def find_across(count: int, most: int) -> int:
    """How many key figures stand in a row, so that no row has one alone if that can be helped."""
    if count <= most:
        return max(count, 1)
    return max(range(2, most + 1), key=lambda across: (-(-count % across), across))


def share_width(natural: Sequence[float], least: Sequence[float], stretch: Sequence[float], total: float) -> list[float]:
    """Widths of columns that together are as wide as the table; all lengths in one unit.

    Args:
        natural: how wide each column would like to be; of those that stretch at least this much.
        least: what each needs so that no word of it is torn; kept as long as there is room for all.
        stretch: in which shares columns take what the others leave; 0: a column takes none. If none does, all grow alike.
        total: width of the table.
    """
    if not natural:
        return []
    left = total - sum(natural)
    if left < 0:
        return _shrink(natural, least, total)
    shares = stretch if any(stretch) else natural
    whole = sum(shares)
    return [width + left * share / whole for width, share in zip(natural, shares, strict=True)]


def _shrink(natural: Sequence[float], least: Sequence[float], total: float) -> list[float]:
    """The widest columns lose first, so that columns of numbers keep theirs: all are cut to one limit, but none below its least."""
    if sum(least) >= total:
        return [width * total / sum(least) for width in least]
    low, high = 0.0, max(natural)
    for _ in range(50):
        limit = (low + high) / 2
        too_wide = sum(max(min(width, limit), needed) for width, needed in zip(natural, least, strict=True)) > total
        low, high = (low, limit) if too_wide else (limit, high)
    return [max(min(width, low), needed) for width, needed in zip(natural, least, strict=True)]
