"""Background work: tasks that run until a block ends, and work that is finished even when its caller is cancelled."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, NoReturn, TypeVar

T = TypeVar("T")
_log = logging.getLogger(__name__)


@asynccontextmanager
async def run_in_background(work: Coroutine[Any, Any, NoReturn]) -> AsyncIterator[None]:
    """Run something in the background until the block ends. If it fails before that, the log says so at once."""
    task = asyncio.create_task(work)
    task.add_done_callback(_log_failure)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})


def _log_failure(task: asyncio.Task[NoReturn]) -> None:
    if not task.cancelled() and (error := task.exception()):
        _log.error("background work of the server has stopped", exc_info=error)


async def run_to_completion(work: Coroutine[Any, Any, T], stop: Callable[[], Awaitable[None]] | None = None) -> T:
    """Run something to its end even when the caller is cancelled: it is asked to stop, waited for, and only then is the caller cancelled.

    Otherwise a connection in the middle of a statement would have to be thrown away, and a new one costs ten times as much as a
    statement. Some servers cancel again in each round of the event loop until the task has ended, hence the loop.
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
            one.exception()  # otherwise asyncio warns that the exception was never retrieved
        raise gone
    return task.result()
