"""What a person types to find cases, as words that can be sought."""

import unicodedata
from dataclasses import dataclass

from data.core.errors import BadInput
from data.core.text import storable

LONGEST_QUERY = 200
MOST_WORDS = 8


@dataclass(frozen=True, slots=True)
class Sought:
    """What is sought: words that each occur somewhere, or the beginning of a case number."""

    words: tuple[str, ...] = ()
    number: str | None = None


def parse_words(text: str) -> Sought:
    """Split a text into words; half and full width are the same, and so are capitals and small letters.

    A single character finds only numbers that begin with it: nearly every text holds any one character.

    Raises:
        BadInput: the text is too long, has too many words, or is a single character that begins no number.
    """
    if not storable(text):
        raise BadInput(field="q", value=text, reason="it does not have the right form")
    if len(text) > LONGEST_QUERY:
        raise BadInput(field="q", value=text, reason="it is too long")
    words = tuple(dict.fromkeys(unicodedata.normalize("NFKC", text).split()))
    if len(words) > MOST_WORDS:
        raise BadInput(field="q", value=text, reason="there are too many")
    if not words or any(len(word) > 1 for word in words):
        return Sought(words)
    if len(words) == 1 and words[0].isascii() and words[0].isalnum():
        return Sought(number=words[0].upper())
    raise BadInput(field="q", value=text, reason="write at least two characters that stand together")
