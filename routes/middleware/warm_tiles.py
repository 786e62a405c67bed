"""Tiles in memory are answered before any other check of the request, because most requests of a wall display are for tiles."""

from urllib.parse import parse_qs

from starlette.types import ASGIApp, Receive, Scope, Send

from data.core.errors import GridwellError
from data.places import tiles
from data.places.tiles import TileAnswer
from routes.shared.answers import FOREVER, VARY, parse_version
from routes.shared.language import INSIDE

MEDIA_TYPE = "application/vnd.mapbox-vector-tile"
FOLDER, ENDING = "/tiles/", ".mvt"


class WarmTiles:
    """ASGI middleware that answers with tiles from memory. The guard must run before it, because the guard finds the viewer.

    It passes a request on to the route if the address has no version or an old one, if the address names other rights than the
    viewer's own, if the browser takes no gzip or sends a tag to compare, or if the tile is not in memory or does not exist.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with a tile from memory, or pass the request on."""
        answer = await _find_in_memory(scope) if scope["type"] == "http" and scope["method"] == "GET" else None
        if answer is None:
            await self.app(scope, receive, send)
            return
        await send({"type": "http.response.start", "status": 200, "headers": _headers(answer)})
        await send({"type": "http.response.body", "body": answer.packed})


async def _find_in_memory(scope: Scope) -> TileAnswer | None:
    path = scope["path"]
    if not (path.startswith(FOLDER) and path.endswith(ENDING)):
        return None
    given, inside = dict(scope["headers"]), scope.get(INSIDE)
    if inside is None or b"gzip" not in given.get(b"accept-encoding", b"") or b"if-none-match" in given:
        return None
    query = parse_qs(scope["query_string"].decode("latin-1"))
    version = parse_version(query.get("v", [None])[-1])
    parts = path.removeprefix(FOLDER).removesuffix(ENDING).split("/")
    if version is None or len(parts) != 4 or query.get("r", [None])[-1] != inside.viewer.rights:
        return None
    try:
        return await tiles.peek_tile(parts[0], tiles.parse_address(*parts), version, inside.viewer)
    except GridwellError:  # the route explains what is wrong with the address, in the reader's language
        return None


def _headers(answer: TileAnswer) -> list[tuple[bytes, bytes]]:
    """The headers that the route would send with a tile for the version and the rights in the address."""
    return [
        (b"content-type", MEDIA_TYPE.encode()),
        (b"content-encoding", b"gzip"),
        (b"content-length", str(len(answer.packed)).encode()),
        (b"etag", answer.etag.encode()),
        (b"cache-control", FOREVER.encode()),
        (b"vary", VARY.encode()),
    ]
