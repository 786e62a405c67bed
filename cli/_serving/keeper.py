"""The keeper: a process next to the serving ones, and the only one that signs in to the database as the owner of the tables.

It runs the clock of live cities and the daily tasks, numbers live events, watches the screens of walls, sends reports by
schedule, takes in what departments deliver, and writes how feeds stand. Nobody can reach it from outside.
"""

import asyncio
import signal
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from pathlib import Path

from cli._terminal import ENDING
from data.cases.writer import run_case_writer
from data.feeds.keeping import run_day_keeper
from data.feeds.landing.queue import run_feed_keeper
from data.live.sequencer import run_sequencer
from data.notices.sending import run_sender
from data.reports.sending.keeping import run_report_keeper
from data.rules.writer import run_rule_writer
from data.upkeep.clock import run_clock
from data.upkeep.condition_watch import watch_conditions
from data.wall.keeping import run_wall_keeper

NAME = "gridwell-keeper"
"""Name of the process in lists of processes; at most 15 letters."""
_ALIVE_S = 1.0


def name_process(name: str = NAME) -> None:
    """Give this process a name, the keeper's or another; it must still have the rights that it was started with."""
    with suppress(OSError):  # only Linux has this file
        Path("/proc/self/comm").write_text(name)


def run_keeper(report_alive: Callable[[], None]) -> None:
    """Run until a signal to end arrives; ``report_alive`` is called at once and then once a second."""
    asyncio.run(_run_until_signal(report_alive))


async def _run_until_signal(report_alive: Callable[[], None]) -> None:
    signalled = asyncio.Event()
    loop = asyncio.get_running_loop()
    for one in ENDING:
        loop.add_signal_handler(one, signalled.set)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)  # signals were blocked until there were handlers for them
    works = (
        *(run_clock, run_sender, watch_conditions, run_sequencer, run_case_writer),
        *(run_rule_writer, run_wall_keeper, run_report_keeper, run_feed_keeper, run_day_keeper),
    )
    async with AsyncExitStack() as stack:
        for work in works:
            await stack.enter_async_context(work())
        while not signalled.is_set():
            report_alive()
            with suppress(TimeoutError):
                await asyncio.wait_for(signalled.wait(), _ALIVE_S)
