"""Count a whole city afresh, into the roll-ups themselves or into copies of them.

Days are summed level by level, each area from its children, so that each incident is read only once. Rows are written in the order of the
key.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from psycopg import sql

from data.database.connections import Connection
from data.database.locks import NUMBERING
from data.rollup import figures_sql
from data.rollup.incident_parts import (
    AMBER,
    COUNTS,
    HELD,
    KIND_SUM,
    STALE_KINDS,
    STATE,
    daily_parts,
    insert_kinds,
    open_parts,
    unknown_kinds,
)

INCIDENT = sql.Identifier("incident")
_TABLES = (*figures_sql.TABLES, "fresh_node", "fresh_part", "fresh_level", "fresh_below", "fresh_kind")
_SORTING = "256MB"
"""Memory of each sort and each hash table while a city is counted."""

COLUMNS = sql.SQL(", ").join(map(sql.Identifier, COUNTS))
SUMS = sql.SQL(", ").join(sql.SQL("sum({0})::int AS {0}").format(sql.Identifier(name)) for name in COUNTS)

# The depth is that of the path. A parent that is not directly above by its path is ignored, because parents may form a ring.
_NODE = """
CREATE TEMP TABLE fresh_node ON COMMIT DROP AS
SELECT a.no, a.code, a.level, nlevel(a.path) AS depth, p.no AS parent, coalesce(a.district, a.city) AS district,
    coalesce((%(sums)s::jsonb ->> a.level)::int, 0) AS sums
