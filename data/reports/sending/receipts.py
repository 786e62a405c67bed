"""Who has seen a report that was sent: confirmed by the link that came with it, which is good without signing in, or on its page."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, RowMapping

from data.accounts.secret_values import hash_value
from data.accounts.transactions import Visitor, run_for_visitor
from data.core.errors import GridwellError
from data.core.viewer import Viewer
from data.database.transactions import Ask, fetch, open_snapshot, write_transaction
from data.figures.scope import may_see_cases
from data.migrations.reports.sent_0048 import MOST_ANSWER as MOST_ANSWER
from data.reports.errors import NotRecipient
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
    if not may_see_cases(viewer):
        return [{**dict(row), "shown": viewer.shown} for row in await fetch(queries.OWN_RECEIPTS, viewer, {"report": report})]
    async with open_snapshot(viewer) as ask:
        return await with_names(ask, await ask(queries.RECEIPTS, {"report": report}))


async def confirm_own(viewer: Viewer, report: UUID, answer: str) -> Mapping[str, Any]:
    """Note that the viewer has seen a report that was sent to the own account, as the link does; returns the receipt.

    Args:
        viewer: who reads it.
        report: id of an issued report that opens for the viewer.
        answer: what the reader answers; an empty one takes none back.

    Raises:
        NotRecipient: it was not sent to this account.
        NotReady, Busy, TooSlow: see ``data.database.transactions``.
    """
    async with write_transaction(viewer) as connection:
        if not (await connection.execute(queries.CONFIRM_OWN, {"report": report, "answer": answer.strip()})).scalar_one():
            raise NotRecipient
    rows = await fetch(queries.OWN_RECEIPTS, viewer, {"report": report})
    return next(dict(row) for row in rows if row["report"] == report and row["account"] == viewer.name and row["seen_at"] is not None)


async def with_names(ask: Ask, rows: Sequence[RowMapping]) -> list[dict[str, Any]]:
    """Rows with an ``account``, and the name that is shown of it where the viewer may know that; and of who stopped it."""
    names = {row["account"] for row in rows} | {row["stopped_by"] for row in rows if row.get("stopped_by")}
    shown = {row["account"]: row["shown"] for row in await ask(queries.ACCOUNTS, {"names": sorted(names)})} if names else {}
    return [{**dict(row), "shown": shown.get(row["account"], ""), "stopper": shown.get(row.get("stopped_by") or "", "")} for row in rows]


def _could_be(key: str) -> bool:
    return key.isascii() and 0 < len(key) < LONGEST_KEY


def _find(connection: Connection, token: bytes) -> Mapping[str, Any] | None:
    row = connection.execute(queries.OF_LINK, {"token": token}).mappings().first()
    return None if row is None else dict(row)


def _confirm(connection: Connection, token: bytes, answer: str) -> bool:
    return bool(connection.execute(queries.CONFIRM, {"token": token, "answer": answer.strip()}).scalar_one())
