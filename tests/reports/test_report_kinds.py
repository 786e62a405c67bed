"""Kinds of reports: files that list sections, those of the house and a city's own."""

import re
from importlib import import_module
from pathlib import Path

import pytest

from data.core.errors import UnknownName
from data.core.settings import ROOT, settings
from reports.kinds import BadKind, find_kind, list_kinds, list_sections, load_section, read_kind
from reports.options import SectionOptions
from reports.sections import ranking

OTHER_WORDS = {"reported", "overdue", "residents", "areas", "cases", "buildings", "category", "source", "none"}
"""Values of options."""
GOOD = 'title = "街道周报"\ntitle_en = "Street weekly"\n[[sections]]\nsection = "ranking"\nlevel = "community"\n'
SECOND = GOOD + "[[sections]]\nsection = "


def test_every_kind_of_the_house_can_be_made() -> None:
    assert {"daily", "weekly", "monthly", "profile", "comparison"} <= set(list_kinds())
    for kind in map(find_kind, list_kinds()):
        assert kind.title and kind.title_en
        for name, _ in kind.sections:
            assert callable(load_section(name)), name


def test_every_section_is_a_module_with_make_and_options_that_the_docs_name() -> None:
    told = (ROOT / "docs" / "reports.md").read_text("utf-8")
    for name in list_sections():
        assert callable(load_section(name))
        row = next(line for line in told.splitlines() if line.startswith(f"| `{name}` |"))
        options = import_module(f"reports.sections.{name}").Options
        assert issubclass(options, SectionOptions)
        named = set(re.findall(r"`(\w+)`", row.rsplit("|", 2)[1]))
        assert set(options.model_fields) <= named, name
        assert named - set(options.model_fields) <= OTHER_WORDS, name


def test_a_citys_own_kind_is_found_and_replaces_the_houses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRIDWELL_HOME", str(tmp_path))
    settings.cache_clear()
    (tmp_path / "reports").mkdir()
    for name in ("street", "weekly"):
        (tmp_path / "reports" / f"{name}.toml").write_text(GOOD, "utf-8")
    try:
        assert find_kind("street").sections == (("ranking", ranking.Options(level="community")),)
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
        ('levels = ["streets"]\n' + GOOD, "levels.0: Value error, there is no 'streets'; the nearest is 'street'"),
        (GOOD + 'size = "big"\n', "section 1 (ranking), option size: there is no such option; there are indicator, level, new_page"),
        (GOOD + "new_page = 1\n", "section 1 (ranking), option new_page: Input should be a valid boolean"),
        (GOOD.replace("community", "comunity"), "section 1 (ranking), option level: there is no 'comunity'; the nearest is 'community'"),
        (GOOD + 'indicator = "handling_mean"\n', "section 1 (ranking), option indicator: there is no 'handling_mean'"),
        (SECOND + '"place"\nx = 1\n', "section 2 (place), option x: there is no such option; there are none"),
        (
            SECOND + '"key_figures"\nfigures = ["reported", "all"]\n',
            "section 2 (key_figures), option figures.1: there is no 'all'",
        ),
        (
            SECOND + '"overdue"\nunits = 0\n',
            "section 2 (overdue), option units: Input should be greater than or equal to 1",
        ),
        (
            SECOND + '"rhythm"\nby = "day"\n',
            "section 2 (rhythm), option by: Input should be 'category', 'source' or 'none'",
        ),
        (SECOND + '"map"\nmeasure = "change"\n', "section 2 (map), option measure: there is no 'change'"),
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
