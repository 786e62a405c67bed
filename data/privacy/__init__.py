"""What is done with personal data before it is stored or shown: masked, sealed with a key that the database does not have, hashed."""

from data.privacy.keys import Keyring, keyring
from data.privacy.masking import masked_id, masked_name, masked_phone, masked_text
from data.privacy.number_formats import id_number, phone_number
from data.privacy.sealing import BadCipher, hashed, hashed_all, opened, sealed, sealed_all

__all__ = [
    "BadCipher",
    "Keyring",
    "hashed",
    "hashed_all",
    "id_number",
    "keyring",
    "masked_id",
    "masked_name",
    "masked_phone",
    "masked_text",
    "opened",
    "phone_number",
    "sealed",
    "sealed_all",
]
