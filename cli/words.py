"""``./gridwell words``: updates the catalogues with the sentences in the source."""

import argparse
from pathlib import Path

from cli._terminal import language, say
from cli._words.catalogues import add_entries, choose_catalogue, find_sentences, read_catalogue, remove_entries
from data.core.i18n import LOCALES, t
from data.core.settings import ROOT

NAME = "words"
HELP = "Write sentences that are missing into the catalogues of all languages, and list those without a translation."
NEEDS_DATABASE = False

SOURCE_LANGUAGE = "en"
"""Sentences in the source are English; an English sentence is its own translation."""

Held = dict[str, dict[str, str]]
"""Entries of a language by the name of their catalogue."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command: the only option removes sentences that are no longer in the source."""
    parser.add_argument("--prune", action="store_true", help="also remove entries that nothing in the source says any more")


def run(args: argparse.Namespace) -> int:
    """Update the catalogues; 1 if sentences have no translation yet."""
    return update(ROOT, LOCALES, args.prune)


def update(root: Path, locales: Path, prune: bool) -> int:
    """Add missing sentences to the catalogues of every language, and print what a person has to do.

    Args:
        root: folder of the source.
        locales: folder with one folder for each language.
        prune: whether to remove sentences that are not in the source.
    """
    lang, found = language(), find_sentences(root)
    waiting: dict[str, list[str]] = {}
    for code in sorted(path.name for path in locales.iterdir() if path.is_dir()):
        held = {path.stem: read_catalogue(path, code) for path in sorted((locales / code).glob("*.po"))}
        _add_missing(locales / code, code, held, found.said)
        _remove_left_over(locales / code, code, held, found.literals, prune)
        waiting[code] = [sentence for sentence in found.said if not any(entries.get(sentence) for entries in held.values())]
    for code, sentences in waiting.items():
        for sentence in sentences:
            say(t(lang, "No translation into {lang} yet: {sentence}", lang=code, sentence=sentence))
    if not any(waiting.values()):
        say(t(lang, "Every sentence has a translation in every language."))
    return 1 if any(waiting.values()) else 0


def _add_missing(folder: Path, code: str, held: Held, said: dict[str, Path]) -> None:
    """Add sentences that no catalogue of a language holds; ``held`` is brought up to date."""
    places = {sentence: name for name, entries in held.items() for sentence in entries}
    for sentence, where in said.items():
        if sentence in places:
            continue
        name = choose_catalogue(where, said, places)
        translation = sentence if code == SOURCE_LANGUAGE else ""
        add_entries(folder / f"{name}.po", code, {sentence: translation})
        held.setdefault(name, {})[sentence] = translation
        say(t(language(), "Added to {file}: {sentence}", file=f"{code}/{name}.po", sentence=sentence))


def _remove_left_over(folder: Path, code: str, held: Held, literals: set[str], prune: bool) -> None:
    for name, entries in held.items():
        unused = {sentence for sentence in entries if sentence not in literals}
        if unused and prune:
            remove_entries(folder / f"{name}.po", code, unused)
        for sentence in sorted(unused):
            _tell_left_over(f"{code}/{name}.po", sentence, prune)


def _tell_left_over(file: str, sentence: str, removed: bool) -> None:
    told = t(language(), "Removed from {file}" if removed else "Not used any more; --prune removes it from {file}", file=file)
    say(f"{told}: {sentence}")
