"""``./gridwell words`` over a small source tree with two languages."""

from pathlib import Path

import pytest

from cli._words.catalogues import add_entries, read_catalogue, read_python, read_template, remove_entries
from cli.words import update

PANEL = """
PLACE_TITLES = {"school": "School", "park": "Park"}
class Gone(Exception):
    code, sentence = "gone", "It is gone."
def told(lang, many):
    other = "not said"
    return t(lang, "Several, “{n}”" if many else "One", n=2) + t(lang, other)
"""
DECLARED = """
@city_check("incident.kinds", "Every kind is known")
def kinds(connection, city): ...
COUNTS = (Count("void", "of reported: void", day="reported", condition="s.void", field="of total: void"), Count("due", "due here"))
"""
PAGE = '<h1>{{ t("Sign in") }}</h1>{% if x %}<p title="{{ t(\'Yes\' if x else \'No\', n=1) }}">{{ other("Not this") }}</p>{% endif %}'


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A tree with a module, a template, and catalogues that know a part of them."""
    for path, text in {"pages/panel.py": PANEL, "routes/doors/page.html": PAGE}.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    for lang, school, yes in (("en", "School", "Yes"), ("zh", "学校", "是")):
        folder = tmp_path / "assets" / "locale" / lang
        folder.mkdir(parents=True)
        add_entries(folder / "pages.po", lang, {"School": school, "Old": "x"})
        add_entries(folder / "doors.po", lang, {"Yes": yes})
    return tmp_path


def run(source: Path, prune: bool = False) -> int:
    return update(source, source / "assets" / "locale", prune)


def held(source: Path, lang: str, name: str) -> dict[str, str]:
    return read_catalogue(source / "assets" / "locale" / lang / f"{name}.po", lang)


def test_sentences_are_found_in_python() -> None:
    said, literals = read_python(PANEL)
    assert sorted(said) == ["It is gone.", "One", "Park", "School", "Several, “{n}”"]
    assert {"not said", "gone", *said} <= literals


def test_titles_of_checks_and_fields_of_counts_are_sentences() -> None:
    assert sorted(read_python(DECLARED)[0]) == ["Every kind is known", "of total: void"]


def test_sentences_are_found_in_templates() -> None:
    said, literals = read_template(PAGE)
    assert sorted(said) == ["No", "Sign in", "Yes"]
    assert {"Not this", *said} <= literals


def test_what_is_missing_goes_beside_what_the_same_file_says(source: Path) -> None:
    assert run(source) == 1, "there is no Chinese yet"
    assert held(source, "en", "pages") == {
        "School": "School",
        "Old": "x",
        "Park": "Park",
        "It is gone.": "It is gone.",
        "Several, “{n}”": "Several, “{n}”",
        "One": "One",
    }
    assert held(source, "zh", "pages") == {"School": "学校", "Old": "x", "Park": "", "It is gone.": "", "Several, “{n}”": "", "One": ""}
    assert held(source, "en", "doors") == {"Yes": "Yes", "Sign in": "Sign in", "No": "No"}


def test_a_room_without_a_catalogue_gets_one_of_its_name(source: Path) -> None:
    (source / "cli").mkdir()
    (source / "cli" / "up.py").write_text('t(lang, "Ready\\n\\"now\\"")')
    run(source)
    assert held(source, "zh", "cli") == {'Ready\n"now"': ""}


def test_what_waits_for_a_translation_is_listed_until_it_has_one(source: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(source)
    told = capsys.readouterr().out
    assert "No translation into zh yet: Park" in told and "into zh yet: School" not in told and "into en yet" not in told
    path = source / "assets" / "locale" / "zh" / "pages.po"
    before = path.read_text("utf-8")
    assert run(source) == 1 and path.read_text("utf-8") == before, "a second run changes nothing"
    for name in ("pages", "doors"):
        path, words = source / "assets" / "locale" / "zh" / f"{name}.po", held(source, "zh", name)
        path.unlink()
        add_entries(path, "zh", {sentence: translation or "译" for sentence, translation in words.items()})
    assert run(source) == 0


def test_nothing_is_removed_without_prune(source: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(source)
    assert "Old" in held(source, "zh", "pages") and "pages.po: Old" in capsys.readouterr().out
    run(source, prune=True)
    assert "Old" not in held(source, "zh", "pages") and "Old" not in held(source, "en", "pages")
    assert held(source, "zh", "pages")["School"] == "学校"


def test_removing_leaves_every_other_line_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "a.po"
    add_entries(path, "en", {"a": "a", "b\nb": "b", "c": "c"})
    whole = path.read_text("utf-8")
    remove_entries(path, "en", {"b\nb"})
    assert read_catalogue(path, "en") == {"a": "a", "c": "c"}
    assert [line for line in path.read_text("utf-8").splitlines() if line not in whole.splitlines()] == []
