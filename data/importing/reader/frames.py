"""What goes from the reader process to the import: sheets as Arrow's buffers one after another, problems and the end as JSON.

The import trusts none of it: lengths are limited, types are among a few, Arrow's arrays are checked in full, no object is unpickled, and
reasons of problems are looked up among the known ones. Arrow's own format for streams is not used: there, few bytes may stand for many
(packed buffers, columns of nothing, columns that share bytes).
"""

import datetime as dt
import json
import string
import struct
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyproj
import shapely

from data.importing.common.columns import Values
from data.importing.common.sentences import SENTENCES, FileProblem, Sentence
from data.importing.common.sheet import Sheet
from data.importing.files.shape_columns import read_shapes
from data.importing.reader import wkb

HEAD = struct.Struct("!cQ")
"""Kind of a frame, and its length in bytes."""
SHEET, PROBLEM, END = b"s", b"p", b"e"
_READERS: dict[str, Callable[[str], object]] = {
    "str": str,
    "int": int,
    "float": float,
    "bool": lambda text: text == "True",
    "date": dt.date.fromisoformat,
    "datetime": dt.datetime.fromisoformat,
    "Timestamp": dt.datetime.fromisoformat,
    "time": dt.time.fromisoformat,
    "bytes": bytes.fromhex,
    "Decimal": lambda text: _read_decimal(text),
}
"""Kinds of single values in columns that mix them; anything else arrives as its text."""
_TYPES = {str(kind): kind for kind in (pa.string(), pa.large_string(), pa.binary(), pa.int64(), pa.float64(), pa.bool_())}
_SIZE = struct.Struct("!Q")
_ALIGNED = 64
"""Arrow wants its buffers to begin at multiples of this."""
_LARGEST_LINE = 2**31 - 1
_LONGEST_DECIMAL = 400
_MOST_REMARKS = 50


class BadFrame(Exception):
    """The other side has sent something that is no frame."""


def pack_sheet(sheet: Sheet) -> bytes:
    """A sheet as bytes: the size of its description, the description as JSON, and the buffers of all arrays, each aligned."""
    arrays: list[pa.Array] = [pa.array(sheet.lines)]
    mixed: list[bool] = []
    for values in sheet.columns.values():
        mixed.append(isinstance(values, list))
        arrays += _pack_values(values) if isinstance(values, list) else [values]
    if sheet.geometry is not None:
        arrays.append(pa.array(shapely.to_wkb(sheet.geometry), pa.binary()))
    buffers = [_list_buffers(array) for array in arrays]
    about = {
        "file": sheet.file,
        "names": list(sheet.columns),
        "mixed": mixed,
        "geometry": sheet.geometry is not None,
        "column": sheet.geometry_column,
        "crs": sheet.crs.to_wkt() if isinstance(sheet.crs, pyproj.CRS) else sheet.crs,
        "broken": sorted(sheet.broken),
        "closed": sorted(sheet.closed),
        "hollow": sheet.hollow,
        "merged": sheet.merged,
        "cut": sheet.cut,
        "remarks": [_describe(told) for told in sheet.remarks],
        "rows": len(sheet),
        "arrays": [[str(array.type), [None if b is None else b.size for b in own]] for array, own in zip(arrays, buffers, strict=True)],
    }
    told = json.dumps(about).encode()
    made = [_SIZE.pack(len(told)), told, _fill_up(_SIZE.size + len(told))]
    for own in buffers:
        for buffer in own:
            made += [] if buffer is None else [buffer, _fill_up(buffer.size)]
    return b"".join(made)


def _fill_up(size: int) -> bytes:
    """Bytes after ``size`` ones, up to where the next buffer may begin."""
    return bytes(-size % _ALIGNED)


def _list_buffers(array: pa.Array) -> list[pa.Buffer | None]:
    """The buffers of an array, which begin with its first value. Only the first, of what is missing, may be ``None``."""
    if array.offset:
        array = pa.concat_arrays([array[:0], array])
    first, *rest = array.buffers()
    return [first, *(pa.py_buffer(b"") if buffer is None else buffer for buffer in rest)]


def unpack_sheet(raw: pa.Buffer, file: str) -> Sheet:
    """The sheet that ``pack_sheet`` packed.

    Args:
        raw: its bytes.
        file: that was asked for; the sheet is of it, or of a member of it.

    Raises:
        BadFrame: it is none.
    """
    try:
        size = _SIZE.unpack_from(raw)[0]
        about = json.loads(raw[_SIZE.size : _SIZE.size + size].to_pybytes())
        arrays = list(_read_arrays(raw, _SIZE.size + size, int(about["rows"]), about["arrays"]))
        given = iter(arrays)
        lines = np.asarray(_check_type(next(given), pa.int64()).to_numpy(), dtype=np.int64)
        sheet = Sheet(
            file=str(about["file"]),
            columns={
                str(name): _unpack_values(next(given), next(given)) if mixed else next(given)
                for name, mixed in zip(about["names"], about["mixed"], strict=True)
            },
            crs=about["crs"] if about["crs"] is None else str(about["crs"]),
            lines=lines,
            broken={int(i) for i in about["broken"]},
            closed={int(i) for i in about["closed"]},
        )
        if about["geometry"]:
            sheet.geometry = _read_shapes(_check_type(next(given), pa.binary()), sheet.broken)
            sheet.geometry_column = about["column"] if about["column"] is None else str(about["column"])
        sheet.hollow, sheet.merged = ({str(k): str(v) for k, v in about[of].items()} for of in ("hollow", "merged"))
        sheet.cut = None if about["cut"] is None else (str(about["cut"][0]), int(about["cut"][1]))
        sheet.remarks = [_read_sentence(told) for told in about["remarks"][:_MOST_REMARKS]]
        _check_sheet(sheet, file)
        if next(given, None) is not None:
            raise BadFrame("more arrays than columns")
        return sheet
    except (pa.ArrowException, OSError, ValueError, KeyError, TypeError, struct.error, StopIteration, RecursionError, MemoryError) as error:
        raise BadFrame(str(error)) from error


