"""Columns into tables: written as CSV by Arrow, sent by COPY in a thread of its own while the next table is made."""

import io
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
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
_BATCH = 5000
"""Rows written as text at once: a few megabytes."""
_MANY = 50_000
"""Above so many rows it pays to build indexes afterwards."""
_AHEAD = 4
"""So much may be made and wait to be written."""
_NO_HEADER = pyarrow.csv.WriteOptions(include_header=False)


def picked(values: Sequence[str | None], index: Ints) -> pa.Array:
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
        return points(shapely.get_coordinates(shapes), srid)
    return pa.array(shapely.to_wkb(shapely.set_srid(shapes, srid), hex=True, include_srid=True), pa.string())


def points(coordinates: Floats, srid: int) -> pa.Array:
    """(n, 2) coordinates as points in EWKB, in hexadecimal: little endian, type 1 with the flag for an SRID."""
    packed = np.empty(len(coordinates), dtype=[("order", "u1"), ("type", "<u4"), ("srid", "<u4"), ("x", "<f8"), ("y", "<f8")])
    packed["order"], packed["type"], packed["srid"] = 1, 0x20000001, srid
    packed["x"], packed["y"] = coordinates.T
    ends = np.arange(len(packed) + 1, dtype=np.int32) * 2 * packed.itemsize
    return pa.StringArray.from_buffers(len(packed), pa.py_buffer(ends), pa.py_buffer(packed.tobytes().hex().encode()))


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
    """Does one thing after the other through one connection in the background, while the caller makes the next.

    The connection must not be used elsewhere between entering and leaving. The caller waits when it is too far ahead, so that what is
    made and not yet written stays bounded.
    """

    def __init__(self, connection: psycopg.Connection[Any], landed: Callable[[str, int], None]) -> None:
        """``landed`` is called (in the background) with a table's name and the number of rows that have been sent."""
        self._connection, self._landed = connection, landed
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="copy")
        self._sent: deque[Future[object]] = deque()
        self._made: dict[str, bool] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._worker.shutdown(wait=True, cancel_futures=error is not None)
        if error is None:
            self._settle(0)

    def do(self, work: Callable[[], object]) -> None:
        """Queue something else that needs the connection.

        Raises:
            psycopg.Error: what something queued earlier met with.
        """
        self._settle(_AHEAD)
        self._sent.append(self._worker.submit(work))

    def _settle(self, left: int) -> None:
        while len(self._sent) > left:
            self._sent.popleft().result()

    def send(self, table: Table, columns: Columns) -> None:
        """Queue all rows of a table."""
        rows = pa.table(columns)
        with self.filling(table, rows.num_rows):
            self.copy(table.name, table.name, rows)

    def stream(self, table: Table, portions: Iterable[Columns], expected: int) -> None:
        """Queue the rows of a table, which come in portions."""
        with self.filling(table, expected):
            for columns in portions:
                self.copy(table.name, table.name, pa.table(columns))

    def filling(self, table: Table, expected: int) -> AbstractContextManager[None]:
        """A block in which so many rows of a table are queued: if they are many, its indexes are built afterwards."""
        return self.within(put_aside(self._connection, table) if expected > _MANY else nullcontext(False), table.name)

    @contextmanager
    def within(self, block: AbstractContextManager[bool], target: str) -> Iterator[None]:
        """What is queued inside runs inside the block, whose beginning and end run in the background too. Errors end everything.

        Args:
            block: gives whether the table ``target`` was made in this transaction.
            target: name of the table that is filled.
        """

        def begin() -> None:
            self._made[target] = block.__enter__()

        def end() -> None:
            del self._made[target]
            block.__exit__(None, None, None)

        self.do(begin)
        yield
        self.do(end)

    def copy(self, target: str, table: str, rows: pa.Table) -> None:
        """Queue rows for a table, or for a table that is to become a part of it."""
        self.do(lambda: self._copy(target, table, rows))

    def _copy(self, target: str, table: str, rows: pa.Table) -> None:
        # Rows of a table that nobody else can know yet are frozen at once, which spares a later VACUUM the work.
        statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv, FREEZE {})").format(
            sql.Identifier(target),
            sql.SQL(", ").join(map(sql.Identifier, rows.column_names)),
            sql.Literal(self._made.get(target, False)),
        )
        with self._connection.cursor() as cursor, cursor.copy(statement) as copy:
            for batch in rows.to_batches(max_chunksize=_BATCH):
                buffer = io.BytesIO()
                pyarrow.csv.write_csv(batch, buffer, _NO_HEADER)
                copy.write(buffer.getbuffer())
        self._landed(table, rows.num_rows)
