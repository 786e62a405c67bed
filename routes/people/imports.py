"""The stewards' pages: the list of imports, one import's report, and its rejected rows as a file."""

import asyncio
from collections.abc import Sequence

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from data.auditing.reader import fetch_display_zone
from data.core.i18n import tell
from data.core.spreadsheets import CSV, as_csv
from data.core.text import could_be_code, parse_whole_number
from data.importing import kept_runs
from data.importing.common.account import tell_row
from data.importing.kept_runs import ManyRejected, Row
from routes.doors.imports import IMPORTS, describe_report, describe_runs
from routes.doors.messages import NO_MESSAGE, Message
from routes.doors.page import NO_STORE
from routes.middleware.forms import fields
from routes.middleware.guard import inside
from routes.people.pages import reader_language, respond
from routes.shared.path_numbers import register_id_numbers

router = APIRouter(include_in_schema=False)
register_id_numbers()  # must run before the first path that uses them
_COLUMNS = ("source", "file", "line", "column", "value", "reason", "sentence")


@router.get(IMPORTS)
async def show_imports(request: Request) -> Response:
    """The list, the newest first."""
    viewer = inside(request).viewer
    before = parse_whole_number(request.query_params.get("before")) or None
    found = await kept_runs.fetch_runs(before, viewer)
    return respond(request, describe_runs(reader_language(request), found, before, await fetch_display_zone(viewer), viewer.everywhere))


@router.get(f"{IMPORTS}/{{number:id}}")
async def show_import(request: Request, number: int) -> Response:
    """The report of one import."""
    after = parse_whole_number(request.query_params.get("after")) or 0
    return await _respond_report(request, number, _read_reason(request.query_params.get("reason")), after)


@router.post(f"{IMPORTS}/{{number:id}}/rejected")
async def export_rejected(request: Request, number: int) -> Response:
    """The rejected rows, or those of one reason, as a CSV file."""
    reason, lang = _read_reason((await fields(request)).get("reason")), reader_language(request)
    try:
        rows = await kept_runs.export_rejected(number, reason, inside(request).viewer)
    except ManyRejected as error:
        return await _respond_report(request, number, reason, message=Message(error=tell(lang, error)))
    return await asyncio.to_thread(_make_file, lang, number, rows)


async def _respond_report(request: Request, number: int, reason: str, after: int = 0, message: Message = NO_MESSAGE) -> Response:
    viewer = inside(request).viewer
    found = await kept_runs.fetch_run(number, reason, after, viewer)
    return respond(request, describe_report(reader_language(request), found, reason, after, await fetch_display_zone(viewer), message))


def _read_reason(text: str | None) -> str:
    """The reason in an address or a form; a text that cannot be one is left out."""
    told = (text or "").strip()
    return told if could_be_code(told) else ""


def _make_file(lang: str, number: int, rows: Sequence[Row]) -> Response:
    cells = (
        [row["source"], row["file"], row["line"], row["column_name"] or "", row["value"] or "", row["reason"], tell_row(lang, row)]
        for row in rows
    )
    headers = {"Content-Disposition": f'attachment; filename="gridwell-import-{number}-rejected.csv"', **NO_STORE}
    return Response(as_csv(_COLUMNS, cells), media_type=CSV, headers=headers)
