"""The drill “the clock is ahead”: nothing is deleted by a date that can hardly be right, and an operator decides."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
import small_city
from audit_tools import Connection, behind_its_back, forged, written
from databases import FreshDatabase

from data import rollup
from data.accounts.lockout import must_wait
from data.auditing.owner_entries import KEEPER
from data.core.settings import ROOT
from data.doctor import installation
from data.privacy.rounding import band
from data.upkeep import clock as clock_module
from data.upkeep import plausible_time, rejected_rows, retention
from data.upkeep.clock import Clock
from data.upkeep.plausible_time import MOST_BACK, MOST_GAP, NOT_BEFORE, ClockWatch, confirm_clock, doubt_clock, follow_steps
from data.upkeep.retention import Failure, Held, Report

pytestmark = pytest.mark.slow

CITY = small_city.CITY
PEOPLE = 500
AHEAD = timedelta(days=3_700)
_PEOPLE = """
INSERT INTO person (district, city, source_id, source_key, grid, path, building_id, household, name, sex, birth_date, residence,
    retain_until)
SELECT b.district, b.city, b.source_id, 'p' || n, b.grid, b.path, b.id, 'h' || n, '张小明', 'F', '1990-03-07', 'registered',
    current_date + 700
FROM building b CROSS JOIN generate_series(1, %s) n WHERE b.source_key = 'b1'
RETURNING district, id
"""


def settle(connection: Connection) -> None:
    """Five hundred people who may be kept for two years more."""
    connection.execute("DELETE FROM area_figure")
    rollup.rebuild(connection, CITY)
    with rollup.changing_persons(connection, CITY) as touched:
        touched.add(connection.execute(_PEOPLE, [PEOPLE]).fetchall())  # type: ignore[arg-type]


@pytest.fixture
def owner(fresh_database: FreshDatabase) -> Iterator[Connection]:
    with fresh_database(small_city.load, settle) as url, psycopg.connect(url, autocommit=True) as connection:
        yield connection


def people(connection: Connection) -> int:
    row = connection.execute("SELECT count(*) FROM person").fetchone()
    assert row
    return int(row[0])


def log(connection: Connection, action: str) -> list[Any]:
    return [row[0] for row in connection.execute("SELECT detail FROM audit_log WHERE action = %s ORDER BY no", [action])]


def date_rows(connection: Connection, moments: dict[int, datetime]) -> None:
    """Give rows of the log other moments, as if they had been written then."""
    with connection.transaction(), behind_its_back(connection):
        for no, at in moments.items():
            connection.execute("UPDATE audit_log SET at = %s WHERE no = %s", [at, no])
            forged(connection, no)


def run_chores(now: datetime, *more: datetime) -> None:
    """One clock of one process, at one moment after the other."""
    clock = Clock()
    try:
        for moment in (now, *more):
            clock._chores_due_s = 0.0
            clock.chores(moment)
    finally:
        clock.close()


def test_a_clock_that_is_ten_years_ahead_deletes_nobody(owner: Connection) -> None:
    now = datetime.now(UTC)
    run_chores(now, now + AHEAD, now + AHEAD + timedelta(hours=1))
    assert people(owner) == PEOPLE
    told = log(owner, "retention_held")
    assert [one["held"] for one in told] == ["clock"] and told[0]["people"] == PEOPLE and told[0]["last_known"] == now.date().isoformat()


def test_also_a_server_that_starts_with_a_wrong_clock_deletes_nobody(owner: Connection) -> None:
    """What it writes meanwhile is dated wrongly as well, and makes the date no better."""
    now = datetime.now(UTC)
    run_chores(now)
    with owner.transaction():
        numbers = written(owner, 50)
    date_rows(owner, {no: now + AHEAD + timedelta(minutes=n) for n, no in enumerate(numbers)})
    run_chores(now + AHEAD + timedelta(hours=2))
    assert people(owner) == PEOPLE
    assert doubt_clock(owner, now + AHEAD + timedelta(hours=2)) is not None


def test_when_the_clock_is_right_again_all_goes_on_by_itself(owner: Connection) -> None:
    now = datetime.now(UTC)
    run_chores(now, now + AHEAD, now + timedelta(days=1))
    assert len(log(owner, "retention")) == 2 and people(owner) == PEOPLE
    assert doubt_clock(owner, now + timedelta(days=1)) is None


def test_no_deadline_passes_and_no_rejected_row_goes_meanwhile(owner: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    ticked: list[datetime] = []
    monkeypatch.setattr(clock_module, "tick", lambda connection, city, now: ticked.append(now) is None)
    owner.execute("UPDATE city SET as_of = NULL")
    owner.execute("INSERT INTO import_run (city, profile, started_at, outcome, report) VALUES ('c', 'p', now(), 'loaded', '{}')")
    owner.execute(
        "INSERT INTO reject (run_id, source, file, line, value, reason, sentence) SELECT id, 's', 'f', 1, 'v', 'r', 't' FROM import_run"
    )
    now = datetime.now(UTC)
    clock = Clock()
    try:
        assert clock.step(now) == [CITY]
        clock.chores(now)
        assert clock.step(now + AHEAD) == []
        clock._chores_due_s = 0.0
        clock.chores(now + AHEAD)
        assert clock.step(now + timedelta(minutes=1)) == [CITY]
    finally:
        clock.close()
    assert ticked == [now, now + timedelta(minutes=1)]
    assert rejected_rows.count_old(owner, now + AHEAD).rows == 1, "it would be old enough"


def test_chores_go_on_after_a_jump_ahead_and_back(owner: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next time is a matter of the monotonic clock: otherwise they would wait for ten years."""
    passed = iter([0.0, 0.0, 4_000.0, 4_000.0, 8_000.0, 8_000.0])
    monkeypatch.setattr(clock_module, "monotonic", lambda: next(passed))
    now = datetime.now(UTC)
    clock = Clock()
    try:
        for moment in (now, now + AHEAD, now + timedelta(days=1)):
            clock.chores(moment)
    finally:
        clock.close()
    assert len(log(owner, "retention")) == 2


