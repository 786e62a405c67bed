"""The keeper's look at the installation, once a minute; see ``data.upkeep.conditions``."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NoReturn

from data.concurrency.tasks import run_in_background
from data.upkeep.condition_checks import look
from data.upkeep.conditions import EVERY_S, store

_log = logging.getLogger(__name__)


@asynccontextmanager
async def watch_conditions() -> AsyncIterator[None]:
    """Look once a minute for as long as the block lasts."""
    async with run_in_background(_run()):
        yield


async def _run() -> NoReturn:
    known: set[str] = set()
    while True:
        found = await asyncio.to_thread(look, time.time())
        codes = {reason.code for reason in found.reasons}
        for reason in found.reasons:
            if reason.code not in known:
                _log.warning(reason.sentence.format(**reason.facts))
        known = codes
        try:
            await asyncio.to_thread(store, found)
        except OSError as error:
            _log.warning("what was found cannot be stored: %s", error)
        await asyncio.sleep(EVERY_S)
