"""What an account with fewer rights puts into its own folder neither leads root elsewhere nor keeps it waiting."""

import os
import shutil
import socket
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from data.backup import files
from data.backup.archive_cleaning import _KEPT, remove_unneeded
from data.backup.manifest import BaseCopy, Manifest
from data.cluster import account, binaries, processes
from data.cluster.account import own_folder
from data.cluster.errors import NotOurs
from data.core import careful_files
from data.core.careful_files import NotPlain
from data.core.settings import settings
from data.upkeep import conditions

SECRET = b"nobody may read this"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    made = tmp_path / "home"
    (made / "rejects" / "deep").mkdir(parents=True)
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "keys").write_bytes(SECRET)
    monkeypatch.setenv("GRIDWELL_HOME", str(made))
    settings.cache_clear()
    yield made
    settings.cache_clear()


def packed(home: Path) -> tuple[dict[str, bytes], list[str]]:
    """What the backup holds of ``rejects``, by name, and what it left out."""
    target = home.parent / "packed"
    names, left = files.pack_state_folders(target)
    assert names == ["rejects"]
    restored = home.parent / "restored"
    files.unpack_state_folder(target / "rejects.tar", restored)
    with tarfile.open(target / "rejects.tar") as archive:
        assert {member.type for member in archive} <= {tarfile.REGTYPE, tarfile.DIRTYPE}
    found = {path.relative_to(restored).as_posix(): path.read_bytes() for path in restored.rglob("*") if path.is_file()}
    return found, sorted(left)


def put_link(place: Path, secret: Path) -> None:
    place.symlink_to(secret / "keys")


def put_folder_link(place: Path, secret: Path) -> None:
    place.symlink_to(secret, target_is_directory=True)


def put_pipe(place: Path, secret: Path) -> None:
    os.mkfifo(place)


def put_socket(place: Path, secret: Path) -> None:
    before = Path.cwd()
    os.chdir(place.parent)  # a socket's whole path must be short
    try:
        socket.socket(socket.AF_UNIX).bind(place.name)
    finally:
        os.chdir(before)


HOSTILE: list[Callable[[Path, Path], None]] = [put_link, put_folder_link, put_pipe, put_socket]


@pytest.mark.parametrize("put", HOSTILE)
@pytest.mark.parametrize("place", ["990000-1.csv", "deep/990000-1.csv"])
def test_a_backup_holds_plain_files_and_tells_what_it_left_out(home: Path, put: Callable[[Path, Path], None], place: str) -> None:
    (home / "rejects" / "990000-2.csv").write_text("a,b\n")
    put(home / "rejects" / place, home.parent / "secret")
    assert packed(home) == ({"990000-2.csv": b"a,b\n"}, [f"rejects/{place}"])


def test_two_names_of_one_file_are_two_files(home: Path) -> None:
    """Otherwise the second would be a link in the tar file, which a restore refuses."""
    (home / "rejects" / "1.csv").write_text("x")
    (home / "rejects" / "2.csv").hardlink_to(home / "rejects" / "1.csv")
    assert packed(home) == ({"1.csv": b"x", "2.csv": b"x"}, [])


def test_a_whole_folder_that_is_a_link_is_left_out(home: Path) -> None:
    shutil.rmtree(home / "rejects")
    (home / "rejects").symlink_to(home.parent / "secret")
    assert files.pack_state_folders(home.parent / "packed") == ([], ["rejects"])


