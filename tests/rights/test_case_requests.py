"""Requests to change a case: stamped with who asks, refused out of scope, seen by nobody else; steps that were made stay."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
import small_city as city
from databases import FreshDatabase
from rights_tools import as_service, become, load_people, refused, seeing, viewer_of

from data.core.viewer import Viewer, everything
from data.database.partitions import ensure_partitions

Connection = psycopg.Connection[Any]
DENIED, STAYS = "42501", "GW007"
ASK = """
INSERT INTO case_request (id, city, district, incident_id, reported_at, key, hash, body)
SELECT %s, city, district, id, reported_at, 'k', 'h', '{"step": "remark"}' FROM incident WHERE source_key = %s
"""
DIRECT = """
INSERT INTO case_request (id, city, district, incident_id, reported_at, key, hash, body) VALUES (%s, %s, %s, %s, %s, 'k', '', '{}')
"""
REPORT = "INSERT INTO case_request (id, city, grid, key, hash, body) VALUES (%s, %s, %s, 'k', 'h', '{}')"
C1_CASE, C8_CELL = "i01", city.C8


@pytest.fixture(scope="module", autouse=True)
def town(fresh_database: FreshDatabase) -> Iterator[str]:
    """The small city with people and histories."""
    with fresh_database(city.load, load_people) as url:
        yield url


def direct(town: str, key: str) -> tuple[Any, ...]:
    """City, district, id and moment of a case, as the owner knows them."""
    with psycopg.connect(town) as owner:
        row = owner.execute("SELECT city, district, id, reported_at FROM incident WHERE source_key = %s", [key]).fetchone()
    assert row
    return row


def test_a_request_says_who_asks_and_cannot_say_otherwise(town: str) -> None:
    with seeing(viewer_of(city.C1, "cases")) as connection:
        connection.execute(ASK, [uuid.uuid4(), C1_CASE])
        found = connection.execute("SELECT account, role, detail, scope, zone, outcome FROM case_request").fetchall()
        assert found == [("worker", "grid_worker", "gridwell_cases", city.path_of(city.C1), "", None)]
        for column in ("account", "role", "detail", "scope", "zone", "outcome", "asked_at", "no"):
            assert refused(connection, f"INSERT INTO case_request ({column}) VALUES (NULL)") == DENIED, column
        for statement in ("UPDATE case_request SET body = '{}'", "TRUNCATE case_request", "INSERT INTO case_idempotency DEFAULT VALUES"):
            assert refused(connection, statement) == DENIED, statement


@pytest.mark.parametrize("code", [city.C1, city.S1, city.D1, city.CITY])
def test_a_case_in_scope_may_be_asked_about(town: str, code: str) -> None:
    with seeing(viewer_of(code)) as connection:
        assert refused(connection, ASK, uuid.uuid4(), C1_CASE) == ""
        assert refused(connection, REPORT, uuid.uuid4(), city.CITY, city.C1) == ""


@pytest.mark.parametrize("code", [city.C8, city.S3, city.ZONE])
def test_a_case_or_cell_out_of_scope_is_refused(town: str, code: str) -> None:
    given = direct(town, C1_CASE)
    with seeing(viewer_of(code)) as connection:
        assert refused(connection, DIRECT, uuid.uuid4(), *given) == DENIED
        assert refused(connection, REPORT, uuid.uuid4(), city.CITY, city.C1) == DENIED
        assert refused(connection, REPORT, uuid.uuid4(), "elsewhere", C8_CELL) == DENIED


def test_a_sensitive_case_is_asked_about_by_those_alone_who_see_it(town: str) -> None:
    given = direct(town, C1_CASE)
    with psycopg.connect(town) as owner:
        owner.execute("UPDATE category SET sensitive = true WHERE subject = 'incident' AND code = 'env'")
    try:
        with seeing(viewer_of(city.C1, "cases")) as connection:
            assert refused(connection, DIRECT, uuid.uuid4(), *given) == DENIED
        with seeing(viewer_of(city.C1, "people")) as connection:
            assert refused(connection, DIRECT, uuid.uuid4(), *given) == ""
    finally:
        with psycopg.connect(town) as owner:
            owner.execute("UPDATE category SET sensitive = false")


def test_requests_of_others_are_not_seen_and_a_done_one_is_not_given_up(town: str) -> None:
    mine = uuid.uuid4()
    with as_service() as connection:
        become(connection, viewer_of(city.C1, "cases"))
        connection.execute(ASK, [mine, C1_CASE])
        connection.commit()
    with seeing(everything()) as connection:
        assert connection.execute("SELECT count(*) FROM case_request").fetchone() == (0,)
        assert connection.execute("DELETE FROM case_request").rowcount == 0
        assert connection.execute("SELECT * FROM case_outcomes(%s)", [[mine]]).fetchall() == []
    with psycopg.connect(town) as owner:
        owner.execute("UPDATE case_request SET outcome = '{\"ok\": true}'")
    with seeing(viewer_of(city.C1, "cases")) as connection:
        assert connection.execute("DELETE FROM case_request").rowcount == 0
        assert connection.execute("SELECT id, outcome FROM case_outcomes(%s)", [[mine, uuid.uuid4()]]).fetchall() == [(mine, {"ok": True})]
    with psycopg.connect(town) as owner:
        owner.execute("DELETE FROM case_request")


def test_without_an_account_nothing_is_asked(town: str) -> None:
    with seeing(viewer_of(city.C1)) as connection:
        connection.execute("SELECT set_config('gridwell.account', '', true)")
        assert refused(connection, ASK, uuid.uuid4(), C1_CASE) == DENIED


def test_figures_alone_are_no_right_to_ask(town: str) -> None:
    with seeing(viewer_of(city.C1, "figures")) as connection:
        assert refused(connection, REPORT, uuid.uuid4(), city.CITY, city.C1) == DENIED


def test_steps_that_were_made_here_stay_for_everybody(town: str) -> None:
    with psycopg.connect(town) as owner:
        made = "UPDATE incident_event SET account = 'worker', step = 'file', details = '{\"a\": 1}' WHERE district = %s"
        owner.execute(made, [city.D1])
        for statement in (
            *("UPDATE incident_event SET remark = 'other'", "UPDATE incident_event SET account = NULL", "DELETE FROM incident_event"),
            *("TRUNCATE incident_event", "UPDATE incident_event SET district = 'x', details = '{}'"),
        ):
            assert refused(owner, statement) == STAYS, statement
        assert refused(owner, "UPDATE incident_event SET remark = 'x' WHERE account IS NULL") == "", "published steps follow their feed"
        assert refused(owner, "UPDATE incident_event SET district = 'x'") == "", "borders may change"
        owner.execute("SET LOCAL gridwell.removing_cases = 'on'")
        assert refused(owner, "DELETE FROM incident_event") == "", "who deletes whole cases says so"
        owner.rollback()


# ---- Finding a case by its number ----

FOUND = "SELECT case_city, case_district, case_id, case_moment FROM find_case(%s, %s)"
SEES = "SELECT viewer_sees_case(%s, %s, %s, %s)"
TIMES = "SELECT DISTINCT case_district, case_id FROM stage_times(%s, %s, %s)"
CODES = (city.C1, city.C8, city.S1, city.S3, city.D1, city.D2, city.CITY, city.ZONE)
SOMEBODY = [*(viewer_of(code, detail) for code in CODES for detail in ("cases", "people")), everything(), Viewer(detail="cases")]


@pytest.fixture
def sensitive(town: str) -> Iterator[None]:
    """One of the categories is sensitive."""
    with psycopg.connect(town) as owner:
        owner.execute("UPDATE category SET sensitive = true WHERE subject = 'incident' AND code = 'env'")
    yield
    with psycopg.connect(town) as owner:
        owner.execute("UPDATE category SET sensitive = false")


def keys(town: str) -> list[tuple[str, tuple[Any, ...]]]:
    """Number and key of each case, as the owner knows them."""
    with psycopg.connect(town) as owner:
        return [(row[0], row[1:]) for row in owner.execute("SELECT number, city, district, id, reported_at FROM incident").fetchall()]


@pytest.mark.usefixtures("sensitive")
@pytest.mark.parametrize("viewer", SOMEBODY, ids=lambda viewer: f"{viewer.scope_code or viewer.scope or 'nothing'}-{viewer.detail}")
def test_functions_that_find_a_case_tell_exactly_what_its_policy_tells(town: str, viewer: Viewer) -> None:
    with seeing(viewer) as connection:
        seen = {row[0] for row in connection.execute("SELECT number FROM incident")}
        for number, key in keys(town):
            expected = [key] if number in seen else []
            for of_city in (None, city.CITY):
                assert connection.execute(FOUND, [number, of_city]).fetchall() == expected, number
            assert connection.execute(FOUND, [number, "elsewhere"]).fetchall() == []
            assert connection.execute(SEES, key).fetchone() == (number in seen,)
            assert connection.execute(SEES, ["elsewhere", *key[1:]]).fetchone() == (False,)
            assert connection.execute(SEES, [*key[:3], key[3] + timedelta(microseconds=1)]).fetchone() == (False,)


@pytest.mark.usefixtures("sensitive")
@pytest.mark.parametrize("viewer", SOMEBODY, ids=lambda viewer: f"{viewer.scope_code or viewer.scope or 'nothing'}-{viewer.detail}")
def test_times_in_stages_are_told_of_exactly_the_cases_that_are_seen(town: str, viewer: Viewer) -> None:
    """Two steps are made on every case, as if somebody had worked on all of them; then everybody asks for the times of all cases."""
    all_keys = [key for _, key in keys(town)]
    asked = [list(column) for column in zip(*((key[1], key[2], key[3]) for key in all_keys), strict=True)]
    with psycopg.connect(town) as owner:
        owner.execute(_TWO_STEPS)
    try:
        with seeing(viewer) as connection:
            seen = {tuple(row) for row in connection.execute("SELECT district, id FROM incident")}
            assert set(connection.execute(TIMES, asked).fetchall()) == seen
            moved = [asked[0], asked[1], [moment + timedelta(microseconds=1) for moment in asked[2]]]
            assert connection.execute(TIMES, moved).fetchall() == [], "a case is named by its moment, too"
    finally:
        with psycopg.connect(town) as owner:
            owner.execute("SET LOCAL gridwell.removing_cases = 'on'")
            owner.execute("DELETE FROM incident_event WHERE actor = 'of this test'")


_TWO_STEPS = """
INSERT INTO incident_event (district, incident_id, seq, at, stage, actor, account)
SELECT district, id, 1000 + n, reported_at + make_interval(hours => n), 'filed', 'of this test', 'somebody'
FROM incident, generate_series(0, 1) n
"""


def months_read(connection: Connection) -> set[str]:
    """The months that the transaction has read so far."""
    read = """
        SELECT relname FROM pg_stat_xact_user_tables
        WHERE relname ~ '^incident_(\\d{4}_\\d\\d|before|after)$' AND coalesce(seq_scan, 0) + coalesce(idx_scan, 0) > 0
    """
    return {row[0] for row in connection.execute(read).fetchall()}


def test_whether_a_case_is_seen_is_read_from_its_month_alone(town: str) -> None:
    for viewer in (everything(), viewer_of(city.C1, "cases")):
        with seeing(viewer) as connection:
            key = direct(town, "i06")
            assert months_read(connection) == set()
            for _ in range(8):  # also when the plan is kept
                assert connection.execute(SEES, key).fetchone() == (True,)
            assert refused(connection, DIRECT, uuid.uuid4(), *key) == ""
            assert months_read(connection) == {"incident_2026_10"}


def test_of_several_cases_with_a_number_the_newest_that_is_seen_is_found(town: str) -> None:
    with psycopg.connect(town) as owner:
        now = datetime.now(UTC)
        # The last that counts as recent, the first that does not, and one of long ago.
        moments = {"i01": now - timedelta(days=400), "i02": now - timedelta(days=63), "i21": now - timedelta(days=61)}
        ensure_partitions(owner, {moment.date() for moment in moments.values()})
        known = "SELECT source_key, reported_at, number FROM incident WHERE source_key = ANY(%s)"
        before = owner.execute(known, [list(moments)]).fetchall()
        for key, moment in moments.items():
            owner.execute("UPDATE incident SET number = 'twin', reported_at = %s WHERE source_key = %s", [moment, key])
    try:
        with seeing(everything()) as connection:
            assert connection.execute(FOUND, ["twin", None]).fetchall() == [direct(town, "i21")]
            first = f"incident_{now - timedelta(days=62):%Y_%m}"
            read = months_read(connection)
            assert read and all(name >= first for name in read), "cases of long ago are looked for only where there is no newer one"
        with seeing(viewer_of(city.D1)) as connection:
            assert connection.execute(FOUND, ["twin", None]).fetchall() == [direct(town, "i02")]
            assert connection.execute("SELECT count(*) FROM incident WHERE number = 'twin'").fetchone() == (2,), "the other is elsewhere"
    finally:
        with psycopg.connect(town) as owner:
            for key, moment, number in before:
                owner.execute("UPDATE incident SET number = %s, reported_at = %s WHERE source_key = %s", [number, moment, key])
