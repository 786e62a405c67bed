"""Reports that somebody asks for: a request waits for the printer, and what was made is a preview for a day, for whoever asked alone."""

import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import RowMapping
from sqlalchemy.exc import DBAPIError

from data.core.errors import NotOpen
from data.core.viewer import Lang, Viewer
from data.database.connections import Connection
from data.database.transactions import fetch, write_transaction
from data.migrations.reports.kept_0047 import MOST_KEPT, MOST_WAITING
from data.reports import statements as queries
from data.reports.audience import Audience, ReportDetail, choose_audience
from data.reports.errors import KeyUsed, TooManyReports, UnknownReport

FORMS = ("pdf", "docx", "xlsx")
"""Forms of files beside ``json``, which is the report itself."""
OF_PEOPLE, OF_SCHEDULES = 0, 1
"""Priorities: whoever waits at a screen comes before what goes out by itself."""
_FORBIDDEN, _TOO_MANY, _TWICE = ("42501", "GW003"), "GW008", "23505"


RequestState = Literal["queued", "making", "done", "failed"]


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for.

    Attributes:
        area: code of the area or functional zone.
        kind: code of the kind.
        period: as ``reports.periods.parse_period`` reads it; ``None``: the last one that is over.
        beside: codes of areas to compare with.
        lang: language of the report.
        detail: whether single cases are shown; ``None``: if whoever asks may see them.
    """

    area: str
    kind: str
    period: str | None = None
    beside: tuple[str, ...] = ()
    lang: Lang = "zh"
    detail: ReportDetail | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it stands.

    Attributes:
        id: also of its preview, and of the report once it is issued.
        asker: account.
        order: what was asked for.
        audience: for whom it is made.
        state: ``queued``, ``making``, ``done`` or ``failed``.
        problem: why it failed: ``status``, ``code``, ``sentence`` (a msgid) and ``facts``.
        progress: ``section``, ``at`` and ``of`` while it is made.
        facts: title, names, days, moment and version of the data, once it is made.
        corrects, reason: the issued report that it corrects, and why.
        changes: figures that differ from that one: ``key``, ``label``, ``unit``, ``old``, ``new``.
        sha256: of the content.
    """

    id: uuid.UUID
    asker: str
    order: Order
    audience: Audience
    state: RequestState
    asked_at: datetime
    done_at: datetime | None = None
    problem: Mapping[str, Any] | None = None
    progress: Mapping[str, Any] | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    corrects: uuid.UUID | None = None
    reason: str | None = None
    changes: Sequence[Mapping[str, Any]] | None = None
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class StoredForm:
    """A file that is there: its form, length and hash."""

    form: str
    bytes: int
    sha256: str


async def ask_report(
    viewer: Viewer, order: Order, key: str | None = None, corrects: tuple[uuid.UUID, str, Audience] | None = None
) -> uuid.UUID:
    """Ask for a report; returns its id. The same order under the same key is asked for once.

    Args:
        viewer: who asks.
        order: what.
        key: idempotency key.
        corrects: of a correction: id of the issued report, the reason, and that report's audience, which this one has, too.

    Raises:
        UnknownArea, OutOfScope, Nowhere: see ``choose_audience``.
        KeyUsed: something else was asked for under this key.
        TooManyReports: of this account so many wait.
        NotReady, Busy, TooSlow: see ``data.database.transactions``; nothing was asked for.
    """
    digest = _hash(order, corrects)
    if key is not None and (known := await _find_by_key(viewer, key, digest)) is not None:
        return known
    audience = corrects[2] if corrects else await choose_audience(viewer, order.area, order.beside, order.detail)
    made = uuid.uuid4()
    values = {**_values(made, order, audience, key, digest), "corrects": None, "reason": None}
    if corrects:
        values |= {"corrects": corrects[0], "reason": corrects[1]}
    try:
        async with write_transaction(viewer) as connection:
            await connection.execute(queries.ASK, values)
    except DBAPIError as error:
        state = getattr(error.orig, "sqlstate", None)
        if state == _TWICE and key is not None:
            if (known := await _find_by_key(viewer, key, digest)) is not None:
                return known
            raise KeyUsed from None  # for a report that this account may not see any more
        if state == _TOO_MANY:
            raise TooManyReports(waiting=MOST_WAITING, kept=MOST_KEPT) from None
        if state in _FORBIDDEN:
            raise NotOpen from None
        raise
    return made


