"""Simulated viewers of the map without browsers: they pan, drill and filter, and fetch what the page's script would fetch."""

import asyncio
import random
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from bench.client import Connection, Reply
from bench.databases import connect
from bench.model import Unmeasured
from bench.serving import Server
from bench.tiles_of import busiest
from bench.wire import ENDPOINT, Wire, addresses, spec_of, wire
from data.queries.tile_encoding import Tile

ZOOM = 14
WINDOW = (4, 3)
"""Number of tiles that a map of 1366 × 768 shows, across and down."""
TILE_CONNECTIONS = 4
_CHOICES = {"pan": 0.6, "drill": 0.25, "filter": 0.15}
"""The actions of viewers, and how often each occurs."""

_CHILDREN = "SELECT coalesce(parent, ''), code FROM area WHERE level <> 'zone' ORDER BY parent, code"
_CATEGORIES = "SELECT code FROM category WHERE subject = 'incident' AND city = %(city)s ORDER BY ordinal, code LIMIT 12"


@dataclass(frozen=True, slots=True)
class Ground:
    """The data to look at: areas by their parent, categories to filter by, and tiles full of buildings."""

    city: str
    children: dict[str, list[str]]
    parents: dict[str, str]
    categories: list[str]
    tiles: list[Tile]


def ground(database: str) -> Ground:
    """Read these data from the database."""
    children: dict[str, list[str]] = defaultdict(list)
    parents: dict[str, str] = {}
    with connect(database) as connection:
        for parent, code in connection.execute(_CHILDREN).fetchall():
            children[parent].append(code)
            parents[code] = parent
        if not children[""]:
            raise Unmeasured("the database holds no city")
        city = children[""][0]
        categories = [code for (code,) in connection.execute(_CATEGORIES, {"city": city}).fetchall()]
    return Ground(city, dict(children), parents, categories, [one.tile for one in busiest(database, (ZOOM,), 64)])


class Tally:
    """The answers: milliseconds by kind, how often the server was busy, other failures, and the size of each tile."""

    def __init__(self) -> None:
        self.waits_ms: dict[str, list[float]] = defaultdict(list)
        self.busy = 0
        self.errors: Counter[str] = Counter()
        self.tiles: dict[str, int] = {}
        self.requests = 0

    async def take(self, kind: str, asked: Awaitable[Reply]) -> Reply | None:
        """Wait for an answer and record it; ``None`` if it failed."""
        self.requests += 1
        try:
            reply = await asked
        except (OSError, asyncio.IncompleteReadError, TimeoutError) as error:
            self.errors[f"{kind}: {type(error).__name__}"] += 1
            return None
        if reply.status == 503:
            self.busy += 1
        elif reply.status not in (200, 204, 304):
            self.errors[f"{kind}: status {reply.status}"] += 1
        else:
            self.waits_ms[kind].append(reply.seconds * 1000)
            return reply
        return None


class Person:
    """One viewer, with separate connections and a separate browser cache."""

    def __init__(self, server: Server, known: Wire, there: Ground, tally: Tally, dice: random.Random) -> None:
        self._known, self._there, self._dice = known, there, dice
        self.tally = tally
        self._http = Connection(server.url, server.headers)
        self._tile_http = [Connection(server.url, server.headers) for _ in range(TILE_CONNECTIONS)]
        self._area, self._category = there.city, ""
        self._middle = dice.choice(there.tiles)
        self._patterns: list[str] = []
        self._seen: set[str] = set()

    async def open(self) -> None:
        """Open the page for the first time."""
        await self._look("open")
        await self._tiles()

    async def act(self) -> None:
        """Do one random action."""
        does: dict[str, Callable[[], Awaitable[None]]] = {"pan": self.pan, "drill": self.drill, "filter": self.filter}
        await does[self._dice.choices(list(_CHOICES), list(_CHOICES.values()))[0]]()

    async def pan(self) -> None:
        """Move the map by a tile or two."""
        step = self._dice.choice(((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-2, 0)))
        self._middle = Tile(ZOOM, self._middle.x + step[0], self._middle.y + step[1])
        if self._dice.random() < 0.1:  # or jump to another place with something to see
            self._middle = self._dice.choice(self._there.tiles)
        await self._tiles()

    async def drill(self) -> None:
        """Click an area inside this one; from a cell, or sometimes, begin again at the city."""
        below = self._there.children.get(self._area, [])
        before = self._search()
        self._area = self._dice.choice(below) if below and self._dice.random() < 0.8 else self._there.city
        await self.tally.take("drill", self._http.post(ENDPOINT, self._known.pick(self._area, before)))
        await self._look("drill")

    async def filter(self) -> None:
        """Click a category's bar, or click it again to undo this."""
        self._category = "" if self._category else self._dice.choice(self._there.categories or [""])
        await self._look("filter")

    def close(self) -> None:
        """Close the connections."""
        for http in (self._http, *self._tile_http):
            http.close()

    def _search(self) -> str:
        return f"?area={self._area}" + (f"&cat={self._category}" if self._category else "")

    async def _look(self, kind: str) -> None:
        """Fetch the page of the present address, and the files for its map."""
        reply = await self.tally.take(kind, self._http.post(ENDPOINT, self._known.show(self._search())))
        if reply is None:
            return
        self._patterns, files = addresses(spec_of(reply))
        await self._fetch("layer", files)

    async def _tiles(self) -> None:
        across, down = WINDOW
        west, north = self._middle.x - across // 2, self._middle.y - down // 2
        spots = [(west + column, north + line) for column in range(across) for line in range(down)]
        await self._fetch("tile", [pattern.format(z=ZOOM, x=x, y=y) for pattern in self._patterns for x, y in spots])

    async def _fetch(self, kind: str, paths: Sequence[str]) -> None:
        """Fetch what is not in this browser's cache yet, over as many connections as a browser opens."""
        wanted = [path for path in paths if path not in self._seen]

        async def some(http: Connection, share: Sequence[str]) -> None:
            for path in share:
                reply = await self.tally.take(kind, http.get(path))
                if reply is not None:
                    self._seen.add(path)
                    if kind == "tile":
                        self.tally.tiles[path] = len(reply.body)

        await asyncio.gather(*(some(http, wanted[number::TILE_CONNECTIONS]) for number, http in enumerate(self._tile_http)))


async def introduction(server: Server) -> Wire:
    """What every browser knows about the page's callbacks."""
    async with Connection(server.url, server.headers) as http:
        return await wire(http)
