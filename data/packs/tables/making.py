"""Installs a pack for a city: what it declares becomes rows, tables, views and rights, all in one transaction or not at all."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from psycopg import sql
from psycopg.types.json import Jsonb
from sqlalchemy import Table
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from data.database.connections import Connection
from data.database.locks import LOADING
from data.packs.declaration.model import Department, Feed, Pack
from data.packs.tables.changes import Change, ChangesRefused, PackIsOlder, VersionNotCounted
from data.packs.tables.kept import fingerprint, to_contract, to_declared
from data.packs.tables.layout import SCHEMA, make_table, month_check
from data.packs.tables.planning import MONTH, plan_changes, read_present
from data.packs.tables.views import drop_view, make_view

_INSTALLED = "SELECT version, hash FROM pack WHERE code = %s"
_PACK = """
INSERT INTO pack (code, version, declared, hash) VALUES (%(code)s, %(version)s, %(declared)s, %(hash)s)
ON CONFLICT (code) DO UPDATE SET version = excluded.version, declared = excluded.declared, hash = excluded.hash, installed_at = now()
WHERE pack.hash <> excluded.hash
"""
_CITY = "INSERT INTO pack_city (city, pack) VALUES (%s, %s) ON CONFLICT DO NOTHING"
_CITIES = (
    "SELECT p.city, (now() AT TIME ZONE c.timezone)::date FROM pack_city p JOIN city c ON c.code = p.city WHERE p.pack = %s ORDER BY 1"
)
_FIELDS_GONE = "DELETE FROM pack_field WHERE pack = %s"
_FIELD = "INSERT INTO pack_field (pack, kind, field, class, owner, sees) VALUES (%s, %s, %s, %s, %s, %s)"
_DEPARTMENT = """
INSERT INTO department (city, code, ordinal, name, name_en, short, short_en, group_name, group_name_en)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (city, code) DO UPDATE SET ordinal = excluded.ordinal, name = excluded.name, name_en = excluded.name_en,
    short = excluded.short, short_en = excluded.short_en, group_name = excluded.group_name, group_name_en = excluded.group_name_en
"""
_FEED = """
INSERT INTO feed (city, code, pack, kind, name, name_en, department, level, via, contract, valid_from, valid_to)
VALUES (%(city)s, %(code)s, %(pack)s, %(kind)s, %(name)s, %(name_en)s, %(department)s, %(level)s, %(via)s, 1, %(from)s, %(to)s)
ON CONFLICT (city, code) DO UPDATE SET pack = excluded.pack, kind = excluded.kind, name = excluded.name, name_en = excluded.name_en,
    department = excluded.department, level = excluded.level, via = excluded.via, valid_from = greatest(feed.valid_from, %(declared)s),
    valid_to = excluded.valid_to
