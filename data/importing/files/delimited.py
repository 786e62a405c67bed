"""Delimited text, read in blocks so that a large file is never wholly in memory: by Arrow where the block is regular, else by ``csv``."""

import zlib
from collections.abc import Iterator
from typing import IO

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv

from data.importing.common.sentences import FileProblem
from data.importing.common.sheet import Sheet
from data.importing.files.delivered import DeliveredFile
from data.importing.files.encodings import decode_text
from data.importing.files.tables import Header, parse_rows, read_header
from data.importing.files.unpack_limits import GzipReader
from data.importing.profile.source import Source

_BLOCK = 64 << 20
"""Bytes that are read at once: some hundred thousand rows."""
_LONGEST_ROW = 4 * _BLOCK
_WIDE = ("utf-16", "utf-32", "utf_16", "utf_32", "utf16", "utf32")
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff")
_NEWLINE, _QUOTE = 10, 34
_BESIDE_QUOTE = np.zeros(256, dtype=bool)
_BESIDE_QUOTE[[_NEWLINE, 13]] = True

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]


def read_csv(file: DeliveredFile, source: Source, tabs: bool = False) -> Iterator[Sheet]:
    """A delimited text file, which may be gzipped, in sheets of many rows each; values stay text.

    Raises:
        FileProblem: empty, wrong encoding, or a line with another number of values than the header.
    """
    try:
        with GzipReader(file) if file.suffix == ".gz" else file.open() as stream:
            yield from parse_csv(_blocks(stream, source, file.told), file.told, source, tabs)
    except (OSError, EOFError, zlib.error) as error:
        raise FileProblem("unreadable_file", file=file.told, detail=str(error)) from error


def parse_csv(blocks: Iterator[bytes], file: str, source: Source, tabs: bool = False) -> Iterator[Sheet]:
    """Blocks of a delimited file, each of which ends where a row ends (see ``read_csv``)."""
    header: Header | None = None
    line, rows, encoding = 1, 0, source.encoding
    for block in blocks:
        if line == 1 and not encoding:
            encoding = "utf-8" if not block.startswith(_WIDE_MARKS) else "utf-16"
        text = decode_text(block, file, encoding, line=line)
        first = header is None
        header = header or read_header(text, source, tabs)
        body = text.encode()
        start = _after_lines(body, header.lines) if first else 0
        sheet = _read_with_arrow(body[start:], file, header, line + (header.lines if first else 0))
        if sheet is None:
            sheet = parse_rows(text, file, header, line, whole=first)
        line += body.count(b"\n")
        if len(sheet):
            rows += len(sheet)
            yield sheet
    if not rows:
        raise FileProblem("empty_file", file=file)


def _blocks(stream: IO[bytes] | GzipReader, source: Source, file: str) -> Iterator[bytes]:
    """The bytes of a file in blocks that end with a line, outside of any quotes; as one where two bytes or four make a character."""
    left = stream.read(_BLOCK)
    if (source.encoding or "").lower().startswith(_WIDE) or left.startswith(_WIDE_MARKS):
        yield left + stream.read()
        return
    while left:
        more = stream.read(_BLOCK)
        end = _last_row_end(left) if more else len(left)
        if end:
            yield left[:end]
        left = left[end:] + more
        if len(left) > _LONGEST_ROW:
            raise FileProblem("endless_row", file=file, most=f"{_LONGEST_ROW >> 20} MB")


def _last_row_end(block: bytes) -> int:
    """Where the last row of a block ends that is whole: after a line break with as many quotes before it as make pairs; 0 for none."""
    data = np.frombuffer(block, dtype=np.uint8)
    ends, _ = _row_ends(data)
    return int(ends[-1]) + 1 if len(ends) else 0


def _row_ends(data: Bytes) -> tuple[Ints, Ints]:
    """Line breaks at which rows end, and all line breaks."""
    breaks, quotes = np.flatnonzero(data == _NEWLINE), np.flatnonzero(data == _QUOTE)
    return (breaks[np.searchsorted(quotes, breaks) % 2 == 0] if len(quotes) else breaks), breaks


def _after_lines(body: bytes, lines: int) -> int:
    """Where the line begins that comes after so many."""
    at = 0
    for _ in range(lines):
        at = body.find(b"\n", at) + 1
        if not at:
            return len(body)
    return at


def _read_with_arrow(body: bytes, file: str, header: Header, line: int) -> Sheet | None:
    """Read rows with Arrow; ``None`` where anything is unusual: values too few or too many, quotes inside of values, odd line breaks."""
    data = np.frombuffer(body, dtype=np.uint8)
    if (
        not len(data)
        or b"\0" in body
        or body.count(b'"') % 2
        or body.count(b"\r") != body.count(b"\r\n")
        or _loose_quotes(data, header.delimiter)
    ):
        return None
    lines = _lines(data, line)
    try:
        table = pa.csv.read_csv(
            pa.BufferReader(body),
            pa.csv.ReadOptions(column_names=header.names, block_size=min(len(body) + 1, 2**31 - 1)),
            pa.csv.ParseOptions(delimiter=header.delimiter, newlines_in_values=True),
            pa.csv.ConvertOptions(column_types=dict.fromkeys(header.names, pa.string())),
        )
    except pa.ArrowInvalid:
        return None
    if table.num_rows != len(lines):
        return None
    return Sheet(file=file, columns={name: table.column(name).combine_chunks() for name in header.names}, lines=lines)


def _lines(data: Bytes, line: int) -> Ints:
    """Line that each row begins with, blank ones left out; ``line`` is that of the first."""
    ends, breaks = _row_ends(data)
    if not len(data) or data[-1] != _NEWLINE:
        ends = np.append(ends, len(data))
    starts = np.concatenate([[0], ends[:-1] + 1])
    sizes = ends - starts
    blank = (sizes == 0) | ((sizes == 1) & (data[np.minimum(starts, len(data) - 1)] == 13))
    made: Ints = line + np.searchsorted(breaks, starts[~blank])
    return made


def _loose_quotes(data: Bytes, delimiter: str) -> bool:
    """Whether a quote stands where none opens or closes a value: then it is only a character, which Arrow does not know."""
    quotes = np.flatnonzero(data == _QUOTE)
    if not len(quotes):
        return False
    edge = _BESIDE_QUOTE.copy()
    edge[ord(delimiter)] = True
    new = np.concatenate([[True], np.diff(quotes) > 1])
    first = quotes[new]
    last = quotes[np.append(new[1:], True)]
    odd = (last - first) % 2 == 0
    before = (first == 0) | edge[data[np.maximum(first - 1, 0)]]
    after = (last == len(data) - 1) | edge[data[np.minimum(last + 1, len(data) - 1)]]
    return bool((odd & ~before & ~after).any() or (~odd & (before ^ after) & (last - first > 1)).any())
