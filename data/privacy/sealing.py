"""Sealing with AES-256-GCM, and keyed hashes (HMAC-SHA-256) to find what is sealed.

A sealed text is: 2 (the form), the key's number (eight bytes), a random nonce (12 bytes), then the cipher with its tag. Form 1, of keys
that were numbered 1, 2, 3, has two bytes for the number. What kind of text it is (``person.id``) is bound to it, so that a sealed text
cannot be used as another kind.
"""

import hmac
import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from data.core.errors import GridwellError
from data.privacy.keys import SMALL, Keyring, keyring

_NONCE = 12
_NUMBER_BYTES = {1: 2, 2: 8}
"""Bytes of the key's number, by the form of a sealed text."""


class BadCipher(GridwellError):
    status, code = 500, "bad_cipher"
    sentence = "A sealed text cannot be opened: it was changed, or sealed with a key that is not in the key file."


def seal(text: str, kind: str, ring: Keyring | None = None) -> bytes:
    """Seal a text with the newest key.

    Args:
        text: the secret text.
        kind: table and field.
        ring: the keys; this installation's unless others are given.
    """
    ring = ring or keyring()
    nonce = os.urandom(_NONCE)
    return _head(ring.newest) + nonce + AESGCM(ring.keys[ring.newest]).encrypt(nonce, text.encode(), kind.encode())


def unseal(cipher: bytes, kind: str, ring: Keyring | None = None) -> str:
    """Open a sealed text and return it.

    Raises:
        BadCipher: it is not a sealed text, was changed, or is of another kind.
    """
    number, held = key_number(cipher), ring or keyring()
    if number not in held.keys:
        raise BadCipher
    head = _head_length(cipher)
    nonce, body = cipher[head : head + _NONCE], cipher[head + _NONCE :]
    try:
        return AESGCM(held.keys[number]).decrypt(nonce, body, kind.encode()).decode()
    except (InvalidTag, ValueError):
        raise BadCipher from None


def key_number(cipher: bytes) -> int:
    """Number of the key that a text was sealed with.

    Raises:
        BadCipher: it is not a sealed text.
    """
    head = _head_length(cipher)
    if len(cipher) < head + _NONCE:
        raise BadCipher
    return int.from_bytes(cipher[1:head])


def _head(number: int) -> bytes:
    """The form and the key's number."""
    form = 1 if number <= SMALL else 2
    return bytes([form]) + number.to_bytes(_NUMBER_BYTES[form])


def _head_length(cipher: bytes) -> int:
    if not cipher or cipher[0] not in _NUMBER_BYTES:
        raise BadCipher
    return 1 + _NUMBER_BYTES[cipher[0]]


def keyed_hash(text: str, kind: str, ring: Keyring | None = None) -> bytes:
    """32 bytes that are the same for the same text of the same kind (``id``, ``phone``), and reveal nothing without the key."""
    return hmac.digest((ring or keyring()).hashing, f"{kind}:{text}".encode(), "sha256")


def seal_all(texts: Sequence[str], kind: str, ring: Keyring) -> list[bytes]:
    """Seal many texts of one kind at once, in a quarter of the time."""
    head, seal, bound = _head(ring.newest), AESGCM(ring.keys[ring.newest]).encrypt, kind.encode()
    noise = os.urandom(_NONCE * len(texts))
    nonces = (noise[start : start + _NONCE] for start in range(0, len(noise), _NONCE))
    return [head + nonce + seal(nonce, text.encode(), bound) for nonce, text in zip(nonces, texts, strict=True)]


def keyed_hash_all(texts: Sequence[str], kind: str, ring: Keyring) -> list[bytes]:
    """Hashes of many texts of one kind."""
    key, digest, before = ring.hashing, hmac.digest, kind.encode() + b":"
    return [digest(key, before + text.encode(), "sha256") for text in texts]
