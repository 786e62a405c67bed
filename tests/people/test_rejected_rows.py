"""Texts of rejected rows are deleted with the register's retention: in the table and in the files."""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from audit_tools import Connection

from data.auditing.owner_entries import KEEPER
from data.core.settings import ROOT, settings
from data.upkeep import rejected_rows
from data.upkeep.clock import Clock

NOW = datetime.now(UTC)
AGES = {"old": 181, "edge": 179, "new": 0}
"""Days since each import ended."""


@pytest.fixture
def owner(database: str, home: Path) -> Iterator[Connection]:
    """Three imports with two rejected rows and a file each; beside the files one that is nobody's of ours."""
    with psycopg.connect(database, autocommit=True) as connection:
        (home / "rejects").mkdir()
        for city, days in AGES.items():
            at = NOW - timedelta(days=days)
            run = connection.execute(
                "INSERT INTO import_run (city, profile, started_at, finished_at, outcome, report)"
                " VALUES (%s, 'p', %s, %s, 'loaded', '{\"rejected\": 2}') RETURNING id",
                [city, at - timedelta(days=3), at],
            ).fetchone()
            assert run
            for line in (1, 2):
                connection.execute(
                    "INSERT INTO reject (run_id, source, file, line, value, reason, sentence) VALUES (%s, 's', 'f', %s, 'v', 'r', 't')",
                    [run[0], line],
                )
            put(home / "rejects" / f"{city}-{run[0]}.csv", days)
        put(home / "rejects" / "notes.csv", 400)
        yield connection


def put(path: Path, days: int) -> None:
    path.write_text("x")
    os.utime(path, (at := (NOW - timedelta(days=days)).timestamp(), at))


def log(connection: Connection) -> list[tuple[Any, ...]]:
    return connection.execute("SELECT account, subject, detail FROM audit_log WHERE action = 'rejects_deleted' ORDER BY no").fetchall()


def kept(connection: Connection, home: Path) -> tuple[list[str], set[str]]:
    rows = connection.execute("SELECT DISTINCT i.city FROM reject r JOIN import_run i ON i.id = r.run_id ORDER BY 1")
    return [row[0] for row in rows], {path.name.rsplit("-", 1)[0] for path in (home / "rejects").iterdir()}


EVERYTHING = (["edge", "new", "old"], {"edge", "new", "old", "notes.csv"})
WITHOUT_OLD = (["edge", "new"], {"edge", "new", "notes.csv"})


def test_what_is_too_old_goes_and_is_noted_once(owner: Connection, home: Path) -> None:
    report = rejected_rows.delete_old(owner, NOW, "cli:zhao")
    assert (report.rows, report.files, report.left) == (2, 1, ())
    assert kept(owner, home) == WITHOUT_OLD
    day = (NOW - timedelta(days=180)).date().isoformat()
    assert log(owner) == [("cli:zhao", "", {"rows": 2, "files": 1, "until": day})]
    assert owner.execute("SELECT count(*) FROM import_run WHERE report ->> 'rejected' = '2'").fetchone() == (3,), "what was counted stays"
    assert rejected_rows.delete_old(owner, NOW).rows == 0 and len(log(owner)) == 1


def test_the_setting_says_how_long(owner: Connection, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRIDWELL_REJECTS_DAYS", "30")
    settings.cache_clear()
    assert rejected_rows.count_old(owner, NOW).rows == 4 and kept(owner, home) == EVERYTHING
    rejected_rows.delete_old(owner, NOW)
    assert kept(owner, home) == (["new"], {"new", "notes.csv"})


@pytest.mark.parametrize(("how", "left"), [("daily", WITHOUT_OLD), ("by_hand", EVERYTHING)])
def test_the_daily_job_does_it(owner: Connection, home: Path, monkeypatch: pytest.MonkeyPatch, how: str, left: object) -> None:
    monkeypatch.setenv("GRIDWELL_RETENTION", how)
    settings.cache_clear()
    clock = Clock()
    try:
        clock.chores(NOW)
    finally:
        clock.close()
    assert kept(owner, home) == left
    assert [account for account, _, _ in log(owner)] == ([KEEPER] if how == "daily" else [])


def test_a_file_that_stays_is_told_and_stops_nothing(owner: Connection, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stuck(path: Path, missing_ok: bool = False) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "unlink", stuck)  # root may delete anything, so the system's answer is put in its place
    report = rejected_rows.delete_old(owner, NOW)
    assert (report.rows, report.files) == (2, 0) and report.left[0].endswith(".csv: Permission denied")
    assert kept(owner, home) == (["edge", "new"], EVERYTHING[1])


def test_a_link_is_nobody_s_file(owner: Connection, home: Path, tmp_path: Path) -> None:
    put(tmp_path / "elsewhere", 400)
    (home / "rejects" / "city-99.csv").symlink_to(tmp_path / "elsewhere")
    assert rejected_rows.count_old(owner, NOW).files == 1


@pytest.mark.slow
def test_the_door_tells_what_it_did(owner: Connection, home: Path) -> None:
    def asked(*more: str) -> str:
        done = subprocess.run([sys.executable, "-m", "cli", "retention", *more], cwd=ROOT, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert "2 rows and 1 files would be deleted" in asked("--dry-run") and kept(owner, home) == EVERYTHING
    assert "2 rows and 1 files deleted" in asked() and kept(owner, home) == WITHOUT_OLD
