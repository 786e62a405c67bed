"""A report as its page shows it: every block with what the template needs, and the links that its reader may follow.

Nothing of it is HTML. Texts of a report come from other people's files: the template escapes each of them.
"""

import json
from collections.abc import Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any
from urllib.parse import quote, urlencode

from data.core.i18n import t
from data.core.period import Period
from layers.style.numbers import fraction
from layers.view import View
from reports.cases import link_case, link_list
from reports.content import (
    Aside,
    Bar,
    Block,
    Bullets,
    Cell,
    Column,
    Figure,
    Fraction,
    Interval,
    KeyFigure,
    KeyFigures,
    Note,
    Number,
    Pair,
    Paragraph,
    Piece,
    Report,
    Scale,
    Table,
)
from reports.drawing.texts import make_legible
from reports.graphics import Bars, Curve, Map
from reports.writers.notes import list_notes
from reports.writers.numbers import write_fraction, write_interval, write_number
from routes.report.shapes import (
    percent_of,
    shape_bars,
    shape_curve,
    shape_interval,
    shape_spark,
)
from routes.report.shown_blocks import (
    AsideShown,
    BarsShown,
    CellShown,
    Cite,
    ColumnShown,
    CurveShown,
    FigureShown,
    KeyShown,
    KeysShown,
    MapShown,
    PairShown,
    PointsShown,
    ReportShown,
    SectionShown,
    TableShown,
    TextShown,
    Words,
)

_LISTS, _DESK = "/api/cases?", "/desk?"


def desk_address(cases: str | None, lang: str) -> str | None:
    """The desk's address of a figure's cases, or for a list of the machine door. ``None`` for whatever is neither."""
    if cases is None or not cases.startswith((_LISTS, _DESK)):
        return None
    address = link_list(cases) if cases.startswith(_LISTS) else cases
    return f"{address}&{urlencode({'lang': lang})}"


def show_report(report: Report, lang: str, may_open_cases: bool) -> ReportShown:
    """A report for its reader.

    Args:
        report: as it is stored.
        lang: language of the page around it, and of what links are called.
        may_open_cases: whether the desk is open to the reader; the desk shows then what this reader may see.
    """
    report = _legible(report)
    made = _Showing(report, lang, may_open_cases)
    return ReportShown(
        title=report.title,
        issuer=report.issuer,
        area=report.area,
        area_name=report.area_name,
        period=report.period,
        days=report.days,
        markup="zh-CN" if report.lang == "zh" else report.lang,
        data_version=report.data_version,
        sections=tuple(
            SectionShown(f"section-{at}", section.title, tuple(made.block(block) for block in section.blocks))
            for at, section in enumerate(report.sections, 1)
        ),
        notes=tuple(map(made.figure, list_notes(report))),
        further=tuple(made.figure(figure) for figure in report.figures if figure.group),
        official=report.format == "official",
    )


def _write(told: object) -> str:
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def _values_of_bars(chart: Bars) -> dict[str, object]:
    names = ("label", "value", "before", "quiet")
    labels, values, before, quiet = ([getattr(point, name) for point in chart.points] for name in names)
    return {"labels": labels, "values": values, "before": before, "quiet": quiet}


def _values_of_curve(chart: Curve) -> dict[str, object]:
    steps = {name: [getattr(step, name) for step in chart.steps] for name in ("at", "share", "low", "high")}
    return {**steps, "end": chart.end, "marks": sorted(chart.marks)}


def _legible(value: Any) -> Any:
    """The same with each text as it may stand on a page: without halves of characters, and without marks that turn what follows."""
    if isinstance(value, str):
        return make_legible(value)
    if isinstance(value, tuple):
        return tuple(map(_legible, value))
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{one.name: _legible(getattr(value, one.name)) for one in fields(value)})
    return value


