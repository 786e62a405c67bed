"""Three hundred listeners hear of a hundred changes a second, some of which are committed late: none lost, none twice, and how soon."""

import asyncio
import multiprocessing
import random
import re
import secrets
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlsplit

import psycopg
from sqlalchemy import delete, make_url

from bench.model import Row, Unmeasured
from bench.order import Order
from bench.serving import Server, gridwell
from data.accounts import store, tokens
from data.accounts.model import Draft
from data.accounts.transactions import owner_transaction
from data.live.hub import MOST_OF_ONE
from data.live.outbox import CaseChange, append_events
from data.schema import account

WORKERS = 2
AIM = "≤ 250 ms"
LATE_SHARE, LATE_S = 0.1, (0.1, 0.6)
"""This part of the changes is committed so much later than it is written."""
_DISTRICTS = 5
_SETTLE_S = 15.0
_NUMBER = re.compile(rb'"number": "live-(\d+)"')
_CELLS = "SELECT city, code, path::text, split_part(path::text, '.', 2) FROM area WHERE level = 'grid' ORDER BY code"


@dataclass(frozen=True, slots=True)
class Change:
    """A change that was written: when it was inserted and when committed, by ``time.monotonic``, in which district, and whether late."""

    inserted: float
    committed: float
    district: str
    late: bool


@dataclass(slots=True)
class Listener:
    """What one listener heard, and when."""

    district: str | None
    heard: list[int] = field(default_factory=list)
    at: list[float] = field(default_factory=list)


def measure(order: Order, row: Row) -> None:
    """Fill the row."""
    counts = order.counts
    cells = find_cells(order.database)
    with gridwell(order.database, WORKERS) as server, make_tokens(order.database, counts.listeners, cells) as known:
        listeners, committed = asyncio.run(_listen(server, known, order, cells))
    prompt, late = _waits_ms(listeners, committed)
    if not prompt:
        raise Unmeasured("nobody heard anything")
    lost, twice = _missing(listeners, committed)
    p95 = row.percentiles("insert to listener", "ms", prompt, 50, 95, 99)[1]
    row.compare("insert to listener, p95", p95, AIM, "ms")
    if late:
        row.compare(
            "commit to listener where it is late, p95", row.percentiles("commit to listener, late", "ms", late, 50, 95, 99)[1], AIM, "ms"
        )
    row.compare("lost", lost, "0", "")
    row.compare("told twice", twice, "0", "")
    row.add("events told", "1/s", [(len(prompt) + len(late)) / counts.live_s])
    rights, late_count = len({one.district for one in listeners}), sum(change.late for change in committed.values())
    row.notes.append(
        f"{counts.listeners} listeners ({rights} different rights), {WORKERS} workers; {len(committed)} changes in {counts.live_s:g} s, "
        f"each a transaction of its own, {late_count} of them committed {LATE_S[0]:g} to {LATE_S[1]:g} s after they were written, on other "
        "connections. Time is counted from the insert; of those that are committed late, from the commit, because how late is the bench's "
        "own choice. The events are written without changes of cases."
    )


def _waits_ms(listeners: list[Listener], committed: dict[int, Change]) -> tuple[list[float], list[float]]:
    """Times to listeners: from the insert where it was committed at once, from the commit of what was committed late."""
    prompt, late = list[float](), list[float]()
    for one in listeners:
        for number, at in zip(one.heard, one.at, strict=True):
            if (change := committed.get(number)) is not None:
                waits, begin = (late, change.committed) if change.late else (prompt, change.inserted)
                waits.append((at - begin) * 1000)
    return prompt, late


def find_cells(database: str) -> list[tuple[str, str, str, str]]:
    with psycopg.connect(database) as connection:
        return [tuple(row) for row in connection.execute(_CELLS).fetchall()]


