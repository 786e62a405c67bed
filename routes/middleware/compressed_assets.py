"""Scripts and styles travel small and are fetched once: packed on first use, kept by browsers for ever under their version.

Browsers offer Brotli only over https; over plain http it is gzip.
"""

import asyncio
import gzip
from collections.abc import Callable
from dataclasses import dataclass

import brotli
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from data.concurrency.cache import AnswerCache, CacheEntry
from data.concurrency.per_loop import PerLoop

FOREVER = "public, max-age=31536000, immutable"
STATIC = ("/assets/", "/_dash-component-suites/")
_PACKING: dict[str, Callable[[bytes], bytes]] = {
    # Brotli's level 9 packs 1 MB in about a second, once for each process; 11 would take ten for 3 % less.
    "br": lambda body: brotli.compress(body, quality=9),
    "gzip": lambda body: gzip.compress(body, 9, mtime=0),
}
"""The better first."""
_FEWEST_BYTES = 500
_KEPT_BYTES = 16_000_000
_ENTRY_BYTES = 1_000
"""What a process gives to packed answers, of which the page needs 2 MB, and what keeping one takes besides its bytes. Bounded, because any
query part makes an address of its own, and memory must not follow whoever makes them up."""
_TEXT = ("text/", "application/javascript", "application/json", "image/svg+xml")


@dataclass(frozen=True, slots=True)
class Packed:
    """A packed answer: its headers and body."""

    headers: list[tuple[bytes, bytes]]
    body: bytes


_AS_IT_IS = Packed([], b"")
"""Stands for an answer that cannot be packed."""


class PackedAssets:
    """ASGI middleware in front of the static addresses. What is not static, not text, or not whole passes through untouched."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.kept: PerLoop[AnswerCache[Packed]] = PerLoop(lambda: AnswerCache(_KEPT_BYTES))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer from memory where it is packed already."""
        if scope["type"] != "http" or scope["method"] != "GET" or not scope["path"].startswith(STATIC):
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        wants_it_whole = "if-none-match" in headers or "if-modified-since" in headers or "range" in headers
        encoding = next((name for name in _PACKING if name in headers.get("accept-encoding", "")), None)
        if wants_it_whole or encoding is None:
            await self.app(scope, receive, _versioned(scope, send))
            return
        key = scope["path"], scope["query_string"], encoding
        packed = await self.kept().get(key, lambda: self._made(scope, encoding))
        if packed is _AS_IT_IS:
            await self.app(scope, receive, _versioned(scope, send))
            return
        await send({"type": "http.response.start", "status": 200, "headers": packed.headers})
        await send({"type": "http.response.body", "body": packed.body})

    async def _made(self, scope: Scope, encoding: str) -> CacheEntry[Packed]:
        """Ask for the answer, for all who want it now, and pack it."""
        messages: list[Message] = []

        async def collect(message: Message) -> None:
            messages.append(message)

        await self.app(dict(scope), _of_many(), collect)
        start, body = messages[0], b"".join(message.get("body", b"") for message in messages[1:])
        headers = MutableHeaders(raw=list(start["headers"]))
        packable = start["status"] == 200 and headers.get("content-type", "").startswith(_TEXT) and len(body) >= _FEWEST_BYTES
        if not packable or "content-encoding" in headers:
            return CacheEntry(_AS_IT_IS, _ENTRY_BYTES)
        packed = await asyncio.to_thread(_PACKING[encoding], body)
        headers["Content-Encoding"], headers["Content-Length"] = encoding, str(len(packed))
        headers.add_vary_header("Accept-Encoding")
        _keep(scope, headers)
        return CacheEntry(Packed(headers.raw, packed), len(packed) + _ENTRY_BYTES)


def _of_many() -> Receive:
    """A request that stands for all who want the answer now: it has no body, and does not end when one of them leaves."""
    body: list[Message] = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> Message:
        never: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        return body.pop() if body else await never

    return receive


def _versioned(scope: Scope, send: Send) -> Send:
    """Send on, with the lasting cache header where the address carries a version."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] in (200, 304):
            headers = MutableHeaders(raw=list(message["headers"]))
            _keep(scope, headers)
            message = {**message, "headers": headers.raw}
        await send(message)

    return sending


def _keep(scope: Scope, headers: MutableHeaders) -> None:
    if b"m=" in scope["query_string"]:
        headers["Cache-Control"] = FOREVER
    elif "cache-control" not in headers:
        headers["Cache-Control"] = "no-cache"
