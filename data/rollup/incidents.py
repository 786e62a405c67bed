"""Changes of incidents: the counts of the changed rows are computed before and after, and the difference is added to the roll-ups.

The cost depends on how many rows change, not on how many there are. The number of statements is always the same.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache

from psycopg import sql

from data.database.connections import Connection
from data.live import versions
from data.rollup.incident_parts import ABOVE, AMBER, COUNTED_BY, DAILY, HELD, KIND_SUM, OPEN, STATE, RollupTable
from data.rollup.newest_case import update_newest_case
from data.rollup.rebuild import lock_city
from data.rollup.recount import add_kinds
from data.rollup.touched_rows import DatedIncidents, TouchedRows

_KEPT = "kept_"
"""Beginning of the names of temporary tables that stay until the session ends."""
_BOUND = {**HELD, "amber": AMBER}

_SETTLE = sql.SQL(
    """
    UPDATE incident i SET deadline_state = {state}
    FROM city c, {listed}
    WHERE c.code = %(city)s AND i.city = c.code AND {same} AND i.deadline_state IS DISTINCT FROM {state}
    """
)

# Both roll-ups in one statement: finding the touched rows among the months costs more than counting them.
_TAKE = "WITH seen AS MATERIALIZED (SELECT {columns} FROM {rows} r), daily AS ({daily}) {open}"
_COLUMNS = sql.SQL(", ").join(map(sql.Identifier, COUNTED_BY))
_TAKE_PART = "INSERT INTO {part} ({keys}, {counts}) SELECT {keys}, {signed} FROM ({parts}) p GROUP BY {keys}"

# In the order of the key, so that two transactions that change the same rows wait for each other instead of deadlocking.
_ADD = """
WITH RECURSIVE part AS MATERIALIZED (
    SELECT {keys}, {sums} FROM {part_table} GROUP BY {keys} HAVING ({totals}) <> ({zeros})
), {above}, {kind_sum}, landed AS (
    INSERT INTO {table} AS d ({keys}, {counts}, district)
    SELECT {landing}, {sums}, u.district
    FROM part p
    JOIN above u ON u.below_no = p.area_no
    JOIN kind_sum k ON k.kind = p.kind AND k.needs <= u.sums
    GROUP BY {landing}, u.district
    HAVING ({totals}) <> ({zeros})
    ORDER BY {landing}
    ON CONFLICT ({keys}, district) DO UPDATE SET {added}
    RETURNING {own_keys}, ({own_counts}) = ({zeros}) AS is_empty
)
INSERT INTO {emptied} SELECT {keys} FROM landed WHERE is_empty
"""
_LANDING = {"area_no": "u.area_no", "kind": "k.counted"}
_CLEAR = "DELETE FROM {table} d USING {emptied} e WHERE {same}"


@contextmanager
def changing_incidents(
    connection: Connection, city: str, ids: Iterable[tuple[str, int]] = (), table: sql.Identifier | None = None
) -> Iterator[TouchedRows]:
    """Change incidents inside the block; deadline states, roll-ups and the version of a city's incidents follow when it ends.

    Args:
        connection: the caller's transaction. Blocks of one transaction must not be nested.
        city: code of the city.
        ids: district and id of the rows that will be changed, moved or deleted.
        table: a temporary table with columns ``district`` and ``id``, instead of or besides ``ids``.

    Yields:
        An object whose method ``add`` takes rows that are new, or that have another district now.
    """
    lock_city(connection, city)
    touched = TouchedRows(connection, "incident", listed=True)
    touched.add(ids, table)
    with _changing(connection, city, touched, Parts(connection)):
        yield touched


@contextmanager
def changing_dated_incidents(
    connection: Connection, city: str, rows: Iterable[tuple[str, int, datetime]], settled: Callable[[], object] = lambda: None
) -> Iterator[DatedIncidents]:
    """The same where neither district, id nor moment of reporting changes: no row is looked for in other months than its own.

    For many small changes one after the other: tables and plans are kept for the session.

    Args:
        connection: the caller's transaction. Blocks of one transaction must not be nested.
        city: code of the city.
        rows: district, id and moment of reporting of the rows that will be changed.
        settled: called when the deadline states of the changed rows are right, before the roll-ups follow.

    Yields:
        An object whose method ``add`` takes rows that are new.
    """
    lock_city(connection, city)
    touched = DatedIncidents(rows)
    with _changing(connection, city, touched, Parts(connection, kept=True), settled):
        yield touched


@contextmanager
def _changing(
    connection: Connection,
    city: str,
    touched: TouchedRows | DatedIncidents,
    parts: "Parts",
    settled: Callable[[], object] = lambda: None,
) -> Iterator[None]:
    connection.execute("UPDATE city SET states_at = coalesce(as_of, now()) WHERE code = %s AND states_at IS NULL", [city])
    _take(connection, city, touched, parts, -1)
    yield
    add_kinds(connection, city, touched.rows, touched.bound)
    settle = _SETTLE.format(same=touched.same("i"), listed=touched.listed, state=sql.SQL(STATE))
    connection.execute(settle, {"city": city, **_BOUND, **touched.bound})
    settled()
    _take(connection, city, touched, parts, 1)
    for counted in (DAILY, OPEN):
        _add(connection, city, counted, parts)
    parts.drop()
    update_newest_case(connection, city)
    if touched.drop():
        versions.touch(connection, city, ["incidents"])


class Parts:
    """Temporary tables: differences of counts for each roll-up, and keys of rows whose counts became zero.

    Args:
        connection: the caller's transaction.
        kept: the tables stay until the session ends, empty after each transaction, and so do plans of statements that read them.
    """

    def __init__(self, connection: Connection, kept: bool = False) -> None:
        self._connection, self.kept = connection, kept
        if kept and connection.execute("SELECT to_regclass(%s)", [f"pg_temp.{_KEPT}{OPEN.table}"]).fetchone() != (None,):
            return
        for counted in (DAILY, OPEN):
            for name, columns in ((_part(counted, kept), (*counted.keys, *counted.counts)), (_emptied(counted, kept), counted.keys)):
                told = {"end": sql.SQL("DELETE ROWS" if kept else "DROP"), "columns": _each("{}", columns)}
                make = sql.SQL("CREATE TEMP TABLE {name} ON COMMIT {end} AS SELECT {columns} FROM {table} WITH NO DATA").format(
                    name=name, table=sql.Identifier(counted.table), **told
                )
                connection.execute(make)
                if kept:  # its plans are for few rows: for many they are slower by little, the others for few by much
                    for few in ("INSERT INTO {} DEFAULT VALUES", "ANALYZE {}", "DELETE FROM {}"):
                        connection.execute(sql.SQL(few).format(name))

    def analyse(self, table: sql.Identifier) -> None:
        """Otherwise PostgreSQL expects a large table, and reads every area to find the five above one case.

        Tables that are kept are so from the beginning.
        """
        if not self.kept:
            self._connection.execute(sql.SQL("ANALYZE {}").format(table))

    def drop(self) -> None:
        """The work is done."""
        for counted in (DAILY, OPEN):
            for table in (_part(counted, self.kept), _emptied(counted, self.kept)):
                self._connection.execute(sql.SQL("DELETE FROM {}" if self.kept else "DROP TABLE {}").format(table))


def _part(counted: RollupTable, kept: bool) -> sql.Identifier:
    return sql.Identifier(f"{_KEPT if kept else 'part_'}{counted.table}")


def _emptied(counted: RollupTable, kept: bool) -> sql.Identifier:
    return sql.Identifier(f"{_KEPT if kept else ''}emptied_{counted.table}")


def _each(pattern: str, names: Iterable[str]) -> sql.Composed:
    return sql.SQL(", ").join(sql.SQL(pattern).format(sql.Identifier(name)) for name in names)


def _take(connection: Connection, city: str, touched: TouchedRows | DatedIncidents, parts: Parts, sign: int) -> None:
    """Store the present counts of the touched rows, times ``sign``: -1 before the change, 1 after it."""
    statement = _take_statement(touched.rows.as_bytes(), parts.kept)
    connection.execute(statement, {"city": city, "sign": sign, **touched.bound})


@lru_cache(64)
def _take_statement(rows: bytes, kept: bool) -> bytes:
    daily, open_ = (
        sql.SQL(_TAKE_PART).format(
            part=_part(counted, kept),
            keys=_each("{}", counted.keys),
            counts=_each("{}", counted.counts),
            signed=_each("%(sign)s * sum({})", counted.counts),
            parts=counted.parts(sql.Identifier("seen")),
        )
        for counted in (DAILY, OPEN)
    )
    return sql.SQL(_TAKE).format(columns=_COLUMNS, rows=sql.SQL(rows.decode()), daily=daily, open=open_).as_bytes()


def _add(connection: Connection, city: str, counted: RollupTable, parts: Parts) -> None:
    """Add the stored differences to every area and sum that they belong to. Rows whose counts are all zero are deleted."""
    parts.analyse(_part(counted, parts.kept))
    add, clear = _add_statements(counted, parts.kept)
    connection.execute(add, {"city": city, **_BOUND})
    parts.analyse(_emptied(counted, parts.kept))
    connection.execute(clear)


@lru_cache
def _add_statements(counted: RollupTable, kept: bool) -> tuple[bytes, bytes]:
    names = {"table": sql.Identifier(counted.table), "emptied": _emptied(counted, kept)}
    add = sql.SQL(_ADD).format(
        **names,
        keys=_each("{}", counted.keys),
        own_keys=_each("d.{}", counted.keys),
        landing=sql.SQL(", ").join(map(sql.SQL, [_LANDING.get(name, f"p.{name}") for name in counted.keys])),
        counts=_each("{}", counted.counts),
        own_counts=_each("d.{}", counted.counts),
        sums=_each("sum({0})::int AS {0}", counted.counts),
        totals=_each("sum({})", counted.counts),
        zeros=sql.SQL(", ").join([sql.SQL("0")] * len(counted.counts)),
        added=_each("{0} = d.{0} + excluded.{0}", counted.counts),
        part_table=_part(counted, kept),
        above=sql.SQL(ABOVE).format(parts=sql.Identifier("part")),
        kind_sum=sql.SQL(KIND_SUM),
    )
    same = sql.SQL(" AND ").join(sql.SQL("d.{0} = e.{0}").format(sql.Identifier(name)) for name in counted.keys)
    return add.as_bytes(), sql.SQL(_CLEAR).format(same=same, **names).as_bytes()
