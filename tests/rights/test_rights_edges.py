"""Rights at their boundaries: existing records outside the scope, the last record of an hour, residents of the next street."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
import small_city as city
from databases import FreshDatabase
from rights_tools import load_people, refused, seeing, viewer_of

from data.core.roles import AUDIT, DOOR, IMPORTS, PRINTER
from data.core.viewer import Viewer, everything

Connection = psycopg.Connection[Any]
NO_PURPOSE, TOO_MANY, NOT_ALLOWED, TOO_OFTEN = "GW001", "GW002", "GW003", "GW006"
MOST = 3
"""Reveals, records and searches within an hour, in this file."""
WHY = "走访"
PERSON = "SELECT * FROM reveal_person(%s, %s, %s)"
REPORTER = "SELECT * FROM reveal_reporter(%s, %s, %s)"
HEAD = "SELECT * FROM reveal_head(%s, %s)"
SEARCH = "SELECT * FROM find_people('name', %s, NULL, '张*明')"
RECORD = "SELECT * FROM access_record_of(%s, %s, %s, %s, %s)"
IN_C1, IN_C2, IN_C3, IN_C5 = (city.D1, 1), (city.D1, 3), (city.D1, 5), (city.D2, 9)
"""Keys of people: of two cells of street 1, of street 2 of the same district, and of the other district."""


@pytest.fixture(scope="module", autouse=True)
def town(fresh_database: FreshDatabase) -> Iterator[str]:
    """The small city with people, area heads and low limits; no test commits anything."""
    with fresh_database() as url:
        with psycopg.connect(url) as connection:
            city.load(connection)
            load_people(connection)
            connection.execute("UPDATE area SET head_name = 'head ' || code, head_phone = '13800000000'")
            connection.execute("UPDATE rate_limit SET most = %s", [MOST])
        yield url


@pytest.fixture(scope="module")
def cases(town: str) -> dict[str, tuple[str, int]]:
    """The key of one case with a reporter for each cell that has one."""
    with psycopg.connect(town) as owner:
        found = owner.execute("SELECT grid, district, min(incident_id) FROM incident_reporter GROUP BY grid, district").fetchall()
    return {grid: (district, number) for grid, district, number in found}


def noted(connection: Connection) -> list[tuple[Any, ...]]:
    """What this transaction added to the audit log; the auditor's role reads it."""
    connection.execute("SELECT set_config('role', 'gridwell_audit', true)")
    return connection.execute("SELECT action, subject, person, purpose FROM audit_log ORDER BY no").fetchall()


# ---- Records outside the scope that exist ----


@pytest.mark.parametrize(("code", "inside"), [
    (city.C1, {city.C1}),
    (city.S1, {city.C1, city.C2}),
    (city.S2, {city.C3, city.C4}),
    (city.D1, {city.C1, city.C2, city.C3, city.C4}),
    (city.ZONE, {city.C3, city.C5}),
    (city.CITY, {city.C1, city.C2, city.C3, city.C4, city.C5, city.C6, city.C7}),
])  # fmt: skip
def test_reporters_are_revealed_in_scope_alone(cases: dict[str, tuple[str, int]], code: str, inside: set[str]) -> None:
    assert set(cases) == set(city.CELLS) - {city.C8}
    for cell, key in cases.items():
        with seeing(viewer_of(code)) as connection:
            found = connection.execute(REPORTER, (*key, WHY)).fetchall()
            assert found == ([("王大明", b"cipher")] if cell in inside else []), cell
            name = f"{key[0]}/{key[1]}"
            told = [("reveal_reporter", f"incident {name}", f"reporter:{name}", WHY)]
            assert noted(connection) == (told if cell in inside else []), cell


