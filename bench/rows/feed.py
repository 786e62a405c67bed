"""A morning's feed: fifty thousand changes through the machine door, with readers beside it, and the same rows by COPY."""

import asyncio
import io
import json
import random
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from zoneinfo import ZoneInfo

from bench.client import Connection
from bench.databases import connect
from bench.model import Json, Row, Unmeasured, percentile
from bench.order import Order
from bench.rows.drill import DAYS, find_places
from bench.serving import Server
from bench.wire import Wire, ask, wire

AIM_S, READERS_AIM = 30.0, "≤ 1.5 × beside quiet"
CASES_OF_ONE, AT_ONCE = 1_000, 3
"""Cases of one request, and requests that are under way at once."""
TRIES = 5
QUIET_S, REST_S = 15.0, 0.25
"""Readers are measured for so long before the feed; a reader rests so long between two looks."""
READERS = 4
_CHOSEN = """
SELECT number, version FROM incident
WHERE stage = ANY(%(stages)s) AND title NOT LIKE 'bench %%' AND (%(step)s = 'reopen' OR reopened > 0)
ORDER BY reported_at DESC LIMIT %(count)s
"""
_WAYS = (("reopen", ["closed", "evaluated", "void"]), ("void", ["filed", "dispatched"]))
_ROWS = "SELECT * FROM incident WHERE reopened > 0 ORDER BY reported_at DESC LIMIT {count}"


@dataclass(slots=True)
class _Readers:
    """What readers waited for, in ms."""

    clicks: list[float] = field(default_factory=list)
    lists: list[float] = field(default_factory=list)


def measure_feed(order: Order, row: Row, server: Server, token: str) -> None:
    """Fill the part of the row: ended cases are opened again, as a morning's feed would, and then ended again.

    Args:
        order: of the run.
        row: gets the figures.
        server: runs.
        token: of an account that may do it.
    """
    count = 100 if order.quick else 50_000
    quiet, rates = _Readers(), []
    beside = _Readers()
    asyncio.run(_read(server, order, quiet, 1.0 if order.quick else QUIET_S))
    for step, stages in _WAYS:
        cases = _choose(order.database, step, stages, count)
        done, took = asyncio.run(_feed(server, order, token, step, cases, beside))
        rates.append(done / took)
        row.compare(f"a feed of {len(cases):,} changes ({step})", took, f"≤ {AIM_S:g} s", "s")
        row.compare(f"changes of it that were refused ({step})", len(cases) - done, "0", "")
    row.add("changes of a feed", "1/s", rates)
    row.add("the rows of such cases by COPY into a table with the same indexes", "1/s", [_copy(order.database, count)], ours=False)
    for what, before, during in (("click", quiet.clicks, beside.clicks), ("list of cases", quiet.lists, beside.lists)):
        row.percentiles(f"{what}, quiet", "ms", before, 50, 95)
        row.percentiles(f"{what}, during the feed", "ms", during, 50, 95)
        if before and during:
            row.compare(f"{what}, during the feed ÷ quiet, p95", percentile(during, 95) / percentile(before, 95), READERS_AIM)
    row.notes.append(
        f"The feed: POST /api/cases/steps with {CASES_OF_ONE:,} cases each, {AT_ONCE} requests under way at once, from one account, until "
        f"the last is answered. Beside it {READERS} readers click on districts (uncached periods) and open the list by turns, each "
        f"{REST_S:g} s after its last answer; they do the same for {QUIET_S:g} s before."
    )


def _choose(database: str, step: str, stages: Sequence[str], count: int) -> list[Json]:
    with connect(database) as connection:
        found = connection.execute(_CHOSEN, {"stages": stages, "step": step, "count": count}).fetchall()
    if not found:
        raise Unmeasured(f"no case can take the step {step}")
    return [{"number": number, "version": version} for number, version in found]


async def _feed(server: Server, order: Order, token: str, step: str, cases: list[Json], readers: _Readers) -> tuple[int, float]:
    """Send all; returns how many were done, and the seconds until the last answer."""
    parts = iter([cases[at : at + CASES_OF_ONE] for at in range(0, len(cases), CASES_OF_ONE)])
    reading = asyncio.create_task(_read(server, order, readers, None))
    begin = time.perf_counter()
    done = sum(await asyncio.gather(*(_send(server, token, step, parts) for _ in range(AT_ONCE))))
    took = time.perf_counter() - begin
    reading.cancel()
    await asyncio.wait([reading])
    return done, took


async def _send(server: Server, token: str, step: str, parts: Iterator[list[Json]]) -> int:
    done, headers = 0, {"Authorization": f"Bearer {token}"}
    async with Connection(server.url, headers) as http:
        for part in parts:
            body = json.dumps({"step": step, "reason": "bench", "cases": part}).encode()
            http.use({**headers, "Idempotency-Key": str(uuid.uuid4())})
            for _ in range(TRIES):  # as a program would: the same key is carried out once
                reply = await http.post("/api/cases/steps", body)
                if reply.status not in (429, 503):
                    break
                await asyncio.sleep(float(reply.headers.get("retry-after", 1)))
            if reply.status != 200:
                raise Unmeasured(f"a part of the feed was answered {reply.status}: {reply.text[:200].decode('utf-8', 'replace')}")
            done += json.loads(reply.text)["done"]
    return done


async def _read(server: Server, order: Order, readers: _Readers, seconds: float | None) -> None:
    """Let readers read, for so long or until this is cancelled."""
    city, districts = find_places(order.database)
    last = city["as_of"].astimezone(ZoneInfo(city["timezone"])).date()
    dice = random.Random(len(readers.clicks))

    async def look() -> None:
        async with Connection(server.url, server.headers) as http:
            known = await wire(http)
            while True:
                end = last - timedelta(days=dice.randrange(1, 1_000))
                readers.clicks.append(await _click(http, known, dice.choice(districts)["code"], f"from={end - timedelta(DAYS)}&to={end}"))
                reply = await http.get("/api/cases?counts=false")
                if reply.status != 200:
                    raise Unmeasured(f"the list was answered {reply.status}")
                readers.lists.append(reply.seconds * 1000)
                await asyncio.sleep(REST_S)

    try:
        async with asyncio.timeout(seconds):
            await asyncio.gather(*(look() for _ in range(READERS)))
    except TimeoutError:
        pass


async def _click(http: Connection, known: Wire, code: str, period: str) -> float:
    picked = await ask(http, known.pick(code, f"?{period}"))
    shown = await ask(http, known.show(f"?area={code}&{period}"))
    return (picked.seconds + shown.seconds) * 1000


def _copy(database: str, count: int) -> float:
    """Rows a second that COPY writes into a table of its own, with the columns and indexes of cases."""
    with connect(database) as connection:
        names = "SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'incident'::regclass"
        written = connection.execute(f"{names} AND attnum > 0 AND NOT attisdropped AND attgenerated = ''").fetchone()
        columns = written[0] if written else ""
        rows = _ROWS.format(count=count).replace("*", columns, 1)
        held, taken = io.BytesIO(), 0
        with connection.cursor().copy(f"COPY ({rows}) TO STDOUT (FORMAT binary)".encode()) as out:
            for part in out:
                held.write(part)
        connection.execute("CREATE TABLE bench_copied (LIKE incident INCLUDING ALL)")
        begin = time.perf_counter()
        cursor = connection.cursor()
        with cursor.copy(f"COPY bench_copied ({columns}) FROM STDIN (FORMAT binary)".encode()) as into:
            into.write(held.getvalue())
        taken = cursor.rowcount
        seconds = time.perf_counter() - begin
        connection.rollback()
    return taken / seconds
