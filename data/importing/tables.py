"""Tables: CSV, TSV and XLSX, with or without a header line."""

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from data.importing.bytes_ import decode, read_bytes
from data.importing.say import FileProblem
from data.importing.sheet import Sheet, from_rows
from data.importing.source import Source

_DELIMITERS = ",\t;|"
_LONGEST_CELL = 64 * 1024 * 1024


def read_csv(path: Path, file: str, source: Source, tabs: bool = False) -> Sheet:
    """A delimited text file; values stay text.

    Raises:
        FileProblem: empty, wrong encoding, or a line with another number of values than the header.
    """
    text = decode(read_bytes(path, file), file, source.encoding)
    return parse_csv(text, file, source, tabs)


def parse_csv(text: str, file: str, source: Source, tabs: bool = False) -> Sheet:
    """Text of a delimited file as a sheet (see ``read_csv``)."""
    csv.field_size_limit(_LONGEST_CELL)
    delimiter = source.delimiter or ("\t" if tabs else _delimiter(text, source.skip_lines))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, quoting=csv.QUOTE_MINIMAL)
    return _sheet(file, source, _numbered(reader))


def read_xlsx(path: Path, file: str, source: Source) -> Sheet:
    """The named or first sheet of a workbook; dates and numbers keep their types.

    Raises:
        FileProblem: not a workbook, no such sheet, or no rows.
    """
    try:
        return _sheet(file, source, _workbook(read_bytes(path, file), file, source))
    except (InvalidFileException, zipfile.BadZipFile, ParseError, KeyError, OSError, ValueError) as error:
        raise FileProblem("unreadable_file", file=file, detail=str(error)) from error


def _workbook(raw: bytes, file: str, source: Source) -> Iterator[tuple[int, list[Any]]]:
    """Rows of the sheet that are not blank, with their number."""
    book = openpyxl.load_workbook(io.BytesIO(raw), read_only=True, data_only=True)
    wanted = source.sheet or source.layer or book.sheetnames[0]
    if wanted not in book.sheetnames:
        raise FileProblem("missing_layer", file=file, layer=wanted, layers=", ".join(book.sheetnames))
    rows = ((n, list(row)) for n, row in enumerate(book[wanted].iter_rows(values_only=True), start=1))
    yield from ((n, row) for n, row in rows if any(v not in (None, "") for v in row))


def _delimiter(text: str, skip: int) -> str:
    """The delimiter that occurs most in the first line."""
    first = next(iter(text.splitlines()[skip:]), "")
    return max(_DELIMITERS, key=first.count) if any(d in first for d in _DELIMITERS) else ","


def _numbered(reader: Any) -> Iterator[tuple[int, list[str]]]:
    """Rows with the line they begin on: a quoted value may hold line breaks."""
    begins = 1
    for row in reader:
        if row:
            yield begins, row
        begins = reader.line_num + 1


def _sheet(file: str, source: Source, rows: Iterator[tuple[int, list[Any]]]) -> Sheet:
    taken = [(line, row) for line, row in rows if line > source.skip_lines]
    names, body = _names(taken, source.header)
    if not body:
        raise FileProblem("empty_file", file=file)
    width = len(names)
    for line, row in body:
        if (len(row) > width and any(v not in (None, "") for v in row[width:])) or (len(row) < width and len(row) < width // 2):
            raise FileProblem("ragged_line", file=file, line=line, found=len(row), expected=width)
    even = [row[:width] + [None] * (width - len(row)) for _, row in body]
    return from_rows(file, names, even, [line for line, _ in body])


def _names(rows: list[tuple[int, list[Any]]], header: bool | list[str]) -> tuple[Sequence[str], list[tuple[int, list[Any]]]]:
    """Column names and the rows below them; without a header line, columns are called by number from 1."""
    if isinstance(header, list):
        return header, rows
    if not rows:
        return [], []
    if header:
        return rows[0][1], rows[1:]
    return [str(i) for i in range(1, len(rows[0][1]) + 1)], rows