@contextmanager
def make_tokens(database: str, listeners: int, cells: list[tuple[str, str, str, str]]) -> Iterator[list[tuple[str, str | None]]]:
    """A token for each listener with the district that it is for; the accounts are removed afterwards."""
    url = make_url(database).set(drivername="postgresql+psycopg")
    with psycopg.connect(database) as connection:
        codes: dict[str, str] = dict(connection.execute("SELECT path::text, code FROM area WHERE nlevel(path) = 2").fetchall())
    by_label = {path.split(".")[1]: code for path, code in codes.items()}
    districts: list[str | None] = [None, *sorted({cell[3] for cell in cells})[:_DISTRICTS]]
    made: list[tuple[str, str | None]] = []
    names = []
    mark = secrets.token_hex(4)
    with owner_transaction(url) as connection:
        for number in range(-(-listeners // MOST_OF_ONE)):
            district = districts[number % len(districts)]
            names.append(f"bench.live.{mark}.{number}")
            scope = "*" if district is None else by_label[district]
            store.add(connection, Draft(names[-1], role="supervisor", scope=scope))
            made += [(tokens.make(connection, names[-1], "bench", 1), district)] * MOST_OF_ONE
    try:
        yield made[:listeners]
    finally:
        with owner_transaction(url) as connection:
            connection.execute(delete(account).where(account.c.name.in_(names)))


async def _listen(
    server: Server, known: list[tuple[str, str | None]], order: Order, cells: list[tuple[str, str, str, str]]
) -> tuple[list[Listener], dict[int, Change]]:
    listeners = [Listener(district) for _, district in known]
    begun = asyncio.Semaphore(0)
    tasks = [asyncio.create_task(_hear(server, token, one, begun)) for (token, _), one in zip(known, listeners, strict=True)]
    for _ in tasks:
        await begun.acquire()
    counts = order.counts
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        work = pool.submit(write_changes, order.database, cells, counts.live_per_s, counts.live_s)
        committed = await asyncio.wrap_future(work)
    until = time.monotonic() + _SETTLE_S
    while time.monotonic() < until and _missing(listeners, committed)[0]:  # noqa: ASYNC110 -- it is heard by other tasks
        await asyncio.sleep(0.2)
    await asyncio.sleep(0.5)  # whatever is told twice may still come
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    return listeners, committed


async def _hear(server: Server, token: str, one: Listener, begun: asyncio.Semaphore) -> None:
    """Keep what is heard, with as little work as possible: the machine is the server's."""
    where = urlsplit(server.url)
    reader, writer = await asyncio.open_connection(where.hostname, where.port)
    writer.write(f"GET /api/events HTTP/1.1\r\nhost: {where.netloc}\r\nauthorization: Bearer {token}\r\n\r\n".encode())
    try:
        rest = b""
        while part := await reader.read(262_144):
            now = time.monotonic()
            if b"event: ready" in part:
                begun.release()
            # What is in the middle of an event waits for its end, which is a line break.
            text, _, rest = (rest + part).rpartition(b"\n")
            for found in _NUMBER.findall(text):
                one.heard.append(int(found))
                one.at.append(now)
    finally:
        writer.close()


def write_changes(database: str, cells: list[tuple[str, str, str, str]], per_s: float, seconds: float) -> dict[int, Change]:
    """Write and commit changes, by their numbers."""
    dice, committed = random.Random(1), dict[int, Change]()
    waiting: list[tuple[float, psycopg.Connection, int, str, float]] = []
    idle: list[psycopg.Connection] = []
    prompt = psycopg.connect(database)
    begin, total = time.monotonic(), int(per_s * seconds)

    def commit(connection: psycopg.Connection, number: int, district: str, inserted: float, late: bool) -> None:
        committed[number] = Change(inserted, time.monotonic(), district, late)
        connection.commit()

    def commit_due(now: float) -> None:
        for entry in [entry for entry in waiting if entry[0] <= now]:
            waiting.remove(entry)
            commit(*entry[1:], True)
            idle.append(entry[1])

    for number in range(total):
        while (ahead := begin + number / per_s - time.monotonic()) > 0:
            commit_due(time.monotonic())
            time.sleep(min(ahead, 0.005))
        city, code, path, district = dice.choice(cells)
        late = dice.random() < LATE_SHARE
        connection = (idle.pop() if idle else psycopg.connect(database)) if late else prompt
        moment, inserted = datetime.now(UTC), time.monotonic()
        change = CaseChange(city, district, number, f"live-{number}", code, path, "bench", 3, "filed", None, 1, "file", moment)
        append_events(connection, [change])
        if late:
            waiting.append((time.monotonic() + dice.uniform(*LATE_S), connection, number, district, inserted))
        else:
            commit(connection, number, district, inserted, False)
        commit_due(time.monotonic())
    commit_due(float("inf"))
    for connection in (prompt, *idle):
        connection.close()
    return committed


def _missing(listeners: list[Listener], committed: dict[int, Change]) -> tuple[int, int]:
    """How many events listeners lack, and how many they got more than once or should not have got."""
    lost = twice = 0
    for one in listeners:
        wanted = {n for n, change in committed.items() if one.district in (None, change.district)}
        told = Counter(one.heard)
        lost += len(wanted - told.keys())
        twice += sum(told.values()) - len(wanted & told.keys())
    return lost, twice
