"""Rows are deleted after their retention period, the figures follow, and the audit log records it; the log itself stays."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
import small_city
from audit_tools import Connection, written
from databases import FreshDatabase

from data import rollup
from data.auditing import anchors
from data.auditing.owner_entries import KEEPER
from data.cluster.errors import FolderRefused
from data.core.settings import ROOT, settings
from data.upkeep import retention
from data.upkeep.clock import Clock
from data.upkeep.retention import Failure, Report

pytestmark = pytest.mark.slow

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
        touched.add([connection.execute(_PERSON, one).fetchone() for one in people])  # type: ignore[misc]
    connection.execute(_REPORTER, ("2026-11-22", "i01"))
    connection.execute(_REPORTER, ("2026-11-23", "i02"))


@pytest.fixture
def settled(fresh_database: FreshDatabase) -> Iterator[str]:
    with fresh_database(small_city.load, settle) as url:
        yield url


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
    assert log(owner) == [("cli:zhao", CITY, {"today": "2026-11-23", "people": "<5", "reporters": "<5"})]
    with owner.transaction():
        assert rollup.compare(owner, CITY) == []


def test_reporters_of_cases_without_a_place_may_be_kept_no_longer_either(owner: Connection) -> None:
    """Such a case counts for an area in a leaf of its own, and its reporter's row says the same."""
    with owner.transaction():
        leaf = small_city.lose_place(owner, small_city.D1, "i01", "i03", "i05")
        for key, day in (("i03", "2026-11-22"), ("i05", "2027-11-22")):
            owner.execute(_REPORTER, (day, key))
        owner.execute(
            "UPDATE incident_reporter r SET grid = i.grid, path = i.path, district = i.district FROM incident i WHERE i.id = r.incident_id"
        )
        rollup.rebuild(owner, CITY)
    counted = owner.execute("SELECT count(*) FROM incident_reporter WHERE grid = %s", [leaf]).fetchone()
    assert counted == (3,)
    assert [report.reporters for report in retention.count_overdue(owner, NOW)] == [2]
    assert [report.reporters for report in retention.delete_overdue(owner, NOW, "cli:zhao")] == [2]  # type: ignore[union-attr]
    kept = owner.execute("SELECT i.source_key, r.retain_until::text FROM incident_reporter r JOIN incident i ON i.id = r.incident_id")
    assert sorted(kept.fetchall()) == [("i02", "2026-11-23"), ("i05", "2027-11-22")]
    assert owner.execute("SELECT count(*) FROM incident WHERE grid = %s", [leaf]).fetchone() == (3,), "the cases themselves stay"
    with owner.transaction():
        assert rollup.compare(owner, CITY) == []


def test_a_last_day_ends_with_the_citys_own_midnight(owner: Connection) -> None:
    assert [report.people for report in retention.count_overdue(owner, NOW)] == [3]
    assert [report.people for report in retention.count_overdue(owner, NOW.replace(hour=16))] == [4]


def test_a_dry_run_deletes_nothing_and_writes_nothing(owner: Connection) -> None:
    assert retention.count_overdue(owner, NOW) == [Report(CITY, NOW.date(), people=3, reporters=1)]
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


@pytest.fixture
def stuck(owner: Connection) -> Connection:
    """A second city, which comes after the first; of the first no person can be deleted."""
    owner.execute("INSERT INTO city (code, name, name_en, timezone) VALUES ('999', '后城', 'Latter', 'Asia/Shanghai')")
    owner.execute(
        "CREATE FUNCTION stuck() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE check_violation USING MESSAGE = OLD.name; END $$"
    )
    owner.execute("CREATE TRIGGER stuck BEFORE DELETE ON person FOR EACH ROW EXECUTE FUNCTION stuck()")
    return owner


def failures(connection: Connection) -> list[tuple[Any, ...]]:
    found = connection.execute("SELECT account, subject, detail ->> 'reason' FROM audit_log WHERE action = 'retention_failed' ORDER BY no")
    return found.fetchall()


def test_a_city_that_fails_deletes_nothing_and_stops_no_other(stuck: Connection) -> None:
    reason = "CheckViolation 23514"
    assert list(retention.delete_overdue(stuck, NOW, "cli:zhao")) == [
        Failure(CITY, NOW.date(), reason),
        Report("999", NOW.date(), people=0, reporters=0),
    ]
    assert stuck.execute("SELECT count(*) FROM person").fetchone() == (5,) and figures(stuck, C1) == (3, 2, 1, 2)
    assert [city for _, city, _ in log(stuck)] == ["999"]
    assert failures(stuck) == [("cli:zhao", CITY, reason)], "what PostgreSQL says of a row holds the row, and stays out of the log"


def test_the_daily_job_goes_on_notes_a_failure_once_and_tries_again(stuck: Connection) -> None:
    now = datetime.now(UTC)
    assert [type(one) for one in retention.delete_daily(stuck, now, KEEPER)] == [Failure, Report]
    assert [type(one) for one in retention.delete_daily(stuck, now, KEEPER)] == [Failure]
    assert failures(stuck) == [(KEEPER, CITY, "CheckViolation 23514")]
    stuck.execute("DROP TRIGGER stuck ON person")
    assert [type(one) for one in retention.delete_daily(stuck, now, KEEPER)] == [Report]
    assert retention.delete_daily(stuck, now, KEEPER) == []


def test_the_clock_deletes_also_where_the_head_of_the_log_cannot_be_kept(
    owner: Connection, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("GRIDWELL_HOME", str(tmp_path / "file"))
    settings.cache_clear()
    clock = Clock()
    try:
        with pytest.raises(FolderRefused):
            clock.chores(datetime.now(UTC))
    finally:
        clock.close()
        monkeypatch.undo()
        settings.cache_clear()
    assert len(log(owner)) == 1


def test_the_door_tells_of_a_failure(stuck: Connection) -> None:
    done = asked()
    assert done.returncode == 1 and "nothing could be deleted (CheckViolation 23514)" in done.stdout and "999, last day" in done.stdout


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
    assert anchors.anchor_file().parent == settings().home


def test_by_hand_means_that_the_clock_leaves_it(owner: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRIDWELL_RETENTION", "by_hand")
    settings.cache_clear()
    clock = Clock()
    try:
        clock.chores(datetime.now(UTC))
    finally:
        clock.close()
    assert log(owner) == []


def asked(*more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "cli", "retention", *more], cwd=ROOT, capture_output=True, text=True, timeout=60)


def test_the_door_tells_what_it_did(owner: Connection) -> None:
    counted = asked("--dry-run").stdout
    assert "reporters would be deleted" in counted and log(owner) == []
    assert f"{CITY}: 6 rows have a last day; the first is 2020-01-01" in counted
    told = asked()
    assert told.returncode == 0, told.stderr
    assert f"{CITY}, last day before" in told.stdout and "reporters deleted" in told.stdout and "180 days" in told.stdout
    assert len(log(owner)) == 1
