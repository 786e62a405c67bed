"""The map library, served from the installed pydeck under an address that changes with its content."""

import gzip
import hashlib
from functools import lru_cache
from pathlib import Path

import pydeck
from fastapi import APIRouter, Request, Response

from data.settings import ROOT

router = APIRouter(tags=["map"], include_in_schema=False)

BUNDLE = Path(pydeck.__file__).parent / "nbextension" / "static" / "index.js"
WORKER = ROOT / "assets" / "vendor" / "mvt-worker.js"
FOREVER = "public, max-age=31536000, immutable"


@lru_cache
def _packed(path: Path) -> tuple[str, bytes]:
    raw = path.read_bytes()
    return hashlib.sha256(raw).hexdigest()[:16], gzip.compress(raw, 9, mtime=0)


def bundle_address() -> str:
    """Where the page loads deck.gl from."""
    return f"/vendor/deck-{_packed(BUNDLE)[0]}.js"


def worker_address() -> str:
    """Where deck.gl loads the worker that reads vector tiles from."""
    return f"/vendor/mvt-worker-{_packed(WORKER)[0]}.js"


@router.get("/vendor/deck-{digest}.js")
async def get_bundle(digest: str, request: Request) -> Response:
    """deck.gl as pydeck ships it. An older address is answered with the present file, but not kept."""
    return _script(request, BUNDLE, digest)


@router.get("/vendor/mvt-worker-{digest}.js")
async def get_worker(digest: str, request: Request) -> Response:
    """The worker that reads vector tiles, in the version that deck.gl was built with."""
    return _script(request, WORKER, digest)


def _script(request: Request, path: Path, digest: str) -> Response:
    true_digest, packed = _packed(path)
    headers = {"Cache-Control": FOREVER if digest == true_digest else "no-cache", "ETag": f'"{true_digest}"', "Vary": "Accept-Encoding"}
    if true_digest in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return Response(gzip.decompress(packed), media_type="text/javascript", headers=headers)
    return Response(packed, media_type="text/javascript", headers={**headers, "Content-Encoding": "gzip"})
