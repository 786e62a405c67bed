"""Sentences in the reader's language, from gettext catalogues.

``assets/locale/<lang>/<room>.po`` are merged into one catalogue per language. A msgid is the English sentence itself; a
language is added by adding a folder. Catalogues are read as .po, so nothing has to be compiled.
"""

from functools import lru_cache
from pathlib import Path

from babel.messages.pofile import read_po

from data.core.errors import GridwellError
from data.core.settings import ROOT

LOCALES = ROOT / "assets" / "locale"


@lru_cache
def languages() -> tuple[str, ...]:
    """Codes of all languages that have a folder, Chinese first."""
    found = {p.name for p in LOCALES.iterdir() if p.is_dir()}
    return tuple(sorted(found, key=lambda code: (code != "zh", code)))


def catalogue_files(lang: str) -> list[Path]:
    """The .po files of one language."""
    return sorted((LOCALES / lang).glob("*.po"))


@lru_cache
def _catalogue(lang: str) -> dict[str, str]:
    entries: dict[str, str] = {}
    for path in catalogue_files(lang):
        with path.open("rb") as handle:
            for message in read_po(handle, locale=lang):
                if message.id and isinstance(message.id, str) and isinstance(message.string, str) and message.string:
                    entries[message.id] = message.string
    return entries


def t(lang: str, msgid: str, /, **facts: object) -> str:
    """The sentence ``msgid`` in ``lang``, with its ``{named}`` places filled.

    A sentence without a translation stays English; a test keeps the catalogues complete.
    """
    text = _catalogue(lang).get(msgid, msgid)
    return text.format(**facts) if facts else text


def tell(lang: str, error: GridwellError) -> str:
    """An error's sentence in ``lang``. Its fact ``reason`` is a sentence too, and is translated as well."""
    facts = dict(error.facts)
    if isinstance(facts.get("reason"), str):
        facts["reason"] = t(lang, str(facts["reason"]))
    return t(lang, error.sentence, **facts)
