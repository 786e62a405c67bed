"""The command that installs packs: what it says before, what is refused, and that every shipped pack has its tables."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import small_city as city
from databases import FreshDatabase
from good_pack import GOOD, write_pack

from cli.__main__ import main
from data.core.settings import settings
from data.packs.declaration.shelf import SHIPPED, find_departments


@pytest.fixture
def owner(fresh_database: FreshDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[psycopg.Connection[Any]]:
    """The owner of a small city's database; the state folder, where the city's own packs lie, is ``tmp_path``."""
    with fresh_database(city.load) as url, psycopg.connect(url, autocommit=True) as connection:
        monkeypatch.setenv("GRIDWELL_HOME", str(tmp_path))
        settings.cache_clear()
        yield connection
    monkeypatch.undo()
    settings.cache_clear()


def call(*words: str) -> int:
    return main(["packs", "--lang", "en", *words])


def test_every_shipped_pack_is_installed_with_tables_views_and_feeds(owner: psycopg.Connection[Any]) -> None:
    codes = sorted(file.parent.name for file in SHIPPED.glob("*/pack.toml"))
    assert [call("install", code, city.CITY) for code in codes] == [0] * len(codes)
    assert [row[0] for row in owner.execute("SELECT code FROM pack ORDER BY 1")] == codes
    assert owner.execute("SELECT count(*) FROM department").fetchone() == (len(find_departments()),)
    views = {row[0] for row in owner.execute("SELECT table_name FROM information_schema.views WHERE table_schema = 'packs'")}
    assert {"labour_month_seen", "market_decision_seen", "services_centre_seen", "care_elder_seen"} <= views
    assert owner.execute("SELECT count(*) FROM feed WHERE code = 'labour.wages' AND department = 'hrss'").fetchone() == (1,)
    since = "SELECT bool_and(valid_from BETWEEN current_date - 1 AND current_date + 1) FROM feed"
    assert owner.execute(since).fetchone() == (True,), "nobody owes what was due before the pack was there"
    again = "UPDATE feed SET valid_from = '2025-05-05' WHERE code = 'labour.wages' RETURNING valid_from"
    (earlier,) = owner.execute(again).fetchone() or (None,)
    assert call("install", "labour", city.CITY) == 0
    assert owner.execute("SELECT valid_from FROM feed WHERE code = 'labour.wages'").fetchone() == (earlier,)
    logged = owner.execute("SELECT subject FROM audit_log WHERE action = 'pack_installed' ORDER BY no").fetchall()
    assert [row[0] for row in logged] == [*codes, "labour"]


def test_what_takes_something_away_needs_a_word(owner: psycopg.Connection[Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "packs").mkdir()
    write_pack(tmp_path / "packs", GOOD)
    assert call("install", "gardens", city.CITY, "--dry-run") == 0
    assert "Nothing was changed." in capsys.readouterr().out
    assert owner.execute("SELECT count(*) FROM pack").fetchone() == (0,)
    assert call("install", "gardens", city.CITY) == 0
    changed = GOOD.replace('opened = { name = { zh = "开放时间", en = "Opened" }, type = "moment" }\n', "")
    write_pack(tmp_path / "packs", changed)
    assert call("install", "gardens", city.CITY) == 2
    assert "! The pack is not the installed one, but has its version 3. Count the version up." in capsys.readouterr().out
    write_pack(tmp_path / "packs", changed.replace("version = 3", "version = 4"))
    assert call("install", "gardens", city.CITY) == 1
    said = capsys.readouterr().out
    assert "! The field “opened” of the kind “park” is gone." in said
    assert "add --agree" in said
    assert owner.execute("SELECT version FROM pack").fetchone() == (3,)
    assert call("install", "gardens", city.CITY, "--agree") == 0
    assert owner.execute("SELECT version FROM pack").fetchone() == (4,)


def test_a_wrong_name_a_wrong_city_and_a_wrong_pack_are_told(
    owner: psycopg.Connection[Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "packs").mkdir()
    write_pack(tmp_path / "packs", GOOD.replace("version = 3", "version = 0"))
    assert call("install", "labor", city.CITY) == 2
    assert "the nearest is “labour”" in capsys.readouterr().out
    assert call("install", "labour", "nowhere") == 2
    assert "no city" in capsys.readouterr().err
    assert call("install", "gardens", city.CITY) == 1
    assert "pack.toml:2: “version” cannot be 0" in capsys.readouterr().out
    assert owner.execute("SELECT count(*) FROM pack").fetchone() == (0,)