@pytest.mark.parametrize(("code", "inside"), [
    (city.C1, [IN_C1]),
    (city.S1, [IN_C1, IN_C2]),
    (city.D1, [IN_C1, IN_C2, IN_C3]),
    (city.ZONE, [IN_C3, IN_C5]),
    (city.CITY, [IN_C1, IN_C2, IN_C3, IN_C5]),
])  # fmt: skip
def test_people_are_revealed_in_scope_alone(code: str, inside: list[tuple[str, int]]) -> None:
    for key in (IN_C1, IN_C2, IN_C3, IN_C5):
        with seeing(viewer_of(code)) as connection:
            assert len(connection.execute(PERSON, (*key, WHY)).fetchall()) == (key in inside), key
            assert len(noted(connection)) == (key in inside), key


def test_a_key_needs_its_own_district(cases: dict[str, tuple[str, int]]) -> None:
    with seeing(everything()) as connection:
        assert connection.execute(PERSON, (city.D2, IN_C1[1], WHY)).fetchall() == []
        assert connection.execute(REPORTER, (city.D2, cases[city.C1][1], WHY)).fetchall() == []
        assert connection.execute(PERSON, (*IN_C1, WHY)).fetchall() and connection.execute(REPORTER, (*cases[city.C1], WHY)).fetchall()


@pytest.mark.parametrize(("code", "figures", "inside"), [
    (city.S1, None, {city.S1, city.K1, city.C1, city.C2}),
    (city.S1, city.D1, {city.D1, city.S1, city.S2, city.K1, city.K2, city.C1, city.C2, city.C3, city.C4}),
    (city.ZONE, None, {city.ZONE, city.C3, city.C5}),
])  # fmt: skip
def test_heads_are_revealed_where_figures_are_seen(code: str, figures: str | None, inside: set[str]) -> None:
    for area in (row[0] for row in city.AREAS):
        with seeing(viewer_of(code, figures=figures)) as connection:
            found = connection.execute(HEAD, (area, WHY)).fetchall()
            assert found == ([(f"head {area}", "13800000000")] if area in inside else []), area
            assert noted(connection) == ([("reveal_head", f"area {area}", f"head:{area}", WHY)] if area in inside else []), area


def test_who_sees_everything_reveals_every_head() -> None:
    for area in (city.CITY, city.C8, city.ZONE):
        with seeing(everything()) as connection:
            connection.execute("SELECT set_config('gridwell.account', 'boss', true)")
            assert connection.execute(HEAD, (area, WHY)).fetchall() == [(f"head {area}", "13800000000")]


# ---- So many within an hour ----


def reveal(connection: Connection, what: str, cases: dict[str, tuple[str, int]]) -> tuple[str, tuple[Any, ...]]:
    """The statement that reveals one record of a kind, and its values."""
    return {"person": (PERSON, (*IN_C1, WHY)), "reporter": (REPORTER, (*cases[city.C1], WHY)), "head": (HEAD, (city.C1, WHY))}[what]


@pytest.mark.parametrize("what", ["person", "reporter", "head"])
def test_every_kind_of_reveal_counts_for_every_other(cases: dict[str, tuple[str, int]], what: str) -> None:
    with seeing(viewer_of(city.S1)) as connection:
        for _ in range(MOST):
            assert connection.execute(*reveal(connection, what, cases)).fetchall()
        for other in ("person", "reporter", "head"):
            statement, values = reveal(connection, other, cases)
            assert refused(connection, statement, *values) == TOO_MANY, other
        connection.execute("SELECT set_config('gridwell.account', 'another', true)")
        assert connection.execute(*reveal(connection, what, cases)).fetchall()


def test_what_is_not_revealed_does_not_count(cases: dict[str, tuple[str, int]]) -> None:
    """Neither what is out of scope, nor searches and lists."""
    with seeing(viewer_of(city.S1)) as connection:
        for _ in range(MOST + 1):
            assert connection.execute(PERSON, (*IN_C5, WHY)).fetchall() == []
        for _ in range(MOST):
            connection.execute(SEARCH, ("张小明",))
            connection.execute("SELECT audit_append('list_people', 'area x')")
        for _ in range(MOST):
            assert connection.execute(PERSON, (*IN_C1, WHY)).fetchall()


