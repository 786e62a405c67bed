"""The database server's log is rotated by size and age while it is written, and no line is lost."""

import errno
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from data.cluster import log_files
from data.cluster.log_files import KEPT_FILES, KEPT_S, LONGEST_BYTES, LONGEST_S, old_files, rotate

NOW = datetime(2026, 11, 29, tzinfo=UTC).timestamp()


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "postgres.log"


def line(age_s: float, text: str = "FATAL: the reason") -> str:
    return f"{datetime.fromtimestamp(NOW - age_s, UTC):%Y-%m-%d %H:%M:%S.000} UTC [1] @ {text}\n"


def test_a_short_new_log_stays(log: Path) -> None:
    assert rotate(log, NOW) is None
    log.write_text(line(LONGEST_S))
    assert rotate(log, NOW) is None
    assert log.read_text() == line(LONGEST_S)


def test_an_old_one_is_moved_whole(log: Path) -> None:
    log.write_text(line(LONGEST_S + 1) + line(5))
    kept = rotate(log, NOW)
    assert kept is not None and kept.name == "postgres.20261129T000000Z.log"
    assert kept.read_text() == line(LONGEST_S + 1) + line(5)
    assert (log.read_text(), kept.stat().st_mode & 0o777) == ("", 0o600)


def test_a_large_one_is_moved_while_the_server_goes_on_writing(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_files, "LONGEST_BYTES", 100)
    with log.open("ab", buffering=0) as server:
        server.write(b"x" * 100)
        assert rotate(log, NOW) is None
        server.write(b"y")
        kept = rotate(log, NOW)
        server.write(b"after\n")
    assert kept is not None and kept.read_bytes() == b"x" * 100 + b"y"
    assert log.read_bytes() == b"after\n", "the server appends, so its file has no hole"
    assert LONGEST_BYTES == 20_000_000


def test_old_ones_are_deleted_after_half_a_year_or_when_they_are_many(log: Path) -> None:
    log.write_text(line(0))
    for number in range(KEPT_FILES + 2):
        old = log.with_name(f"postgres.20260101T0000{number:02}Z.log")
        old.write_text("old")
        os.utime(old, (NOW, NOW))
    first, *_ = old_files(log)
    os.utime(first, (NOW - KEPT_S - 1, NOW - KEPT_S - 1))
    rotate(log, NOW)
    left = old_files(log)
    assert first not in left and len(left) == KEPT_FILES
    last = left[-1]
    os.utime(last, (NOW - KEPT_S, NOW - KEPT_S))
    rotate(log, NOW)
    assert last in old_files(log)


def test_two_in_one_second_do_not_meet(log: Path) -> None:
    log.with_name("postgres.20261129T000000Z.log").write_text("there already")
    log.write_text(line(LONGEST_S + 1))
    kept = rotate(log, NOW)
    assert kept is not None and kept.read_text() == line(LONGEST_S + 1)
    assert log.with_name("postgres.20261129T000000Z.log").read_text() == "there already"


def test_a_log_that_cannot_be_copied_is_kept(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    log.write_text(line(LONGEST_S + 1))
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        rotate(log, NOW)
    assert (log.read_text(), old_files(log)) == (line(LONGEST_S + 1), [])
