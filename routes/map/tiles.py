"""``GET /tiles/{layer}/{z}/{x}/{y}.mvt``: Mapbox Vector Tiles."""

import gzip
from typing import Annotated
from urllib.parse import parse_qs

from fastapi import APIRouter, Depends, FastAPI, Path, Request, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from data.core.errors import GridwellError
from data.core.viewer import Viewer
from data.places import tiles
from data.places.tiles import TileAnswer
from routes.api.examples import parameter_example
from routes.shared.answers import FOREVER, VARY, Of, asked_version, kept
from routes.shared.language import INSIDE, asking

router = APIRouter(tags=["map"])

MEDIA_TYPE = "application/vnd.mapbox-vector-tile"
FOLDER, ENDING = "/tiles/", ".mvt"


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
    answer = await tiles.fetch_tile(layer, where, asked_version(request.query_params.get("v")), who)
    of = Of(answer.version, answer.rights)
    if "gzip" in request.headers.get("accept-encoding", ""):
        return kept(request, answer.packed, MEDIA_TYPE, of, answer.etag, gzipped=True)
    return kept(request, gzip.decompress(answer.packed), MEDIA_TYPE, of, answer.etag)


def install(app: FastAPI) -> None:
    """Answer tiles that are in memory before anything else is asked about the request."""
    app.add_middleware(WarmTiles)


class WarmTiles:
    """ASGI middleware for the tiles in memory: a wall that shows a city asks for little else.

    What it cannot answer at once (no version in the address or another than the newest, other rights than the viewer's own, no gzip, a tag
    to compare, a tile to be made, an address that names none) passes through to the route.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer from memory, or pass on."""
        if scope["type"] != "http" or scope["method"] != "GET" or not scope["path"].startswith(FOLDER):
            await self.app(scope, receive, send)
            return
        answer = await _in_memory(scope)
        if answer is None:
            await self.app(scope, receive, send)
            return
        await send({"type": "http.response.start", "status": 200, "headers": _headers(answer)})
        await send({"type": "http.response.body", "body": answer.packed})


async def _in_memory(scope: Scope) -> TileAnswer | None:
    given, inside = dict(scope["headers"]), scope.get(INSIDE)
    if inside is None or b"gzip" not in given.get(b"accept-encoding", b"") or b"if-none-match" in given:
        return None
    named = parse_qs(scope["query_string"].decode("latin-1"))
    version = asked_version(named.get("v", [None])[-1])
    parts = scope["path"].removeprefix(FOLDER).removesuffix(ENDING).split("/")
    if version is None or len(parts) != 4 or named.get("r", [None])[-1] != inside.viewer.rights:
        return None
    try:
        return await tiles.peek_tile(parts[0], tiles.parse_address(*parts), version, inside.viewer)
    except GridwellError:  # the route says what is wrong with it, in the reader's language
        return None


def _headers(answer: TileAnswer) -> list[tuple[bytes, bytes]]:
    """What the route would send with a tile of the version and for the rights that the address names."""
    return [
        (b"content-type", MEDIA_TYPE.encode()),
        (b"content-encoding", b"gzip"),
        (b"content-length", str(len(answer.packed)).encode()),
        (b"etag", answer.etag.encode()),
        (b"cache-control", FOREVER.encode()),
        (b"vary", VARY.encode()),
    ]
