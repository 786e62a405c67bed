"""Files of tables that are made while their rows arrive: workbooks (XLSX) and CSV. No text in them is ever taken for a formula.

A workbook holds real numbers and moments, a head that stays in sight, a print set-up, and a last sheet with what was asked. A CSV file
holds the tables alone, because programs read it: see ``data.core.spreadsheets`` for what keeps its texts harmless.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any, Literal, Protocol

import openpyxl
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from data.core.spreadsheets import CSV, XLSX, Cell, harmless, make_text_cell, make_title, plain

Form = Literal["xlsx", "csv"]
MEDIA_TYPES: dict[Form, str] = {"xlsx": XLSX, "csv": CSV}
_HEAD_FONT, _HEAD_FILL = Font(bold=True), PatternFill("solid", fgColor="E6ECF2")
_WRAPPED = Alignment(wrap_text=True, vertical="top")
_MOMENT, _A4 = "yyyy-mm-dd hh:mm", 9


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its head, its width in characters, and how a workbook shows its numbers (``0.0%``); empty: as they are."""

    title: str
    width: int = 14
    form: str = ""


Fact = tuple[str, Cell]
"""What is said about a table, and the answer: ``("Area", "Guihua")``."""


class TableWriter(Protocol):
    """A file that is being made: any number of tables, each begun before its rows are added."""

    def begin(self, title: str, columns: Sequence[Column]) -> None:
        """Begin a table."""

    def add(self, rows: Iterable[Sequence[Cell]]) -> None:
        """Add rows to the table that was begun last. Moments need a time zone."""

    def finish(self, about: str, facts: Sequence[Fact]) -> bytes:
        """The whole file; ``facts`` are what was asked, under the title ``about``."""


def make_writer(form: Form, clock: tzinfo) -> TableWriter:
    """The writer of a form; ``clock`` is the time zone in which moments are written."""
    return _Workbook(clock) if form == "xlsx" else _CsvFile(clock)


class _CsvFile:
    """Tables below each other, each under its heads; a title and an empty line between them only where there are several."""

    def __init__(self, clock: tzinfo) -> None:
        self.clock = clock
        self.text = io.StringIO(newline="")
        self.writer = csv.writer(self.text)
        self.begun = False

    def begin(self, title: str, columns: Sequence[Column]) -> None:
        if self.begun:
            self.writer.writerows([[], [harmless(title)]])
        self.begun = True
        self.writer.writerow([harmless(one.title) for one in columns])

    def add(self, rows: Iterable[Sequence[Cell]]) -> None:
        self.writer.writerows([harmless(plain(self._local(value))) for value in row] for row in rows)

    def finish(self, about: str, facts: Sequence[Fact]) -> bytes:
        return self.text.getvalue().encode("utf-8-sig", "replace")

    def _local(self, value: Cell) -> Cell:
        return value.astimezone(self.clock) if isinstance(value, datetime) else value


class _Workbook:
    """A sheet for each table; openpyxl keeps their rows in temporary files until they are joined."""

    def __init__(self, clock: tzinfo) -> None:
        self.clock = clock
        self.book = openpyxl.Workbook(write_only=True)
        self.sheet: Any = None
        self.columns: Sequence[Column] = ()
        self.rows = 0

    def begin(self, title: str, columns: Sequence[Column]) -> None:
        self._end()
        self.sheet, self.columns, self.rows = self._make_sheet(title), columns, 0
        for number, column in enumerate(columns, 1):
            self.sheet.column_dimensions[get_column_letter(number)].width = column.width
        self.sheet.freeze_panes = "A2"
        self.sheet.print_title_rows = "1:1"
        self.sheet.append([self._make_head(column.title) for column in columns])

    def add(self, rows: Iterable[Sequence[Cell]]) -> None:
        for row in rows:
            self.sheet.append([self._make_cell(value, column.form) for value, column in zip(row, self.columns, strict=True)])
            self.rows += 1

    def finish(self, about: str, facts: Sequence[Fact]) -> bytes:
        self._end()
        self.sheet = sheet = self._make_sheet(about)
        sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 32, 90
        for name, value in facts:
            told = self._make_cell(value, "")
            if isinstance(value, str):
                told.alignment = _WRAPPED
            sheet.append([self._make_head(name), told])
        made = io.BytesIO()
        self.book.save(made)
        return made.getvalue()

    def _end(self) -> None:
        if self.sheet is not None and self.columns:
            self.sheet.auto_filter.ref = f"A1:{get_column_letter(len(self.columns))}{self.rows + 1}"

    def _make_sheet(self, title: str) -> Any:
        sheet = self.book.create_sheet(make_title(title))
        sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", _A4
        sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
        sheet.sheet_properties.pageSetUpPr.fitToPage = True
        sheet.oddFooter.center.text = "&P / &N"
        return sheet

    def _make_head(self, text: str) -> Any:
        cell = make_text_cell(self.sheet, text)
        cell.font, cell.fill, cell.alignment = _HEAD_FONT, _HEAD_FILL, _WRAPPED
        return cell

    def _make_cell(self, value: Cell, form: str) -> Any:
        if isinstance(value, str):
            return make_text_cell(self.sheet, value)
        if isinstance(value, datetime):
            return self._with_form(value.astimezone(self.clock).replace(tzinfo=None), _MOMENT)
        return self._with_form(value, form) if form and value is not None else value

    def _with_form(self, value: Cell, form: str) -> Any:
        cell = WriteOnlyCell(self.sheet, value)
        cell.number_format = form
        return cell
