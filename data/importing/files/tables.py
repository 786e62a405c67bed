"""Tables of texts and of rows, with or without a header line."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from data.importing.common.sentences import FileProblem
from data.importing.common.sheet import Sheet, make_sheet, make_unique_names
from data.importing.profile.source import Source

_DELIMITERS = ",\t;|"
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
    body = list(rows)
    _refuse_cut(text, file, header, line, body)
    return make_even_sheet(file, header.names, body)


def _refuse_cut(text: str, file: str, header: Header, line: int, body: list[tuple[int, list[Any]]]) -> None:
    """Refuse a text that ends inside of a row.

    Raises:
        FileProblem: a quote is never closed, or the last row alone has too few values and no line break.
    """
    if text.count('"') % 2:
        begun = line
        try:
            strict = csv.reader(io.StringIO(text, newline=""), delimiter=header.delimiter, strict=True)
            for _ in strict:
                begun = line + strict.line_num
        except csv.Error as error:
            if "unexpected end of data" in str(error):
                raise FileProblem("open_quote", file=file, line=begun) from None
    width = len(header.names)
    open_end = len(body) > 1 and not text.endswith(("\n", "\r"))
    if open_end and len(body[-1][1]) < width and all(len(row) >= width for _, row in body[:-1]):
        raise FileProblem("cut_row", file=file, line=body[-1][0])


def _reader(text: str, delimiter: str) -> Any:
    csv.field_size_limit(_LONGEST_CELL)
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, quoting=csv.QUOTE_MINIMAL)


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


def make_even_sheet(file: str, names: Sequence[str], body: list[tuple[int, list[object]]]) -> Sheet:
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


def split_names(rows: list[tuple[int, list[object]]], header: bool | list[str]) -> tuple[Sequence[Any], list[tuple[int, list[object]]]]:
    """Column names and the rows below them; without a header line, columns are called by number from 1."""
    if isinstance(header, list):
        return header, rows
    if not rows:
        return [], []
    if header:
        return rows[0][1], rows[1:]
    return [str(i) for i in range(1, len(rows[0][1]) + 1)], rows
