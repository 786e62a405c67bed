"""Scripts and styles are sent compressed: compressed on first use, and cached by browsers without limit, because each has a version.

Browsers offer Brotli only over https; over plain http it is gzip.

Compressing a large script takes a second of CPU, so a client must not be able to cause it again with invented addresses. Two caches
prevent this: one finds the file's content by its address, of which only the path and the version ``m`` count; the other finds the
compressed bytes by that content. An invented version costs one more reading of the file; an invented ``?x=`` costs nothing.
"""

import asyncio
import gzip
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qs

import brotli
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from data.concurrency.cache import AnswerCache, CacheEntry
from data.concurrency.per_loop import PerLoop

FOREVER = "public, max-age=31536000, immutable"
STATIC = ("/assets/", "/_dash-component-suites/")
_COMPRESSORS: dict[str, Callable[[bytes], bytes]] = {
    # Brotli's level 9 compresses 1 MB in about a second, once for each process; 11 would take ten for 3 % less.
    "br": lambda body: brotli.compress(body, quality=9),
    "gzip": lambda body: gzip.compress(body, 9, mtime=0),
}
"""The better one first."""
_FEWEST_BYTES = 500
_KEPT_BYTES = 16_000_000
"""Bytes that a process keeps of compressed files; the page needs 2 MB."""
_MOST_ADDRESSES = 2_000
"""How many addresses a process remembers with their content: limited, because anybody can invent addresses."""
_TEXT = ("text/", "application/javascript", "application/json", "image/svg+xml")


@dataclass(frozen=True, slots=True)
class _File:
    """The file at an address: headers, and the digest of its content; without a digest it cannot be compressed."""

    headers: tuple[tuple[bytes, bytes], ...] = ()
    digest: bytes | None = None


class CompressedAssets:
    """ASGI middleware in front of the static addresses. An answer that is not static, not text, or not complete passes unchanged."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.files: PerLoop[AnswerCache[_File]] = PerLoop(lambda: AnswerCache(_MOST_ADDRESSES))
        self.compressed: PerLoop[AnswerCache[bytes]] = PerLoop(lambda: AnswerCache(_KEPT_BYTES))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer from memory if the file is compressed already."""
        if scope["type"] != "http" or scope["method"] != "GET" or not scope["path"].startswith(STATIC):
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        wants_it_whole = "if-none-match" in headers or "if-modified-since" in headers or "range" in headers
        encoding = next((name for name in _COMPRESSORS if name in headers.get("accept-encoding", "")), None)
        answer = None if wants_it_whole or encoding is None else await self._compressed(scope, encoding)
        if answer is None:
            await self.app(scope, receive, _with_cache_header(scope, send))
            return
        start, body = answer
        await send(start)
        await send({"type": "http.response.body", "body": body})

    async def _compressed(self, scope: Scope, encoding: str) -> tuple[Message, bytes] | None:
        """The start message and the body of a compressed answer, or ``None`` if it cannot be compressed."""
        file = await self.files().get((scope["path"], _version(scope), encoding), lambda: self._load(scope, encoding))
        if file.digest is None:
            return None
        # The bytes are usually in the cache. They are compressed again only if the cache has dropped them for others.
        body = await self.compressed().get((file.digest, encoding), lambda: self._compress(scope, encoding))
        headers = MutableHeaders(raw=list(file.headers))
        headers["Content-Encoding"], headers["Content-Length"] = encoding, str(len(body))
        headers.add_vary_header("Accept-Encoding")
        _set_cache_header(scope, headers)
        return {"type": "http.response.start", "status": 200, "headers": headers.raw}, body

    async def _load(self, scope: Scope, encoding: str) -> CacheEntry[_File]:
        """Read a file once for all requests that wait for it, and compress it unless its content has been compressed before."""
        start, body = await self._read(scope)
        headers = Headers(raw=start["headers"])
        packable = start["status"] == 200 and headers.get("content-type", "").startswith(_TEXT) and len(body) >= _FEWEST_BYTES
        if not packable or "content-encoding" in headers:
            return CacheEntry(_File(), 1)
        digest = hashlib.sha256(body).digest()
        await self.compressed().get((digest, encoding), lambda: _compress(body, encoding))
        return CacheEntry(_File(tuple(start["headers"]), digest), 1)

    async def _compress(self, scope: Scope, encoding: str) -> CacheEntry[bytes]:
        """Read and compress a file again."""
        _, body = await self._read(scope)
        return await _compress(body, encoding)

    async def _read(self, scope: Scope) -> tuple[Message, bytes]:
        """The start message of the application's own answer, and its body."""
        messages: list[Message] = []

        async def collect(message: Message) -> None:
            messages.append(message)

        await self.app(dict(scope), _request_of_many(), collect)
        return messages[0], b"".join(message.get("body", b"") for message in messages[1:])


async def _compress(body: bytes, encoding: str) -> CacheEntry[bytes]:
    compressed = await asyncio.to_thread(_COMPRESSORS[encoding], body)
    return CacheEntry(compressed, len(compressed))


def _version(scope: Scope) -> str | None:
    """The version in an address, which Dash writes as ``?m=``; the rest of a query does not matter for a file."""
    named = parse_qs(scope["query_string"].decode("latin-1")).get("m")
    return named[-1] if named else None


def _request_of_many() -> Receive:
    """One request for all clients that wait for the answer: it has no body, and it does not end when one of them disconnects."""
    body: list[Message] = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> Message:
        never: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        return body.pop() if body else await never

    return receive


def _with_cache_header(scope: Scope, send: Send) -> Send:
    """Send the answer on; if the address has a version, add the header that lets browsers keep it."""

    async def send_with_header(message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] in (200, 304):
            headers = MutableHeaders(raw=list(message["headers"]))
            _set_cache_header(scope, headers)
            message = {**message, "headers": headers.raw}
        await send(message)

    return send_with_header


def _set_cache_header(scope: Scope, headers: MutableHeaders) -> None:
    if _version(scope) is not None:
        headers["Cache-Control"] = FOREVER
    elif "cache-control" not in headers:
        headers["Cache-Control"] = "no-cache"
