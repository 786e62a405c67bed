"""Vector tiles: the layers, the size limit of a tile, and the cache of tiles by version."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from isal import igzip
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.engine import Dialect

from data.concurrency import queue
from data.concurrency.cache import AnswerCache, CacheEntry
from data.concurrency.per_loop import PerLoop
from data.core import meters
from data.core.errors import TileOutOfRange, UnknownLayer
from data.core.nearest import find_nearest_word
from data.core.settings import settings
from data.core.text import parse_whole_number
from data.core.viewer import Viewer
from data.database.transactions import fetch_row
from data.figures.scope import may_see_cases
from data.live import changes
from data.queries import tile_layers as queries
from data.queries.tile_encoding import Tile, TileStatement

BUDGET_BYTES = 500_000
"""Most bytes of one tile before compression; the least important features are left out."""
FEWEST = 50
"""This number of features is always drawn, whatever their size."""
FIRST_ZOOM, LAST_ZOOM = 5, 18
CACHE_BYTES = 64_000_000
ENTRY_BYTES = 700
"""Memory that a cached tile takes in addition to its bytes. It matters because most of a country's tiles are empty."""
COMPRESSION = 3
"""Compression level of ISA-L: a tenth of the time of zlib's usual level, for a tenth more bytes."""

FAR_MOST = {10: 1_500, 11: 2_500, 12: 2_500, 13: 5_000}
"""Most features of a tile at zooms where many share a pixel."""

Make = Callable[[int, int], TileStatement]


@dataclass(frozen=True, slots=True)
class Layer:
    """A tile layer: its statement by zoom and number of features, the most features of a tile, and what its data is about.

    ``without_cases`` is the statement for viewers who may not see single cases, where it differs. ``zooms`` are the first and the
    last zoom at which the map asks for tiles: before the first it draws nothing, beyond the last it enlarges.
    """

    make: Make
    most: int
    subject: str
    without_cases: Make | None = None
    zooms: tuple[int, int] = (FIRST_ZOOM, LAST_ZOOM)

    def most_at(self, zoom: int) -> int:
        """Most features of a tile at a zoom: at low zooms only the largest things can be seen."""
        return min(self.most, FAR_MOST.get(zoom, self.most) if zoom >= min(FAR_MOST) else FAR_MOST[min(FAR_MOST)])

    def choose_statement(self, viewer: Viewer) -> Make:
        """The statement for a viewer."""
        return self.without_cases if self.without_cases and not may_see_cases(viewer) else self.make


LAYERS: dict[str, Layer] = {
    "ground": Layer(queries.ground_tile, 20_000, "base", zooms=(7, 15)),
    "base": Layer(queries.base_tile, 20_000, "base", zooms=(7, 15)),
    "flood": Layer(queries.flood_tile, 20_000, "base", zooms=(7, 15)),
    "buildings": Layer(queries.buildings_tile, 9_000, "buildings", zooms=(10, 15)),
    "areas": Layer(queries.areas_tile, 8_000, "areas"),
    "incidents": Layer(queries.incidents_tile, 8_000, "incidents", queries.incident_counts_tile),
    "facilities": Layer(queries.facilities_tile, 8_000, "facilities"),
}


@dataclass(frozen=True, slots=True)
class TileAnswer:
    """A made tile.

    Attributes:
        packed: its bytes, compressed with gzip.
        version: version of its subject, read in the same snapshot as the tile.
        rights: rights of the viewer for whom it was made.
    """

    packed: bytes
    version: int
    rights: str

    @property
    def etag(self) -> str:
        """The ETag: it changes whenever the tile does. It contains the rights because these may change while the address stays the same."""
        return f'"{self.version:x}-{self.rights}"'


class _TileCache:
    """Tiles in memory, and the queue for making others."""

    def __init__(self) -> None:
        self.kept: AnswerCache[TileAnswer] = AnswerCache(CACHE_BYTES)
        self.turns = queue.make_tile_queue(settings())


_state = PerLoop(_TileCache)


