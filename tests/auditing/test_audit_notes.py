"""What is logged automatically: settings that changed since the last start, every import, and who used the terminal."""

import getpass
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from audit_tools import Connection
from import_city import bring, write_city

from data.auditing.configuration import describe_settings, note_configuration
from data.auditing.owner_entries import operator_name
from data.core.settings import Settings, environment_name, settings
from data.privacy import keys as key_file

Start = Callable[..., bool]


@pytest.fixture
def start(owner: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """A start of the server with some settings; says whether it was noted."""

    def started(**given: str) -> bool:
        for field in Settings.model_fields:
            monkeypatch.delenv(environment_name(field), raising=False)
        for name, value in {"GRIDWELL_HOME": str(tmp_path), **given}.items():
            monkeypatch.setenv(name, value)
        settings.cache_clear()
        key_file.write_keyring(key_file.key_file(), key_file.Keyring.generate(), new=True)
        with owner.transaction():
            return note_configuration(owner)

    yield started
    key_file._read.cache_clear()
    settings.cache_clear()


def log(connection: Connection, action: str) -> list[Any]:
    return [row[0] for row in connection.execute("SELECT detail FROM audit_log WHERE action = %s ORDER BY no", [action])]


# ---- Settings ----


def test_only_settings_that_changed_are_noted(start: Start, owner: Connection) -> None:
    assert start() and not start()
    assert start(GRIDWELL_PORT="9000") and not start(GRIDWELL_PORT="9000")
    first, second = log(owner, "configuration")
    assert first["changed"] == {} and second["changed"] == {"GRIDWELL_PORT": [8050, 9000]}
    assert set(first["settings"]) == {"version", *map(environment_name, Settings.model_fields)}


def test_another_version_of_the_product_is_noted(start: Start, owner: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    start()
    monkeypatch.setattr("data.auditing.configuration.product_version", lambda: "9.9")
    assert start()
    assert log(owner, "configuration")[1]["changed"]["version"][1] == "9.9"


def test_another_state_folder_is_another_server(start: Start, owner: Connection, tmp_path: Path) -> None:
    assert start() and start(GRIDWELL_HOME=str(tmp_path / "other")) and not start()


def test_no_secret_stands_in_it_but_that_it_changed_does(start: Start, owner: Connection) -> None:
    address = "postgresql://gridwell:{}@db.example/gridwell?sslpassword={}"
    secrets = {"GRIDWELL_OIDC_CLIENT_SECRET": "hush-hush-1", "DATABASE_URL": address.format("tr0ub4dor", "sesame")}
    assert start(**secrets) and not start(**secrets)
    assert start(**{**secrets, "DATABASE_URL": address.format("other", "sesame")})
    assert start(**{**secrets, "GRIDWELL_OIDC_CLIENT_SECRET": "hush-hush-2", "DATABASE_URL": address.format("other", "sesame")})
    text = str(owner.execute("SELECT * FROM audit_log").fetchall())
    assert not any(secret in text for secret in ("hush", "tr0ub4dor", "sesame", "other@"))
    assert "db.example" in text
    assert [set(row["changed"]) for row in log(owner, "configuration")] == [set(), {"DATABASE_URL"}, {"GRIDWELL_OIDC_CLIENT_SECRET"}]


def test_every_setting_that_is_a_secret_is_known_as_one(start: Start) -> None:
    """Whoever adds a password to the settings says ``repr=False``, or names an address."""
    told = ("password", "secret", "token", "key")
    marked = {name for name, field in Settings.model_fields.items() if not field.repr}
    assert {name for name in Settings.model_fields if name.endswith(told)} <= marked
    start(GRIDWELL_OIDC_CLIENT_SECRET="x")
    assert str(describe_settings()["GRIDWELL_OIDC_CLIENT_SECRET"]).startswith("(")


# ---- Imports ----


def test_every_import_is_noted_as_it_ends(tmp_path: Path, owner: Connection) -> None:
    path = write_city(tmp_path)
    first, same, dry = bring(path), bring(path), bring(path, dry_run=True)
    (tmp_path / "cases.csv").unlink()
    failed = bring(path)
    assert log(owner, "import") == [
        {"run": first.run, "outcome": "loaded", "rejected": 0},
        {"run": same.run, "outcome": "unchanged", "rejected": 0},
        {"run": dry.run, "outcome": "dry_run", "rejected": 0},
        {"run": failed.run, "outcome": "failed", "rejected": 0},
    ]
    assert owner.execute("SELECT DISTINCT account, subject FROM audit_log WHERE action = 'import'").fetchall() == [(operator_name(), "T")]


def test_nothing_lands_without_its_row(tmp_path: Path, owner: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: Any) -> int:
        raise psycopg.errors.DiskFull

    monkeypatch.setattr("data.importing.run_records.append_as_owner", refused)
    with pytest.raises(psycopg.errors.DiskFull):
        bring(write_city(tmp_path))
    assert owner.execute("SELECT count(*) FROM city").fetchone() == (0,)


def test_a_user_without_a_name_is_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> str:
        raise KeyError

    monkeypatch.setattr(getpass, "getuser", nobody)
    assert operator_name() == f"cli:{os.getuid()}"