def _read_arrays(raw: pa.Buffer, at: int, rows: int, described: Any) -> Iterator[pa.Array]:
    """All arrays of a sheet, checked in full; no byte belongs to two of them."""
    for kind, sizes in described:
        buffers: list[pa.Buffer | None] = []
        for size in sizes:
            if size is None and not buffers:
                buffers.append(None)
                continue
            at += -at % _ALIGNED
            if not 0 <= int(size) <= raw.size - at:
                raise BadFrame("a buffer that is not there")
            buffers.append(raw.slice(at, int(size)))
            at += int(size)
        made = pa.Array.from_buffers(_TYPES[kind], rows, buffers)
        made.validate(full=True)
        yield made


def _check_type(array: pa.Array, kind: pa.DataType) -> pa.Array:
    if array.type != kind:
        raise BadFrame(f"an array of {array.type}")
    return array


def _check_sheet(sheet: Sheet, file: str) -> None:
    """Check what only the import knows: whose rows these are, and that their numbers can be kept."""
    if sheet.file != file and not sheet.file.startswith(f"{file}/"):
        raise BadFrame("a sheet of another file")
    if len(sheet) and not 0 <= sheet.lines.min() <= sheet.lines.max() <= _LARGEST_LINE:
        raise BadFrame("lines that no file has")
    if not all(0 <= row < len(sheet) for row in sheet.broken | sheet.closed):
        raise BadFrame("rows that are not there")
    if sheet.geometry_column is not None and sheet.geometry_column not in sheet.columns:
        raise BadFrame("a column that is not there")


def _read_shapes(values: pa.Array, broken: set[int]) -> Any:
    """Shapes out of WKB; what GEOS would not survive is noted as broken."""
    raw = values.to_numpy(zero_copy_only=False)
    for row, one in enumerate(raw):
        if one is not None and not wkb.is_shallow(one):
            raw[row] = None
            broken.add(row)
    return read_shapes(shapely.from_wkb, raw)


def pack_problem(problem: FileProblem) -> bytes:
    """A problem as bytes."""
    return json.dumps(_describe(problem.told)).encode()


def _describe(told: Sentence) -> dict[str, object]:
    """A sentence as plain values."""
    return {"reason": told.reason, "facts": {k: v if isinstance(v, int | float) else str(v) for k, v in told.facts.items()}}


def unpack_problem(raw: bytes) -> FileProblem:
    """The problem that ``pack_problem`` packed.

    Raises:
        BadFrame: it is none.
    """
    try:
        told = _read_sentence(json.loads(raw))
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise BadFrame(str(error)) from error
    return FileProblem(told.reason, **told.facts)


def _read_sentence(told: Any) -> Sentence:
    """The sentence that ``_describe`` described: its reason is one of ours, and it has the facts that this wants."""
    try:
        reason = str(told["reason"])
        wanted = {name for _, name, _, _ in string.Formatter().parse(SENTENCES[reason]) if name}
        facts = {str(k): v for k, v in told["facts"].items() if isinstance(v, str | int | float) and (k in wanted)}
        SENTENCES[reason].format(**facts)
    except (AttributeError, IndexError) as error:
        raise ValueError(str(error)) from error
    return Sentence(reason, facts)


def _pack_values(values: list[Any]) -> list[pa.Array]:
    """A column of mixed values as two: of kinds and of texts."""
    kinds = [None if v is None else type(v).__name__ for v in values]
    texts = [None if v is None else _to_text(v) for v in values]
    return [pa.array(kinds, pa.string()), pa.array(texts, pa.binary())]


def _to_text(value: object) -> bytes:
    if isinstance(value, bytes):
        return value.hex().encode()
    if isinstance(value, dt.date | dt.time):
        return value.isoformat().encode()
    return str(value).encode("utf-8", "surrogatepass")  # a file may hold half a character


def _unpack_values(kinds: pa.Array, texts: pa.Array) -> Values:
    return list(_read_values(_check_type(kinds, pa.string()).to_pylist(), _check_type(texts, pa.binary()).to_pylist()))


def _read_values(kinds: list[str | None], texts: list[bytes | None]) -> Iterator[object]:
    for kind, raw in zip(kinds, texts, strict=True):
        yield None if kind is None or raw is None else _READERS.get(kind, str)(raw.decode("utf-8", "surrogatepass"))


def _read_decimal(text: str) -> Decimal:
    """A decimal number of a size that can be written out."""
    made = Decimal(text)
    if made.is_finite() and abs(made.adjusted()) > _LONGEST_DECIMAL:
        raise ValueError("a number beyond all measure")
    return made
