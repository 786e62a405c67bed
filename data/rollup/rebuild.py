"""``rebuild``: everything anew, for first loads and where the tree of areas changed."""

from collections.abc import Collection
from typing import Any

import psycopg
from psycopg import sql

from data import schema, versions
from data.indexes import put_aside
from data.rollup import figures_sql
from data.rollup.fresh import count_figures, count_incidents, learn_kinds, settle
from data.rollup.shown import keep_shown

# Of the city, and of areas that are gone: nothing else would ever take those away.
_FORGET = "DELETE FROM {} d WHERE NOT EXISTS (SELECT FROM area a WHERE a.no = d.area_no AND a.city <> %(city)s)"


def lock(connection: psycopg.Connection[Any], city: str) -> None:
    """Keep others from changing what is counted in a city until the caller's transaction ends; readers go on."""
    connection.execute("SELECT FROM city WHERE code = %s FOR NO KEY UPDATE", [city])


def rebuild(connection: psycopg.Connection[Any], city: str, subjects: Collection[str] = schema.SUBJECTS) -> None:
    """Bring zone members, area figures, residents of buildings, deadline states and counts of one city up to its raw rows.

    Runs in the caller's transaction and ends with new versions of ``subjects``, so that no reader ever sees a half of it.
    """
    lock(connection, city)
    connection.execute("UPDATE city SET states_at = coalesce(as_of, now()) WHERE code = %s", [city])
    learn_kinds(connection, city)
    settle(connection, city)
    count_figures(connection, city)
    for statement in (*figures_sql.RESIDENTS, *figures_sql.STORE):
        connection.execute(statement, {"city": city})
    keep_shown(connection, city)
    tables = (schema.incident_daily, schema.incident_open)
    for table in tables:
        connection.execute(sql.SQL(_FORGET).format(sql.Identifier(table.name)), {"city": city})
    with put_aside(connection, schema.incident_daily):
        count_incidents(connection, city, *(sql.Identifier(table.name) for table in tables))
    versions.touch(connection, city, subjects)


def missing(connection: psycopg.Connection[Any]) -> list[str]:
    """Codes of the cities whose roll-ups were never counted, or were left behind by a migration."""
    return [str(row[0]) for row in connection.execute("SELECT code FROM city WHERE states_at IS NULL ORDER BY code").fetchall()]
