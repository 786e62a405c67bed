"""Protects personal data before it is stored or shown: masks, encryption with a key that the database does not have, and keyed hashes."""

from data.privacy.keys import Keyring, keyring
from data.privacy.masking import mask_id, mask_name, mask_phone, mask_text
from data.privacy.number_formats import normalize_id_number, normalize_phone
from data.privacy.sealing import BadCipher, keyed_hash, keyed_hash_all, seal, seal_all, unseal

__all__ = [
    "BadCipher",
    "Keyring",
    "keyed_hash",
    "keyed_hash_all",
    "keyring",
    "mask_id",
    "mask_name",
    "mask_phone",
    "mask_text",
    "normalize_id_number",
    "normalize_phone",
    "seal",
    "seal_all",
    "unseal",
]
