"""What PostgreSQL itself withholds, asked as each role of the server: no statement of any kind shows or changes more."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
import small_city as city
from databases import FreshDatabase
from rights_tools import as_service, become, load_people, refused, seeing, viewer_of

from data.core.roles import DB_ROLES, SERVICE, DbRole
from data.core.viewer import Viewer, everything
from data.schema import area_figure, incident_reporter, person
from data.schema.rollups import SHOWN

Connection = psycopg.Connection[Any]
DENIED = "42501"
ROLES: tuple[DbRole, ...] = (
    *("gridwell_figures", "gridwell_cases", "gridwell_people", "gridwell_door", "gridwell_audit", "gridwell_imports"),
    "gridwell_printer",
)

REPORTS = {"report_request", "report_draft", "report", "report_file", "report_wish"}
FIGURES = {
    *("city", "source", "category", "area", "zone_member", "incident_kind", "incident_daily", "incident_open"),
    *("facility", "base_feature", "area_figure_seen", "building_seen", "live_event", "live_state"),
    *("working_hours", "city_calendar", "calendar_day", "deadline_rule", "unit", "composite"),
    *("wall_tour", "wall_scene", "wall_turn", "wall_screen", "wall_play", "hazard_notice", "hazard_part"),
    *("department", "pack", "pack_city", "pack_field", "feed", "feed_contract", "feed_delivery", "feed_day"),
    *REPORTS,
    *("report_schedule", "report_run", "report_delivery", "report_receipt"),
}
FEEDS = {"feed_delivery", "feed_file", "feed_reject", "feed_quarantine"}
CASES = {
    *("incident", "incident_event", "case_request", "case_idempotency"),
    *("attachment", "attachment_upload", "attachment_case", "unit_member", "routing_rule", "case_filter", "desk_setting", "duplicate_rule"),
    "remark_template",
    *("rule_request", "rule_change"),
}
PEOPLE = {"person", "incident_reporter"}
READ: dict[DbRole, set[str]] = {
    "gridwell_figures": FIGURES,
    "gridwell_cases": FIGURES | CASES,
    "gridwell_people": FIGURES | CASES | PEOPLE,
    "gridwell_door": {"account", "session", "token", "one_time_link", "recovery_code"},
    "gridwell_audit": {"audit_log"},
    "gridwell_imports": {"import_run", "reject", "city", *FEEDS},
    "gridwell_printer": REPORTS,
}
NOBODY_S = {
    "building",
    "area_figure",
    "area_span",
    "zone_edge",
    "population_unit",
    "rate_limit",
    "sealing_key",
    "entry_failure",
    "case_counter",
    "escalation_rule",
    "escalation",
    "notice",
    "unit_name",
    "duty_shift",
    "alembic_version",
}
"""Tables for their owner alone, or read through a view."""
FOR_ALL = {"spatial_ref_sys", "geometry_columns", "geography_columns"}
"""PostGIS's own."""

SCOPED = ("person", "incident", "incident_event", "incident_reporter")
CELLS_OF = {
    city.CITY: set(city.CELLS),
    city.D1: {city.C1, city.C2, city.C3, city.C4},
    city.D2: {city.C5, city.C6, city.C7, city.C8},
    city.S1: {city.C1, city.C2},
    city.K4: {city.C7, city.C8},
    city.C3: {city.C3},
    city.C8: {city.C8},
    city.ZONE: {city.C3, city.C5},
}
EVERYWHERE_TRUE = ("true", "true OR false", "NOT (false)", "coalesce(true, path IS NULL)", "path IS NOT NULL", "path = path", "path <@ ''")
NOT_PUBLIC = [(column.name, column.info["privacy"]) for table in (person, incident_reporter) for column in table.c]


@pytest.fixture(scope="module", autouse=True)
def town(fresh_database: FreshDatabase) -> Iterator[str]:
    """The small city with people in it."""
    with fresh_database(city.load, load_people) as url:
        with psycopg.connect(url) as connection:
            connection.execute("UPDATE area_figure SET shown_population = 7, shown_male = 3, people_hidden = true")
        yield url


@contextmanager
def owner(town: str) -> Iterator[Connection]:
    """The owner's transaction, taken back in the end."""
    with psycopg.connect(town) as made:
        yield made
        made.rollback()


def rows(connection: Connection, statement: str, *values: Any) -> set[Any]:
    return {row[0] for row in connection.execute(statement.encode(), values)}


# ---- Tables and columns ----


def test_the_server_by_itself_may_read_and_do_nothing(town: str) -> None:
    with as_service() as service:
        for table in sorted(set().union(*READ.values()) | NOBODY_S):
            assert refused(service, f"SELECT 1 FROM {table}") == DENIED, table
        assert refused(service, "SELECT audit_append('a', 's')") == DENIED
        assert refused(service, "CREATE TABLE here (n int)") == DENIED
        assert refused(service, "SET ROLE postgres") == DENIED


