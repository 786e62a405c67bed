"""``GET /tiles/{layer}/{z}/{x}/{y}.mvt``: Mapbox Vector Tiles."""

import gzip
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from data import tiles
from data.viewer import Viewer
from routes.answers import kept
from routes.language import viewer

router = APIRouter(tags=["map"])

MEDIA_TYPE = "application/vnd.mapbox-vector-tile"


@router.get(
    "/tiles/{layer}/{z}/{x}/{y}.mvt",
    summary="A vector tile",
    description="One of: ground, base, flood, buildings, areas, incidents, facilities. With ?v=<data_version> browsers keep it for ever.",
    response_class=Response,
)
async def get_tile(layer: str, z: str, x: str, y: str, request: Request, who: Annotated[Viewer, Depends(viewer)]) -> Response:
    """One tile, compressed where the browser takes it, of at most 500 KB."""
    where = tiles.address(layer, z, x, y)
    answer = await tiles.tile(layer, where, request.query_params.get("v"), who)
    if "gzip" in request.headers.get("accept-encoding", ""):
        return kept(request, answer.packed, MEDIA_TYPE, answer.etag, gzipped=True, lasting=answer.lasting)
    return kept(request, gzip.decompress(answer.packed), MEDIA_TYPE, answer.etag, lasting=answer.lasting)
