"""Steps of cases: a steady stream through the machine door in one city, and a feed of many changes at once."""

import asyncio
import json
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from psycopg import sql
from sqlalchemy import make_url

from bench.client import Connection
from bench.databases import connect
from bench.model import Row, Unmeasured, percentile
from bench.order import Order
from bench.serving import Server, gridwell
from data.accounts.guest import guest
from data.core.roles import DB_ROLES

RATE_PER_S, AIM_MS, FEED_AIM_S = 300, 250.0, 30.0
CONNECTIONS = 96
WORKERS = 2
_ROUND: tuple[tuple[str, dict[str, str]], ...] = (("accept", {}), ("handle", {"remark": "done"}), ("verify_fail", {"reason": "again"}))
"""Steps that lead back to where they began: each changes the stage, the roll-ups and the history."""
_CASES = """
SELECT i.number, i.version FROM incident i JOIN city c ON c.code = i.city
WHERE i.stage = 'dispatched' AND NOT i.paused ORDER BY i.reported_at DESC LIMIT %(count)s
"""
_FEED = """
INSERT INTO case_request (id, city, district, incident_id, reported_at, key, hash, body, account, role, detail, scope, zone)
SELECT gen_random_uuid(), city, district, id, reported_at, %(key)s, '', jsonb_build_object('step', 'set_severity', 'version', version,
    'fields', jsonb_build_object('severity', 1 + severity %% 4)), %(account)s, 'supervisor', %(detail)s, '*', ''
FROM (SELECT * FROM incident WHERE is_open ORDER BY reported_at DESC LIMIT %(count)s) i
"""


@dataclass(slots=True)
class _Tally:
    """Waits in ms from the moment at which each step was due, and what was refused."""

    waits_ms: list[float] = field(default_factory=list)
    errors: dict[str, int] = field(default_factory=dict)


def measure(order: Order, row: Row) -> None:
    """Fill the row."""
    seconds = 2.0 if order.quick else order.counts.mixed_s
    rate = 5 if order.quick else RATE_PER_S
    owner = make_url(order.database).set(drivername="postgresql+psycopg")
    with gridwell(order.database, WORKERS) as server, guest("supervisor", url=owner) as chief:
        cases = _cases(order.database, 3 * rate)
        tally, took_s = asyncio.run(_stream(server, chief.token, cases, rate, seconds))
        if not tally.waits_ms:
            raise Unmeasured(f"no step was taken: {tally.errors}")
        row.add("steps taken", "1/s", [len(tally.waits_ms) / took_s])
        row.percentiles("a step", "ms", tally.waits_ms, 50, 95, 99)
        row.compare("a step, p99", percentile(tally.waits_ms, 99), f"≤ {AIM_MS:g} ms", "ms")
        row.compare("steps refused or lost", sum(tally.errors.values()), "0", "")
        _feed(order, row, chief.name)
    row.notes.append(
        f"{rate} steps a second for {seconds:g} s in one city, over {CONNECTIONS} connections and {WORKERS} workers, each on the newest "
        "version of its case; a step is timed from the moment at which it was due, so that waiting for a connection counts. Client, server "
        "and database share the machine. The feed is inserted as requests at once and carried out by the keeper, with every roll-up."
    )
    if tally.errors:
        row.notes.append("Errors: " + ", ".join(f"{what} × {count}" for what, count in tally.errors.items()))


def _cases(database: str, count: int) -> list[list[Any]]:
    with connect(database) as connection:
        found = connection.execute(_CASES, {"count": count}).fetchall()
    if len(found) < count:
        raise Unmeasured(f"the city has only {len(found)} cases that wait for their unit, but {count} are needed")
    return [[number, version, 0] for number, version in found]


async def _stream(server: Server, token: str, cases: list[list[Any]], rate: float, seconds: float) -> tuple[_Tally, float]:
    """Send steps at a steady rate; returns what came back, and how long it took."""
    tally, free = _Tally(), asyncio.Queue[Connection]()
    headers = {"Authorization": f"Bearer {token}"}
    for _ in range(CONNECTIONS):
        free.put_nowait(Connection(server.url, headers))
    waiting: asyncio.Queue[list[Any]] = asyncio.Queue()
    for case in cases:
        waiting.put_nowait(case)
    begin = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for n in range(round(rate * seconds)):
            due = begin + n / rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            group.create_task(_step(await waiting.get(), waiting.put_nowait, free, due, tally))
    return tally, time.perf_counter() - begin


async def _step(
    case: list[Any], give_back: Callable[[list[Any]], None], free: asyncio.Queue[Connection], due: float, tally: _Tally
) -> None:
    http = await free.get()
    number, version, place = case
    step, fields = _ROUND[place % len(_ROUND)]
    body = json.dumps({"step": step, "version": version, **fields}).encode()
    try:
        reply = await http.post(f"/api/cases/{number}/steps", body)
    except (OSError, asyncio.IncompleteReadError) as error:
        tally.errors[type(error).__name__] = tally.errors.get(type(error).__name__, 0) + 1
        return
    finally:
        free.put_nowait(http)
    if reply.status == 200:
        tally.waits_ms.append((time.perf_counter() - due) * 1000)
        case[1:] = [json.loads(reply.text)["case_version"], place + 1]
        give_back(case)
    else:
        what = f"{reply.status} {reply.text[:80].decode('utf-8', 'replace')}"
        tally.errors[what] = tally.errors.get(what, 0) + 1


def _feed(order: Order, row: Row, account: str) -> None:
    count = 100 if order.quick else 50_000
    with connect(order.database, autocommit=True) as connection:
        begin = time.perf_counter()
        values = {"count": count, "account": account, "key": f"feed {uuid.uuid4()}", "detail": DB_ROLES["people"]}
        key = sql.SQL(_FEED.replace("%(key)s, ''", "%(key)s || id, ''"))
        asked = connection.execute(key, values).rowcount
        connection.execute("SELECT pg_notify('gridwell_case_requests', '')")
        while connection.execute("SELECT EXISTS (SELECT FROM case_request WHERE outcome IS NULL)").fetchone() == (True,):
            time.sleep(0.1)
            if time.perf_counter() - begin > 300:
                raise Unmeasured("the feed took longer than 300 s")
        took = time.perf_counter() - begin
    row.add("changes of a feed", "1/s", [asked / took])
    row.compare(f"a feed of {asked:,} changes", took, f"≤ {FEED_AIM_S:g} s", "s")