@pytest.mark.parametrize("role", ROLES)
def test_each_role_reads_its_own_tables_and_no_other(town: str, role: DbRole) -> None:
    with owner(town) as connection:
        known = rows(
            connection,
            "SELECT c.relname FROM pg_class c WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'f')",
        )
        months = rows(connection, "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'incident'::regclass")
    decided = set().union(*READ.values()) | NOBODY_S | FOR_ALL | months
    assert known == decided, "every table is given to somebody, or to nobody, on purpose"
    with seeing(role=role) as connection:
        readable = {table for table in known - FOR_ALL if not refused(connection, f"SELECT count(*) FROM {table}")}
    assert readable == READ[role]


def test_single_columns_that_nobody_may_read(town: str) -> None:
    secret = {
        *(
            f"{table.name}.{column.name}"
            for table in (person, incident_reporter)
            for column in table.c
            if column.info["privacy"] == "sensitive"
        ),
        *("person.name", "person.birth_date", "incident_reporter.name", "area.head_phone", "building.residents"),
        *(f"area_figure.{column.name}" for column in area_figure.c if column.name not in SHOWN),
    }
    with seeing(role="gridwell_people") as connection:
        for name in sorted(secret):
            table, column = name.split(".")
            assert refused(connection, f"SELECT {column} FROM {table}") == DENIED, name
            assert refused(connection, f"SELECT 1 FROM {table} WHERE {column} IS NOT NULL") == DENIED, name
        assert refused(connection, "SELECT * FROM person") == DENIED
        assert refused(connection, "SELECT person FROM person") == DENIED
        assert rows(connection, "SELECT name_shown FROM person") == {"张*明", "李*"}
        assert rows(connection, "SELECT birth_year FROM person") == {1980}


@pytest.mark.parametrize(("name", "privacy"), NOT_PUBLIC)
def test_every_column_about_people_says_what_it_is(name: str, privacy: str) -> None:
    assert privacy in ("ordinary", "personal", "sensitive"), name


def test_months_of_cases_are_read_through_their_table_alone(town: str) -> None:
    with seeing() as connection:
        months = rows(connection, "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'incident'::regclass")
        assert months and all(refused(connection, f"SELECT 1 FROM {month}") == DENIED for month in months)


# ---- Rows ----


def keys(connection: Connection, table: str, where: str = "true") -> set[Any]:
    """Cells of the rows that are seen of a table, or of the cases that they belong to."""
    if table == "incident_event":
        where = "true" if "path" in where else where
        return rows(
            connection, f"SELECT DISTINCT (SELECT grid FROM incident i WHERE i.id = e.incident_id) FROM incident_event e WHERE {where}"
        )
    return rows(connection, f"SELECT DISTINCT grid FROM {table} WHERE {where}")


@pytest.mark.parametrize("table", SCOPED)
@pytest.mark.parametrize("code", CELLS_OF)
def test_rows_out_of_scope_are_invisible_whatever_is_asked(town: str, code: str, table: str) -> None:
    with owner(town) as connection:
        there = keys(connection, table)
    wanted = there & CELLS_OF[code]
    with seeing(viewer_of(code)) as connection:
        for where in EVERYWHERE_TRUE:
            assert keys(connection, table, where) == wanted, where
        out = there - CELLS_OF[code]
        column = "grid" if table != "incident_event" else "district"
        values = out if column == "grid" else {cell[:6] for cell in out} - {cell[:6] for cell in wanted}
        for value in values:
            assert not rows(connection, f"SELECT 1 FROM {table} WHERE {column} = %s", value)
        assert rows(connection, f"SELECT count(*) FROM {table}") == rows(connection, f"SELECT count(*) FROM {table} WHERE true")


@pytest.mark.parametrize("table", SCOPED)
@pytest.mark.parametrize("viewer", [Viewer(detail="people"), Viewer(detail="people", figures="*"), Viewer(detail="people", zone=city.ZONE)])
def test_without_a_scope_nothing_is_seen(town: str, table: str, viewer: Viewer) -> None:
    with seeing(viewer) as connection:
        assert rows(connection, f"SELECT count(*) FROM {table}") == {0}


