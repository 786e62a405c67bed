"""Rows of an audit log, written as the product writes them, and ways to change them behind its back."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from data.database.transactions import SETTINGS

Connection = psycopg.Connection[Any]


def written(connection: Connection, count: int = 1, **parts: Any) -> list[int]:
    """Further rows; returns their numbers."""
    return [_one(connection, n, **parts) for n in range(count)]


def _one(connection: Connection, n: int, action: str = "sign_in", **more: Any) -> int:
    given = {"subject": f"s{n}", "person": None, "purpose": None, "detail": {"n": n}, "account": "li", **more}
    connection.execute("SELECT set_config('gridwell.account', %s, true)", [given["account"]])
    values = [action, given["subject"], given["person"], given["purpose"], Jsonb(given["detail"])]
    row = connection.execute("SELECT audit_append(%s, %s, %s, %s, %s)", values).fetchone()
    assert row is not None
    return int(row[0])


@contextmanager
def behind_its_back(connection: Connection) -> Iterator[None]:
    """What only the owner of the database could do: the trigger that keeps the log as it is does not run meanwhile."""
    connection.execute("ALTER TABLE audit_log DISABLE TRIGGER audit_stays")
    yield
    connection.execute("ALTER TABLE audit_log ENABLE TRIGGER audit_stays")


def forged(connection: Connection, no: int) -> None:
    """Give a row the hash that fits what it says."""
    connection.execute("UPDATE audit_log a SET hash = audit_hash(a) WHERE no = %s", [no])


def put_in(connection: Connection, no: int, after: int) -> None:
    """One more row, like another one, which says that it follows that, and whose own hash fits."""
    columns = "at, account, role, address, action, subject, person, purpose, detail"
    connection.execute(f"INSERT INTO audit_log SELECT %s, {columns}, hash, '' FROM audit_log WHERE no = %s", [no, after])
    forged(connection, no)


def become(connection: Connection, role: str, account: str = "li", scope: str = "*") -> None:
    """Be what a viewer's transaction is, until it ends."""
    told = dict.fromkeys(SETTINGS, "") | {"role": role, "gridwell.scope": scope, "gridwell.figures": scope, "gridwell.account": account}
    for name, value in told.items():
        connection.execute(sql.SQL("SELECT set_config({}, {}, true)").format(name, value))
