"""A warm tile, compared with a static file of the same size from the same server, and with tipg and the same tiles."""

import base64
import gzip
import os
import random
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import make_url

from bench import peers
from bench.load import CONNECTIONS, Load, fetch
from bench.model import Row, Unmeasured, median_ratio
from bench.order import Order
from bench.serving import Server, environment, free_port, running
from bench.static_app import PACKED, UNPACKED
from bench.tiles_of import Found, busiest, path, template
from data.accounts.guest import guest
from data.queries.tile_encoding import Tile

ZOOM = 14
SAME_TILES = 8
_TIPG_FIELDS = "source_key,path,use,floors,height_m,residents"
"""The fields of a building in our own tiles."""


def measure(order: Order, row: Row) -> None:
    """Fill the row."""
    load = Load(order.folder, wrk=not order.quick)
    found = busiest(order.database, (ZOOM,), 64)
    tiles = [one.tile for one in _spread(found)]
    with tempfile.TemporaryDirectory(prefix="gridwell-bench-") as folder, _product(order.database, Path(folder)) as server:
        pattern = template(server)
        in_turn = _beside_static(row, order, load, server, Path(folder), [path(pattern, tile) for tile in tiles])
    if "tipg" in order.against:
        try:
            other = _tipg(row, order, load, tiles)
            row.compare("warm tile ÷ tipg, same tiles", in_turn / other, "≥ 10")
        except Unmeasured as reason:
            row.unmeasured.append(f"tipg: {reason}")
    row.notes.append(f"Load: {load.name}, {CONNECTIONS} connections to 127.0.0.1, {order.counts.warm_s:g} s a side, one server process.")


def _spread(found: list[Found]) -> list[Found]:
    """Tiles from large to small; the first one is from the middle."""
    step = max(1, len(found) // SAME_TILES)
    chosen = found[::step][:SAME_TILES]
    middle = found[len(found) // 2]
    return [middle, *(one for one in chosen if one != middle)][:SAME_TILES]


@contextmanager
def _product(database: str, folder: Path) -> Iterator[Server]:
    """Start the product, which also serves the static files."""
    files = folder / "files"
    files.mkdir()
    port = free_port()
    own = {**environment(database, str(folder)), "GRIDWELL_BENCH_STATIC": str(files)}
    url = f"http://127.0.0.1:{port}"
    command = _uvicorn(sys.executable, ["--factory", "bench.static_app:create"], port)
    owner = make_url(database).set(drivername="postgresql+psycopg")
    with running(command, url, "/healthz", folder / "log", own) as process, guest(url=owner) as known:
        yield Server(url, known.token, known.session, process, folder)


def _uvicorn(python: str, app: list[str], port: int) -> list[str]:
    """Arguments of uvicorn without logs, for both sides."""
    return [python, "-m", "uvicorn", *app, "--port", str(port), "--log-level", "warning", "--no-access-log", "--no-server-header"]


def _beside_static(row: Row, order: Order, load: Load, server: Server, folder: Path, paths: list[str]) -> float:
    """Add the rates of one warm tile and of files of the same size; returns the rate of all tiles in turn."""
    size = len(fetch(server.url, paths[0], server.headers))
    for each in paths[1:]:
        fetch(server.url, each, server.headers)
    file, packed = f"{UNPACKED}/tile.bin", f"{PACKED}/tile.js"
    (folder / "files" / "tile.bin").write_bytes(random.Random(3).randbytes(size))
    (folder / "files" / "tile.js").write_bytes(_text_of(size))
    sides = {"one": [paths[0]], "all": paths}
    if "static" in order.against:
        sides |= {"file": [file], "packed": [packed]}
        fetch(server.url, packed, server.headers)
    rates: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(order.counts.rounds):
        for name, asked in sides.items():
            rates[name].append(load.rate(server.url, asked, server.headers, order.counts.warm_s))
    row.add("one warm tile", "1/s", rates["one"])
    in_turn = row.add(f"{len(paths)} warm tiles in turn", "1/s", rates["all"])
    if "static" in order.against:
        row.add("a static file of the same size, from disk", "1/s", rates["file"], ours=False)
        row.add("the same, kept packed in memory as scripts are", "1/s", rates["packed"])
        row.compare("warm tile ÷ static file from disk", median_ratio(rates["one"], rates["file"]), "≥ 0.6")
        row.compare("warm tile ÷ static file from memory", median_ratio(rates["one"], rates["packed"]), "≥ 0.6")
    row.notes.append(f"The tile and the files weigh {size:,} bytes over the wire; both go through the same middleware of the same process.")
    return in_turn


def _text_of(size: int) -> bytes:
    """Text that gzip compresses to about this many bytes."""
    made = base64.b64encode(random.Random(4).randbytes(size))
    while len(gzip.compress(made, 9)) > size and len(made) > 64:
        made = made[: int(len(made) * 0.995) - 1]
    return made


def _tipg(row: Row, order: Order, load: Load, tiles: list[Tile]) -> float:
    """tipg's rate for the same tiles from the same database."""
    python = peers.environment(order.folder)
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    own = {"DATABASE_URL": _for_tipg(order.database), "TIPG_DB_SCHEMAS": '["public"]', "PYTHONPATH": os.devnull}
    name = "/collections/public.building/tiles/WebMercatorQuad"
    paths = [f"{name}/{tile.z}/{tile.x}/{tile.y}?geom-column=geom_3857&properties={_TIPG_FIELDS}&limit=9000" for tile in tiles]
    command = _uvicorn(str(python), ["tipg.main:app"], port)
    with tempfile.NamedTemporaryFile(prefix="gridwell-bench-") as log, running(command, url, "/healthz", Path(log.name), own):
        headers = {"Accept-Encoding": "gzip"}
        weights = [len(fetch(url, one, headers)) for one in paths]
        rates = [load.rate(url, paths, headers, order.counts.warm_s) for _ in range(order.counts.rounds)]
    row.notes.append(f"tipg answers the same tiles with {sum(weights) // len(weights):,} bytes each on average; it keeps none.")
    return row.add("tipg, the same tiles in turn", "1/s", rates, ours=False)


def _for_tipg(database: str) -> str:
    """The address in the form that tipg accepts: with a host, which may be a socket's folder."""
    url = make_url(database)
    host = url.query.get("host", url.host or "localhost")
    port = url.query.get("port", str(url.port or 5432))
    plain = url.set(drivername="postgresql", host=str(host).replace("/", "%2F"), port=int(str(port)), query={})
    return plain.render_as_string(hide_password=False)
