"""All parts of uvicorn that Gridwell uses beyond its documented settings; ``tests/house/test_internals.py`` allows them only here.

Written for uvicorn 0.54 with httptools 0.9:

* ``HttpToolsProtocol``: it limits neither the length of a request's head nor its time to arrive, and has no settings for them.
  We subclass it and rely on ``connection_made``, ``connection_lost``, ``data_received``, on httptools' callbacks ``on_message_begin``,
  ``on_url``, ``on_header``, ``on_headers_complete``, ``on_body`` and ``on_message_complete``, on ``on_response_complete``, and on the
  attributes ``loop``, ``transport``, ``headers``, ``client``, ``parser``, ``cycle`` and ``pipeline``.
* ``Server.capture_signals``: uvicorn raises the signal again when it ends, which would stop our clean-up; we handle signals ourselves.
* ``Server.on_tick``: called ten times a second by the server's main loop, the only place that shows that this loop still runs.

When ``tests/cli/test_uvicorn_internals.py`` fails after an update: compare with ``uvicorn/protocols/http/httptools_impl.py`` and
``uvicorn/server.py``, look for a public way first, and change this file only.
"""

import re
from asyncio import TimerHandle, Transport
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from cli._serving.connection_limits import OpenConnections, Phase

LONGEST_HEAD = 65_536
"""Most bytes of a request line and its headers together."""
MOST_HEADERS = 100
HEAD_WAIT_S = 15.0
"""Seconds from the first byte, or from the connection, to the end of the headers: one byte a minute must not keep a connection open."""
_HOST = re.compile(rb"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:[0-9]{1,5})?")
"""A name or an address, and perhaps a port: no account, no path, no list, no space."""
_TICKS_PER_S = 10
"""How often uvicorn's main loop calls ``on_tick``."""


class ServerWithoutSignals(uvicorn.Server):
    """uvicorn's server, which leaves signals to us and reports once a second that its event loop is alive.

    Args:
        config: uvicorn's settings.
        report_alive: called once a second after the server listens.
    """

    def __init__(self, config: uvicorn.Config, report_alive: Callable[[], None]) -> None:
        super().__init__(config)
        self._report_alive = report_alive

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals unchanged."""
        yield

    async def on_tick(self, counter: int) -> bool:
        """Report that the event loop is alive; returns uvicorn's decision whether to end."""
        if counter % _TICKS_PER_S == 0:
            self._report_alive()
        return await super().on_tick(counter)


class LimitedHttpProtocol(HttpToolsProtocol):
    """One HTTP connection with limits on the length of a request's head and on the time that it takes to arrive.

    A request that names no host, two hosts, or one that could be read in two ways is refused: a proxy in front might read another one.
    """

    head_wait_s = HEAD_WAIT_S
    open_connections: OpenConnections | None = None
    """All connections of this process, see ``limit_connections``; ``None``: without a limit."""

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        """Start to wait for the first request."""
        self._head_bytes = self._header_count = self._unparsed_bytes = 0
        self._refused = self._request_begun = False
        self._head_timer: TimerHandle | None = None
        super().connection_made(transport)
        self._start_head_timer()
        if self.open_connections is not None and not self.open_connections.admit(self, self.client[0] if self.client else ""):
            self._refuse(503, "Service Unavailable")

    def close_now(self) -> None:
        """Close without a word, to make room for another connection."""
        self._refused = True
        self._stop_head_timer()
        self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._stop_head_timer()
        if self.open_connections is not None:
            self.open_connections.remove(self)
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """A request begins."""
        self._head_bytes = self._header_count = self._unparsed_bytes = 0
        self._request_begun = True
        self._start_head_timer()
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """A part of the address has arrived."""
        self._count_head(len(url))
        if not self._refused:
            super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """A whole header has arrived."""
        self._header_count += 1
        self._count_head(len(name) + len(value))
        if not self._refused:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The whole head has arrived."""
        self._stop_head_timer()
        if not self._refused and not self._names_one_host():
            self._refuse(400, "Bad Request")
        if not self._refused:
            if self.cycle is None or self.cycle.response_complete:  # the body may never come
                self._set_phase(Phase.HEAD)
            super().on_headers_complete()

    def on_response_complete(self) -> None:
        """A whole answer was sent."""
        if not self.pipeline:
            self._set_phase(Phase.ANSWERED)
        super().on_response_complete()

    def on_body(self, body: bytes) -> None:
        """A part of the body has arrived."""
        if not self._refused:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """The whole request has arrived. Only now is it worked on: whoever announces a body and never sends it keeps nobody out."""
        if not self._refused:
            if self.cycle is not None and not self.cycle.response_complete:
                self._set_phase(Phase.BUSY)
            super().on_message_complete()

    def data_received(self, data: bytes) -> None:
        """Bytes have arrived. httptools reports a header only when it is complete, so the bytes of an unfinished head are counted here."""
        if self._refused:
            return
        if self._head_timer is not None:
            if self.cycle is None or self.cycle.response_complete:  # another request of this connection may be worked on meanwhile
                self._set_phase(Phase.HEAD)
            if self._unparsed_bytes > LONGEST_HEAD:
                self._refuse(431, "Request Header Fields Too Large")
                return
            self._unparsed_bytes += len(data)
        super().data_received(data)

    def _names_one_host(self) -> bool:
        hosts = [value for name, value in self.headers if name == b"host"]
        if not hosts and self.parser.get_http_version() == "1.0":
            return True
        return len(hosts) == 1 and _HOST.fullmatch(hosts[0]) is not None

    def _set_phase(self, phase: Phase) -> None:
        if self.open_connections is not None:
            self.open_connections.set_phase(self, phase)

    def _count_head(self, more: int) -> None:
        self._head_bytes += more
        if (self._head_bytes > LONGEST_HEAD or self._header_count > MOST_HEADERS) and not self._refused:
            self._refuse(431, "Request Header Fields Too Large")

    def _start_head_timer(self) -> None:
        self._stop_head_timer()
        self._head_timer = self.loop.call_later(self.head_wait_s, self._end_late_head)

    def _stop_head_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _end_late_head(self) -> None:
        if self._request_begun:
            self._refuse(408, "Request Timeout")
        else:  # an unused connection, which browsers keep in reserve
            self.transport.close()

    def _refuse(self, status: int, words: str) -> None:
        self._refused = True
        self.headers = []  # the headers' requests, such as an upgrade, must not be carried out
        self._stop_head_timer()
        if not self.transport.is_closing():
            head = f"HTTP/1.1 {status} {words}\r\ncontent-type: text/plain\r\ncontent-length: {len(words)}\r\nconnection: close\r\n\r\n"
            self.transport.write((head + words).encode())
            self.transport.close()


def limit_connections(connections: OpenConnections) -> type[LimitedHttpProtocol]:
    """The protocol of a process that keeps no more connections open than these limits allow."""
    return type("CountedHttpProtocol", (LimitedHttpProtocol,), {"open_connections": connections})
