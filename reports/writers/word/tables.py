"""Tables of a Word document: real rows and texts, intervals and bars as pictures in their cells, the head again on every page."""

from collections.abc import Callable, Sequence

from data.core.i18n import t
from layers.style.numbers import fraction
from reports.content import Bar, Cell, Column, Fraction, Interval, Number, Scale, Table
from reports.drawing.charts import draw_interval, draw_share
from reports.drawing.texts import make_legible
from reports.writers.numbers import write_interval
from reports.writers.widths import SIDE, SPARE_ELSEWHERE, find_widths, head_of_scale
from reports.writers.word.page import Page
from reports.writers.word.parts import Xml, borders, el, paragraph
from reports.writers.word.styles import FRAME, TABLE

_DRAWN = 400
"""Rows with pictures. In longer tables intervals are written: no program opens a document of thousands of pictures at ease."""
_JC = {"left": "left", "right": "right", "centre": "center"}
_LINES = (17.0, 24.0)
"""Heights of a row's picture: among letters of 9 and of 12 points."""


def write_table(table: Table, width: float, page: Page) -> list[Xml]:
    """A table with its title above and its note below; ``width`` in points."""
    widths = find_widths(table, width, page.look.size_of("TableText"), page.look.size_of("TableHead"), SPARE_ELSEWHERE)
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


def _head(column: Column, width: float, page: Page) -> Xml:
    if column.scale is None:
        return page.write("TableHead", column.title, jc=el("jc", val=_JC[column.align]))
    text, tabs = head_of_scale(column.title, column.scale, width - 2 * SIDE, page.look.size_of("TableHead"))
    stops = [el("tab", val=kind, pos=round(at * 20)) for kind, at in tabs]
    return paragraph("TableHead", *page.runs(text), tabs=el("tabs", *stops))


def _write_cell(cell: Cell, column: Column, width: float, drawn: bool, page: Page) -> Xml:
    side = el("jc", val=_JC[column.align])
    if isinstance(cell, str):
        return paragraph("TableText", *page.runs(cell), jc=side)
    if isinstance(cell, Number):
        return paragraph("TableText", *page.runs(cell.text, bold=cell.bold), *page.cite(cell.figure), jc=side)
    if isinstance(cell, Fraction):
        return paragraph("TableText", *page.runs(fraction(cell.numerator, cell.denominator)), *page.cite(cell.figure), jc=side)
    if not drawn:
        return page.write("TableText", write_interval(cell, column.scale) if isinstance(cell, Interval) else f"{cell.share:.0%}", jc=side)
    across, down = width - 2 * SIDE, _LINES[bool(page.look.grid)]
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
