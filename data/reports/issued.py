"""Issued reports: what was issued stays, byte for byte. A correction is another report, which says what it corrects and what differs."""

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import RowMapping
from sqlalchemy.exc import DBAPIError

from data.core.viewer import Viewer
from data.database.connections import Connection
from data.database.transactions import fetch, open_snapshot, write_transaction
from data.reports import statements as queries
from data.reports.audience import Audience
from data.reports.errors import AlreadyCorrected, NotMade, NotYours, UnknownReport
from data.reports.requests import Order, StoredForm, ask_report_as_owner, make_forms, make_request

_FORBIDDEN, _NOT_MADE, _TWICE = ("42501", "GW003"), "GW010", "23505"


@dataclass(frozen=True, slots=True)
class Issued:
    """An issued report.

    Attributes:
        id: as that of the request and the preview.
        no: by which people call it.
        order: as which it was made; its period is the one that it is about, whichever was asked for.
        audience: for whom it is.
        first, last: days of its period.
        facts: title, names, days, moment and version of the data.
        sha256: of the content, which is also in the audit log.
        bytes: length of that.
        made_at: when it was composed.
        issued_at, issuer: when, and by which account.
        corrects, reason, changes: of a correction: which report, why, and which figures differ.
        corrected_by: the report that corrects this one.
    """

    id: uuid.UUID
    no: int
    order: Order
    audience: Audience
    first: date
    last: date
    facts: Mapping[str, Any]
    sha256: str
    bytes: int
    made_at: datetime
    issued_at: datetime
    issuer: str
    corrects: uuid.UUID | None = None
    reason: str | None = None
    changes: Sequence[Mapping[str, Any]] | None = None
    corrected_by: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """What was made outside of the queue: for whom, its content as ``reports.making.pack`` gives it, and files by form."""

    order: Order
    audience: Audience
    content: bytes
    facts: Mapping[str, Any]
    files: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which issued reports are listed: of an area, of a kind, about days from ``first`` to ``last``, with numbers below ``before``."""

    area: str | None = None
    kind: str | None = None
    first: date | None = None
    last: date | None = None
    before: int | None = None
    most: int = 50


async def issue(viewer: Viewer, of_id: uuid.UUID) -> int:
    """Issue a preview of one's own as it is; returns its number. Again: the same number.

    Raises:
        UnknownReport: the viewer has no such preview.
        NotYours: the viewer's role does not issue, or it is about more than the viewer's own area.
        NotMade: it is not done.
        AlreadyCorrected: it corrects a report that another one corrects by now.
        NotReady, Busy, TooSlow: see ``data.database.transactions``.
    """
    try:
        async with write_transaction(viewer) as connection:
            no = (await connection.execute(queries.ISSUE, {"id": of_id})).scalar()
    except DBAPIError as error:
        state = getattr(error.orig, "sqlstate", None)
        if state in _FORBIDDEN:
            raise NotYours from None
        if state == _NOT_MADE:
            raise NotMade(state=make_request((await fetch(queries.REQUEST, viewer, {"id": of_id}))[0]).state) from None
        if state == _TWICE:
            raise AlreadyCorrected from None
        raise
    if no is None:
        raise UnknownReport(id=str(of_id))
    return int(no)


def issue_as_owner(connection: Connection, of_id: uuid.UUID, by: str) -> int:
    """Issue a preview, whoever asked for it, in the caller's transaction; ``by`` is named as its issuer. Returns its number.

    Raises:
        UnknownReport: there is no such preview.
        psycopg.DatabaseError: it is not done.
    """
    connection.execute("SELECT set_config('gridwell.account', %s, true)", [by])
    row = connection.execute(queries.ISSUE_AS_OWNER, [of_id]).fetchone()
    if row is None or row[0] is None:
        raise UnknownReport(id=str(of_id))
    return int(row[0])


def issue_made(connection: Connection, made: Made, by: str) -> tuple[uuid.UUID, int]:
    """Issue what was made outside of the queue, with its files, in the caller's transaction; returns its id and number.

    Args:
        connection: the owner's.
        made: what was made.
        by: is named as its issuer.
    """
    of_id = ask_report_as_owner(connection, by, made.order, made.audience)
    connection.execute(queries.MADE_BY_OWNER, {"id": of_id, "content": made.content, "facts": json.dumps(made.facts)})
    for form, content in made.files.items():
        connection.execute(queries.DRAFT_BY_OWNER, {"id": of_id, "form": form, "content": content})
    return of_id, issue_as_owner(connection, of_id, by)


async def list_issued(viewer: Viewer, chosen: Chosen) -> list[Issued]:
    """Issued reports that open for this viewer, the newest first."""
    async with open_snapshot(viewer) as ask:
        values = {name: getattr(chosen, name) for name in ("area", "kind", "first", "last", "before", "most")}
        rows = await ask(queries.LISTED, values)
        after = {row["corrects"]: row["id"] for row in await ask(queries.CORRECTIONS, {"ids": [row["id"] for row in rows]})}
    return [_make(row, after.get(row["id"])) for row in rows]


async def read_issued(viewer: Viewer, of_id: uuid.UUID) -> Issued | None:
    """An issued report; ``None``: there is none that opens for this viewer."""
    async with open_snapshot(viewer) as ask:
        rows = await ask(queries.ISSUED, {"id": of_id})
        if not rows:
            return None
        after = await ask(queries.CORRECTIONS, {"ids": [of_id]})
    return _make(rows[0], after[0]["id"] if after else None)


def _make(row: RowMapping, corrected_by: uuid.UUID | None) -> Issued:
    order = Order(row["area"], row["kind"], row["facts"].get("code"), tuple(row["beside"]), row["lang"], row["detail"])
    audience = Audience(row["city"], row["area"], row["detail"], row["scope"], row["figures"], row["zone"])
    names = ("first", "last", "facts", "sha256", "bytes", "made_at", "issued_at", "issuer", "corrects", "reason", "changes")
    return Issued(row["id"], row["no"], order, audience, corrected_by=corrected_by, **{name: row[name] for name in names})


async def list_files(viewer: Viewer, of_id: uuid.UUID) -> dict[str, StoredForm]:
    """The files of a report or preview that are written, by form."""
    async with open_snapshot(viewer) as ask:
        return make_forms(await ask(queries.FILES, {"id": of_id}) or await ask(queries.DRAFTS, {"id": of_id}))


async def read_content(viewer: Viewer, of_id: uuid.UUID) -> tuple[bytes, str]:
    """What a report or preview holds, as JSON, and the hash of that.

    Raises:
        UnknownReport: nothing of this id that is made opens for this viewer.
    """
    found = await _first(viewer, {"id": of_id}, queries.CONTENT, queries.DRAFT_CONTENT)
    if found is None:
        raise UnknownReport(id=str(of_id))
    return found


async def read_file(viewer: Viewer, of_id: uuid.UUID, form: str) -> tuple[bytes, str] | None:
    """A file of a report or preview, and its hash; ``None``: it is not written, or does not open for this viewer."""
    return await _first(viewer, {"id": of_id, "form": form}, queries.FILE, queries.DRAFT)


async def _first(viewer: Viewer, values: Mapping[str, object], *statements: Any) -> tuple[bytes, str] | None:
    async with open_snapshot(viewer) as ask:
        for statement in statements:
            if rows := await ask(statement, values):
                return bytes(rows[0]["content"]), rows[0]["sha256"]
    return None


async def wish_file(viewer: Viewer, of_id: uuid.UUID, form: str) -> None:
    """Have the printer write a file of a report or preview; nothing happens where it is to write it already.

    Raises:
        UnknownReport: nothing of this id that is made opens for this viewer.
    """
    try:
        async with write_transaction(viewer) as connection:
            await connection.execute(queries.WISH, {"id": of_id, "form": form})
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) in _FORBIDDEN:
            raise UnknownReport(id=str(of_id)) from None
        raise


async def read_wishes(viewer: Viewer, of_id: uuid.UUID) -> dict[str, Mapping[str, Any] | None]:
    """The files that are still to be written, by form, with what went wrong where one could not be."""
    return {row["form"]: row["problem"] for row in await fetch(queries.WISHES, viewer, {"id": of_id})}
