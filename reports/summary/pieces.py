"""Sentences as pieces: a translated sentence whose places are filled with texts, or with numbers that name their figures."""

from collections.abc import Iterable
from string import Formatter

from data.core.i18n import t
from data.core.viewer import Lang
from reports.content import Piece, Sentence

Place = str | Piece | list[Piece]


def fill(lang: Lang, sentence: str, bold: bool = False, /, **places: Place) -> list[Piece]:
    """The pieces of a sentence in a language.

    Args:
        lang: the language.
        sentence: English, with named places; it is in the catalogues.
        bold: whether all of it is bold.
        places: what stands in each place: a text, or pieces with their figures.
    """
    made: list[Piece] = []
    for text, name, _, _ in Formatter().parse(t(lang, sentence)):
        if text:
            made.append(Piece(text, bold))
        if name is not None:
            put = places[name]
            pieces = [Piece(put)] if isinstance(put, str) else [put] if isinstance(put, Piece) else put
            made += [Piece(piece.text, bold, piece.figure) for piece in pieces]
    return made


def join(lang: Lang, *sentences: Iterable[Piece]) -> Sentence:
    """One point of several sentences; neighbours that look alike become one piece. English has a space between sentences."""
    merged: list[Piece] = []
    for at, sentence in enumerate(pieces for pieces in map(list, sentences) if pieces):
        for piece in [Piece(" "), *sentence] if at and lang == "en" else sentence:
            last = merged[-1] if merged else None
            alike = last and last.figure is None and piece.figure is None and (last.bold == piece.bold or last.text == " ")
            if last and alike:
                merged[-1] = Piece(last.text + piece.text, piece.bold)
            else:
                merged.append(piece)
    return tuple(merged)


def text_of(sentence: Iterable[Piece]) -> str:
    """A sentence as plain text."""
    return "".join(piece.text for piece in sentence)
