"""Chooses the tiles to measure: those with most buildings of a city."""

import asyncio
import random
from dataclasses import dataclass

from bench.client import Connection
from bench.databases import connect
from bench.model import Unmeasured
from bench.serving import Server
from bench.wire import addresses, ask, spec_of, wire
from data.queries.tile_encoding import HALF_WORLD_M, Tile

_BUSIEST = """
WITH place AS (SELECT ST_XMin(geom_3857) AS x, ST_YMax(geom_3857) AS y FROM building)
SELECT zoom, floor((%(half)s + x) / (2 * %(half)s) * (1 << zoom))::int, floor((%(half)s - y) / (2 * %(half)s) * (1 << zoom))::int, count(*)
FROM place, unnest(%(zooms)s::int[]) AS zoom
GROUP BY 1, 2, 3 HAVING count(*) >= %(fewest)s ORDER BY count(*) DESC, 1, 2, 3 LIMIT %(most)s"""


@dataclass(frozen=True, slots=True)
class Found:
    """A tile and the number of buildings that begin in it."""

    tile: Tile
    buildings: int


def busiest(database: str, zooms: tuple[int, ...], most: int, fewest: int = 20) -> list[Found]:
    """The tiles with most buildings at some zooms, the fullest first.

    Raises:
        Unmeasured: there is none.
    """
    values = {"half": HALF_WORLD_M, "zooms": list(zooms), "fewest": fewest, "most": most}
    with connect(database) as connection:
        rows = connection.execute(_BUSIEST, values).fetchall()
    if not rows:
        raise Unmeasured("the database holds no buildings")
    return [Found(Tile(z, x, y), count) for z, x, y, count in rows]


def shuffle_tiles(found: list[Found]) -> list[Tile]:
    """The tiles in a fixed order that follows neither place nor size."""
    tiles = [one.tile for one in found]
    random.Random(2).shuffle(tiles)
    return tiles


def template(server: Server, layer: str = "buildings") -> str:
    """The address of a layer's tiles, with ``{z}/{x}/{y}`` in it, as the page gives it to the map."""

    async def asked() -> list[str]:
        async with Connection(server.url, server.headers) as http:
            known = await wire(http)
            return addresses(spec_of(await ask(http, known.show(""))))[0]

    found = [one for one in asyncio.run(asked()) if f"/{layer}/" in one]
    if not found:
        raise Unmeasured(f"the page shows no tiles of {layer}")
    return found[0]


def path(pattern: str, tile: Tile) -> str:
    """A tile's address."""
    return pattern.format(z=tile.z, x=tile.x, y=tile.y)
