"""Steps of cases: a steady stream through the machine door in one city, with listeners; and a feed of many changes at once."""

import asyncio
import json
import time
import uuid
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any

from sqlalchemy import make_url

from bench.client import Connection
from bench.databases import connect
from bench.model import Row, Unmeasured, percentile
from bench.order import Order
from bench.rows.feed import measure_feed
from bench.rows.hearing import Heard, Step, Told, listening
from bench.rows.live import find_cells, make_tokens
from bench.serving import Server, gridwell
from data.accounts.guest import guest
from data.core.roles import DB_ROLES
from data.database.connections import Connection as PgConnection

RATE_PER_S, AIM_MS = 300, 250.0
CONNECTIONS, ACCOUNTS = 96, 12
_PATIENCE_S = 300.0
WORKERS = 2
_ROUND: tuple[tuple[str, dict[str, str]], ...] = (("accept", {}), ("handle", {"remark": "done"}), ("verify_fail", {"reason": "again"}))
"""Steps that lead back to where they began: each changes the stage, the roll-ups and the history."""
_CASES = """
SELECT number, version, split_part(path::text, '.', 2) FROM incident
WHERE stage = 'dispatched' AND NOT paused AND version > 0 AND number LIKE 'GW%%'
ORDER BY reported_at DESC LIMIT %(count)s
"""
# A city that has units takes no other name.
_UNIT = "SELECT code FROM unit ORDER BY city, code LIMIT 1"
_STAMPS = "%(account)s, 'supervisor', %(detail)s, '*', ''"
_INTO = "INSERT INTO case_request (id, city, district, incident_id, reported_at, grid, key, hash, body, account, role, detail, scope, zone)"
_REPORT = f"""
{_INTO}
SELECT gen_random_uuid(), a.city, NULL, NULL, NULL, a.code, %(key)s || n, '', jsonb_build_object('category', c.code, 'channel', 'hotline',
    'title', 'bench ' || n, 'lon', ST_X(a.label_point), 'lat', ST_Y(a.label_point)), {_STAMPS}
FROM generate_series(1, %(count)s) n
JOIN (SELECT *, row_number() OVER (ORDER BY code) AS place, count(*) OVER () AS cells FROM area
    WHERE level = 'grid' AND label_point IS NOT NULL) a ON a.place = 1 + n * 7 %% a.cells
CROSS JOIN (SELECT code FROM category WHERE subject = 'incident' AND NOT sensitive ORDER BY code LIMIT 1) c
"""  # noqa: S608 - ours
_MOVE = f"""
{_INTO}
SELECT gen_random_uuid(), city, district, id, reported_at, NULL, %(key)s || id, '',
    jsonb_build_object('step', %(step)s::text, 'version', version, 'fields', %(fields)s::jsonb), {_STAMPS}
FROM incident WHERE stage = %(stage)s AND number LIKE 'GW%%' AND title LIKE 'bench %%'
"""  # noqa: S608 - ours


@dataclass(slots=True)
class _Tally:
    """Waits in ms from the moment at which each step was due, what was taken and when it was due, and what was refused."""

    waits_ms: list[float] = field(default_factory=list)
    taken: dict[Step, Told] = field(default_factory=dict)
    errors: dict[str, int] = field(default_factory=dict)


def measure(order: Order, row: Row) -> None:
    """Fill the row."""
    seconds = 2.0 if order.quick else order.counts.mixed_s
    rate = 5 if order.quick else RATE_PER_S
    owner = make_url(order.database).set(drivername="postgresql+psycopg")
    with ExitStack() as stack:
        server = stack.enter_context(gridwell(order.database, WORKERS))
        chiefs = [stack.enter_context(guest("supervisor", url=owner)) for _ in range(ACCOUNTS)]
        cases = _cases(order.database, 2 * rate, chiefs[0].name)
        tally, took_s, heard = _measure_stream(order, server, [chief.token for chief in chiefs], cases, rate, seconds)
        if not tally.waits_ms:
            raise Unmeasured(f"no step was taken: {tally.errors}")
        row.add("steps taken", "1/s", [len(tally.waits_ms) / took_s])
        row.percentiles("a step", "ms", tally.waits_ms, 50, 95, 99)
        row.compare("a step, p99", percentile(tally.waits_ms, 99), f"≤ {AIM_MS:g} ms", "ms")
        row.compare("steps refused or lost", sum(tally.errors.values()), "0", "")
        row.percentiles("due to listener", "ms", heard.waits_ms, 50, 95, 99)
        row.add("steps told to listeners", "1/s", [len(heard.waits_ms) / took_s])
        row.compare("steps that listeners lack", heard.lost, "0", "")
        row.compare("steps told twice, or to the wrong ones", heard.twice, "0", "")
        measure_feed(order, row, server, chiefs[0].token)
    row.notes.append(
        f"{rate} steps a second for {seconds:g} s in one city, from {ACCOUNTS} accounts by turns, over {CONNECTIONS} connections and "
        f"{WORKERS} workers, each on the newest version of its case, beside {order.counts.listeners} listeners; a step is timed from the "
        "moment at which it was due, so that waiting for a connection counts. Clients, listeners, server and database share the machine."
    )
    if tally.errors:
        row.notes.append("Errors: " + ", ".join(f"{what} × {count}" for what, count in tally.errors.items()))


