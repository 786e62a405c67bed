"""One normal form for numbers that people write in many ways. It is needed because a keyed hash finds only equal texts."""

import re
import unicodedata
from datetime import date

_BETWEEN = re.compile(r"[\s\-‐‑–—.()（）/]+")
_ABROAD = re.compile(r"^(\+|00)86(?=1\d{10}$)|^86(?=1\d{10}$)")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_OLD_CARD = re.compile(r"[1-9]\d{14}")
_HIDDEN = {"Cc", "Cf", "Co", "Cs"}
"""Unicode categories of invisible characters: controls, marks of direction, joiners."""
_TELLING = re.compile(r"(?<!\d)(?:[1-9]\d{16}[\dXx]|1[3-9]\d{9}|[1-9]\d{5}\d{2}[01]\d[0-3]\d{4})(?![\dXx])")
LONGEST = 40


def normalize_id_number(given: str) -> str | None:
    """The number of an identity document: only capital letters and digits; ``None`` where none is left."""
    return _normalize(given).upper() or None


def normalize_phone(given: str) -> str | None:
    """A telephone number as digits, without China's own country code before a mobile number; ``None`` where it holds anything else."""
    plain = _ABROAD.sub("", _normalize(given, "+"))
    digits = plain.removeprefix("+")
    return plain if digits.isascii() and digits.isdigit() and len(digits) >= 3 else None


def is_resident_card(number: str) -> bool:
    """Whether a number can be the number of a resident identity card: 18 places, the last being the check digit (GB 11643)."""
    return bool(re.fullmatch(r"[1-9]\d{16}[\dX]", number)) and check_digit(number[:17]) == number[17]


def check_digit(first: str) -> str:
    """The last place of a resident identity card from the 17 before it (GB 11643, ISO 7064 MOD 11-2)."""
    return _CHECKS[sum(int(digit) * weight for digit, weight in zip(first, _WEIGHTS, strict=True)) % 11]


def normalize_resident_card(number: str) -> str | None:
    """The 18 digits of a resident identity card from its normal form, also from the 15 digits of cards before 1999 (GB 11643-1989).

    ``None`` where check digit, length or date of birth are not valid.
    """
    if _OLD_CARD.fullmatch(number):
        first = f"{number[:6]}19{number[6:]}"
        number = first + check_digit(first)
    return number if is_resident_card(number) and birth_date_of(number) is not None else None


def birth_date_of(card: str) -> date | None:
    """The date of birth in the 18 places of a resident card; ``None`` where there is no such day."""
    try:
        return date(int(card[6:10]), int(card[10:12]), int(card[12:14]))
    except ValueError:
        return None


def sex_of(card: str) -> str:
    """``M`` or ``F``, from the last place but one of a resident card: odd for men."""
    return "M" if int(card[16]) % 2 else "F"


def strip_invisible(given: str) -> str:
    """A text in its plain form, without invisible characters, and with single blanks."""
    if given.isascii() and given.isprintable():
        return " ".join(given.split())
    folded = unicodedata.normalize("NFKC", given)
    return " ".join("".join(c for c in folded if unicodedata.category(c) not in _HIDDEN or c.isspace()).split())


def contains_number(text: str) -> bool:
    """Whether a text contains something that looks like the number of a resident card or of a Chinese mobile telephone."""
    return _TELLING.search(_BETWEEN.sub("", strip_invisible(text))) is not None


def _normalize(given: str, also: str = "") -> str:
    """Letters and digits in their plain form, of at most ``LONGEST``."""
    if given.isascii() and given.isalnum() and len(given) <= LONGEST:
        return given
    folded = _BETWEEN.sub("", unicodedata.normalize("NFKC", given))
    kept = "".join(c for c in folded if (c.isascii() and c.isalnum()) or c in also)
    return kept if len(kept) == len(folded) and len(kept) <= LONGEST else ""
