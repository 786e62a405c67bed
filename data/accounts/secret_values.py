"""Random values that open something, and what is kept of them: never the value itself."""

import hashlib
import secrets
from typing import Literal

Kind = Literal["personal", "device"]
PREFIXES: dict[Kind, str] = {"personal": "gwp_", "device": "gwd_"}
"""What a token begins with: people see what they hold, and programs that look for leaked secrets find it."""
_BYTES = 32


def random_value() -> str:
    """256 bits from the system, in letters, digits, ``-`` and ``_``."""
    return secrets.token_urlsafe(_BYTES)


def make_token(kind: Kind) -> str:
    """A new token."""
    return PREFIXES[kind] + random_value()


def hash_value(value: str) -> bytes:
    """What the database keeps and looks up by. SHA-256 does for values that nobody can guess."""
    return hashlib.sha256(value.encode()).digest()


def could_be_token(value: str, kind: Kind) -> bool:
    """Whether a text may be such a token at all; the rest needs no look into the database."""
    return value.startswith(PREFIXES[kind]) and len(value) < 100 and value.isascii()
