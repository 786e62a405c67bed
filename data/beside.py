"""Work that goes on beside the answering of requests, for as long as the server lives."""

import asyncio
import logging
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, NoReturn

_log = logging.getLogger(__name__)


@asynccontextmanager
async def beside(work: Coroutine[Any, Any, NoReturn]) -> AsyncIterator[None]:
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
