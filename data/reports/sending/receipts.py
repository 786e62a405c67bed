"""Who has seen a report that was sent: confirmed by the link that came with it, which is good without signing in."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from data.accounts.secret_values import hash_value
from data.accounts.transactions import Visitor, run_for_visitor
from data.core.errors import GridwellError
from data.core.viewer import Viewer
from data.database.transactions import fetch
from data.figures.scope import may_see_cases
from data.reports.sending import statements as queries

LONGEST_KEY = 100


class UnknownLink(GridwellError):
    status, code = 404, "unknown_link"
    sentence = "This link confirms nothing: it is not complete, it is more than 90 days old, or the account is closed."


async def find_link(visitor: Visitor, key: str) -> Mapping[str, Any]:
    """What a link is about: a row of ``report_of_link``. Nothing is confirmed by that.

    Raises:
        UnknownLink: it is about nothing.
    """
    row = await run_for_visitor(visitor, _find, hash_value(key)) if _could_be(key) else None
    if row is None:
        raise UnknownLink
    return row


async def confirm(visitor: Visitor, key: str, answer: str) -> None:
    """Note that the report was seen, with what its reader answers; an empty answer takes none back.

    Raises:
        UnknownLink: the link is about nothing.
    """
    if not _could_be(key) or not await run_for_visitor(visitor, _confirm, hash_value(key), answer):
        raise UnknownLink


async def list_receipts(viewer: Viewer, report: UUID) -> list[dict[str, Any]]:
    """To whom a report of a schedule went, and who has seen it; only for whoever manages the schedule. Others get their own row.

    Readers of figures alone are not told the ``channel``.
    """
    statement = queries.RECEIPTS if may_see_cases(viewer) else queries.OWN_RECEIPTS
    return [dict(row) for row in await fetch(statement, viewer, {"report": report})]


def _could_be(key: str) -> bool:
    return key.isascii() and 0 < len(key) < LONGEST_KEY


def _find(connection: Connection, token: bytes) -> Mapping[str, Any] | None:
    row = connection.execute(queries.OF_LINK, {"token": token}).mappings().first()
    return None if row is None else dict(row)


def _confirm(connection: Connection, token: bytes, answer: str) -> bool:
    return bool(connection.execute(queries.CONFIRM, {"token": token, "answer": answer.strip()}).scalar_one())
