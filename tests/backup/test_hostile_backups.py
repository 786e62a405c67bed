"""What somebody put into a backup neither writes nor reads outside of what it may, nor fills the disk: it is checked like any input."""

import io
import json
import tarfile
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from data.backup import files, store
from data.backup.dump import load_dump
from data.backup.errors import FileAltered, FileUnknown, NotABackup
from data.backup.manifest import FORMAT, NAME, BaseCopy, Manifest, read_manifest, write_manifest

MOMENT = "2026-11-29T04:00:00.000+00:00"
BASE = BaseCopy("7577", "0" * 24, MOMENT, "/archive")
SOUND = Manifest(
    "gridwell-20261129T040000Z-1a2b3c4d", MOMENT, "0.2.0", "0016_the_newest_case", "15.4", "3.3", "ab", 3, "cd", {}, [], 1, BASE
)


def test_a_manifest_comes_back_as_it_was_written(tmp_path: Path) -> None:
    made = replace(SOUND, state_folders=["rejects"], sealed_with={"person.id_cipher": [2**62]}, files={"database/toc.dat": (3, "ef")})
    write_manifest(made, tmp_path)
    assert read_manifest(tmp_path) == made
    assert read_manifest(tmp_path).total_bytes == 3


@pytest.mark.parametrize(
    "more",
    [
        {"state_folders": ["../../../etc"]},
        {"state_folders": ["keys"]},
        {"state_folders": ["rejects\n"]},
        {"state_folders": "rejects"},
        {"id": "../x"},
        {"id": 3},
        {"revision": ["0016"]},
        {"revision": "0001:head"},
        {"made_at": "soon"},
        {"made_at": "2026-11-29T04:00:00"},
        {"postgresql": "fifteen"},
        {"lineage": "xyz"},
        {"audit_hash": "abc"},
        {"audit_no": "3"},
        {"audit_no": 2**63},
        {"audit_no": -1},
        {"database_bytes": -1e30},
        {"files": {"x": ["3", 3]}},
        {"files": [["x", 3]]},
        {"base": {**asdict(BASE), "system": "../../etc"}},
        {"base": {**asdict(BASE), "first_segment": "x"}},
        {"base": {**asdict(BASE), "ended_at": "2026-11-29"}},
        {"base": {"system": "7577"}},
    ],
    ids=str,
)
def test_a_manifest_with_other_values_is_none(tmp_path: Path, more: dict[str, object]) -> None:
    (tmp_path / NAME).write_text(json.dumps({"format": FORMAT, **asdict(SOUND), **more}))
    with pytest.raises(NotABackup):
        read_manifest(tmp_path)


