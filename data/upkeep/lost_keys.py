"""Going on after the key file is lost for good: what was sealed with it is deleted, and new keys are made."""

from datetime import UTC, datetime

from psycopg import sql

from data.auditing.owner_entries import append_as_owner
from data.core.errors import GridwellError
from data.database.connections import Connection
from data.privacy.key_checks import store_checks
from data.privacy.keys import Keyring, key_file, write_keyring
from data.privacy.rounding import band
from data.privacy.sealed_columns import HASHED_TABLES, SEALED_COLUMNS

ACTION = "keys_lost"
_ACCOUNTS = "UPDATE account SET totp_step = NULL, untold = true WHERE totp_secret IS NOT NULL RETURNING id"


class OtherCount(GridwellError):
    status, code = 422, "other_count"
    sentence = "There are {count} sealed values, not {said}. Nothing was deleted."


def count_sealed(connection: Connection) -> dict[str, int]:
    """How many sealed values each column holds."""
    counted = sql.SQL("SELECT count({column}) FROM {table}")
    found: dict[str, int] = {}
    for one in SEALED_COLUMNS:
        row = connection.execute(counted.format(column=sql.Identifier(one.column), table=sql.Identifier(one.table))).fetchone()
        found[f"{one.table}.{one.column}"] = int(row[0]) if row else 0
    return found


def forget_sealed(connection: Connection, count: int, by: str | None = None) -> dict[str, int]:
    """Delete everything that is sealed or found by keyed hashes, and make new keys. Masked forms stay, and so does everything else.

    Accounts lose their second factor and recovery codes; their sessions end, and whoever signs in next is told.

    Args:
        connection: the owner's, without a transaction.
        count: how many sealed values there are: whoever gives it has seen what is lost.
        by: whose doing it is, see ``data.auditing.owner_entries.append_as_owner``.

    Returns:
        What was deleted, by column.

    Raises:
        OtherCount: there are more or fewer.
        FolderRefused, DiskFull: the new keys cannot be stored.
    """
    with connection.transaction():
        connection.execute("SET LOCAL statement_timeout = 0")
        lost = count_sealed(connection)
        if sum(lost.values()) != count:
            raise OtherCount(count=sum(lost.values()), said=count)
        accounts = [row[0] for row in connection.execute(_ACCOUNTS)]
        connection.execute("DELETE FROM session WHERE account_id = ANY(%s)", [accounts])
        for one in SEALED_COLUMNS:
            emptied = sql.SQL(", ").join(sql.SQL("{} = NULL").format(sql.Identifier(name)) for name in (one.column, one.beside) if name)
            statement = sql.SQL("UPDATE {table} SET {emptied} WHERE {column} IS NOT NULL")
            connection.execute(statement.format(table=sql.Identifier(one.table), emptied=emptied, column=sql.Identifier(one.column)))
        for table in HASHED_TABLES:
            connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
        connection.execute("DELETE FROM sealing_key")
        ring = Keyring.generate()
        _set_aside()
        write_keyring(key_file(), ring)
        store_checks(connection, ring)
        told = {column: band(n) for column, n in lost.items()}
        append_as_owner(connection, ACTION, "keys", {**told, "newest": str(ring.newest)}, by)
    return lost


def _set_aside() -> None:
    """Keep a file that could not be used: perhaps somebody can still repair it."""
    file = key_file()
    if file.exists():
        file.rename(file.with_name(f"{file.name}.unusable-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"))
