"""The drill of an operator: back up under load, lose the machine, restore; go back to a moment; on the real commands and clusters."""

import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from gridwell_command import door, filled_home, up
from table_locks import until

from data.cluster.lease import borrow_cluster
from data.database.socket import PORT, paths

pytestmark = pytest.mark.slow

_ROWS = "CREATE TABLE IF NOT EXISTS numbered (n int PRIMARY KEY, at timestamptz DEFAULT clock_timestamp(), logged bigint)"
_WRITE = "INSERT INTO numbered (n, logged) VALUES (%s, audit_append('sign_in', 'writer', NULL, NULL, jsonb_build_object('n', %s::int)))"


class Writer:
    """Commits numbered rows, each with an entry of the audit log in the same transaction, as fast as it goes."""

    def __init__(self, home: Path) -> None:
        self._home, self.committed, self._end = home, 0, threading.Event()
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        with suppress(psycopg.OperationalError), connect(self._home) as connection:  # until the machine goes
            while not self._end.is_set():
                with connection.transaction():
                    connection.execute("SELECT set_config('gridwell.account', 'writer', true)")
                    connection.execute(_WRITE, [self.committed + 1, self.committed + 1])
                self.committed += 1

    def go_on(self) -> None:
        """Wait until it has committed some more."""
        before = self.committed
        until(lambda: self.committed > before + 2, "rows are written")

    def __enter__(self) -> "Writer":
        with connect(self._home) as connection:
            connection.execute(_ROWS)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()


def connect(home: Path) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(host=str(paths(home).socket), port=PORT, user="gridwell", dbname="gridwell", autocommit=True)


def switch_segment(home: Path) -> str:
    """Finish the segment that is being written, and wait until it is in the archive; returns its name."""
    with psycopg.connect(host=str(paths(home).socket), port=PORT, user="postgres", dbname="postgres", autocommit=True) as connection:
        row = connection.execute("SELECT pg_walfile_name(pg_switch_wal())").fetchone()
        assert row is not None
        while connection.execute("SELECT coalesce(last_archived_wal, '') >= %s FROM pg_stat_archiver", [row[0]]).fetchone() != (True,):
            time.sleep(0.1)
    return str(row[0])


