"""The map library, served from the installed pydeck at an address that changes with its content."""

import gzip
from pathlib import Path

from fastapi import APIRouter, Request, Response

from layers.spec.vendor import BUNDLE, WORKER, bundle_address, pack_script

__all__ = ["bundle_address", "router"]

router = APIRouter(tags=["map"], include_in_schema=False)

FOREVER = "public, max-age=31536000, immutable"


@router.get("/vendor/deck-{digest}.js")
async def get_bundle(digest: str, request: Request) -> Response:
    """deck.gl as pydeck ships it. An older address is answered with the present file, but not kept."""
    return _script(request, BUNDLE, digest)


@router.get("/vendor/mvt-worker-{digest}.js")
async def get_worker(digest: str, request: Request) -> Response:
    """The worker that reads vector tiles."""
    return _script(request, WORKER, digest)


def _script(request: Request, path: Path, digest: str) -> Response:
    true_digest, body = pack_script(path)
    headers = {"Cache-Control": FOREVER if digest == true_digest else "no-cache", "ETag": f'"{true_digest}"', "Vary": "Accept-Encoding"}
    if true_digest in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return Response(gzip.decompress(body), media_type="text/javascript", headers=headers)
    return Response(body, media_type="text/javascript", headers={**headers, "Content-Encoding": "gzip"})
