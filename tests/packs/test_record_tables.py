"""Tables of records: made, changed and refused with their declaration, and read by nobody beyond scope and department."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import psycopg
import pytest
import small_city as city
from alembic import command
from databases import FreshDatabase
from pack_tools import DEPARTMENTS, LABOUR, load_units, make_pack
from rights_tools import Connection, seeing, viewer_of
from sqlalchemy import create_engine, make_url

from data.core.roles import DOOR, Detail
from data.core.viewer import Viewer, everything
from data.database.migrate import make_config
from data.doctor.rights import policies
from data.packs.declaration.shelf import find_departments, find_packs
from data.packs.tables.changes import ChangesRefused, PackIsOlder, VersionNotCounted
from data.packs.tables.kept import read_pack
from data.packs.tables.making import install, plan

FIRMS = {"f1": city.C1, "f2": city.C3, "f3": city.C5, "f4": city.C8, "f0": None}
"""Firms and their cells; the last has no place."""
SECOND = ("version = 1", "version = 2")


def load_pack(connection: Connection) -> None:
    install(connection, make_pack(), city.CITY, DEPARTMENTS)
    for code, cell in FIRMS.items():
        connection.execute(
            'INSERT INTO packs.labour_firm (gw_city, gw_area, gw_delivery, gw_row, gw_geom, code, name, "order", "select",'
            " turnover, contact, inspected, lon, lat) VALUES (%s, (SELECT no FROM area WHERE code = %s), 1, 2,"
            " ST_SetSRID(ST_Point(120.005, 30.015), 4326),"
            " %s, %s, 7, 'metal', 12.5, '沈卓', '2026-10-01', 120.005, 30.015)",
            [city.CITY, cell, code, f"企业 {code}"],
        )
    connection.execute(
        "INSERT INTO packs.labour_month (gw_city, gw_area, firm, month, workers)"
        " SELECT gw_city, gw_area, code, '2026-10-01', 9 FROM packs.labour_firm"
    )
    connection.commit()


@pytest.fixture(scope="module")
def town(fresh_database: FreshDatabase) -> Iterator[str]:
    with fresh_database(city.load, load_units, load_pack) as url:
        yield url


@pytest.fixture
def own(fresh_database: FreshDatabase) -> Iterator[psycopg.Connection[Any]]:
    """The same in a database of the test's own, as its owner."""
    with fresh_database(city.load, load_units, load_pack) as url, psycopg.connect(url) as connection:
        yield connection


def member(account: str, code: str = city.CITY, detail: Detail = "people") -> Viewer:
    """Somebody of a department's unit."""
    with seeing(Viewer(), DOOR) as connection:
        row = connection.execute("SELECT units_of(%s)", [account]).fetchone()
    assert row
    return replace(viewer_of(code, detail), name=account, units=str(row[0]))


def ask(viewer: Viewer, query: str) -> list[tuple[Any, ...]]:
    with seeing(viewer) as connection:
        return connection.execute(query.encode()).fetchall()


# ---- Rows ----


@pytest.mark.parametrize(
    ("code", "seen"),
    [
        (city.CITY, {"f0", "f1", "f2", "f3", "f4"}),
        (city.D1, {"f1", "f2"}),
        (city.S3, {"f3", "f4"}),
        (city.C5, {"f3"}),
        (city.ZONE, {"f2", "f3"}),
    ],
)
@pytest.mark.parametrize("detail", ["cases", "people"])
def test_records_are_seen_in_the_own_area_alone(town: str, code: str, seen: set[str], detail: Detail) -> None:
    viewer = viewer_of(code, detail)
    assert {row[0] for row in ask(viewer, "SELECT code FROM packs.labour_firm_seen")} == seen
    assert {row[0] for row in ask(viewer, "SELECT firm FROM packs.labour_month_seen")} == seen


def test_whoever_sees_everything_sees_all_and_who_has_no_area_nothing(town: str) -> None:
    assert len(ask(everything(), "SELECT code FROM packs.labour_firm_seen")) == len(FIRMS)
    nowhere = replace(viewer_of(city.C1), scope="", figures="", scope_code="")
    assert ask(nowhere, "SELECT code FROM packs.labour_firm_seen") == []
    wide = viewer_of(city.C1, figures=city.CITY)
    assert {row[0] for row in ask(wide, "SELECT code FROM packs.labour_firm_seen")} == {"f1"}, "figures of the city open no record"


@pytest.mark.parametrize("relation", ["labour_firm", "labour_firm_seen", "labour_month", "labour_month_seen"])
def test_an_account_of_figures_reads_no_record(town: str, relation: str) -> None:
    with seeing(viewer_of(city.CITY, "figures")) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(f"SELECT count(*) FROM packs.{relation}".encode())


@pytest.mark.parametrize(
    "statement", ["SELECT code FROM packs.labour_firm", "DELETE FROM packs.labour_firm_seen", "CREATE TABLE packs.x (a int)"]
)
def test_nobody_reads_the_table_itself_or_writes(town: str, statement: str) -> None:
    with seeing(everything()) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement.encode())


