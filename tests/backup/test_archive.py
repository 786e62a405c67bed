"""The archive's script copies a segment whole or not at all, and never over another; gaps are found; an exchange is finished."""

import gzip
import shutil
import subprocess
from pathlib import Path

import pytest

from data.cluster import swap
from data.cluster.archive import missing_segments, segment_at
from data.cluster.errors import FolderRefused
from data.core.settings import ROOT
from data.database.socket import Paths

SEGMENT = "000000010000000000000003"
LITTLE, MUCH = "0", "999999999"
"""Room below which a segment is given up, in MB: never, and always."""


def archive(path: Path, folder: Path, name: str = SEGMENT, floor_mb: str = LITTLE) -> subprocess.CompletedProcess[str]:
    words = [str(path), name, str(folder), str(path.parent), str(path.parent / "gap"), floor_mb]
    return subprocess.run(["sh", str(ROOT / "data/cluster/archive.sh"), *words], capture_output=True, text=True)


@pytest.fixture
def segment(tmp_path: Path) -> Path:
    (tmp_path / "archive").mkdir()
    (tmp_path / "segment").write_bytes(b"one" * 1000)
    return tmp_path / "segment"


def test_a_segment_is_copied_once_and_readable_by_its_owner_only(segment: Path) -> None:
    folder = segment.parent / "archive"
    for _ in range(2):
        assert archive(segment, folder).returncode == 0, "PostgreSQL may ask again for what was copied already"
    assert [path.name for path in folder.iterdir()] == [f"{SEGMENT}.gz"]
    assert gzip.decompress((folder / f"{SEGMENT}.gz").read_bytes()) == segment.read_bytes()
    assert (folder / f"{SEGMENT}.gz").stat().st_mode & 0o077 == 0


def test_another_segment_of_the_same_name_is_never_overwritten(segment: Path) -> None:
    folder = segment.parent / "archive"
    archive(segment, folder)
    segment.write_bytes(b"two")
    told = archive(segment, folder)
    assert told.returncode == 1 and "another cluster uses the same archive" in told.stderr
    assert gzip.decompress((folder / f"{SEGMENT}.gz").read_bytes()) == b"one" * 1000
    assert [path.name for path in folder.iterdir()] == [f"{SEGMENT}.gz"]


def test_drafts_of_broken_off_copies_are_removed(segment: Path) -> None:
    folder = segment.parent / "archive"
    (folder / f".{SEGMENT}.123").write_bytes(b"half")
    assert archive(segment, folder).returncode == 0
    assert [path.name for path in folder.iterdir()] == [f"{SEGMENT}.gz"]


def test_what_cannot_be_copied_is_kept_until_the_disk_is_nearly_full(segment: Path) -> None:
    nowhere = segment.parent / "nowhere"
    told = archive(segment, nowhere)
    assert told.returncode == 1 and "could not be copied" in told.stderr and not (segment.parent / "gap").exists()
    told = archive(segment, nowhere, floor_mb=MUCH)
    assert told.returncode == 0 and "GIVEN UP" in told.stderr
    assert (segment.parent / "gap").read_text().split()[1] == SEGMENT


@pytest.mark.parametrize(("timeline", "position", "name"), [
    (1, "0/3000028", "000000010000000000000003"),
    (2, "0/FFFFFFFF", "0000000200000000000000FF"),
    (0x1F, "A2/0", "0000001F000000A200000000"),
])  # fmt: skip
def test_a_position_lies_in_a_segment(timeline: int, position: str, name: str) -> None:
    assert segment_at(timeline, position) == name


@pytest.mark.parametrize(("have", "gaps"), [
    (["0000000100000000000000FE", "0000000100000000000000FF", "000000010000000100000000"], []),
    (["0000000100000000000000FD", "0000000100000000000000FE", "0000000200000000000000FF"], []),
    (["0000000100000000000000FE", "000000010000000100000000"], ["00000000000000FF"]),
    (["0000000100000000000000FF"], ["00000000000000FE"]),
    (["0000000100000000000000FE", "0000000200000000000000FF"], []),
    ([], []),
])  # fmt: skip
def test_gaps_are_found_across_files_and_timelines(tmp_path: Path, have: list[str], gaps: list[str]) -> None:
    for name in [*have, "00000002.history", "0000000100000000000000FE.00000028.backup"]:
        (tmp_path / f"{name}.gz").touch()
    assert missing_segments(tmp_path, "0000000100000000000000FE") == gaps


@pytest.fixture
def where(tmp_path: Path) -> Paths:
    home, base = tmp_path / "home", tmp_path / "base"
    home.mkdir()
    base.mkdir()
    (base / "pg").mkdir()
    (base / "pg" / "old").touch()
    (base / "new").mkdir()
    (base / "new" / "new").touch()
    (base / "new" / "PG_VERSION").touch()
    return Paths(home, base, base / "pg", base / "run")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_an_exchange_keeps_the_old_folder_aside(where: Paths) -> None:
    aside = swap.put_in_place(where, where.base / "new", "now")
    assert aside == where.base / "pg.before-now" and swap.list_aside(where) == [aside]
    assert (names(where.data), names(aside), names(where.base)) == (["PG_VERSION", "new"], ["old"], ["pg", "pg.before-now"])
    assert (where.home / "pg").resolve() == where.data


@pytest.mark.parametrize("step", ["_write_note", "rename", "finish_swap"])
def test_an_exchange_that_is_broken_off_is_finished_or_has_not_begun(where: Paths, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    def break_off(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Path if step == "rename" else swap, step, break_off)
        with pytest.raises(KeyboardInterrupt):
            swap.put_in_place(where, where.base / "new", "now")
    swap.finish_swap(where)
    assert names(where.data) == (["PG_VERSION", "new"] if step == "finish_swap" else ["old"])
    assert "swap.json" not in names(where.base)


def test_an_exchange_that_is_impossible_changes_nothing(where: Paths) -> None:
    with pytest.raises(FolderRefused):
        swap.put_in_place(where, where.base / "nothing", "now")
    (where.base / "pg.before-now").mkdir()
    (where.base / "pg.before-now" / "older").touch()
    with pytest.raises(FolderRefused):
        swap.put_in_place(where, where.base / "new", "now")
    shutil.rmtree(where.base / "pg.before-now")
    assert names(where.data) == ["old"] and names(where.base) == ["new", "pg"]


def test_a_machine_without_data_gets_them(where: Paths) -> None:
    shutil.rmtree(where.data)
    assert swap.put_in_place(where, where.base / "new", "now") is None
    assert names(where.base) == ["pg"]
