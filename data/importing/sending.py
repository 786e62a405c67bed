"""Columns into a table: written as CSV by Arrow and sent by COPY in a thread of its own, while the next ones are made."""

import io
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from types import TracebackType
from typing import Any, Self

import psycopg
import pyarrow as pa
import pyarrow.csv
from psycopg import sql

_CHUNK = 1 << 20
_WAITING = 2
"""Tables that may wait to be sent; more would only fill memory."""


class Sender:
    """One COPY that takes many tables of the same columns.

    The connection must not be used elsewhere between entering and leaving.
    """

    def __init__(self, connection: psycopg.Connection[Any], table: str, columns: Sequence[str]) -> None:
        self.columns = list(columns)
        names = sql.SQL(", ").join(map(sql.Identifier, self.columns))
        self._statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv)").format(sql.Identifier(table), names)
        self._connection = connection
        self._sent: list[Future[None]] = []

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._worker = stack.enter_context(ThreadPoolExecutor(max_workers=1, thread_name_prefix="copy"))
            cursor = stack.enter_context(self._connection.cursor())
            self._copy = stack.enter_context(cursor.copy(self._statement))
            stack.push(self._drain)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stack.__exit__(kind, error, trace)

    def _drain(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Wait for what is under way, so that nobody writes into a COPY that has ended."""
        for future in self._sent:
            if error is not None:
                future.cancel()
        for future in self._sent:
            if not future.cancelled() and (failed := future.exception()) is not None and error is None:
                raise failed
        self._sent.clear()

    def send(self, rows: pa.Table) -> None:
        """Queue rows; waits while too many are queued already."""
        while len(self._sent) >= _WAITING:
            self._sent.pop(0).result()
        self._sent.append(self._worker.submit(self._write, rows.select(self.columns)))

    def _write(self, rows: pa.Table) -> None:
        buffer = io.BytesIO()
        pyarrow.csv.write_csv(rows, buffer, pyarrow.csv.WriteOptions(include_header=False))
        data = buffer.getbuffer()
        for start in range(0, len(data), _CHUNK):
            self._copy.write(data[start : start + _CHUNK])
