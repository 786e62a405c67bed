"""The printer: a process next to the serving ones that makes the reports people ask for. It signs in as the server does, not as the owner.

It runs behind the others (``nice``): a report may take seconds of work, while whoever looks at a page waits for milliseconds.
"""

import asyncio
import os
import pwd
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from time import monotonic

from cli._serving.keeper import name_process
from cli._serving.privileges import give_up_root
from cli._serving.secrets import forget_secrets, hide_memory
from cli._terminal import ENDING
from data.database.connections import close_pools, drop_owner_access

NAME = "gridwell-print"
BEHIND = 10
"""Steps of ``nice`` behind the processes that serve."""
_ALIVE_S, STUCK_S = 1.0, 300.0
"""It says that it lives once a second, in a thread: drawing a map may take longer than the supervisor waits. It stops saying so once
its loop has not turned for ``STUCK_S``."""


def run_printer(account: pwd.struct_passwd | None, report_alive: Callable[[], None]) -> None:
    """Make reports until a signal to end arrives; ``report_alive`` is called at once and then once a second.

    Args:
        account: under which it runs; see ``give_up_root``.
        report_alive: see above.
    """
    name_process(NAME)
    forget_secrets("oidc_client_secret", "metrics_token", "smtp_password", "notice_secret")
    drop_owner_access()
    give_up_root(account)
    hide_memory()
    with suppress(OSError):
        os.nice(BEHIND)
    asyncio.run(_run_until_signal(report_alive))


async def _run_until_signal(report_alive: Callable[[], None]) -> None:
    from reports.making import Printer  # and with it all that draws and writes, after the fork: nobody else needs it

    ending, ended, turned = asyncio.Event(), threading.Event(), [monotonic()]
    loop = asyncio.get_running_loop()
    for one in ENDING:
        loop.add_signal_handler(one, ending.set)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)  # signals were blocked until there were handlers for them

    def live() -> None:
        while not ended.is_set() and monotonic() < turned[0] + STUCK_S:
            report_alive()
            ended.wait(_ALIVE_S)

    async def turn() -> None:
        while True:
            turned[0] = monotonic()
            await asyncio.sleep(_ALIVE_S)

    threading.Thread(target=live, name="alive", daemon=True).start()
    turning = asyncio.create_task(turn())
    try:
        await Printer().run(ending)
    finally:
        turning.cancel()
        ended.set()
        await close_pools()
