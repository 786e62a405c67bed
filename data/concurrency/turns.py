"""Long work in an event loop, in turns: whoever waits for something short does not wait for all of it."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import TypeVar

T = TypeVar("T")


async def in_turns(items: Iterable[T], at_once: int = 50) -> AsyncIterator[T]:
    """Items one after the other; after every so many of them others have their turn.

    Args:
        items: what is worked through.
        at_once: how many of them take a few milliseconds.
    """
    for n, item in enumerate(items, start=1):
        yield item
        if n % at_once == 0:
            await asyncio.sleep(0)
