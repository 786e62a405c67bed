"""Work beside what is asked: for as long as the server lives, or to its own end when whoever asked has gone away."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, NoReturn, TypeVar

T = TypeVar("T")
_log = logging.getLogger(__name__)


@asynccontextmanager
async def run_in_background(work: Coroutine[Any, Any, NoReturn]) -> AsyncIterator[None]:
    """Keep something going until the block ends; should it fail before, the log says so at once and not only then."""
    task = asyncio.create_task(work)
    task.add_done_callback(_tell)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})


def _tell(task: asyncio.Task[NoReturn]) -> None:
    if not task.cancelled() and (error := task.exception()):
        _log.error("work beside the server has stopped", exc_info=error)


async def run_to_completion(work: Coroutine[Any, Any, T], stop: Callable[[], Awaitable[None]] | None = None) -> T:
    """Work that leaves nothing half done when whoever waits for it goes away: it is told to stop, waited for, and only then left.

    Left at once, a connection in the middle of a statement could only be thrown away, and a new one costs ten times a
    statement. Some servers cancel again in every turn of the event loop until the task has gone, hence the loop.
    """
    task = asyncio.ensure_future(work)
    waited: set[asyncio.Future[Any]] = {task}
    gone: asyncio.CancelledError | None = None
    while pending := {one for one in waited if not one.done()}:
        try:
            await asyncio.wait(pending)
        except asyncio.CancelledError as error:
            if gone is None and stop is not None:
                waited.add(asyncio.ensure_future(stop()))
            gone = error
    if gone is not None:
        for one in waited:
            one.exception()  # seen, or asyncio would complain that nobody looked
        raise gone
    return task.result()
