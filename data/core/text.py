"""Small rules for texts that come from outside."""

LONGEST_CODE = 200
LARGEST_INTEGER = 2**31 - 1
"""Of PostgreSQL's ``integer``."""
LARGEST_BIGINT = 2**63 - 1
"""Of PostgreSQL's ``bigint``."""
_MOST_DIGITS = len(str(LARGEST_BIGINT))


def storable(value: str) -> bool:
    """Whether PostgreSQL can hold the text at all: no NUL, no half of a surrogate pair."""
    return "\x00" not in value and not any("\ud800" <= c <= "\udfff" for c in value)


def parse_whole_number(text: str | None, largest: int = LARGEST_BIGINT) -> int | None:
    """The whole number that a text from outside spells in ASCII digits, from 0 to ``largest``; ``None`` for any other text.

    Use this instead of ``int()`` for whatever a request holds: ``int()`` raises for more than 4,300 digits, accepts signs, spaces,
    underscores and the digits of other scripts, and returns numbers that no column can hold.

    >>> parse_whole_number("0042"), parse_whole_number("-1"), parse_whole_number("9" * 5_000)
    (42, None, None)
    """
    if text is None or len(text) > _MOST_DIGITS or not (text.isascii() and text.isdigit()):
        return None
    number = int(text)
    return number if number <= largest else None


def could_be_code(value: str) -> bool:
    """Whether a text may be a code or key; what may not is unknown without asking the database."""
    return 0 < len(value) <= LONGEST_CODE and storable(value)


def mask_phone(phone: str | None) -> str | None:
    """``13812345678`` as ``138****5678``; of shorter numbers, which that would all but tell, only the last two digits stay."""
    if not phone:
        return None
    if len(phone) >= 11:
        return f"{phone[:3]}****{phone[-4:]}"
    return f"****{phone[-2:]}"
