"""Only its owner can read the state folder, whoever made it first; the doctor reports one that is open."""

import os
import stat
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from cli.up import hold_serving_lock
from data.auditing import anchors
from data.core import state_folder
from data.core.settings import ROOT, settings
from data.database.socket import paths
from data.doctor import installation
from data.importing.common.sentences import Sentence
from data.importing.report import write_rejects
from data.importing.rows.rejects import Ledger, Reject
from data.privacy import keys
from data.upkeep.service_role import _keep

WANTED = 0o711 if os.geteuid() == 0 else 0o700


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A state folder that is not there yet, under a umask that would open it."""
    monkeypatch.setenv("GRIDWELL_HOME", str(tmp_path / "some" / "state"))
    settings.cache_clear()
    before = os.umask(0)
    yield settings().home
    os.umask(before)
    monkeypatch.undo()
    settings.cache_clear()


def serve() -> None:
    with hold_serving_lock():
        pass


def reject() -> None:
    ledger = Ledger()
    ledger.rejects.append(Reject("s", "f", 1, None, None, Sentence("broken_off")))
    write_rejects(ledger, "990000", 1, "en")


FIRST: dict[str, Callable[[], object]] = {
    "up": serve,
    "password": lambda: _keep("secret"),
    "keys": lambda: keys.write_keyring(keys.key_file(), keys.Keyring.generate(), new=True),
    "head of the log": lambda: anchors.append_anchor("database", 1, b"x"),
    "rejects": reject,
}


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("first", FIRST)
def test_whoever_makes_it_makes_it_private(folder: Path, first: str) -> None:
    FIRST[first]()
    assert mode(folder) == WANTED
    assert all(mode(path) & 0o077 == 0 for path in folder.iterdir())


def test_the_front_door_makes_it_private(folder: Path) -> None:
    """The script makes it before there is any Python of ours; it is stopped right after."""
    script = (ROOT / "gridwell").read_text("utf-8").partition("exec 9>")[0] + "exit 0\n"
    done = subprocess.run(["bash", "-c", script, "gridwell"], env={**os.environ}, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert mode(folder) == WANTED and (folder / "log").is_dir()


def test_one_that_is_there_is_left_alone_and_told_of(folder: Path, database: str) -> None:
    folder.mkdir(parents=True)
    folder.chmod(0o755)
    serve()
    assert mode(folder) == 0o755
    with psycopg.connect(database) as connection:
        told = installation.folder(connection)
        assert told.ok and told.offenders == (f"chmod {WANTED:o} {folder}",)
        folder.chmod(WANTED)
        assert installation.folder(connection).total == 0


def test_root_s_may_be_passed_and_nobody_else_s() -> None:
    assert (state_folder.expected_mode(0), state_folder.expected_mode(1000)) == (0o711, 0o700)


def test_nobody_else_can_lock_what_is_locked(folder: Path) -> None:
    """Whoever can open a file for reading can lock it, and nobody starts, stops or restores any more."""
    state_folder.make_private_folder(folder)
    locks = [paths(folder).lease, paths(folder).mutex, folder / "up.json"]
    locks[0].touch(mode=0o666)  # as earlier versions left it
    for lock in locks[:2]:
        os.close(state_folder.open_lock(lock))
    with hold_serving_lock():
        assert [mode(lock) for lock in locks] == [0o600] * 3


def test_a_link_is_no_lock(folder: Path) -> None:
    state_folder.make_private_folder(folder)
    (folder / "lock").symlink_to(folder / "elsewhere")
    with pytest.raises(OSError, match="lock"):
        state_folder.open_lock(folder / "lock")
    assert not (folder / "elsewhere").exists()


def test_the_start_script_s_lock_is_its_owner_s_alone(folder: Path) -> None:
    script = (ROOT / "gridwell").read_text("utf-8").partition('set_up "${1:-}"')[0] + "umask; exit 0\n"
    for _ in range(2):
        done = subprocess.run(["bash", "-c", script, "gridwell"], env={**os.environ}, capture_output=True, text=True, timeout=60)
        assert (done.returncode, done.stdout) == (0, "0000\n"), done.stderr
        assert mode(folder / "setup.lock") == 0o600
        (folder / "setup.lock").chmod(0o644)  # as earlier versions left it
