"""An import of the same files does not read them again; interrupted runs are recorded."""

import os
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from import_city import CASES, PROFILE, bring, write_city

from data.database.locks import IMPORTING
from data.importing import run, run_records

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.slow]


def test_the_same_files_are_not_read_again_unless_asked_for(tmp_path: Path) -> None:
    path = write_city(tmp_path)
    first = bring(path)
    again = bring(path)
    assert (again.outcome, again.same_as) == ("unchanged", first.run)
    assert again.report["files"] == first.report["files"]
    assert bring(path).same_as == again.run
    forced = bring(path, again=True)
    assert (forced.outcome, forced.same_as) == ("unchanged", None)
    assert forced.report["read"] == 10
    assert bring(path, dry_run=True).same_as is None


CHANGES: dict[str, Callable[[Path], object]] = {
    "a file": lambda folder: (folder / "cases.csv").write_text(CASES.replace("Lamp", "Light")),
    "the profile": lambda folder: (folder / "city.toml").write_text(PROFILE.replace("Testville", "Testtown")),
    "a file beside it": lambda folder: (folder / "cases.cpg").write_text("UTF-8"),
    "a pattern's files": lambda folder: shutil.copy(folder / "cases.csv", folder / "cases2.csv"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_whatever_changed_is_read(tmp_path: Path, what: str) -> None:
    profile = PROFILE.replace('"cases.csv"', '"cases*.csv"\nduplicates = "first"')
    path = write_city(tmp_path, profile)
    bring(path)
    CHANGES[what](tmp_path)
    assert bring(path).same_as is None


@pytest.mark.parametrize("back", [False, True])
def test_a_file_that_is_exchanged_during_the_import_is_read_again(tmp_path: Path, back: bool) -> None:
    """Otherwise the city would hold other rows than those of the files that count as imported."""
    path = write_city(tmp_path)
    cases = tmp_path / "cases.csv"
    fingerprint_files, read_areas, state = run_records.fingerprint_files, run.read_areas, cases.stat()

    def exchanged_after(*given: Any) -> str:
        digest = fingerprint_files(*given)
        cases.write_text(CASES.replace("Lamp", "Light"))
        return digest

    def exchanged_again(*given: Any) -> Any:
        """To the same bytes, with the time they had."""
        cases.write_text(CASES)
        os.utime(cases, ns=(state.st_atime_ns, state.st_mtime_ns))
        return read_areas(*given)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run_records, "fingerprint_files", exchanged_after)
        if back:
            patch.setattr(run, "read_areas", exchanged_again)
        assert bring(path).outcome == "loaded"
    cases.write_text(CASES)
    again = bring(path)
    assert again.same_as is None
    assert again.outcome == ("unchanged" if back else "loaded")


def test_a_city_that_somebody_else_changed_is_read(database: str, tmp_path: Path) -> None:
    path = write_city(tmp_path)
    bring(path)
    with psycopg.connect(database) as connection:
        connection.execute("UPDATE city SET versions = jsonb_set(versions, '{incidents}', '1')")
    assert bring(path).same_as is None


def test_what_only_time_decides_is_read(tmp_path: Path) -> None:
    profile = PROFILE.replace("as_of = 2026-10-31\n", "").replace('file = "cases.csv"', 'file = "cases.csv"\nallow = ["future_date"]')
    path = write_city(tmp_path, profile, CASES.replace("2026-10-30 08:00", "2190-10-30 08:00"))
    assert bring(path).outcome == "loaded"
    assert bring(path).same_as is None


def test_a_fingerprint_knows_what_lies_in_a_zip_file(tmp_path: Path) -> None:
    path = write_city(tmp_path, PROFILE.replace('"cases.csv"', '"cases.zip"'))
    with zipfile.ZipFile(tmp_path / "cases.zip", "w") as archive:
        archive.write(tmp_path / "cases.csv", "cases.csv")
    first = bring(path)
    assert first.outcome == "loaded"
    assert bring(path).same_as == first.run


@pytest.mark.parametrize("room", ["geo/datum.py", "importing/rows/batch.py", "rollup/parts.py", "privacy/masking.py"])
def test_a_fingerprint_knows_the_code_of_every_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: str) -> None:
    monkeypatch.setattr(run_records, "ROOT", tmp_path)
    path = tmp_path / "data" / room
    path.parent.mkdir(parents=True)
    path.write_text("one = 1")
    before = run_records._code.__wrapped__()
    assert run_records._code.__wrapped__() == before
    path.write_text("one = 2")
    assert run_records._code.__wrapped__() != before


def test_a_run_that_was_broken_off_is_noted_by_the_next(database: str, tmp_path: Path) -> None:
    path = write_city(tmp_path)
    with psycopg.connect(database, autocommit=True) as connection, run_records.open_run("T", "alive.toml", {}) as alive:
        connection.execute("INSERT INTO import_run (city, profile, outcome) VALUES ('T', 'dead.toml', 'running')")
        bring(path)
        found = dict(connection.execute("SELECT profile, outcome FROM import_run").fetchall())
        assert found == {"alive.toml": "running", "dead.toml": "failed", "city.toml": "loaded"}
        told = connection.execute("SELECT report #>> '{sentences,0,en}' FROM import_run WHERE profile = 'dead.toml'").fetchone()
        assert told == ("The import was broken off: its process ended before it did. Nothing of it was loaded.",)
        lock = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = %s AND objid = %s"
        assert connection.execute(lock, [IMPORTING, alive]).fetchone() == (1,)
