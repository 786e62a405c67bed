"""The key file: lost, damaged, open to others or a wrong one, each is told at the start; and new keys never take the place of lost ones."""

import json
import os
import socket
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
import small_city
from audit_tools import Connection
from databases import FreshDatabase

from data.core.settings import ROOT, settings
from data.doctor import installation
from data.privacy import keyring, seal, unseal
from data.privacy.key_checks import KeysDoNotFit, check_keys, holds_sealed, prepare_keys
from data.privacy.keys import Keyring, KeysExposed, KeysMissing, KeysUnreadable, key_file, write_keyring
from data.upkeep.lost_keys import OtherCount, count_sealed, forget_sealed

NUMBER = "13812345678"
REPORTER = """
INSERT INTO incident_reporter (district, incident_id, city, grid, path, name, phone_cipher, phone_hash)
VALUES ('d', 1, 'c', 'g', 'g', 'n', %s, %s)
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The place of the key file of a new state folder."""
    monkeypatch.setenv("GRIDWELL_HOME", str(tmp_path / "state"))
    settings.cache_clear()
    yield key_file()
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
def owner(fresh_database: FreshDatabase, file: Path) -> Iterator[Connection]:
    """A small city whose register has no sealed number yet."""
    with fresh_database(small_city.load) as url, psycopg.connect(url) as connection:
        yield connection


def seal_somebody(owner: Connection, ring: Keyring | None = None) -> bytes:
    """One reporter of a case with a sealed number, which is returned."""
    cipher = seal(NUMBER, "reporter.phone", ring)
    owner.execute(REPORTER, [cipher, b"hash"])
    owner.commit()
    return cipher


def test_keys_are_made_where_nothing_is_sealed_and_never_else(owner: Connection, file: Path) -> None:
    with pytest.raises(KeysMissing):
        keyring()
    assert not file.exists(), "to ask for keys makes none"
    prepare_keys(owner, needed=True)
    first = keyring()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600 and [one.name for one in file.parent.iterdir()] == ["keys"]
    file.unlink()
    prepare_keys(owner, needed=True)
    assert keyring().keys != first.keys, "nothing was sealed with the first ones"
    seal_somebody(owner)
    file.unlink()
    prepare_keys(owner)
    with pytest.raises(KeysMissing, match="Put the file back"):
        prepare_keys(owner, needed=True)
    assert not file.exists() and holds_sealed(owner)


@pytest.mark.parametrize("what", ["account", "recovery_code", "incident_reporter"])
def test_whatever_is_sealed_keeps_new_keys_from_being_made(owner: Connection, file: Path, what: str) -> None:
    account = "INSERT INTO account (name, shown, role, detail, totp_secret) VALUES ('li', 'li', 'leader', 'cases', %s) RETURNING id"
    statements = {
        "account": (account, [b"x"]),
        "recovery_code": (f"WITH a AS ({account}) INSERT INTO recovery_code (hash, account_id) SELECT 'x', id FROM a", [None]),
        "incident_reporter": (REPORTER, [b"x", None]),
    }
    owner.execute(*statements[what])
    owner.commit()
    with pytest.raises(KeysMissing):
        prepare_keys(owner, needed=True)