@pytest.mark.parametrize("table", [*SCOPED, "area", "incident_daily", "incident_open", "area_figure_seen", "facility", "building_seen"])
def test_what_one_transaction_was_told_another_does_not_know(town: str, table: str) -> None:
    with as_service() as connection:
        become(connection, everything())
        assert rows(connection, f"SELECT count(*) FROM {table}") != {0}
        connection.commit()
        assert refused(connection, f"SELECT 1 FROM {table}") == DENIED
        connection.execute("SET LOCAL ROLE gridwell_people")
        assert rows(connection, f"SELECT count(*) FROM {table}") == {0}, "settings left empty by the transaction before are no area"


@pytest.mark.parametrize("table", ["incident", "person"])
def test_errors_tell_nothing_of_rows_out_of_scope(town: str, table: str) -> None:
    """A condition that fails for some row would give that row away; it is worked out only on rows that may be seen."""
    trap = f"SELECT 1 FROM {table} WHERE 1 / (CASE WHEN grid = %s THEN 0 ELSE 1 END) > 0"
    with seeing(viewer_of(city.C8)) as connection:
        assert refused(connection, trap, city.C1) == ""
        assert refused(connection, f"SELECT 1 FROM {table} WHERE source_key::int > 0 AND grid <> '{city.C8}'") == ""
    with seeing(viewer_of(city.C1)) as connection:
        assert refused(connection, trap, city.C1) == "22012", "the trap works where the row may be seen"


def test_figures_of_areas_follow_the_scope_of_figures(town: str) -> None:
    for code, figures in ((city.S1, None), (city.S1, city.D1), (city.C3, None), (city.ZONE, None)):
        seen = {city.ZONE, *CELLS_OF[city.ZONE]} if code == city.ZONE else None
        with owner(town) as connection:
            inside = seen or rows(connection, "SELECT code FROM area WHERE path <@ %s::text::ltree", city.path_of(figures or code))
            numbers = rows(connection, "SELECT no FROM area WHERE code = ANY(%s)", list(inside))
            counted = {table: rows(connection, f"SELECT DISTINCT area_no FROM {table}") for table in ("incident_daily", "incident_open")}
            figured = rows(connection, "SELECT area FROM area_figure") & inside
        with seeing(viewer_of(code, "figures", figures)) as connection:
            for table, all_numbers in counted.items():
                assert rows(connection, f"SELECT DISTINCT area_no FROM {table}") == all_numbers & numbers, (code, table)
            assert rows(connection, "SELECT area FROM area_figure_seen") == figured, code
            assert rows(connection, "SELECT DISTINCT grid FROM building_seen") <= inside
            assert rows(connection, "SELECT DISTINCT grid FROM facility") <= inside


def test_names_are_seen_of_areas_inside_and_above(town: str) -> None:
    with seeing(viewer_of(city.S1, "figures")) as connection:
        assert rows(connection, "SELECT code FROM area") == {city.CITY, city.D1, city.S1, city.K1, city.C1, city.C2}
    with seeing(viewer_of(city.ZONE, "figures")) as connection:
        assert rows(connection, "SELECT code FROM area") == {city.CITY, city.ZONE, city.C3, city.C5}


def test_figures_about_people_are_exact_for_the_register_s_own_area_alone(town: str) -> None:
    asked = "SELECT area, population, male, people_hidden FROM area_figure_seen WHERE area = ANY(%s)"
    codes = [city.D1, city.S1, city.C1, city.C3]
    hidden = (7, 3, True)

    def seen(viewer: Viewer) -> dict[str, tuple[Any, ...]]:
        with seeing(viewer) as connection:
            return {row[0]: row[1:] for row in connection.execute(asked, (codes,))}

    worker = seen(viewer_of(city.S1, "people", city.D1))
    assert worker == {city.D1: hidden, city.S1: (300, 147, False), city.C1: (100, 49, False), city.C3: hidden}
    assert set(seen(viewer_of(city.S1, "cases", city.D1)).values()) == {hidden}
    assert seen(viewer_of(city.ZONE, "people")) == {city.C3: (300, 147, False)}
    assert set(seen(everything(detail="figures")).values()) == {hidden}
    with seeing(viewer_of(city.S1)) as connection:
        assert rows(connection, "SELECT count(*) FROM building_seen WHERE residents IS NULL") == {0}
    with seeing(viewer_of(city.S1, "cases")) as connection:
        assert rows(connection, "SELECT count(*) FROM building_seen WHERE residents IS NOT NULL") == {0}


# ---- Writing ----


