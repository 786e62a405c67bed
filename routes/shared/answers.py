"""Answers that browsers may keep: without limit if the address names version and rights, otherwise until their tag changes."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import orjson
from fastapi import Request, Response

from data.core.text import parse_whole_number
from data.core.viewer import Viewer
from data.places.outlines import MapAnswer

FOREVER = "private, max-age=31536000, immutable"
ASK_AGAIN = "private, no-cache"
NOT_AT_ALL = "private, no-store"
VARY = "Accept-Encoding, Cookie"


def parse_version(given: str | None) -> int | None:
    """The version that an address names in ``?v=``; ``None`` if it names none or if the text cannot be a version."""
    return parse_whole_number(given)


@dataclass(frozen=True, slots=True)
class AnswerKey:
    """What an answer depends on.

    Attributes:
        version: version of its data; ``None`` if it also depends on something else, such as the hour.
        rights: what its viewer may see.
    """

    version: int | None
    rights: str


def cache_control(request: Request, key: AnswerKey) -> str:
    """How long a browser keeps an answer, by the version and the rights that its address names.

    An address that names an older version or other rights is answered with the present data for this viewer, and browsers may not keep
    that answer, because it belongs to another version or another person's rights. Without both, the browser asks again each time.
    """
    version, rights = parse_version(request.query_params.get("v")), request.query_params.get("r")
    if (version is not None and key.version not in (None, version)) or (rights is not None and rights != key.rights):
        return NOT_AT_ALL
    return ASK_AGAIN if version is None or rights is None or key.version is None else FOREVER


def cacheable_answer(
    request: Request, body: bytes, media_type: str, key: AnswerKey, etag: str | None = None, gzipped: bool = False
) -> Response:
    """The body with cache headers, or 304 if the browser already has it.

    Args:
        request: its ``v``, ``r`` and ``If-None-Match`` decide.
        body: the bytes to send.
        media_type: their type.
        key: what the answer depends on.
        etag: a tag that changes with the body; made from the body if not given.
        gzipped: whether the body is compressed already.
    """
    etag = etag or f'"{hashlib.sha256(body).hexdigest()[:20]}"'
    headers = {"ETag": etag, "Cache-Control": cache_control(request, key), "Vary": VARY}
    if etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if gzipped:
        headers["Content-Encoding"] = "gzip"
    return Response(body, media_type=media_type, headers=headers)


def cacheable_json(request: Request, found: MapAnswer[Mapping[str, object]], viewer: Viewer) -> Response:
    """The same for a value that is sent as JSON."""
    return cacheable_answer(request, orjson.dumps(found.body), "application/json", AnswerKey(found.version, viewer.rights))
