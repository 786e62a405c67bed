"""``rebuild`` counts everything again: after a first load, and after a change of the tree of areas."""

from collections.abc import Collection
from contextlib import ExitStack

from psycopg import sql

from data import schema
from data.database.connections import Connection
from data.database.indexes import set_indexes_aside
from data.live import versions
from data.rollup import figures_sql
from data.rollup.incident_parts import DAILY, OPEN, RollupTable
from data.rollup.newest_case import update_newest_case
from data.rollup.recount import count_figures, count_incidents, make_empty_copy, settle_states, sort_memory, update_kinds
from data.rollup.register_cells import FILL
from data.rollup.shown_people import update_shown
from data.rollup.spans import update_spans

# Rows that equal the fresh count are not written again, nor are their index entries. Rows of deleted areas are deleted here, because
# nothing else would delete them.
_FORGET = """
DELETE FROM {table} d
WHERE NOT EXISTS (SELECT FROM {copy} f WHERE {same_row})
  AND NOT EXISTS (SELECT FROM area a WHERE a.no = d.area_no AND a.city <> %(city)s)
"""
_LEARN = """
INSERT INTO {table} ({columns}) SELECT {columns} FROM {copy} f
WHERE NOT EXISTS (SELECT FROM {table} d WHERE {same_key})
ORDER BY {keys}
"""


def lock_city(connection: Connection, city: str) -> None:
    """Lock the counted rows of a city against changes until the caller's transaction ends; others can still read."""
    connection.execute("SELECT FROM city WHERE code = %s FOR NO KEY UPDATE", [city])


def rebuild(connection: Connection, city: str, subjects: Collection[str] = schema.SUBJECTS) -> None:
    """Count zone members, area figures, residents of buildings, deadline states and counts of one city again from its raw rows.

    Runs in the caller's transaction and ends with new versions of ``subjects``, so that no reader ever sees a part of it.
    """
    lock_city(connection, city)
    connection.execute("UPDATE city SET states_at = coalesce(as_of, now()) WHERE code = %s", [city])
    update_kinds(connection, city)
    settle_states(connection, city)
    for statement in FILL:
        connection.execute(statement, {"city": city})
    count_figures(connection, city)
    for statement in (*figures_sql.RESIDENTS, *figures_sql.STORE):
        connection.execute(statement, {"city": city})
    update_shown(connection, city)
    update_spans(connection, city)
    _count(connection, city)
    update_newest_case(connection, city)
    versions.touch(connection, city, subjects)


def _count(connection: Connection, city: str) -> None:
    """Count into the tables directly, without indexes, if they are empty. Otherwise count into copies, and write only the differences."""
    with ExitStack() as stack:

        def aside(counted: RollupTable) -> bool:
            return stack.enter_context(set_indexes_aside(connection, schema.metadata.tables[counted.table]))

        # Setting the indexes of a table aside locks readers out. So it is done only if both tables are empty.
        anew = [DAILY, OPEN] if aside(DAILY) and aside(OPEN) else []
        targets = [sql.Identifier(one.table) if one in anew else make_empty_copy(connection, one.table) for one in (DAILY, OPEN)]
        with sort_memory(connection):
            count_incidents(connection, city, *targets)
            for counted, copy in zip((DAILY, OPEN), targets, strict=True):
                if counted not in anew:
                    _take_over(connection, city, counted, copy)


def _take_over(connection: Connection, city: str, counted: RollupTable, copy: sql.Composable) -> None:
    """Write the rows of a fresh count that differ from the stored ones."""
    keys = (*counted.keys, "district")

    def same(names: Collection[str]) -> sql.Composed:
        return sql.SQL(" AND ").join(sql.SQL("f.{0} = d.{0}").format(sql.Identifier(name)) for name in names)

    connection.execute(sql.SQL("ANALYZE {}").format(copy))
    for statement in (_FORGET, _LEARN):
        made = sql.SQL(statement).format(
            table=sql.Identifier(counted.table),
            copy=copy,
            columns=sql.SQL(", ").join(map(sql.Identifier, (*keys, *counted.counts))),
            keys=sql.SQL(", ").join(map(sql.Identifier, keys)),
            same_row=same((*keys, *counted.counts)),
            same_key=same(keys),
        )
        connection.execute(made, {"city": city})


def list_uncounted_cities(connection: Connection) -> list[str]:
    """Codes of the cities whose roll-ups were never counted, or were emptied by a migration."""
    return [str(row[0]) for row in connection.execute("SELECT code FROM city WHERE states_at IS NULL ORDER BY code").fetchall()]
