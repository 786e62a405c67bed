"""Turns: at most so many at once, a short queue behind them, and a quick no for whoever comes then.

A process that takes on everything it is asked makes everybody wait; one that says no at once keeps its promise to those inside,
and whoever was refused comes back a moment later.
"""

import asyncio
from collections.abc import Callable
from time import monotonic
from typing import Self

from data.core.errors import Busy
from data.core.settings import Settings

WAITING_FOR_EACH = 8
"""Places in the queue for each database connection, where the setting names none."""
_NEWEST_COUNTS = 0.2
"""Share of the newest turn in how soon the next one is expected to come."""
_SURE = 0.75
"""Part of the longest wait that may be expected of those let in: few of them are then refused after all that waiting."""


class Slot:
    """A turn that was taken; it ends once, however often it is ended."""

    def __init__(self, began: float, ended: Callable[[float], None]) -> None:
        self._began = began
        self._ended: Callable[[float], None] | None = ended

    def release(self) -> None:
        """Let the next one in."""
        if self._ended is not None:
            self._ended(self._began)
            self._ended = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


class SlotQueue:
    """Who may work now; for one event loop.

    Args:
        at_once: most who work at the same time.
        most_waiting: most who wait for their turn.
        longest_wait_s: how long one waits before being refused; who would wait longer by what turns took lately is refused at once.
        clock: seconds that only grow.
    """

    def __init__(self, at_once: int, most_waiting: int, longest_wait_s: float, clock: Callable[[], float] = monotonic) -> None:
        self.at_once = at_once
        self.most_waiting = most_waiting
        self.longest_wait_s = longest_wait_s
        self.waiting = 0
        self._clock = clock
        self._next_after_s = 0.0
        self._last_end = float("-inf")
        self._free = asyncio.Semaphore(at_once)

    @property
    def full(self) -> bool:
        """Whether the next one would be refused at once."""
        expected_s = (self.waiting + 1) * self._next_after_s
        return self._free.locked() and (self.waiting >= self.most_waiting or expected_s > _SURE * self.longest_wait_s)

    async def acquire(self) -> Slot:
        """Wait for a turn, in the order of coming: ``with await turns.acquire(): …``.

        Raises:
            Busy: the queue is full, or the turn did not come in time.
        """
        if self.full:
            raise Busy()
        self.waiting += 1
        try:
            async with asyncio.timeout(self.longest_wait_s):
                await self._free.acquire()
        except TimeoutError:
            raise Busy() from None
        finally:
            self.waiting -= 1
        return Slot(self._clock(), self._end)

    def _end(self, began: float) -> None:
        # What a turn took beside the one that ended before it: the same whether several share one core or each waits for the database.
        now = self._clock()
        took_s = now - max(began, self._last_end)
        self._last_end = now
        # One that was held up for long says little about the next ones.
        self._next_after_s += _NEWEST_COUNTS * (min(took_s, self.longest_wait_s) - self._next_after_s)
        self._free.release()


def make_tile_queue(given: Settings) -> SlotQueue:
    """Turns to make tiles: half of the connections, so that a burst of tiles leaves some to the figures."""
    return _turns(given, max(1, given.pool_size // 2))


def make_query_queue(given: Settings) -> SlotQueue:
    """Turns for everything else that asks the database: the other half. So nobody who has a turn waits for a connection."""
    return _turns(given, max(1, given.pool_size - given.pool_size // 2))


def _turns(given: Settings, at_once: int) -> SlotQueue:
    places = WAITING_FOR_EACH * given.pool_size if given.queue_length is None else given.queue_length
    return SlotQueue(at_once, places, given.queue_wait_ms / 1000)
