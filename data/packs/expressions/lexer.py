"""Words of an expression: numbers, texts, names and marks, each with its place."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from data.packs.expressions.errors import ExpressionError

LONGEST = 2_000
"""Characters of an expression."""
LONGEST_TEXT = 200
MOST_DIGITS = 30
"""Of a number that is written out, before and behind the point together."""

_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_WORD = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")
_RUN = re.compile(r"[\w.]*")
_TEXT = re.compile(r"'((?:[^']|'')*+)'")
_MARK = re.compile(r"<=|>=|!=|[=<>+\-*/(),]")
_COMMENT = re.compile(r"--|/\*|\*/|//|#")
_HIDDEN = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
"""Categories of Unicode whose characters act or hide instead of being seen."""

_FOREIGN_MARKS = {
    "==": "=",
    "<>": "!=",
    "&&": "and",
    "||": "or",
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "×": "*",
    "÷": "/",
    "−": "-",
    '"': "'",
    "“": "'",
    "”": "'",
    "‘": "'",
    "’": "'",
    "、": ",",
    "!": "not",
}
"""Marks of other languages and of Chinese keyboards, with what is meant. Longer ones first."""

Kind = Literal["number", "text", "word", "mark", "end"]


@dataclass(frozen=True, slots=True)
class Token:
    """A word.

    Attributes:
        text: as it stands there; of a text, what stands between the quotes. Empty at the end.
        at: its first character, counted from 1.
    """

    kind: Kind
    text: str
    at: int


def read_tokens(text: str) -> list[Token]:
    """The words of an expression, and one more that marks its end. Takes time in proportion to the length, which is limited.

    Raises:
        ExpressionError: it is empty or too long, or a character cannot be part of it.
    """
    if len(text) > LONGEST:
        raise ExpressionError("too_long", 1, most=LONGEST)
    for place, character in enumerate(text, 1):
        if character not in "\t\r\n" and unicodedata.category(character) in _HIDDEN:
            raise ExpressionError("hidden_character", place, found=f"U+{ord(character):04X}")
    tokens: list[Token] = []
    place = 0
    while place < len(text):
        if text[place].isspace():
            place += 1
            continue
        token, place = _read_token(text, place)
        tokens.append(token)
    if not tokens:
        raise ExpressionError("empty", 1)
    return [*tokens, Token("end", "", len(text) + 1)]


def _read_token(text: str, place: int) -> tuple[Token, int]:
    """The word that begins there, and the place behind it."""
    at = place + 1
    if text[place] == "'":
        return _read_text(text, place)
    if number := _NUMBER.match(text, place):
        return _read_number(text, number), number.end()
    if word := _WORD.match(text, place):
        return Token("word", word[0], at), word.end()
    if comment := _COMMENT.match(text, place):
        raise ExpressionError("no_comments", at, found=comment[0])
    for foreign, instead in _FOREIGN_MARKS.items():
        if text.startswith(foreign, place) and not text.startswith("!=", place):
            raise ExpressionError("write_instead", at, found=foreign, instead=instead)
    if mark := _MARK.match(text, place):
        return Token("mark", mark[0], at), mark.end()
    plain = unicodedata.normalize("NFKC", text[place])
    if plain != text[place] and plain.isascii() and plain.isprintable():
        raise ExpressionError("write_instead", at, found=text[place], instead=plain)
    raise ExpressionError("no_character", at, found=text[place])


def _read_text(text: str, place: int) -> tuple[Token, int]:
    found = _TEXT.match(text, place)
    if not found:
        raise ExpressionError("open_text", place + 1)
    value = found[1].replace("''", "'")
    if len(value) > LONGEST_TEXT:
        raise ExpressionError("long_text", place + 1, most=LONGEST_TEXT)
    return Token("text", value, place + 1), found.end()


def _read_number(text: str, number: re.Match[str]) -> Token:
    at = number.start() + 1
    run = _RUN.match(text, number.start())
    if run and run[0] != number[0]:
        raise ExpressionError("no_number", at, found=run[0])
    if sum(character.isdigit() for character in number[0]) > MOST_DIGITS:
        raise ExpressionError("long_number", at, most=MOST_DIGITS)
    return Token("number", number[0], at)
