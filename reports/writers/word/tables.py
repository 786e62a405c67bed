"""Tables of a Word document: real rows and texts, intervals and bars as pictures in their cells, the head again on every page."""

from collections.abc import Callable, Iterable, Sequence

from data.core.i18n import t
from reports.content import Bar, Cell, Column, Interval, Number, Scale, Table
from reports.drawing.charts import draw_interval, draw_share, place
from reports.drawing.measure import count_ems, share_width
from reports.drawing.texts import make_legible
from reports.writers.numbers import write_interval
from reports.writers.word.looks import Look
from reports.writers.word.page import Page
from reports.writers.word.parts import Xml, borders, el, paragraph
from reports.writers.word.styles import FRAME, TABLE

_DRAWN = 400
"""Rows with pictures. In longer tables intervals are written: no program opens a document of thousands of pictures at ease."""
_SIDE = 4.0
"""Margin of a cell, in points; as the style says."""
_JC = {"left": "left", "right": "right", "centre": "center"}
_LINES = (17.0, 24.0)
"""Heights of a row's picture: among letters of 9 and of 12 points."""


def write_table(table: Table, width: float, page: Page) -> list[Xml]:
    """A table with its title above and its note below; ``width`` in points."""
    widths = find_widths(table, width, page.look)
    made = _begin(TABLE, widths)
    made.find("{*}tblPr").extend(
        (
            el("tblLook", firstRow=1, lastRow=0, firstColumn=0, lastColumn=0, noHBand=1, noVBand=1),
            el("tblCaption", val=make_legible(table.title)),
            el("tblDescription", val=make_legible(table.note or table.unit)),
        )
    )
    head = [_cell(across, [_head(column, across, page)]) for column, across in zip(table.columns, widths, strict=True)]
    made.append(el("tr", el("trPr", el("cantSplit"), el("tblHeader")), *head))
    drawn = len(table.rows) <= _DRAWN
    for row in table.rows:
        cells = (
            _cell(across, [_write_cell(cell, column, across, drawn, page)], "center")
            for cell, column, across in zip(row, table.columns, widths, strict=True)
        )
        made.append(el("tr", el("trPr", el("cantSplit")), *cells))
    below = page.write("Caption", table.note) if table.note else paragraph("TablePicture")
    return [*page.title(table.title, table.unit), made, below]


def find_widths(table: Table, width: float, look: Look) -> list[float]:
    """Widths of a table's columns, as wide together as the table; a column that draws gets what the others leave."""
    size, head_size = look.size_of("TableText"), look.size_of("TableHead")
    natural, stretch = [], []
    for at, column in enumerate(table.columns):
        draws = column.scale is not None or any(isinstance(row[at], Bar) for row in table.rows)
        widest = max((count_ems(text) for row in table.rows for text in _shown(row[at])), default=0.0) * size * 1.06
        head = (width * 0.24 if column.scale else width * 0.14) if draws else count_ems(column.title) * head_size * 1.06
        natural.append(min(max(widest, head) + 2 * _SIDE + 1, width * 0.5))
        stretch.append(column.stretch or float(draws))
    return share_width(natural, stretch, width, min(size * 2.4, width / max(len(natural), 1)))


def _shown(cell: Cell) -> Iterable[str]:
    text = cell if isinstance(cell, str) else cell.text if isinstance(cell, Number) else ""
    return text.splitlines()


def _head(column: Column, width: float, page: Page) -> Xml:
    if column.scale is None:
        return page.write("TableHead", column.title, jc=el("jc", val=_JC[column.align]))
    text, tabs = head_of_scale(column.title, column.scale, width - 2 * _SIDE, page.look.size_of("TableHead"))
    stops = [el("tab", val=kind, pos=round(at * 20)) for kind, at in tabs]
    return paragraph("TableHead", *page.runs(text), tabs=el("tabs", *stops))


