"""Reports as workbooks (XLSX): every figure with what defends it, and every table with numbers that are numbers."""

import io
from collections.abc import Iterable, Sequence
from typing import Any
from zipfile import ZipFile

import openpyxl
from openpyxl.cell import WriteOnlyCell
from openpyxl.packaging.core import DocumentProperties
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.writer.excel import ExcelWriter

from data.core.i18n import t
from data.core.spreadsheets import make_text_cell, make_title
from reports.content import Report
from reports.drawing.text_width import measure
from reports.drawing.texts import make_legible
from reports.periods import write_moment
from reports.writers.packages import find_moment, fix_dates
from reports.writers.sheets import Field, Sheet, Value, list_sheets

_HEAD_FONT, _HEAD_FILL, _TITLE_FONT = Font(bold=True), PatternFill("solid", fgColor="E6ECF2"), Font(bold=True, size=16)
_WRAPPED, _TOP = Alignment(wrap_text=True, vertical="top"), Alignment(vertical="top")
_A4, _LONGEST_TITLE = 9, 31
_NARROWEST, _WIDEST = 8, 60
"""Widths of columns, in characters."""
_MEASURED = 500
"""Rows whose texts decide how wide the columns are."""
_LANGUAGES = {"zh": "zh-CN", "en": "en-GB"}


def write_xlsx(report: Report) -> bytes:
    """A report as a workbook: what it is, its figures, then a sheet for each table and chart. The same report gives the same bytes."""
    book = openpyxl.Workbook(write_only=True)
    sheets = list_sheets(report)
    names = name_sheets([t(report.lang, "About the report"), *(sheet.title for sheet in sheets)])
    _write_first(book, report, names, sheets)
    for name, sheet in zip(names[1:], sheets, strict=True):
        _write_sheet(book, name, sheet, report)
    book.properties = _properties(report)
    made = io.BytesIO()
    with ZipFile(made, "w") as archive:  # not book.save, which notes the moment of writing
        ExcelWriter(book, archive).write_data()
    return fix_dates(made.getvalue())


def name_sheets(titles: Iterable[str]) -> list[str]:
    """Names that sheets may have, each once: programs take names that differ in capitals alone for the same."""
    names: list[str] = []
    taken: set[str] = {"history"}
    for title in titles:
        name = first = make_title(make_legible(title).replace("\n", " "))
        number = 1
        while name.casefold() in taken:
            number += 1
            tail = f" ({number})"
            name = first[: _LONGEST_TITLE - len(tail)] + tail
        taken.add(name.casefold())
        names.append(name)
    return names


def _properties(report: Report) -> DocumentProperties:
    moment = find_moment(report.last).replace(tzinfo=None)
    title, issuer = make_legible(report.title), make_legible(report.issuer)
    return DocumentProperties(
        title=title, creator=issuer, lastModifiedBy=issuer, created=moment, modified=moment, language=_LANGUAGES[report.lang]
    )


# ---- The first sheet ----


def _write_first(book: Any, report: Report, names: Sequence[str], sheets: Sequence[Sheet]) -> None:
    sheet, lang = _begin(book, names[0], report, "portrait"), report.lang
    for letter, width in zip("ABC", (28, 60, 24), strict=True):
        sheet.column_dimensions[letter].width = width
    title = make_text_cell(sheet, make_legible(report.title))
    title.font = _TITLE_FONT
    sheet.append([title])
    for name, value in _facts(report):
        sheet.append([_head(sheet, name), _cell(sheet, value)])
    sheet.append([])
    sheet.append([_head(sheet, text) for text in (t(lang, "Sheet"), t(lang, "What it holds"), t(lang, "Unit"))])
    for name, one in zip(names[1:], sheets, strict=True):
        sheet.append([_text(sheet, text) for text in (name, one.title, one.unit)])


def _facts(report: Report) -> list[tuple[str, Field]]:
    lang = report.lang
    return [
        (t(lang, "Issued by"), report.issuer),
        (t(lang, "Area of the report"), report.area_name),
        (t(lang, "Code of the area"), report.area),
        (t(lang, "Period"), report.period),
        (t(lang, "Days of the report"), report.days),
        (t(lang, "First day"), report.first),
        (t(lang, "Last day"), report.last),
        (t(lang, "As of"), write_moment(report.as_of, lang)),
        (t(lang, "Version of the data"), Value(report.data_version, "0")),  # as it is: otherwise programs write long ones as powers of ten
    ]


# ---- Sheets of tables ----


def _write_sheet(book: Any, name: str, one: Sheet, report: Report) -> None:
    """A head that stays in sight and is printed on every page, a filter, and rows of numbers and texts."""
    sheet = _begin(book, name, report, "landscape")
    for number, width in enumerate(_widths(one), 1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    if one.heads:
        sheet.freeze_panes, sheet.print_title_rows = "A2", "1:1"
        sheet.auto_filter.ref = f"A1:{get_column_letter(len(one.heads))}{len(one.rows) + 1}"
        sheet.append([_head(sheet, head) for head in one.heads])
    for row in one.rows:
        sheet.append([_cell(sheet, value) for value in row])
    if one.note:
        sheet.append([])
        sheet.append([_text(sheet, one.note, wrapped=False)])


def _begin(book: Any, name: str, report: Report, orientation: str) -> Any:
    sheet = book.create_sheet(name)
    sheet.page_setup.orientation, sheet.page_setup.paperSize = orientation, _A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.oddFooter.left.text = _printed(f"{report.title} · {report.period}")
    sheet.oddFooter.right.text = t(report.lang, "Page {page} of {pages}", page="&P", pages="&N")
    return sheet


def _printed(text: str) -> str:
    """A text of a footer: in it ``&`` begins a command, and there is room for 255 characters altogether."""
    return " ".join(make_legible(text).split())[:80].replace("&", "&&")


def _widths(one: Sheet) -> list[float]:
    """Wide enough for heads and values as they are shown; long texts are wrapped."""
    widths = []
    for at, head in enumerate(one.heads):
        shown = [head, *(_shown(row[at]) for row in one.rows[:_MEASURED])]
        widest = max(measure(line, 1) for text in shown for line in text.split("\n"))
        widths.append(min(max(round(widest * 1.9 + 3, 1), _NARROWEST), _WIDEST))
    return widths


def _shown(value: Field) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else f"{value.value:,.2f}"


def _cell(sheet: Any, value: Field) -> Any:
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return _text(sheet, value)
    cell = WriteOnlyCell(sheet, value.value)
    cell.number_format, cell.alignment = value.form, _TOP
    return cell


def _head(sheet: Any, text: str) -> Any:
    cell = _text(sheet, text)
    cell.font, cell.fill = _HEAD_FONT, _HEAD_FILL
    return cell


def _text(sheet: Any, text: str, wrapped: bool = True) -> Any:
    cell = make_text_cell(sheet, make_legible(text)) if text else WriteOnlyCell(sheet)
    if wrapped:
        cell.alignment = _WRAPPED
    return cell
