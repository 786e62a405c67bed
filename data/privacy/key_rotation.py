"""Key rotation: seals all sealed data again with a new key, some thousand rows at a time, while people can go on working."""

import time
from collections.abc import Callable, Iterator

from psycopg import sql

from data.database.connections import Connection
from data.database.locks import RESEALING
from data.privacy.key_checks import drop_checks, store_checks
from data.privacy.keys import Keyring, KeysMissing, key_file, keyring, remove_drafts, write_keyring
from data.privacy.sealed_columns import SEALED_COLUMNS, SealedColumn
from data.privacy.sealing import BadCipher, key_number, seal, unseal

_BATCH = 2_000


def rotate_keys(connection: Connection, tell: Callable[[str, int], None], drop_old: bool = False) -> Keyring:
    """Make a new key and seal everything with it; it commits after each part. If it is interrupted, a second run seals the rest.

    Args:
        connection: the owner's, without a transaction.
        tell: called with the number of rows of each column that were sealed again.
        drop_old: remove the old keys from the file once nothing uses them, after waiting for running imports. Then sealed data in older
            backups of the database cannot be opened any more.
    """
    _wait_for_other_rotation(connection)
    ring = keyring().rotated()
    write_keyring(key_file(), ring)  # first of all, so that the key of every cipher is always stored
    with connection.transaction():
        store_checks(connection, ring)
    for one in SEALED_COLUMNS:
        tell(f"{one.table}.{one.column}", _reseal(connection, one, ring))
    if drop_old:
        # Transactions that began before the new key existed may still commit data that the old one sealed.
        _wait_for(connection, _open_transactions(connection))
        for one in SEALED_COLUMNS:
            _reseal(connection, one, ring)
        ring = ring.only_newest()
        with connection.transaction():  # before the file: a check value without its key would be a fault
            drop_checks(connection, ring)
        write_keyring(key_file(), ring)
        remove_drafts(key_file())
    with connection.transaction():
        connection.execute(
            "SELECT audit_append('keys_rotated', 'keys', NULL, NULL, jsonb_build_object('newest', %s::text))", [str(ring.newest)]
        )
        connection.execute("SELECT pg_advisory_unlock(%s)", [RESEALING])
    return keyring()


def _wait_for_other_rotation(connection: Connection) -> None:
    """Take the lock of rotations, looking again and again: the other one may wait for all open transactions, and would wait for ours."""
    while True:
        with connection.transaction():
            if connection.execute("SELECT pg_try_advisory_lock(%s)", [RESEALING]).fetchone() == (True,):
                return
        time.sleep(_LOOK_AGAIN_S)


_UNDER_WAY = """
SELECT l.virtualtransaction FROM pg_locks l JOIN pg_stat_activity a USING (pid)
WHERE l.locktype = 'virtualxid' AND l.mode = 'ExclusiveLock' AND a.pid <> pg_backend_pid()
  AND a.datname = current_database() AND a.usename IS NOT NULL"""
"""All open transactions; every role may see them. Those of PostgreSQL's own background processes have no name."""
_LOOK_AGAIN_S = 0.2


def _open_transactions(connection: Connection) -> set[str]:
    with connection.transaction():
        return {row[0] for row in connection.execute(_UNDER_WAY)}


def _wait_for(connection: Connection, transactions: set[str]) -> None:
    """Wait until all of these transactions have ended."""
    while transactions & _open_transactions(connection):
        time.sleep(_LOOK_AGAIN_S)


def list_unreadable(connection: Connection) -> Iterator[str]:
    """Columns with ciphers that the key file does not open, and the number of each key. One cipher of each column and key is tried.

    Raises:
        KeysUnreadable, KeysExposed, FolderRefused: see ``data.privacy.keys.keyring``.
    """
    try:
        ring = keyring()
    except KeysMissing:
        ring = None
    head = "substr({column}, 1, CASE WHEN substr({column}, 1, 1) = '\\x02' THEN 9 ELSE 3 END)"
    for one in SEALED_COLUMNS:
        found = sql.SQL(f"SELECT DISTINCT ON ({head}) {{column}} FROM {{table}} WHERE {{column}} IS NOT NULL")  # noqa: S608 - ours
        for row in connection.execute(found.format(column=sql.Identifier(one.column), table=sql.Identifier(one.table))):
            try:
                if ring is None:
                    raise BadCipher
                unseal(bytes(row[0]), one.kind, ring)
            except BadCipher:
                yield f"{one.table}.{one.column}: {key_number(bytes(row[0]))}"


def _reseal(connection: Connection, one: SealedColumn, ring: Keyring) -> int:
    """Seal one column again, from the lowest key up."""
    names = {
        "table": sql.Identifier(one.table),
        "column": sql.Identifier(one.column),
        "key": sql.SQL(", ").join(map(sql.Identifier, one.key)),
        "places": sql.SQL(", ").join(sql.Placeholder() * len(one.key)),
    }
    some = sql.SQL(
        "SELECT {key}, {column} FROM {table} WHERE {column} IS NOT NULL AND ({key}) > ({places}) ORDER BY {key} LIMIT %s FOR NO KEY UPDATE"
    ).format(**names)
    first = sql.SQL("SELECT {key}, {column} FROM {table} WHERE {column} IS NOT NULL ORDER BY {key} LIMIT %s FOR NO KEY UPDATE").format(
        **names
    )
    store = sql.SQL("UPDATE {table} SET {column} = %s WHERE ({key}) = ({places})").format(**names)
    done, last = 0, None
    while True:
        with connection.transaction():
            rows = connection.execute(first, [_BATCH]) if last is None else connection.execute(some, [*last, _BATCH])
            held = rows.fetchall()
            old = [row for row in held if key_number(bytes(row[-1])) != ring.newest]
            again = [(_reseal_text(bytes(row[-1]), one.kind, ring), *row[:-1]) for row in old]
            connection.cursor().executemany(store, again)
        done += len(again)
        if len(held) < _BATCH:
            return done
        last = held[-1][:-1]


def _reseal_text(cipher: bytes, kind: str, ring: Keyring) -> bytes:
    return seal(unseal(cipher, kind, ring), kind, ring)
