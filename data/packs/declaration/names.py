"""What a code of a pack may look like: it becomes the name of a table, a column or a part of an address."""

import re

CODE = re.compile(r"[a-z][a-z0-9_]{1,23}")
OWN = "gw_"
"""Columns of Gridwell itself begin so."""
LONGEST_WORD = 64


def find_bad_code(code: str) -> str | None:
    """The fault of a code, or nothing."""
    if not CODE.fullmatch(code):
        return "bad_code"
    return "reserved_code" if code.startswith(OWN) else None


def is_word_code(code: str) -> bool:
    """Whether a text may be one of a field's codes, as a file writes it."""
    return 0 < len(code) <= LONGEST_WORD and code == code.strip() and code.isprintable()
