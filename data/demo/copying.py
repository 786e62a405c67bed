"""Columns into tables: written as CSV by Arrow, sent by COPY in a thread of its own while the next table is made."""

import io
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from types import TracebackType
from typing import Any, Self

import numpy as np
import psycopg
import pyarrow as pa
import pyarrow.compute
import pyarrow.csv
import shapely
from psycopg import sql
from sqlalchemy import Table

from data.demo.frame import Floats, Ints, Shapes
from data.indexes import put_aside

Columns = dict[str, pa.Array]
_CHUNK = 1 << 20
_MANY = 50_000
"""Above so many rows it pays to build indexes afterwards."""


def picked(values: list[str], index: Ints) -> pa.Array:
    """``values[index]`` as a column of text, without making a Python string for every row."""
    return pa.array(values, pa.string()).take(pa.array(index))


def constant(value: str | int, rows: int) -> pa.Array:
    """The same value in every row."""
    return pa.repeat(pa.scalar(value), rows)


def moments(times_utc: np.ndarray) -> pa.Array:
    """UTC times as a column of timestamps with zone."""
    return pa.array(times_utc.astype("datetime64[s]")).cast(pa.timestamp("s", tz="UTC"))


def geometry(shapes: Shapes, srid: int) -> pa.Array:
    """Shapes as EWKB in hexadecimal, which PostGIS reads."""
    if len(shapes) and (shapely.get_type_id(shapes) == 0).all():
        return _points(shapely.get_coordinates(shapes), srid)
    return pa.array(shapely.to_wkb(shapely.set_srid(shapes, srid), hex=True, include_srid=True), pa.string())


def _points(coordinates: Floats, srid: int) -> pa.Array:
    """Points as EWKB straight from their coordinates: little endian, type 1 with the flag for an SRID."""
    packed = np.empty(len(coordinates), dtype=[("order", "u1"), ("type", "<u4"), ("srid", "<u4"), ("x", "<f8"), ("y", "<f8")])
    packed["order"], packed["type"], packed["srid"] = 1, 0x20000001, srid
    packed["x"], packed["y"] = coordinates.T
    text, size = packed.tobytes().hex(), 2 * packed.itemsize
    return pa.array([text[i : i + size] for i in range(0, len(text), size)])


def multi(shapes: Shapes) -> Shapes:
    """Polygons and multipolygons as multipolygons."""
    parts, owner = shapely.get_parts(shapes, return_index=True)
    return np.asarray(shapely.multipolygons(parts, indices=owner), dtype=object)


def joined(*columns: pa.Array | str) -> pa.Array:
    """Texts of several columns put together, row by row."""
    return pyarrow.compute.binary_join_element_wise(*columns, "")


def numbered(prefix: str, numbers: Ints, width: int = 6) -> pa.Array:
    """``prefix`` and a number with leading zeros, as a column."""
    digits = pyarrow.compute.utf8_lpad(pa.array(numbers).cast(pa.string()), width, "0")
    return joined(prefix, digits)


class Writer:
    """Sends tables through one connection in the background, one after the other; the caller goes on meanwhile.

    The connection must not be used elsewhere between entering and leaving.
    """

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="copy")
        self._sent: list[Future[None]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._worker.shutdown(wait=True, cancel_futures=error is not None)
        if error is None:
            self.check()

    def check(self) -> None:
        """Wait for everything sent so far.

        Raises:
            psycopg.Error: what the first table that failed met with.
        """
        for future in self._sent:
            future.result()
        self._sent.clear()

    def send(self, table: Table, columns: Columns, landed: Callable[[Future[None]], None]) -> int:
        """Queue rows for a table; returns their number. ``landed`` is called when they have been sent."""
        rows = pa.table(columns)
        future = self._worker.submit(self._copy, table, rows)
        future.add_done_callback(landed)
        self._sent.append(future)
        return int(rows.num_rows)

    def _copy(self, table: Table, rows: pa.Table) -> None:
        buffer = io.BytesIO()
        pyarrow.csv.write_csv(rows, buffer, pyarrow.csv.WriteOptions(include_header=False))
        data = buffer.getbuffer()
        statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv)").format(
            sql.Identifier(table.name), sql.SQL(", ").join(map(sql.Identifier, rows.column_names))
        )
        with ExitStack() as stack:
            if rows.num_rows > _MANY:
                stack.enter_context(put_aside(self._connection, table))
            copy = stack.enter_context(stack.enter_context(self._connection.cursor()).copy(statement))
            for start in range(0, len(data), _CHUNK):
                copy.write(data[start : start + _CHUNK])