def test_a_readers_own_condition_sees_no_hidden_row(town: str) -> None:
    with seeing(viewer_of(city.C1)) as connection:
        connection.execute(
            "CREATE FUNCTION pg_temp.tell(text) RETURNS boolean LANGUAGE plpgsql COST 0.0001 AS"
            " $$BEGIN RAISE NOTICE '%', $1; RETURN true; END$$"
        )
        heard: list[str] = []
        connection.add_notice_handler(lambda told: heard.append(told.message_primary or ""))
        connection.execute("SELECT code FROM packs.labour_firm_seen WHERE pg_temp.tell(code)")
    assert heard == ["f1"]


def test_the_doctor_sees_records_that_are_open(own: Connection) -> None:
    assert policies(own).offenders == ()
    own.execute("GRANT SELECT ON packs.labour_firm TO gridwell_cases")
    own.execute("ALTER VIEW packs.labour_month_seen RESET (security_barrier)")
    assert len(policies(own).offenders) == 2


# ---- Fields ----

FIELDS = "SELECT turnover IS NOT NULL, contact IS NOT NULL, inspected IS NOT NULL, name IS NOT NULL FROM packs.labour_firm_seen"


@pytest.mark.parametrize(
    ("account", "detail", "shown"),
    [
        ("hrss", "people", (False, True, True, True)),  # keeps the pack, and so what names no other owner
        ("hrss", "cases", (False, False, True, True)),  # what is about persons wants the right to people besides
        ("market", "people", (True, False, True, True)),
        ("market", "cases", (True, False, True, True)),
        ("water", "people", (False, False, False, True)),
        ("nobody", "people", (False, False, False, True)),
    ],
)
def test_each_department_sees_its_own_fields(town: str, account: str, detail: Detail, shown: tuple[bool, ...]) -> None:
    assert set(ask(member(account, city.CITY, detail), FIELDS)) == {shown}


def test_a_hidden_field_is_found_by_no_condition(town: str) -> None:
    query = "SELECT count(*) FROM packs.labour_firm_seen WHERE turnover = 12.5"
    assert ask(member("market"), query) == [(len(FIRMS),)]
    assert ask(member("water"), query) == [(0,)]


def test_words_of_sql_are_names_like_others(town: str) -> None:
    assert ask(everything(), 'SELECT DISTINCT "order", "select" FROM packs.labour_firm_seen') == [(7, "metal")]


def test_a_point_is_hidden_with_what_it_was_made_of(own: Connection) -> None:
    closed = (
        'lat = { name = { zh = "纬度", en = "Latitude" }, type = "decimal" }',
        'lat = { name = { zh = "纬度", en = "Latitude" }, type = "decimal", class = "sensitive" }',
    )
    assert ask(member("water"), "SELECT count(gw_geom) FROM packs.labour_firm_seen") == [(len(FIRMS),)]
    install(own, make_pack(LABOUR, SECOND, closed), city.CITY)
    own.commit()
    assert ask(member("water"), "SELECT count(gw_geom), count(lat), count(lon) FROM packs.labour_firm_seen") == [(0, 0, len(FIRMS))]
    assert ask(member("hrss"), "SELECT count(gw_geom) FROM packs.labour_firm_seen") == [(len(FIRMS),)]


# ---- Changes ----


def tell(connection: Connection, *changes: tuple[str, str]) -> list[tuple[str, str]]:
    return [(change.what, change.kind) for change in plan(connection, make_pack(LABOUR, *changes))]


def test_the_same_pack_again_changes_nothing(own: Connection) -> None:
    assert install(own, make_pack(), city.CITY, DEPARTMENTS) == []
    assert own.execute("SELECT count(*) FROM feed_contract").fetchone() == (2,)


