"""Rows that are in the database already when an import changes the areas: they get their new cell."""

from psycopg import sql
from sqlalchemy import Table

from data import schema
from data.cases.where.belongings import follow_cases
from data.geo import leaf_join
from data.importing.landing.context import Context
from data.importing.landing.staging import Changes
from data.importing.landing.unplaced import ensure_leaf

# The history of a case refers to the case by district and id, as all that belongs to it.
_FORGET_HISTORY = """
DELETE FROM incident_event e USING staged_stray s WHERE e.district = s.old_district AND e.incident_id = s.id AND s.grid IS NULL
"""
_MOVED = sql.SQL("(SELECT old_district, id, district FROM staged_stray WHERE grid IS NOT NULL)")
# Cases without a place whose leaf is gone.
_LOST = """
SELECT EXISTS (
    SELECT FROM incident i WHERE i.city = %(city)s AND i.geom IS NULL AND NOT EXISTS (
        SELECT FROM area a WHERE a.code = i.grid AND a.origin = 'unplaced'))
"""
_STRAY_UNPLACED = """
CREATE TEMP TABLE staged_stray ON COMMIT DROP AS
SELECT i.id, i.district AS old_district, a.code AS grid, a.path, coalesce(a.district, a.city) AS district
FROM incident i
LEFT JOIN area own ON own.code = i.grid AND own.origin = 'unplaced'
JOIN area a ON a.code = coalesce(own.code, %(leaf)s)
WHERE i.city = %(city)s AND i.geom IS NULL AND (i.grid, i.path, i.district) IS DISTINCT FROM (a.code, a.path, coalesce(a.district, a.city))
"""
_FOLLOW = """
UPDATE incident i SET grid = s.grid, path = s.path, district = s.district
FROM staged_stray s WHERE i.id = s.id AND i.district = s.old_district
"""
_TABLES = ("building", "incident", "facility", "person")


def find_filled_tables(context: Context) -> set[str]:
    """Tables in which the city has rows from any source."""
    statement = sql.SQL("SELECT EXISTS (SELECT FROM source s JOIN {} t ON t.source_id = s.id WHERE s.city = %s)")
    found = {name: context.connection.execute(statement.format(sql.Identifier(name)), [context.city]).fetchone() for name in _TABLES}
    return {name for name, row in found.items() if row == (True,)}


def relocate_rows(context: Context) -> None:
    """After the areas changed: find the new place of rows that this import does not bring. For people see ``landing.residents``.

    A row gets a new leaf if it does not lie in its own any more, and a new path if its leaf belongs to another district or street now.
    Cases without a place follow their area; if it is gone, they count for the city.
    """
    context.connection.execute("SET LOCAL gridwell.removing_cases = 'on'")  # cases that lie in no area any more go with their history
    if schema.incident.name in context.held:
        context.add_changes(schema.incident.name, _follow_areas(context))
    for table in (schema.metadata.tables[name] for name in sorted(context.held - {schema.person.name})):
        context.add_changes(table.name, _rehome(context, table))


def _follow_areas(context: Context) -> Changes:
    """Cases without a place: they keep their leaf, with the path and district that it has now, or get that of the city."""
    lost = context.connection.execute(_LOST, {"city": context.city}).fetchone()
    leaf = ensure_leaf(context, context.city) if lost == (True,) else None
    context.connection.execute("DROP TABLE IF EXISTS pg_temp.staged_stray")
    context.connection.execute(_STRAY_UNPLACED, {"city": context.city, "leaf": leaf})
    moved = context.connection.execute(_FOLLOW).rowcount
    follow_cases(context.connection, _MOVED)
    return Changes(updated=moved)


def _rehome(context: Context, table: Table) -> Changes:
    connection = context.connection
    connection.execute("DROP TABLE IF EXISTS pg_temp.staged_stray")
    target = sql.Identifier(table.name)
    connection.execute(
        sql.SQL(
            """
            CREATE TEMP TABLE staged_stray ON COMMIT DROP AS
            SELECT t.id, t.district AS old_district, t.geom, t.grid, t.path, t.district, t.grid_method FROM {} t
            WHERE t.city = %s AND t.geom IS NOT NULL AND NOT EXISTS (
                SELECT FROM leaf_piece l
                WHERE l.code = t.grid AND l.path = t.path AND l.district = t.district
                    AND (t.grid_method = 'nearest' OR ST_Intersects(l.geom, ST_PointOnSurface(t.geom))))
            """
        ).format(target),
        [context.city],
    )
    connection.execute("UPDATE staged_stray SET grid = NULL, grid_method = NULL")
    stray = Table("staged_stray", table.metadata.__class__())
    leaf_join.place_rows(connection, stray, context.city, context.profile.city.tolerance_m, prepared=True)
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
    if table is schema.incident:
        connection.execute(_FORGET_HISTORY)
        follow_cases(connection, _MOVED)
    return Changes(updated=moved, deleted=gone)
