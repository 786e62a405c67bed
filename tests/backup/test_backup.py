"""A backup is complete, proved and readable by its owner only, or it is none."""

import json
import shutil
import stat
from pathlib import Path

import psycopg
import pytest
from audit_tools import written
from databases import use_database
from sqlalchemy import make_url

from data.backup import create, key_copies, scratch, verify
from data.backup.create import create_backup
from data.backup.errors import (
    AtWork,
    FileAltered,
    FileMissing,
    FileUnknown,
    KeysBesideData,
    NoBackup,
    NoRoom,
    NoScratch,
    NotABackup,
    ProgramFailed,
)
from data.backup.files import check_room, lock_folder
from data.backup.manifest import NAME, check_files, read_manifest
from data.backup.store import find_backup, list_backups
from data.core.errors import GridwellError
from data.privacy import keys
from data.upkeep.newest_backup import newest_verified

pytestmark = pytest.mark.slow


def quiet(_: str) -> None:
    """Nobody listens."""


def test_a_backup_is_whole_verified_and_private(city: str, home: Path) -> None:
    (home / "rejects").mkdir()
    (home / "rejects" / "990000-1.csv").write_text("a,b\n")
    to = home.parent / "to"
    made = create_backup(to, quiet)
    assert (made.faults, made.error) == ((), None)
    check_files(read_manifest(made.folder), made.folder)
    assert read_manifest(made.folder).verified_at
    assert made.manifest.audit_no == 3 and len(made.manifest.audit_hash) == 64
    assert made.manifest.state_folders == ["rejects"]
    assert {path.stat().st_mode & 0o077 for path in (made.folder, *made.folder.rglob("*"))} == {0}
    with psycopg.connect(city) as connection:
        noted = connection.execute("SELECT subject, detail->>'verified' FROM audit_log WHERE action = 'backup'").fetchall()
        assert noted == [(made.manifest.id, "true")]
        newest = newest_verified(connection)
    assert newest is not None and newest.isoformat() > made.manifest.made_at
    assert not (home / "check").exists(), "the scratch cluster is gone"
    assert find_backup(to) == find_backup(made.folder) == made.folder


def test_only_older_verified_backups_of_this_installation_are_removed(city: str, home: Path) -> None:
    to = home.parent / "to"
    first, second = create_backup(to, quiet), create_backup(to, quiet)
    foreign = to / "gridwell-20200101T000000Z-00000000"
    foreign.mkdir()
    (foreign / NAME).write_text(json.dumps(json.loads((first.folder / NAME).read_text()) | {"lineage": "ab" * 32}))
    (to / "notes.txt").write_text("mine")
    (to / f".{foreign.name}.unfinished").mkdir()
    third = create_backup(to, quiet, keep=2)
    assert third.removed == (first.folder.name,)
    assert sorted(path.name for path in to.iterdir() if path.name != ".gridwell-backup.lock") == sorted(
        [foreign.name, "notes.txt", second.folder.name, third.folder.name]
    )