def test_a_changed_pack_adds_and_widens_and_drops_nothing(own: Connection) -> None:
    changed = make_pack(
        LABOUR,
        SECOND,
        ('type = "integer", min = 0, max = 1000', 'type = "decimal"'),
        ("paid = { name", 'unpaid = { name = { zh = "未发", en = "Unpaid" }, type = "month" }\npaid = { name'),
        ('contact = { name = { zh = "联系人", en = "Contact" }, type = "text", class = "personal", sees = ["hrss"] }\n', ""),
        ('contact = "联系人"\n', ""),
    )
    changes = install(own, changed, city.CITY)
    assert [(change.what, change.kind, change.facts.get("field")) for change in changes] == [
        ("wider", "firm", "order"),
        ("kept_column", "firm", "contact"),
        ("column", "month", "unpaid"),
    ]
    assert changes[0].tell("en").startswith("Widens “order” of “firm” from bigint to numeric")
    own.commit()
    assert own.execute('SELECT DISTINCT "order", contact FROM packs.labour_firm').fetchall() == [(7, "沈卓")]
    with pytest.raises(psycopg.errors.UndefinedColumn):
        ask(everything(), "SELECT contact FROM packs.labour_firm_seen")
    with pytest.raises(psycopg.errors.CheckViolation):
        own.execute("UPDATE packs.labour_month SET unpaid = '2026-10-02'")
    own.rollback()
    assert read_pack(own, "labour") == changed
    versions = own.execute("SELECT feed, version FROM feed_contract ORDER BY 1, 2").fetchall()
    assert versions == [("labour.firms", 1), ("labour.firms", 2), ("labour.wages", 1)], "only what changed has a new contract"
    assert [change.what for change in install(own, changed, city.CITY)] == ["kept_column"]


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (
            (
                'turnover = { name = { zh = "营业额", en = "Turnover" }, type = "decimal"',
                'turnover = { name = { zh = "营业额", en = "Turnover" }, type = "integer"',
            ),
            "narrower",
        ),
        (('type = "date", sees', 'type = "month", sees'), "narrower"),
        (('key = ["firm", "month"]', 'key = ["firm"]'), "key"),
    ],
)
def test_a_refused_change_leaves_everything_as_it_was(own: Connection, change: tuple[str, str], what: str) -> None:
    more = ("late = { name", 'added = { name = { zh = "新", en = "New" }, type = "text" }\nlate = { name')
    with pytest.raises(ChangesRefused) as refused:
        install(own, make_pack(LABOUR, SECOND, change, more), city.CITY)
    assert [change.what for change in refused.value.changes] == [what]
    assert read_pack(own, "labour") == make_pack()
    assert tell(own) == [], "no column was added either"
    assert len(ask(everything(), "SELECT code FROM packs.labour_firm_seen")) == len(FIRMS)


def test_versions_only_count_up(own: Connection) -> None:
    with pytest.raises(VersionNotCounted):
        install(own, make_pack(LABOUR, ("max = 1000", "max = 2000")), city.CITY)
    install(own, make_pack(LABOUR, ("version = 1", "version = 3")), city.CITY)
    with pytest.raises(PackIsOlder):
        install(own, make_pack(LABOUR, SECOND), city.CITY)


def test_a_kind_and_a_feed_that_are_gone_keep_what_they_hold(own: Connection) -> None:
    text = LABOUR[: LABOUR.index("[kinds.month]")] + LABOUR[LABOUR.index("[feeds.firms]") : LABOUR.index("[feeds.wages]")]
    changes = install(own, make_pack(text, SECOND), city.CITY)
    assert [(change.what, change.kind) for change in changes] == [("kept_table", "month")]
    assert own.execute("SELECT count(*) FROM packs.labour_month").fetchone() == (len(FIRMS),)
    ended = own.execute("SELECT code, valid_to IS NOT NULL FROM feed ORDER BY 1").fetchall()
    assert ended == [("labour.firms", False), ("labour.wages", True)]


def test_no_two_kinds_share_a_table(own: Connection) -> None:
    """``labour`` and ``firm_x``, or ``labour_firm`` and ``x``: both would be one name."""
    other = LABOUR[: LABOUR.index("[kinds.month]")].replace("kinds.firm", "kinds.x").replace('code = "labour"', 'code = "labour_firm"', 1)
    install(own, make_pack(LABOUR, SECOND, ("kinds.month", "kinds.firm_x"), ('kind = "month"', 'kind = "firm_x"')), city.CITY)
    with pytest.raises(ChangesRefused) as refused:
        install(own, make_pack(other), city.CITY)
    assert [(change.what, change.facts["owner"]) for change in refused.value.changes] == [("foreign", "labour.firm_x")]
    with pytest.raises(ChangesRefused):
        install(own, make_pack(other, ('code = "labour_firm"', 'code = "labour_month"'), ("kinds.x", "kinds.seen")), city.CITY)


def test_every_pack_that_comes_with_gridwell_is_installed_and_kept(own: Connection) -> None:
    departments = find_departments()
    for found in find_packs():
        assert found.pack is not None
        if found.code != "labour":  # the test's own is called so, too
            install(own, found.pack, city.CITY, departments)
            assert read_pack(own, found.code) == found.pack


def test_two_installs_at_once_wait_for_each_other(fresh_database: FreshDatabase) -> None:
    done: list[list[str]] = []

    def run(url: str) -> None:
        with psycopg.connect(url) as connection:
            made = install(connection, make_pack(), city.CITY, DEPARTMENTS)
        done.append([change.what for change in made])

    with fresh_database(city.load) as url:
        both = [threading.Thread(target=run, args=[url]) for _ in range(2)]
        for one in both:
            one.start()
        for one in both:
            one.join()
    assert sorted(done) == [[], ["table", "table"]]


def test_the_migration_goes_back_with_tables_there(fresh_database: FreshDatabase) -> None:
    with fresh_database(city.load, load_units, load_pack) as url:
        engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"))
        with engine.begin() as connection:
            config = make_config()
            config.attributes["connection"] = connection
            command.downgrade(config, "0050")
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
        engine.dispose()
        with psycopg.connect(url) as owner:
            assert owner.execute("SELECT to_regclass('packs.labour_firm')").fetchone() == (None,)
            assert [change.what for change in install(owner, make_pack(), city.CITY, DEPARTMENTS)] == ["table", "table"]
