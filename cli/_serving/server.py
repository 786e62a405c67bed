"""uvicorn inside our own process: with our signals, our socket, and a sign of life once a second."""

import asyncio
import signal
import socket
from collections.abc import Callable

import uvicorn
from starlette.types import ASGIApp

from cli._serving.connection_limits import OpenConnections, choose_limits, count_descriptors, raise_descriptor_limit
from cli._serving.uvicorn_internals import ServerWithoutSignals, limit_connections
from cli._terminal import ENDING
from data.core.settings import settings
from data.live.hub import current_hub

GRACE_S = 3
"""Longest wait for unfinished answers when the server ends."""


def serve(app: ASGIApp, listener: socket.socket, report_alive: Callable[[], None]) -> None:
    """Serve until a signal to end arrives.

    Args:
        app: what answers.
        listener: the socket to listen on, already bound.
        report_alive: called once a second after connections are accepted.
    """
    level = settings().log_level
    proxies = settings().trusted_proxies
    limits = choose_limits(raise_descriptor_limit(), count_descriptors(), settings().pool_size)
    config = uvicorn.Config(
        app,
        # Without a list of proxies, uvicorn would trust every program on this machine to state the address of a client.
        proxy_headers=bool(proxies),
        forwarded_allow_ips=proxies,
        log_config=None,  # the lines of every process look alike: see cli._serving.log_lines
        log_level="warning" if level == "info" else level,  # at "info" uvicorn prints its own address in addition to ours
        access_log=level == "debug",
        http=limit_connections(OpenConnections(limits, proxies)),
        backlog=limits.backlog,
        ws="none",
        timeout_graceful_shutdown=GRACE_S,
        server_header=False,
    )
    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        runner.run(_serve_until_signal(ServerWithoutSignals(config, report_alive), listener))


async def _serve_until_signal(server: ServerWithoutSignals, listener: socket.socket) -> None:
    def end() -> None:
        server.should_exit = True
        current_hub().end()  # streams end by themselves, and tell their listeners when to come back

    loop = asyncio.get_running_loop()
    for one in ENDING:
        loop.add_signal_handler(one, end)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)  # signals were blocked until there were handlers for them
    await server.serve(sockets=[listener])