def test_what_cannot_be_verified_says_so_and_removes_nothing(city: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    to = home.parent / "to"
    first = create_backup(to, quiet)
    with psycopg.connect(city) as connection:
        connection.execute("UPDATE area SET name = '' WHERE code = '990101'")
        connection.execute("DELETE FROM area_span")
    second = create_backup(to, quiet, keep=1)
    assert not second.verified and second.removed == () and "fresh.spans" in "".join(second.faults)
    monkeypatch.setattr(verify, "load_dump", failing)
    third = create_backup(to, quiet, keep=1)
    assert not third.verified and isinstance(third.error, ProgramFailed) and first.folder.exists()
    assert [manifest.verified_at is None for _, manifest in list_backups(to)] == [False, True, True]


def failing(*_: object) -> None:
    raise ProgramFailed(program="pg_restore", reason="no")


@pytest.mark.parametrize("fault", [ProgramFailed(program="pg_dump", reason="no"), KeyboardInterrupt()])
def test_a_broken_off_backup_leaves_everything_as_it_was(
    city: str, home: Path, monkeypatch: pytest.MonkeyPatch, fault: BaseException
) -> None:
    to = home.parent / "to"

    def break_off(*_: object) -> None:
        raise fault

    monkeypatch.setattr(create.dump, "write_dump", break_off)
    with pytest.raises(type(fault)):
        create_backup(to, quiet)
    assert list_backups(to) == [] and [path.name for path in to.iterdir()] == [".gridwell-backup.lock"]
    with pytest.raises(NoBackup):
        find_backup(to)
    with psycopg.connect(city) as connection:
        assert connection.execute("SELECT count(*) FROM audit_log WHERE action = 'backup'").fetchone() == (0,)


def test_keys_and_heads_are_copied_apart_from_the_data(city: str, home: Path) -> None:
    (home / "audit-anchors").write_text('{"log": "x", "no": 1, "hash": "00"}\n')
    to, elsewhere = home.parent / "to", home.parent / "elsewhere"
    made = create_backup(to, quiet, keys=elsewhere)
    assert [path.read_bytes() for path in made.keys] == [(home / "keys").read_bytes(), (home / "audit-anchors").read_bytes()]
    assert {path.stat().st_mode & 0o077 for path in made.keys} == {0}
    key = json.loads((home / "keys").read_text())["hash"].encode()
    assert [path for path in made.folder.rglob("*") if path.is_file() and key in path.read_bytes()] == []
    for together in (to, to / "keys", to.parent):
        with pytest.raises(KeysBesideData):
            create_backup(to, quiet, keys=together)


def test_the_key_file_that_is_kept_aside_is_private_from_its_first_moment(home: Path) -> None:
    old, given = keys.key_file().read_bytes(), home.parent / "given"
    keys.write_keyring(given, keys.Keyring.generate())
    keys.key_file().chmod(0o644)  # somebody opened it by mistake
    key_copies.take_keys(given)
    key_copies.put_keys("now")
    aside = home / "keys.before-now"
    assert (keys.key_file().read_bytes(), aside.read_bytes()) == (given.read_bytes(), old)
    assert [stat.S_IMODE(file.stat().st_mode) for file in (keys.key_file(), aside)] == [0o600, 0o600]


def test_damage_is_found_before_anything_is_done(city: str, home: Path) -> None:
    folder = create_backup(home.parent / "to", quiet).folder
    manifest = read_manifest(folder)
    toc = folder / "database" / "toc.dat"
    content = toc.read_bytes()
    wrong: dict[type[GridwellError], object] = {
        FileAltered: lambda: toc.write_bytes(content[:-1] + bytes([content[-1] ^ 1])),
        FileUnknown: lambda: (toc.write_bytes(content), (folder / "more").write_text("x")),
        FileMissing: lambda: ((folder / "more").unlink(), toc.unlink()),
    }
    for error, damage in wrong.items():
        damage()  # type: ignore[operator]
        with pytest.raises(error):
            check_files(manifest, folder)
    toc.write_bytes(content[:-1])
    with pytest.raises(FileAltered):
        check_files(manifest, folder)
    toc.write_bytes(content)
    check_files(manifest, folder)
    text = (folder / NAME).read_text()
    for broken in ("", text[: len(text) // 2], "[]", "{}", text.replace('"format": 1', '"format": 2')):
        (folder / NAME).write_text(broken)
        with pytest.raises(NotABackup):
            read_manifest(folder)


def test_room_is_added_up_for_each_disk(tmp_path: Path) -> None:
    check_room({tmp_path: 1})
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    other.mkdir()
    free = shutil.disk_usage(tmp_path).free
    check_room({one: free // 2, other: free // 4})
    with pytest.raises(NoRoom):
        check_room({one: free // 2 + (1 << 30), other: free // 2 + (1 << 30)})


def test_two_do_not_work_in_one_folder(tmp_path: Path) -> None:
    with lock_folder(tmp_path), pytest.raises(AtWork), lock_folder(tmp_path):
        raise AssertionError("both work")
    with lock_folder(tmp_path):
        pass


def test_an_import_is_waited_for(city: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from data.backup import dump
    from data.backup.errors import LoadingTooLong
    from data.database.locks import LOADING

    monkeypatch.setattr(dump, "_PATIENCE_MIN", 0.02)
    heard: list[str] = []
    with psycopg.connect(city, autocommit=True) as importing:
        importing.execute("SELECT pg_advisory_lock(%s)", [LOADING])
        with pytest.raises(LoadingTooLong):
            create_backup(home.parent / "to", heard.append)
    assert heard == ["An import is running: waiting for its end …"]
    with psycopg.connect(city) as connection:
        written(connection)
    assert create_backup(home.parent / "to", quiet).verified


def test_without_a_server_here_the_trial_is_on_the_server_in_use(city: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scratch, "has_local_server", lambda _: False)
    made = create_backup(home.parent / "to", quiet)
    assert isinstance(made.error, NoScratch) and not made.verified, "this account may not create PostGIS"
    superuser = make_url(city).set(username="postgres").render_as_string(hide_password=False)
    with use_database(superuser):
        assert create_backup(home.parent / "to", quiet).verified
        with psycopg.connect(superuser) as connection:
            assert connection.execute("SELECT count(*) FROM pg_database WHERE datname LIKE '%\\_check'").fetchone() == (0,)
