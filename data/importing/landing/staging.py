"""Temporary tables for incoming rows, and the statements that take over what is new or different.

A row that is there already and equal in every column is not touched, so a second import of the same files changes nothing.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import psycopg
import pyarrow as pa
import shapely
from psycopg import sql
from sqlalchemy import Column, MetaData, Table

from data.cases.where.belongings import follow_cases
from data.database.bulk_copy import Writer
from data.database.indexes import set_indexes_aside
from data.geo import leaf_join
from data.rollup import TouchedRows
from data.schema import incident

Connection = psycopg.Connection

RollupTracker = Callable[[sql.Identifier], AbstractContextManager[TouchedRows | None]]
"""Updates roll-ups while rows change. It gets a table with the district and id of these rows; it gives ``None`` if nothing is tracked."""

KEYS = ("source_id", "source_key")
"""Columns that identify a row of a large table."""

# Web Mercator ends at 85.06°; what reaches beyond (Antarctica) is cut there for drawing.
TO_3857 = """
ST_Transform(CASE WHEN ST_YMin(geom) < -85.06 OR ST_YMax(geom) > 85.06
    THEN ST_Multi(ST_CollectionExtract(ST_Intersection(geom, ST_MakeEnvelope(-180, -85.06, 180, 85.06, 4326)), 3))
    ELSE geom END, 3857)