DAMAGE: dict[str, tuple[Callable[[Path], object], type[Exception], str]] = {
    "empty": (lambda file: file.write_bytes(b""), KeysUnreadable, "it is empty"),
    "blank": (lambda file: file.write_bytes(b"\n \n"), KeysUnreadable, "it is empty"),
    "cut off": (lambda file: file.write_bytes(file.read_bytes()[:-20]), KeysUnreadable, "it is cut off"),
    "binary": (lambda file: file.write_bytes(os.urandom(64)), KeysUnreadable, "it is cut off"),
    "no keys": (lambda file: file.write_text('{"newest": 1, "keys": {}, "hash": "AA=="}'), KeysUnreadable, "a key is missing"),
    "a number without end": (
        lambda file: file.write_text('{"newest": 1e999, "keys": {}, "hash": "AA=="}'),
        KeysUnreadable,
        "a key is missing",
    ),
    "nested without end": (lambda file: file.write_text("[" * 100_000), KeysUnreadable, "a key is missing"),
    "filling the memory": (lambda file: os.truncate(file, 1 << 33), KeysUnreadable, "it is cut off"),
    "another form": (lambda file: file.write_text("[]"), KeysUnreadable, "a key is missing"),
    "read by the group": (lambda file: file.chmod(0o640), KeysExposed, "chmod 600"),
    "read by all": (lambda file: file.chmod(0o604), KeysExposed, "chmod 600"),
    "written by the group": (lambda file: file.chmod(0o620), KeysExposed, "chmod 600"),
    "another one": (lambda file: write_keyring(file, Keyring.generate()), KeysDoNotFit, "Put the right file back"),
    "missing": (lambda file: file.unlink(), KeysMissing, "Put the file back"),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_file_that_cannot_be_used_is_told_at_the_start_and_by_the_doctor(owner: Connection, file: Path, damage: str) -> None:
    prepare_keys(owner, needed=True)
    seal_somebody(owner)
    assert installation.keys(owner).ok
    spoil, error, told = DAMAGE[damage]
    spoil(file)
    with pytest.raises(error, match=told):
        prepare_keys(owner, needed=True)
    outcome = installation.keys(owner)
    assert outcome.total == 1 and told in outcome.offenders[0]


def test_a_ring_with_the_same_key_and_another_hash_key_does_not_fit(owner: Connection, file: Path) -> None:
    prepare_keys(owner, needed=True)
    seal_somebody(owner)
    held = json.loads(file.read_text())
    file.write_text(json.dumps({**held, "hash": json.loads(json.dumps(list(held["keys"].values())))[0]}))
    with pytest.raises(KeysDoNotFit, match="hash missing or different"):
        check_keys(owner)


def test_without_check_values_one_text_of_each_column_is_opened(owner: Connection, file: Path) -> None:
    """As after an update from a version that stored none."""
    prepare_keys(owner, needed=True)
    seal_somebody(owner)
    right = file.read_bytes()
    owner.execute("DELETE FROM sealing_key")
    owner.commit()
    write_keyring(file, Keyring.generate())
    with pytest.raises(KeysDoNotFit, match=r"incident_reporter\.phone_cipher"):
        prepare_keys(owner, needed=True)
    assert owner.execute("SELECT count(*) FROM sealing_key").fetchone() == (0,), "a wrong file leaves no check values"
    file.write_bytes(right)
    prepare_keys(owner, needed=True)
    assert owner.execute("SELECT count(*) FROM sealing_key").fetchone() == (2,)


def test_a_file_of_the_first_versions_goes_on(owner: Connection, file: Path) -> None:
    old = Keyring(2, {1: os.urandom(32), 2: os.urandom(32)}, os.urandom(32))
    write_keyring(file, old)
    cipher = seal_somebody(owner, old)
    prepare_keys(owner, needed=True)
    assert cipher[:3] == b"\x01\x00\x02" and unseal(cipher, "reporter.phone") == NUMBER and keyring() == old


# ---- The drill: the key file is lost ----


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def command(*words: str, url: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "DATABASE_URL": url, "LC_ALL": "C.UTF-8", "GRIDWELL_PORT": str(free_port())}
    return subprocess.run(
        [sys.executable, "-m", "cli", *words], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.mark.slow
def test_the_server_does_not_start_without_its_keys_until_they_are_back(owner: Connection, file: Path) -> None:
    url = os.environ["DATABASE_URL"]
    prepare_keys(owner, needed=True)
    seal_somebody(owner)
    copy = file.read_bytes()
    file.unlink()
    started = command("up", url=url)
    assert started.returncode == 2 and "is missing, but data is sealed" in started.stderr and not file.exists()
    told = command("keys", url=url)
    assert told.returncode == 1 and "./gridwell keys forget --confirm 1" in told.stdout
    assert not file.exists(), "no command makes new ones"
    file.write_bytes(copy)
    file.chmod(0o644)
    assert "chmod 600" in command("up", url=url).stderr
    file.chmod(0o600)
    told = command("keys", url=url)
    assert told.returncode == 0 and str(keyring().newest) in told.stdout
    assert command("keys", "forget", "--confirm", "1", url=url).returncode == 1, "nothing is lost, so nothing is deleted"
    assert sum(count_sealed(owner).values()) == 1


def test_who_has_no_copy_deletes_what_is_lost_and_goes_on(owner: Connection, file: Path) -> None:
    prepare_keys(owner, needed=True)
    seal_somebody(owner)
    file.write_bytes(b"damaged")
    owner.autocommit = True
    with pytest.raises(OtherCount, match="There are 1 sealed values, not 2"):
        forget_sealed(owner, 2)
    assert holds_sealed(owner) and file.read_bytes() == b"damaged"
    told = command("keys", "forget", "--confirm", "1", url=os.environ["DATABASE_URL"])
    assert told.returncode == 0 and "incident_reporter.phone_cipher: 1 deleted" in told.stdout, told.stderr
    check_keys(owner)
    assert not holds_sealed(owner) and any(one.name.startswith("keys.unusable-") for one in file.parent.iterdir())
    row = owner.execute("SELECT detail FROM audit_log WHERE action = 'keys_lost'").fetchone()
    assert row and row[0]["incident_reporter.phone_cipher"] == "<5" and row[0]["newest"] == str(keyring().newest)


def test_what_only_has_the_wrong_mode_is_not_lost(owner: Connection, file: Path) -> None:
    """Nothing is deleted, and nobody is told to, where one command makes everything right."""
    prepare_keys(owner, needed=True)
    seal_somebody(owner)
    file.chmod(0o640)
    for words in (("keys",), ("keys", "forget", "--confirm", "1")):
        told = command(*words, url=os.environ["DATABASE_URL"])
        assert told.returncode == 1 and "chmod 600" in told.stderr and "forget" not in told.stdout, told.stdout
    file.chmod(0o600)
    check_keys(owner)
    assert holds_sealed(owner)
