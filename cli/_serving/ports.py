"""Opens the port that a server listens on, before anything else is started."""

import errno
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from data.core.errors import GridwellError
from data.core.settings import settings


class PortTaken(GridwellError):
    status, code = 503, "port_taken"
    sentence = "Nothing can listen on {host}:{port} ({reason}). Stop what listens there, or set GRIDWELL_PORT to another port."


class NoSuchHost(GridwellError):
    status, code = 503, "no_such_host"
    sentence = "{host} is not an address of this machine ({reason}). Set GRIDWELL_HOST to one of its own."


@contextmanager
def bind_ports(count: int) -> Iterator[list[socket.socket]]:
    """Sockets bound to the host and port of the settings; connections are refused until somebody listens on them.

    Each worker gets its own socket, and the kernel distributes new connections over them. With one socket for all, the worker that
    wakes first accepts all waiting connections: of 100 simultaneous connections, two of four workers got 97.

    Raises:
        NoSuchHost: the host is not an address of this machine.
        PortTaken: the port cannot be opened.
    """
    host, port = settings().host, settings().port
    with ExitStack() as bound:
        try:
            family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
            listeners = [bound.enter_context(socket.socket(family, kind, protocol)) for _ in range(count)]
            for number, listener in enumerate(listeners):
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                if number:
                    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
                listener.bind(address)
                if not number and count > 1:  # not before: a running server may have the port
                    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        except OSError as error:
            elsewhere = isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL
            raise (NoSuchHost if elsewhere else PortTaken)(host=host, port=port, reason=error.strerror or error) from error
        yield listeners
