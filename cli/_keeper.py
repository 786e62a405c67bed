"""The keeper: the one process beside those that serve which signs in to the database as the owner of the tables.

It keeps the clock of live cities and does what has to be done each day. Nobody from outside can talk to it.
"""

import asyncio
import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from cli._terminal import ENDING
from data.upkeep.clock import run_clock

NAME = "gridwell-keeper"
"""What the process is called in lists of processes, of at most 15 letters."""
_ALIVE_S = 1.0


def run_keeper(report_alive: Callable[[], None]) -> None:
    """Run until a signal asks to end; ``report_alive`` is called at once and then once a second."""
    with suppress(OSError):  # only Linux has such a place
        Path("/proc/self/comm").write_text(NAME)
    asyncio.run(_run_until_signal(report_alive))


async def _run_until_signal(report_alive: Callable[[], None]) -> None:
    signalled = asyncio.Event()
    loop = asyncio.get_running_loop()
    for one in ENDING:
        loop.add_signal_handler(one, signalled.set)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)  # held back until there was somebody to take them
    async with run_clock():
        while not signalled.is_set():
            report_alive()
            with suppress(TimeoutError):
                await asyncio.wait_for(signalled.wait(), _ALIVE_S)
