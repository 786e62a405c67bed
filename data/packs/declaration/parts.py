"""Checks of single values of a pack. What they raise is a code of ``faults.py``, which has the sentence."""

import math

from pydantic_core import PydanticCustomError

LONGEST_EXPRESSION = 2000
LONGEST_NAME = 200
LANGUAGES = ("zh", "en")
MOST = 1e15
"""Doubles hold every whole number up to here."""


def need_both(value: object) -> object:
    """The names of a thing.

    Raises:
        PydanticCustomError: a language is missing, or its text is.
    """
    if not isinstance(value, dict):
        raise PydanticCustomError("both_languages", "both languages")
    for lang in LANGUAGES:
        text = value.get(lang)
        if text is None or (isinstance(text, str) and not text.strip()):
            raise PydanticCustomError("language_missing", "missing", {"language": lang})
        if isinstance(text, str) and len(text) > LONGEST_NAME:
            raise PydanticCustomError("text_too_long", "too long", {"found": len(text), "most": LONGEST_NAME})
    return value


def check_expression(value: object) -> object:
    """An expression's text.

    Raises:
        PydanticCustomError: it is none, or too long.
    """
    if not isinstance(value, str) or not value.strip():
        raise PydanticCustomError("no_expression", "no expression")
    if len(value) > LONGEST_EXPRESSION:
        raise PydanticCustomError("text_too_long", "too long", {"found": len(value), "most": LONGEST_EXPRESSION})
    return value


def check_number(value: object) -> object:
    """A number.

    Raises:
        PydanticCustomError: it is none, or has no end.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise PydanticCustomError("no_number", "no number")
    if not math.isfinite(value) or abs(value) > MOST:
        raise PydanticCustomError("no_number", "no number")
    return value
