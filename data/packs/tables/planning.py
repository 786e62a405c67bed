"""What has to change so that the tables follow a declaration: what is there, from the catalogue, beside what is wanted."""

from dataclasses import dataclass, field

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql

from data.database.connections import Connection
from data.packs.declaration.model import Pack
from data.packs.tables.changes import Change, What
from data.packs.tables.layout import OWN, SCHEMA, SEEN, make_table, month_check

MONTH = "month"
"""What a date is called that is always the first day of a month."""
_WIDER = {("bigint", "numeric"), ("bigint", "text"), ("numeric", "text"), ("date", "text"), (MONTH, "date"), (MONTH, "text")}
"""Types, and those that hold each value of them."""

_TABLES = """
SELECT c.relname, obj_description(c.oid, 'pg_class'),
    (SELECT coalesce(array_agg(a.attname::text ORDER BY array_position(i.indkey::int[], a.attnum::int)), '{}')
     FROM pg_index i JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey) WHERE i.indrelid = c.oid AND i.indisprimary)
FROM pg_class c WHERE c.relnamespace = to_regnamespace(%(schema)s) AND (c.relname = ANY (%(names)s) AND c.relkind <> 'v'
    OR c.relkind = 'r' AND starts_with(obj_description(c.oid, 'pg_class'), %(pack)s || '.'))
"""
_COLUMNS = """
SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
    EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = c.oid AND k.conname = %(month)s || a.attname)
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relnamespace = to_regnamespace(%(schema)s) AND c.relname = ANY (%(names)s) ORDER BY c.relname, a.attnum
"""


@dataclass
class Present:
    """A table as it is.

    Attributes:
        owner: which kind it belongs to, as ``pack.kind``.
        key: columns of its primary key, in order.
        columns: types of its columns.
    """

    owner: str
    key: list[str]
    columns: dict[str, str] = field(default_factory=dict)


def read_present(connection: Connection, pack: Pack) -> dict[str, Present]:
    """The tables of a pack, and those of others whose names it would use, by name."""
    wanted = [make_table(pack.code, kind).name for kind in pack.kinds.values()]
    rows = connection.execute(_TABLES, {"schema": SCHEMA, "names": wanted, "pack": pack.code})
    found = {name: Present(owner or "?", list(key)) for name, owner, key in rows}
    for table, name, type_, is_month in connection.execute(
        _COLUMNS, {"schema": SCHEMA, "names": list(found), "month": month_check("")}
    ).fetchall():
        found[table].columns[name] = MONTH if is_month else type_
    return found


def plan_changes(present: dict[str, Present], pack: Pack) -> list[Change]:
    """Everything that installing this pack changes or keeps, kind by kind, refused changes among it; pure."""
    found: list[Change] = []
    for kind in pack.kinds.values():
        table = make_table(pack.code, kind)
        there = present.get(table.name)
        if table.name.endswith(SEEN):
            viewed = table.name.removesuffix(SEEN)
            found.append(Change("foreign", kind.code, {"table": f"{SCHEMA}.{table.name}", "owner": f"{SCHEMA}.{viewed}"}))
        elif there is None:
            found.append(Change("table", kind.code, {"table": f"{SCHEMA}.{table.name}"}))
        elif there.owner != f"{pack.code}.{kind.code}":
            found.append(Change("foreign", kind.code, {"table": f"{SCHEMA}.{table.name}", "owner": there.owner}))
        else:
            found += _compare(kind.code, there, table)
    declared = {f"{pack.code}.{code}" for code in pack.kinds}
    for there in present.values():
        if there.owner.partition(".")[0] == pack.code and there.owner not in declared:
            found.append(Change("kept_table", there.owner.partition(".")[2]))
    return found


def _compare(kind: str, there: Present, table: Table) -> list[Change]:
    """The changes of one table."""
    found: list[Change] = []
    key = [column.name for column in table.primary_key]
    if sorted(there.key) != sorted(key):
        names = [", ".join(name for name in keys if name not in OWN) for keys in (there.key, key)]
        found.append(Change("key", kind, {"before": names[0], "after": names[1]}))
    for column in table.c:
        before, after = there.columns.get(column.name), storage(table, column.name)
        if before is None:
            found.append(Change("column", kind, {"field": column.name}))
        elif before != after:
            what: What = "wider" if (before, after) in _WIDER else "narrower"
            found.append(Change(what, kind, {"field": column.name, "before": before, "after": after}))
    return [*found, *(Change("kept_column", kind, {"field": name}) for name in there.columns if name not in table.c)]


def storage(table: Table, column: str) -> str:
    """The type of a column as the catalogue calls it; of a month, ``MONTH``."""
    if month_check(column) in {check.name for check in table.constraints}:
        return MONTH
    written = table.c[column].type.compile(postgresql.dialect()).lower()  # type: ignore[no-untyped-call]
    return "geometry(Point,4326)" if written.startswith("geometry") else written
