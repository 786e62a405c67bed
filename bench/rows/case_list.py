"""The list of cases at the machine door, asked by who sees one district, beside statements by hand as the owner of the tables."""

import asyncio
import json
import time
from dataclasses import dataclass
from urllib.parse import quote

from sqlalchemy import make_url

from bench.client import Connection
from bench.databases import connect
from bench.model import Json, Row, Unmeasured, percentile
from bench.order import Order
from bench.serving import Server, gridwell
from data.accounts.guest import guest
from data.database.connections import Connection as PgConnection

AIM_MS, SEARCH_AIM_MS = 300.0, 50.0
ROUNDS = 20

_DISTRICT = """
SELECT a.code, a.path::text AS path, a.city FROM area a JOIN area_figure f ON f.area = a.code
WHERE a.level = 'district' ORDER BY f.buildings DESC, a.code LIMIT 1"""
_WORDS = "SELECT title FROM incident WHERE path <@ %(path)s::ltree AND length(title) > 6 ORDER BY reported_at DESC, id DESC LIMIT %(count)s"
_PAGE = "SELECT * FROM incident WHERE city = %(city)s AND path <@ %(path)s::ltree AND {where} ORDER BY {order} LIMIT 51"
_COUNT = "SELECT stage, deadline_state, count(*) FROM incident WHERE city = %(city)s AND path <@ %(path)s::ltree AND {where} GROUP BY 1, 2"


@dataclass(frozen=True, slots=True)
class _Question:
    """A question to the list, and the same by hand: what follows WHERE, and the order."""

    name: str
    query: str
    where: str
    order: str = "reported_at DESC, id DESC"
    counted: bool = False


_QUESTIONS = (
    _Question("first page", "counts=false", "true"),
    _Question("first page with counts", "", "true", counted=True),
    _Question("open ones by deadline", "state=overdue&state=amber&state=on_time&sort=due_at&counts=false", "is_open", "due_at, id"),
    _Question("all by deadline", "sort=-due_at&counts=false", "due_at IS NOT NULL", "due_at DESC, id DESC"),
    _Question("all by number", "sort=-number&counts=false", "true", "number DESC, reported_at DESC, id DESC"),
    _Question("all by severity", "sort=severity&counts=false", "true", "severity, reported_at DESC, id DESC"),
    _Question("open ones by severity", "state=overdue&state=amber&state=on_time&sort=severity&counts=false", "is_open", "severity, id"),
    *(
        _Question(f"{held} by {column}", f"{query}sort={column}&counts=false", where, f"{by}, reported_at DESC, id DESC")
        for held, query, where, columns in (
            ("open ones", "state=overdue&state=amber&state=on_time&", "is_open", ("stage_at", "unit", "assignee", "number", "stage")),
            ("all", "", "true", ("closed_at", "category", "channel", "area", "stage")),
        )
        for column in columns
        for by in ({"area": "grid"}.get(column, column),)
    ),
    _Question("a category, counted", "category=env", "category = 'env'", counted=True),
    _Question("a source and a stage, counted", "channel=media&stage=void", "channel = 'media' AND stage = 'void'", counted=True),
)
_SEARCHED = "title || coalesce(address, '') || number ILIKE '%%' || %(word)s || '%%'"


def measure(order: Order, row: Row) -> None:
    """Fill the row."""
    rounds = 2 if order.quick else ROUNDS
    with connect(order.database, autocommit=True) as owner:
        found = owner.execute(_DISTRICT).fetchone()
        if found is None:
            raise Unmeasured("the database holds no district")
        here = {"code": found[0], "path": found[1], "city": found[2]}
        titles = [title for (title,) in owner.execute(_WORDS, {**here, "count": rounds}).fetchall()]
        if not titles:
            raise Unmeasured("the district has no cases with a title")
        with (
            gridwell(order.database) as server,
            guest("dispatcher", here["code"], make_url(order.database).set(drivername="postgresql+psycopg")) as one,
        ):
            _ask_all(row, owner, here, rounds, server, one.token)
            _search(row, owner, here, titles, server, one.token)
    row.notes.append(
        f"Asked by a dispatcher of one district over one kept connection to 127.0.0.1; {rounds} times each, after a first one. "
        "By hand: one plain statement on the same tables and indexes as their owner, to whom no policy applies, with the rows fetched."
    )


def _ask_all(row: Row, owner: PgConnection, here: Json, rounds: int, server: Server, token: str) -> None:
    for question in _QUESTIONS:
        taken = asyncio.run(_asked(server, token, [f"/api/cases?{question.query}"] * (rounds + 1)))[1:]
        p95 = row.percentiles(question.name, "ms", taken, 50, 95)[1]
        row.compare(f"{question.name}, p95", p95, f"≤ {AIM_MS:g} ms", "ms")
        statements = [_PAGE.format(where=question.where, order=question.order)]
        if question.counted:
            statements.append(_COUNT.format(where=question.where))
        by_hand = [_run(owner, statements, here) for _ in range(3)][1:]
        row.add(f"{question.name}, by hand", "ms", by_hand, ours=False)


def _search(row: Row, owner: PgConnection, here: Json, titles: list[str], server: Server, token: str) -> None:
    words = [title[-2:] for title in titles]
    taken = asyncio.run(_asked(server, token, [f"/api/cases?q={quote(word)}" for word in (words[0], *words)]))[1:]
    row.percentiles("two characters", "ms", taken, 50, 95)
    row.compare("two characters, p95", percentile(taken, 95), f"≤ {SEARCH_AIM_MS:g} ms over a million cases, {AIM_MS:g} ms over ten", "ms")
    statements = [_PAGE.format(where=_SEARCHED, order="reported_at DESC, id DESC"), _COUNT.format(where=_SEARCHED)]
    by_hand = [_run(owner, statements, {**here, "word": word}) for word in words[:2]]
    row.add("two characters, by hand with ILIKE", "ms", by_hand, ours=False)


async def _asked(server: Server, token: str, paths: list[str]) -> list[float]:
    """Milliseconds of each request."""
    taken = []
    async with Connection(server.url, {"Authorization": f"Bearer {token}", "Accept-Encoding": "gzip"}) as http:
        for path in paths:
            reply = await http.get(path)
            if reply.status != 200:
                raise Unmeasured(f"{path} was answered with {reply.status}: {reply.text[:100].decode('utf-8', 'replace')}")
            json.loads(reply.text)
            taken.append(reply.seconds * 1000)
    return taken


def _run(owner: PgConnection, statements: list[str], values: Json) -> float:
    begin = time.perf_counter()
    for statement in statements:
        owner.execute(statement.encode(), values).fetchall()
    return (time.perf_counter() - begin) * 1000