"""


@dataclass
class Changes:
    """Rows that an import changed in one table."""

    inserted: int = 0
    updated: int = 0
    deleted: int = 0

    def __iadd__(self, other: "Changes") -> "Changes":
        self.inserted += other.inserted
        self.updated += other.updated
        self.deleted += other.deleted
        return self

    @property
    def any(self) -> bool:
        """Whether anything changed at all."""
        return bool(self.inserted or self.updated or self.deleted)


def stage_rows(
    connection: Connection, target: Table, name: str, columns: Sequence[str], rows: Iterable[Sequence[object]], **more: str
) -> Table:
    """A temporary table with some of a target's columns (types, not constraints), filled with COPY.

    Args:
        connection: the import's transaction.
        target: table whose columns are taken.
        name: of the temporary table; an earlier one of that name goes.
        columns: columns that ``rows`` hold, in order; those of ``more`` last.
        rows: see ``land.copy``.
        more: further columns and their types.
    """
    made, identifier = Table(name, MetaData(), *[Column(c) for c in [*columns, *more]]), sql.Identifier(name)
    _lay_beside(connection, target, name, [c.name for c in target.columns if c.name in columns])
    for column, kind in more.items():
        connection.execute(sql.SQL("ALTER TABLE {} ADD COLUMN {} " + kind).format(identifier, sql.Identifier(column)))
    leaf_join.copy_rows(connection, made, [*columns, *more], rows)
    # Without ANALYZE the planner takes a temporary table for a small one.
    connection.execute(sql.SQL("ANALYZE {}").format(identifier))
    return made


def upsert_rows(
    connection: Connection, target: Table, staged: Table, columns: Sequence[str], keys: Sequence[str], made: Mapping[str, str] | None = None
) -> Changes:
    """Insert what is new, update what differs, leave the rest untouched.

    Args:
        connection: the import's transaction.
        target: where rows go.
        staged: where they come from.
        columns: columns taken over as they are.
        keys: columns of the unique index that tells rows apart.
        made: columns made by an SQL expression of ours over the staged row.
    """
    made = made or {}
    names = [*columns, *made]
    ident = sql.Identifier
    values = [ident(c) for c in columns] + [sql.SQL(made[c]) for c in made]
    rest = [c for c in names if c not in keys]
    statement = sql.SQL(
        """
        WITH landed AS (
            INSERT INTO {target} AS t ({names}) SELECT {values} FROM {staged}
            ON CONFLICT ({keys}) DO UPDATE SET {sets}
            WHERE ({old}) IS DISTINCT FROM ({new})
            RETURNING (xmax = 0) AS fresh
        )
        SELECT count(*) FILTER (WHERE fresh), count(*) FILTER (WHERE NOT fresh) FROM landed
        """
    ).format(
        target=ident(target.name),
        staged=ident(staged.name),
        names=sql.SQL(", ").join(map(ident, names)),
        values=sql.SQL(", ").join(values),
        keys=sql.SQL(", ").join(map(ident, keys)),
        sets=sql.SQL(", ").join(sql.SQL("{} = excluded.{}").format(ident(c), ident(c)) for c in rest),
        old=sql.SQL(", ").join(sql.SQL("t.{}").format(ident(c)) for c in rest),
        new=sql.SQL(", ").join(sql.SQL("excluded.{}").format(ident(c)) for c in rest),
    )
    row = connection.execute(statement).fetchone()
    assert row is not None  # noqa: S101  an aggregate always gives a row
    return Changes(inserted=row[0], updated=row[1])


class Stage:
    """Writes the rows of one source into a large table.

    If the source has no rows there yet, they are copied straight into the table; the indexes of an empty table are made afterwards.
    Otherwise they go into a temporary table first, and only new or different rows are taken over.

    Args:
        connection: the import's transaction, which holds the lock against other writers.
        target: where rows go.
        columns: what a row says; a row of the same key that says the same is left alone.
        made: columns that follow from those.
        source_id: of the source.
    """

    def __init__(self, connection: Connection, target: Table, columns: Sequence[str], made: Sequence[str], source_id: int) -> None:
        self._connection, self._target, self._source_id = connection, target, source_id
        self._columns, self._names = columns, [*columns, *made]
        known = sql.SQL("SELECT EXISTS (SELECT FROM {} WHERE source_id = %s)").format(sql.Identifier(target.name))
        row = connection.execute(known, [source_id]).fetchone()
        self._straight = row is not None and not row[0]
        self._staged = Table(target.name if self._straight else f"staged_{target.name}", MetaData())
        self._count = 0
        self._aside = ExitStack()
        self.filled_anew = False
        """Whether many rows went straight into the table, which was empty."""

    def __enter__(self) -> Self:
        if not self._straight:
            _lay_beside(self._connection, self._target, self._staged.name, self._names)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._aside.__exit__(kind, error, trace)
        if error is None and not self._straight:
            self._connection.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(self._staged.name)))

    @contextmanager
    def filling(self, many: bool) -> Iterator[Callable[[pa.Table], None]]:
        """Yields a function that takes rows; all rows are in the database at the end of the block.

        Args:
            many: there are so many rows that making the indexes of an empty table afterwards is faster.
        """
        if many and self._straight and not self._count:
            self.filled_anew = self._aside.enter_context(set_indexes_aside(self._connection, self._target))
        with Writer(self._connection) as writer:

            def send(rows: pa.Table) -> None:
                self._count += rows.num_rows
                writer.copy(self._staged.name, self._target.name, rows.select(self._names))

            yield send

    def land(self, counting: RollupTracker, whole: bool) -> Changes:
        """Take over what is new or different.

        Args:
            counting: entered before rows change; it also learns which rows are new.
            whole: delete rows of the source that were not given.
        """
        if not self._straight:
            return merge_rows(
                *(self._connection, self._target, self._staged, self._columns, self._names, counting),
                whole=self._source_id if whole else None,
            )
        if self._count:
            with counting(_no_rows(self._connection)) as touched:
                if touched is not None:
                    touched.add_source(self._source_id)
        return Changes(inserted=self._count)


def _lay_beside(connection: Connection, target: Table, name: str, columns: Sequence[str]) -> None:
    """An empty temporary table with some columns of a target (types, not constraints); an earlier one of that name goes."""
    connection.execute(sql.SQL("DROP TABLE IF EXISTS pg_temp.{}").format(sql.Identifier(name)))
    wanted = sql.SQL(", ").join(map(sql.Identifier, columns))
    statement = sql.SQL("CREATE TEMP TABLE {} ON COMMIT DROP AS SELECT {} FROM {} WITH NO DATA")
    connection.execute(statement.format(sql.Identifier(name), wanted, sql.Identifier(target.name)))


def merge_rows(
    connection: Connection,
    target: Table,
    staged: Table,
    columns: Sequence[str],
    names: Sequence[str],
    counting: RollupTracker,
    whole: int | None = None,
) -> Changes:
    """Like ``upsert_rows``, for rows that belong to a cell: needs no unique index, and reports which rows it changes.

    The caller holds a lock, so nobody else inserts the same keys at the same time. A row that moves to another month keeps its id.

    Args:
        connection: the import's transaction.
        target: where rows go; ``source_id`` and ``source_key`` tell them apart.
        staged: where they come from.
        columns: what is compared.
        names: what is taken over: ``columns``, and what follows from them.
        counting: entered before rows change; it also learns which rows are new.
        whole: id of a source; its rows that are not staged any more are deleted.
    """
    ident = sql.Identifier
    rest = [c for c in columns if c not in KEYS]
    parts: dict[str, sql.Composable] = {
        "target": ident(target.name),
        "staged": ident(staged.name),
        "names": sql.SQL(", ").join(map(ident, names)),
        "sets": sql.SQL(", ").join(sql.SQL("{0} = s.{0}").format(ident(c)) for c in names if c not in KEYS),
        "old": sql.SQL(", ").join(sql.SQL("t.{}").format(ident(c)) for c in rest),
        "new": sql.SQL(", ").join(sql.SQL("s.{}").format(ident(c)) for c in rest),
    }

    def run(statement: str) -> int:
        return connection.execute(sql.SQL(statement).format(**parts), {"whole": whole}).rowcount

    for table in ("landing_before", "landing_after"):
        connection.execute(sql.SQL("DROP TABLE IF EXISTS pg_temp.{}").format(ident(table)))
    if target.name == incident.name:
        run(_KEEP_WORK)
        run(_KEEP_MOVES)
    run(_BEFORE)
    if whole is not None:
        run(_GONE.replace("{worked}", _NOT_WORKED if target.name == incident.name else ""))
    connection.execute("ANALYZE landing_before")
    with counting(ident("landing_before")) as touched:
        deleted = 0 if whole is None else run(_DELETE)
        connection.execute("CREATE TEMP TABLE landing_after (district text, id bigint) ON COMMIT DROP")
        updated, inserted = run(_UPDATE), run(_INSERT)
        if touched is not None:
            touched.add(table=ident("landing_after"))
    if target.name == incident.name and connection.execute(_STRAYED + " LIMIT 1").fetchone() is not None:
        follow_cases(connection, sql.SQL("({})").format(sql.SQL(_STRAYED)))
    return Changes(inserted=inserted, updated=updated, deleted=deleted)


def _no_rows(connection: Connection) -> sql.Identifier:
    """A temporary table that names no row by district and id."""
    connection.execute("DROP TABLE IF EXISTS pg_temp.landing_before")
    connection.execute("CREATE TEMP TABLE landing_before (district text, id bigint) ON COMMIT DROP")
    return sql.Identifier("landing_before")


# What people did to a case here stands: of such a case, a feed changes what it alone knows, and deletes nothing.
_KEEP_WORK = """
UPDATE {staged} s SET stage = t.stage, paused = t.paused, closed_at = t.closed_at, closed_is_day = t.closed_is_day, due_at = t.due_at,
    due_is_day = t.due_is_day, unit = t.unit
