"""The audit log for auditors: pages with filters, exports, and records of who looked at one person's data.

Each export and each record is itself written to the log, in the transaction that reads the rows.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

from sqlalchemy import Executable, RowMapping, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from data.auditing import audit_log
from data.auditing.people_counts import public_detail
from data.core.errors import NotOpen, TooManyRows
from data.core.roles import AUDIT
from data.core.settings import settings
from data.core.text import could_be_code
from data.core.timezones import zone
from data.core.viewer import Viewer
from data.database.transactions import fetch, write_transaction
from data.people.register import PurposeNeeded, TooManyRevealed, check_purpose
from data.people.register import parse_search as wanted_of
from data.queries import audit as queries
from data.schema import city
from data.schema.audit_actions import GROUPS

Row = Mapping[str, Any]
PAGE, REPORTS = 100, 6
"""Number of rows on one page, and of reports of the retention job."""
_STATES = {"GW001": PurposeNeeded, "GW002": TooManyRevealed, "GW003": NotOpen, "42501": NotOpen}
"""Errors of PostgreSQL's function, by SQLSTATE."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which rows are wanted.

    Attributes:
        since, until: first and last day, in the zone of ``fetch_display_zone``.
        account: who did it.
        action: one action, or a group of them (see ``data.schema.audit_actions``).
        person: key of the person that it is about.
        before: only rows with smaller numbers.
    """

    since: date | None = None
    until: date | None = None
    account: str = ""
    action: str = ""
    person: str = ""
    before: int | None = None

    def form_fields(self) -> dict[str, str]:
        """The filter by the names of the page's fields, without empty ones."""
        days = {name: day.isoformat() for name, day in (("since", self.since), ("until", self.until)) if day}
        texts = {"account": self.account, "action": self.action, "person": self.person}
        return {**days, **{name: text for name, text in texts.items() if text}}


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of the log, the newest first; the last reports of the retention job; number and hash of the log's newest row."""

    rows: Sequence[Row]
    more: bool
    reports: Sequence[Row]
    head: tuple[int, bytes] | None


@dataclass(frozen=True, slots=True)
class Record:
    """Who looked at somebody's data.

    Attributes:
        person: key of that person.
        shown: the masked name; ``None`` where there is no such row in the register (any more).
        full: who saw the record in full, and why.
        listed: who saw masked lists that contain the person: of the building and the cell in which the person is registered now.
    """

    person: str
    shown: str | None
    full: Sequence[Row]
    listed: Sequence[Row]


@asynccontextmanager
async def _audit_transaction(viewer: Viewer) -> AsyncIterator[AsyncConnection]:
    """A transaction of an auditor.

    Raises:
        NotOpen: the viewer is not an auditor.
        PurposeNeeded, TooManyRevealed: see ``access_record_of`` in the database.
    """
    if not viewer.may("audit"):
        raise NotOpen
    try:
        async with write_transaction(viewer, AUDIT) as connection:
            yield connection
    except DBAPIError as error:
        told = _STATES.get(getattr(error.orig, "sqlstate", None) or "")
        if told is None:
            raise
        raise told from None


async def fetch_display_zone(viewer: Viewer) -> tzinfo:
    """The zone in which the log's moments are shown: that of the first city, real ones before the demo."""
    rows = await fetch(select(city.c.timezone).order_by(city.c.code != settings().city, city.c.code).limit(1), viewer)
    return zone(rows[0]["timezone"]) if rows else UTC


async def fetch_page(wanted: Filter, clock: tzinfo, viewer: Viewer) -> Page:
    """One page of the log.

    Raises:
        NotOpen: the viewer may not read it.
    """
    async with _audit_transaction(viewer) as connection:
        rows = await _rows(connection, _statement(wanted, clock, PAGE + 1))
        reports = await _rows(connection, queries.reports(REPORTS))
        head = (await connection.execute(queries.head())).one_or_none()
    return Page(rows[:PAGE], len(rows) > PAGE, reports, None if head is None else (head.no, bytes(head.hash)))


async def export_rows(wanted: Filter, clock: tzinfo, form: str, purpose: str, viewer: Viewer) -> Sequence[Row]:
    """All rows of a filter, for a file. The log records who exported them, and the purpose.

    Raises:
        NotOpen: the viewer may not read it.
        PurposeNeeded: no purpose is given.
        TooManyRows: more rows than one answer may hold; the period must be shorter.
    """
    cap, why = settings().row_cap, check_purpose(purpose)
    async with _audit_transaction(viewer) as connection:
        rows = await _rows(connection, _statement(wanted, clock, cap + 1))
        if len(rows) > cap:
            raise TooManyRows(cap=cap)
        told = {"format": form, "rows": len(rows), **wanted.form_fields()}
        await connection.run_sync(audit_log.append, "export", "audit_log", told, person=wanted.person or None, purpose=why)
    return rows


async def fetch_access_records(sought: str, purpose: str, viewer: Viewer) -> Sequence[Record]:
    """Who looked at one person's data. The person is given by a whole identity or telephone number, or by the key in a row of the log.

    Raises:
        NotOpen, PurposeNeeded, TooManyRevealed: not allowed, no purpose given, or too many within an hour.
    """
    asked = {**_parse_subject(sought.strip()), "purpose": check_purpose(purpose)}
    async with _audit_transaction(viewer) as connection:
        found = (await connection.execute(queries.record_of(), asked)).mappings().all()
        return [await _record(connection, row) for row in found]


async def _record(connection: AsyncConnection, row: RowMapping) -> Record:
    places = [f"{kind} {key}" for kind, key in (("building", row["home"]), ("area", row["cell"])) if key]
    listed = await _rows(connection, queries.lists(places)) if places else []
    return Record(row["person"], row["name_shown"], await _rows(connection, queries.about(row["person"])), listed)


async def _rows(connection: AsyncConnection, statement: Executable) -> Sequence[Row]:
    """Rows of the log, with the facts that auditors may read."""
    found = (await connection.execute(statement)).mappings()
    return [{**row, "detail": public_detail(row["action"], row["detail"])} for row in found]


def _statement(wanted: Filter, clock: tzinfo, most: int) -> Executable:
    since = None if wanted.since is None else datetime.combine(wanted.since, time(), clock)
    until = None if wanted.until is None or wanted.until == date.max else datetime.combine(wanted.until + timedelta(1), time(), clock)
    actions = GROUPS.get(wanted.action) or ((wanted.action,) if wanted.action else ())
    return queries.rows(since, until, wanted.account, actions, wanted.person, wanted.before, most)


def _parse_subject(text: str) -> Mapping[str, object]:
    """Turn the typed text into arguments of the database's function. A number is hashed here; only its masked form is passed on."""
    found = None if ":" in text or not could_be_code(text) else wanted_of(text)
    if found is None or found.by == "name":
        return {"what": "key", "key": text if could_be_code(text) else "?", "hash": None, "shown": None}
    return {"what": found.by, "key": None, "hash": found.hash, "shown": found.shown}