def ask_report_as_owner(
    connection: Connection, asker: str, order: Order, audience: Audience, key: str | None = None, priority: int = OF_SCHEDULES
) -> uuid.UUID:
    """Ask for a report in somebody's name, in the caller's transaction; under a key that is known, its report stands for it.

    Args:
        connection: the owner's.
        asker: the account that sees the preview; one with a colon in its name is nobody's.
        order: what.
        audience: for whom.
        key: such as one for each run of a schedule.
        priority: ``OF_PEOPLE`` or ``OF_SCHEDULES``.
    """
    made = uuid.uuid4()
    values = {**_values(made, order, audience, key, _hash(order, None)), "asker": asker, "priority": priority}
    if connection.execute(queries.ASK_AS_OWNER, values).rowcount:
        return made
    row = connection.execute("SELECT id FROM report_request WHERE asker = %s AND key = %s", [asker, key]).fetchone()
    assert row is not None  # noqa: S101 - it is in the way of the new one
    known: uuid.UUID = row[0]
    return known


def _values(made: uuid.UUID, order: Order, audience: Audience, key: str | None, digest: bytes) -> dict[str, Any]:
    return {
        "id": made,
        "key": key,
        "hash": digest,
        "city": audience.city,
        "area": order.area,
        "kind": order.kind,
        "period": order.period,
        "beside": list(order.beside),
        "lang": order.lang,
        "detail": audience.detail,
        "scope": audience.scope,
        "figures": audience.figures,
        "zone": audience.zone or None,
    }


def _hash(order: Order, corrects: tuple[uuid.UUID, str, Audience] | None) -> bytes:
    told = [asdict(order), [str(corrects[0]), corrects[1]] if corrects else None]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).digest()


async def _find_by_key(viewer: Viewer, key: str, digest: bytes) -> uuid.UUID | None:
    rows = await fetch(queries.BY_KEY, viewer, {"account": viewer.name, "key": key})
    if not rows:
        return None
    if bytes(rows[0]["hash"]) != digest:
        raise KeyUsed
    known: uuid.UUID = rows[0]["id"]
    return known


async def read_request(viewer: Viewer, of_id: uuid.UUID) -> Request:
    """A request of this viewer's own.

    Raises:
        UnknownReport: there is none, it is over, or it is somebody else's.
    """
    rows = await fetch(queries.REQUEST, viewer, {"id": of_id})
    if not rows:
        raise UnknownReport(id=str(of_id))
    return make_request(rows[0])


async def list_own(viewer: Viewer, most: int) -> list[Request]:
    """What the viewer has asked for within a day and has not issued, the newest first."""
    return [make_request(row) for row in await fetch(queries.OWN, viewer, {"account": viewer.name, "most": most})]


def make_request(row: RowMapping) -> Request:
    """A request from its row."""
    order = Order(row["area"], row["kind"], row["period"], tuple(row["beside"]), row["lang"], row["detail"])
    audience = Audience(row["city"], row["area"], row["detail"], row["scope"], row["figures"], row["zone"])
    more = {name: row[name] for name in ("state", "asked_at", "done_at", "problem", "progress", "corrects", "reason", "changes", "sha256")}
    return Request(row["id"], row.get("asker") or "", order, audience, facts=row["facts"] or {}, **more)


def make_forms(rows: Sequence[RowMapping]) -> dict[str, StoredForm]:
    """Files from their rows, by form."""
    return {row["form"]: StoredForm(row["form"], row["bytes"], row["sha256"]) for row in rows}
