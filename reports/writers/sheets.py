"""What a workbook of a report holds: sheets of plain rows, from its figures, tables, charts and notes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isfinite

from data.core.i18n import t
from reports.cases import full_address
from reports.content import Aside, Bar, Cell, Column, Figure, Fraction, Interval, Note, Number, Pair, Report, Single, Table
from reports.graphics import Bars, Curve, Map
from reports.writers.numbers import find_form, is_share


@dataclass(frozen=True, slots=True)
class Value:
    """A number and the form in which it is shown."""

    value: float
    form: str = "General"


Field = str | Value | None
_PERCENT, _COUNT, _TENTH = "0.0%", "#,##0", "#,##0.0"
_UNIT_WORDS = {
    "cases": "unit: cases",
    "hours": "unit: hours",
    "days": "unit: days",
    "people": "unit: people",
    "households": "unit: households",
    "buildings": "unit: buildings",
    "areas": "unit: areas",
    "count": "unit: pieces",
    "share": "unit: share",
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet: title, heads, rows, and a note below them."""

    title: str
    heads: tuple[str, ...]
    rows: Sequence[Sequence[Field]]
    unit: str = ""
    note: str = ""


def list_sheets(report: Report) -> list[Sheet]:
    """All sheets behind the first, in the order of the report; a table without a title has that of its section."""
    made, notes = [_list_figures(report)], list[tuple[Field, ...]]()
    for section in report.sections:
        for block in _singles(section.blocks):
            if isinstance(block, Table) and block.columns:
                made.append(_list_table(block, section.title, report.lang))
            elif isinstance(block, Bars):
                made.append(_list_bars(block, section.title, report.lang))
            elif isinstance(block, Curve):
                made.append(_list_curve(block, section.title, report.lang))
            notes += [(section.title, title, text) for title, text in _notes(block)]
    if notes:
        made.append(
            Sheet(t(report.lang, "Notes to the report"), (t(report.lang, "Section"), t(report.lang, "On"), t(report.lang, "Note")), notes)
        )
    return made


def _singles(blocks: Sequence[Single | Pair]) -> Iterator[Single]:
    for block in blocks:
        if isinstance(block, Pair):
            yield from (block.left, block.right)
        else:
            yield block


def _notes(block: Single) -> Iterator[tuple[str, str]]:
    if isinstance(block, Note):
        yield "", block.text
    elif isinstance(block, Aside):
        yield f"{block.title} {block.unit}".strip(), block.text
    elif isinstance(block, Map):
        yield from ((block.title, note) for note in block.notes)


# ---- Figures ----


def _list_figures(report: Report) -> Sheet:
    lang = report.lang
    heads = (
        t(lang, "No."),
        t(lang, "Figure of the report"),
        t(lang, "Value"),
        t(lang, "Unit"),
        t(lang, "Numerator"),
        t(lang, "Denominator"),
        t(lang, "Interval from"),
        t(lang, "Interval to"),
        t(lang, "How it was counted"),
        t(lang, "Source"),
        t(lang, "List of the cases"),
        t(lang, "Why there is no value"),
    )
    return Sheet(t(lang, "Figures of the report"), heads, [_list_figure(one, lang) for one in report.figures])


def _list_figure(one: Figure, lang: str) -> tuple[Field, ...]:
    form = _PERCENT if one.unit == "share" else None
    return (
        Value(one.no, "0"),
        one.label,
        _value(one.value, form),
        t(lang, _UNIT_WORDS[one.unit]),
        _value(one.numerator),
        _value(one.denominator),
        _value(one.low, form),
        _value(one.high, form),
        one.definition,
        one.source,
        full_address(one.cases) or one.cases or "",
        one.why,
    )


def _value(value: float | None, form: str | None = None) -> Field:
    """A number in a form; without one with separators, and a digit behind the point where it is not whole."""
    if value is None or not isfinite(value):
        return None
    return Value(value, form or (_COUNT if value == int(value) else _TENTH))


# ---- Tables and charts ----


def _list_table(table: Table, section: str, lang: str) -> Sheet:
    """A table: intervals have three columns, and columns that only draw a bar are left out."""
    told = [at for at in range(len(table.columns)) if not table.rows or not all(_draws(row[at]) for row in table.rows)]
    spread = {at for at in told if any(isinstance(row[at], Interval) for row in table.rows)}
    parted = {at for at in told if any(isinstance(row[at], Fraction) for row in table.rows)}
    heads = [head for at in told for head in _heads(table.columns[at], at in spread, at in parted, lang)]
    rows = [[field for at in told for field in _fields(row[at], table.columns[at], at in spread, at in parted)] for row in table.rows]
    return Sheet(table.title or section, tuple(heads), rows, table.unit, table.note)


def _draws(cell: Cell) -> bool:
    return isinstance(cell, Bar) or cell == ""


def _heads(column: Column, spread: bool, parted: bool, lang: str) -> list[str]:
    between = f"{column.title} " if column.title else ""
    if parted:
        return [between + t(lang, "Numerator"), between + t(lang, "Denominator")]
    if not spread:
        return [column.title]
    return [column.title or t(lang, "Value"), between + t(lang, "Interval from"), between + t(lang, "Interval to")]


def _fields(cell: Cell, column: Column, spread: bool, parted: bool) -> list[Field]:
    """The fields of a cell: three in a column of intervals, two in one of fractions. What is neither there stands in the first."""
    if isinstance(cell, Fraction):
        return [_value(cell.numerator), _value(cell.denominator)]
    if isinstance(cell, Interval):
        form = _PERCENT if is_share(column.scale) else None
        return [_value(number, form) for number in (cell.value, cell.low, cell.high)]
    field: Field = None if isinstance(cell, Bar) else cell if isinstance(cell, str) else _number(cell)
    return [field, None, None] if spread else [field, None] if parted else [field]


def _number(cell: Number) -> Field:
    form = find_form(cell)
    return cell.text if form is None or cell.value is None else Value(cell.value, form)


def _list_bars(chart: Bars, section: str, lang: str) -> Sheet:
    heads = (t(lang, "When"), t(lang, "Value"), t(lang, "Compared with"))
    return Sheet(chart.title or section, heads, [(one.label, _value(one.value), _value(one.before)) for one in chart.points], chart.unit)


def _list_curve(chart: Curve, section: str, lang: str) -> Sheet:
    heads = (t(lang, "From this moment"), t(lang, "Share of the whole"), t(lang, "Interval from"), t(lang, "Interval to"))
    rows = [(_value(one.at), *(_value(share, _PERCENT) for share in (one.share, one.low, one.high))) for one in chart.steps]
    return Sheet(chart.title or section, heads, rows, chart.unit)
