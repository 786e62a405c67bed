"""How wide columns are: programs other than Word do not find it out themselves."""

from collections.abc import Iterable, Sequence

from reports.content import Bar, Cell, Number, Scale, Table
from reports.drawing.charts import place
from reports.drawing.text_width import measure
from reports.writers.word.looks import Look

SIDE = 4.0
"""Margin of a cell, in points; as the style says."""
_SPARE = 1.06
"""Fonts differ: so much more room than the one that is measured needs."""


def find_widths(table: Table, width: float, look: Look) -> list[float]:
    """Widths of a table's columns, as wide together as the table; a column that draws gets what the others leave."""
    size, head_size = look.size_of("TableText"), look.size_of("TableHead")
    natural, stretch = [], []
    for at, column in enumerate(table.columns):
        draws = column.scale is not None or any(isinstance(row[at], Bar) for row in table.rows)
        widest = max((measure(text, size) for row in table.rows for text in _shown(row[at])), default=0.0) * _SPARE
        head = (width * 0.24 if column.scale else width * 0.14) if draws else measure(column.title, head_size) * _SPARE
        natural.append(min(max(widest, head) + 2 * SIDE + 1, width * 0.5))
        stretch.append(column.stretch or float(draws))
    return share_width(natural, stretch, width, min(size * 2.4, width / max(len(natural), 1)))


def _shown(cell: Cell) -> Iterable[str]:
    text = cell if isinstance(cell, str) else cell.text if isinstance(cell, Number) else ""
    return text.splitlines()


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
