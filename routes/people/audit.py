"""The auditor's page: the log, its export, and the access record of a person."""

import asyncio
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, tzinfo
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from data.auditing import reader
from data.auditing.reader import Filter
from data.core.errors import BadInput, NotOpen, TooManyRows
from data.core.i18n import tell
from data.core.spreadsheets import CSV, XLSX, as_csv, as_xlsx
from data.core.text import could_be_code
from data.core.viewer import Viewer
from data.people.register import PurposeNeeded, TooManyRevealed
from data.queries.audit import SHOWN
from routes.doors.access_record import AccessRecordPage, describe_record
from routes.doors.audit_log import EXPORT, LOG, RECORD, AuditLogPage, describe_retention, list_actions
from routes.doors.audit_text import describe_action, describe_row
from routes.doors.messages import NO_MESSAGE, Message
from routes.doors.moments import local_moment
from routes.doors.page import NO_STORE
from routes.middleware.forms import fields
from routes.middleware.guard import inside
from routes.people.pages import parse_number, reader_language, respond

router = APIRouter(include_in_schema=False)


@router.get(LOG)
async def show_log(request: Request) -> Response:
    """The page with the newest rows that match a filter."""
    return await _respond_log(request, _auditor(request), _read_filter(request.query_params))


@router.post(EXPORT)
async def export_log(request: Request) -> Response:
    """All rows that match a filter, as a file."""
    viewer, given = _auditor(request), await fields(request)
    wanted, lang = _read_filter(given), reader_language(request)
    form = "xlsx" if given.get("format") == "xlsx" else "csv"
    clock = await reader.fetch_display_zone(viewer)
    try:
        rows = await reader.export_rows(wanted, clock, form, given.get("purpose", ""), viewer)
    except (PurposeNeeded, TooManyRows) as error:
        return await _respond_log(request, viewer, wanted, Message(error=tell(lang, error)))
    return await asyncio.to_thread(_make_file, lang, form, rows, clock)


@router.post(RECORD)
async def make_record(request: Request) -> Response:
    """The access record of a person: who looked at their data."""
    viewer, given = _auditor(request), await fields(request)
    lang, purpose = reader_language(request), given.get("purpose", "")
    try:
        found = await reader.fetch_access_records(given.get("sought", ""), purpose, viewer)
    except (PurposeNeeded, TooManyRevealed, BadInput) as error:
        return await _respond_log(request, viewer, Filter(), Message(error=tell(lang, error)))
    zone = await reader.fetch_display_zone(viewer)
    page = AccessRecordPage(
        records=[describe_record(lang, one, zone) for one in found],
        made=local_moment(datetime.now(UTC), zone),
        zone=str(zone),
        made_by=viewer.shown or "–",
        purpose=purpose.strip(),
    )
    return respond(request, page)


def _auditor(request: Request) -> Viewer:
    """The viewer, who must be an auditor.

    Raises:
        NotOpen: they may not read the log.
    """
    viewer = inside(request).viewer
    if not viewer.may("audit"):
        raise NotOpen
    return viewer


async def _respond_log(request: Request, viewer: Viewer, wanted: Filter, message: Message = NO_MESSAGE) -> Response:
    zone, lang = await reader.fetch_display_zone(viewer), reader_language(request)
    found = await reader.fetch_page(wanted, zone, viewer)
    number, seal = (None, None) if found.head is None else (found.head[0], found.head[1].hex())
    page = AuditLogPage(
        filter=wanted,
        rows=[describe_row(lang, row, zone) for row in found.rows],
        actions=list_actions(lang),
        seal_number=number,
        seal=seal,
        older_before=found.rows[-1]["no"] if found.more else None,
        reports=[describe_retention(lang, row, zone) for row in found.reports],
        message=message,
    )
    return respond(request, page)


def _read_filter(given: Mapping[str, str]) -> Filter:
    """The filter in an address or a form; a value that cannot be understood is left out."""

    def text(name: str) -> str:
        told = given.get(name, "").strip()
        return told if could_be_code(told) else ""

    before = parse_number(given.get("before", "")) or None
    return Filter(_parse_day(text("since")), _parse_day(text("until")), text("account"), text("action"), text("person"), before)


def _parse_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def _make_file(lang: str, form: str, rows: Any, clock: tzinfo) -> Response:
    """The rows as a table; moments include their time zone."""
    names = [*SHOWN, "title"]
    cells = ([_cell(row[name], clock) for name in SHOWN] + [describe_action(lang, row["action"])] for row in rows)
    body = as_xlsx("audit_log", names, cells) if form == "xlsx" else as_csv(names, cells)
    name = f"gridwell-audit-{datetime.now(clock):%Y%m%d-%H%M%S}.{form}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', **NO_STORE}
    return Response(body, media_type=XLSX if form == "xlsx" else CSV, headers=headers)


def _cell(value: Any, clock: tzinfo) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(clock)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value