@contextmanager
def remembering(town: str, action: str, minutes: int, account: str = "worker") -> Iterator[None]:
    """As many rows of an action as are allowed, written so long ago; gone afterwards."""
    with psycopg.connect(town, autocommit=True) as owner:
        owner.execute(
            "INSERT INTO audit_log (no, at, account, role, address, action, subject, detail, prev, hash)"
            " SELECT n, now() - make_interval(mins => %s), %s, '-', '-', %s, '', '{}', '', '' FROM generate_series(1, %s) n",
            [minutes, account, action, MOST],
        )
        try:
            yield
        finally:
            owner.execute("ALTER TABLE audit_log DISABLE TRIGGER audit_stays")
            owner.execute("DELETE FROM audit_log")
            owner.execute("ALTER TABLE audit_log ENABLE TRIGGER audit_stays")


@pytest.mark.parametrize("action", ["reveal_person", "reveal_reporter", "reveal_head"])
@pytest.mark.parametrize(("minutes", "state"), [(59, TOO_MANY), (61, "")])
def test_a_reveal_counts_for_an_hour(town: str, action: str, minutes: int, state: str) -> None:
    with remembering(town, action, minutes), seeing(viewer_of(city.S1)) as connection:
        assert refused(connection, PERSON, *IN_C1, WHY) == state


@pytest.mark.parametrize(("minutes", "state"), [(59, TOO_OFTEN), (61, "")])
def test_a_search_counts_for_an_hour(town: str, minutes: int, state: str) -> None:
    with remembering(town, "search_people", minutes), seeing(viewer_of(city.S1)) as connection:
        assert refused(connection, SEARCH, "张小明") == state
        assert refused(connection, PERSON, *IN_C1, WHY) == "", "reveals are counted by themselves"


@pytest.mark.parametrize(("minutes", "state"), [(59, TOO_MANY), (61, "")])
def test_an_access_record_counts_for_an_hour(town: str, minutes: int, state: str) -> None:
    with remembering(town, "access_record", minutes), seeing(viewer_of(city.S1), AUDIT) as connection:
        assert refused(connection, RECORD, "key", "1:p1", None, None, WHY) == state


@pytest.mark.parametrize("action", ["search_people", "access_record"])
def test_of_another_account_nothing_counts(town: str, action: str) -> None:
    with remembering(town, action, 1, account="another"), seeing(viewer_of(city.S1), AUDIT if "record" in action else None) as connection:
        statement, values = (RECORD, ("key", "1:p1", None, None, WHY)) if "record" in action else (SEARCH, ("张小明",))
        assert refused(connection, statement, *values) == ""


def test_the_last_search_and_the_last_record_are_still_allowed(town: str) -> None:
    with seeing(viewer_of(city.S1)) as connection:
        states = [refused(connection, SEARCH, "nobody") for _ in range(MOST + 1)]
    assert states == [""] * MOST + [TOO_OFTEN]
    with seeing(viewer_of(city.S1), AUDIT) as connection:
        states = [refused(connection, RECORD, "key", "1:p1", None, None, WHY) for _ in range(MOST + 1)]
    assert states == [""] * MOST + [TOO_MANY]


def test_limits_are_those_that_the_migrations_set(fresh_database: FreshDatabase) -> None:
    with fresh_database() as url, psycopg.connect(url) as owner:
        assert owner.execute("SELECT name, most FROM rate_limit ORDER BY name").fetchall() == [
            ("reveals_per_hour", 30),
            ("searches_per_hour", 120),
        ]


# ---- Purposes and names ----


