"""Scripts and styles travel small and are fetched once: packed on first use, kept by browsers for ever under their version.

Browsers offer Brotli only over https; over plain http it is gzip.
"""

import asyncio
import gzip
from collections.abc import Callable

import brotli
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

FOREVER = "public, max-age=31536000, immutable"
STATIC = ("/assets/", "/_dash-component-suites/")
_PACKING: dict[str, Callable[[bytes], bytes]] = {
    # Brotli's level 9 packs 1 MB in about a second, once for each process; 11 would take ten for 3 % less.
    "br": lambda body: brotli.compress(body, quality=9),
    "gzip": lambda body: gzip.compress(body, 9, mtime=0),
}
"""The better first."""
_FEWEST_BYTES = 500
_MOST_KEPT = 500
"""Most answers kept: any query part makes an address of its own, and memory must not follow whoever makes them up."""
_TEXT = ("text/", "application/javascript", "application/json", "image/svg+xml")

Packed = tuple[list[tuple[bytes, bytes]], bytes]


class PackedAssets:
    """ASGI middleware in front of the static addresses. What is not static, not text, or not whole passes through untouched."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.kept: dict[tuple[str, str], Packed] = {}

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
        key = f"{scope['path']}?{scope['query_string'].decode('latin-1')}", encoding
        packed = self.kept.get(key) or await self._pack(key, scope, receive, send)
        if packed is None:
            return
        raw, body = packed
        await send({"type": "http.response.start", "status": 200, "headers": raw})
        await send({"type": "http.response.body", "body": body})

    async def _pack(self, key: tuple[str, str], scope: Scope, receive: Receive, send: Send) -> Packed | None:
        """Ask for the answer and keep it packed; an answer that cannot be packed is sent on as it is, and ``None`` returned."""
        messages: list[Message] = []

        async def collect(message: Message) -> None:
            messages.append(message)

        await self.app(scope, receive, collect)
        if not messages:  # the browser went away before it was answered
            return None
        start, body = messages[0], b"".join(message.get("body", b"") for message in messages[1:])
        headers = MutableHeaders(raw=list(start["headers"]))
        packable = start["status"] == 200 and headers.get("content-type", "").startswith(_TEXT) and len(body) >= _FEWEST_BYTES
        if not packable or "content-encoding" in headers:
            for message in messages:
                await _versioned(scope, send)(message)
            return None
        encoding = key[1]
        packed = await asyncio.to_thread(_PACKING[encoding], body)
        headers["Content-Encoding"], headers["Content-Length"] = encoding, str(len(packed))
        headers.add_vary_header("Accept-Encoding")
        _keep(scope, headers)
        made = self.kept[key] = headers.raw, packed
        while len(self.kept) > _MOST_KEPT:
            del self.kept[next(iter(self.kept))]  # the oldest
        return made


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
