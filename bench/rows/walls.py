"""Two hundred walls hear of twenty changes a second: none lost, how soon each is shown, and what the server does for it."""

import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy import delete, make_url

from bench.databases import connect, one
from bench.model import Row, Unmeasured
from bench.order import Order
from bench.rows.wall_clients import LEAST_S, Moments, hanging
from bench.serving import Server, gridwell
from data.accounts import store, tokens
from data.accounts.model import Draft
from data.accounts.transactions import owner_transaction
from data.database.connections import Connection as PgConnection
from data.live.hub import MOST_OF_ONE
from data.rollup import changing_dated_incidents
from data.schema import account

WORKERS = 2
SHOWN_AIM_MS = 5_000.0
_CASES = """
SELECT city, district, id, reported_at FROM incident
WHERE stage = 'dispatched' AND NOT paused AND closed_at IS NULL ORDER BY reported_at DESC LIMIT 60
"""
_MOVE = "UPDATE incident SET stage = %s, closed_at = CASE WHEN %s THEN reported_at END WHERE district = %s AND id = %s"
_VERSION = "SELECT (versions ->> 'incidents')::bigint FROM city WHERE code = %s"
_OPEN = "SELECT sum(n) FROM incident_open o JOIN area a ON a.no = o.area_no WHERE a.level = 'grid' AND a.city = %(city)s"
_TICKS = os.sysconf("SC_CLK_TCK")

Case = tuple[str, str, int, datetime]
Spent = tuple[float, float]
"""Of the server, and of the database."""


def measure(order: Order, row: Row) -> None:
    """Fill the row."""
    counts = order.counts
    cases = find_cases(order.database)
    with gridwell(order.database, WORKERS) as server, make_displays(order.database, counts.walls) as known:
        _, alone = _change(order.database, server, cases, counts.walls_per_s, counts.walls_s)
        with hanging(server.url, known) as walls:
            quiet = _rest(order.database, server, counts.walls_s)
            changes, beside = _change(order.database, server, cases, counts.walls_per_s, counts.walls_s)
            opened = int(one(order.database, _OPEN, city=cases[0][0]))
            seen = walls.judge(changes)
    if not seen.shown_ms:
        raise Unmeasured("no wall showed anything")
    row.percentiles("change to heard", "ms", seen.heard_ms, 50, 95, 99)
    p95 = row.percentiles("change to shown", "ms", seen.shown_ms, 50, 95, 99)[1]
    row.percentiles("an answer with figures", "ms", seen.answer_ms, 50, 95)
    row.compare("change to shown, p95", p95, f"≤ {SHOWN_AIM_MS:g} ms", "ms")
    row.compare("lost", seen.lost, "0", "")
    row.compare("walls that end with other counts than the database", sum(n != opened for n in seen.opened), "0", "")
    row.compare("questions without an answer", seen.failed, "0", "")
    for what, place in (("server", 0), ("database", 1)):
        row.add(f"CPU of the {what}, changes without walls", "%", [100 * alone[place]])
        row.add(f"CPU of the {what}, changes with walls", "%", [100 * beside[place]])
        row.add(f"CPU of the {what}, quiet walls", "%", [100 * quiet[place]])
    row.compare("CPU of the server for one wall", 100 * max(0.0, beside[0] - alone[0]) / counts.walls, "–", "% of a core")
    row.notes.append(
        f"{counts.walls} walls without browsers, {WORKERS} workers, {len(changes)} changes of cases in {counts.walls_s:g} s, each a "
        "transaction with all its roll-ups. A change is shown with the first figures that are of its version or a newer one. A wall asks "
        f"at most once in {LEAST_S:g} s, and the server makes figures at most once in {LEAST_S:g} s; {seen.asked} questions. Per cent of "
        "one core; clients, changes and database share the machine."
    )


