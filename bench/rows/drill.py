"""A click on a district with all panels, compared with GROUP BY over raw rows, and with the same city with fewer cases."""

import asyncio
import random
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from psycopg.rows import dict_row

from bench.client import Connection
from bench.databases import connect
from bench.model import Json, Row, Unmeasured, percentile
from bench.order import TENTH, Order
from bench.rows import raw_panels
from bench.serving import gridwell
from bench.wire import Wire, ask, wire

DAYS = 30
RAW_MOST_S = 220.0
"""Longest time of the raw side; districts not reached by then are left out, and the row says so."""

WARMED_BY_MS = 20_000

_CITY = """
SELECT city.code, timezone, coalesce(as_of, now()) AS as_of, count(DISTINCT area.code) AS districts
FROM city JOIN area ON area.city = city.code AND area.level = 'district' GROUP BY city.code ORDER BY districts DESC LIMIT 1"""
_DISTRICTS = "SELECT code, nlevel(path) AS depth FROM area WHERE city = %(code)s AND level = 'district' ORDER BY code"


def measure(order: Order, row: Row) -> None:
    """Fill the row."""
    scales = [name for name in (order.scale, TENTH) if name in order.databases]
    taken = asyncio.run(_by_turns([order.databases[name] for name in scales], order.counts.clicks))
    shares = [_told(row, clicks, "" if name == order.scale else f" ({name})") for name, clicks in zip(scales, taken, strict=True)]
    if TENTH in scales:
        for share, ours, theirs in zip((50, 95), *shares, strict=True):
            row.compare(f"uncached click, all cases ÷ a tenth of them, p{share}", ours / theirs, "≤ 1.2 at 10 M incidents")
    else:
        row.unmeasured.append(f"beside a tenth of the cases: {order.unfilled.get(TENTH, 'no such database')}")
    if "group-by" in order.against:
        row.compare("uncached click ÷ GROUP BY over raw rows, p95", shares[0][1] / _raw(row, order), "≤ 0.01 at 10 M incidents")
    row.notes.append(
        "A click is two callbacks over one kept connection to 127.0.0.1: the pick becomes an address, the address becomes the whole page. "
        "Uncached: every click asks for a period that nobody has asked for since the server began, in random order over all districts. "
        "As served: the same clicks again. Both cities stand ready side by side and are clicked by turns."
    )


@dataclass(frozen=True, slots=True)
class Taken:
    """Milliseconds of the two callbacks of every click: for the first time, and repeated."""

    districts: int
    first: list[tuple[float, float]]
    again: list[tuple[float, float]]


def _told(row: Row, taken: Taken, suffix: str) -> list[float]:
    """Add the figures of one city; returns p50 and p95 of the uncached clicks in ms."""
    shares = row.percentiles(f"click, uncached{suffix}", "ms", [pick + show for pick, show in taken.first], 50, 95)
    row.add(f"of that the page's own callback{suffix}, median", "ms", [show for _, show in taken.first])
    row.percentiles(f"click, as served{suffix}", "ms", [pick + show for pick, show in taken.again], 50, 95)
    row.notes.append(f"{taken.districts} districts, {len(taken.first)} clicks{suffix}")
    return shares


async def _by_turns(databases: list[str], most: int) -> list[Taken]:
    """The same number of clicks in each city, in turn, so that other load on the machine affects all of them equally."""
    async with AsyncExitStack() as stack:
        people = [await _Clicker.at(stack, database, most) for database in databases]
        for one in people:
            await one.warm_up()
        for again in (False, True):
            for at in range(most):
                for one in people:
                    await one.click(at, again)
        return [one.taken for one in people]


class _Clicker:
    """A viewer of a city's map with a list of clicks."""

    def __init__(self, http: Connection, known: Wire, city: Json, districts: list[str], most: int) -> None:
        self._http, self._known, self._districts = http, known, districts
        self._last = city["as_of"].astimezone(ZoneInfo(city["timezone"])).date() - timedelta(days=1)
        chosen = [(code, self._last - timedelta(days=back)) for back in range(1, 1 + -(-most // len(districts))) for code in districts]
        self._chosen = chosen[:most]
        random.Random(1).shuffle(self._chosen)
        self.taken = Taken(len(districts), [], [])

    @classmethod
    async def at(cls, stack: AsyncExitStack, database: str, most: int) -> "_Clicker":
        """Start a server for this viewer."""
        city, districts = find_places(database)
        server = stack.enter_context(gridwell(database))
        http = await stack.enter_async_context(Connection(server.url, server.headers))
        return cls(http, await wire(http), city, [one["code"] for one in districts], most)

    async def warm_up(self) -> None:
        """Warm up code, statements and connections; the measured periods stay cold."""
        for code in self._districts[:8] * 3:
            await self._click(code, self._last)

    async def click(self, at: int, again: bool) -> None:
        """One click of the list."""
        (self.taken.again if again else self.taken.first).append(await self._click(*self._chosen[at]))

    async def _click(self, code: str, end: date) -> tuple[float, float]:
        period = f"from={end - timedelta(days=DAYS - 1)}&to={end}"
        picked = await ask(self._http, self._known.pick(code, f"?{period}"))
        shown = await ask(self._http, self._known.show(f"?area={code}&{period}"))
        return picked.seconds * 1000, shown.seconds * 1000


def _raw(row: Row, order: Order) -> float:
    """Add the figures of the raw side; returns its p95 in ms."""
    city, districts = find_places(order.database)
    zone = ZoneInfo(city["timezone"])
    today = city["as_of"].astimezone(zone).date()
    until = datetime(today.year, today.month, today.day, tzinfo=zone)
    values = {"city": city["code"], "zone": city["timezone"], "as_of": city["as_of"], "since": until - timedelta(days=DAYS), "until": until}
    taken: list[float] = []
    began = time.monotonic()
    with connect(order.database) as connection:
        connection.read_only = True
        for place in [districts[0], *_spread(districts, order.counts.raw_districts)]:
            if taken and time.monotonic() - began + taken[-1] / 1000 > RAW_MOST_S:
                break
            begin = time.perf_counter()
            raw_panels.answer(connection, {**values, "district": place["code"], "depth": place["depth"]})
            taken.append((time.perf_counter() - begin) * 1000)
    # The first one warms the database's cache. It counts only if the rows do not fit into the cache anyway.
    counted = taken[1:] if taken[0] < WARMED_BY_MS else taken
    row.percentiles("the same figures by GROUP BY over raw rows", "ms", counted, 50, 95, ours=False)
    row.notes.append(f"GROUP BY: {len(raw_panels.STATEMENTS)} statements a click on one connection, {len(counted)} clicks")
    return percentile(counted, 95)


def _spread(districts: list[Json], most: int) -> list[Json]:
    """At most this many items, evenly chosen."""
    step = max(1, len(districts) // most)
    return districts[::step][:most]


def find_places(database: str) -> tuple[Json, list[Json]]:
    """The city with most districts, and these districts."""
    with connect(database) as connection:
        cursor = connection.cursor(row_factory=dict_row)
        city = cursor.execute(_CITY).fetchone()
        if city is None:
            raise Unmeasured("the database holds no district")
        return city, cursor.execute(_DISTRICTS, city).fetchall()
