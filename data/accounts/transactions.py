"""Transactions about accounts. Visitors use the role ``gridwell_door``, which sees no data of any city; commands use the owner's role."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import URL, Connection, NullPool, create_engine, text

from data.auditing.owner_entries import operator_name
from data.core.roles import DOOR
from data.core.viewer import Viewer
from data.database.connections import database_url
from data.database.transactions import write_transaction

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Visitor:
    """The sender of a request about accounts, as the audit log names them.

    Attributes:
        name: the account's name; empty before it is known.
        role: its role.
        address: where the request came from.
        agent: the browser's ``User-Agent``.
    """

    name: str = ""
    role: str = ""
    address: str = ""
    agent: str = ""


async def run_for_visitor(visitor: Visitor, work: Callable[Concatenate[Connection, P], T], *args: P.args, **more: P.kwargs) -> T:
    """Run one piece of work about accounts in a separate transaction, in the name of a visitor.

    Raises:
        NotReady, Busy, TooSlow: see ``data.database.transactions.read_transaction``.
    """
    async with write_transaction(Viewer(name=visitor.name, role=visitor.role, address=visitor.address), DOOR) as connection:
        return await connection.run_sync(work, *args, **more)


async def run_for_guard(visitor: Visitor, work: Callable[Concatenate[Connection, P], T], *args: P.args, **more: P.kwargs) -> T:
    """The same on the connection that is kept for it: for finding out who sends a request, with which every request begins.

    Raises:
        NotReady, Busy, TooSlow: see ``data.database.transactions.read_transaction``.
    """
    viewer = Viewer(name=visitor.name, role=visitor.role, address=visitor.address)
    async with write_transaction(viewer, DOOR, pool="guard") as connection:
        return await connection.run_sync(work, *args, **more)


@contextmanager
def owner_transaction(url: URL | None = None) -> Iterator[Connection]:
    """A transaction of the database's owner, for ``./gridwell`` commands and preparation. The audit log names the operating system's user.

    Args:
        url: of the database; otherwise as the settings say.
    """
    engine = create_engine(url or database_url(), poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text("SELECT set_config('gridwell.account', :who, true)"), {"who": operator_name()})
        yield connection