def _measure_stream(
    order: Order, server: Server, tokens: Sequence[str], cases: list[list[Any]], rate: float, seconds: float
) -> tuple[_Tally, float, Heard]:
    cells = find_cells(order.database)
    asyncio.run(_stream(server, tokens, cases, rate / 4, min(4.0, seconds)))  # now code, statements and connections are warm
    with make_tokens(order.database, order.counts.listeners, cells) as known, listening(server.url, known) as listeners:
        tally, took_s = asyncio.run(_stream(server, tokens, cases, rate, seconds))
        return tally, took_s, listeners.judge(tally.taken)


def _cases(database: str, count: int, account: str) -> list[list[Any]]:
    """Number, version, place in the round, and district of cases that wait for their unit; missing ones are made first."""
    with connect(database, autocommit=True) as connection:
        known = len(connection.execute(_CASES, {"count": count}).fetchall())
        if known < count:
            _carry_out(connection, _REPORT, account, count=count - known)
            _carry_out(connection, _MOVE, account, stage="reported", step="file", fields="{}")
            unit = connection.execute(_UNIT).fetchone() or ("bench",)
            _carry_out(connection, _MOVE, account, stage="filed", step="dispatch", fields=json.dumps({"unit": unit[0]}))
        found = connection.execute(_CASES, {"count": count}).fetchall()
    if len(found) < count:
        raise Unmeasured(f"only {len(found)} cases wait for their unit, but {count} are needed")
    return [[number, version, 0, district] for number, version, district in found]


def _carry_out(connection: PgConnection, statement: str, account: str, **values: object) -> tuple[int, float]:
    """Ask for many steps at once, and wait until the keeper has carried them out; returns how many there were, and the seconds."""
    begin = time.perf_counter()
    bound = {"account": account, "key": f"{uuid.uuid4()} ", "detail": DB_ROLES["people"], **values}
    asked = connection.execute(statement.encode(), bound).rowcount
    connection.execute("SELECT pg_notify('gridwell_case_requests', '')")
    while connection.execute("SELECT EXISTS (SELECT FROM case_request WHERE outcome IS NULL)").fetchone() == (True,):
        time.sleep(0.05)
        if time.perf_counter() - begin > _PATIENCE_S:
            raise Unmeasured(f"{asked} steps took longer than {_PATIENCE_S:g} s")
    return asked, time.perf_counter() - begin


async def _stream(server: Server, tokens: Sequence[str], cases: list[list[Any]], rate: float, seconds: float) -> tuple[_Tally, float]:
    """Send steps at a steady rate; returns what came back, and how long it took."""
    tally, free = _Tally(), asyncio.Queue[Connection]()
    for _, token in zip(range(CONNECTIONS), cycle(tokens), strict=False):
        free.put_nowait(Connection(server.url, {"Authorization": f"Bearer {token}"}))
    waiting: asyncio.Queue[list[Any]] = asyncio.Queue()
    for case in cases:
        waiting.put_nowait(case)
    begin = time.monotonic()
    async with asyncio.TaskGroup() as group:
        for n in range(round(rate * seconds)):
            due = begin + n / rate
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            group.create_task(_step(await waiting.get(), waiting.put_nowait, free, due, tally))
    return tally, time.monotonic() - begin


async def _step(
    case: list[Any], give_back: Callable[[list[Any]], None], free: asyncio.Queue[Connection], due: float, tally: _Tally
) -> None:
    http = await free.get()
    number, version, place, district = case
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
        tally.waits_ms.append((time.monotonic() - due) * 1000)
        case[1:3] = [json.loads(reply.text)["case_version"], place + 1]
        tally.taken[number.encode(), str(case[1]).encode()] = Told(district, due)
        give_back(case)
    else:
        what = f"{reply.status} {reply.text[:80].decode('utf-8', 'replace')}"
        tally.errors[what] = tally.errors.get(what, 0) + 1