# ---- What is plausible ----


@pytest.mark.parametrize(
    ("after", "plausible"),
    [
        (timedelta(0), True),
        (MOST_GAP, True),
        (MOST_GAP + timedelta(seconds=1), False),
        (-MOST_BACK, True),
        (-MOST_BACK - timedelta(seconds=1), False),
    ],
)
def test_a_moment_is_plausible_near_the_newest_row(owner: Connection, after: timedelta, plausible: bool) -> None:
    with owner.transaction():
        written(owner, 3)
    known = datetime(2027, 1, 1, tzinfo=UTC)
    date_rows(owner, {1: known - 2 * MOST_GAP, 2: known - MOST_GAP, 3: known})
    assert (doubt_clock(owner, known + after) is None) == plausible


def test_without_a_log_only_a_moment_before_this_code_is_wrong(owner: Connection) -> None:
    assert doubt_clock(owner, NOT_BEFORE) is None and doubt_clock(owner, NOT_BEFORE + AHEAD) is None
    doubt = doubt_clock(owner, datetime(1970, 1, 1, tzinfo=UTC))
    assert doubt is not None and doubt.known == NOT_BEFORE


def test_rows_lead_to_the_present_in_steps() -> None:
    start, day = datetime(2027, 1, 1, tzinfo=UTC), timedelta(days=1)
    steps = [(start + n * 20 * day, start + n * 20 * day) for n in range(1, 4)]
    assert follow_steps(start, steps) == start + 60 * day
    assert follow_steps(start, [(start + AHEAD, start + AHEAD), *steps]) == start + 60 * day, "a wrong day is left out"
    assert follow_steps(start, [(start - 9 * day, start - 9 * day)]) == start
    assert follow_steps(None, [(start, start + day)]) == start + day and follow_steps(None, []) is None


def test_a_confirmed_date_is_trusted(owner: Connection) -> None:
    now = datetime.now(UTC)
    with owner.transaction():
        written(owner, 1)
    date_rows(owner, {1: now - MOST_GAP * 3})
    assert doubt_clock(owner, now) is not None, "the server was off for a quarter of a year"
    with owner.transaction():
        confirm_clock(owner, now, "cli:zhao")
    assert doubt_clock(owner, now) is None


