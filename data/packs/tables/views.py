"""The view of a kind: the only thing that the server's roles read of its records.

Rows are those of the viewer's scope, as the policy of cases has them. Numbers of areas are compared in runs (``area_span``), so that no row
walks the tree. A field that is not for everybody is nothing in cities where the viewer is of none of its departments. The view is a
security barrier: a reader's own conditions see no row that the reader does not.
"""

from psycopg import sql

from data.core.roles import DB_ROLES, DETAILS
from data.packs.declaration.model import Field, Kind
from data.packs.tables.layout import OWN, SCHEMA, SEEN, table_name

READERS = (DB_ROLES[DETAILS[1]],)
"""Roles that see single records: that of single cases, and with it whoever has its rights."""

# The cheap test comes first, and with OR the planner does not take a scope that it cannot see for a few rows.
_IN_SCOPE = """(SELECT viewer_everywhere())
    OR width_bucket(r.gw_area, (SELECT viewer_register_areas())) % 2 = 1
    OR r.gw_area IS NULL AND r.gw_city = ANY ((SELECT viewer_whole_cities())::text[])"""


def view_name(pack: str, kind: str) -> str:
    """Name of the view, in ``SCHEMA``."""
    return table_name(pack, kind) + SEEN


def make_view(pack: str, kind: Kind) -> list[sql.Composed]:
    """The statements that make the view anew and let it be read."""
    view, table = (sql.Identifier(SCHEMA, name) for name in (view_name(pack, kind.code), table_name(pack, kind.code)))
    columns = [_own(pack, kind, name) for name in OWN]
    columns += [_shown(pack, kind.code, [field], sql.Identifier(field.code)) for field in kind.fields.values()]
    made = sql.SQL("CREATE VIEW {} WITH (security_barrier) AS SELECT {} FROM {} r WHERE {}").format(
        view, sql.SQL(", ").join(columns), table, sql.SQL(_IN_SCOPE)
    )
    roles = sql.SQL(", ").join(sql.Identifier(name) for name in READERS)
    return [made, sql.SQL("GRANT SELECT ON {} TO {}").format(view, roles)]


def drop_view(pack: str, kind: str) -> sql.Composed:
    """The statement before a change of the table."""
    return sql.SQL("DROP VIEW IF EXISTS {}").format(sql.Identifier(SCHEMA, view_name(pack, kind)))


def place_fields(kind: Kind) -> list[Field]:
    """The fields that say where a record is."""
    if kind.place is None:
        return []
    return [kind.fields[name] for name in (kind.place.lon, kind.place.lat, kind.place.field) if name in kind.fields]


def _own(pack: str, kind: Kind, name: str) -> sql.Composable:
    """A column of the product's own. A point tells as much as what it was made of."""
    return _shown(pack, kind.code, place_fields(kind) if name == "gw_geom" else [], sql.Identifier(name))


def _shown(pack: str, kind: str, fields: list[Field], column: sql.Identifier) -> sql.Composable:
    """A column where all of these fields may be seen. Each question is asked once for a statement, and only of columns that it reads."""
    value = sql.SQL("r.{}").format(column)
    closed = [field for field in fields if not field.is_open]
    if not closed:
        return value
    asked = [sql.SQL("r.gw_city = ANY ((SELECT pack_shows({}, {}, {}))::text[])").format(pack, kind, field.code) for field in closed]
    return sql.SQL("CASE WHEN {} THEN {} END AS {}").format(sql.SQL(" AND ").join(asked), value, column)
