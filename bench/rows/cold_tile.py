"""Cold building tiles through HTTP, compared with pgbench running the same SQL."""

import asyncio
import os
import subprocess
import tempfile
import time
from functools import lru_cache
from pathlib import Path

import psycopg
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg  # used only to write $1, $2, …; nothing is run through it
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from bench.client import Connection
from bench.model import Json, Row, Unmeasured, median_ratio
from bench.order import Order
from bench.serving import Server, gridwell, service_parts
from bench.tiles_of import busiest, path, shuffle_tiles, template
from data.cluster.binaries import list_installed
from data.core.viewer import everything
from data.database.transactions import SETTINGS, transaction_settings
from data.places.tiles import LAYERS
from data.queries.tile_encoding import Tile

AT_ONCE = 4
"""Connections on each side; a browser opens six, but two already keep two cores busy."""
ZOOMS = (14, 15)
VIEWER = everything()
"""The measured server is asked by a guest who may see as much."""


def measure(order: Order, row: Row) -> None:
    """Fill the row."""
    tiles = shuffle_tiles(busiest(order.database, ZOOMS, order.counts.cold_tiles))
    shares = [tiles[number::AT_ONCE] for number in range(AT_ONCE)]
    beside = "pgbench" in order.against
    ours: list[float] = []
    limit: list[float] = []
    waits: list[float] = []
    weights: list[float] = []
    with tempfile.TemporaryDirectory(prefix="gridwell-bench-") as folder:
        scripts = _scripts(shares, Path(folder))
        for number in range(order.counts.rounds):
            print(f"  round {number + 1} of {order.counts.rounds}", flush=True)
            with gridwell(order.database) as server:  # a new server has no tile in memory
                if beside:
                    known = service_parts(order.database, server)
                    if not number:
                        _check_rights(known, tiles[0])
                        _pgbench(known, scripts)  # loads the buildings into the database's cache, for both sides
                    limit.append(len(tiles) / _pgbench(known, scripts))
                seconds, single, bytes_ = asyncio.run(_fetched(server, template(server), shares))
            ours.append(len(tiles) / seconds)
            waits += [one * 1000 for one in single]
            weights += bytes_
    row.add("cold tiles through HTTP", "tiles/s", ours)
    row.percentiles("wait for one", "ms", waits, 50, 95)
    row.add("weight of one over the wire", "bytes", weights)
    if beside:
        row.add("the same SQL through pgbench", "tiles/s", limit, ours=False)
        row.compare("cold tiles ÷ pgbench with the same SQL", median_ratio(ours, limit), "≥ 0.85 at metropolis, ≥ 0.6 at city")
    row.notes.append(
        f"The {len(tiles)} fullest building tiles of zoom {' and '.join(map(str, ZOOMS))}, each once, {AT_ONCE} connections on either "
        "side, each with its own share, one server process, database cache warm, a new server each round. pgbench: one client a share, "
        "with the role and the rights of the same viewer, told once for each connection, as are its prepared statements. The product tells "
        "them with each tile, and also packs each tile (gzip) and signs it (ETag)."
    )


async def _fetched(server: Server, pattern: str, shares: list[list[Tile]]) -> tuple[float, list[float], list[float]]:
    """Seconds for all tiles, and seconds and bytes of each."""
    seconds: list[float] = []
    bytes_: list[float] = []

    async def fetch(http: Connection, share: list[Tile]) -> None:
        for tile in share:
            reply = await http.get(path(pattern, tile))
            if reply.status != 200:
                raise Unmeasured(f"a tile was answered {reply.status}")
            seconds.append(reply.seconds)
            bytes_.append(len(reply.body))

    clients = [Connection(server.url, server.headers) for _ in shares]
    # Opens the pool's connections with tiles that are not measured.
    far = [Tile(12, tile.x >> (tile.z - 12), tile.y >> (tile.z - 12)) for tile in (share[0] for share in shares if share)]
    await asyncio.gather(
        *(http.get(path(pattern.replace("/buildings/", "/areas/"), tile)) for http, tile in zip(clients, far, strict=False))
    )
    begin = time.perf_counter()
    await asyncio.gather(*(fetch(http, share) for http, share in zip(clients, shares, strict=True)))
    taken = time.perf_counter() - begin
    for http in clients:
        http.close()
    return taken, seconds, bytes_