FROM area a LEFT JOIN area p ON p.code = a.parent AND nlevel(p.path) = nlevel(a.path) - 1
WHERE a.city = %(city)s
"""

# The numbers of a kind's sums, side by side.
_KIND = sql.SQL(
    """
    CREATE TEMP TABLE fresh_kind ON COMMIT DROP AS
    WITH {kind_sum}
    SELECT u.kind,
        max(s.no) FILTER (WHERE s.category IS NOT NULL) AS of_category,
        max(s.no) FILTER (WHERE s.channel IS NOT NULL) AS of_channel,
        max(s.no) FILTER (WHERE s.category IS NULL AND s.channel IS NULL) AS of_all
    FROM kind_sum u JOIN incident_kind s ON s.no = u.counted
    WHERE u.needs > 0
    GROUP BY u.kind
    """
).format(kind_sum=sql.SQL(KIND_SUM))

# Grouped by sorting, which leaves the rows in the order of the roll-up's key, so that they can be stored in this order.
_PART = sql.SQL(
    """
    CREATE TEMP TABLE fresh_part ON COMMIT DROP AS
    SELECT area_no, day, kind, {sums} FROM ({parts}) part GROUP BY area_no, day, kind ORDER BY area_no, day, kind
    """
).format(sums=SUMS, parts=daily_parts(INCIDENT, sql.Identifier("fresh_zone_edge")))

# The parts in the areas of one depth themselves, and those below them.
_LEVEL = sql.SQL(
    """
    CREATE TEMP TABLE fresh_level ON COMMIT DROP AS
    SELECT area_no, day, kind, {sums} FROM (
        SELECT p.* FROM fresh_part p JOIN fresh_node n ON n.no = p.area_no WHERE n.depth = %(depth)s AND n.level <> 'zone'
        UNION ALL
        SELECT n.parent, day, kind, {columns} FROM fresh_below b JOIN fresh_node n ON n.no = b.area_no WHERE n.parent IS NOT NULL
    ) s GROUP BY area_no, day, kind ORDER BY area_no, day, kind
    """
).format(sums=SUMS, columns=COLUMNS)
_ABOVE = sql.SQL(
    """
    CREATE TEMP TABLE fresh_level ON COMMIT DROP AS
    SELECT n.parent AS area_no, day, kind, {sums} FROM fresh_below b JOIN fresh_node n ON n.no = b.area_no
    WHERE n.parent IS NOT NULL GROUP BY n.parent, day, kind ORDER BY n.parent, day, kind
    """
).format(sums=SUMS)
_DEEPEST = """
CREATE TEMP TABLE fresh_level ON COMMIT DROP AS
SELECT p.* FROM fresh_part p JOIN fresh_node n ON n.no = p.area_no WHERE n.depth = %(depth)s AND n.level <> 'zone'
"""
_ZONES = sql.SQL(
    """
    CREATE TEMP TABLE fresh_level ON COMMIT DROP AS
    SELECT z.no AS area_no, day, kind, {sums}
    FROM fresh_above u
    JOIN fresh_node z ON z.code = u.area AND z.level = 'zone'
    JOIN fresh_node g ON g.code = u.below
    JOIN fresh_part p ON p.area_no = g.no
    GROUP BY z.no, day, kind ORDER BY z.no, day, kind
    """
).format(sums=SUMS)

_STORE = sql.SQL(
    """
    INSERT INTO {target} (area_no, day, kind, {columns}, district)
    SELECT area_no, day, kind, {columns}, n.district FROM fresh_level l JOIN fresh_node n ON n.no = l.area_no
    """
)
_STORE_SUMS = sql.SQL(
    """
    INSERT INTO {target} (area_no, day, kind, {columns}, district)
    SELECT area_no, day, kind, {columns}, n.district
    FROM (
        SELECT area_no, day, coalesce(k.of_category, k.of_channel, k.of_all) AS kind, {sums}
        FROM fresh_level l JOIN fresh_kind k USING (kind) JOIN fresh_node n ON n.no = l.area_no
        WHERE n.sums = 2
        GROUP BY area_no, day, GROUPING SETS ((k.of_category), (k.of_channel), (k.of_all))
    ) s JOIN fresh_node n ON n.no = s.area_no
    ORDER BY area_no, kind, day  -- as sums are asked for: one sum over many days
    """
)
_STORE_TOTAL = sql.SQL(
    """
    INSERT INTO {target} (area_no, day, kind, {columns}, district)
    SELECT area_no, day, kind, {columns}, n.district
    FROM (
        SELECT area_no, day, k.of_all AS kind, {sums}
        FROM fresh_level l JOIN fresh_kind k USING (kind) JOIN fresh_node n ON n.no = l.area_no
        WHERE n.sums = 1
        GROUP BY area_no, day, k.of_all
    ) s JOIN fresh_node n ON n.no = s.area_no
    ORDER BY area_no, day
    """
)

_OPEN = sql.SQL(
    """
    INSERT INTO {target} (area_no, kind, stage, state, n, district)
    WITH part AS MATERIALIZED (
        SELECT area_no, kind, stage, state, sum(n)::int AS n FROM ({parts}) part GROUP BY area_no, kind, stage, state
    ), {kind_sum}
    SELECT n.no, k.counted, p.stage, p.state, sum(p.n)::int, n.district
    FROM part p
    JOIN fresh_node b ON b.no = p.area_no
    JOIN fresh_above u ON u.below = b.code
    JOIN fresh_node n ON n.code = u.area
    JOIN kind_sum k ON k.kind = p.kind AND k.needs <= n.sums
    GROUP BY n.no, k.counted, p.stage, p.state, n.district
    ORDER BY n.no, k.counted
    """
)

_SETTLE = sql.SQL(
    """
    UPDATE incident i SET deadline_state = {state}
    FROM city c
    WHERE c.code = %(city)s AND i.city = c.code AND i.deadline_state IS DISTINCT FROM {state}
    """
).format(state=sql.SQL(STATE))

# Depths from the deepest up, whether areas of that depth contain incidents, and which sums the areas have.
_DEPTHS = """
SELECT n.depth, bool_or(p.area_no IS NOT NULL), array_agg(DISTINCT n.sums)
FROM fresh_node n LEFT JOIN (SELECT DISTINCT area_no FROM fresh_part) p ON p.area_no = n.no
WHERE n.level <> 'zone' GROUP BY n.depth ORDER BY n.depth DESC
"""


def add_kinds(connection: Connection, city: str, rows: sql.Composable = INCIDENT) -> None:
    """Put every pair of category and channel of a city's incidents, or of some of them, into the dictionary."""
    bound = {"city": city}
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
    for statement in (_NODE, _KIND, "ANALYZE fresh_node", "ANALYZE fresh_kind", _PART, "ANALYZE fresh_part"):
        connection.execute(statement, bound)
    connection.execute(
        _OPEN.format(target=open_, parts=open_parts(INCIDENT, sql.Identifier("fresh_zone_edge")), kind_sum=sql.SQL(KIND_SUM)), bound
    )
    connection.execute(_ZONES)
    _store(connection, daily, [2])
    _levels(connection, daily)


def _levels(connection: Connection, daily: sql.Composable) -> None:
    """Sum from the deepest level that holds incidents up to the root."""
    below = False
    for depth, holds, held in connection.execute(_DEPTHS).fetchall():
        if not below and not holds:
            continue
        connection.execute("DROP TABLE IF EXISTS pg_temp.fresh_below")
        connection.execute("ALTER TABLE fresh_level RENAME TO fresh_below")
        made = _DEEPEST if not below else _LEVEL if holds else _ABOVE
        connection.execute(made, {"depth": depth})
        _store(connection, daily, held)
        below = True


def _store(connection: Connection, daily: sql.Composable, held: list[int]) -> None:
    """Store the counts of one depth of the tree, with the sums that its areas hold (see ``HELD``)."""
    connection.execute("ANALYZE fresh_level")
    sums = {1: _STORE_TOTAL, 2: _STORE_SUMS}
    for statement in (_STORE, *(sums[which] for which in held if which)):
        connection.execute(statement.format(target=daily, columns=COLUMNS, sums=SUMS))
