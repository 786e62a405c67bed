"""What goes from the reader process to the import: sheets as Arrow streams, problems and the end as JSON.

The import trusts none of it: lengths are limited, Arrow's arrays are checked in full, no object is unpickled, and reasons of problems are
looked up among the known ones.
"""

import datetime as dt
import json
import struct
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyproj
import shapely

from data.importing.common.columns import Values
from data.importing.common.sentences import SENTENCES, FileProblem
from data.importing.common.sheet import Sheet

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
    "Decimal": Decimal,
}
"""Kinds of single values in columns that mix them; anything else arrives as its text."""
_TYPES = (pa.string(), pa.large_string(), pa.binary(), pa.int64(), pa.float64(), pa.bool_())


class BadFrame(Exception):
    """The other side has sent something that is no frame."""


def pack_sheet(sheet: Sheet) -> bytes:
    """A sheet as bytes."""
    arrays: list[pa.Array] = [pa.array(sheet.lines)]
    mixed: list[bool] = []
    for values in sheet.columns.values():
        mixed.append(isinstance(values, list))
        arrays.append(_pack_values(values) if isinstance(values, list) else values)
    if sheet.geometry is not None:
        arrays.append(pa.array(shapely.to_wkb(sheet.geometry), pa.binary()))
    about = {
        "file": sheet.file,
        "names": list(sheet.columns),
        "mixed": mixed,
        "geometry": sheet.geometry is not None,
        "crs": sheet.crs.to_wkt() if isinstance(sheet.crs, pyproj.CRS) else sheet.crs,
        "broken": sorted(sheet.broken),
        "closed": sorted(sheet.closed),
    }
    batch = pa.RecordBatch.from_arrays(arrays, [str(i) for i in range(len(arrays))])
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema.with_metadata({"about": json.dumps(about)})) as stream:
        stream.write_batch(batch)
    return bytes(sink.getvalue().to_pybytes())


def unpack_sheet(raw: pa.Buffer) -> Sheet:
    """The sheet that ``pack_sheet`` packed.

    Raises:
        BadFrame: it is none.
    """
    try:
        with pa.ipc.open_stream(raw) as stream:
            about = json.loads(stream.schema.metadata[b"about"])
            table = stream.read_all()
        table.validate(full=True)
        lines, *columns = [column.combine_chunks() for column in table.columns]
        shapes = columns.pop() if about["geometry"] else None
        sheet = Sheet(
            file=str(about["file"]),
            columns={
                str(name): _unpack_values(values) if mixed else _check_type(values)
                for name, mixed, values in zip(about["names"], about["mixed"], columns, strict=True)
            },
            crs=about["crs"] if about["crs"] is None else str(about["crs"]),
            lines=np.asarray(lines.to_numpy(zero_copy_only=False), dtype=np.int64),
            broken={int(i) for i in about["broken"]},
            closed={int(i) for i in about["closed"]},
        )
        if shapes is not None:
            wkb = shapes.to_numpy(zero_copy_only=False)
            sheet.geometry = np.asarray(shapely.from_wkb(wkb, on_invalid="ignore"), dtype=object)
        return sheet
    except (pa.ArrowException, OSError, ValueError, KeyError, TypeError) as error:
        raise BadFrame(str(error)) from error


def pack_problem(problem: FileProblem) -> bytes:
    """A problem as bytes."""
    facts = {k: v if isinstance(v, int | float) else str(v) for k, v in problem.told.facts.items()}
    return json.dumps({"reason": problem.told.reason, "facts": facts}).encode()


def unpack_problem(raw: bytes) -> FileProblem:
    """The problem that ``pack_problem`` packed.

    Raises:
        BadFrame: it is none.
    """
    try:
        told = json.loads(raw)
        reason, facts = str(told["reason"]), {str(k): v for k, v in told["facts"].items() if isinstance(v, str | int | float)}
        SENTENCES[reason].format(**facts)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise BadFrame(str(error)) from error
    return FileProblem(reason, **facts)


def _check_type(values: pa.Array) -> pa.Array:
    if values.type not in _TYPES:
        raise BadFrame(f"a column of {values.type}")
    return values


def _pack_values(values: list[Any]) -> pa.Array:
    """A column of mixed values as pairs of kind and text."""
    kinds = [None if v is None else type(v).__name__ for v in values]
    texts = [None if v is None else _to_text(v) for v in values]
    return pa.StructArray.from_arrays([pa.array(kinds, pa.string()), pa.array(texts, pa.binary())], ["kind", "text"])


def _to_text(value: object) -> bytes:
    if isinstance(value, bytes):
        return value.hex().encode()
    if isinstance(value, dt.date | dt.time):
        return value.isoformat().encode()
    return str(value).encode("utf-8", "surrogatepass")  # a file may hold half a character


def _unpack_values(values: pa.Array) -> Values:
    return list(_read_values(values.field(0).to_pylist(), values.field(1).to_pylist()))


def _read_values(kinds: list[str | None], texts: list[bytes | None]) -> Iterator[object]:
    for kind, raw in zip(kinds, texts, strict=True):
        yield None if kind is None or raw is None else _READERS.get(kind, str)(raw.decode("utf-8", "surrogatepass"))
