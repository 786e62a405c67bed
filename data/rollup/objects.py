"""Changes of buildings, facilities and people: updates the figures of their areas and of all areas above."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from psycopg import sql

from data.database.connections import Connection
from data.live import versions
from data.rollup.figures_sql import PARTS, STANDING
from data.rollup.incident_parts import ABOVE, EDGES, HELD
from data.rollup.rebuild import lock_city
from data.rollup.touched_rows import TouchedRows

Ids = Iterable[tuple[str, int]]

_SUBJECTS = {"building": "buildings", "facility": "facilities"}
_COLUMNS = sql.SQL(", ").join(map(sql.Identifier, STANDING))
_SUMS = sql.SQL(", ").join(sql.SQL("sum({0}) AS {0}").format(sql.Identifier(name)) for name in STANDING)
_PART = sql.SQL("CREATE TEMP TABLE part_figure ON COMMIT DROP AS SELECT 0 AS area_no, {} FROM area_figure WITH NO DATA").format(_COLUMNS)
_TAKE = sql.SQL(
    "INSERT INTO part_figure (area_no, {columns}) SELECT area_no, {signed} FROM ({parts}) p WHERE area_no IS NOT NULL GROUP BY area_no"
)
_ADD = sql.SQL(
    """
    WITH RECURSIVE part AS MATERIALIZED (SELECT area_no, {sums} FROM part_figure GROUP BY area_no), {above}
    UPDATE area_figure f SET {added}
    FROM (SELECT u.area_no, {sums} FROM part p JOIN above u ON u.below_no = p.area_no GROUP BY u.area_no) s
    JOIN area a ON a.no = s.area_no
    WHERE f.area = a.code
    """
).format(
    sums=_SUMS,
    above=sql.SQL(ABOVE).format(parts=sql.Identifier("part")),
    added=sql.SQL(", ").join(sql.SQL("{0} = f.{0} + s.{0}").format(sql.Identifier(name)) for name in STANDING),
)


@contextmanager
def changing_buildings(connection: Connection, city: str, ids: Ids = (), table: sql.Identifier | None = None) -> Iterator[TouchedRows]:
    """Change buildings inside the block: see ``changing_incidents``. ``changing_persons`` updates their residents."""
    with _changing(connection, city, "building", ids, table) as touched:
        yield touched


@contextmanager
def changing_facilities(connection: Connection, city: str, ids: Ids = (), table: sql.Identifier | None = None) -> Iterator[TouchedRows]:
    """Change facilities inside the block: see ``changing_incidents``."""
    with _changing(connection, city, "facility", ids, table) as touched:
        yield touched


@contextmanager
def _changing(connection: Connection, city: str, name: str, ids: Ids, table: sql.Identifier | None) -> Iterator[TouchedRows]:
    lock_city(connection, city)
    touched = TouchedRows(connection, name)
    touched.add(ids, table)
    connection.execute(_PART)
    _take(connection, city, name, touched, -1)
    yield touched
    _take(connection, city, name, touched, 1)
    connection.execute("ANALYZE part_figure")
    connection.execute(_ADD, HELD)
    connection.execute("DROP TABLE part_figure")
    if touched.drop():
        versions.touch(connection, city, [_SUBJECTS[name]])


def _take(connection: Connection, city: str, name: str, touched: TouchedRows, sign: int) -> None:
    """Store the present counts of the touched rows, times ``sign``: -1 before the change, 1 after it."""
    signed = sql.SQL(", ").join(sql.SQL("%(sign)s * sum({})").format(sql.Identifier(column)) for column in STANDING)
    parts = sql.SQL(PARTS[name]).format(rows=touched.rows, edges=EDGES)
    connection.execute(_TAKE.format(columns=_COLUMNS, signed=signed, parts=parts), {"city": city, "sign": sign})
