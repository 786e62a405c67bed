"""Landing of what stands in a grid cell: buildings, incidents and facilities."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import sql
from sqlalchemy import Table

from data import land, partitions, schema
from data.importing.batch import Batch, shown
from data.importing.context import Context
from data.importing.counting import counting
from data.importing.intake import guarded
from data.importing.shapes import Wanted
from data.importing.source import Source
from data.importing.staging import TO_3857, Changes, add_columns, ewkbs, merge, stage
from data.importing.whereabouts import Whereabouts

Row = tuple[Any, ...]
_PLACE = ("grid", "path", "district", "grid_method")


@dataclass(frozen=True)
class Subject:
    """How one subject lands.

    Attributes:
        name: as in the profile.
        table: where its rows go.
        wanted: kind of geometry.
        columns: the subject's own columns.
        prepare: fills a batch's fields and rejects what cannot be used.
        row: values of ``columns`` for one row of a prepared batch.
        made: columns that SQL makes from the staged row.
    """

    name: str
    table: Table
    wanted: Wanted
    columns: tuple[str, ...]
    prepare: Callable[[Batch, Any, Context], None]
    row: Callable[[Batch, int], Row]
    made: dict[str, str]


def land_source(subject: Subject, source: Source, context: Context, whereabouts: Whereabouts) -> None:
    """Read, check, stage, place and store one source."""
    batches = _prepared(subject, source, context)
    whereabouts.check(batches, source, context.ledger)
    unique_keys(batches)
    rows = [(batch, i) for batch in batches for i in batch.living()]
    staged = _stage(subject, source, context, rows, batches)
    _place(staged, source, context, rows)
    columns = ["city", "source_id", "source_key", *subject.columns, *_PLACE, "geom"]
    made = {"geom_3857": TO_3857, **subject.made}
    if subject.table is schema.incident:
        _make_months(context, staged)
    # Rows without a key of their own are known by their place in the file: what has no place there any more is gone.
    whole = source.complete or getattr(source, "columns").key is None  # noqa: B009  every placed subject has it
    changes = merge(
        *(context.connection, subject.table, staged, columns, made, counting(subject.table, context)),
        whole=context.source_ids[source.key] if whole else None,
    )
    context.changed(subject.table.name, changes)


def _make_months(context: Context, staged: Table) -> None:
    months = sql.SQL("SELECT DISTINCT date_trunc('month', reported_at AT TIME ZONE 'UTC')::date FROM {}")
    found = context.connection.execute(months.format(sql.Identifier(staged.name))).fetchall()
    partitions.ensure(context.connection, [row[0] for row in found])


def _prepared(subject: Subject, source: Source, context: Context) -> list[Batch]:
    batches: list[Batch] = []
    found = guarded(context.ledger, context.intake.batches(source, subject.name, subject.wanted))
    for batch in guarded(context.ledger, _each(found, subject, source, context)):
        batches.append(batch)
    return batches


def _each(batches: Iterator[Batch], subject: Subject, source: Source, context: Context) -> Iterator[Batch]:
    for batch in batches:
        key = getattr(source, "columns").key  # noqa: B009  every placed subject has it
        batch.key("key", key, needed=key is not None)
        if key is None:
            stem = batch.sheet.file
            parts = batch.sheet.columns.get("file.part")
            batch.fields["key"] = [f"{stem}#{line}" + (f".{parts[i]}" if parts else "") for i, line in enumerate(batch.sheet.lines)]
        subject.prepare(batch, source, context)
        yield batch


def unique_keys(batches: Sequence[Batch]) -> None:
    """Reject rows whose key occurred before in the same source."""
    seen: dict[str, str] = {}
    for batch in batches:
        keys = batch.fields["key"]
        for i in batch.living():
            first = seen.get(keys[i])
            if first is not None:
                batch.reject(i, "duplicate_key", _key_column(batch), keys[i], first=first)
            else:
                seen[keys[i]] = f"{batch.sheet.file}:{batch.sheet.lines[i]}"


def _key_column(batch: Batch) -> str:
    """The column that keys come from: its own, or for population the area's."""
    columns = getattr(batch.source, "columns")  # noqa: B009  every source but the base class has it
    spec = columns.key or getattr(columns, "area", None)
    return shown(spec) if spec else ""


