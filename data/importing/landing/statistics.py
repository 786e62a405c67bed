"""Statistics of the tables that an import changed, which PostgreSQL plans by."""

from psycopg import sql
from sqlalchemy import Table

from data import schema
from data.importing.landing.context import Context

_TABLES = (schema.building, schema.incident, schema.facility, schema.population_unit, schema.person)

# Columns by which rows are chosen and joined. The others follow a minute after the commit, when autovacuum looks at tables and months that
# are new or changed: shapes and texts take twice as long as all of these, and without statistics their indexes are used all the same.
_COLUMNS = {
    "building": ("city", "district", "id", "grid", "source_id", "source_key", "use", "seen_from"),
    "incident": (*("city", "district", "grid", "source_id", "category", "channel", "stage", "reported_at", "is_open", "deadline_state"),),
}

_DETAIL = 30
"""Of each table 300 times as many rows are looked at: enough to choose between plans, and half as long as PostgreSQL's usual 100."""

_SHARE = 0.1
"""Statistics of a table of which less than this was changed are still right; autovacuum takes the same share."""

_ROWS = """
SELECT coalesce(sum(greatest(c.reltuples, 0)), 0)
FROM pg_class c WHERE c.oid IN (SELECT %(table)s::regclass UNION SELECT relid FROM pg_partition_tree(%(table)s::regclass))
"""


def gather_statistics(context: Context) -> None:
    """Gather statistics of the tables of which this import changed much, and that have none since."""
    for table in _TABLES:
        changes = context.changes.get(table.name)
        if changes is None or not changes.any or table.name in context.analysed:
            continue
        row = context.connection.execute(_ROWS, {"table": table.name}).fetchone()
        if row is None or changes.inserted + changes.updated + changes.deleted >= _SHARE * float(row[0]):
            analyse_table(context, table)


def analyse_table(context: Context, table: Table) -> None:
    """Gather statistics of a table."""
    columns = sql.SQL(", ").join(map(sql.Identifier, _COLUMNS.get(table.name, ())))
    chosen = sql.SQL("({})").format(columns) if table.name in _COLUMNS else sql.SQL("")
    context.connection.execute("SELECT set_config('default_statistics_target', %s, true)", [str(_DETAIL)])
    context.connection.execute(sql.SQL("ANALYZE {} {}").format(sql.Identifier(table.name), chosen))
    context.connection.execute("SET LOCAL default_statistics_target TO DEFAULT")
    context.analysed.add(table.name)
