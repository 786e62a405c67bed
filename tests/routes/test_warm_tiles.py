"""A tile in memory is answered at the same addresses as one that must be made."""

from collections.abc import AsyncIterator

import httpx
import psycopg
import pytest
import pytest_asyncio
import small_city as city
from map_tools import MIDDLE, address, map_client, tile_of

from data.live import versions

PACKED = {"accept-encoding": "gzip"}


@pytest_asyncio.fixture
async def client(mapped: str) -> AsyncIterator[httpx.AsyncClient]:
    async with map_client() as opened:
        yield opened


@pytest.mark.parametrize("change", [(".mvt", ""), (".mvt", ".MVT"), (".mvt", ".mvt.mvt"), ("/tiles/", "/tiles//")])
async def test_an_address_that_names_no_tile_is_404_cold_and_warm(client: httpx.AsyncClient, mapped: str, change: tuple[str, str]) -> None:
    with psycopg.connect(mapped) as connection:
        versions.touch(connection, city.CITY, ["base"])
        row = connection.execute("SELECT versions FROM city").fetchone()
    assert row
    right = address("base", tile_of(*MIDDLE, 14), row[0]["base"])
    wrong = right.replace(*change)
    cold = await client.get(wrong, headers=PACKED)
    for _ in ("made", "from memory"):
        assert (await client.get(right, headers=PACKED)).status_code == 200
    warm = await client.get(wrong, headers=PACKED)
    assert (cold.status_code, warm.status_code) == (404, 404)
