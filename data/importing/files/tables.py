"""Tables: CSV, TSV and XLSX, with or without a header line."""

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import ParseError

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from data.importing.common.sentences import FileProblem
from data.importing.common.sheet import Sheet, make_sheet, make_unique_names
from data.importing.files.delivered import DeliveredFile
from data.importing.files.encodings import read_bytes
from data.importing.profile.source import Source

_DELIMITERS = ",\t;|"
_MOST_ROWS, _MOST_COLUMNS = 1_048_576, 2_000
"""Limits of a workbook's sheet: a file may give a row any number, and blank rows up to it would be read."""
_LONGEST_CELL = 64 * 1024 * 1024


@dataclass(frozen=True)
class Header:
    """The header of a delimited file.

    Attributes:
        names: of its columns.
        delimiter: between values.
        lines: how many lines come before the first row of values.
    """

    names: list[str]
    delimiter: str
    lines: int


def read_header(text: str, source: Source, tabs: bool = False) -> Header:
    """Names and delimiter of a delimited file, from its beginning."""
    delimiter = source.delimiter or ("\t" if tabs else _delimiter(text, source.skip_lines))
    if isinstance(source.header, list):
        return Header(make_unique_names(source.header), delimiter, source.skip_lines)
    reader = _reader(text, delimiter)
    first = next((row for line, row in _numbered(reader) if line > source.skip_lines), [])
    if source.header:
        return Header(make_unique_names(first), delimiter, reader.line_num)
    return Header([str(i) for i in range(1, len(first) + 1)], delimiter, source.skip_lines)


def parse_rows(text: str, file: str, header: Header, line: int, whole: bool) -> Sheet:
    """Rows of a delimited text, value by value.

    Args:
        text: a part of the file that begins with a row.
        file: as told to people.
        header: of the file.
        line: line of the file that the text begins with.
        whole: whether the header's lines are still before the rows.

    Raises:
        FileProblem: a line with another number of values than the header.
    """
    skipped = header.lines if whole else 0
    rows = ((line + n - 1, row) for n, row in _numbered(_reader(text, header.delimiter)) if n > skipped)
    return _even(file, header.names, list(rows))


def _reader(text: str, delimiter: str) -> Any:
    csv.field_size_limit(_LONGEST_CELL)
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, quoting=csv.QUOTE_MINIMAL)


def read_xlsx(file: DeliveredFile, source: Source) -> Sheet:
    """The named or first sheet of a workbook; dates and numbers keep their types.

    Raises:
        FileProblem: not a workbook, no such sheet, or no rows.
    """
    try:
        return _sheet(file.told, source, _workbook(read_bytes(file), file.told, source))
    except (InvalidFileException, zipfile.BadZipFile, ParseError, KeyError, OSError, ValueError) as error:
        raise FileProblem("unreadable_file", file=file.told, detail=str(error)) from error


def _workbook(raw: bytes, file: str, source: Source) -> Iterator[tuple[int, list[object]]]:
    """Rows of the sheet that are not blank, with their number."""
    book = openpyxl.load_workbook(io.BytesIO(raw), read_only=True, data_only=True)
    wanted = source.sheet or source.layer or book.sheetnames[0]
    if wanted not in book.sheetnames:
        raise FileProblem("missing_layer", file=file, layer=wanted, layers=", ".join(book.sheetnames))
    sheet = book[wanted]
    if (sheet.max_column or 0) > _MOST_COLUMNS:
        sheet.reset_dimensions()  # the size that the file states may be wrong
    for n, row in enumerate(sheet.iter_rows(values_only=True), start=1):
        if n > _MOST_ROWS or len(row) > _MOST_COLUMNS:
            raise FileProblem("endless_sheet", file=file, rows=_MOST_ROWS, columns=_MOST_COLUMNS)
        if any(v not in (None, "") for v in row):
            yield n, list(row)


def _delimiter(text: str, skip: int) -> str:
    """The delimiter that occurs most in the first line."""
    first = next(iter(text.splitlines()[skip:]), "")
    return max(_DELIMITERS, key=first.count) if any(d in first for d in _DELIMITERS) else ","


def _numbered(reader: Any) -> Iterator[tuple[int, list[Any]]]:
    """Rows with the line they begin on: a quoted value may hold line breaks."""
    begins = 1
    for row in reader:
        if row:
            yield begins, row
        begins = reader.line_num + 1


def _sheet(file: str, source: Source, rows: Iterator[tuple[int, list[object]]]) -> Sheet:
    taken = [(line, row) for line, row in rows if line > source.skip_lines]
    names, body = _names(taken, source.header)
    if not body:
        raise FileProblem("empty_file", file=file)
    return _even(file, names, body)


def _even(file: str, names: Sequence[str], body: list[tuple[int, list[object]]]) -> Sheet:
    """Rows of one width as a sheet.

    Raises:
        FileProblem: a row with values beyond the last column, or with less than half of them.
    """
    width = len(names)
    for line, row in body:
        if (len(row) > width and any(v not in (None, "") for v in row[width:])) or (len(row) < width and len(row) < width // 2):
            raise FileProblem("ragged_line", file=file, line=line, found=len(row), expected=width)
    even = [row[:width] + [None] * (width - len(row)) for _, row in body]
    return make_sheet(file, names, even, [line for line, _ in body])


def _names(rows: list[tuple[int, list[object]]], header: bool | list[str]) -> tuple[Sequence[Any], list[tuple[int, list[object]]]]:
    """Column names and the rows below them; without a header line, columns are called by number from 1."""
    if isinstance(header, list):
        return header, rows
    if not rows:
        return [], []
    if header:
        return rows[0][1], rows[1:]
    return [str(i) for i in range(1, len(rows[0][1]) + 1)], rows