def test_a_file_that_becomes_a_link_when_it_was_listed_is_left_out(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The swap happens between the list of names and the opening, at the worst moment."""
    (home / "rejects" / "1.csv").write_text("x")
    honest = careful_files.open_plain

    def swapped(name: str, folder: int) -> int:
        (home / "rejects" / "1.csv").unlink()
        put_link(home / "rejects" / "1.csv", home.parent / "secret")
        return honest(name, folder)

    monkeypatch.setattr(careful_files, "open_plain", swapped)
    assert packed(home) == ({}, ["rejects/1.csv"])


def test_a_folder_that_becomes_a_link_during_the_walk_is_not_entered(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "rejects" / "1.csv").write_text("x")
    (home / "rejects" / "deep" / "2.csv").write_text("y")
    honest = careful_files.open_plain

    def swapped(name: str, folder: int) -> int:
        if name == "1.csv":  # the walk has listed the folder beside it, and enters it next
            shutil.rmtree(home / "rejects" / "deep")
            put_folder_link(home / "rejects" / "deep", home.parent / "secret")
        return honest(name, folder)

    monkeypatch.setattr(careful_files, "open_plain", swapped)
    found, _ = packed(home)
    assert found == {"1.csv": b"x"}


def test_a_file_that_becomes_shorter_spoils_nothing(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "rejects" / "1.csv").write_text("long enough")
    (home / "rejects" / "2.csv").write_text("whole")
    honest = files._member

    def shortened(name: str, found: os.stat_result, kind: bytes) -> tarfile.TarInfo:
        if name.endswith("1.csv"):
            os.truncate(home / "rejects" / "1.csv", 4)
        return honest(name, found, kind)

    monkeypatch.setattr(files, "_member", shortened)
    assert packed(home) == ({"1.csv": b"long" + bytes(7), "2.csv": b"whole"}, [])


# ---- Elsewhere ----


@pytest.mark.parametrize("put", HOSTILE)
def test_what_the_keeper_found_is_read_from_a_plain_file_only(home: Path, put: Callable[[Path, Path], None]) -> None:
    (home / "status").mkdir()
    put(home / "status" / "conditions.json", home.parent / "secret")
    assert conditions.read_conditions(1e9).at == 0
    conditions.store(conditions.Conditions(1e9))
    assert conditions.read_conditions(1e9).at == 1e9, "and written in its place"
    assert (home.parent / "secret" / "keys").read_bytes() == SECRET


def test_a_draft_that_is_a_link_is_not_written_through(home: Path) -> None:
    put_link(home / f"note.{os.getpid()}", home.parent / "secret")
    files.write_durably(home / "note", b"new")
    assert (home / "note").read_bytes() == b"new" and (home.parent / "secret" / "keys").read_bytes() == SECRET


@pytest.mark.parametrize("put", HOSTILE)
def test_files_of_the_database_server_s_account_keep_nobody_waiting(home: Path, put: Callable[[Path, Path], None]) -> None:
    for name in ("postmaster.pid", "PG_VERSION"):
        put(home / name, home.parent / "secret")
    assert processes.postmaster(home) is None
    with pytest.raises(OSError):
        binaries.made_by(home)


def test_notes_of_backups_stay_in_the_archive(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The archive belongs to the database server's account, which puts a link in the place of the folder of notes."""
    archive = home / "archive"
    monkeypatch.setenv("GRIDWELL_ARCHIVE", str(archive))
    settings.cache_clear()
    (archive / "7").mkdir(parents=True)
    put_folder_link(archive / "7" / _KEPT, home.parent / "secret")
    base = BaseCopy("7", "0" * 24, "", str(archive))
    made = Manifest("b", "", "", "", "15", "3", "", 0, "", {}, [], 0, base)
    with pytest.raises(OSError):
        remove_unneeded(made, home, [])
    assert [path.name for path in (home.parent / "secret").iterdir()] == ["keys"]


def test_a_folder_that_becomes_a_link_is_not_given_away(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret, place = home.parent / "secret", home / "run"
    secret.chmod(0o755)
    place.mkdir(mode=0o755)
    honest = careful_files.open_folder

    def swapped(name: Path, folder: int | None = None) -> object:
        place.rmdir()
        place.symlink_to(secret)
        return honest(name, folder)

    monkeypatch.setattr(careful_files, "open_folder", swapped)
    with pytest.raises(account.FolderRefused):
        own_folder(place)
    assert secret.stat().st_mode & 0o777 == 0o755
    with pytest.raises(NotOurs):
        own_folder(place)


def test_a_long_file_is_no_small_one(tmp_path: Path) -> None:
    with (tmp_path / "long").open("wb") as handle:
        handle.truncate(11)
    assert careful_files.read_small(tmp_path / "long", most=11) == bytes(11)
    with pytest.raises(NotPlain):
        careful_files.read_small(tmp_path / "long", most=10)
