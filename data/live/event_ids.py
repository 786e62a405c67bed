"""Ids of events for listeners: an epoch and a number, encrypted.

Numbers count all events. Somebody who hears of all cases but the sensitive ones could count those by the numbers that are missing. So a
listener gets an id that says nothing, and that only this server can read.
"""

import base64
import binascii
from functools import lru_cache

from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB

_LENGTH, _PADDING = 22, "=="
"""Letters of 16 bytes in base 64, and what stands behind them there."""


def encode_id(key: bytes, epoch: str, seq: int) -> str:
    """The id of a number.

    Args:
        key: 16 bytes.
        epoch: hexadecimal, at least 16 digits.
        seq: the number.
    """
    block = bytes.fromhex(epoch[:16]) + seq.to_bytes(8, "big")
    return base64.urlsafe_b64encode(_encryptor(key).update(block)).decode()[:_LENGTH]


def decode_id(key: bytes, epoch: str, given: str) -> int | None:
    """The number of an id; ``None`` where it is of another epoch, or none of ours."""
    try:
        block = base64.b64decode((given + _PADDING).encode("ascii"), b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error):
        return None
    if len(given) != _LENGTH or len(block) != 16:
        return None
    plain = _decryptor(key).update(block)
    return int.from_bytes(plain[8:], "big") if plain[:8] == bytes.fromhex(epoch[:16]) else None


# One block at a time, and no block twice: then this mode is a plain permutation of blocks.
@lru_cache(8)
def _encryptor(key: bytes) -> CipherContext:
    return Cipher(AES(key), ECB()).encryptor()  # noqa: S305 # nosec B305 -- one block, a permutation


@lru_cache(8)
def _decryptor(key: bytes) -> CipherContext:
    return Cipher(AES(key), ECB()).decryptor()  # noqa: S305 # nosec B305 -- one block, a permutation
