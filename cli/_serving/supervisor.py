"""Tells systemd (``Type=notify``) that the service is ready, or ends. Nothing happens under another supervisor, or under none."""

import os
import socket
from contextlib import suppress

_VARIABLE = "NOTIFY_SOCKET"


def tell_supervisor(state: str) -> None:
    """Send one state, such as ``READY=1``; see sd_notify(3)."""
    address = os.environ.get(_VARIABLE, "")
    if not address.startswith(("/", "@")):
        return
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:  # a supervisor that left is no reason to fail
        sender.sendto(state.encode(), address.replace("@", "\0", 1) if address.startswith("@") else address)
