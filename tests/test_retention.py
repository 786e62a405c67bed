"""Rows that may be kept no longer go, the figures follow, and the audit log says so; the log itself stays."""

import subprocess
import sys
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
import small_city
from audit_tools import Connection, written

from data import retention, rollup
from data.auditing import anchors
from data.auditing.owner import KEEPER
from data.retention import Report
from data.settings import ROOT, settings
from data.ticking import Clock

CITY, C1, C2 = small_city.CITY, small_city.C1, small_city.C2
NOW = datetime(2026, 11, 23, 15, 59, tzinfo=UTC)
"""23:59 in Shanghai."""
_PERSON = """
INSERT INTO person (district, city, source_id, source_key, grid, path, building_id, household, name, sex, birth_date, residence,
    retain_until)
SELECT b.district, b.city, b.source_id, %s, b.grid, b.path, b.id, %s, '张小明', %s, '1990-03-07', 'registered', %s::date
FROM building b WHERE b.source_key = %s
RETURNING district, id
"""
_REPORTER = """
INSERT INTO incident_reporter (district, incident_id, city, grid, path, name, retain_until)
SELECT district, id, city, grid, path, '李四', %s::date FROM incident WHERE source_key = %s
"""


def settle(connection: Connection) -> None:
    """Five people in two cells, three of whom may be kept no longer on the 23rd; two reporters, one of whom likewise."""
    people = [
        ("p1", "h1", "M", "2026-11-22", "b1"),
        ("p2", "h1", "F", "2026-11-23", "b1"),
        ("p3", "h2", "F", None, "b2"),
        ("p4", "h3", "M", "2020-01-01", "b4"),
        ("p5", "h3", "M", "2025-12-31", "b4"),
    ]
    connection.execute("DELETE FROM area_figure")
    rollup.rebuild(connection, CITY)
    with rollup.changing_persons(connection, CITY) as touched:
        touched.also([connection.execute(_PERSON, one).fetchone() for one in people])  # type: ignore[misc]
    connection.execute(_REPORTER, ("2026-11-22", "i01"))
    connection.execute(_REPORTER, ("2026-11-23", "i02"))


@pytest.fixture
def settled(database: str) -> str:
    with psycopg.connect(database) as connection:
        small_city.load(connection)
        settle(connection)
    return database


@pytest.fixture
def owner(settled: str) -> Any:
    with psycopg.connect(settled, autocommit=True) as connection:
        yield connection


def figures(connection: Connection, code: str) -> tuple[Any, ...] | None:
    return connection.execute("SELECT population, households, male, female FROM area_figure WHERE area = %s", [code]).fetchone()


def log(connection: Connection) -> list[tuple[Any, ...]]:
    return connection.execute("SELECT account, subject, detail FROM audit_log WHERE action = 'retention' ORDER BY no").fetchall()


def test_what_may_be_kept_no_longer_goes_and_figures_follow(owner: Connection) -> None:
    assert (figures(owner, C1), figures(owner, C2)) == ((3, 2, 1, 2), (2, 1, 2, 0))
    before = owner.execute("SELECT versions FROM city").fetchone()
    assert list(retention.delete_overdue(owner, NOW, "cli:zhao")) == [Report(CITY, NOW.date(), people=3, reporters=1)]
    assert owner.execute("SELECT source_key FROM person ORDER BY 1").fetchall() == [("p2",), ("p3",)]
    assert owner.execute("SELECT count(*) FROM incident_reporter").fetchone() == (1,)
    assert (figures(owner, C1), figures(owner, C2)) == ((2, 2, 0, 2), (0, 0, 0, 0))
    assert owner.execute("SELECT source_key, residents FROM building WHERE residents > 0 ORDER BY 1").fetchall() == [("b1", 1), ("b2", 1)]
    after = owner.execute("SELECT versions FROM city").fetchone()
    assert before and after and {s for s in after[0] if after[0][s] != before[0][s]} == {"population", "buildings"}
    assert log(owner) == [("cli:zhao", CITY, {"today": "2026-11-23", "people": 3, "reporters": 1})]
    with owner.transaction():
        assert rollup.compare(owner, CITY) == []


def test_a_last_day_ends_with_the_citys_own_midnight(owner: Connection) -> None:
    assert [report.people for report in retention.overdue(owner, NOW)] == [3]
    assert [report.people for report in retention.overdue(owner, NOW.replace(hour=16))] == [4]


def test_a_dry_run_deletes_nothing_and_writes_nothing(owner: Connection) -> None:
    assert retention.overdue(owner, NOW) == [Report(CITY, NOW.date(), people=3, reporters=1)]
    assert owner.execute("SELECT count(*) FROM person").fetchone() == (5,) and log(owner) == []


def test_it_runs_once_a_day(owner: Connection) -> None:
    today = datetime.now(UTC)
    assert [report.people for report in retention.delete_daily(owner, today, KEEPER)] != []
    assert retention.delete_daily(owner, today, KEEPER) == [] and len(log(owner)) == 1


def test_a_city_that_is_being_changed_has_to_wait(owner: Connection, settled: str) -> None:
    with psycopg.connect(settled) as loader:
        loader.execute("SELECT pg_advisory_xact_lock(%s)", [retention.LOADING])
        assert retention.delete_daily(owner, datetime.now(UTC), KEEPER) == []
    assert len(retention.delete_daily(owner, datetime.now(UTC), KEEPER)) == 1


def test_what_fails_deletes_nothing(owner: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: Any) -> int:
        raise psycopg.errors.DiskFull

    monkeypatch.setattr("data.retention.note", refused)
    with pytest.raises(psycopg.errors.DiskFull):
        list(retention.delete_overdue(owner, NOW))
    assert owner.execute("SELECT count(*) FROM person").fetchone() == (5,) and figures(owner, C1) == (3, 2, 1, 2)


def test_the_log_itself_is_never_too_old(owner: Connection) -> None:
    written(owner, 5)
    list(retention.delete_overdue(owner, NOW.replace(year=2100)))
    assert owner.execute("SELECT count(*) FROM audit_log WHERE action = 'sign_in'").fetchone() == (5,)


def test_the_clock_does_it_and_keeps_the_head_of_the_log(owner: Connection) -> None:
    clock = Clock()
    try:
        clock.chores(datetime.now(UTC))
        clock.chores(datetime.now(UTC))
    finally:
        clock.close()
    assert [account for account, _, _ in log(owner)] == [KEEPER]
    assert anchors.place().parent == settings().home


def test_by_hand_means_that_the_clock_leaves_it(owner: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRIDWELL_RETENTION", "by_hand")
    settings.cache_clear()
    clock = Clock()
    try:
        clock.chores(datetime.now(UTC))
    finally:
        clock.close()
    assert log(owner) == []


def test_the_door_tells_what_it_did(owner: Connection) -> None:
    def asked(*more: str) -> str:
        done = subprocess.run([sys.executable, "-m", "cli", "retention", *more], cwd=ROOT, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout

    counted = asked("--dry-run")
    assert "reporters would be deleted" in counted and log(owner) == []
    assert f"{CITY}: 6 rows have a last day; the first is 2020-01-01" in counted
    told = asked()
    assert f"{CITY}, last day before" in told and "reporters deleted" in told and "180 days" in told
    assert len(log(owner)) == 1