def test_a_process_that_runs_sees_a_jump_at_once(owner: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[datetime] = []
    monkeypatch.setattr(plausible_time, "doubt_clock", lambda connection, now: asked.append(now))
    watch, now = ClockWatch(), datetime.now(UTC)
    for moment in (now, now + timedelta(seconds=290), now + timedelta(seconds=310), now + AHEAD):
        watch.doubt(owner, moment)
    assert asked == [now, now + timedelta(seconds=310), now + AHEAD]


# ---- An unusual share ----


@pytest.mark.parametrize(
    ("overdue", "held"),
    [(20, False), (25, False), (26, True), (500, True)],
)
def test_more_than_one_in_twenty_rows_have_to_be_confirmed(owner: Connection, overdue: int, held: bool) -> None:
    now = datetime.now(UTC)
    owner.execute("UPDATE person SET retain_until = '2026-01-01' WHERE id IN (SELECT id FROM person ORDER BY id LIMIT %s)", [overdue])
    [done] = retention.delete_daily(owner, now, KEEPER)
    assert isinstance(done, Held) == held
    assert people(owner) == PEOPLE - (0 if held else overdue)
    if isinstance(done, Held):
        retention.delete_daily(owner, now, KEEPER)
        told = {"today": done.report.today.isoformat(), "people": band(overdue), "reporters": 0, "held": "share"}
        assert log(owner, "retention_held") == [told], "once a day"


def test_what_was_usual_before_needs_no_confirmation(owner: Connection) -> None:
    with owner.transaction():
        written(owner, 1, action="retention", subject=CITY, detail={"people": 20, "reporters": 0, "today": "2026-11-01"})
    owner.execute("UPDATE person SET retain_until = '2026-01-01' WHERE id IN (SELECT id FROM person ORDER BY id LIMIT 60)")
    assert [type(one) for one in retention.delete_overdue(owner, datetime.now(UTC))] == [Report]
    assert people(owner) == PEOPLE - 60


# ---- The command, the doctor, and what else a wrong date does ----


def command(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "cli", "retention", *words], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )


def test_the_command_deletes_what_is_confirmed_by_its_number(owner: Connection) -> None:
    owner.execute("UPDATE person SET retain_until = '2026-01-01' WHERE id IN (SELECT id FROM person ORDER BY id LIMIT 400)")
    told = command()
    assert told.returncode == 1 and "unusually many rows would go: 400 / 500 people and 0 / 0 reporters" in told.stdout
    assert "./gridwell retention --confirm 400" in told.stdout
    assert not installation.retention(owner).ok
    wrong = command("--confirm", "399")
    assert wrong.returncode == 1 and "400 rows wait for a confirmation, not 399" in wrong.stdout and people(owner) == PEOPLE
    done = command("--confirm", "400")
    assert done.returncode == 0 and "400 people and 0 reporters deleted" in done.stdout and people(owner) == 100
    assert installation.retention(owner).ok


def test_the_command_tells_of_a_wrong_date(owner: Connection) -> None:
    with owner.transaction():
        written(owner, 1)
    date_rows(owner, {1: datetime(2027, 1, 1, tzinfo=UTC) + AHEAD})
    told = command()
    assert told.returncode == 1 and "Set the clock right." in told.stdout and "the last known moment is 2037" in told.stdout
    assert not installation.clock(owner).ok
    done = command("--confirm", "0")
    assert done.returncode == 0 and len(log(owner, "clock_confirmed")) == 1
    assert installation.clock(owner).ok and installation.retention(owner).ok


def test_a_failure_that_a_wrong_clock_dated_ahead_locks_nobody_out() -> None:
    now = datetime.now(UTC)
    assert must_wait(9, now, now) and must_wait(9, now + timedelta(seconds=1), now), "two clocks may differ a little"
    assert not must_wait(9, now + AHEAD, now)


def test_failures_are_still_told(owner: Connection) -> None:
    owner.execute("CREATE FUNCTION stuck() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE check_violation; END $$")
    owner.execute("CREATE TRIGGER stuck BEFORE DELETE ON person FOR EACH ROW EXECUTE FUNCTION stuck()")
    owner.execute("UPDATE person SET retain_until = '2026-01-01' WHERE id IN (SELECT id FROM person ORDER BY id LIMIT 3)")
    assert [type(one) for one in retention.delete_overdue(owner, datetime.now(UTC))] == [Failure]
