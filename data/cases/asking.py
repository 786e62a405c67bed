"""Inserts requests. Those that come while others are under way go together, in one transaction and one round trip, each as who asks."""

import asyncio
from dataclasses import dataclass

import psycopg

from data.concurrency.per_loop import PerLoop
from data.core.viewer import Viewer
from data.database.transactions import Values, write_together
from data.queries.cases import ANNOUNCE

MOST_TOGETHER = 64
"""Requests of one transaction."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """One statement that waits for its turn; the future gets how many rows it wrote."""

    viewer: Viewer
    query: str
    values: Values
    written: asyncio.Future[int]


class _Inserter:
    """What waits to be inserted in one event loop."""

    def __init__(self) -> None:
        self._waiting: list[_Entry] = []
        self._work: asyncio.Task[None] | None = None

    async def insert(self, viewer: Viewer, query: str, values: Values) -> int:
        entry = _Entry(viewer, query, values, asyncio.get_running_loop().create_future())
        self._waiting.append(entry)
        if self._work is None or self._work.done():
            self._work = asyncio.create_task(self._insert_waiting())
        return await entry.written

    async def _insert_waiting(self) -> None:
        while self._waiting:
            taken, self._waiting = self._waiting[:MOST_TOGETHER], self._waiting[MOST_TOGETHER:]
            # Whoever has left before the turn came has asked for nothing.
            await self._insert_all([entry for entry in taken if not entry.written.done()])

    async def _insert_all(self, entries: list[_Entry]) -> None:
        if not entries:
            return
        try:
            counts = await write_together([(entry.viewer, entry.query, entry.values) for entry in entries], ANNOUNCE)
        except Exception as error:  # whoever asked is told, whatever it is
            if isinstance(error, psycopg.Error) and len(entries) > 1:
                for entry in entries:  # one of them was refused, and must not stop the others
                    await self._insert_all([entry])
                return
            for entry in entries:
                if not entry.written.done():
                    entry.written.set_exception(error)
            return
        for entry, count in zip(entries, counts, strict=True):
            if not entry.written.done():
                entry.written.set_result(count)


_inserter = PerLoop(_Inserter)


async def insert_soon(viewer: Viewer, query: str, values: Values) -> int:
    """Insert a request together with others that come at the same time; returns how many rows were written.

    Raises:
        psycopg.Error: this one was refused.
        NotReady, Busy, TooSlow: see ``data.database.transactions``; nothing was asked for.
    """
    return await _inserter().insert(viewer, query, values)


async def insert(viewer: Viewer, query: str, values: Values) -> int:
    """The same, at once and alone: for many requests in one statement, which nobody else should wait for."""
    return (await write_together([(viewer, query, values)], ANNOUNCE))[0]
