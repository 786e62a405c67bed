"""Random values that give access, and the hashes that the database keeps instead of them."""

import hashlib
import secrets
from typing import Literal

Kind = Literal["personal", "device", "calendar"]
PREFIXES: dict[Kind, str] = {"personal": "gwp_", "device": "gwd_", "calendar": "gwc_"}
"""Prefix of all tokens, by which people recognise them, and by which programs that look for leaked secrets find them."""
_BYTES = 32


def random_value() -> str:
    """Make a random value of 256 bits, in letters, digits, ``-`` and ``_``."""
    return secrets.token_urlsafe(_BYTES)


def make_token(kind: Kind) -> str:
    """Make a new token."""
    return PREFIXES[kind] + random_value()


def hash_value(value: str) -> bytes:
    """The hash that the database keeps and looks up. SHA-256 is enough for values that nobody can guess."""
    return hashlib.sha256(value.encode()).digest()


def could_be_token(value: str, kind: Kind) -> bool:
    """Whether a text can be a token of this kind at all. If not, the database need not be asked."""
    return value.startswith(PREFIXES[kind]) and len(value) < 100 and value.isascii()