def head_of_scale(title: str, scale: Scale, width: float, size: float) -> tuple[str, list[tuple[str, float]]]:
    """The ends of a scale and the name of its line, each above its place: a text with tabs, and the tabs.

    An end that the name would cover is left out.
    """
    gap = 4.0
    if not scale.line_text or scale.line is None:
        return f"{title or scale.low_text}\t{scale.high_text}", [("right", width)]
    half = count_ems(scale.line_text) * size / 2
    middle = min(max(place(scale.line, scale) * width, half), width - half)
    low = scale.low_text if count_ems(scale.low_text) * size + gap < middle - half else ""
    high = scale.high_text if count_ems(scale.high_text) * size + gap < width - middle - half else ""
    return f"{low}\t{scale.line_text}" + (f"\t{high}" if high else ""), [("center", middle), ("right", width)]


def _write_cell(cell: Cell, column: Column, width: float, drawn: bool, page: Page) -> Xml:
    side = el("jc", val=_JC[column.align])
    if isinstance(cell, str):
        return paragraph("TableText", *page.runs(cell), jc=side)
    if isinstance(cell, Number):
        return paragraph("TableText", *page.runs(cell.text, bold=cell.bold), jc=side)
    if not drawn:
        return page.write("TableText", write_interval(cell, column.scale) if isinstance(cell, Interval) else f"{cell.share:.0%}", jc=side)
    across, down = width - 2 * _SIDE, _LINES[bool(page.look.grid)]
    if isinstance(cell, Bar):
        picture = page.drawings.place(draw_share(round(cell.share, 3), across, down), across, down, f"{cell.share:.0%}", ground=False)
    else:
        scale = column.scale or Scale(min(cell.low, 0), max(cell.high, 1), "", "")
        alt = write_interval(cell, column.scale) + _mark(cell, scale, page)
        picture = page.drawings.place(draw_interval(cell, scale, across, down), across, down, alt, ground=False)
    return paragraph("TablePicture", picture)


def _mark(cell: Interval, scale: Scale, page: Page) -> str:
    if not cell.mark:
        return ""
    line = scale.line_text
    told = t(page.lang, "above: {line}", line=line) if cell.mark == "above" else t(page.lang, "below: {line}", line=line)
    return f", {told}"


# ---- Frames ----


def write_frame(
    cells: Sequence[tuple[float, Sequence[Xml]]], line: tuple[int, str] | None = None, sides: Sequence[str] = ("top", "bottom")
) -> Xml:
    """Things side by side, each with its width: a table that is not seen, but for the lines."""
    return write_frames([cells], line, sides)


def write_frames(
    rows: Sequence[Sequence[tuple[float, Sequence[Xml]]]],
    line: tuple[int, str] | None = None,
    sides: Sequence[str] = ("top", "bottom"),
    change: Callable[[Xml, int, int], None] | None = None,
) -> Xml:
    """Several rows of such; ``change`` is told of each cell's properties, its row and column."""
    made = _begin(FRAME, [width for width, _ in rows[0]])
    for down, row in enumerate(rows):
        cells = []
        for along, (width, inside) in enumerate(row):
            cell = _cell(width, inside)
            if line:
                cell.find("{*}tcPr").append(el("tcBorders", *borders(0, **dict.fromkeys(sides, line))))
            if change:
                change(cell.find("{*}tcPr"), down, along)
            cells.append(cell)
        made.append(el("tr", el("trPr", el("cantSplit")), *cells))
    return made


def _begin(style: str, widths: Sequence[float]) -> Xml:
    whole = round(sum(widths) * 20)
    told = el("tblPr", el("tblStyle", val=style), el("tblW", w=whole, type="dxa"), el("tblLayout", type="fixed"))
    return el("tbl", told, el("tblGrid", *(el("gridCol", w=round(width * 20)) for width in widths)))


def _cell(width: float, inside: Sequence[Xml], upright: str = "") -> Xml:
    """A cell; its last thing must be a paragraph."""
    told = el("tcPr", el("tcW", w=round(width * 20), type="dxa"), el("vAlign", val=upright) if upright else None)
    ends = not len(inside) or not inside[-1].tag.endswith("}p")
    return el("tc", told, *inside, paragraph("TablePicture") if ends else None)
