"""Tiles in memory are answered before any other check of the request, because most requests of a wall display are for tiles."""

from functools import lru_cache
from typing import NamedTuple
from urllib.parse import parse_qs

from starlette.types import ASGIApp, Receive, Scope, Send

from data.core.errors import GridwellError
from data.places import tiles
from data.places.tiles import TileAnswer
from data.queries.tile_encoding import Tile
from routes.shared.answers import FOREVER, VARY, parse_version
from routes.shared.language import INSIDE

MEDIA_TYPE = "application/vnd.mapbox-vector-tile"
FOLDER, ENDING = "/tiles/", ".mvt"
_LONGEST = 200
"""Characters of an address that names a tile, its version and its rights; longer ones hold something else, and the route reads them."""
_SAME = (
    (b"content-type", MEDIA_TYPE.encode()),
    (b"content-encoding", b"gzip"),
    (b"cache-control", FOREVER.encode()),
    (b"vary", VARY.encode()),
)


class WarmTiles:
    """ASGI middleware that answers with tiles from memory. The guard must run before it, because the guard finds the viewer.

    It passes a request on to the route if the address has no version or an old one, if the address names other rights than the
    viewer's own, if the browser takes no gzip or sends a tag to compare, or if the tile is not in memory or does not exist.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with a tile from memory, or pass the request on."""
        answer = _find_in_memory(scope) if scope["type"] == "http" and scope["method"] == "GET" else None
        if answer is None:
            await self.app(scope, receive, send)
            return
        await send({"type": "http.response.start", "status": 200, "headers": _headers(answer)})
        await send({"type": "http.response.body", "body": answer.packed})


class _Wanted(NamedTuple):
    """What the address of a tile names."""

    layer: str
    where: Tile
    version: int
    rights: str


def _find_in_memory(scope: Scope) -> TileAnswer | None:
    path, query, inside = scope["path"], scope["query_string"], scope.get(INSIDE)
    if not path.startswith(FOLDER) or inside is None or len(path) + len(query) > _LONGEST:
        return None
    wanted = _parse(path, query)
    if wanted is None or wanted.rights != inside.viewer.rights or not _takes_packed(scope):
        return None
    return tiles.peek_tile(wanted.layer, wanted.where, wanted.version, wanted.rights)


@lru_cache(8192)
def _parse(path: str, query: bytes) -> _Wanted | None:
    """What an address names; ``None`` if it is no tile's, or lacks a version or rights. Kept, because walls ask for the same ones again."""
    if not path.endswith(ENDING):
        return None
    parts = path.removeprefix(FOLDER).removesuffix(ENDING).split("/")
    named = parse_qs(query.decode("latin-1"))
    version, rights = parse_version(named.get("v", [None])[-1]), named.get("r", [None])[-1]
    if version is None or rights is None or len(named) > 2 or len(parts) != 4:
        return None
    try:
        return _Wanted(parts[0], tiles.parse_address(*parts), version, rights)
    except GridwellError:  # the route explains what is wrong with the address, in the reader's language
        return None


def _takes_packed(scope: Scope) -> bool:
    """Whether the browser takes gzip, and has no tile of its own to compare."""
    packed = False
    for name, value in scope["headers"]:
        if name == b"if-none-match":
            return False
        packed = packed or (name == b"accept-encoding" and b"gzip" in value)
    return packed


def _headers(answer: TileAnswer) -> list[tuple[bytes, bytes]]:
    """The headers that the route would send with a tile for the version and the rights in the address."""
    return [*_SAME, (b"content-length", b"%d" % len(answer.packed)), (b"etag", answer.etag.encode())]
