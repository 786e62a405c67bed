"""One way of writing for numbers that people write in many: only so does a keyed hash find what was typed."""

import re
import unicodedata

_BETWEEN = re.compile(r"[\s\-‐‑–—.()（）/]+")
_ABROAD = re.compile(r"^(\+|00)86(?=1\d{10}$)|^86(?=1\d{10}$)")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
LONGEST = 40


def id_number(given: str) -> str | None:
    """The number of an identity document: capital letters and digits alone; ``None`` where nothing of that is left."""
    return _plain(given).upper() or None


def phone_number(given: str) -> str | None:
    """A telephone number as digits, without China's own country code before a mobile number; ``None`` where it holds anything else."""
    plain = _ABROAD.sub("", _plain(given, "+"))
    digits = plain.removeprefix("+")
    return plain if digits.isascii() and digits.isdigit() and len(digits) >= 3 else None


def is_resident_card(number: str) -> bool:
    """Whether a number can be one of the resident identity card: 18 places, the last being the check digit (GB 11643)."""
    return bool(re.fullmatch(r"[1-9]\d{16}[\dX]", number)) and check_digit(number[:17]) == number[17]


def check_digit(first: str) -> str:
    """The last place of a resident identity card from the 17 before it (GB 11643, ISO 7064 MOD 11-2)."""
    return _CHECKS[sum(int(digit) * weight for digit, weight in zip(first, _WEIGHTS, strict=True)) % 11]


def _plain(given: str, also: str = "") -> str:
    """Letters and digits in their plain form, of at most ``LONGEST``."""
    folded = _BETWEEN.sub("", unicodedata.normalize("NFKC", given))
    kept = "".join(c for c in folded if (c.isascii() and c.isalnum()) or c in also)
    return kept if len(kept) == len(folded) and len(kept) <= LONGEST else ""
