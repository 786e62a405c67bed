"""Answers kept in this process: many who look at the same place cost one question.

A key holds everything an answer depends on, the version of the data among it, so that nothing is ever taken back: after a change
people ask under another key. Versions come from whoever listens for changes; where nobody does, nothing is kept.
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
    """An answer with what it takes to keep it.

    Attributes:
        weight: in the unit of the keeper's bound.
        good_for_s: how long it may be kept; ``None`` for as long as the data does not change.
    """

    answer: T
    weight: int
    good_for_s: float | None = None


@dataclass(slots=True)
class _Making(Generic[T]):
    task: asyncio.Task[CacheEntry[T]]
    waiting: int = 0


class AnswerCache(Generic[T]):
    """Answers by key; those that nobody asked for longest make room. For one event loop.

    Args:
        most: what the answers may weigh together. One that weighs more than a quarter is not kept.
    """

    def __init__(self, most: int) -> None:
        self.weight = 0
        self._most = most
        self._kept: OrderedDict[Hashable, tuple[CacheEntry[T], float]] = OrderedDict()
        self._making: dict[Hashable, _Making[T]] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def peek(self, key: Hashable) -> T | None:
        """The answer if it is here; ``None`` otherwise, and nothing is begun."""
        kept = self._kept.get(key)
        if kept is None or monotonic() >= kept[1]:
            return None
        self._kept.move_to_end(key)
        return kept[0].answer

    async def get(self, key: Hashable, make: Callable[[], Awaitable[CacheEntry[T]]]) -> T:
        """The answer; made once at a time, however many wait for it.

        When the last of them goes away, making it is given up. What fails is told to all who wait, and not kept.
        """
        kept = self.peek(key)
        if kept is not None:
            return kept
        self._drop(key)
        making = self._making.get(key)
        if making is None:
            making = self._making[key] = _Making(asyncio.ensure_future(self._made(key, make)))
        making.waiting += 1
        try:
            # Shielded: one who goes away must not take the answer from the others.
            return (await asyncio.shield(making.task)).answer
        finally:
            making.waiting -= 1
            if making.task.done() or not making.waiting:
                if self._making.get(key) is making:
                    del self._making[key]  # whoever comes from now on begins anew, rather than with what is being given up
                making.task.cancel()

    async def _made(self, key: Hashable, make: Callable[[], Awaitable[CacheEntry[T]]]) -> CacheEntry[T]:
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
