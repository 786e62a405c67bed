"""Copies columns into tables: Arrow writes them as CSV, and a separate thread sends them with COPY while the caller makes the next ones."""

import io
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from types import TracebackType
from typing import Self

import pyarrow as pa
import pyarrow.csv
from psycopg import sql
from sqlalchemy import Table

from data.database.connections import Connection
from data.database.indexes import set_indexes_aside

_BATCH = 5000
"""Number of rows that are written as text at a time: a few megabytes."""
_MANY = 50_000
"""With more rows than this, it is faster to build indexes afterwards."""
_AHEAD = 4
"""The most batches that may wait to be written."""
_NO_HEADER = pyarrow.csv.WriteOptions(include_header=False)


class Writer:
    """Does one piece of work after the other on one connection in the background, while the caller prepares the next.

    The connection must not be used elsewhere between entering and leaving. The caller waits when it is too far ahead, so that the amount of
    unwritten data stays limited.
    """

    def __init__(self, connection: Connection, landed: Callable[[str, int], None] = lambda *_: None) -> None:
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
            psycopg.Error: something that was queued earlier failed.
        """
        self._settle(_AHEAD)
        self._sent.append(self._worker.submit(work))

    def _settle(self, left: int) -> None:
        while len(self._sent) > left:
            self._sent.popleft().result()

    def send(self, table: Table, columns: dict[str, pa.Array]) -> None:
        """Queue all rows of a table."""
        rows = pa.table(columns)
        with self.filling(table, rows.num_rows):
            self.copy(table.name, table.name, rows)

    def stream(self, table: Table, portions: Iterable[dict[str, pa.Array]], expected: int) -> None:
        """Queue the rows of a table, which arrive in batches."""
        with self.filling(table, expected):
            for columns in portions:
                self.copy(table.name, table.name, pa.table(columns))

    def filling(self, table: Table, expected: int) -> AbstractContextManager[None]:
        """A block in which this number of rows is queued for a table. If there are many, its indexes are built afterwards."""
        return self.within(set_indexes_aside(self._connection, table) if expected > _MANY else nullcontext(False), table.name)

    @contextmanager
    def within(self, block: AbstractContextManager[bool], target: str) -> Iterator[None]:
        """All work that is queued inside runs inside ``block``, whose beginning and end run in the background too. An error ends all of it.

        Args:
            block: yields whether the table ``target`` was created in this transaction.
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
        """Queue rows for a table, or for a table that will become its partition."""
        self.do(lambda: self._copy(target, table, rows))

    def _copy(self, target: str, table: str, rows: pa.Table) -> None:
        # Nobody else can see a table created in this transaction, so its rows are frozen at once. That saves a later VACUUM the work.
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