def test_one_that_is_nested_without_end_is_none(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text("[" * 100_000)
    with pytest.raises(NotABackup):
        read_manifest(tmp_path)


# ---- Archives of the state folders ----


def packed(archive: Path, *members: tarfile.TarInfo, mode: str = "w") -> Path:
    with tarfile.open(archive, mode) as made:  # type: ignore[call-overload]
        for member in members:
            made.addfile(member, io.BytesIO(b"x" * member.size))
    return archive


def member(name: str, **more: object) -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    for field, value in more.items():
        setattr(made, field, value)
    return made


@pytest.mark.parametrize(
    "hostile",
    [
        member("rejects/../../x", size=1),
        member("rejects/link", type=tarfile.SYMTYPE, linkname="/etc/passwd"),
        member("rejects/link", type=tarfile.LNKTYPE, linkname="rejects/one.csv"),
        member("rejects/device", type=tarfile.CHRTYPE, devmajor=1, devminor=5),
        member("rejects/pipe", type=tarfile.FIFOTYPE),
        member("rejects/sparse", pax_headers={"GNU.sparse.major": "0", "GNU.sparse.size": str(2**50), "GNU.sparse.map": "0,1"}, size=1),
    ],
    ids=lambda one: f"{one.name} {one.type!r}",
)
def test_only_plain_files_and_folders_are_unpacked(tmp_path: Path, hostile: tarfile.TarInfo) -> None:
    archive = packed(tmp_path / "rejects.tar", member("rejects", type=tarfile.DIRTYPE), hostile)
    with pytest.raises(FileUnknown):
        files.unpack_state_folder(archive, tmp_path / "out")
    assert not (tmp_path / "x").exists() and list((tmp_path / "out").iterdir()) == []


def test_an_absolute_name_stays_inside(tmp_path: Path) -> None:
    files.unpack_state_folder(packed(tmp_path / "a.tar", member("/etc/x", size=1)), tmp_path / "out")
    assert (tmp_path / "out" / "etc" / "x").read_text() == "x"


@pytest.mark.parametrize(
    "make",
    [
        lambda at: packed(at, member("rejects/a", size=1), mode="w:gz"),  # a bomb is compressed
        lambda at: packed(at, member("rejects/a", size=1), member("rejects/a", size=1)),
        lambda at: packed(at, member("rejects/a", size=1, mtime=1e30)),
        lambda at: at.write_bytes(packed(at, member("rejects/a", size=100_000)).read_bytes()[:50_000]),
        lambda at: at.write_bytes(b"nonsense" * 1_000),
    ],
    ids=["compressed", "twice", "a time beyond all", "cut off", "nonsense"],
)
def test_what_is_no_such_archive_is_told_as_damage(tmp_path: Path, make: Callable[[Path], object]) -> None:
    make(tmp_path / "rejects.tar")
    with pytest.raises(FileAltered):
        files.unpack_state_folder(tmp_path / "rejects.tar", tmp_path / "out")


# ---- The dump ----


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("toc.dat", b"PGDMP\0 ../../../../etc/shadow \0"),
        ("blobs.toc", b"16001 ../../../../etc/shadow\n"),
        ("blobs_16001.toc", b"16001 ../../etc/shadow\n"),
        ("toc.dat.gz", b""),  # pg_restore would read it where there is no other
        ("blobs.toc.gz", b""),
        ("more.dat", b""),
    ],
)
def test_a_dump_names_nothing_outside_of_its_folder(tmp_path: Path, name: str, content: bytes) -> None:
    """``pg_restore`` would read it with the rights of whoever restores, and make rows of it."""
    (tmp_path / name).write_bytes(content)
    with pytest.raises(FileUnknown):
        load_dump(tmp_path, None)  # type: ignore[arg-type]  # refused before it is used


def test_a_link_in_a_dump_is_refused(tmp_path: Path) -> None:
    (tmp_path / "3210.dat").symlink_to("/etc/hostname")
    with pytest.raises(FileUnknown):
        load_dump(tmp_path, None)  # type: ignore[arg-type]


# ---- Folders of backups ----


def kept(to: Path, day: str, **more: object) -> Manifest:
    made = replace(SOUND, id=f"gridwell-{day}T040000Z-1a2b3c4d", verified_at=MOMENT, **more)  # type: ignore[arg-type]
    (to / made.id).mkdir()
    write_manifest(made, to / made.id)
    return made


def test_one_that_a_wrong_clock_dated_ahead_pushes_out_nothing(tmp_path: Path) -> None:
    """By their names it would be the newest for years, and the backup that was just made the one to go."""
    kept(tmp_path, "20370101")
    days = [kept(tmp_path, day) for day in ("20261127", "20261128", "20261129")]
    assert store.remove_old(tmp_path, 2, days[-1]) == [days[0].id]
    assert store.remove_old(tmp_path, 1, days[-1]) == [days[1].id]
    assert sorted(one.name for one in tmp_path.iterdir()) == [days[-1].id, "gridwell-20370101T040000Z-1a2b3c4d"]


def test_what_only_looks_broken_off_is_left_alone(tmp_path: Path) -> None:
    """A link or a file of that name ended every backup."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "x").write_text("x")
    (tmp_path / f".{SOUND.id}.unfinished").symlink_to(tmp_path / "mine")
    (tmp_path / f".{SOUND.id[:-1]}e.unfinished").write_text("a file")
    (tmp_path / f".{SOUND.id[:-1]}f.unfinished").mkdir()
    store.remove_unfinished(tmp_path)
    assert len(list(tmp_path.iterdir())) == 3 and (tmp_path / "mine" / "x").exists()
