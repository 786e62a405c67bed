"""From the staged rows to the table of their kind: by key, only what changed, only the fields that the feed fills."""

from psycopg import sql

from data.database.connections import Connection
from data.feeds.landing.job import Job
from data.feeds.landing.placing import follow_places
from data.feeds.landing.staging import STAGED
from data.packs.tables.layout import SCHEMA, table_name

_LOAD = """
INSERT INTO {table} AS r (gw_city, gw_area, gw_delivery, gw_row, gw_geom, {fields})
SELECT {city}, l.gw_area, l.gw_delivery, l.gw_row, l.gw_geom, {values} FROM {rows} l WHERE l.gw_fault IS NULL AND l.gw_rules IS NULL
ON CONFLICT (gw_city, {key}) DO UPDATE SET {sets}, gw_delivery = excluded.gw_delivery, gw_row = excluded.gw_row, gw_changed = now()
WHERE ({before}) IS DISTINCT FROM ({after})
"""
_LOAD_KEYS = """
INSERT INTO {table} AS r (gw_city, gw_area, gw_delivery, gw_row, gw_geom, {fields})
SELECT {city}, l.gw_area, l.gw_delivery, l.gw_row, l.gw_geom, {values} FROM {rows} l WHERE l.gw_fault IS NULL AND l.gw_rules IS NULL
ON CONFLICT (gw_city, {key}) DO NOTHING
"""
# The row as it was read, for whoever puts it right: with its point, because the file may have had another datum.
_HOLD = """
INSERT INTO feed_quarantine (delivery, row, rules, held)
SELECT l.gw_delivery, l.gw_row, l.gw_rules, jsonb_strip_nulls(to_jsonb(l) - {own}::text[])
    || CASE WHEN l.gw_geom IS NULL THEN '{{}}' ELSE jsonb_build_object('gw_point', jsonb_build_array(ST_X(l.gw_geom), ST_Y(l.gw_geom))) END
FROM {rows} l WHERE l.gw_rules IS NOT NULL AND l.gw_fault IS NULL ORDER BY l.gw_n
"""
_OWN = ["gw_n", "gw_row", "gw_delivery", "gw_fault", "gw_first", "gw_rules", "gw_marks", "gw_area", "gw_geom"]


def load_rows(connection: Connection, job: Job, delivery: int | None) -> int:
    """Put the rows that nothing holds back into the table; tells how many records are new or changed.

    ``delivery`` brought all of them; ``None``: they are of several.
    """
    columns = [field.code for field in job.fields]
    changing = [code for code in columns if code not in job.kind.key] + (["gw_area", "gw_geom"] if job.sets_place else [])
    statement = sql.SQL(_LOAD if changing else _LOAD_KEYS).format(
        table=sql.Identifier(SCHEMA, table_name(job.pack.code, job.kind.code)),
        rows=sql.Identifier(STAGED),
        city=job.city,
        fields=_listed("{}", columns),
        values=_listed("l.{}", columns),
        key=_listed("{}", job.kind.key),
        sets=_listed("{0} = excluded.{0}", changing),
        before=_listed("r.{}", changing),
        after=_listed("excluded.{}", changing),
    )
    changed = connection.execute(statement).rowcount
    if changed and job.sets_place:
        follow_places(connection, job.city, job.pack, job.kind, delivery)
    return changed


def hold_rows(connection: Connection) -> int:
    """Put the rows that rules hold back into quarantine; tells how many."""
    return connection.execute(sql.SQL(_HOLD).format(rows=sql.Identifier(STAGED), own=_OWN)).rowcount


def _listed(form: str, columns: list[str]) -> sql.Composed:
    return sql.SQL(", ").join(sql.SQL(form).format(sql.Identifier(name)) for name in columns)
