"""plotly.js, as the plotly package ships it, at an address that changes with its content. Pages load it when they first draw a chart."""

import asyncio
import gzip
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from fastapi import APIRouter, Request, Response

from layers.spec.vendor import pack_script

router = APIRouter(tags=["map"], include_in_schema=False)

_FOREVER = "public, max-age=31536000, immutable"


@lru_cache
def find_plotly() -> Path:
    """Where plotly.js is installed. The package is not imported: that takes a second, and nothing here draws."""
    found = find_spec("plotly")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("plotly")
    return Path(found.origin).parent / "package_data" / "plotly.min.js"


def plotly_address() -> str:
    """Address of plotly.js."""
    return f"/vendor/plotly-{pack_script(find_plotly())[0]}.js"


@router.get("/vendor/plotly-{digest}.js")
async def get_plotly(digest: str, request: Request) -> Response:
    """plotly.js. An older address is answered with the present file, but not kept. In a thread: packing it takes half a second, once."""
    own, body = await asyncio.to_thread(lambda: pack_script(find_plotly()))
    headers = {"Cache-Control": _FOREVER if digest == own else "no-cache", "ETag": f'"{own}"', "Vary": "Accept-Encoding"}
    if own in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return Response(gzip.decompress(body), media_type="text/javascript", headers=headers)
    return Response(body, media_type="text/javascript", headers={**headers, "Content-Encoding": "gzip"})
