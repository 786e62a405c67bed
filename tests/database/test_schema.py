"""The migrations make exactly the tables that the code describes, and remove them again."""

import datetime
import re
from collections.abc import Callable

import psycopg
import pytest
from alembic import command
from alembic.config import Config
from hypothesis import given
from hypothesis import strategies as st
from psycopg import sql
from sqlalchemy import create_engine, inspect, make_url

from data.database.connections import database_url
from data.database.migrate import make_config, migrate
from data.database.partitions import ensure_partitions
from data.doctor.installation import indexes
from data.schema import area_label, metadata

_COLUMNS = """
    SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated,
        pg_get_expr(d.adbin, d.adrelid), col_description(c.oid, a.attnum)
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
    WHERE c.relnamespace = %(schema)s::regnamespace AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
        AND c.relname = ANY(%(tables)s)
"""
_INDEXES = "SELECT indexdef FROM pg_indexes WHERE schemaname = %(schema)s AND tablename = ANY(%(tables)s)"
_CONSTRAINTS = """
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE connamespace = %(schema)s::regnamespace AND conrelid::regclass::text ~ %(ours)s
"""


def described(connection: psycopg.Connection, schema: str) -> list[str]:
    """Columns, indexes and constraints of our tables in one schema, without its name."""
    names = [table.name for table in metadata.sorted_tables]
    bound = {"schema": schema, "tables": names, "ours": rf"^(twin\.)?({'|'.join(names)})$"}
    rows = [row for query in (_COLUMNS, _INDEXES, _CONSTRAINTS) for row in connection.execute(query, bound)]
    return sorted(re.sub(r"\b(public|twin)\.", "", repr(row)) for row in rows)


def test_migrations_make_what_the_code_describes(database: str) -> None:
    engine = create_engine(database_url())
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE SCHEMA twin")
        metadata.create_all(connection.execution_options(schema_translate_map={None: "twin"}))
    engine.dispose()
    with psycopg.connect(database) as connection:
        migrated, created = described(connection, "public"), described(connection, "twin")
    assert len(created) > 250, "columns, indexes and constraints"
    assert migrated == created


def test_migrations_can_be_taken_back_and_made_again(database: str) -> None:
    go(database, command.downgrade, "base")
    engine = create_engine(database_url())
    assert set(inspect(engine).get_table_names()) & set(metadata.tables) == set()
    engine.dispose()
    migrate(database_url())
    with psycopg.connect(database) as again:
        assert again.execute("SELECT count(*) FROM city").fetchone() == (0,)


def test_cases_that_stood_in_no_month_come_to_where_they_belong(database: str) -> None:
    dates = ("1066-10-14T00:00Z", "2026-03-31T23:59Z", "2099-12-31T23:59Z", "2100-01-01T00:00Z")
    places = ("incident_before", "incident_2026_03", "incident_2099_12", "incident_after")
    go(database, command.downgrade, "0004")
    with psycopg.connect(database) as connection:
        for date in dates:
            connection.execute(
                "INSERT INTO incident (district, city, source_id, source_key, grid, path, geom, geom_3857, number, category, channel,"
                " stage, reported_at) SELECT 'd', 'c', 1, %s, 'g', 'g', p, ST_Transform(p, 3857), 'n', 'x', 'y', 'filed', %s"
                " FROM ST_SetSRID(ST_MakePoint(114, 22), 4326) p",
                [date, date],
            )
    go(database, command.upgrade, "head")
    where = "SELECT source_key, tableoid::regclass::text FROM incident ORDER BY reported_at"
    with psycopg.connect(database) as connection:
        assert connection.execute(where).fetchall() == list(zip(dates, places, strict=True))
    go(database, command.downgrade, "0004")
    with psycopg.connect(database) as connection:
        assert [row[1] for row in connection.execute(where)] == ["incident_other", *places[1:3], "incident_other"]


def test_months_that_lost_their_indexes_get_them_again(database: str) -> None:
    go(database, command.downgrade, "0024")
    with psycopg.connect(database) as connection:
        ensure_partitions(connection, [datetime.date(2026, 3, 1)])
        for name in ("ix_incident_path", "ix_incident_waiting"):
            row = connection.execute("SELECT pg_get_indexdef(%s::regclass)", [name]).fetchone()
            assert row is not None and " ON ONLY " in row[0], "as an import made them"
            connection.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(name)))
            connection.execute(row[0].encode())
        assert {"ix_incident_path", "ix_incident_waiting"} <= set(indexes(connection).offenders), "the doctor names them"
    go(database, command.upgrade, "0025")
    with psycopg.connect(database) as connection:
        assert not {"ix_incident_path", "ix_incident_waiting"} & set(indexes(connection).offenders)
        assert connection.execute("SELECT count(*) FROM pg_index WHERE NOT indisvalid").fetchone() == (0,)
        tables = "SELECT count(*) FROM pg_index WHERE indrelid IN ('incident'::regclass, 'incident_2026_03'::regclass) GROUP BY indrelid"
        whole, month = connection.execute(tables).fetchall()
        assert whole == month


def test_cities_where_people_worked_already_stand_for_now(database: str) -> None:
    city = "INSERT INTO city (code, name, name_en, timezone, as_of, states_at) VALUES (%s, '', '', 'UTC', '2026-10-01Z', '2026-10-01Z')"
    case = """
        INSERT INTO incident (district, id, city, source_id, source_key, grid, path, number, category, channel, stage, reported_at, version)
        OVERRIDING SYSTEM VALUE VALUES (%s, 1, %s, 1, '1', 'g', 'g', 'n', 'x', 'y', 'filed', '2026-09-01Z', %s)
    """
    event = """
        INSERT INTO incident_event (district, incident_id, seq, at, stage, account, received_at)
        VALUES (%s, 1, %s, '2026-09-01Z', 'filed', %s, %s)
    """
    go(database, command.downgrade, "0029")
    with psycopg.connect(database) as connection:
        ensure_partitions(connection, [datetime.date(2026, 9, 1)])
        for code, version, account in (("worked", 2, "desk"), ("read", 0, None)):
            connection.execute(city, [code])
            connection.execute(case, [code, code, version])
            for seq, by in ((1, None), (2, account)):
                connection.execute(event, [code, seq, by, f"2026-11-0{seq}Z"])
    go(database, command.upgrade, "0030")
    with psycopg.connect(database) as connection:
        told = "SELECT code, as_of IS NULL, states_at IS NULL, worked_since::date::text FROM city ORDER BY code"
        assert connection.execute(told).fetchall() == [("read", False, False, None), ("worked", True, True, "2026-11-02")]


def go(database: str, there: Callable[[Config, str], None], revision: str) -> None:
    """Migrate up or down."""
    engine = create_engine(make_url(database).set(drivername="postgresql+psycopg"))
    with engine.begin() as connection:
        settings = make_config()
        settings.attributes["connection"] = connection
        there(settings, revision)
    engine.dispose()


@pytest.mark.parametrize(("code", "label"), [("110101", "110101"), ("DC", "DC"), ("a_b", "a_5f_b"), ("1A-2", "1A_2d_2"), ("井", "_4e95_")])
def test_labels_of_codes(code: str, label: str) -> None:
    assert area_label(code) == label


@given(st.text(min_size=1, max_size=20), st.text(min_size=1, max_size=20))
def test_two_codes_never_share_a_label(one: str, other: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9_]+", area_label(one))
    assert (area_label(one) == area_label(other)) == (one == other)
