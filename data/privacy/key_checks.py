"""Whether the key file is the one that the data in the database was sealed with. Told at each start, not when somebody opens a record.

For each key the database holds a check value: a hash that only the same key gives, and that tells nothing about the key.
"""

import hmac

from psycopg import sql

from data.core.errors import GridwellError
from data.database.connections import Connection
from data.privacy.keys import Keyring, key_file, keyring, write_keyring
from data.privacy.sealed_columns import HASHED_TABLES, SEALED_COLUMNS, SealedColumn
from data.privacy.sealing import BadCipher, unseal

HASHING = 0
"""The number under which the key of the hashes has its check value."""
_TEXT = b"gridwell key check"


class KeysDoNotFit(GridwellError):
    status, code = 503, "keys_do_not_fit"
    sentence = (
        "The key file {file} is not the one that the data in this database was sealed with: {missing} missing or different."
        " Put the right file back from your backup, or set GRIDWELL_KEY_FILE to where it is."
    )


def prepare_keys(connection: Connection, needed: bool = False) -> None:
    """Make the key file if there is none and nothing is sealed; otherwise check that it fits, and store check values of new keys.

    Args:
        connection: the owner's; it is committed.
        needed: raise if the keys cannot be used. Commands that look for faults, or repair them, run without keys.

    Raises:
        GridwellError: ``needed``, and the keys are missing, damaged, readable by others, or do not fit; the sentence says what to do.
    """
    try:
        if not key_file().exists() and not holds_sealed(connection):
            write_keyring(key_file(), Keyring.generate(), new=True)
            connection.execute("DELETE FROM sealing_key")
        check_keys(connection)
        store_checks(connection, keyring())
        connection.commit()
    except GridwellError:
        connection.rollback()
        if needed:
            raise


def check_keys(connection: Connection) -> None:
    """Compare the key file with the database.

    Raises:
        KeysMissing, KeysUnreadable, KeysExposed: see ``data.privacy.keys.keyring``.
        KeysDoNotFit: the file has not the keys that were used.
    """
    ring = keyring()
    stored = {number: bytes(value) for number, value in connection.execute("SELECT number, check_value FROM sealing_key")}
    held = check_values(ring)
    missing = [_key_name(number) for number, value in sorted(stored.items()) if held.get(number) != value]
    if not stored:  # of a version that stored no check values: one text of each column is opened
        missing = [f"{one.table}.{one.column}" for one in SEALED_COLUMNS if not _opens_first(connection, one, ring)]
    if missing:
        raise KeysDoNotFit(file=key_file(), missing=", ".join(missing))


def check_values(ring: Keyring) -> dict[int, bytes]:
    """The check value of each key, by its number; that of the key for hashes is ``HASHING``."""
    return {number: hmac.digest(key, _TEXT, "sha256") for number, key in {**ring.keys, HASHING: ring.hashing}.items()}


def store_checks(connection: Connection, ring: Keyring) -> None:
    """Store check values that are not stored yet, in the caller's transaction."""
    rows = [(number, value) for number, value in check_values(ring).items()]
    connection.cursor().executemany("INSERT INTO sealing_key (number, check_value) VALUES (%s, %s) ON CONFLICT DO NOTHING", rows)


def drop_checks(connection: Connection, ring: Keyring) -> None:
    """Delete the check values of keys that this keyring does not have, in the caller's transaction."""
    connection.execute("DELETE FROM sealing_key WHERE number <> ALL(%s)", [[HASHING, *ring.keys]])


def holds_sealed(connection: Connection) -> bool:
    """Whether the database holds anything that needs the keys."""
    return any(_first(connection, one) is not None for one in SEALED_COLUMNS) or any(
        connection.execute(sql.SQL("SELECT 1 FROM {} LIMIT 1").format(sql.Identifier(table))).fetchone() for table in HASHED_TABLES
    )


def _opens_first(connection: Connection, one: SealedColumn, ring: Keyring) -> bool:
    cipher = _first(connection, one)
    try:
        return cipher is None or unseal(cipher, one.kind, ring) is not None
    except BadCipher:
        return False


def _first(connection: Connection, one: SealedColumn) -> bytes | None:
    """Any text of a column; ``None`` where there is none."""
    statement = sql.SQL("SELECT {column} FROM {table} WHERE {column} IS NOT NULL LIMIT 1")
    row = connection.execute(statement.format(column=sql.Identifier(one.column), table=sql.Identifier(one.table))).fetchone()
    return None if row is None else bytes(row[0])


def _key_name(number: int) -> str:
    return "hash" if number == HASHING else str(number)
