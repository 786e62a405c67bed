"""People who are in the register already: they move when an import changes areas or buildings, and their figures are updated."""

from collections.abc import Iterator
from contextlib import contextmanager

from psycopg import sql
from sqlalchemy import MetaData, Table

from data import rollup, schema
from data.geo import leaf_join
from data.importing.common.sentences import Sentence
from data.importing.landing.context import Context
from data.importing.landing.staging import Changes

# Of a cell that disappears one point is remembered: its residents belong to the cell in which that point lies now.
_REMEMBER = """
CREATE TEMP TABLE old_cell ON COMMIT DROP AS
SELECT l.code AS was, coalesce(a.label_point, ST_PointOnSurface(a.geom)) AS geom, NULL::text AS grid, NULL::ltree AS path,
    NULL::text AS district, NULL::text AS grid_method
FROM leaves(%(city)s) l JOIN area a ON a.code = l.code
"""
_GONE_ONLY = "DELETE FROM old_cell o WHERE EXISTS (SELECT FROM leaf_piece l WHERE l.code = o.was)"

# If a building is gone, its residents keep their cell. A person in a building is always in the cell of the building.
_STRAY = """
CREATE TEMP TABLE staged_move ON COMMIT DROP AS
SELECT p.district, p.id, b.id AS building_id, h.grid, h.path, h.district AS new_district
FROM person p
LEFT JOIN building b ON b.id = p.building_id AND b.city = p.city
LEFT JOIN (SELECT DISTINCT code, path, district FROM leaf_piece) l ON b.id IS NULL AND l.code = p.grid
LEFT JOIN old_cell o ON b.id IS NULL AND l.code IS NULL AND o.was = p.grid
CROSS JOIN LATERAL (
    SELECT coalesce(b.grid, l.code, o.grid) AS grid, coalesce(b.path, l.path, o.path) AS path,
        coalesce(b.district, l.district, o.district) AS district
) h
WHERE p.city = %(city)s AND (p.building_id, p.grid, p.path, p.district) IS DISTINCT FROM (b.id, h.grid, h.path, h.district)
"""
_MOVE = """
UPDATE person p SET building_id = m.building_id, grid = m.grid, path = m.path, district = m.new_district
FROM staged_move m WHERE p.district = m.district AND p.id = m.id AND m.grid IS NOT NULL
"""
_DELETE = "DELETE FROM person p USING staged_move m WHERE p.district = m.district AND p.id = m.id AND m.grid IS NULL"
_MOVED = "CREATE TEMP TABLE staged_moved ON COMMIT DROP AS SELECT new_district AS district, id FROM staged_move WHERE grid IS NOT NULL"

# Ages are those of one day, so a later import counts everybody again.
_REDATE = """
UPDATE area_figure f SET population_as_of = %(day)s FROM area a
WHERE a.code = f.area AND a.city = %(city)s AND f.population_method = 'register' AND f.population_as_of < %(day)s
"""
_EVERYBODY = "CREATE TEMP TABLE everybody ON COMMIT DROP AS SELECT district, id FROM person WHERE city = %(city)s"
_SEVERAL = """
SELECT count(*)::int FROM (
    SELECT FROM person WHERE city = %(city)s AND id_hash IS NOT NULL GROUP BY id_hash HAVING count(*) > 1) s
"""


def remember_cells(context: Context) -> None:
    """Before the areas change: remember where each cell lies."""
    context.connection.execute(_REMEMBER, {"city": context.city})


@contextmanager
def tracking_residents(context: Context) -> Iterator[None]:
    """People may be changed inside the block; at its end the figures that are counted from the register are updated."""
    if not context.profile.people and schema.person.name not in context.held:
        yield
        return
    with rollup.changing_persons(context.connection, context.city) as context.register:
        yield
        context.register = None


def move_residents(context: Context) -> None:
    """After areas or buildings changed: people go to the cell of their building, else keep their cell, else go to what lies there now.

    People for whom no cell is found are deleted (as cases are) and counted.
    """
    changed = any(context.changes.get(name, Changes()).any for name in ("area", "building"))
    if context.register is None or not changed or schema.person.name not in context.held:
        return
    connection, city = context.connection, {"city": context.city}
    connection.execute(_GONE_ONLY)
    leaf_join.place_rows(connection, Table("old_cell", MetaData()), context.city, context.profile.city.tolerance_m, prepared=True)
    connection.execute(_STRAY, city)
    context.register.add(table=sql.Identifier("staged_move"))
    connection.execute(_MOVED)
    moved, gone = (connection.execute(statement).rowcount for statement in (_MOVE, _DELETE))
    context.register.add(table=sql.Identifier("staged_moved"))
    context.add_changes(schema.person.name, Changes(updated=moved, deleted=gone))


def date_resident_figures(context: Context) -> None:
    """After people were imported: set the day of their figures, and report identity numbers that occur twice in the register."""
    if context.register is None or not context.changes.get(schema.person.name, Changes()).any:
        return
    connection = context.connection
    day = context.moment.astimezone(context.intake.zone).date()
    if connection.execute(_REDATE, {"city": context.city, "day": day}).rowcount:
        connection.execute(_EVERYBODY, {"city": context.city})
        context.register.add(table=sql.Identifier("everybody"))
    found = connection.execute(_SEVERAL, {"city": context.city}).fetchone()
    several = int(found[0]) if found else 0
    told = sum(int(str(one.facts["count"])) for _, one in context.ledger.remarks if one.reason == "same_number")
    if several > told:
        context.ledger.remarks.append((context.city, Sentence("same_number_held", {"count": several})))
