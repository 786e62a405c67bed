"""Kinds of reports: files that list sections, those of the house and a city's own."""

from pathlib import Path

import pytest

from data.core.errors import UnknownName
from data.core.settings import settings
from reports.kinds import BadKind, find_kind, list_kinds, list_sections, load_section, read_kind

GOOD = 'title = "街道周报"\ntitle_en = "Street weekly"\n[[sections]]\nsection = "ranking"\nlevel = "community"\n'


def test_every_kind_of_the_house_can_be_made() -> None:
    assert {"daily", "weekly", "monthly", "profile", "comparison"} <= set(list_kinds())
    for kind in map(find_kind, list_kinds()):
        assert kind.title and kind.title_en
        for name, _ in kind.sections:
            assert callable(load_section(name)), name


def test_every_section_is_a_module_with_make() -> None:
    assert all(callable(load_section(name)) for name in list_sections())


def test_a_citys_own_kind_is_found_and_replaces_the_houses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRIDWELL_HOME", str(tmp_path))
    settings.cache_clear()
    (tmp_path / "reports").mkdir()
    for name in ("street", "weekly"):
        (tmp_path / "reports" / f"{name}.toml").write_text(GOOD, "utf-8")
    try:
        assert find_kind("street").sections == (("ranking", {"level": "community"}),)
        assert find_kind("weekly").title == "街道周报"
        (tmp_path / "reports" / "wrong.toml").write_text("title =", "utf-8")
        assert find_kind("weekly").title == "街道周报", "a wrong one hinders no other"
        with pytest.raises(BadKind):
            find_kind("wrong")
        with pytest.raises(UnknownName, match="no such name"):
            find_kind("none")
    finally:
        settings.cache_clear()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("title = ", "Invalid value"),
        ('title = "x"\n[[sections]]\nsection = "ranking"\n', "title_en"),
        (GOOD.replace("ranking", "rankings"), "there is no section 'rankings'"),
        (GOOD.replace("ranking", "../kinds"), "there is no section '../kinds'"),
        ('title = "x"\ntitle_en = "x"\nsections = []\n', "sections"),
        ('step = "fortnight"\n' + GOOD, "step"),
        ('colour = "red"\n' + GOOD, "colour"),
    ],
)
def test_a_kind_that_is_wrong_is_refused_with_file_and_reason(tmp_path: Path, text: str, why: str) -> None:
    file = tmp_path / "wrong.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(BadKind) as refused:
        read_kind(file)
    assert refused.value.facts["file"] == "wrong.toml" and why in str(refused.value.facts["reason"])


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "bytes.toml"
    file.write_bytes("title = '周报'".encode("gbk"))
    with pytest.raises(BadKind):
        read_kind(file)
