"""Writes the city itself: its row, its sources, categories and areas."""

from collections.abc import Iterator

import orjson
from psycopg import sql
from sqlalchemy import Table

from data import schema
from data.core.timezones import zone
from data.importing.common.sentences import ImportRefused, Sentence
from data.importing.landing.context import Context
from data.importing.landing.staging import TO_3857, Changes, Connection, delete_unstaged, stage_rows, to_ewkb, upsert_rows
from data.importing.placing.tree import Area, Tree
from data.importing.profile.model import AreaSource, Profile
from data.importing.profile.source import Source

_AREA_COLUMNS = (
    *("code", "city", "level", "name", "name_en", "parent", "path", "district", "origin", "geom", "label_point"),
    *("head_name", "head_title", "head_phone", "responsible_body", "valid_from", "valid_to", "source_id", "attributes"),
)
_AREA_MADE = {"geom_3857": TO_3857, "area_m2": "ST_Area(geom::geography)"}


def land_city(context: Context) -> None:
    """Write the row of the city. The moment of the figures stays the present where people take steps: they would lie after it.

    Raises:
        ImportRefused: the code belongs to the demo city.
    """
    city, connection = context.profile.city, context.connection
    known = connection.execute("SELECT is_demo, worked_since FROM city WHERE code = %s", [city.code]).fetchone()
    if known is not None and known[0]:
        raise ImportRefused([Sentence("demo_city", {"city": city.code})])
    worked_since = known[1] if known else None
    if worked_since is not None and city.moment is not None:
        day = worked_since.astimezone(zone(city.timezone)).date().isoformat()
        context.ledger.remarks.append((city.code, Sentence("worked_here", {"day": day})))
    levels = orjson.dumps({level: words.model_dump() for level, words in city.levels.items()}).decode()
    notes = orjson.dumps([note.model_dump() for note in city.notes]).decode()
    columns = ("code", "name", "name_en", "timezone", "as_of", "level_names", "notes")
    row = (city.code, city.name, city.name_en or city.name, city.timezone, None if worked_since else city.moment, levels, notes)
    staged = stage_rows(connection, schema.city, "staged_city", columns, [row])
    context.add_changes("city", upsert_rows(connection, schema.city, staged, columns, ("code",)))


def land_sources(context: Context) -> None:
    """Write one row for each source of the profile; their ids go into the context."""
    city, connection = context.city, context.connection
    columns = ("city", "key", "subject", "name", "department", "licence", "nests", "whole_from")
    rows = [
        (city, s.key, s.subject, s.name, s.department, s.licence, _nests(s), getattr(s, "whole_from", None))
        for s in context.profile.sources()
    ]
    staged = stage_rows(connection, schema.source, "staged_source", columns, rows)
    context.add_changes("source", upsert_rows(connection, schema.source, staged, columns, ("city", "key")))
    found = connection.execute("SELECT key, id FROM source WHERE city = %s", [city]).fetchall()
    context.source_ids = {str(key): int(number) for key, number in found}


def _nests(source: Source) -> float | None:
    """How far areas may leave those above them, where the profile says it."""
    return source.nests if isinstance(source, AreaSource) and {"nests", "inside"} & source.model_fields_set else None


def land_categories(context: Context) -> None:
    """Write the categories in use; delete those that nothing uses any more."""
    connection, city = context.connection, context.city
    columns = ("city", "subject", "code", "name", "name_en", "symbol", "sensitive", "ordinal")
    rows = [(city, *row) for book in context.books.values() for row in book.rows()]
    staged = stage_rows(connection, schema.category, "staged_category", columns, rows)
    changes = upsert_rows(connection, schema.category, staged, columns, ("city", "subject", "code"))
    for subject, table, column in (("incident", "incident", "category"), ("facility", "facility", "kind"), ("building", "building", "use")):
        gone = sql.SQL(
            "DELETE FROM category c WHERE c.city = %(city)s AND c.subject = %(subject)s"
            " AND NOT EXISTS (SELECT FROM staged_category s WHERE s.subject = c.subject AND s.code = c.code)"
            " AND NOT EXISTS (SELECT FROM {} t WHERE t.city = c.city AND t.{} = c.code)"
        ).format(sql.Identifier(table), sql.Identifier(column))
        changes += Changes(deleted=connection.execute(gone, {"city": city, "subject": subject}).rowcount)
    context.add_changes("category", changes)


def land_areas(context: Context) -> None:
    """Write every area of the tree; delete areas that are not in it any more, with what belongs to them.

    Raises:
        ImportRefused: a code already belongs to another city.
    """
    connection, city, tree = context.connection, context.city, context.tree
    areas = tree.sorted()
    staged = stage_rows(connection, schema.area, "staged_area", _AREA_COLUMNS, _rows(context, areas))
    _codes_are_free(connection, city, tree, context.profile)
    changes = Changes()
    for level in (*schema.LEVELS, "zone"):
        changes += upsert_rows(connection, schema.area, _only(connection, staged, level), _AREA_COLUMNS, ("code",), _AREA_MADE)
    changes += delete_unstaged(connection, schema.area, staged, "code", "city", city)
    context.add_changes("area", changes)
    if changes.any:
        # The joins that follow are planned by what the table holds now, not by what it held before.
        connection.execute("ANALYZE area")


def add_areas(context: Context, areas: list[Area]) -> None:
    """Write areas that came into the tree after ``land_areas``; their parents are there."""
    staged = stage_rows(context.connection, schema.area, "staged_area_more", _AREA_COLUMNS, _rows(context, areas))
    changes = upsert_rows(context.connection, schema.area, staged, _AREA_COLUMNS, ("code",), _AREA_MADE)
    context.add_changes("area", changes)


def _only(connection: Connection, staged: Table, level: str) -> Table:
    """The staged areas of one level: parents have to be written before their children."""
    name = "staged_area_level"
    connection.execute(sql.SQL("DROP TABLE IF EXISTS pg_temp.{}").format(sql.Identifier(name)))
    statement = sql.SQL("CREATE TEMP TABLE {} ON COMMIT DROP AS SELECT * FROM {} WHERE level = {}")
    connection.execute(statement.format(sql.Identifier(name), sql.Identifier(staged.name), sql.Literal(level)))
    return Table(name, type(staged.metadata)())


def _codes_are_free(connection: Connection, city: str, tree: Tree, profile: Profile) -> None:
    taken = connection.execute(
        "SELECT a.code, a.city FROM area a JOIN staged_area s USING (code) WHERE a.city <> %s ORDER BY a.code LIMIT 20", [city]
    ).fetchall()
    if taken:
        columns = {s.key: s.columns.code.column or "code" for s in profile.areas}
        found = [(str(c), str(o), columns.get(tree.areas[c].source, "code")) for c, o in taken]
        raise ImportRefused([Sentence("code_taken", {"code": c, "owner": o, "city": city, "column": k}) for c, o, k in found])


def _rows(context: Context, areas: list[Area]) -> Iterator[tuple[object, ...]]:
    tree = context.tree
    for area in context.progress.track("Areas", areas, len(areas)) if len(areas) > 1 else areas:
        yield (
            *(area.code, context.city, area.level, area.name, area.name_en, area.parent, tree.path(area.code), tree.district(area.code)),
            *(area.origin, to_ewkb(area.geom), to_ewkb(area.label_point())),
            *(area.head_name, area.head_title, area.head_phone, area.responsible_body, area.valid_from, area.valid_to),
            *(context.source_ids.get(area.source), orjson.dumps(area.attributes).decode()),
        )
