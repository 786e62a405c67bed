"""Drops a database together with whoever is connected to it."""

import time

from psycopg import errors, sql

from data.database.connections import Connection

_TRIES = 15
_BETWEEN_S = 0.2


def drop_database(connection: Connection, name: str) -> None:
    """Drop a database and end its connections; does nothing if it is not there.

    Only a superuser may end autovacuum by force, and only then does ``FORCE`` succeed beside it. Without force the server itself asks
    autovacuum to stop, but then waits for everybody else in vain. So both are tried in turn, for some seconds.

    Args:
        connection: to another database of the server, in autocommit.
        name: of the database.

    Raises:
        psycopg.errors.InsufficientPrivilege: the account does not own it, or may not end who is connected.
    """
    for attempt in range(1, _TRIES + 1):
        if _drop_by_force(connection, name, last=attempt == _TRIES) or _drop_gently(connection, name):
            return
        time.sleep(_BETWEEN_S)


def _drop_by_force(connection: Connection, name: str, last: bool) -> bool:
    try:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
    except errors.InsufficientPrivilege:
        if last:
            raise
        return False
    return True


def _drop_gently(connection: Connection, name: str) -> bool:
    """Whether it could be dropped without ending anybody but autovacuum; the server waits up to 5 s for that one."""
    try:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))
    except errors.ObjectInUse:
        return False
    return True
