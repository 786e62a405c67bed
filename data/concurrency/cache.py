"""A cache of answers in this process: many viewers of the same place cost one query.

A key holds everything that an answer depends on, including the version of the data. So no entry ever has to be removed after a change:
people then ask with another key. Versions come from ``data.live.changes``; a process that does not hear of changes caches nothing.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from time import monotonic
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class CacheEntry(Generic[T]):
    """An answer, and what the cache needs to know about it.

    Attributes:
        weight: in the unit of the cache's limit.
        good_for_s: how long it may be cached, in seconds; ``None`` for no limit.
    """

    answer: T
    weight: int
    good_for_s: float | None = None


@dataclass(slots=True)
class _Making(Generic[T]):
    task: asyncio.Task[CacheEntry[T]]
    waiting: int = 0


class AnswerCache(Generic[T]):
    """Answers by key; the least recently used make room for new ones. For one event loop.

    Args:
        most: what all answers may weigh together. An answer that weighs more than a quarter of it is not cached.
    """

    def __init__(self, most: int) -> None:
        self.weight = 0
        self._most = most
        self._kept: OrderedDict[Hashable, tuple[CacheEntry[T], float]] = OrderedDict()
        self._making: dict[Hashable, _Making[T]] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def peek(self, key: Hashable) -> T | None:
        """The cached answer; ``None`` where there is none. Nothing is started."""
        kept = self._kept.get(key)
        if kept is None or monotonic() >= kept[1]:
            return None
        self._kept.move_to_end(key)
        return kept[0].answer

    async def get(self, key: Hashable, make: Callable[[], Awaitable[CacheEntry[T]]]) -> T:
        """The cached answer, or the one that ``make`` makes. It is made once, however many callers wait for it.

        When the last caller is cancelled, the work is cancelled too. All callers get an error, and it is not cached.
        """
        kept = self.peek(key)
        if kept is not None:
            return kept
        self._drop(key)
        making = self._making.get(key)
        if making is None:
            making = self._making[key] = _Making(asyncio.ensure_future(self._make_and_store(key, make)))
        making.waiting += 1
        try:
            # Shielded: a caller that is cancelled must not cancel the work for the others.
            return (await asyncio.shield(making.task)).answer
        finally:
            making.waiting -= 1
            if making.task.done() or not making.waiting:
                if self._making.get(key) is making:
                    del self._making[key]  # later callers start again instead of joining work that has ended
                making.task.cancel()

    async def _make_and_store(self, key: Hashable, make: Callable[[], Awaitable[CacheEntry[T]]]) -> CacheEntry[T]:
        made = await make()
        if made.weight <= self._most // 4:
            self._drop(key)
            self._kept[key] = made, monotonic() + (float("inf") if made.good_for_s is None else made.good_for_s)
            self.weight += made.weight
            while self.weight > self._most:
                self._drop(next(iter(self._kept)))
        return made

    def _drop(self, key: Hashable) -> None:
        if key in self._kept:
            self.weight -= self._kept.pop(key)[0].weight