def numbers(home: Path) -> list[int]:
    with borrow_cluster(home, print), connect(home) as connection:
        return [int(str(row[0])) for row in connection.execute("SELECT n FROM numbered ORDER BY n")]


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder on another disk, as it were."""
    folder = Path(tempfile.mkdtemp(prefix="gridwell-elsewhere-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def lose(home: Path) -> None:
    """The state folder is gone, but for the virtual environment that the next machine has of its own."""
    for left in home.iterdir():
        if left.name != "venv":
            shutil.rmtree(left) if left.is_dir() else left.unlink()


def test_under_load_and_back_on_an_empty_machine(place: Path) -> None:
    told = {"GRIDWELL_ARCHIVE": str(place / "archive")}
    backups, keys = place / "backups", place / "keys"
    with filled_home() as home:
        with up(home, **told) as running, Writer(home) as writer:
            first = door(home, "backup", str(backups), "--keys", str(keys), **told)
            assert first.returncode == 0, first.stdout + first.stderr
            assert "the doctor found nothing wrong" in first.stdout
            at_backup = writer.committed
            writer.go_on()
            moment = datetime.now(UTC)
            writer.go_on()
            archived = writer.committed
            switch_segment(home)
            running.fall()
        lose(home)

        [kept] = keys.glob("keys-*")
        newest = door(home, "restore", str(backups), "--until", "latest", "--keys", str(kept), **told)
        assert newest.returncode == 0, newest.stdout + newest.stderr
        found = numbers(home)
        assert found == list(range(1, len(found) + 1)) and len(found) >= archived > at_backup > 0
        assert (home / "keys").read_bytes() == kept.read_bytes()
        with borrow_cluster(home, print), connect(home) as connection:
            assert connection.execute("SELECT count(*) FROM numbered WHERE logged NOT IN (SELECT no FROM audit_log)").fetchone() == (0,)
            assert connection.execute("SELECT count(*) FROM audit_log WHERE account = 'writer'").fetchone() == (len(found),)
            before = connection.execute("SELECT count(*) FROM numbered WHERE at < %s", [moment]).fetchone()
        assert before is not None
        for words in (("doctor",), ("doctor", "--audit")):
            checked = door(home, *words, **told)
            assert "audit" not in checked.stdout.lower() or checked.returncode == 0, checked.stdout
        with up(home, **told):
            pass

        # And back to a moment: exactly what was committed before it, and what is there now is kept aside.
        refused = door(home, "restore", str(backups), "--until", moment.isoformat(), **told)
        assert refused.returncode == 2 and "--replace" in refused.stderr
        gone = door(home, "restore", str(backups), "--until", moment.isoformat(), "--replace", **told)
        assert gone.returncode == 0, gone.stdout + gone.stderr
        there = numbers(home)
        assert there == list(range(1, len(there) + 1)) and abs(len(there) - int(str(before[0]))) <= 1
        assert at_backup <= len(there) < len(found)
        assert door(home, "doctor", "--audit", **told).returncode == 0
        assert len(list(paths(home).base.glob("pg.before-*"))) == 1

        late = door(home, "restore", str(backups), "--until", "2099-01-01T00:00:00+08:00", "--replace", **told)
        assert late.returncode == 2 and "the archive ends before that moment" in late.stderr, late.stderr
        early = door(home, "restore", str(backups), "--until", "2020-01-01T00:00:00+08:00", "--replace", **told)
        assert early.returncode == 2 and "The earliest moment" in early.stderr
        for wrong in ("yesterday", "2026-11-29T05:00:00"):
            assert door(home, "restore", str(backups), "--until", wrong, **told).returncode == 2
        assert numbers(home) == there, "what could not be done changed nothing"


def test_the_archive_is_watched_and_cleaned(place: Path) -> None:
    told = {"GRIDWELL_ARCHIVE": str(place / "archive")}
    with filled_home() as home:
        with up(home, **told), Writer(home):
            assert door(home, "backup", str(place / "backups"), **told).returncode == 0
            [folder] = (place / "archive").iterdir()
            first = switch_segment(home)
            # The disk of the archive goes away: nothing is lost, and the doctor says so.
            folder.rename(away := place / "away")
            waiting = fail_segment(home)
            ill = door(home, "doctor", **told)
            assert ill.returncode == 1 and waiting in ill.stdout, ill.stdout
            away.rename(folder)
            switch_segment(home)
            assert door(home, "doctor", **told).returncode == 0
            assert {f"{first}.gz", f"{waiting}.gz"} <= names(folder)
            second = door(home, "backup", str(place / "backups"), "--keep", "1", **told)
            assert second.returncode == 0 and "Older backups were removed" in second.stdout
            assert {f"{first}.gz", f"{waiting}.gz"} & names(folder) == set(), "no kept backup needs them"
            gone = switch_segment(home)
            switch_segment(home)
        (folder / f"{gone}.gz").unlink()
        lost = door(home, "restore", str(place / "backups"), "--until", "latest", "--replace", **told)
        assert lost.returncode == 2 and f"has a gap at {gone[8:]}" in lost.stderr, lost.stdout + lost.stderr


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def fail_segment(home: Path) -> str:
    """Finish a segment, and wait until it could not be archived; returns its name."""
    with psycopg.connect(host=str(paths(home).socket), port=PORT, user="postgres", dbname="postgres", autocommit=True) as connection:
        row = connection.execute("SELECT pg_walfile_name(pg_switch_wal())").fetchone()
        assert row is not None
        while connection.execute("SELECT coalesce(last_failed_wal, '') >= %s FROM pg_stat_archiver", [row[0]]).fetchone() != (True,):
            time.sleep(0.1)
    return str(row[0])
