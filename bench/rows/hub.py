"""The matrix of 4 levels × 30 departments × 365 days: time in the database, as a viewer's role, beside a plain GROUP BY as the owner."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from sqlalchemy import make_url

from bench.databases import beside, connect, scratch, text
from bench.model import Row
from bench.order import Order
from data.core.viewer import everything
from data.database.connections import Connection as PgConnection
from data.database.connections import service_url
from data.database.transactions import SETTINGS, transaction_settings
from data.queries.hub import statements as queries

DEPARTMENTS, FEEDS, DAYS = 30, 320, 365
LAST = date(2026, 11, 23)
CITY = "999900"
MOST_MS = 200
_FILL = (
    "INSERT INTO city (code, name, name_en, timezone) VALUES (%(city)s, 'x', 'x', 'Asia/Shanghai')",
    "INSERT INTO area (code, city, level, name, name_en, path)"
    " VALUES (%(city)s::text, %(city)s::text, 'city', 'x', 'x', %(city)s::text::ltree)",
    "INSERT INTO department SELECT %(city)s::text, 'd' || n, n, 'd' || n, 'd' || n, 'd' || n, 'd' || n, 'g', 'g'"
    " FROM generate_series(1, %(departments)s::int) n",
    "INSERT INTO pack (code, version, declared, hash) VALUES ('bench', 1, '{}', '')",
    "INSERT INTO feed (city, code, pack, kind, name, name_en, department, level, via, contract, valid_from) SELECT %(city)s::text,"
    " 'bench.f' || n, 'bench', 'kind', 'f' || n, 'f' || n, 'd' || (n %% %(departments)s::int + 1),"
    " (ARRAY['city', 'district', 'street', 'community'])[n / %(departments)s::int %% 4 + 1], 'push', 1, %(last)s::date - %(days)s::int"
    " FROM generate_series(1, %(feeds)s::int) n",
    # one in sixteen is not on time, spread evenly by a hash
    "INSERT INTO feed_day (city, day, feed, department, level, state, late_days, due_at, arrived_at, records, completeness, is_due)"
    " SELECT f.city, d::date, f.code, f.department, f.level, CASE WHEN h %% 16 = 0 THEN (ARRAY['late', 'failed', 'empty', 'never'])"
    "[h / 16 %% 4 + 1] ELSE 'on_time' END, h %% 4, d, d, h %% 100000, (h %% 1000) / 1000.0, h %% 7 = 0"
    " FROM feed f, generate_series(%(last)s::date - %(days)s::int + 1, %(last)s::timestamp, interval '1 day') d,"
    " LATERAL (SELECT hashtext(f.code || d) & 2147483647 AS h) hashed",
)
_GROUP_BY = "SELECT day, level, department, min(state), count(*), sum(records) FROM feed_day WHERE city = %(city)s GROUP BY 1, 2, 3"


def measure(order: Order, row: Row) -> None:
    """Fill the row."""
    with scratch(beside(order.server, order.embedded)) as address:
        measure_on(address, row, max(3, 5 * order.counts.rounds))


def measure_on(address: str, row: Row, rounds: int) -> None:
    """Fill an empty database, then the row."""
    bound: dict[str, Any] = {"city": CITY, "first": date.fromordinal(LAST.toordinal() - DAYS + 1), "last": LAST, "day": LAST}
    with connect(address, autocommit=True) as owner:
        fill(owner)
        years = [_clock(owner, _GROUP_BY, {"city": CITY}) for _ in range(rounds)]
    with as_viewer(address) as server:
        history = [_ask(server, queries.HISTORY, bound) for _ in range(rounds)]
        days = [_ask(server, queries.DEPARTMENTS, bound) + _ask(server, queries.DAY, bound) for _ in range(rounds)]
        weeks = [_ask(server, queries.WEEKS, {**bound, "department": "d7"}) for _ in range(rounds)]
    row.add("the year's matrix", "ms", history)
    row.add("the matrix of a day", "ms", days)
    row.add("the weeks of a department", "ms", weeks)
    row.add("GROUP BY over the year, as the owner", "ms", years, ours=False)
    row.compare("the year's matrix", sorted(history)[len(history) // 2], f"≤ {MOST_MS} ms", "ms")
    row.notes.append(f"{FEEDS} feeds of {DEPARTMENTS} departments at 4 levels, {DAYS} days: {FEEDS * DAYS:,} rows; time in the database")


def fill(connection: PgConnection) -> None:
    """A city with feeds, and a year of days of each."""
    values = {"city": CITY, "departments": DEPARTMENTS, "feeds": FEEDS, "days": DAYS, "last": LAST}
    for statement in _FILL:
        connection.execute(statement, values)
    connection.execute("ANALYZE")


@contextmanager
def as_viewer(address: str) -> Iterator[PgConnection]:
    """A session of the server's own role, in which a viewer sees everything."""
    server = service_url()
    with connect(text(make_url(address).set(username=server.username, password=server.password)), autocommit=True) as connection:
        for name, value in zip(SETTINGS, transaction_settings(everything()), strict=True):
            connection.execute("SELECT set_config(%s, %s, false)", [name, value])
        yield connection


def _ask(connection: PgConnection, statement: Any, bound: dict[str, Any]) -> float:
    made = statement.compile(compile_kwargs={"render_postcompile": True})
    asked = str(made).replace("%", "%%")
    for name in made.params:
        asked = asked.replace(f":{name}", f"%({name})s")
    return _clock(connection, asked, bound)


def _clock(connection: PgConnection, asked: str, bound: dict[str, Any]) -> float:
    began = time.perf_counter()
    connection.execute(asked.encode(), bound).fetchall()
    return 1000 * (time.perf_counter() - began)
