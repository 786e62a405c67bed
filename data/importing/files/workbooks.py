"""Workbooks: the sheet that is meant, and nothing of it lost without a word."""

import io
import zipfile
from bisect import bisect_right
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import ParseError

import openpyxl
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from data.importing.common.clean_text import clean_text
from data.importing.common.sentences import FileProblem, Sentence
from data.importing.common.sheet import Sheet
from data.importing.files.delivered import DeliveredFile
from data.importing.files.encodings import read_bytes
from data.importing.files.openpyxl_internals import Merged, SheetRows
from data.importing.files.tables import make_even_sheet, split_names
from data.importing.profile.source import Source

ALL_SHEETS = "*"
_MOST_ROWS, _MOST_COLUMNS = 1_048_576, 2_000
"""Limits of a workbook's sheet: a file may give a row any number, and blank rows up to it would be read."""
_FULL = (65_536, 1_048_576)
"""Rows with which a sheet of the old and of the new format is full."""
_LOOKED_AT = 50
"""Rows in which the heading of another sheet is looked for."""

Row = tuple[int, list[object]]


def read_xlsx(file: DeliveredFile, source: Source) -> Iterator[Sheet]:
    """The named or only sheet of a workbook, or all sheets with the same columns; dates and numbers keep their types.

    Raises:
        FileProblem: not a workbook, no such sheet, several sheets of the same columns and none named, or no rows.
    """
    try:
        book = openpyxl.load_workbook(io.BytesIO(read_bytes(file)), read_only=True, data_only=True)
        yield from _read_book(book, file.told, source)
    except (InvalidFileException, zipfile.BadZipFile, ParseError, KeyError, OSError, ValueError) as error:
        raise FileProblem("unreadable_file", file=file.told, detail=str(error)) from error


def _read_book(book: Any, file: str, source: Source) -> Iterator[Sheet]:
    names = [sheet.title for sheet in book.worksheets]
    if not names:
        raise FileProblem("empty_file", file=file)
    wanted = source.sheet or source.layer
    if wanted not in (None, ALL_SHEETS):
        yield _read_sheet(book, _find_name(names, str(wanted), file), file, source)
        return
    alike, others = _compare_sheets(book, names, source)
    if len(alike) > 1 and wanted is None:
        raise FileProblem("which_sheet", file=file, sheets=", ".join(alike))
    for name in alike:
        sheet = _read_sheet(book, name, file if wanted is None else f"{file}/{name}", source)
        if others and name == alike[0]:
            told = {"file": file, "sheet": ", ".join(alike), "sheets": ", ".join(others)}
            sheet.remarks.append(Sentence("other_sheets", told))
        yield sheet


def _find_name(names: list[str], wanted: str, file: str) -> str:
    """The sheet that is called so; blanks around and invisible characters aside."""
    for name in names:
        if name == wanted or clean_text(name).strip() == clean_text(wanted).strip():
            return name
    raise FileProblem("missing_layer", file=file, layer=wanted, layers=", ".join(names))


def _compare_sheets(book: Any, names: list[str], source: Source) -> tuple[list[str], list[str]]:
    """The first sheet that holds anything with those that have its columns, and the others that hold something."""
    headings = {name: _read_headings(book[name], source) for name in names}
    filled = [name for name in names if headings[name]]
    if not filled:
        return names[:1], []
    first = headings[filled[0]]
    alike = [name for name in filled if first <= headings[name] or (headings[name] <= first and len(headings[name]) > len(first) / 2)]
    return alike, [name for name in filled if name not in alike]


def _read_headings(sheet: Any, source: Source) -> frozenset[str]:
    """The names of a sheet's columns; without a header line their numbers."""
    for n, row in enumerate(sheet.iter_rows(values_only=True, max_row=source.skip_lines + _LOOKED_AT), start=1):
        if n > source.skip_lines and any(v not in (None, "") for v in row):
            if source.header is True:
                return frozenset(clean_text(str(v)).strip().casefold() for v in row if v not in (None, ""))
            return frozenset(str(i) for i, v in enumerate(row) if v not in (None, ""))
    return frozenset()


def _read_sheet(book: Any, name: str, file: str, source: Source) -> Sheet:
    found = SheetRows(book, book[name])
    rows = [row for row in _list_rows(found, file) if row[0] > source.skip_lines]
    filled = _fill_merged(rows, found.merged, source)
    names, body = split_names(rows, source.header)
    if not body:
        raise FileProblem("empty_file", file=file)
    # A row ends with its last filled cell: a short one lacks values, not cells.
    sheet = make_even_sheet(file, names, [(number, row + [None] * (len(names) - len(row))) for number, row in body])
    columns = list(sheet.columns)
    first = body[0][0]
    for row, column in reversed(found.hollow):
        if row >= first and column <= len(columns):
            sheet.hollow[columns[column - 1]] = _cell(row, column)
    for (row, column), count in filled.items():
        if column <= len(columns):
            sheet.merged.setdefault(columns[column - 1], _cell(row, column))
            told = {"file": file, "cell": _cell(row, column), "count": count, "column": columns[column - 1]}
            sheet.remarks.append(Sentence("merged_cells", told))
    if body[-1][0] in _FULL:
        sheet.remarks.append(Sentence("full_sheet", {"file": file, "rows": body[-1][0]}))
    return sheet


def _list_rows(found: SheetRows, file: str) -> Iterator[Row]:
    """Rows that are not blank, each as wide as it is filled."""
    for number, cells in found:
        last = max((column for column, _ in cells), default=0)
        if number > _MOST_ROWS or last > _MOST_COLUMNS:
            raise FileProblem("endless_sheet", file=file, rows=_MOST_ROWS, columns=_MOST_COLUMNS)
        if any(value not in (None, "") for _, value in cells):
            row: list[object] = [None] * last
            for column, value in cells:
                row[column - 1] = value
            yield number, row


def _fill_merged(rows: list[Row], merged: list[Merged], source: Source) -> dict[tuple[int, int], int]:
    """Give every row of merged cells their value, as it is shown; heading and rows of values are apart.

    Returns:
        For each column the first merged cells, and how many rows got a value in it.
    """
    if not rows or not merged:
        return {}
    header = rows[0][0] if source.header is True else 0
    by_number, numbers = dict(rows), [number for number, _ in rows]
    firsts: dict[int, tuple[int, int]] = {}
    counts: dict[tuple[int, int], int] = {}
    for one in sorted(merged, key=lambda m: m.first_row):
        origin = by_number.get(one.first_row)
        value = origin[one.column - 1] if origin is not None and len(origin) >= one.column else None
        if value in (None, "") or one.first_row <= header:
            continue
        for number in numbers[bisect_right(numbers, one.first_row) : bisect_right(numbers, one.last_row)]:
            row = by_number[number]
            row.extend([None] * (one.column - len(row)))
            row[one.column - 1] = value
            first = firsts.setdefault(one.column, (one.first_row, one.column))
            counts[first] = counts.get(first, 0) + 1
    return counts


def _cell(row: int, column: int) -> str:
    return f"{get_column_letter(column)}{row}"
