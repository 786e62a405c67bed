"""Tokens that belong to nobody are counted for auditors, without anybody waiting for it.

Anybody can send made-up tokens, as many as they have addresses. So this process adds them up in memory, and a single task brings the sums
into the database, on one connection at a time: a flood must take neither the connection of the guard nor those of figures and sign-ins.
"""

import asyncio
from collections import Counter

from data.accounts import failures
from data.accounts.transactions import Visitor, run_for_visitor
from data.concurrency.per_loop import PerLoop
from data.core.errors import GridwellError

MOST_ADDRESSES = 10_000
"""So many addresses are told apart while they wait to be counted; the others are counted without theirs."""
MOST_AT_ONCE = 1_000
"""So many tokens of an address are counted in one transaction."""
PAUSE_S = 2.0
"""Until the next try, where the database is busy or does not answer."""


class UnknownTokens:
    """The tokens of one event loop that are not in the database yet."""

    def __init__(self) -> None:
        self._waiting = Counter[str]()
        self._task: asyncio.Task[None] | None = None

    def add(self, address: str) -> None:
        """Count one from this address, soon."""
        known = address in self._waiting or len(self._waiting) < MOST_ADDRESSES
        self._waiting[address if known else ""] += 1
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._store())

    async def finish(self, longest_s: float) -> None:
        """Wait until all are in the database, but not longer than this; then give up, because the process ends."""
        if self._task is not None:
            _, left = await asyncio.wait({self._task}, timeout=longest_s)
            for task in left:
                task.cancel()

    async def _store(self) -> None:
        while self._waiting:
            address, count = self._waiting.popitem()
            now = min(count, MOST_AT_ONCE)
            try:
                await run_for_visitor(Visitor(address=address), failures.count, "token", times=now)
            except GridwellError:  # NotReady, Busy, TooSlow: nothing was counted
                now = 0
                await asyncio.sleep(PAUSE_S)
            if count > now:
                self._waiting[address] += count - now


_unknown = PerLoop(UnknownTokens)


def count_unknown_token(address: str) -> None:
    """Count a token from an address that belongs to nobody; it is in the database a moment later."""
    _unknown().add(address)


async def finish_counting(longest_s: float = 5.0) -> None:
    """Bring into the database what was counted so far: for a process that ends, in this time at most."""
    await _unknown().finish(longest_s)
