"""Tables for other programs: CSV and XLSX files in which no text is taken for a formula.

Spreadsheet programs treat a text that begins with ``=``, ``+``, ``-``, ``@`` or a control character as a formula. A formula may fetch an
address or start a program on the computer of the person who opens the file. A CSV file cannot say that a cell is a text, so such a text
gets an apostrophe in front, as OWASP advises. A workbook can say it, so its texts stay as they are.
"""

import csv
import datetime as dt
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

import openpyxl
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

CSV, XLSX = "text/csv; charset=utf-8", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
"""Media types."""

_SIGNS = frozenset("=+-@|%")
_SKIPPED = "CZ"
"""Categories of Unicode: control characters and other invisible marks, and blanks. Programs remove them before they look for a sign."""
_ENDS = re.compile("([;\t\r\n])")
"""Where programs of other countries, which expect no commas, end a cell."""
_LONGEST_CELL = 32_767
"""Characters that a cell of a workbook may hold."""
_LONGEST_TITLE = 31
_NOT_IN_TITLES = re.compile(r"[\[\]:*?/\\\x00-\x1f]")

Cell = str | int | float | bool | dt.date | dt.datetime | None


def harmless(value: Cell) -> Cell:
    """A value for a CSV cell that no program treats as a formula, nor a part of it; numbers stay numbers, also negative ones."""
    if not isinstance(value, str):
        return value
    made = "".join(f"'{part}" if _begins_formula(part) else part for part in _ENDS.split(value))
    return f"'{made}" if value[:1] in ("\t", "\r", "\n") else made


def _begins_formula(text: str) -> bool:
    """Whether the first thing that is seen of a text is a sign of formulas, in whichever width: East Asian programs read them alike."""
    for letter in text:
        if unicodedata.category(letter)[0] not in _SKIPPED:
            return letter == "\N{MINUS SIGN}" or unicodedata.normalize("NFKC", letter)[0] in _SIGNS
    return False


def as_csv(names: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """A CSV file in UTF-8. It begins with a byte order mark, so that Excel recognises the encoding.

    Args:
        names: of the columns, above the rows.
        rows: values; moments should have a time zone, and are written in ISO 8601.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([harmless(name) for name in names])
    writer.writerows([harmless(plain(value)) for value in row] for row in rows)
    return text.getvalue().encode("utf-8-sig", "replace")


def as_xlsx(title: str, names: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """A workbook of one sheet; every text is marked as text, so that none is a formula.

    Args:
        title: of the sheet; cut to the longest name that a sheet may have.
        names: of the columns, above the rows.
        rows: values, see ``as_csv``.
    """
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(make_title(title))
    sheet.append([make_text_cell(sheet, name) for name in names])
    for row in rows:
        sheet.append([make_text_cell(sheet, value) if isinstance(value, str) else value for value in map(plain, row)])
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def plain(value: Cell) -> Cell:
    """Moments as texts: a file of text needs one form for them, and a workbook cannot store time zones."""
    return value.isoformat(sep=" ") if isinstance(value, dt.datetime) else value


def make_title(text: str) -> str:
    """A name that a sheet may have."""
    return _NOT_IN_TITLES.sub(" ", text).strip(" '")[:_LONGEST_TITLE] or "1"


def make_text_cell(sheet: Any, text: str) -> Any:
    """A cell of a write-only sheet that holds a text and nothing else, whatever it begins with."""
    cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("\ufffd", text)[:_LONGEST_CELL])
    cell.data_type = "s"  # otherwise openpyxl treats "=…" as a formula and "#N/A" as an error
    return cell
