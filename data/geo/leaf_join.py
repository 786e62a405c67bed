"""Bulk loading: copies rows into a table in one stream, and assigns them to leaf areas by one spatial join."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import psycopg
from psycopg import sql
from sqlalchemy import Table

TOLERANCE_M = 250.0
"""How far outside every leaf a row may lie to be put into the nearest one."""


@dataclass(frozen=True, slots=True)
class Placed:
    """Number of rows within a leaf, near one, and without one."""

    within: int
    nearest: int
    nowhere: int


def copy_rows(connection: psycopg.Connection, table: Table, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
    """Stream rows into a table with COPY.

    Args:
        connection: the caller's transaction.
        table: target; temporary tables work by their name too.
        columns: names in the order of the values.
        rows: one tuple for each row; geometry as hexadecimal EWKB text, JSON as text.

    Returns:
        Number of rows.
    """
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table.name), names)
    count = 0
    with connection.cursor().copy(statement) as stream:
        for row in rows:
            stream.write_row(row)
            count += 1
    return count


# Large leaves (a whole district may be one) are cut into small pieces, so that the index finds few vertices to test against.
_LEAVES = """
CREATE TEMP TABLE leaf_piece ON COMMIT DROP AS
SELECT l.code, l.path, l.district, p.geom
FROM leaves(%(city)s) l
CROSS JOIN LATERAL (
    SELECT l.geom WHERE ST_NPoints(l.geom) <= 256
    UNION ALL
    SELECT ST_Subdivide(l.geom, 128) WHERE ST_NPoints(l.geom) > 256
) p (geom)
"""

# ``anchor`` is the point that decides: the point itself, or a polygon's inner point (a centroid may lie outside an L-shaped building).
_ANCHOR = """
ALTER TABLE {table} ADD COLUMN IF NOT EXISTS anchor geometry(Point, 4326),
    ADD COLUMN IF NOT EXISTS row_no bigint GENERATED ALWAYS AS IDENTITY
"""
_SET_ANCHOR = "UPDATE {table} SET anchor = CASE WHEN GeometryType(geom) = 'POINT' THEN geom ELSE ST_PointOnSurface(geom) END"

_PLACE = """
UPDATE {table} s
SET grid = f.code, path = f.path, district = f.district, grid_method = f.method
FROM (
    SELECT t.row_no, coalesce(w.code, n.code) AS code, coalesce(w.path, n.path) AS path,
        coalesce(w.district, n.district) AS district, CASE WHEN w.code IS NULL THEN 'nearest' ELSE 'within' END AS method
    FROM {table} t
    LEFT JOIN LATERAL (
        SELECT l.code, l.path, l.district FROM leaf_piece l WHERE ST_Intersects(l.geom, t.anchor) ORDER BY l.code LIMIT 1
    ) w ON true
    LEFT JOIN LATERAL (
        -- The index orders by degrees; of the eight nearest by degrees the nearest by metres counts.
        SELECT near.code, near.path, near.district
        FROM (SELECT l.* FROM leaf_piece l WHERE w.code IS NULL ORDER BY l.geom <-> t.anchor LIMIT 8) near
        CROSS JOIN LATERAL (SELECT ST_Distance(near.geom::geography, t.anchor::geography) AS metres) d
        WHERE d.metres <= %(tolerance)s
        ORDER BY d.metres, near.code LIMIT 1
    ) n ON w.code IS NULL
) f
WHERE f.row_no = s.row_no AND f.code IS NOT NULL
"""

_COUNT = """
SELECT count(*) FILTER (WHERE grid_method = 'within' AND grid IS NOT NULL), count(*) FILTER (WHERE grid_method = 'nearest'),
    count(*) FILTER (WHERE grid IS NULL)
FROM {table}
"""


def prepare_leaves(connection: psycopg.Connection, city: str) -> None:
    """Prepare the leaves of a city for ``place_rows`` as the temporary table ``leaf_piece`` of this transaction."""
    connection.execute("DROP TABLE IF EXISTS pg_temp.leaf_piece")
    connection.execute(_LEAVES, {"city": city})
    connection.execute("CREATE INDEX ON leaf_piece USING gist (geom)")
    connection.execute("ANALYZE leaf_piece")


def place_rows(connection: psycopg.Connection, table: Table, city: str, tolerance_m: float = TOLERANCE_M, prepared: bool = False) -> Placed:
    """Set grid, path, district and grid_method of every row by one spatial join.

    A row belongs to the leaf its anchor lies in; of several (on a shared border) to the one with the lowest code. Outside every leaf it
    goes to the nearest one within ``tolerance_m`` metres, and otherwise it gets none.

    Args:
        connection: the caller's transaction.
        table: staging table with ``geom`` (EPSG:4326), ``grid``, ``path``, ``district``, ``grid_method``.
        city: code of the city.
        tolerance_m: metres.
        prepared: whether ``prepare_leaves`` has been called in this transaction since the areas last changed.
    """
    if not prepared:
        prepare_leaves(connection, city)
    name = sql.Identifier(table.name)
    for statement in (_ANCHOR, _SET_ANCHOR):
        connection.execute(sql.SQL(statement).format(table=name))
    connection.execute(sql.SQL(_PLACE).format(table=name), {"tolerance": tolerance_m})
    row = connection.execute(sql.SQL(_COUNT).format(table=name)).fetchone()
    assert row is not None  # noqa: S101  an aggregate always gives a row
    return Placed(*row)
