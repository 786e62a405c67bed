"""Vector tiles: which layers there are, how much a tile may weigh, and the cache that keeps a busy wall from asking twice."""

import asyncio
import gzip
import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select

from data.db import fetch
from data.errors import TileOutOfRange, UnknownLayer
from data.queries import map as queries
from data.queries.map import Tile
from data.viewer import Viewer

BUDGET_BYTES = 500_000
"""Most bytes of one tile before compression; what is least important stays away."""
CACHE_BYTES = 96_000_000
AT_ONCE = 4
"""Tiles made at the same time: a burst of tiles must not take every database connection."""
FIRST_ZOOM, LAST_ZOOM = 5, 18
VERSION_AGE_S = 1.0
HOURLY = frozenset({"incidents"})
"""Layers whose tiles depend on the hour where a city's figures stand for now; they are made again every minute."""
COMPRESSION = 6

FAR_MOST = {10: 1_500, 11: 2_500, 12: 2_500, 13: 5_000}
"""Most features of a tile at zooms where many share a pixel."""

Make = Callable[[Tile, int], Select[Any]]


@dataclass(frozen=True, slots=True)
class Layer:
    """A tile layer: its statement, and the most features of a tile."""

    make: Make
    most: int

    def most_at(self, zoom: int) -> int:
        """From afar only the largest things can be seen."""
        return min(self.most, FAR_MOST.get(zoom, self.most) if zoom >= min(FAR_MOST) else FAR_MOST[min(FAR_MOST)])


LAYERS: dict[str, Layer] = {
    "ground": Layer(lambda tile, most: queries.base(tile, ("land", "field", "green"), "ground", most), 20_000),
    "base": Layer(lambda tile, most: queries.base(tile, ("water", "road", "track", "tree"), "base", most), 20_000),
    "flood": Layer(lambda tile, most: queries.base(tile, ("flood",), "flood", most), 20_000),
    "buildings": Layer(queries.buildings, 9_000),
    "areas": Layer(queries.areas, 8_000),
    "incidents": Layer(queries.incidents, 8_000),
    "facilities": Layer(queries.facilities, 8_000),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """A made tile: gzip-compressed bytes, a tag that changes with its content, and whether it lasts as long as its data version."""

    packed: bytes
    etag: str
    lasting: bool = True


class TileCache:
    """Newest tiles of this process, bounded by bytes; two people asking for one tile ask the database once."""

    def __init__(self, most_bytes: int = CACHE_BYTES) -> None:
        self._most_bytes = most_bytes
        self._bytes = 0
        self._kept: OrderedDict[Any, Answer] = OrderedDict()
        self._making: dict[Any, asyncio.Future[Answer]] = {}

    async def get(self, key: Any, make: Callable[[], Any]) -> Answer:
        """The tile of a key; ``make()`` is awaited at most once at a time for each key."""
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        if key not in self._making:
            self._making[key] = asyncio.ensure_future(self._made(key, make))
        # Shielded: one reader who turns away must not stop the others' tile.
        return await asyncio.shield(self._making[key])

    async def _made(self, key: Any, make: Callable[[], Any]) -> Answer:
        try:
            answer: Answer = await make()
        finally:
            self._making.pop(key, None)
        self._keep(key, answer)
        return answer

    def _keep(self, key: Any, answer: Answer) -> None:
        self._kept[key] = answer
        self._bytes += len(answer.packed)
        while self._bytes > self._most_bytes and len(self._kept) > 1:
            _, gone = self._kept.popitem(last=False)
            self._bytes -= len(gone.packed)

    def __len__(self) -> int:
        return len(self._kept)


@dataclass(frozen=True, slots=True)
class _Versions:
    """Data versions of all cities, when they were read, and whether the figures of any stand for now."""

    read_at: float = float("-inf")
    known: tuple[tuple[str, int], ...] = ()
    live: bool = False


class _Loop:
    """What belongs to one event loop: tests run several one after the other."""

    def __init__(self) -> None:
        self.cache = TileCache()
        self.turns = asyncio.Semaphore(AT_ONCE)
        self.versions = _Versions()


_loops: dict[int, tuple[asyncio.AbstractEventLoop, _Loop]] = {}


def _state() -> _Loop:
    running = asyncio.get_running_loop()
    found = _loops.get(id(running))
    if found is None or found[0] is not running:
        _loops.clear()
        found = _loops[id(running)] = (running, _Loop())
    return found[1]


def address(layer: str, z: str, x: str, y: str) -> Tile:
    """The tile that a request names.

    Raises:
        UnknownLayer: no layer has this name.
        TileOutOfRange: the numbers are none, or name no tile.
    """
    if layer not in LAYERS:
        raise UnknownLayer(layer=layer[:60])
    named = {"z": z[:12], "x": x[:12], "y": y[:12]}
    if not all(part.isascii() and part.isdigit() and len(part) <= 8 for part in (z, x, y)):
        raise TileOutOfRange(**named, reason="the numbers must be whole and not negative")
    tile = Tile(int(z), int(x), int(y))
    if not FIRST_ZOOM <= tile.z <= LAST_ZOOM:
        raise TileOutOfRange(**named, reason="zoom goes from 5 to 18")
    if max(tile.x, tile.y) >= 1 << tile.z:
        raise TileOutOfRange(**named, reason="at this zoom there are not as many columns or rows")
    return tile


async def tile(layer: str, where: Tile, version: str | None, viewer: Viewer) -> Answer:
    """A tile, from the cache where its data has not changed since.

    Args:
        layer: one of ``LAYERS``.
        where: its address.
        version: the data version the asker knows; a newer one than this process has seen is looked up at once.
        viewer: who asks.
    """
    state = _state()
    versions = await _versions(state, version, viewer)
    lasting = not (versions.live and layer in HOURLY)
    key = (layer, where, versions.known, None if lasting else int(time.monotonic() // 60))
    return await state.cache.get(key, lambda: _make(state, layer, where, viewer, lasting))


async def _versions(state: _Loop, asked: str | None, viewer: Viewer) -> _Versions:
    fresh = time.monotonic() - state.versions.read_at < VERSION_AGE_S
    if not fresh or (asked and asked not in {str(version) for _, version in state.versions.known}):
        rows = await fetch(queries.versions(), viewer)
        known = tuple((row["code"], row["data_version"]) for row in rows)
        state.versions = _Versions(time.monotonic(), known, any(row["live"] for row in rows))
    return state.versions


async def _make(state: _Loop, layer: str, where: Tile, viewer: Viewer, lasting: bool) -> Answer:
    async with state.turns:
        raw = await _within_budget(LAYERS[layer], where, viewer)
    packed = await asyncio.to_thread(gzip.compress, raw, COMPRESSION, mtime=0)
    return Answer(packed, f'"{hashlib.sha256(packed).hexdigest()[:20]}"', lasting)


async def _within_budget(layer: Layer, where: Tile, viewer: Viewer) -> bytes:
    """The tile with as many of its most important features as the budget holds."""
    most = layer.most_at(where.z)
    while True:
        rows = await fetch(layer.make(where, most), viewer)
        raw = bytes(rows[0]["tile"] or b"")
        if len(raw) <= BUDGET_BYTES or most < 50:
            return raw
        most = int(most * 0.5)