class _Showing:
    """Turns the blocks of one report into what is shown."""

    def __init__(self, report: Report, lang: str, may_open_cases: bool) -> None:
        self._report, self._lang, self._may_open = report, lang, may_open_cases
        self._figures = {figure.no: figure for figure in report.figures}
        self._maps = 0

    def block(self, block: Block) -> Any:
        """One block."""
        match block:
            case Paragraph(pieces):
                return TextShown("paragraph", self._words(pieces))
            case Note(text):
                return TextShown("note", (Words(text, False, None),))
            case Bullets(points):
                return PointsShown(tuple(self._words(point) for point in points))
            case Aside(title, unit, text):
                return AsideShown(title, unit, text)
            case KeyFigures(figures):
                return KeysShown(tuple(map(self._key, figures)))
            case Table():
                return self._table(block)
            case Map():
                return self._map(block)
            case Bars(title, unit, _, alt):
                return BarsShown(title, unit, alt, shape_bars(block), _write(_values_of_bars(block)))
            case Curve(title, unit, steps, _, _, alt):
                told = tuple(
                    (write_number(one.at), write_number(one.share, True), f"{write_number(one.low, True)}–{write_number(one.high, True)}")
                    for one in steps
                )
                return CurveShown(title, unit, alt, shape_curve(block), told, _write(_values_of_curve(block)))
            case Pair(left, right):
                return PairShown(self.block(left), self.block(right))

    # ---- Figures ----

    def _cite(self, no: int | None) -> Cite | None:
        if no is None or no not in self._figures:
            return None
        cases, label = self._cases(self._figures[no]), self._figures[no].label
        if cases is None:
            return Cite(no, f"#figure-{no}", t(self._lang, "{label}: how it was counted", label=label))
        return Cite(no, cases, t(self._lang, "{label}: the cases behind it", label=label))

    def _cases(self, figure: Figure) -> str | None:
        return desk_address(figure.cases, self._lang) if self._may_open else None

    def figure(self, figure: Figure) -> FigureShown:
        """How a figure was counted, in the report's own words."""
        share = figure.unit == "share"
        between = ""
        if figure.low is not None and figure.high is not None:
            between = f"{write_number(figure.low, share)}–{write_number(figure.high, share)}"
        return FigureShown(
            no=figure.no,
            label=figure.label,
            value=write_number(figure.value, share),
            fraction=write_fraction(figure),
            interval=between,
            definition=figure.definition,
            source=figure.source,
            why=figure.why,
            cases=self._cases(figure),
        )

    def _words(self, pieces: Sequence[Piece]) -> tuple[Words, ...]:
        return tuple(Words(piece.text, piece.bold, self._cite(piece.figure)) for piece in pieces if piece.text or piece.figure)

    def _key(self, key: KeyFigure) -> KeyShown:
        share = self._figures[key.figure].unit == "share" if key.figure in self._figures else False
        told = ", ".join(write_number(value, share) for value in key.spark)
        return KeyShown(key.label, key.value, key.unit, self._cite(key.figure), key.detail, key.changes, shape_spark(key.spark), told)

    # ---- Tables ----

    def _table(self, table: Table) -> TableShown:
        rows = tuple(tuple(self._cell(cell, column) for cell, column in zip(row, table.columns, strict=False)) for row in table.rows)
        drawn = {at for row in table.rows for at, cell in enumerate(row) if isinstance(cell, Bar | Interval)}
        columns = tuple(self._column(column, at in drawn) for at, column in enumerate(table.columns))
        return TableShown(table.title, table.unit, table.note, columns, rows)

    def _column(self, column: Column, drawn: bool) -> ColumnShown:
        scale = column.scale
        shape = shape_interval(Interval(scale.low, scale.low, scale.high), scale) if scale else None
        line, wide = shape.line if shape else None, drawn and column.stretch > 0
        return ColumnShown(column.title, column.align, scale, line, wide, whole=column.holds == "cases")

    def _cell(self, cell: Cell, column: Column) -> CellShown:
        match cell:
            case str():
                return CellShown("text", cell, address=self._case(cell) if column.holds == "cases" else "")
            case Number(text, _, bold, figure):
                return CellShown("number", text, bold, self._cite(figure))
            case Fraction(numerator, denominator, figure):
                return CellShown("number", fraction(numerator, denominator), cite=self._cite(figure))
            case Bar(share):
                return CellShown("bar", f"{share:.0%}", share=percent_of(share))
            case Interval():
                scale = column.scale or Scale(min(cell.low, 0), max(cell.high, 1), "", "")
                return CellShown("interval", self._tell(cell, scale), interval=shape_interval(cell, scale))

    def _case(self, number: str) -> str:
        """Where a case is opened; empty where there is none, or the reader may not open it."""
        return (desk_address(link_case(self._report.area, number), self._lang) or "") if self._may_open and number else ""

    def _tell(self, cell: Interval, scale: Scale) -> str:
        told, line = write_interval(cell, scale), scale.line_text
        if not cell.mark:
            return told
        mark = t(self._lang, "above: {line}", line=line) if cell.mark == "above" else t(self._lang, "below: {line}", line=line)
        return f"{told}, {mark}"

    # ---- Maps ----

    def _map(self, block: Map) -> MapShown:
        self._maps += 1
        return MapShown(
            title=block.title,
            subtitle=block.subtitle,
            picture=f"data:image/svg+xml;charset=utf-8,{quote(block.svg, safe=_PLAIN)}",
            width=block.width,
            height=block.height,
            classes=block.classes,
            notes=block.notes,
            alt=block.alt,
            address=self._live_address(block),
            live=self._live(block),
            number=self._maps,
        )

    def _live_address(self, block: Map) -> str:
        """The map's page with what the picture shows."""
        report = self._report
        days = Period.parse(report.first, report.last)
        view = View(area=report.area, period=days, lang=self._lang)
        deep = view.but(
            measure=block.measure or view.measure,
            units=block.level if block.level in _COLOURED else None,
            dim="3d" if block.view == "buildings" else view.dim,
        )
        return f"/{deep.search()}"

    def _live(self, block: Map) -> str:
        """What the page's script colours the product's own map with; empty where it cannot."""
        if not self._may_open or not block.areas or block.level not in _COLOURED:
            return ""
        told = {
            "area": self._report.area,
            "level": block.level,
            "tokens": [one.token for one in block.classes if not one.hatched],
            "areas": {one.code: [one.place, one.text] for one in block.areas},
            "span": self._report.days,
        }
        return _write(told) if all(told["tokens"]) else ""


_COLOURED = ("district", "street", "community", "grid")
"""Levels that the map's page colours."""
_PLAIN = " =:/,;()!*'@$&?-_.~+[]{}|"
"""What may stand as it is in an address of data: not ``#``, ``%``, quotes and pointed brackets."""
