"""Every sentence a person may read stands in every language's catalogue, and no catalogue holds one that nobody says."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from data.core.i18n import catalogue_files, languages
from data.core.settings import ROOT

ROOMS = ("data", "layers", "pages", "callbacks", "routes", "cli")
TITLES = ("_TITLES", "_LEVELS", "_REASONS", "_OTHERWISE", "_WORDS")
"""Tables and constants whose strings are msgids end with one of these."""
Said = dict[str, str]


def sources() -> list[Path]:
    """Every Python file that may say something."""
    return [ROOT / "app.py", *(path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py")) if "migrations" not in path.parts)]


def _literal(node: ast.AST) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _branches(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.IfExp):
        yield from _branches(node.body)
        yield from _branches(node.orelse)
    else:
        yield node


def _said_by(node: ast.AST) -> Iterator[str]:
    """Msgids in one node: ``t(lang, "…")``, an error's ``sentence`` and ``reason=``, and the values of tables of titles."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "t" and len(node.args) > 1:
        yield from filter(None, map(_literal, _branches(node.args[1])))
    elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        yield from _assigned(targets[0], node.value)


def _assigned(target: ast.AST, value: ast.AST) -> Iterator[str]:
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        for one, its in zip(target.elts, value.elts, strict=False):
            yield from _assigned(one, its)
    elif isinstance(target, ast.Name) and target.id == "sentence":
        yield from (text for text in map(_literal, _branches(value)) if text and "\n" not in text)
    elif isinstance(target, ast.Name) and target.id.endswith(TITLES):
        values = value.values if isinstance(value, ast.Dict) else [value]
        yield from filter(None, map(_literal, values))


@pytest.fixture(scope="module")
def said() -> Said:
    """Msgid to the file that says it."""
    found: Said = {}
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            for msgid in _said_by(node):
                found.setdefault(msgid, str(path.relative_to(ROOT)))
    return found


@pytest.fixture(scope="module")
def spoken() -> set[str]:
    """Every string literal of the product, whoever uses it how."""
    return {
        text for path in sources() for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if (text := _literal(node)) is not None
    }


def entries(path: Path, lang: str) -> dict[str, str]:
    """Msgid to translation of one file."""
    with path.open("rb") as handle:
        return {str(one.id): str(one.string) for one in read_po(handle, locale=lang) if one.id}


def catalogue(lang: str) -> dict[str, str]:
    """The whole catalogue of a language."""
    return {msgid: text for path in catalogue_files(lang) for msgid, text in entries(path, lang).items()}


def test_both_languages_are_there() -> None:
    assert languages() == ("zh", "en")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_sentence_is_missing(lang: str, said: Said) -> None:
    known = catalogue(lang)
    missing = {msgid: where for msgid, where in said.items() if not known.get(msgid)}
    assert not missing, "\n".join(f"{where}: {msgid}" for msgid, where in missing.items())


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_sentence_is_left_over(lang: str, spoken: set[str]) -> None:
    unused = [f"{path.name}: {msgid}" for path in catalogue_files(lang) for msgid in entries(path, lang) if msgid not in spoken]
    assert not unused, "\n".join(unused)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_translation_keeps_the_places_of_its_sentence(lang: str) -> None:
    from string import Formatter

    def places(text: str) -> set[str]:
        return {name for _, name, _, _ in Formatter().parse(text) if name}

    wrong = [msgid for msgid, text in catalogue(lang).items() if places(msgid) != places(text)]
    assert not wrong, "\n".join(wrong)


def test_both_languages_hold_the_same_sentences() -> None:
    assert set(catalogue("zh")) == set(catalogue("en"))
