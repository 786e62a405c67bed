"""The calendar of one's deadlines: an address that is its own credential, because programs of calendars can send no other."""

import hashlib
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from data.cases.listing import lists
from data.cases.listing.question import CaseQuestion
from data.core.errors import UnknownName
from data.core.i18n import t
from data.core.viewer import Viewer
from data.queries.case_filters import CaseFilters
from data.queries.case_list import Order
from data.schema import DEADLINE_STATES
from routes.api.api import Asking, Lang
from routes.doors.page import public_address
from routes.exports.answers import fetch_area_zone
from routes.exports.calendar import MEDIA_TYPE, make_calendar

router = APIRouter(prefix="/api", include_in_schema=False)

MOST_EVENTS = 500
OF = ("mine", "unit")


@router.get("/calendar/{token}.ics")
async def get_calendar(
    token: str,
    request: Request,
    who: Asking,
    of: Annotated[str, Query(description="mine: cases assigned to the account; unit: of the units in which it works")] = "mine",
    lang: Lang = None,
) -> Response:
    """Deadlines of open cases, as the account's rights are at this moment; the guard has found the account from the token."""
    if of not in OF:
        raise UnknownName.among("of", of, OF)
    question = CaseQuestion(
        filters=CaseFilters(states=tuple(DEADLINE_STATES)),
        order=Order("due_at", False),
        limit=MOST_EVENTS,
        counted=False,
        mine=of == "mine",
        own_units=of == "unit",
    )
    found = await lists.fetch_list(question, who)
    body = make_calendar(
        found["cases"],
        _title(of, who),
        _note(found["next"] is not None, who.lang),
        public_address(request),
        who.lang,
        await fetch_area_zone(found["area"]["code"], who),
    )
    etag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
    headers = {"ETag": etag, "Cache-Control": "private, no-cache", "Vary": "Accept-Language"}
    if etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=MEDIA_TYPE, headers={**headers, "Content-Disposition": 'inline; filename="gridwell.ics"'})


def _title(of: str, who: Viewer) -> str:
    queue = t(who.lang, "Assigned to me") if of == "mine" else t(who.lang, "My unit")
    return f"{t(who.lang, 'Deadlines of cases')} · {queue}"


def _note(more: bool, lang: str) -> str:
    if more:
        return t(lang, "The {n} open cases with the earliest deadlines; there are more, see the desk.", n=MOST_EVENTS)
    return t(lang, "Open cases with a deadline. Closed ones leave this calendar.")
