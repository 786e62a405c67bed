"""The rows that the large tables refer to: the city, its feeds and its categories. Also deletes an older demo city."""

from datetime import date, datetime

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb
from sqlalchemy import Table

from data import schema
from data.cases.templates.store import write_templates
from data.database import partitions
from data.demo.common import names
from data.demo.common.catalogue import CATEGORIES, FACILITIES, USE_NAMES
from data.demo.common.deadlines import add_deadlines
from data.demo.common.frame import TIMEZONE
from data.demo.common.offices import make_rules, make_units
from data.demo.common.remark_templates import TEMPLATES
from data.demo.land.areas import Tree
from data.organisation.store import put_units, write_rules

_SOURCES = {
    "areas": ("区划与网格", "市民政局"),
    "population": ("实有人口登记", "市公安局"),
    "buildings": ("房屋建筑普查", "市住房和城乡建设局"),
    "incidents": ("网格案件", "市城市运行管理中心"),
    "facilities": ("城市设施普查", "市城市管理局"),
    "base": ("基础地理底图", "市自然资源局"),
}
"""Name and department of the feed of each subject."""

_LICENCE = "虚构数据，可自由使用 Invented data, free to use"
_LARGE = (
    schema.person,
    schema.incident_reporter,
    schema.building,
    schema.facility,
    schema.incident,
    schema.base_feature,
    schema.population_unit,
    schema.escalation,
)


_ALL_BUT_AREAS = (*_LARGE, schema.incident_event, schema.incident_daily, schema.incident_open)
_MANY_CASES = 500_000
_CASES = """
    SELECT coalesce(sum(reltuples), 0) FROM pg_partition_tree('incident') t JOIN pg_class c ON c.oid = t.relid WHERE t.isleaf
"""


def remove_city(connection: psycopg.Connection, many: int = _MANY_CASES) -> None:
    """Delete an older demo city, with everything that belongs to it.

    Readers go on seeing it until the caller's transaction commits; a large one that stands alone in its database goes at once instead,
    and readers wait: deleting ten million rows one by one takes longer than making them.

    Args:
        connection: the caller's transaction.
        many: a city with more cases is a large one.
    """
    city = {"city": names.CITY_CODE}
    connection.execute("SET LOCAL gridwell.removing_cases = 'on'")
    others = connection.execute("SELECT count(*), count(*) FILTER (WHERE code <> %(city)s) FROM city", city).fetchone()
    if others is None or others[0] == others[1]:
        return
    cases = connection.execute(_CASES).fetchone()
    if others[1] == 0 and cases is not None and cases[0] > many:
        _empty(connection)
    else:
        _delete(connection, city)
    connection.execute("DELETE FROM area WHERE city = %(city)s", city)
    connection.execute("DELETE FROM city WHERE code = %(city)s", city)


def _empty(connection: psycopg.Connection) -> None:
    """Empty every large table; the partitions of cases are dropped, so that they are created again without indexes."""
    for month in sorted(partitions.list_partitions(connection) - partitions.OUTSIDE):
        connection.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(month)))
    tables = sql.SQL(", ").join(sql.Identifier(table.name) for table in _ALL_BUT_AREAS)
    connection.execute(sql.SQL("TRUNCATE {}").format(tables))


def _delete(connection: psycopg.Connection, city: dict[str, str]) -> None:
    """What belongs to one city, row by row."""
    connection.execute(
        "DELETE FROM incident_event e USING incident i WHERE i.city = %(city)s AND e.district = i.district AND e.incident_id = i.id", city
    )
    for rolled_up in ("incident_daily", "incident_open"):
        statement = sql.SQL("DELETE FROM {} WHERE area_no IN (SELECT no FROM area WHERE city = %(city)s)")
        connection.execute(statement.format(sql.Identifier(rolled_up)), city)
    for table in _LARGE:
        connection.execute(sql.SQL("DELETE FROM {} WHERE city = %(city)s").format(sql.Identifier(table.name)), city)


def create_city(connection: psycopg.Connection, until: datetime, as_of: datetime | None) -> dict[str, int]:
    """Insert the city, its feeds and its categories; returns the id of each feed.

    Args:
        connection: the caller's transaction.
        until: the moment up to which the city is made.
        as_of: the fixed moment that its figures stand for; ``None``: now.
    """
    connection.execute(
        "INSERT INTO city (code, name, name_en, timezone, as_of, is_demo, level_names, notes) VALUES (%s, %s, %s, %s, %s, true, %s, %s)",
        (names.CITY_CODE, names.CITY.zh, names.CITY.en, TIMEZONE.key, as_of, Jsonb(names.LEVEL_NAMES), Jsonb(names.NOTES)),
    )
    categories = [("incident", c.code, c.name, c.name_en, c.symbol, c.sensitive) for c in CATEGORIES]
    categories += [("facility", f.code, f.name, f.name_en, f.symbol, False) for f in FACILITIES]
    categories += [("building", code, *labels, False) for code, labels in USE_NAMES.items()]
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO category (city, subject, code, name, name_en, symbol, sensitive, ordinal) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
            [(names.CITY_CODE, *row, i) for i, row in enumerate(categories)],
        )
    add_deadlines(connection, until)
    write_templates(connection, names.CITY_CODE, TEMPLATES)
    ids = {}
    for subject, (name, department) in _SOURCES.items():
        row = connection.execute(
            "INSERT INTO source (city, key, subject, name, department, licence, refreshed_at)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s) RETURNING id",
            (names.CITY_CODE, f"demo_{subject}", subject, name, department, _LICENCE, until),
        ).fetchone()
        assert row is not None  # noqa: S101 - RETURNING gives the row
        ids[subject] = int(row[0])
    return ids


def organise(connection: psycopg.Connection, tree: Tree, until: date) -> None:
    """Give the city the units that handle its cases, and the rules that send them there."""
    districts = [(area.code, area.name) for area in tree.areas if area.level == "district"]
    put_units(connection, names.CITY_CODE, make_units(districts, date(until.year - 2, 1, 1)))
    write_rules(connection, names.CITY_CODE, make_rules([code for code, _ in districts]))


def reserve_ids(connection: psycopg.Connection, table: Table, count: int) -> int:
    """Take ``count`` ids from a table's sequence; returns the first."""
    row = connection.execute(
        "SELECT setval(s, nextval(s) + %(more)s) - %(more)s FROM (SELECT pg_get_serial_sequence(%(table)s, 'id')::regclass AS s) q",
        {"table": table.name, "more": count - 1},
    ).fetchone()
    assert row is not None  # noqa: S101 - a select without from gives one row
    return int(row[0])
