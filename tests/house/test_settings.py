"""Settings: read once, explained in one sentence when wrong, and all listed in docs/operating.md."""

import re
from pathlib import Path

import pytest

from data.cluster.tuning import settings_for
from data.core.errors import BadSetting
from data.core.i18n import tell
from data.core.settings import BESIDE_POOL, POOLED, ROOT, Settings, environment_name, settings
from data.database.socket import paths


@pytest.fixture(autouse=True)
def _unread() -> None:
    settings.cache_clear()


def test_the_operating_guide_names_every_setting_and_no_other() -> None:
    guide = (ROOT / "docs" / "operating.md").read_text("utf-8")
    rows = set(re.findall(r"^\| `((?:GRIDWELL_|DATABASE_)\w+)` \|", guide, re.MULTILINE))
    known = {environment_name(field) for field in Settings.model_fields}
    assert rows - {"GRIDWELL_TEST_DATABASE_URL", "GRIDWELL_REALDATA"} == known


def test_the_embedded_cluster_has_connections_for_all_workers_and_for_commands() -> None:
    allowed = int(settings_for(paths(Path("/x")))["max_connections"])
    for workers in range(1, 17):
        given = Settings(workers=workers)
        assert 2 <= given.pool_size <= 8
        assert workers * (given.pool_size + BESIDE_POOL) <= POOLED <= allowed - 16
    assert [Settings(workers=workers).pool_size for workers in (8, 9)] == [8, 6]


def test_every_setting_says_what_it_is_for() -> None:
    assert all(field.description for field in Settings.model_fields.values())


def test_the_environment_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRIDWELL_PORT", "9000")
    monkeypatch.setenv("GRIDWELL_HOME", "/elsewhere")
    monkeypatch.setenv("DATABASE_URL", "postgresql://x@y/z")
    assert (settings().port, settings().home, settings().database_url) == (9000, Path("/elsewhere"), "postgresql://x@y/z")


def test_the_log_level_may_be_in_capitals(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRIDWELL_LOG_LEVEL", "DEBUG")
    assert settings().log_level == "debug"


def test_an_empty_setting_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "")
    monkeypatch.setenv("GRIDWELL_CITY", "")
    assert settings().database_url is None
    assert settings().city is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GRIDWELL_PORT", "0"),
        ("GRIDWELL_PORT", "eighty"),
        ("GRIDWELL_POOL_SIZE", "-1"),
        ("GRIDWELL_LOG_LEVEL", "loud"),
        ("GRIDWELL_TRUSTED_PROXIES", "*"),
        ("GRIDWELL_TRUSTED_PROXIES", "10.0.0.1, proxy.example"),
        ("GRIDWELL_PUBLIC_URL", "grid.example.org"),
        ("GRIDWELL_PUBLIC_URL", "https://city.example.org/grid"),
        ("GRIDWELL_PUBLIC_URL", "https://city.example.org:0x/"),
    ],
)
def test_a_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(BadSetting, match=re.escape(f"{name} cannot be “{value}”")):
        settings()


@pytest.mark.parametrize(
    ("name", "value", "told_in_chinese"),
    [
        ("GRIDWELL_WORKERS", "0", "最小为 1。"),
        ("GRIDWELL_WORKERS", "500", "最大为 16。"),
        ("GRIDWELL_WORKERS", "2.5", "应为整数。"),
        ("GRIDWELL_POOL_WAIT_S", "0", "最小为 0.01。"),
        ("GRIDWELL_LOG_LEVEL", "loud", "只能取以下之一：debug, info, warning, error。"),
    ],
)
def test_what_a_setting_may_be_is_told_in_the_readers_language(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, told_in_chinese: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(BadSetting) as caught:
        settings()
    assert tell("zh", caught.value).endswith(told_in_chinese)


@pytest.mark.parametrize(
    "value", ["secret-word", "mysql://user:secret-word@host/database", "postgresql://user:secret-word@host:port/database"]
)
def test_what_is_no_address_of_a_database_is_told_without_its_password(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("DATABASE_URL", value)
    with pytest.raises(BadSetting, match="DATABASE_URL must be the address") as caught:
        settings()
    assert "secret-word" not in str(caught.value)
