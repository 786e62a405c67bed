"""Every column of the database that holds sealed texts."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """A column of ciphers.

    Attributes:
        key: columns of the table's primary key, in order.
        kind: the kind that is bound to each cipher.
        beside: the column with the keyed hash of the same text, where there is one.
    """

    table: str
    column: str
    key: tuple[str, ...]
    kind: str
    beside: str | None = None


SEALED_COLUMNS = (
    SealedColumn("person", "id_cipher", ("district", "id"), "person.id", "id_hash"),
    SealedColumn("person", "phone_cipher", ("district", "id"), "person.phone", "phone_hash"),
    SealedColumn("incident_reporter", "phone_cipher", ("district", "incident_id", "seq"), "reporter.phone", "phone_hash"),
    SealedColumn("account", "totp_secret", ("id",), "account.totp_secret"),
)
"""Every column of ciphers; a test compares the list with the schema."""
HASHED_TABLES = ("recovery_code",)
"""Tables whose rows are found by keyed hashes alone: without the key for hashes they are of no use."""