@pytest.mark.parametrize(("purpose", "state"), [("", NO_PURPOSE), ("走", NO_PURPOSE), (" 走 ", NO_PURPOSE), ("走访", ""), ("a b", "")])
def test_a_purpose_has_two_characters(purpose: str, state: str) -> None:
    with seeing(viewer_of(city.S1)) as connection:
        assert refused(connection, PERSON, *IN_C1, purpose) == state
    with seeing(viewer_of(city.S1), AUDIT) as connection:
        assert refused(connection, RECORD, "key", "1:p1", None, None, purpose) == state


def test_nobody_makes_an_access_record_without_a_name() -> None:
    with seeing(Viewer(detail="figures"), AUDIT) as connection:
        assert refused(connection, RECORD, "key", "1:p1", None, None, WHY) == NOT_ALLOWED


@pytest.mark.parametrize("function", [PERSON % ("'1'", "1", "'why'"), HEAD % ("'1'", "'why'"), REPORTER % ("'1'", "1", "'why'")])
def test_nobody_reveals_without_a_name(function: str) -> None:
    with seeing(Viewer(detail="people", scope="*", figures="*")) as connection:
        assert refused(connection, function) == NOT_ALLOWED


# ---- Whom a record is about ----


@pytest.mark.parametrize(("asked", "found"), [
    (("key", "1:p1", None), [("1:p1", "张*明", None, city.C1)]),
    (("key", "2:p1", None), [("2:p1", None, None, None)]),  # the key of another source
    (("key", "p1", None), [("p1", None, None, None)]),
    (("key", "1234567890:p1", None), [("1234567890:p1", None, None, None)]),
    (("id", None, b"b1"), [("1:p1", "张*明", None, city.C1)]),
    (("phone", None, b"d1"), [("1:p1", "张*明", None, city.C1)]),
    (("id", None, b"d1"), []),
    (("phone", None, b"b1"), []),
    (("name", None, b"b1"), []),
])  # fmt: skip
def test_a_record_is_about_whom_the_key_or_the_number_names(asked: tuple[Any, ...], found: list[tuple[Any, ...]]) -> None:
    with seeing(viewer_of(city.S1), AUDIT) as connection:
        assert connection.execute(RECORD, (*asked, "****", WHY)).fetchall() == found
        assert [row[2] for row in noted(connection)] == ([person for person, *_ in found] or [None])


# ---- Residents and places ----

LIVING = "SELECT DISTINCT grid FROM building_seen WHERE residents IS NOT NULL"
STANDING = "SELECT DISTINCT grid FROM {}"


@pytest.mark.parametrize(("viewer", "residents", "standing"), [
    (viewer_of(city.S1, "people", city.D1), {city.C1, city.C2}, {city.C1, city.C2, city.C3, city.C4}),
    (viewer_of(city.S1, "cases", city.D1), set(), {city.C1, city.C2, city.C3, city.C4}),
    (viewer_of(city.C3), {city.C3}, {city.C3}),
    (viewer_of(city.ZONE), {city.C3, city.C5}, {city.C3, city.C5}),
    (everything(), set(city.BUILDINGS), set(city.BUILDINGS)),
    (Viewer(detail="people", scope=city.path_of(city.S1)), set(), set()),
    (Viewer(detail="people", figures=city.path_of(city.S1)), set(), {city.C1, city.C2}),
])  # fmt: skip
def test_residents_are_seen_in_the_scope_and_buildings_where_figures_are(viewer: Viewer, residents: set[str], standing: set[str]) -> None:
    with seeing(viewer) as connection:
        assert {row[0] for row in connection.execute(LIVING)} == residents
        assert {row[0] for row in connection.execute(STANDING.format("building_seen").encode())} == standing
        facilities = {cell for _, cell, _ in city.FACILITIES}
        assert {row[0] for row in connection.execute(STANDING.format("facility").encode())} == standing & facilities


