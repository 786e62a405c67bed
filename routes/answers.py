"""Answers that browsers may keep: with ``?v=`` for ever, without it until the tag differs."""

import hashlib
from typing import Any

import orjson
from fastapi import Request, Response

FOREVER = "private, max-age=31536000, immutable"
ASK_AGAIN = "private, no-cache"


def kept(request: Request, body: bytes, media_type: str, etag: str | None = None, gzipped: bool = False, lasting: bool = True) -> Response:
    """The body with cache headers, or 304 when the browser has it already.

    Args:
        request: its ``v`` and ``If-None-Match`` decide.
        body: what to send.
        media_type: its type.
        etag: a tag that changes with the body; made from it when not given.
        gzipped: whether the body is compressed already.
        lasting: whether the same data version always gives this body; what depends on the hour does not.
    """
    etag = etag or f'"{hashlib.sha256(body).hexdigest()[:20]}"'
    keep = FOREVER if lasting and request.query_params.get("v") else ASK_AGAIN
    headers = {"ETag": etag, "Cache-Control": keep, "Vary": "Accept-Encoding, Cookie"}
    if etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if gzipped:
        headers["Content-Encoding"] = "gzip"
    return Response(body, media_type=media_type, headers=headers)


def kept_json(request: Request, payload: Any, lasting: bool = True) -> Response:
    """The same for something that becomes JSON."""
    return kept(request, orjson.dumps(payload), "application/json", lasting=lasting)
