"""A small HTTP/1.1 client over one persistent connection. It shares the processor with the measured server, so it does very little."""

import asyncio
import gzip
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

_PATIENCE_S = 60.0
_GONE = (ConnectionError, asyncio.IncompleteReadError)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer. ``seconds`` is the time from the first byte sent to the last one received; ``body`` is still compressed."""

    status: int
    headers: dict[str, str]
    body: bytes
    seconds: float

    @property
    def text(self) -> bytes:
        """The body, uncompressed, as text."""
        return gzip.decompress(self.body) if self.headers.get("content-encoding") == "gzip" else self.body


class Connection:
    """``async with Connection(url, headers) as http``: sends requests one after the other."""

    def __init__(self, url: str, headers: dict[str, str]) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "127.0.0.1", parts.port or 80
        self.use(headers)
        self._pair: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    def use(self, headers: dict[str, str]) -> None:
        """Send these headers with each request from now on."""
        common = {"Host": f"{self._host}:{self._port}", **headers}
        self._common = "".join(f"{name}: {value}\r\n" for name, value in common.items())

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection; the next request opens another."""
        if self._pair is not None:
            self._pair[1].close()
            self._pair = None

    async def get(self, path: str) -> Reply:
        """Send one GET request."""
        return await self._ask(f"GET {path} HTTP/1.1\r\n{self._common}\r\n".encode())

    async def post(self, path: str, body: bytes) -> Reply:
        """Send one POST request with a JSON body."""
        head = f"POST {path} HTTP/1.1\r\n{self._common}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        return await self._ask(head.encode() + body)

    async def _ask(self, message: bytes) -> Reply:
        """Send and receive; if the server has closed the idle connection, it is opened again.

        Raises:
            ConnectionError, asyncio.IncompleteReadError, TimeoutError: the server does not answer.
        """
        kept = self._pair is not None
        try:
            return await asyncio.wait_for(self._exchange(message), _PATIENCE_S)
        except _GONE:
            self.close()
            if not kept:
                raise
            return await asyncio.wait_for(self._exchange(message), _PATIENCE_S)

    async def _exchange(self, message: bytes) -> Reply:
        if self._pair is None:
            self._pair = await asyncio.open_connection(self._host, self._port)
        reader, writer = self._pair
        begin = time.perf_counter()
        writer.write(message)
        head = await reader.readuntil(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines) if name}
        body = await _body(reader, headers)
        seconds = time.perf_counter() - begin
        if headers.get("connection", "").lower() == "close":
            self.close()
        return Reply(int(first.split(" ", 2)[1]), headers, body, seconds)


async def _body(reader: asyncio.StreamReader, headers: dict[str, str]) -> bytes:
    if headers.get("transfer-encoding", "").lower() == "chunked":
        pieces: list[bytes] = []
        while size := int((await reader.readline()).split(b";")[0], 16):
            pieces.append(await reader.readexactly(size))
            await reader.readexactly(2)
        await reader.readline()
        return b"".join(pieces)
    return await reader.readexactly(int(headers.get("content-length", 0)))
