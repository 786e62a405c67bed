"""uvicorn inside our own process: our signals, our socket, and a word when it is ready."""

import asyncio
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from cli._say import ENDING
from data.settings import settings

GRACE_S = 3
"""Longest wait for answers under way when the server ends; live streams never end by themselves."""


class _Server(uvicorn.Server):
    """Ends when told by us: uvicorn's own handlers would raise the signal once more after the end, and kill the clean-up."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals alone."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to listen, then say so."""
        await super().startup(sockets)
        if self.started:
            self._ready()


def serve(app: ASGIApp, listener: socket.socket, ready: Callable[[], None]) -> None:
    """Serve until a signal asks to end; ``ready`` is called once connections are taken."""
    level = settings().log_level
    proxies = settings().trusted_proxies
    config = uvicorn.Config(
        app,
        # Otherwise anybody could say what address they come from; uvicorn would believe whoever is on this machine.
        proxy_headers=bool(proxies),
        forwarded_allow_ips=proxies,
        log_level="warning" if level == "info" else level,  # at "info" uvicorn tells a second address
        access_log=level == "debug",
        timeout_graceful_shutdown=GRACE_S,
        server_header=False,
    )
    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        runner.run(_until_told(_Server(config, ready), listener))


async def _until_told(server: _Server, listener: socket.socket) -> None:
    def end() -> None:
        server.should_exit = True

    loop = asyncio.get_running_loop()
    for one in ENDING:
        loop.add_signal_handler(one, end)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)  # held back until there was somebody to take them
    await server.serve(sockets=[listener])
