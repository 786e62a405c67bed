"""Failed tries to get in that are counted, not logged one by one: of strangers, and of whoever has to wait before the next try.

A try that is checked against an account has a row of its own in the audit log; waits keep these few. Everything else could be a flood,
which must not fill the disk.
"""

from typing import Literal

from sqlalchemy import Connection, func, select

Way = Literal["password", "code", "confirm", "token", "oidc"]


def count(connection: Connection, way: Way, name: str = "", times: int = 1) -> None:
    """Count one failure of this minute, or several, in the caller's transaction, which must write. The address is the transaction's.

    Args:
        connection: of the door.
        way: what was tried.
        name: what was typed as the account's name. It is stored only if there is such an account.
        times: how many there were.
    """
    connection.execute(select(func.count_entry_failure(way, name)).select_from(func.generate_series(1, times)))