def parse_address(layer: str, z: str, x: str, y: str) -> Tile:
    """Parse the tile that a request names.

    Raises:
        UnknownLayer: no layer has this name.
        TileOutOfRange: the texts are not numbers, or there is no such tile.
    """
    if layer not in LAYERS:
        raise UnknownLayer(layer=layer[:60], nearest=find_nearest_word(layer, LAYERS))
    named = {"z": z[:12], "x": x[:12], "y": y[:12]}
    zoom, column, row = (parse_whole_number(part) for part in (z, x, y))
    if zoom is None or column is None or row is None:
        raise TileOutOfRange(**named, reason="the numbers must be whole and not negative")
    tile = Tile(zoom, column, row)
    if not FIRST_ZOOM <= tile.z <= LAST_ZOOM:
        raise TileOutOfRange(**named, reason="zoom goes from 5 to 18")
    if max(tile.x, tile.y) >= 1 << tile.z:
        raise TileOutOfRange(**named, reason="at this zoom there are not as many columns or rows")
    return tile


async def fetch_tile(layer: str, where: Tile, version: int | None, viewer: Viewer) -> TileAnswer:
    """A tile; it comes from memory if its data has not changed since it was made.

    Args:
        layer: one of ``LAYERS``.
        where: its address.
        version: the version of the layer's subject that the client knows. If it is newer than the one that this process knows, the database
            is asked, so that the answer is never older. The answer may be newer, and contains its version.
        viewer: who asks.

    Raises:
        Busy, NotReady, TooSlow: see ``data.database.transactions.open_snapshot``.
    """
    state = _state()
    known = await _known_version(LAYERS[layer].subject, version, viewer)
    return await state.kept.get((layer, where, known, viewer.rights), lambda: _make_tile(state, layer, where, viewer))


def peek_tile(layer: str, where: Tile, version: int, rights: str) -> TileAnswer | None:
    """A tile from memory if it is there in exactly this version, and if the version is known to be the newest; else ``None``."""
    newest = changes.fresh_versions()
    if newest is None or newest.get(LAYERS[layer].subject, 0) != version:
        return None
    found = _state().kept.peek((layer, where, version, rights))
    return found if found is not None and found.version == version else None


async def _known_version(subject: str, asked: int | None, viewer: Viewer) -> int:
    versions = await (changes.fetch_versions(viewer) if asked is None else changes.fetch_versions_since(subject, asked, viewer))
    return versions.get(subject, 0)


async def _make_tile(state: _TileCache, layer: str, where: Tile, viewer: Viewer) -> CacheEntry[TileAnswer]:
    with await state.turns.acquire():
        raw, version = await _within_budget(LAYERS[layer], where, viewer)
    meters.TILES_MADE.labels(layer).inc()
    packed = igzip.compress(raw, COMPRESSION, mtime=0)
    return CacheEntry(TileAnswer(packed, version, viewer.rights), len(packed) + ENTRY_BYTES)


async def _within_budget(layer: Layer, where: Tile, viewer: Viewer) -> tuple[bytes, int]:
    """The tile with as many of its most important features as the budget holds, and its version."""
    most, values = layer.most_at(where.z), where.values()
    while True:
        tile, version = await fetch_row(_compiled(layer.choose_statement(viewer), where.z, most), values, viewer)
        raw = tile or b""
        if len(raw) <= BUDGET_BYTES or most <= FEWEST:
            return raw, version
        # Features have about the same size, and the smaller ones are left out: so take a little less than the share that fits.
        most = max(FEWEST, int(most * min(0.9 * BUDGET_BYTES / len(raw), 0.8)))


@lru_cache(maxsize=256)
def _compiled(make: Make, zoom: int, most: int) -> str:
    """Compile a statement once; PostgreSQL plans it once for each connection."""
    return str(make(zoom, most).compile(dialect=_dialect()))


def _dialect() -> Dialect:
    return PGDialect_psycopg()  # type: ignore[no-untyped-call]  # SQLAlchemy has no types for it
