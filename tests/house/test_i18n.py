"""Every sentence for people is in every language's catalogue, and no catalogue has one that is not used."""

from functools import cache
from string import Formatter

import pytest

from cli._words.catalogues import Sentences, find_sentences, read_catalogue
from data.core.i18n import catalogue_files, languages


@pytest.fixture(scope="module")
def sentences() -> Sentences:
    """Every sentence of the product."""
    return find_sentences()


@cache
def catalogue(lang: str) -> dict[str, str]:
    """The whole catalogue of a language."""
    return {msgid: text for path in catalogue_files(lang) for msgid, text in read_catalogue(path, lang).items()}


def test_both_languages_are_there() -> None:
    assert languages() == ("zh", "en")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_sentence_is_missing(lang: str, sentences: Sentences) -> None:
    known = catalogue(lang)
    missing = {msgid: where for msgid, where in sentences.said.items() if not known.get(msgid)}
    assert not missing, "\n".join(f"{where}: {msgid}" for msgid, where in missing.items())


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_sentence_is_left_over(lang: str, sentences: Sentences) -> None:
    held = [(path.name, msgid) for path in catalogue_files(lang) for msgid in read_catalogue(path, lang)]
    unused = [f"{name}: {msgid}" for name, msgid in held if msgid not in sentences.literals]
    assert not unused, "\n".join(unused)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_translation_keeps_the_places_of_its_sentence(lang: str) -> None:
    def places(text: str) -> set[str]:
        return {name for _, name, _, _ in Formatter().parse(text) if name}

    wrong = [msgid for msgid, text in catalogue(lang).items() if places(msgid) != places(text)]
    assert not wrong, "\n".join(wrong)


def test_both_languages_hold_the_same_sentences() -> None:
    assert set(catalogue("zh")) == set(catalogue("en"))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_sentence_has_one_translation(lang: str) -> None:
    """All files are one catalogue: of two translations the page would show whichever file comes last."""
    texts: dict[str, dict[str, str]] = {}
    for path in catalogue_files(lang):
        for msgid, text in read_catalogue(path, lang).items():
            texts.setdefault(msgid, {})[path.name] = text
    assert {msgid: told for msgid, told in texts.items() if len(set(told.values())) > 1} == {}
