"""Small rules for texts that come from outside."""

import re

LONGEST_CODE = 200
LARGEST_INTEGER = 2**31 - 1
"""The largest value of PostgreSQL's ``integer``."""
LARGEST_BIGINT = 2**63 - 1
"""The largest value of PostgreSQL's ``bigint``."""
_MOST_DIGITS = len(str(LARGEST_BIGINT))


_HARMFUL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_BREAKS = re.compile(r"[\t\r\n]+")


def defuse(text: str) -> str:
    """A text from outside without what acts instead of being seen: control characters, marks that turn the direction of writing, halves of
    characters. A terminal obeys the first, people are deceived by the second, and PostgreSQL and UTF-8 refuse the third. Tabs and line
    breaks stay.

    >>> defuse("lamp\\x1b[2J")
    'lamp\ufffd[2J'
    """
    return _HARMFUL.sub("\ufffd", text)


def as_one_line(text: str) -> str:
    """The same (see ``defuse``) on one line: a text from outside adds no sentence of its own."""
    return _BREAKS.sub(" ", defuse(text))


def storable(value: str) -> bool:
    """Whether PostgreSQL can store the text: it has no NUL, and no half of a surrogate pair."""
    return "\x00" not in value and not any("\ud800" <= c <= "\udfff" for c in value)


def parse_whole_number(text: str | None, largest: int = LARGEST_BIGINT) -> int | None:
    """The whole number that a text from outside spells in ASCII digits, from 0 to ``largest``; ``None`` for any other text.

    Use this instead of ``int()`` for everything in a request: ``int()`` raises for more than 4,300 digits, accepts signs, spaces,
    underscores and the digits of other scripts, and returns numbers that no column can hold.

    >>> parse_whole_number("0042"), parse_whole_number("-1"), parse_whole_number("9" * 5_000)
    (42, None, None)
    """
    if text is None or len(text) > _MOST_DIGITS or not (text.isascii() and text.isdigit()):
        return None
    number = int(text)
    return number if number <= largest else None


def could_be_code(value: str) -> bool:
    """Whether a text can be a code or key. If not, there is no need to ask the database."""
    return 0 < len(value) <= LONGEST_CODE and storable(value)


def mask_phone(phone: str | None) -> str | None:
    """``13812345678`` as ``138****5678``. Shorter numbers keep only the last two digits: seven would show nearly all of them."""
    if not phone:
        return None
    if len(phone) >= 11:
        return f"{phone[:3]}****{phone[-4:]}"
    return f"****{phone[-2:]}"
