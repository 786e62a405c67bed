"""Queues for work: a limited number of callers work at the same time, a few wait, and all others are refused at once.

A process that accepts every request makes everybody wait. One that refuses early still serves those it has accepted, and the others can
try again a moment later.
"""

import asyncio
from collections.abc import Callable
from time import monotonic
from typing import Self

from data.core.errors import Busy
from data.core.settings import Settings

WAITING_FOR_EACH = 8
"""Places in the queue for each database connection, where the setting does not say how many."""
_NEWEST_COUNTS = 0.2
"""Weight of the newest measurement in the expected time until the next slot becomes free."""
_SURE = 0.75
"""Callers are queued while their expected wait is at most this part of the longest wait: few are then refused after waiting."""


class Slot:
    """A slot in use. It is given back once, however often ``release`` is called."""

    def __init__(self, began: float, ended: Callable[[float], None]) -> None:
        self._began = began
        self._ended: Callable[[float], None] | None = ended

    def release(self) -> None:
        """Give the slot to the next caller."""
        if self._ended is not None:
            self._ended(self._began)
            self._ended = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


class SlotQueue:
    """Limits how many callers work at the same time. For one event loop.

    Args:
        at_once: the most callers that work at the same time.
        most_waiting: the most callers that wait for a slot.
        longest_wait_s: how long a caller waits before it is refused. One that would probably wait longer is refused at once.
        clock: a monotonic clock, in seconds.
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
        """Whether the next caller would be refused at once."""
        expected_s = (self.waiting + 1) * self._next_after_s
        return self._free.locked() and (self.waiting >= self.most_waiting or expected_s > _SURE * self.longest_wait_s)

    async def acquire(self) -> Slot:
        """Wait for a slot, first come first served: ``with await queue.acquire(): …``.

        Raises:
            Busy: the queue is full, or no slot became free in time.
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
        # Time since the last slot was given back: right both where several share one core and where each waits for the database.
        now = self._clock()
        took_s = now - max(began, self._last_end)
        self._last_end = now
        # A slot that was held unusually long says little about the next ones.
        self._next_after_s += _NEWEST_COUNTS * (min(took_s, self.longest_wait_s) - self._next_after_s)
        self._free.release()


def make_tile_queue(given: Settings) -> SlotQueue:
    """The queue for tiles: half of the connections, so that a burst of tiles leaves some for figures."""
    return _make_queue(given, max(1, given.pool_size // 2))


def make_query_queue(given: Settings) -> SlotQueue:
    """The queue for every other query: the other half of the connections. So nobody with a slot waits for a connection."""
    return _make_queue(given, max(1, given.pool_size - given.pool_size // 2))


def _make_queue(given: Settings, at_once: int) -> SlotQueue:
    places = WAITING_FOR_EACH * given.pool_size if given.queue_length is None else given.queue_length
    return SlotQueue(at_once, places, given.queue_wait_ms / 1000)
