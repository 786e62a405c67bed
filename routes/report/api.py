"""The machine interface for reports: ask for one, look how far it is, issue and correct it.

Composing never runs here: a request waits for the printer (``reports.making``), and what it made is read.
"""

from datetime import date
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response
from fastapi.responses import JSONResponse

from data.core.errors import BadInput
from data.core.text import LARGEST_BIGINT
from data.figures.types import VERSION, ErrorAnswer
from data.reports.errors import AlreadyCorrected, NotIssued, NotRecipient, NotYours
from data.reports.issued import Chosen, issue, list_issued, read_issued
from data.reports.requests import ask_report, read_request
from data.reports.sending.receipts import confirm_own
from routes.api.api import Asking, Lang
from routes.api.case_bodies import describe_body, read_body
from routes.api.examples import answer_example
from routes.errors import DOCUMENTED
from routes.report import examples
from routes.report.answers import ReportAnswer, ReportList, SeenAnswer, address_of, tell_issued, tell_report, tell_seen
from routes.report.bodies import CorrectionBody, ReportOrderBody, SeenBody, read_answer, read_id, read_key, read_order, read_reason
from routes.shared.parameters import refuse_unread

REFUSED: dict[int | str, dict[str, Any]] = {
    403: {"model": ErrorAnswer, "description": "This account may not see the area, or not issue its reports"},
    404: {"model": ErrorAnswer, "description": "There is no such report, or it holds more than this account may see"},
    409: {"model": ErrorAnswer, "description": "It is not made, not issued, or corrected already; or the key was used for something else"},
    429: {"model": ErrorAnswer, "description": "This account has asked for too many"},
}
router = APIRouter(prefix="/api", responses=DOCUMENTED, dependencies=[Depends(refuse_unread)], tags=["reports"])

MOST_LISTED = 200
Id = Annotated[str, Path(alias="report", description="Id of the report", examples=[examples.ISSUED["id"]])]
Key = Annotated[
    str | None,
    Header(alias="Idempotency-Key", description="A text of one's own: the same report is asked for once with the same key, within a day"),
]
_NO_STORE = {"Cache-Control": "no-store"}


def _asked(description: str) -> dict[int | str, dict[str, Any]]:
    return {**REFUSED, 202: {"content": {"application/json": {"example": examples.ASKED}}, "description": description}}


@router.post(
    "/reports",
    summary="Have a report made",
    status_code=202,
    response_model=ReportAnswer,
    openapi_extra=describe_body(ReportOrderBody),
    responses=_asked("It waits for its turn: ask at “address” how far it is"),
)
async def post_report(request: Request, who: Asking, key: Key = None, lang: Lang = None) -> Response:
    """It holds what this account may see of the area, and is a preview for a day, for this account alone."""
    made = await ask_report(who, read_order(await read_body(request), who.lang), read_key(key))
    return JSONResponse(await tell_report(who, made), 202, {**_NO_STORE, "Location": address_of(made)})


@router.get("/reports", summary="Issued reports", responses=answer_example(examples.LISTED))
async def get_reports(
    who: Asking,
    response: Response,
    area: Annotated[str | None, Query(description="Code of the area or functional zone", examples=["990100"])] = None,
    kind: Annotated[str | None, Query(description="Kind of report", examples=["weekly"])] = None,
    first: Annotated[str | None, Query(alias="from", description="Reports about this day or later ones", examples=["2026-01-01"])] = None,
    last: Annotated[str | None, Query(alias="to", description="Reports about this day or earlier ones")] = None,
    before: Annotated[int | None, Query(ge=1, le=LARGEST_BIGINT, description="Reports with smaller numbers: the next page")] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_LISTED, description="At most so many")] = 50,
    lang: Lang = None,
) -> ReportList:
    """Those that open for this account, the newest first."""
    response.headers["Cache-Control"] = "private, no-cache"
    found = await list_issued(who, Chosen(area, kind, _day("from", first), _day("to", last), before, limit + 1))
    more = len(found) > limit
    told = {"area": area, "kind": kind, "from": first, "to": last, "limit": limit, "before": found[limit - 1].no if more else None}
    after = f"/api/reports?{urlencode({name: value for name, value in told.items() if value is not None})}"
    reports: list[ReportAnswer] = [{**tell_issued(one, {}, {}, who), "files": []} for one in found[:limit]]
    return {"version": VERSION, "reports": reports, "next": after if more else None}


def _day(name: str, given: str | None) -> date | None:
    try:
        return None if given is None else date.fromisoformat(given)
    except ValueError:
        raise BadInput(field=name, value=(given or "")[:60], reason="it does not have the right form") from None


@router.get("/reports/{report}", summary="A report: how far it is, and its files", responses={**REFUSED, **answer_example(examples.ISSUED)})
async def get_report(of_id: Id, who: Asking, response: Response, lang: Lang = None) -> ReportAnswer:
    """A request or preview of this account's own, or an issued report that opens for it."""
    response.headers.update(_NO_STORE)
    return await tell_report(who, read_id(of_id))


@router.post(
    "/reports/{report}/issue",
    summary="Issue a preview",
    response_model=ReportAnswer,
    responses={**REFUSED, **answer_example(examples.ISSUED)},
)
async def post_issue(of_id: Id, who: Asking, lang: Lang = None) -> Response:
    """For supervisors and leaders, of what lies in their area. It is issued as it was previewed, byte for byte, and stays so for good."""
    wanted = read_id(of_id)
    await issue(who, wanted)
    return JSONResponse(await tell_report(who, wanted), headers=_NO_STORE)


@router.post(
    "/reports/{report}/correct",
    summary="Correct an issued report",
    status_code=202,
    response_model=ReportAnswer,
    openapi_extra=describe_body(CorrectionBody),
    responses=_asked("It waits for its turn. Issue the new report when it is made; the old one stays, and names the one that corrects it"),
)
async def post_correction(request: Request, of_id: Id, who: Asking, key: Key = None, lang: Lang = None) -> Response:
    """The same report made anew from the present data, for the same audience. It says which one it corrects, why, and what differs."""
    reason, old_id = read_reason(await read_body(request)), read_id(of_id)
    if (old := await read_issued(who, old_id)) is None:
        await read_request(who, old_id)
        raise NotIssued
    if not who.may("issue_reports"):
        raise NotYours
    if old.corrected_by is not None:
        raise AlreadyCorrected
    made = await ask_report(who, old.order, read_key(key), (old.id, reason, old.audience))
    return JSONResponse(await tell_report(who, made), 202, {**_NO_STORE, "Location": address_of(made)})


@router.post(
    "/reports/{report}/seen",
    summary="Confirm having seen a report",
    response_model=SeenAnswer,
    openapi_extra=describe_body(SeenBody),
    responses={**REFUSED, **answer_example(examples.SEEN)},
)
async def post_seen(request: Request, of_id: Id, who: Asking, lang: Lang = None) -> Response:
    """For whoever a schedule sent it to: what the link in the message does. Once is enough; of several answers the newest stands."""
    answer, wanted = read_answer(await read_body(request)), read_id(of_id)
    if await read_issued(who, wanted) is None:
        await read_request(who, wanted)
        raise NotRecipient
    return JSONResponse(tell_seen(await confirm_own(who, wanted, answer)), headers=_NO_STORE)