@pytest.mark.parametrize(("viewer", "names"), [
    (viewer_of(city.S1, "figures", city.D1), {city.CITY, city.D1, city.S1, city.S2, city.K1, city.K2, *city.CELLS[:4]}),
    (viewer_of(city.C8, "figures"), {city.CITY, city.D2, city.S3, city.K4, city.C8}),
    (Viewer(detail="figures", scope=city.path_of(city.S1)), {city.CITY, city.D1, city.S1}),
    (Viewer(detail="figures"), set()),
    (everything(), {row[0] for row in city.AREAS}),
])  # fmt: skip
def test_areas_are_named_inside_the_figures_and_above(viewer: Viewer, names: set[str]) -> None:
    with seeing(viewer) as connection:
        assert {row[0] for row in connection.execute("SELECT code FROM area")} == names


# ---- Functions ----

_OURS = """
SELECT p.proname, r.rolname FROM pg_proc p CROSS JOIN pg_roles r
WHERE p.prosecdef AND p.pronamespace = 'public'::regnamespace AND r.rolname LIKE 'gridwell\\_%%'
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
    AND has_function_privilege(r.oid, p.oid, 'EXECUTE')
"""
_LOOKING = {"gridwell_figures", "gridwell_cases", "gridwell_people"}
"""Functions that run with their owner's rights, by name, and the roles of ours that may call them."""
MAY_CALL = {
    "viewer_areas": _LOOKING,
    "viewer_register_areas": _LOOKING,
    "viewer_crossed_zones": _LOOKING,
    "zone_facilities": _LOOKING,
    "zone_whole_cells": _LOOKING,
    "sensitive_categories": _LOOKING,
    "sensitive_kinds": _LOOKING,
    "unit_members": {"gridwell_cases", "gridwell_people"},
    "names_of_accounts": {"gridwell_cases", "gridwell_people"},
    "scope_of": {DOOR},
    "units_of": {DOOR},
    "audit_append": {*_LOOKING, DOOR, AUDIT, IMPORTS},
    "viewer_whole_cities": {*_LOOKING, IMPORTS},
    "reveal_person": {"gridwell_people"},
    "reveal_reporter": {"gridwell_people"},
    "reveal_head": {"gridwell_cases", "gridwell_people"},
    "reveal_unit": {"gridwell_cases", "gridwell_people"},
    "add_remark_template": {"gridwell_cases", "gridwell_people"},
    "retire_remark_template": {"gridwell_cases", "gridwell_people"},
    "cases_of_reporter": {"gridwell_people"},
    "find_people": {"gridwell_people"},
    "access_record_of": {AUDIT},
    "count_entry_failure": {DOOR},
    "case_outcomes": _LOOKING,
    "note_upload": {"gridwell_cases", "gridwell_people"},
    "find_case": {"gridwell_cases", "gridwell_people"},
    "viewer_sees_case": {"gridwell_cases", "gridwell_people"},
    "stage_times": {"gridwell_cases", "gridwell_people"},
    "wall_token_end": {"gridwell_cases", "gridwell_people"},
    "duty_now": _LOOKING,
    "report_issue": _LOOKING,
    "report_keep": {PRINTER},
    "report_of_link": {DOOR},
    "report_confirm": {DOOR},
    "report_confirm_own": _LOOKING,
    "report_waits": {PRINTER},
    "report_heads": {"gridwell_cases", "gridwell_people"},
    "report_recipients": {"gridwell_cases", "gridwell_people"},
    "hazard_tell": _LOOKING,
    "viewer_departments": {*_LOOKING, IMPORTS},
    "pack_shows": {"gridwell_cases", "gridwell_people"},
    "feed_push": _LOOKING,
}


def test_each_function_with_the_owners_rights_is_open_to_the_roles_that_need_it(town: str) -> None:
    with psycopg.connect(town) as owner:
        found: dict[str, set[str]] = {}
        for name, role in owner.execute(_OURS):
            found.setdefault(name, set()).add(role)
    assert found == MAY_CALL
