"""A click on a district with all panels, beside the same figures by GROUP BY over raw rows, and beside a tenth of the incidents."""

import asyncio
import random
import time
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from psycopg.rows import dict_row

from bench.client import Connection
from bench.databases import connect
from bench.model import Row, Unmeasured, percentile
from bench.order import SMALLER, Order
from bench.rows import raw_panels
from bench.serving import Server, gridwell
from bench.wire import Wire, ask, wire

DAYS = 30
RAW_MOST_S = 220.0
"""Longest the raw side may take; districts not reached by then are left out, and the row says so."""

WARMED_BY_MS = 20_000

_CITY = """
SELECT city.code, timezone, coalesce(as_of, now()) AS as_of, count(DISTINCT area.code) AS districts
FROM city JOIN area ON area.city = city.code AND area.level = 'district' GROUP BY city.code ORDER BY districts DESC LIMIT 1"""
_DISTRICTS = "SELECT code, nlevel(path) AS depth FROM area WHERE city = %(code)s AND level = 'district' ORDER BY code"


def measure(order: Order, row: Row) -> None:
    """Fill the row."""
    p50, p95 = _product(row, order, order.scale, "")
    _beside_smaller(row, order, p50, p95)
    if "group-by" in order.against:
        row.compare("uncached click ÷ GROUP BY over raw rows, p95", p95 / _raw(row, order), "≤ 0.01 at 10 M incidents")
    row.notes.append(
        "A click is two callbacks over one kept connection to 127.0.0.1: the pick becomes an address, the address becomes the whole page. "
        "Uncached: every click asks for a period that nobody has asked for since the server began, in random order over all districts. "
        "As served: the same clicks again."
    )


def _beside_smaller(row: Row, order: Order, p50: float, p95: float) -> None:
    """The same clicks in a city with a tenth of the incidents."""
    smaller = SMALLER.get(order.scale)
    if smaller is None:
        row.notes.append("10 M beside 1 M incidents is measured with --scale metropolis")
    elif smaller not in order.databases:
        row.unmeasured.append(f"10 M beside 1 M incidents: {order.unfilled.get(smaller, 'no such database')}")
    else:
        beside = _product(row, order, smaller, f" ({smaller})")
        for share, ours, theirs in ((50, p50, beside[0]), (95, p95, beside[1])):
            row.compare(f"uncached click, {order.scale} ÷ {smaller}, p{share}", ours / theirs, "≤ 1.2")


def _product(row: Row, order: Order, scale: str, suffix: str) -> tuple[float, float]:
    """Figures of one scale's database; returns p50 and p95 of the uncached clicks in ms."""
    city, districts = _places(order.databases[scale])
    with gridwell(order.databases[scale]) as server:
        first, again = asyncio.run(_clicks(server, city, [one["code"] for one in districts], order.counts.clicks))
    totals = [pick + show for pick, show in first]
    p50, p95 = row.percentiles(f"click, uncached{suffix}", "ms", totals, 50, 95)
    row.add(f"of that the page's own callback{suffix}, median", "ms", [show for _, show in first])
    row.percentiles(f"click, as served{suffix}", "ms", [pick + show for pick, show in again], 50, 95)
    row.notes.append(f"{scale}: {len(districts)} districts, {len(first)} clicks")
    return p50, p95


async def _clicks(
    server: Server, city: dict[str, Any], districts: list[str], most: int
) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
    """Milliseconds of the two callbacks of every click: asked for the first time, and again."""
    async with Connection(server.url, server.headers) as http:
        known = await wire(http)
        last = city["as_of"].astimezone(ZoneInfo(city["timezone"])).date() - timedelta(days=1)
        chosen = [(code, last - timedelta(days=back)) for back in range(1, 1 + -(-most // len(districts))) for code in districts][:most]
        random.Random(1).shuffle(chosen)
        # Code paths, statements and connections are warm; the periods that are measured are not.
        for code in districts[:8] * 3:
            await _click(http, known, code, last)
        first = [await _click(http, known, code, end) for code, end in chosen]
        again = [await _click(http, known, code, end) for code, end in chosen]
    return first, again


async def _click(http: Connection, known: Wire, code: str, end: Any) -> tuple[float, float]:
    period = f"from={end - timedelta(days=DAYS - 1)}&to={end}"
    picked = await ask(http, known.pick(code, f"?{period}"))
    shown = await ask(http, known.show(f"?area={code}&{period}"))
    return picked.seconds * 1000, shown.seconds * 1000


def _raw(row: Row, order: Order) -> float:
    """Figures of the raw side; returns its p95 in ms."""
    city, districts = _places(order.database)
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
    # The first one warms the database's cache; where the rows do not fit into it anyway, it counts.
    counted = taken[1:] if taken[0] < WARMED_BY_MS else taken
    row.percentiles("the same figures by GROUP BY over raw rows", "ms", counted, 50, 95)
    row.notes.append(f"GROUP BY: {len(raw_panels.STATEMENTS)} statements a click on one connection, {len(counted)} clicks")
    return percentile(counted, 95)


def _spread(districts: list[dict[str, Any]], most: int) -> list[dict[str, Any]]:
    """At most so many, evenly chosen."""
    step = max(1, len(districts) // most)
    return districts[::step][:most]


def _places(database: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The city with most districts, and those."""
    with connect(database) as connection:
        cursor = connection.cursor(row_factory=dict_row)
        city = cursor.execute(_CITY).fetchone()
        if city is None:
            raise Unmeasured("the database holds no district")
        return city, cursor.execute(_DISTRICTS, city).fetchall()
