"""Three hundred listeners hear of a hundred changes a second, some of which are committed late: none lost, none twice, and how soon."""

import random
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import psycopg
from sqlalchemy import delete, make_url

from bench.model import Row, Unmeasured
from bench.order import Order
from bench.rows.hearing import Step, Told, listening
from bench.serving import gridwell
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
_CELLS = "SELECT city, code, path::text, split_part(path::text, '.', 2) FROM area WHERE level = 'grid' ORDER BY code"


def measure(order: Order, row: Row) -> None:
    """Fill the row."""
    counts = order.counts
    cells = find_cells(order.database)
    with (
        gridwell(order.database, WORKERS) as server,
        make_tokens(order.database, counts.listeners, cells) as known,
        listening(server.url, known) as listeners,
    ):
        committed = write_changes(order.database, cells, counts.live_per_s, counts.live_s)
        heard = listeners.judge(committed)
    if not heard.waits_ms:
        raise Unmeasured("nobody heard anything")
    p95 = row.percentiles("insert to listener", "ms", heard.waits_ms, 50, 95, 99)[1]
    row.compare("insert to listener, p95", p95, AIM, "ms")
    if heard.late_ms:
        late_p95 = row.percentiles("commit to listener, late", "ms", heard.late_ms, 50, 95, 99)[1]
        row.compare("commit to listener where it is late, p95", late_p95, AIM, "ms")
    row.compare("lost", heard.lost, "0", "")
    row.compare("told twice", heard.twice, "0", "")
    row.add("events told", "1/s", [(len(heard.waits_ms) + len(heard.late_ms)) / counts.live_s])
    rights, late_count = len({district for _, district in known}), sum(told.late for told in committed.values())
    row.notes.append(
        f"{counts.listeners} listeners ({rights} different rights), {WORKERS} workers; {len(committed)} changes in {counts.live_s:g} s, "
        f"each a transaction of its own, {late_count} of them committed {LATE_S[0]:g} to {LATE_S[1]:g} s after they were written, on other "
        "connections. Time is counted from the insert; of those that are committed late, from the commit, because how late is the bench's "
        "own choice. The events are written without changes of cases."
    )


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


def write_changes(database: str, cells: list[tuple[str, str, str, str]], per_s: float, seconds: float) -> dict[Step, Told]:
    """Write and commit changes. Waits are counted from the insert; of those that are committed late, from the commit."""
    dice, committed = random.Random(1), dict[Step, Told]()
    waiting: list[tuple[float, psycopg.Connection, int, str, float]] = []
    idle: list[psycopg.Connection] = []
    prompt = psycopg.connect(database)
    begin, total = time.monotonic(), int(per_s * seconds)

    def commit(connection: psycopg.Connection, number: int, district: str, inserted: float, late: bool) -> None:
        committed[f"live-{number}".encode(), b"1"] = Told(district, time.monotonic() if late else inserted, late)
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
