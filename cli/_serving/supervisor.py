"""Tells systemd (``Type=notify``) that the service is ready, or ends. Nothing happens under another supervisor, or under none."""

import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_VARIABLE = "NOTIFY_SOCKET"
EXTEND_EVERY_S, EXTEND_BY_S = 30.0, 300.0
"""How often a long start asks for more time, and for how much: systemd ends it if none of these messages comes for so long."""


def tell_supervisor(state: str) -> None:
    """Send one state, such as ``READY=1``; see sd_notify(3)."""
    address = os.environ.get(_VARIABLE, "")
    if not address.startswith(("/", "@")):
        return
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:  # a supervisor that left is no reason to fail
        sender.sendto(state.encode(), address.replace("@", "\0", 1) if address.startswith("@") else address)


@contextmanager
def extend_start(every_s: float = EXTEND_EVERY_S) -> Iterator[None]:
    """Ask for more time to start, again and again, for as long as the block lasts: the backup and the changes of an upgrade take what they
    take, and are not to be ended halfway.

    A timer's signal sends the messages: systemd believes only the main process, which runs no thread because it forks.
    """
    if not os.environ.get(_VARIABLE):
        yield
        return

    def extend(*_: object) -> None:
        tell_supervisor(f"EXTEND_TIMEOUT_USEC={int(EXTEND_BY_S * 1e6)}")

    before = signal.signal(signal.SIGALRM, extend)
    extend()
    signal.setitimer(signal.ITIMER_REAL, every_s, every_s)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
