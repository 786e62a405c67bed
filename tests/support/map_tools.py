"""What tests of the map's addresses share: a base map by hand, tiles by place, and a client of these routes alone."""

import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import mvt
import psycopg
import small_city as city
from fastapi import FastAPI
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from without_guard import let_in

from data.core.viewer import everything
from data.places.tiles import LAYERS
from data.queries.tile_encoding import Tile
from routes import errors
from routes.map import shapes, tiles, vendor
from routes.middleware.warm_tiles import WarmTiles

PERIOD = {"from": city.FROM, "to": city.TO}
MIDDLE = (120.02, 30.01)
BASE = [
    ("water", 1, None, "小河", "POLYGON((119.9 30.0085, 120.14 30.0085, 120.14 30.0115, 119.9 30.0115, 119.9 30.0085))"),
    ("road", 1, 34, "大道", "LINESTRING(119.9 30.005, 120.14 30.005)"),
    ("road", 4, 8, None, "LINESTRING(120.021 30.001, 120.021 30.003)"),
    ("green", 2, None, None, "POLYGON((120.001 30.001, 120.004 30.001, 120.004 30.004, 120.001 30.001))"),
    ("tree", 3, 6, None, "POINT(120.021 30.002)"),
]
"""A river from west to east, 300 m wide, a main road, a side street, a park and a tree."""


def load_base(connection: psycopg.Connection[Any]) -> None:
    """The features of ``BASE``."""
    for n, (kind, rank, width, name, wkt) in enumerate(BASE):
        connection.execute(
            "INSERT INTO base_feature (city, source_id, source_key, kind, rank, width_m, name, geom_3857)"
            " VALUES (%s, 1, %s, %s, %s, %s, %s, ST_Transform(ST_GeomFromText(%s, 4326), 3857))",
            (city.CITY, str(n), kind, rank, width, name, wkt),
        )
    connection.commit()


@asynccontextmanager
async def map_client() -> AsyncIterator[httpx.AsyncClient]:
    """A client of the map's routes, without the page around them."""
    made = FastAPI()
    for room in (tiles, shapes, vendor):
        made.include_router(room.router)
    errors.install(made)
    made.add_middleware(WarmTiles)
    let_in(made)
    transport = httpx.ASGITransport(app=made, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test", headers={"accept-language": "en"}) as opened:
        yield opened


def tile_of(lon: float, lat: float, zoom: int) -> Tile:
    """The tile in which a place lies."""
    n = 1 << zoom
    return Tile(zoom, int((lon + 180) / 360 * n), int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * n))


def around(zoom: int) -> list[Tile]:
    """All tiles that the city touches, and those around them."""
    first, last = tile_of(120.0, 30.02, zoom), tile_of(120.04, 30.0, zoom)
    return [Tile(zoom, x, y) for x in range(first.x - 1, last.x + 2) for y in range(first.y - 1, last.y + 2)]


def address(layer: str, where: Tile, version: int | None = None) -> str:
    """A tile's address; with a version the one that the page has for whoever is let in."""
    return f"/tiles/{layer}/{where.z}/{where.x}/{where.y}.mvt" + (f"?v={version}&r={everything().rights}" if version is not None else "")


async def read(client: httpx.AsyncClient, layer: str, where: Tile, version: int | None = None) -> list[dict[str, Any]]:
    """What a tile holds; where something was changed, its version makes sure that the change is seen."""
    answer = await client.get(address(layer, where, version))
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/vnd.mapbox-vector-tile"
    return mvt.read(answer.content).get(layer, [])


def tile_sql(layer: str, where: Tile) -> str:
    """The statement of a tile as plain SQL with its values written out, for EXPLAIN."""
    statement = LAYERS[layer].make(where.z, LAYERS[layer].most_at(where.z)).params(where.values())
    dialect = PGDialect_psycopg()  # type: ignore[no-untyped-call]  # SQLAlchemy has no types for it
    return str(statement.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
