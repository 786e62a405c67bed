"""Millions of rows of whole numbers, days and short texts to and from PostgreSQL as arrays of numpy, without a loop over them.

Rows are written with COPY in its binary format: a row is the number of its fields, then the length and the bytes of each. Without nulls,
and with texts of one length, all rows have one layout, which is a structured type of numpy. See "COPY" in PostgreSQL's manual.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager

import numpy as np
import numpy.typing as npt
from psycopg import sql
from psycopg.copy import QueuedLibpqWriter

from data.database.connections import Connection

Ints = npt.NDArray[np.int64]
Rows = npt.NDArray[np.void]
"""One element for each row; its fields are the columns, with ``_length_…`` before each."""

_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_END = b"\xff\xff"
_INTEGER = 23
"""Number of the type in PostgreSQL."""
_FIELDS, _LENGTH = "_fields", "_length_"


def layout(columns: Mapping[str, str]) -> np.dtype[np.void]:
    """The layout of rows.

    Args:
        columns: types by name, as numpy writes them: ``>i2`` smallint, ``>i4`` integer or date (days since 2000-01-01), ``S5`` text of five
            bytes.
    """
    parts = [(_FIELDS, ">i2")]
    for name, kind in columns.items():
        parts += [(_LENGTH + name, ">i4"), (name, kind)]
    return np.dtype(parts)


def make_rows(kind: np.dtype[np.void], columns: Mapping[str, npt.ArrayLike], count: int) -> Rows:
    """Rows of a layout, filled with columns."""
    rows = np.empty(count, dtype=kind)
    rows[_FIELDS] = len(columns)
    for name, values in columns.items():
        rows[_LENGTH + name] = kind[name].itemsize
        rows[name] = values
    return rows


def read_columns(connection: Connection, source: sql.Composable, columns: Mapping[str, str]) -> dict[str, Ints]:
    """Columns of whole numbers as arrays.

    Each column comes as one array of PostgreSQL: a message for each row would cost ten times as much.

    Args:
        connection: the caller's transaction.
        source: what stands behind ``FROM``, with its conditions.
        columns: expressions of type integer by name; ours, not a user's.

    Raises:
        ValueError: a column has nulls, or is of another type.
        psycopg.Error: the database refused.
    """
    arrays = sql.SQL(", ").join(
        sql.SQL(f"array_agg({expression}) AS {{}}").format(sql.Identifier(name)) for name, expression in columns.items()
    )
    with connection.cursor(binary=True) as cursor:
        result = cursor.execute(sql.SQL("SELECT {} FROM {}").format(arrays, source)).pgresult
        assert result is not None  # noqa: S101  a SELECT has a result
        return {name: _read_array(name, result.get_value(0, k)) for k, name in enumerate(columns)}


def _read_array(name: str, told: bytes | None) -> Ints:
    """The numbers of an array: after five numbers (dimensions, nulls, type, count, first index) the length and the value of each."""
    if told is None:  # of no rows
        return np.empty(0, dtype=np.int64)
    _, nulls, kind, count, _ = np.frombuffer(told, ">i4", 5).tolist()
    if nulls or kind != _INTEGER:
        raise ValueError(f"the column {name!r} has nulls, or is no integer")
    return np.frombuffer(told, ">i4", 2 * count, 20)[1::2].astype(np.int64)


@contextmanager
def writing_rows(connection: Connection, target: sql.Composable, columns: Iterable[str]) -> Iterator[Callable[[Rows], None]]:
    """Yields a function that sends rows, whose columns are these, to a table. A thread sends them while the caller makes the next ones.

    Raises:
        psycopg.Error: the database refused.
    """
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    cursor = connection.cursor()
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT binary)").format(target, names)
    with cursor.copy(statement, writer=QueuedLibpqWriter(cursor)) as copy:
        copy.write(_HEADER)
        yield lambda rows: copy.write(rows.tobytes())
        copy.write(_END)
