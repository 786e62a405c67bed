"""Blocks of a report as paragraphs, tables and pictures of a Word document."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from data.core.i18n import t
from reports.content import Aside, Block, Bullets, KeyFigure, KeyFigures, Note, Pair, Paragraph, Single, Table
from reports.drawing.charts import draw_bars, draw_curve, draw_spark
from reports.drawing.colours import HATCH
from reports.drawing.svg import UNTOLD_GROUND
from reports.drawing.text_width import measure
from reports.graphics import Bars, Curve, LegendClass, Map
from reports.writers.word.looks import HAIRLINE, MM
from reports.writers.word.page import Page
from reports.writers.word.parts import Xml, cite, el, paragraph
from reports.writers.word.styles import POINTS
from reports.writers.word.tables import write_frame, write_frames, write_table

_GUTTER = 16.0
_LONG = 40
"""Rows of a table that is too long to stand beside something."""


def write_block(block: Block, width: float, page: Page) -> list[Xml]:
    """A block, in a width in points."""
    if isinstance(block, Pair):
        return _write_pair(block, width, page)
    return _WRITERS[type(block)](block, width, page)


def _write_pair(pair: Pair, width: float, page: Page) -> list[Xml]:
    """Side by side, if there is room for it: the form of official documents has none, and a frame does not go on over pages."""
    both: tuple[Single, Single] = (pair.left, pair.right)
    if page.look.grid or any(isinstance(one, Table) and len(one.rows) > _LONG for one in both):
        return [made for one in both for made in write_block(one, width, page)]
    left = (width - _GUTTER) * min(max(pair.share, 0.2), 0.8)
    widths = (left, width - _GUTTER - left)
    cells = [(across, write_block(one, across, page)) for one, across in zip(both, widths, strict=True)]
    return [write_frame([cells[0], (_GUTTER, []), cells[1]]), paragraph("TablePicture")]


def _write_paragraph(block: Paragraph, _width: float, page: Page) -> list[Xml]:
    return [paragraph("BodyText", *page.sentence(block.pieces))]


def _write_bullets(block: Bullets, _width: float, page: Page) -> list[Xml]:
    own: dict[str, Xml] = {}
    made = []
    for point in block.points:
        if page.look.numbered:
            own["list"] = el("numPr", el("ilvl", val=0), el("numId", val=POINTS + page.lists))
        made.append(paragraph("ListBullet", *page.sentence(point), **own))
    page.lists += 1
    return made


def _write_note(block: Note, _width: float, page: Page) -> list[Xml]:
    return [page.write("Note", block.text)]


def _write_aside(block: Aside, _width: float, page: Page) -> list[Xml]:
    beside = page.runs("\u2003" + block.unit, "Unit") if block.unit else []
    head = [*page.runs(block.title, bold=True), *beside, el("r", el("br"))] if block.title else []
    return [paragraph("Aside", *head, *page.runs(block.text))]


# ---- Key figures ----


def _write_key_figures(block: KeyFigures, width: float, page: Page) -> list[Xml]:
    """The large figures between two lines, four or three in a row."""
    if not block.figures:
        return []
    count = len(block.figures)
    across = min(count, 4 if count % 4 == 0 or count % 3 == 1 else 3)
    if page.look.grid:
        across = min(across, 3 if count != 4 else 2)
    each = width / across
    cells = [(each, _write_key_figure(one, each - 8, page)) for one in block.figures]
    cells += [(each, [])] * (-count % across)
    rows = [cells[at : at + across] for at in range(0, len(cells), across)]
    return [paragraph("TablePicture"), write_frames(rows, (4, HAIRLINE)), paragraph("TablePicture")]


def _write_key_figure(one: KeyFigure, width: float, page: Page) -> list[Xml]:
    changes = [f"{change.title} {change.text}".strip() for change in one.changes]
    if measure("\u2003".join(changes), page.look.size_of("FigureDetail")) < width:
        changes = ["\u2003".join(changes)] if changes else []
    made = [
        paragraph("FigureLabel", *page.runs(one.label), cite(one.figure, page.known)),
        paragraph("FigureValue", *page.runs(one.value), *(page.runs("\u2002" + one.unit, "Unit") if one.unit else [])),
        *([paragraph("FigureDetail", *page.runs(one.detail, "Unit"))] if one.detail else []),
        *(page.write("FigureDetail", change) for change in changes),
    ]
    if sum(value is not None for value in one.spark) > 1:
        across = min(width, 96.0)
        alt = t(page.lang, "{label} in the last {count} periods", label=one.label, count=len(one.spark))
        made.append(
            paragraph(
                "Picture", page.drawings.place(draw_spark(one.spark, across, 18), across, 18, alt, ground=False), jc=el("jc", val="left")
            )
        )
    return made


# ---- Pictures ----


def _write_map(block: Map, width: float, page: Page) -> list[Xml]:
    """The map, its legend and its notes; high ones are made narrower so that all stands on one page."""
    down = width * block.height / block.width
    highest = page.look.height * 0.6
    scale = min(1.0, highest / down)
    picture = page.drawings.place(block.svg, width * scale, down * scale, block.alt)
    notes = [page.write("Caption", note) for note in block.notes]
    return [*page.title(block.title, block.subtitle), paragraph("Picture", picture), *_write_legend(block.classes, width, page), *notes]


@dataclass(frozen=True, slots=True)
class _Field:
    """A field of a legend: its width, its colour if it has one, and the words in it or below it."""

    width: float
    shown: LegendClass | None
    inside: str = ""
    below: str = ""


def _write_legend(classes: Sequence[LegendClass], width: float, page: Page) -> list[Xml]:
    """Colours in a row, below each from which value it begins; what is hatched stands apart, its words beside it."""
    if not classes:
        return []
    graded, hatched = [one for one in classes if not one.hatched], [one for one in classes if one.hatched]
    each = min(16 * MM, width * 0.6 / max(len(graded), 1))
    left = (width - each * len(graded)) / max(len(hatched), 1)
    fields = [_Field(each, one, below=one.label) for one in graded]
    for one in hatched:
        fields += [_Field(10, None), _Field(9 * MM, one), _Field(left - 14 - 9 * MM, None, inside="\u2002" + one.label), _Field(4, None)]
    if not hatched:
        fields.append(_Field(left, None))
    colours = [(one.width, [page.write("Caption", one.inside)]) for one in fields]
    words = [(one.width, [page.write("Caption", one.below)]) for one in fields]

    def fill(cell: Xml, down: int, along: int) -> None:
        if down == 0 and (one := fields[along].shown):
            cell.append(_shade(one))

    return [write_frames([colours, words], change=fill), paragraph("TablePicture")]


def _shade(one: LegendClass) -> Xml:
    if one.hatched:
        return el("shd", val="thinDiagStripe", color=HATCH.lstrip("#"), fill=UNTOLD_GROUND.lstrip("#"))
    return el("shd", val="clear", color="auto", fill=one.colour.lstrip("#"))


def _write_bars(block: Bars, width: float, page: Page) -> list[Xml]:
    down = min(max(width * 0.52, 110), 160)
    return _write_chart(block, draw_bars(block, width, down), width, down, page)


def _write_curve(block: Curve, width: float, page: Page) -> list[Xml]:
    down = min(max(width * 0.52, 110), 180)
    return _write_chart(block, draw_curve(block, width, down), width, down, page)


def _write_chart(block: Bars | Curve, svg: str, width: float, down: float, page: Page) -> list[Xml]:
    picture = page.drawings.place(svg, width, down, block.alt)
    return [*page.title(block.title, block.unit), paragraph("Picture", picture, keep=el("keepNext", val=0))]


def _write_table(block: Table, width: float, page: Page) -> list[Xml]:
    if not block.columns:
        return [*page.title(block.title, block.unit), *([page.write("Caption", block.note)] if block.note else [])]
    return write_table(block, width, page)


_WRITERS: dict[type, Callable[[Any, float, Page], list[Xml]]] = {
    Paragraph: _write_paragraph,
    Bullets: _write_bullets,
    KeyFigures: _write_key_figures,
    Map: _write_map,
    Table: _write_table,
    Aside: _write_aside,
    Bars: _write_bars,
    Curve: _write_curve,
    Note: _write_note,
}
