"""uvicorn's HTTP with limits that it lacks: how long the head of a request may be, and how long it may take to arrive."""

from asyncio import TimerHandle, Transport

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LONGEST_HEAD = 65_536
"""Bytes of a request line and its headers together."""
MOST_HEADERS = 100
HEAD_WAIT_S = 15.0
"""From the first byte, or from the connection, to the end of the headers: who sends a byte a minute must not hold a connection."""


class Head(HttpToolsProtocol):
    """One connection."""

    head_wait_s = HEAD_WAIT_S

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        """Begin to wait for a first request."""
        self._told = self._fields = self._unread = 0
        self._refused = self._begun = False
        self._late: TimerHandle | None = None
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing to wait for any more."""
        self._arrived()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """A request begins."""
        self._told = self._fields = self._unread = 0
        self._begun = True
        self._wait()
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """A part of the address."""
        self._count(len(url))
        if not self._refused:
            super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header."""
        self._fields += 1
        self._count(len(name) + len(value))
        if not self._refused:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The head is there."""
        self._arrived()
        if not self._refused:
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A part of the body."""
        if not self._refused:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """The whole request is there."""
        if not self._refused:
            super().on_message_complete()

    def data_received(self, data: bytes) -> None:
        """Bytes. A header is told of only when it has ended, so what comes before that is counted here."""
        if self._refused:
            return
        if self._late is not None:
            if self._unread > LONGEST_HEAD:
                self._refuse(431, "Request Header Fields Too Large")
                return
            self._unread += len(data)
        super().data_received(data)

    def _count(self, more: int) -> None:
        self._told += more
        if (self._told > LONGEST_HEAD or self._fields > MOST_HEADERS) and not self._refused:
            self._refuse(431, "Request Header Fields Too Large")

    def _wait(self) -> None:
        self._arrived()
        self._late = self.loop.call_later(self.head_wait_s, self._too_late)

    def _arrived(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _too_late(self) -> None:
        if self._begun:
            self._refuse(408, "Request Timeout")
        else:  # a connection kept in reserve, as browsers do
            self.transport.close()

    def _refuse(self, status: int, words: str) -> None:
        self._refused = True
        self.headers = []  # whatever they ask for, it is not done
        self._arrived()
        if not self.transport.is_closing():
            head = f"HTTP/1.1 {status} {words}\r\ncontent-type: text/plain\r\ncontent-length: {len(words)}\r\nconnection: close\r\n\r\n"
            self.transport.write((head + words).encode())
            self.transport.close()
