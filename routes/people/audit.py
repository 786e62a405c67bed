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
from routes.doors import frame
from routes.doors.audit import EXPORT, LOG, RECORD, log_page
from routes.doors.audit_rows import action_title
from routes.doors.record import record_page
from routes.doors.said import NOTHING, Said
from routes.middleware.forms import csrf, fields
from routes.middleware.guard import inside
from routes.middleware.headers import nonce
from routes.people.account import whole

router = APIRouter(include_in_schema=False)


@router.get(LOG)
async def show(request: Request) -> Response:
    """The newest rows that fit."""
    return await _page(request, _viewer(request), _filter(request.query_params))


@router.post(EXPORT)
async def export(request: Request) -> Response:
    """All rows that fit, as a file."""
    viewer, given = _viewer(request), await fields(request)
    wanted, lang = _filter(given), frame.look(request).lang
    form = "xlsx" if given.get("format") == "xlsx" else "csv"
    clock = await reader.fetch_display_zone(viewer)
    try:
        rows = await reader.export_rows(wanted, clock, form, given.get("purpose", ""), viewer)
    except (PurposeNeeded, TooManyRows) as error:
        return await _page(request, viewer, wanted, Said(refused=tell(lang, error)))
    return await asyncio.to_thread(_file, lang, form, rows, clock)


@router.post(RECORD)
async def record(request: Request) -> Response:
    """Who looked at somebody's data."""
    viewer, given = _viewer(request), await fields(request)
    look, purpose = frame.look(request), given.get("purpose", "")
    try:
        found = await reader.fetch_access_records(given.get("sought", ""), purpose, viewer)
    except (PurposeNeeded, TooManyRevealed, BadInput) as error:
        return await _page(request, viewer, Filter(), Said(refused=tell(look.lang, error)))
    clock = await reader.fetch_display_zone(viewer)
    return record_page(look, found, purpose.strip(), datetime.now(UTC), clock, nonce(request.scope))


def _viewer(request: Request) -> Viewer:
    """Raises NotOpen where the viewer may not read the log."""
    viewer = inside(request).viewer
    if not viewer.may("audit"):
        raise NotOpen
    return viewer


async def _page(request: Request, viewer: Viewer, wanted: Filter, said: Said = NOTHING) -> Response:
    clock = await reader.fetch_display_zone(viewer)
    found = await reader.fetch_page(wanted, clock, viewer)
    return log_page(frame.look(request), csrf(request), wanted, found, clock, said)


def _filter(given: Mapping[str, str]) -> Filter:
    """What was asked for; what cannot be read is not asked for."""

    def text(name: str) -> str:
        told = given.get(name, "").strip()
        return told if could_be_code(told) else ""

    before = whole(given.get("before", "")) or None
    return Filter(_day(text("since")), _day(text("until")), text("account"), text("action"), text("person"), before)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def _file(lang: str, form: str, rows: Any, clock: tzinfo) -> Response:
    """A table for other programs: one row for each, moments with their zone."""
    names = [*SHOWN, "title"]
    cells = ([_cell(row[name], clock) for name in SHOWN] + [action_title(lang, row["action"])] for row in rows)
    body = as_xlsx("audit_log", names, cells) if form == "xlsx" else as_csv(names, cells)
    name = f"gridwell-audit-{datetime.now(clock):%Y%m%d-%H%M%S}.{form}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', **frame.UNKEPT}
    return Response(body, media_type=XLSX if form == "xlsx" else CSV, headers=headers)


def _cell(value: Any, clock: tzinfo) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(clock)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value
