"""``GET /tiles/{layer}/{z}/{x}/{y}.mvt``: Mapbox Vector Tiles."""

import gzip
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response

from data.core.viewer import Viewer
from data.places import tiles
from routes.api.examples import parameter_example
from routes.middleware.warm_tiles import MEDIA_TYPE
from routes.shared.answers import AnswerKey, cacheable_answer, parse_version
from routes.shared.language import asking
from routes.shared.parameters import refuse_unread

router = APIRouter(tags=["map"], dependencies=[Depends(refuse_unread)])


@router.get(
    "/tiles/{layer}/{z}/{x}/{y}.mvt",
    summary="A vector tile",
    description="One of: ground, base, flood, buildings, areas, incidents, facilities. With ?v=<version> of its subject and ?r=<rights>"
    " of the account (both in the answer of /api/areas) browsers keep it for ever.",
    response_class=Response,
)
async def get_tile(
    layer: Annotated[str, Path(openapi_examples=parameter_example("base"))],
    z: Annotated[str, Path(openapi_examples=parameter_example("11"))],
    x: Annotated[str, Path(openapi_examples=parameter_example("1698"))],
    y: Annotated[str, Path(openapi_examples=parameter_example("834"))],
    request: Request,
    who: Annotated[Viewer, Depends(asking)],
) -> Response:
    """One tile, compressed where the browser takes it, of at most 500 KB."""
    where = tiles.parse_address(layer, z, x, y)
    answer = await tiles.fetch_tile(layer, where, parse_version(request.query_params.get("v")), who)
    key = AnswerKey(answer.version, answer.rights)
    if "gzip" in request.headers.get("accept-encoding", ""):
        return cacheable_answer(request, answer.packed, MEDIA_TYPE, key, answer.etag, gzipped=True)
    return cacheable_answer(request, gzip.decompress(answer.packed), MEDIA_TYPE, key, answer.etag)