FROM {target} t WHERE t.source_id = s.source_id AND t.source_key = s.source_key AND t.version > 0
"""
# Where a case was moved here, by a step that was not taken back, its place, category or address are known better than in the feed.
_KEEP_MOVES = """
UPDATE {staged} s SET
    grid = CASE WHEN m.place THEN t.grid ELSE s.grid END, path = CASE WHEN m.place THEN t.path ELSE s.path END,
    district = CASE WHEN m.place THEN t.district ELSE s.district END,
    grid_method = CASE WHEN m.place THEN t.grid_method ELSE s.grid_method END,
    geom = CASE WHEN m.place THEN t.geom ELSE s.geom END, geom_3857 = CASE WHEN m.place THEN t.geom_3857 ELSE s.geom_3857 END,
    attributes = CASE WHEN m.place AND t.attributes ->> 'place' = 'cell' THEN s.attributes || '{{"place": "cell"}}' ELSE s.attributes END,
    category = CASE WHEN m.category THEN t.category ELSE s.category END, address = CASE WHEN m.address THEN t.address ELSE s.address END
FROM {target} t CROSS JOIN LATERAL (
    SELECT bool_or(e.details -> 'to' ? 'grid') AS place, bool_or(e.details -> 'to' ? 'category') AS category,
        bool_or(e.details -> 'to' ? 'address') AS address
    FROM incident_event e WHERE e.district = t.district AND e.incident_id = t.id AND e.step = 'move' AND NOT EXISTS (
        SELECT FROM incident_event u
        WHERE u.district = e.district AND u.incident_id = e.incident_id AND u.step = 'undo' AND u.details -> 'undone' = to_jsonb(e.seq))
) m
WHERE t.source_id = s.source_id AND t.source_key = s.source_key AND t.version > 0 AND m.place IS NOT NULL
"""
_STRAYED = """
SELECT b.district AS old_district, b.id, a.district FROM landing_before b JOIN landing_after a ON a.id = b.id AND a.district <> b.district
"""
_NOT_WORKED = "AND t.version = 0"
_BEFORE = """
CREATE TEMP TABLE landing_before ON COMMIT DROP AS
SELECT t.district, t.id, s.source_id, s.source_key
FROM {target} t JOIN {staged} s ON t.source_id = s.source_id AND t.source_key = s.source_key
WHERE ({old}) IS DISTINCT FROM ({new})
"""
_GONE = """
INSERT INTO landing_before (district, id)
SELECT t.district, t.id FROM {target} t
WHERE t.source_id = %(whole)s {worked} AND NOT EXISTS (SELECT FROM {staged} s WHERE s.source_key = t.source_key)
"""
_DELETE = "DELETE FROM {target} t USING landing_before b WHERE t.district = b.district AND t.id = b.id AND b.source_key IS NULL"
_UPDATE = """
WITH changed AS (
    UPDATE {target} t SET {sets}
    FROM landing_before b JOIN {staged} s ON s.source_id = b.source_id AND s.source_key = b.source_key
    WHERE t.district = b.district AND t.id = b.id
    RETURNING t.district, t.id
)
INSERT INTO landing_after SELECT district, id FROM changed
"""
_INSERT = """
WITH added AS (
    INSERT INTO {target} ({names})
    SELECT {names} FROM {staged} s
    WHERE NOT EXISTS (SELECT FROM {target} t WHERE t.source_id = s.source_id AND t.source_key = s.source_key)
    RETURNING district, id
)
INSERT INTO landing_after SELECT district, id FROM added
"""


def delete_unstaged(connection: Connection, target: Table, staged: Table, key: str, scope: str, value: object) -> Changes:
    """Delete rows of a scope (``scope = value``) whose key is not staged any more."""
    statement = sql.SQL(
        "DELETE FROM {target} t WHERE t.{scope} = %s AND NOT EXISTS (SELECT FROM {staged} s WHERE s.{key} = t.{key})"
    ).format(target=sql.Identifier(target.name), staged=sql.Identifier(staged.name), scope=sql.Identifier(scope), key=sql.Identifier(key))
    return Changes(deleted=connection.execute(statement, [value]).rowcount)


def to_ewkb(shape: shapely.Geometry | None) -> str | None:
    """A shapely geometry as hexadecimal EWKB in EPSG:4326."""
    return None if shape is None else str(shapely.to_wkb(shapely.set_srid(shape, 4326), hex=True, include_srid=True))
