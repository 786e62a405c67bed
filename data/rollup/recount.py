"""Count a whole city afresh, into the roll-ups themselves or into copies of them.

What incidents add to their cells is computed by one statement; it is summed over the tree of areas by ``AreaCounts``.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from psycopg import sql

from data.database.connections import Connection
from data.database.locks import NUMBERING
from data.rollup import figures_sql
from data.rollup.area_counts import AreaCounts
from data.rollup.incident_parts import (
    AMBER,
    HELD,
    STALE_KINDS,
    STATE,
    daily_parts,
    insert_kinds,
    open_parts,
    unknown_kinds,
)

INCIDENT = sql.Identifier("incident")
_TABLES = (*figures_sql.TABLES, "fresh_node", "fresh_part", "fresh_open")
_SORTING = "256MB"
"""Memory of each sort and each hash table while a city is counted."""

# The depth is that of the path. A parent that is not directly above by its path is ignored, because parents may form a ring.
_NODE = """
CREATE TEMP TABLE fresh_node ON COMMIT DROP AS
SELECT a.no, a.code, a.level, nlevel(a.path) AS depth, p.no AS parent, coalesce(a.district, a.city) AS district,
    coalesce((%(sums)s::jsonb ->> a.level)::int, 0) AS sums
FROM area a LEFT JOIN area p ON p.code = a.parent AND nlevel(p.path) = nlevel(a.path) - 1
WHERE a.city = %(city)s
"""

_PARTS = sql.SQL("CREATE TEMP TABLE fresh_part ON COMMIT DROP AS {parts}").format(
    parts=daily_parts(INCIDENT, sql.Identifier("fresh_zone_edge"))
)
_OPEN = sql.SQL(
    """
    CREATE TEMP TABLE fresh_open ON COMMIT DROP AS
    SELECT area_no, kind, stage, state, sum(n)::int AS n FROM ({parts}) part GROUP BY area_no, kind, stage, state
    """
).format(parts=open_parts(INCIDENT, sql.Identifier("fresh_zone_edge")))

_SETTLE = sql.SQL(
    """
    UPDATE incident i SET deadline_state = {state}
    FROM city c
    WHERE c.code = %(city)s AND i.city = c.code AND i.deadline_state IS DISTINCT FROM {state}
    """
).format(state=sql.SQL(STATE))


def add_kinds(connection: Connection, city: str, rows: sql.Composable = INCIDENT, values: Mapping[str, Any] | None = None) -> None:
    """Put every pair of category and channel of a city's incidents, or of some of them, into the dictionary.

    ``values`` are those that ``rows`` names.
    """
    bound = {"city": city, **(values or {})}
    if connection.execute(unknown_kinds(rows), bound).fetchone() == (True,):
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (NUMBERING,))
        connection.execute(insert_kinds(rows), bound)
        # If the dictionary was empty before, PostgreSQL would expect three kinds, and read all of them for each row.
        connection.execute("ANALYZE incident_kind")


def has_stale_kinds(connection: Connection, city: str) -> bool:
    """Whether a category became sensitive, or is no longer, since the city was counted: it must be counted again."""
    return connection.execute(STALE_KINDS, {"city": city}).fetchone() is not None


def update_kinds(connection: Connection, city: str) -> None:
    """Bring the dictionary up to the categories of a city, before the city is counted again."""
    connection.execute(f"UPDATE incident_kind SET sensitive = NOT sensitive WHERE no IN ({STALE_KINDS})", {"city": city})  # noqa: S608 - ours
    add_kinds(connection, city)


def settle_states(connection: Connection, city: str) -> None:
    """Bring the deadline states of all incidents of a city to the moment ``city.states_at``."""
    connection.execute(_SETTLE, {"city": city, "amber": AMBER})


def count_figures(connection: Connection, city: str) -> None:
    """Count zone members and figures of areas afresh into the temporary tables ``fresh_*`` of this transaction.

    The population of leaves is used as stored; the figures of all areas above them are summed up.
    """
    for name in _TABLES:
        connection.execute(sql.SQL("DROP TABLE IF EXISTS pg_temp.{}").format(sql.Identifier(name)))
    for statement in figures_sql.COMPUTE:
        connection.execute(statement, {"city": city})


def make_empty_copy(connection: Connection, table: str) -> sql.Identifier:
    """Create an empty temporary table with the columns of a roll-up, for a fresh count. An earlier one is dropped."""
    copy = sql.Identifier("pg_temp", f"fresh_{table}")
    connection.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(copy))
    connection.execute(
        sql.SQL("CREATE TEMP TABLE {} (LIKE {}) ON COMMIT DROP").format(sql.Identifier(f"fresh_{table}"), sql.Identifier(table))
    )
    return copy


@contextmanager
def sort_memory(connection: Connection) -> Iterator[None]:
    """Memory for the sorts and hash tables of the block, in which a whole city is counted."""
    connection.execute("SELECT set_config('work_mem', %s, true)", [_SORTING])
    yield
    connection.execute("SET LOCAL work_mem TO DEFAULT")


def count_incidents(connection: Connection, city: str, daily: sql.Composable, open_: sql.Composable) -> None:
    """Count days and open cases afresh into two tables that hold nothing of this city; ``count_figures`` was called before.

    Args:
        connection: the caller's transaction.
        city: code of the city.
        daily: table with the columns of ``incident_daily``.
        open_: table with the columns of ``incident_open``.
    """
    bound = {"city": city, **HELD}
    for statement in (_NODE, "ANALYZE fresh_node", _PARTS, _OPEN):
        connection.execute(statement, bound)
    counts = AreaCounts(connection, city)
    counts.store_days(daily)
    counts.store_open(open_)