"""
# What is no longer declared ends, and what it delivered stays.
_FEEDS_ENDED = """
UPDATE feed SET valid_to = least(valid_to, greatest(valid_from, %(today)s - 1))
WHERE city = %(city)s AND pack = %(pack)s AND code <> ALL (%(codes)s)
"""
_CONTRACT = "SELECT version, declared FROM feed_contract WHERE city = %s AND feed = %s ORDER BY version DESC LIMIT 1"
_NEW_CONTRACT = "INSERT INTO feed_contract (city, feed, version, since, declared) VALUES (%s, %s, %s, %s, %s)"
_NEWEST = "UPDATE feed SET contract = %s WHERE city = %s AND code = %s"


def plan(connection: Connection, pack: Pack) -> list[Change]:
    """What installing a pack would change in its tables, refused changes among it; nothing is done."""
    return plan_changes(read_present(connection, pack), pack)


def install(
    connection: Connection, pack: Pack, city: str, departments: Sequence[Department] = (), *, from_today: bool = False
) -> list[Change]:
    """Install a pack for a city, or bring what is installed up to its declaration, in the caller's transaction or one of its own.

    Args:
        connection: of the owner.
        pack: as it was checked.
        city: code of the city that uses it. Other cities that use it follow its new version.
        departments: of the city, in the order of the matrix; those that are there already stay.
        from_today: of feeds that are new to a city nothing is expected for days before this one, however old the declaration is.

    Returns:
        What was changed in the tables, and what was kept.

    Raises:
        ChangesRefused, PackIsOlder, VersionNotCounted: everything is as it was.
    """
    with connection.transaction():
        # Held until the end, so that two never install at once; and no dump of the database begins meanwhile.
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [LOADING])
        _check_version(connection, pack)
        changes = plan(connection, pack)
        if refused := [change for change in changes if change.is_refused]:
            raise ChangesRefused(pack.code, refused)
        _write_rows(connection, pack, city, departments, from_today)
        _make_tables(connection, pack, changes)
    return changes


def _check_version(connection: Connection, pack: Pack) -> None:
    row = connection.execute(_INSTALLED, [pack.code]).fetchone()
    if row is None or bytes(row[1]) == fingerprint(pack):
        return
    if row[0] > pack.version:
        raise PackIsOlder(pack=pack.code, found=pack.version, installed=row[0])
    if row[0] == pack.version:
        raise VersionNotCounted(pack=pack.code, installed=row[0])


# ---- Rows ----


def _write_rows(connection: Connection, pack: Pack, city: str, departments: Sequence[Department], from_today: bool) -> None:
    connection.execute(_PACK, {"code": pack.code, "version": pack.version, "declared": Jsonb(to_declared(pack)), "hash": fingerprint(pack)})
    connection.execute(_CITY, [city, pack.code])
    connection.execute(_FIELDS_GONE, [pack.code])
    with connection.cursor() as cursor:
        cursor.executemany(
            _FIELD,
            [
                (pack.code, kind.code, field.code, field.class_, pack.owner_of(field), field.sees)
                for kind in pack.kinds.values()
                for field in kind.fields.values()
            ],
        )
        cursor.executemany(
            _DEPARTMENT,
            [
                (city, one.code, place, one.name.zh, one.name.en, one.short.zh, one.short.en, one.group.zh, one.group.en)
                for place, one in enumerate(departments)
            ],
        )
    for code, today in connection.execute(_CITIES, [pack.code]).fetchall():
        _write_feeds(connection, pack, code, today, from_today)


def feed_code(pack: str, feed: str) -> str:
    """What a feed is called outside of its pack."""
    return f"{pack}.{feed}"


def _write_feeds(connection: Connection, pack: Pack, city: str, today: date, from_today: bool) -> None:
    for feed in pack.feeds.values():
        code = feed_code(pack.code, feed.code)
        first = max(feed.valid_from, today) if from_today else feed.valid_from
        connection.execute(
            _FEED,
            {
                **{"city": city, "code": code, "pack": pack.code, "kind": feed.kind, "name": feed.name.zh, "name_en": feed.name.en},
                **{"department": feed.department, "level": feed.level, "via": feed.transport.by},
                **{"from": first, "declared": feed.valid_from, "to": feed.valid_to},
            },
        )
        _write_contract(connection, pack, feed, city, first, today)
    codes = [feed_code(pack.code, code) for code in pack.feeds]
    connection.execute(_FEEDS_ENDED, {"city": city, "pack": pack.code, "codes": codes, "today": today})


def _write_contract(connection: Connection, pack: Pack, feed: Feed, city: str, first: date, today: date) -> None:
    """A new version of the contract, where anything of it changed. The first one is as old as the feed."""
    code, declared = feed_code(pack.code, feed.code), to_contract(pack, feed)
    row = connection.execute(_CONTRACT, [city, code]).fetchone()
    if row is None or row[1] != declared:
        version, since = (1, first) if row is None else (row[0] + 1, today)
        connection.execute(_NEW_CONTRACT, [city, code, version, since, Jsonb(declared)])
        connection.execute(_NEWEST, [version, city, code])


# ---- Tables ----


def _make_tables(connection: Connection, pack: Pack, changes: Sequence[Change]) -> None:
    """Tables as they are declared now, and their views anew: which fields they show may have changed too."""
    by_kind: dict[str, list[Change]] = {}
    for change in changes:
        by_kind.setdefault(change.kind, []).append(change)
    for code in {*pack.kinds, *by_kind}:
        connection.execute(drop_view(pack.code, code))
    for kind in pack.kinds.values():
        table = make_table(pack.code, kind)
        for change in by_kind.get(kind.code, ()):
            _make(connection, table, change)
        for index in table.indexes:
            connection.execute(_compiled(CreateIndex(index, if_not_exists=True)))
        for statement in make_view(pack.code, kind):
            connection.execute(statement)


def _make(connection: Connection, table: Table, change: Change) -> None:
    name = sql.Identifier(SCHEMA, table.name)
    if change.what == "table":
        connection.execute(_compiled(CreateTable(table)))
        connection.execute(sql.SQL("COMMENT ON TABLE {} IS {}").format(name, table.comment or ""))
    elif change.what in ("column", "wider"):
        field = change.facts["field"]
        column, check = sql.Identifier(field), sql.Identifier(month_check(field))
        written = sql.SQL(table.c[field].type.compile(postgresql.dialect()))  # type: ignore[no-untyped-call]
        if change.what == "column":
            connection.execute(sql.SQL("ALTER TABLE {} ADD {} {}").format(name, column, written))
        else:
            if change.facts["before"] == MONTH:
                connection.execute(sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(name, check))
            connection.execute(sql.SQL("ALTER TABLE {} ALTER {} TYPE {} USING {}::{}").format(name, column, written, column, written))
        if change.what == "column" and month_check(field) in {one.name for one in table.constraints}:
            connection.execute(sql.SQL("ALTER TABLE {} ADD CONSTRAINT {} CHECK (EXTRACT(day FROM {}) = 1)").format(name, check, column))


def _compiled(statement: Any) -> bytes:
    return str(statement.compile(dialect=postgresql.dialect())).encode()  # type: ignore[no-untyped-call]
