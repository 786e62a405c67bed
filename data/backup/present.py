"""What the installation holds before a restore, and the exchange of its database."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

import psycopg
from psycopg import sql

from data.backup.errors import Filled, ForeignBackup, OthersConnected
from data.backup.manifest import Manifest
from data.backup.programs import maintenance
from data.database.connections import connect, database_url
from data.upkeep.upgrade import has_rows, is_filled

BEFORE = "_before_"
"""Part of the names of databases that were put aside."""
_LONGEST_NAME = 63


@dataclass(frozen=True, slots=True)
class Present:
    """What is there.

    Attributes:
        filled: whether it holds a city, an account or an import.
        lineage: see ``data.backup.manifest.Manifest``.
        readable: whether one could look; a cluster that does not start counts as filled.
    """

    filled: bool
    lineage: str = ""
    readable: bool = True


def look_at_present() -> Present:
    """Look at the database of the settings; one that is not there is empty."""
    try:
        with connect() as connection:
            filled = is_filled(connection)
            first = (
                connection.execute("SELECT hash FROM audit_log ORDER BY no LIMIT 1").fetchone()
                if has_rows(connection, "audit_log")
                else None
            )
            return Present(filled, bytes(first[0]).hex() if first else "")
    except psycopg.OperationalError as error:
        if "does not exist" in str(error):
            return Present(False)
        raise


def check_replaceable(present: Present, manifest: Manifest, folder: object, replace: bool, foreign: bool) -> None:
    """Refuse to put a backup in the place of data, unless somebody said so.

    Raises:
        Filled: there is data.
        ForeignBackup: there is data of another installation.
    """
    if present.filled and not replace:
        raise Filled()
    known = present.readable and manifest.lineage != ""  # an empty log says nothing about whose it is
    if present.filled and known and not foreign and present.lineage != manifest.lineage:
        raise ForeignBackup(folder=folder)


def make_stamp() -> str:
    """The part of a name that says when something was put aside."""
    return f"{datetime.now(UTC):%Y%m%dt%H%M%S}"


def staged_name() -> str:
    """Name of the database that a backup is restored into, before it takes the present one's place."""
    return f"{_base_name()}_restored"


def aside_name(stamp: str) -> str:
    """Name under which the present database is kept."""
    return f"{_base_name()}{BEFORE}{stamp}"


def _base_name() -> str:
    return str(database_url().database)[: _LONGEST_NAME - len(BEFORE) - 15]


def exchange_databases(staged: str, aside: str) -> bool:
    """Let a restored database take the present one's name, and give that one another, both in one transaction.

    Returns:
        Whether there was a present one.

    Raises:
        OthersConnected: somebody is connected to one of them; nothing was changed.
    """
    name = str(database_url().database)
    rename = "ALTER DATABASE {} RENAME TO {}"
    try:
        with maintenance() as connection, connection.transaction():
            there = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is not None
            if there:
                connection.execute(sql.SQL(rename).format(sql.Identifier(name), sql.Identifier(aside)))
            connection.execute(sql.SQL(rename).format(sql.Identifier(staged), sql.Identifier(name)))
    except psycopg.errors.ObjectInUse as error:
        raise OthersConnected(database=name) from error
    return there


def list_databases_aside() -> list[str]:
    """Names of databases that restores put aside, oldest first."""
    pattern = f"^{re.escape(_base_name())}{BEFORE}[0-9]{{8}}t[0-9]{{6}}$"
    with maintenance() as connection:
        return [row[0] for row in connection.execute("SELECT datname FROM pg_database WHERE datname ~ %s ORDER BY 1", [pattern])]
