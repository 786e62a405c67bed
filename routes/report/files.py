"""Files of reports: as they were written once, with their hash as tag, and a row of the audit log for each that leaves."""

import asyncio
import re
import uuid
from collections import Counter
from collections.abc import Mapping
from time import monotonic
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Path, Request, Response

from data.core.errors import UnknownName
from data.core.viewer import Viewer
from data.figures.types import ErrorAnswer
from data.reports.errors import BeingWritten, NotMade, NotWritten
from data.reports.issued import read_content, read_file, read_wishes, wish_file
from data.reports.requests import FORMS
from reports.stored import MEDIA_TYPE
from reports.writers.forms import WRITERS
from routes.api.api import Asking, Lang
from routes.errors import DOCUMENTED
from routes.exports.answers import note_export
from routes.middleware.queued_requests import leave_queue
from routes.report.answers import JSON_FORM, ReportAnswer, tell_problem, tell_report
from routes.report.api import REFUSED, Id
from routes.report.bodies import read_id
from routes.shared.parameters import refuse_unread

router = APIRouter(prefix="/api", responses=DOCUMENTED, dependencies=[Depends(refuse_unread)], tags=["reports"])

MEDIA_TYPES: Mapping[str, str] = {JSON_FORM: MEDIA_TYPE, **{form: WRITERS[f".{form}"][0] for form in FORMS}}
PATIENCE_S, LOOK_S = 25.0, 0.25
"""A file that is not written yet is waited for so long, and looked for so often."""
MOST_WAITING = 6
"""So many requests of one account wait for files in one process; further ones are told to come again."""
_waiting: Counter[str] = Counter()
_NOT_IN_NAMES = re.compile(r"[\x00-\x1f\x7f\"*/:<>?\\|\u200b-\u200f\u202a-\u202e\u2066-\u2069]+")


@router.get(
    "/reports/{report}/files/{form}",
    summary="A report as a file",
    response_class=Response,
    responses={
        **REFUSED,
        200: {"content": {kind: {} for kind in MEDIA_TYPES.values()}, "description": "The file"},
        503: {"model": ErrorAnswer, "description": "It is being written: Retry-After says when to come again"},
    },
)
async def get_report_file(
    request: Request,
    of_id: Id,
    form: Annotated[str, Path(description="pdf, docx, xlsx, or json: what the report holds", examples=["pdf"])],
    who: Asking,
    lang: Lang = None,
) -> Response:
    """Of an issued report always the same bytes. The tag (ETag) is the SHA-256 of the file."""
    if form not in MEDIA_TYPES:
        raise UnknownName.among("form", form, MEDIA_TYPES)
    wanted = read_id(of_id)
    told = await tell_report(who, wanted)
    if told["state"] not in ("done", "issued"):
        raise NotMade(state=told["state"])
    content, digest = await read_content(who, wanted) if form == JSON_FORM else await _wait_for(request, who, wanted, form)
    headers = {"ETag": f'"{digest}"', "Cache-Control": "private, no-cache", "Vary": "Cookie"}
    if digest in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    await note_export("report", form, None, who, {"report": told["id"], "area": told["area"], "kind": told["kind"], "sha256": digest})
    return Response(content, media_type=MEDIA_TYPES[form], headers={**headers, "Content-Disposition": _disposition(told, form)})


async def _wait_for(request: Request, who: Viewer, of_id: uuid.UUID, form: str) -> tuple[bytes, str]:
    """A file that the printer has written, or writes now."""
    if (found := await read_file(who, of_id, form)) is not None:
        return found
    await wish_file(who, of_id, form)
    if _waiting[who.name] >= MOST_WAITING:
        raise BeingWritten
    leave_queue(request)
    _waiting[who.name] += 1
    try:
        return await _look_for(who, of_id, form)
    finally:
        _waiting[who.name] -= 1
        if not _waiting[who.name]:
            del _waiting[who.name]


async def _look_for(who: Viewer, of_id: uuid.UUID, form: str) -> tuple[bytes, str]:
    until = monotonic() + PATIENCE_S
    while monotonic() < until:
        await asyncio.sleep(LOOK_S)
        if (found := await read_file(who, of_id, form)) is not None:
            return found
        if problem := (await read_wishes(who, of_id)).get(form):
            raise NotWritten(reason=tell_problem(problem, who.lang))
    raise BeingWritten


def _disposition(told: ReportAnswer, form: str) -> str:
    """The name under which it is saved (RFC 6266), in plain letters for those that read no others."""
    parts = (told["title"], told["area_name"], told["period"], f"No{told['no']}" if told["no"] else None)
    name = _NOT_IN_NAMES.sub("_", "-".join(part for part in parts if part))[:120]
    plain = f"report-{told['no'] or told['id'][:8]}.{form}"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(f'{name}.{form}', safe='')}"
