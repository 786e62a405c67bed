"""Changes of incidents: the counts of the changed rows are computed before and after, and the difference is added to the roll-ups.

The cost depends on how many rows change, not on how many there are. The number of statements is always the same.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime

from psycopg import sql

from data.database.connections import Connection
from data.live import versions
from data.rollup.incident_parts import ABOVE, AMBER, COUNTED_BY, DAILY, HELD, KIND_SUM, OPEN, STATE, RollupTable
from data.rollup.newest_case import update_newest_case
from data.rollup.rebuild import lock_city
from data.rollup.recount import add_kinds
from data.rollup.touched_rows import TouchedRows

_BOUND = {**HELD, "amber": AMBER}

_SETTLE = sql.SQL(
    """
    UPDATE incident i SET deadline_state = {state}
    FROM city c, touched_incident t
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
    connection: Connection,
    city: str,
    ids: Iterable[tuple[str, int]] = (),
    table: sql.Identifier | None = None,
    dated: Iterable[tuple[str, int, datetime]] | None = None,
) -> Iterator[TouchedRows]:
    """Change incidents inside the block; deadline states, roll-ups and the version of a city's incidents follow when it ends.

    Args:
        connection: the caller's transaction. Blocks of one transaction must not be nested.
        city: code of the city.
        ids: district and id of the rows that will be changed, moved or deleted.
        table: a temporary table with columns ``district`` and ``id``, instead of or besides ``ids``.
        dated: instead of both, district, id and moment of reporting of rows for which none of these changes. Then no row is looked for in
            other months than its own.

    Yields:
        An object whose method ``add`` takes rows that are new, or that have another district now; ``add_dated`` where rows are dated.
    """
    lock_city(connection, city)
    connection.execute("UPDATE city SET states_at = coalesce(as_of, now()) WHERE code = %s AND states_at IS NULL", [city])
    touched = TouchedRows(connection, "incident", listed=True, dated=dated is not None)
    for counted in (DAILY, OPEN):
        make = sql.SQL("CREATE TEMP TABLE {} (LIKE {} INCLUDING DEFAULTS) ON COMMIT DROP")
        connection.execute(make.format(_part(counted), sql.Identifier(counted.table)))
        connection.execute(sql.SQL("ALTER TABLE {} DROP COLUMN district").format(_part(counted)))
    if dated is None:
        touched.add(ids, table)
    else:
        touched.add_dated(dated)
    _take(connection, city, touched, -1)
    yield touched
    add_kinds(connection, city, touched.rows)
    connection.execute(_SETTLE.format(same=touched.same("i"), state=sql.SQL(STATE)), {"city": city, **_BOUND})
    _take(connection, city, touched, 1)
    for counted in (DAILY, OPEN):
        _add(connection, city, counted)
    update_newest_case(connection, city)
    if touched.drop():
        versions.touch(connection, city, ["incidents"])


def _part(counted: RollupTable) -> sql.Identifier:
    return sql.Identifier(f"part_{counted.table}")


def _each(pattern: str, names: Iterable[str]) -> sql.Composed:
    return sql.SQL(", ").join(sql.SQL(pattern).format(sql.Identifier(name)) for name in names)


def _take(connection: Connection, city: str, touched: TouchedRows, sign: int) -> None:
    """Store the present counts of the touched rows, times ``sign``: -1 before the change, 1 after it."""
    daily, open_ = (
        sql.SQL(_TAKE_PART).format(
            part=_part(counted),
            keys=_each("{}", counted.keys),
            counts=_each("{}", counted.counts),
            signed=_each("%(sign)s * sum({})", counted.counts),
            parts=counted.parts(sql.Identifier("seen")),
        )
        for counted in (DAILY, OPEN)
    )
    statement = sql.SQL(_TAKE).format(columns=_COLUMNS, rows=touched.rows, daily=daily, open=open_)
    connection.execute(statement, {"city": city, "sign": sign})


def _add(connection: Connection, city: str, counted: RollupTable) -> None:
    """Add the stored differences to every area and sum that they belong to. Rows whose counts are all zero are deleted."""
    emptied = sql.Identifier(f"emptied_{counted.table}")
    # Otherwise PostgreSQL expects a large table, and reads every area to find the five above one case.
    connection.execute(sql.SQL("ANALYZE {}").format(_part(counted)))
    keys, names = _each("{}", counted.keys), {"table": sql.Identifier(counted.table), "emptied": emptied}
    make = sql.SQL("CREATE TEMP TABLE {emptied} ON COMMIT DROP AS SELECT {keys} FROM {table} WITH NO DATA")
    connection.execute(make.format(keys=keys, **names))
    add = sql.SQL(_ADD).format(
        **names,
        keys=keys,
        own_keys=_each("d.{}", counted.keys),
        landing=sql.SQL(", ").join(map(sql.SQL, [_LANDING.get(name, f"p.{name}") for name in counted.keys])),
        counts=_each("{}", counted.counts),
        own_counts=_each("d.{}", counted.counts),
        sums=_each("sum({0})::int AS {0}", counted.counts),
        totals=_each("sum({})", counted.counts),
        zeros=sql.SQL(", ").join([sql.SQL("0")] * len(counted.counts)),
        added=_each("{0} = d.{0} + excluded.{0}", counted.counts),
        part_table=_part(counted),
        above=sql.SQL(ABOVE).format(parts=sql.Identifier("part")),
        kind_sum=sql.SQL(KIND_SUM),
    )
    connection.execute(add, {"city": city, **_BOUND})
    same = sql.SQL(" AND ").join(sql.SQL("d.{0} = e.{0}").format(sql.Identifier(name)) for name in counted.keys)
    connection.execute(sql.SQL(_CLEAR).format(same=same, **names))
    connection.execute(sql.SQL("DROP TABLE {}, {}").format(emptied, _part(counted)))
