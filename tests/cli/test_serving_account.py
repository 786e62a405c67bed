"""Started by root, workers and keeper run under an account of their own, and everything still works."""

import os
import pwd
import stat
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import httpx
import psycopg
import pyotp
import pytest
from gridwell_command import Up, address_of, door, kill_one, made_home, up
from signin_forms import HASHED, PASSWORD, forms
from table_locks import until

from cli._serving import privileges
from data.accounts import store
from data.accounts.model import TOTP_KIND, Draft
from data.accounts.transactions import owner_transaction
from data.core.settings import settings
from data.core.state_folder import serving_account
from data.database.socket import paths
from data.privacy import keyring
from data.privacy.sealing import seal
from data.upkeep import unprivileged

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.geteuid() != 0, reason="only root can give up root's rights")]
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
LONG_AGO = 1_000_000_000.0


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    with made_home() as made:
        use_open_python(made / "venv" / "bin" / "python")
        yield made


def use_open_python(script: Path) -> None:
    """Where this Python lies in a folder of root's own, as pyenv's does, let that state folder use the system's with the same packages."""
    if all(folder.stat().st_mode & stat.S_IXOTH for folder in Path(sys.base_prefix).resolve().parents):
        return
    other = Path("/usr/bin") / f"python{sys.version_info[0]}.{sys.version_info[1]}"
    if not other.exists():
        pytest.skip("no account but root's can use this Python")
    packages = sysconfig.get_path("purelib")
    script.write_text(f'#!/bin/sh\nexport PYTHONPATH="$PYTHONPATH:{packages}"\nexec {other} "$@"\n')


@pytest.fixture
def its_keys(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This process seals with the keys of that state folder."""
    monkeypatch.setenv("GRIDWELL_KEY_FILE", str(home / "keys"))
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


def state_of(pid: int) -> dict[str, list[str]]:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return {name: value.split() for name, _, value in (line.partition(":") for line in lines)}


def _uid(pid: int) -> str | None:
    """The account that a process has taken; none where it has just ended."""
    with suppress(FileNotFoundError, ProcessLookupError):
        return state_of(pid)["Uid"][1]
    return None


def account() -> pwd.struct_passwd:
    found = serving_account()
    assert found is not None
    return found


def sign_in_twice(running: Up, home: Path, name: str) -> str:
    """Sign in with password and second factor, whose secret is sealed; returns the name on the page behind."""
    with owner_transaction(address_of(home)) as connection:
        made = store.add(connection, Draft(name, role="supervisor"))
        store.set_password(connection, made.id, HASHED)
        store.set_totp(connection, made.id, seal(SECRET, TOTP_KIND), 1)
    return enter(running, name)


def enter(running: Up, name: str) -> str:
    with httpx.Client(base_url=running.url, headers={"accept": "text/html"}, follow_redirects=True, timeout=60) as http:
        first = forms(http.get("/signin?next=/account").text)["/signin"]
        second = http.post("/signin?next=/account", data={**first, "name": name, "password": PASSWORD})
        code = {**forms(second.text)["/signin/code"], "code": pyotp.TOTP(SECRET).now()}
        return http.post("/signin/code?next=/account", data=code).text


def test_whoever_answers_or_keeps_the_clock_has_no_right_of_roots(home: Path) -> None:
    with up(home, GRIDWELL_WORKERS="2") as running:
        assert "Serving as root" not in running.said(), running.said()
        processes = running.workers() | running.keepers() | running.printers()
        assert len(processes) == 4
        for pid in processes:
            state = state_of(pid)
            assert state["Uid"] == [str(account().pw_uid)] * 4 and state["Gid"] == [str(account().pw_gid)] * 4
            assert (state["Groups"], state["NoNewPrivs"]) == ([], ["1"])
            assert int(state["CapEff"][0], 16) == int(state["CapPrm"][0], 16) == 0
        assert state_of(running.process.pid)["Uid"] == ["0"] * 4
        first = kill_one(running.workers)
        until(lambda: len(running.workers() - {first}) == 2, "another worker starts")
        until(lambda: all(_uid(pid) != "0" for pid in running.workers()), "it gives up its rights, too")
        assert paths(home).socket.stat().st_mode & 0o007 == 0, "no other account reaches the database"


def test_keys_are_read_and_changed_by_root_while_it_serves(home: Path, its_keys: None) -> None:
    with up(home) as running:
        assert (home / "keys").stat().st_uid == account().pw_uid
        assert (home / "keys").stat().st_mode & 0o777 == 0o600
        assert "chen" in sign_in_twice(running, home, "chen")
        before = keyring().newest
        rotated = door(home, "keys", "rotate", "--drop-old")
        assert rotated.returncode == 0, rotated.stderr
        assert (home / "keys").stat().st_uid == account().pw_uid
        assert keyring().newest != before
        with psycopg.connect(address_of(home).set(drivername="postgresql").render_as_string()) as owner:
            owner.execute("UPDATE account SET totp_step = 1")
        assert "chen" in enter(running, "chen"), "the server opens what was sealed again"


def test_the_keeper_stores_heads_of_the_log_and_deletes_rejects(home: Path) -> None:
    (home / "audit-anchors").unlink(missing_ok=True)
    (home / "rejects").mkdir(mode=0o700, exist_ok=True)
    old = home / "rejects" / "990000-1.csv"
    old.write_text("a row of the register")
    os.utime(old, (LONG_AGO, LONG_AGO))
    assert datetime.fromtimestamp(LONG_AGO).year == 2001
    with up(home):
        until(lambda: (home / "audit-anchors").exists() and (home / "audit-anchors").stat().st_size > 0, "a head is stored")
        until(lambda: not old.exists(), "old rejects are deleted")
    assert (home / "audit-anchors").stat().st_uid == account().pw_uid


def test_where_the_account_cannot_pass_root_serves_and_says_so(home: Path) -> None:
    closed = Path(tempfile.mkdtemp(prefix="gridwell-closed-"))  # with mode 0700: as if it was installed below /root
    with up(home, PYTHONPATH=str(closed)) as running:
        assert f"Serving as root, because the account {account().pw_name} cannot use {closed}" in running.said()
        assert "chmod o+x" in running.said()
        assert httpx.get(f"{running.url}/healthz", timeout=60).status_code == 200
    closed.rmdir()


def test_up_says_that_it_serves_as_the_database_s_account(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(unprivileged, "find_obstacle", lambda account, files=True: None)
    monkeypatch.setattr(unprivileged, "give_files", lambda: None)
    for name, warned in (("postgres", True), ("gridwell", False)):
        monkeypatch.setattr(privileges, "serving_account", lambda name=name: pwd.getpwnam(name))
        found = privileges.prepare_account()
        assert found is not None and found.pw_name == name
        assert ("useradd --system gridwell" in capsys.readouterr().err) == warned