@pytest.mark.parametrize("role", ROLES)
def test_no_role_of_the_server_writes_what_belongs_to_a_city(town: str, role: DbRole) -> None:
    with owner(town) as connection:
        tables = rows(connection, "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')")
    screens = {"wall_screen", "wall_play"}
    steering = {
        "case_request",
        "case_filter",
        "desk_setting",
        "rule_request",
        "wall_tour",
        "wall_scene",
        "wall_turn",
        *screens,
        "report_schedule",
        "report_delivery",
    }
    asking = steering if role in ("gridwell_cases", "gridwell_people") else screens if role == "gridwell_figures" else set()
    asking = asking | {"report_request", "report_wish"} if role in DB_ROLES.values() else asking
    printing = {"report_request", "report_wish"} if role == "gridwell_printer" else set()
    mine = READ["gridwell_door"] if role == "gridwell_door" else asking | printing
    with seeing(role=role) as connection:
        for table in sorted(tables - mine - FOR_ALL):
            assert refused(connection, f"DELETE FROM {table}") == DENIED, table
            assert refused(connection, f"INSERT INTO {table} DEFAULT VALUES") == DENIED, table
            assert refused(connection, f"TRUNCATE {table}") == DENIED, table
        for table in sorted(mine):
            assert refused(connection, f"TRUNCATE {table}") == DENIED, table
        for statement in ("DROP TABLE incident", "ALTER TABLE person DISABLE ROW LEVEL SECURITY", "DROP POLICY in_scope ON person"):
            assert refused(connection, statement) == DENIED, statement


@pytest.fixture(params=["incident", "person"])
def open_table(request: pytest.FixtureRequest, fresh_database: FreshDatabase, town: str) -> Iterator[str]:
    """A table that the people's role may write for once, and a copy of its rows that all may read, ``there``."""
    table = str(request.param)
    with fresh_database(city.load, load_people) as url:
        with psycopg.connect(url) as connection:
            connection.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {DB_ROLES['people']}".encode())
            connection.execute(f"CREATE TABLE there AS SELECT * FROM {table}".encode())
            connection.execute("GRANT SELECT ON there TO PUBLIC")
        yield table


def test_even_with_leave_to_write_nothing_out_of_scope_is_written(open_table: str) -> None:
    """Nothing in the product writes these yet; whatever will be given leave to is held to its scope already."""
    table, out, inside = open_table, city.C5, city.C1
    with seeing(viewer_of(city.S1)) as connection:
        columns = ", ".join(
            rows(
                connection,
                "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND attgenerated = '' AND attname <> 'id'",
                table,
            )
        )
        moved = columns.replace("source_key", "source_key || 'x'").replace("reported_at", "reported_at + interval '1 minute'")
        copy = f"INSERT INTO {table} ({columns}) SELECT {moved} FROM there WHERE grid = %s"
        assert refused(connection, copy, out) == DENIED
        assert refused(connection, copy, inside) == ""
        assert refused(connection, f"UPDATE {table} SET path = %s::text::ltree, grid = %s", city.path_of(out), out) == DENIED
        assert connection.execute(f"UPDATE {table} SET grid = grid WHERE grid = %s".encode(), (out,)).rowcount == 0
        assert connection.execute(f"DELETE FROM {table} WHERE grid = %s".encode(), (out,)).rowcount == 0
        assert connection.execute(f"DELETE FROM {table}".encode()).rowcount > 0
        become(connection, everything())
        left = rows(connection, f"SELECT DISTINCT grid FROM {table}")
        assert left == rows(connection, "SELECT DISTINCT grid FROM there") - CELLS_OF[city.S1]


# ---- The roles themselves ----


def test_our_roles_are_harmless_by_themselves(town: str) -> None:
    with owner(town) as connection:
        found = connection.execute(
            "SELECT rolname, rolcanlogin, rolinherit AND rolname = %s, rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb,"
            " EXISTS (SELECT FROM pg_class WHERE relowner = r.oid) OR EXISTS (SELECT FROM pg_proc WHERE proowner = r.oid)"
            " FROM pg_roles r WHERE rolname LIKE 'gridwell\\_%%'",
            (SERVICE,),
        ).fetchall()
    known = {name: rest for name, *rest in found if name in {*ROLES, SERVICE}}
    assert known == {**{name: [False, False, False, False] for name in ROLES}, SERVICE: [True, False, False, False]}


def test_functions_with_their_owner_s_rights_look_nowhere_else_and_are_given_one_by_one(town: str) -> None:
    with owner(town) as connection:
        found = connection.execute(
            "SELECT p.oid::regprocedure::text, p.proconfig, has_function_privilege('gridwell_service', p.oid, 'EXECUTE')"
            " FROM pg_proc p WHERE p.prosecdef AND p.pronamespace = 'public'::regnamespace"
            " AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')"
        ).fetchall()
    assert len(found) >= 8
    for name, settings, open_to_all in found:
        # How a statement is planned changes nothing of what it may see.
        assert set(settings) - {"plan_cache_mode=force_generic_plan", "jit=off"} == {"search_path=pg_catalog, public, pg_temp"}, name
        assert not open_to_all, name
