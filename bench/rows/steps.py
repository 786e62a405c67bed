"""Steps of cases: a steady stream through the machine door in one city, and a feed of many changes at once."""

import asyncio
import json
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import make_url

from bench.client import Connection
from bench.databases import connect
from bench.model import Row, Unmeasured, percentile
from bench.order import Order
from bench.serving import Server, gridwell
from data.accounts.guest import guest
from data.core.roles import DB_ROLES
from data.database.connections import Connection as PgConnection

RATE_PER_S, AIM_MS, FEED_AIM_S = 300, 250.0, 30.0
CONNECTIONS = 96
_PATIENCE_S = 300.0
WORKERS = 2
_ROUND: tuple[tuple[str, dict[str, str]], ...] = (("accept", {}), ("handle", {"remark": "done"}), ("verify_fail", {"reason": "again"}))
"""Steps that lead back to where they began: each changes the stage, the roll-ups and the history."""
_CASES = """
SELECT number, version FROM incident WHERE stage = 'dispatched' AND NOT paused AND version > 0 AND number LIKE 'GW%%'
ORDER BY reported_at DESC LIMIT %(count)s
"""
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
_FEED = f"""
{_INTO}
SELECT gen_random_uuid(), city, district, id, reported_at, NULL, %(key)s || id, '',
    jsonb_build_object('step', %(step)s::text, 'version', version, 'fields', jsonb_build_object('reason', 'bench')), {_STAMPS}
FROM (
    SELECT * FROM incident WHERE stage = ANY(%(stages)s) AND title NOT LIKE 'bench %%' AND (%(step)s = 'reopen' OR reopened > 0)
    ORDER BY reported_at DESC LIMIT %(count)s
) i
"""  # noqa: S608 - ours


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
        cases = _cases(order.database, 2 * rate, chief.name)
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


def _cases(database: str, count: int, account: str) -> list[list[Any]]:
    """Number, version and place in the round of cases that wait for their unit; missing ones are reported and dispatched first."""
    with connect(database, autocommit=True) as connection:
        known = len(connection.execute(_CASES, {"count": count}).fetchall())
        if known < count:
            _carry_out(connection, _REPORT, account, count=count - known)
            _carry_out(connection, _MOVE, account, stage="reported", step="file", fields="{}")
            _carry_out(connection, _MOVE, account, stage="filed", step="dispatch", fields='{"unit": "bench"}')
        found = connection.execute(_CASES, {"count": count}).fetchall()
    if len(found) < count:
        raise Unmeasured(f"only {len(found)} cases wait for their unit, but {count} are needed")
    return [[number, version, 0] for number, version in found]


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
    """Open very many ended cases again, as a morning's feed would, and end them again."""
    count, rates = 100 if order.quick else 50_000, []
    ways = (("reopen", ["closed", "evaluated", "void"]), ("void", ["filed", "dispatched"]))
    with connect(order.database, autocommit=True) as connection:
        for step, stages in ways:
            asked, took = _carry_out(connection, _FEED, account, count=count, step=step, stages=stages)
            rates.append(asked / took)
            row.compare(f"a feed of {asked:,} changes ({step})", took, f"≤ {FEED_AIM_S:g} s", "s")
        refused = connection.execute("SELECT count(*) FROM case_request WHERE outcome ->> 'ok' = 'false'").fetchone()
    row.add("changes of a feed", "1/s", rates)
    row.compare("changes of the feed that were refused", float(refused[0]) if refused else 0.0, "0", "")