def _scripts(shares: list[list[Tile]], folder: Path) -> list[Path]:
    """A script for each share of tiles: rights are told and statements prepared, as the product does, then each tile is requested once.

    Without rights, every tile would be empty.
    """
    made = []
    for number, share in enumerate(shares):
        zooms = sorted({tile.z for tile in share})
        lines = [_take_rights(), *(f"PREPARE tile_{zoom} AS {_statement(zoom)[0]};" for zoom in zooms)]
        for tile in share:
            values = tile.values()
            lines.append(f"EXECUTE tile_{tile.z} ({', '.join(_literal(values[name]) for name in _statement(tile.z)[1])});")
        made.append(folder / f"share-{number}.sql")
        made[-1].write_text("\n".join(lines) + "\n", encoding="utf-8")
    return made


def _take_rights() -> str:
    """What a connection says to have a viewer's rights until it ends."""
    told = zip(SETTINGS, transaction_settings(VIEWER), strict=True)
    return f"SELECT {', '.join(f'set_config({_literal(name)}, {_literal(value)}, false)' for name, value in told)};"


def _check_rights(known: Json, tile: Tile) -> None:
    """Check that pgbench makes the tiles that the product makes.

    Raises:
        Unmeasured: it would see no buildings.
    """
    layer = LAYERS["buildings"]
    statement = str(layer.make(tile.z, layer.most_at(tile.z)).compile(dialect=PGDialect_psycopg()))  # type: ignore[no-untyped-call]
    with psycopg.connect(**known) as connection:
        connection.execute(_take_rights().encode())
        row = connection.execute(statement.encode(), tile.values()).fetchone()
    if not row or not row[0]:
        raise Unmeasured("pgbench would make empty tiles, because its role sees no buildings")


@lru_cache
def _statement(zoom: int) -> tuple[str, tuple[str, ...]]:
    """The product's own statement for building tiles of a zoom on one line, with numbered parameters, and their names in order."""
    layer = LAYERS["buildings"]
    compiled = layer.make(zoom, layer.most_at(zoom)).compile(dialect=PGDialect_asyncpg())  # type: ignore[no-untyped-call]
    return " ".join(str(compiled).split()), tuple(getattr(compiled, "positiontup", None) or ())


def _literal(value: float | str) -> str:
    """A tile's value as an SQL literal: a number, or a geometry's text, which contains no quotes."""
    return f"'{value}'" if isinstance(value, str) else repr(value)


def _pgbench(known: Json, scripts: list[Path]) -> float:
    """Seconds until every script has run once, all at the same time, with libpq's parameters.

    Raises:
        Unmeasured: there is no pgbench, or a statement failed.
    """
    program = next((one.folder / "pgbench" for one in list_installed() if (one.folder / "pgbench").exists()), None)
    if program is None:
        raise Unmeasured("pgbench is not installed beside PostgreSQL")
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE"}
    told = {names[name]: str(value) for name, value in known.items() if name in names}
    begin = time.perf_counter()
    running = [
        subprocess.Popen(
            [str(program), "--no-vacuum", "--client=1", "--transactions=1", f"--file={script}"],
            env={**os.environ, **told},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for script in scripts
        if script.stat().st_size
    ]
    said = [process.communicate()[0] for process in running]
    taken = time.perf_counter() - begin
    for process, text in zip(running, said, strict=True):
        if process.returncode or "aborted" in text:
            raise Unmeasured(f"pgbench failed: {text.strip().splitlines()[-1]}")
    return taken
