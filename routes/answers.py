"""Answers that browsers may keep: for ever under an address that names their version, otherwise until the tag differs."""

import hashlib

import orjson
from fastapi import Request, Response

from data.shapes import Found

FOREVER = "private, max-age=31536000, immutable"
ASK_AGAIN = "private, no-cache"
NOT_AT_ALL = "private, no-store"
VARY = "Accept-Encoding, Cookie"
_LONGEST_NUMBER = 16


def asked_version(given: str | None) -> int | None:
    """The version that an address names in ``?v=``; ``None`` where it names none, or nothing that could be one."""
    return int(given) if given and len(given) <= _LONGEST_NUMBER and given.isascii() and given.isdigit() else None


def keeping(asked: int | None, version: int | None) -> str:
    """How long a browser keeps what is of a version, under an address that asked for one.

    An address that asks for an older one is answered with what is there now, and it is not kept: the browser must not take the new for
    the old. ``version`` is None for what depends on more than its version.
    """
    if asked is None or version is None:
        return ASK_AGAIN
    return FOREVER if asked == version else NOT_AT_ALL


def kept(request: Request, body: bytes, media_type: str, version: int | None, etag: str | None = None, gzipped: bool = False) -> Response:
    """The body with cache headers, or 304 when the browser has it already.

    Args:
        request: its ``v`` and ``If-None-Match`` decide.
        body: what to send.
        media_type: its type.
        version: of what is sent; None for what depends on more, say on the hour.
        etag: a tag that changes with the body; made from it when not given.
        gzipped: whether the body is compressed already.
    """
    etag = etag or f'"{hashlib.sha256(body).hexdigest()[:20]}"'
    headers = {"ETag": etag, "Cache-Control": keeping(asked_version(request.query_params.get("v")), version), "Vary": VARY}
    if etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if gzipped:
        headers["Content-Encoding"] = "gzip"
    return Response(body, media_type=media_type, headers=headers)


def kept_json(request: Request, found: Found) -> Response:
    """The same for something that becomes JSON."""
    return kept(request, orjson.dumps(found.body), "application/json", found.version)