def _stage(subject: Subject, source: Source, context: Context, rows: list[tuple[Batch, int]], batches: list[Batch]) -> Table:
    shapes = {id(b): ewkbs(b.geometry) for b in batches if b.geometry is not None}
    city, source_id = context.city, context.source_ids[source.key]

    def values() -> Iterator[Row]:
        for number, (batch, i) in enumerate(context.progress.track(source.key, rows, len(rows))):
            yield (city, source_id, batch.fields["key"][i], *subject.row(batch, i), shapes[id(batch)][i], number)

    columns = ["city", "source_id", "source_key", *subject.columns, "geom"]
    staged = stage(context.connection, subject.table, f"staged_{subject.table.name}", columns, values(), row_no="bigint")
    add_columns(context.connection, staged, subject.table, _PLACE)
    return staged


def _place(staged: Table, source: Source, context: Context, rows: list[tuple[Batch, int]]) -> None:
    """Put rows into their leaves; those too far from all are rejected and leave the stage."""
    tolerance = context.profile.city.tolerance_m if source.tolerance_m is None else source.tolerance_m
    placed = land.place(context.connection, staged, context.city, tolerance, prepared=True)
    context.ledger.repair(source, "nearest_cell", placed.nearest)
    if not placed.nowhere:
        return
    far = sql.SQL(
        """
        SELECT s.row_no, ST_X(s.anchor), ST_Y(s.anchor), (
            SELECT ST_Distance(l.geom::geography, s.anchor::geography) FROM leaf_piece l ORDER BY l.geom <-> s.anchor LIMIT 1)
        FROM {} s WHERE s.grid IS NULL ORDER BY s.row_no
        """
    ).format(sql.Identifier(staged.name))
    for number, lon, lat, metres in context.connection.execute(far).fetchall():
        batch, i = rows[number]
        facts = {"distance": _metres(metres), "tolerance": _metres(tolerance)}
        batch.reject(i, "outside", None, f"{lon:.6f}, {lat:.6f}", **facts)
    context.connection.execute(sql.SQL("DELETE FROM {} WHERE grid IS NULL").format(sql.Identifier(staged.name)))


def _metres(metres: float | None) -> str:
    if metres is None:
        return "—"
    return f"{metres / 1000:,.1f} km" if metres >= 1000 else f"{metres:,.0f} m"


def rehome(context: Context, tables: Sequence[Table]) -> None:
    """After the areas changed: rows that this import did not bring, and that do not lie in their own leaf any more, get a new one."""
    for table in tables:
        context.changed(table.name, _rehome(context, table))


def _rehome(context: Context, table: Table) -> Changes:
    connection = context.connection
    connection.execute("DROP TABLE IF EXISTS pg_temp.staged_stray")
    target = sql.Identifier(table.name)
    connection.execute(
        sql.SQL(
            """
            CREATE TEMP TABLE staged_stray ON COMMIT DROP AS
            SELECT t.id, t.district AS old_district, t.geom, t.grid, t.path, t.district, t.grid_method FROM {} t
            WHERE t.city = %s AND NOT EXISTS (
                SELECT FROM leaf_piece l
                WHERE l.code = t.grid AND (t.grid_method = 'nearest' OR ST_Intersects(l.geom, ST_PointOnSurface(t.geom))))
            """
        ).format(target),
        [context.city],
    )
    connection.execute("UPDATE staged_stray SET grid = NULL, grid_method = NULL")
    stray = Table("staged_stray", table.metadata.__class__())
    land.place(connection, stray, context.city, context.profile.city.tolerance_m, prepared=True)
    moved = connection.execute(
        sql.SQL(
            """
            UPDATE {} t SET grid = s.grid, path = s.path, district = s.district, grid_method = s.grid_method
            FROM staged_stray s WHERE t.id = s.id AND t.district = s.old_district AND s.grid IS NOT NULL
            """
        ).format(target)
    ).rowcount
    gone = connection.execute(
        sql.SQL("DELETE FROM {} t USING staged_stray s WHERE t.id = s.id AND t.district = s.old_district AND s.grid IS NULL").format(target)
    ).rowcount
    return Changes(updated=moved, deleted=gone)
