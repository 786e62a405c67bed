"""uvicorn inside our own process: our signals, our socket, and a sign of life once a second."""

import asyncio
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from cli._protocol import Head
from cli._say import ENDING
from data.core.settings import settings

_TICKS = 10
"""Of uvicorn's main loop in a second."""
GRACE_S = 3
"""Longest wait for answers under way when the server ends; live streams never end by themselves."""


class _Server(uvicorn.Server):
    """Ends when told by us: uvicorn's own handlers would raise the signal once more after the end, and kill the clean-up."""

    def __init__(self, config: uvicorn.Config, alive: Callable[[], None]) -> None:
        super().__init__(config)
        self._alive = alive

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals alone."""
        yield

    async def on_tick(self, counter: int) -> bool:
        """What uvicorn does ten times a second, from when it listens: a sign of life from here is one of the whole event loop."""
        if counter % _TICKS == 0:
            self._alive()
        return await super().on_tick(counter)


def serve(app: ASGIApp, listener: socket.socket, alive: Callable[[], None]) -> None:
    """Serve until a signal asks to end; ``alive`` is called once a second from when connections are taken."""
    level = settings().log_level
    proxies = settings().trusted_proxies
    config = uvicorn.Config(
        app,
        # Otherwise anybody could say what address they come from; uvicorn would believe whoever is on this machine.
        proxy_headers=bool(proxies),
        forwarded_allow_ips=proxies,
        log_level="warning" if level == "info" else level,  # at "info" uvicorn tells a second address
        access_log=level == "debug",
        http=Head,
        ws="none",
        timeout_graceful_shutdown=GRACE_S,
        server_header=False,
    )
    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        runner.run(_until_told(_Server(config, alive), listener))


async def _until_told(server: _Server, listener: socket.socket) -> None:
    def end() -> None:
        server.should_exit = True

    loop = asyncio.get_running_loop()
    for one in ENDING:
        loop.add_signal_handler(one, end)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)  # held back until there was somebody to take them
    await server.serve(sockets=[listener])