def find_cases(database: str) -> list[Case]:
    """Cases that are closed and opened again by turns, so that the database stays as it was."""
    with connect(database) as connection:
        found: list[Case] = connection.execute(_CASES).fetchall()
    if not found:
        raise Unmeasured("there is no case that waits for somebody")
    return [one for one in found if one[0] == found[0][0]]


@contextmanager
def make_displays(database: str, count: int) -> Iterator[list[str]]:
    """A token for each wall; the accounts are removed afterwards, and with them their screens."""
    url, mark = make_url(database).set(drivername="postgresql+psycopg"), secrets.token_hex(4)
    names, made = [], list[str]()
    with owner_transaction(url) as connection:
        for number in range(-(-count // MOST_OF_ONE)):
            names.append(f"bench.walls.{mark}.{number}")
            store.add(connection, Draft(names[-1], role="wall", scope="*"))
            made += [tokens.make(connection, names[-1], "bench", 1)] * MOST_OF_ONE
    try:
        yield made[:count]
    finally:
        with owner_transaction(url) as connection:
            connection.exec_driver_sql("DELETE FROM wall_screen WHERE account LIKE 'bench.walls.%%'")
            connection.execute(delete(account).where(account.c.name.in_(names)))


def move_case(connection: PgConnection, case: Case, closing: bool) -> int:
    """Close a case or open it again, with all that follows from it; returns the version of the cases. It is not committed."""
    city, district, number, reported_at = case
    with changing_dated_incidents(connection, city, [(district, number, reported_at)]):
        connection.execute(_MOVE, ["closed" if closing else "dispatched", closing, district, number])
    found = connection.execute(_VERSION, [city]).fetchone()
    return int(found[0]) if found else 0


def _change(database: str, server: Server, cases: list[Case], per_s: float, seconds: float) -> tuple[Moments, Spent]:
    """Change cases at a steady rate; what was committed and when, and the CPU of server and database meanwhile as shares of a core."""
    changes: Moments = []
    with connect(database) as connection:

        def commit(version: int) -> None:
            connection.commit()
            changes.append((version, time.monotonic()))

        before, begin = _spend(database, server), time.monotonic()
        for number in range(max(1, int(per_s * seconds))):
            time.sleep(max(0.0, begin + number / per_s - time.monotonic()))
            commit(move_case(connection, cases[number % len(cases)], number // len(cases) % 2 == 0))
        took = time.monotonic() - begin
        after = _spend(database, server)
        commit([move_case(connection, case, False) for case in cases][-1])  # as they were
    return changes, ((after[0] - before[0]) / took, (after[1] - before[1]) / took)


def _rest(database: str, server: Server, seconds: float) -> Spent:
    """The same while nothing changes."""
    before = _spend(database, server)
    time.sleep(seconds)
    after = _spend(database, server)
    return (after[0] - before[0]) / seconds, (after[1] - before[1]) / seconds


def _spend(database: str, server: Server) -> Spent:
    """CPU seconds until now of the server's processes and of the database's; the latter 0 where it is on another machine."""
    with connect(database) as connection:
        main = _parent(connection.info.backend_pid)
    return sum(map(_cpu, {server.process, *server.workers})), sum(map(_cpu, [main, *_children(main)])) if main else 0.0


def _children(main: int) -> list[int]:
    return [int(folder.name) for folder in Path("/proc").glob("[0-9]*") if _parent(int(folder.name)) == main]


def _parent(process: int) -> int:
    """The process that started another one; 0 where there is none."""
    return int((_stat(process) or ["0", "0"])[1])


def _cpu(process: int) -> float:
    """Seconds in user and system mode, with those of its children that have ended."""
    return sum(map(int, _stat(process)[11:15])) / _TICKS


def _stat(process: int) -> list[str]:
    """The fields of ``/proc/PID/stat`` from the third on: the second one, a name in parentheses, may hold spaces."""
    try:
        return Path(f"/proc/{process}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    except OSError:  # it has ended meanwhile
        return []
