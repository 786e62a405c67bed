"""The machine door for rules and calendars: what holds, what a change would do, and changing it."""

from collections.abc import Awaitable, Mapping
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import JSONResponse

from data.core.errors import BadInput, NotOpen
from data.core.i18n import t
from data.core.spreadsheets import as_csv
from data.core.viewer import Viewer
from data.deadlines.uploads import BadRows, parse_day, read_days
from data.rules import telling
from data.rules.asking import ask_change
from data.rules.faults import RulesRefused
from data.rules.known import list_areas
from data.rules.reading import RuleCity, read_city
from data.rules.types import CalendarTold, Changed, ChangeRefused, DeadlineRules, RoutingRules, Tried, Weights
from routes.api.api import Asking, Lang
from routes.api.case_bodies import describe_body, read_body
from routes.api.examples import DEMO_CITY, answer_example
from routes.api.rules import examples
from routes.api.rules.bodies import DeadlinesBody, HoursBody, RoutingBody, TrialBody, WeightsBody
from routes.errors import DOCUMENTED
from routes.middleware.queued_requests import leave_queue
from routes.shared.parameters import refuse_unread

REFUSED: dict[int | str, dict[str, Any]] = {
    403: {"model": ChangeRefused, "description": "The account may not change rules, or its area is not the whole city"},
    404: {"model": ChangeRefused, "description": "There is no such city"},
    409: {"model": ChangeRefused, "description": "The rules have changed since: who changed what, and their present state"},
    422: {"model": ChangeRefused, "description": "What was written cannot be used: one sentence for each field or line"},
}
router = APIRouter(prefix="/api/rules", responses={**DOCUMENTED, **REFUSED}, dependencies=[Depends(refuse_unread)], tags=["rules"])

City = Annotated[str, Query(description="Code of the city", max_length=60, examples=[DEMO_CITY])]
Preview = Annotated[bool, Query(description="Only say what the change would do")]
_CSV = "text/csv; charset=utf-8"
NO_STORE = {"Cache-Control": "no-store"}


# ---- What holds ----


@router.get("/routing", summary="Rules that send cases to units", responses=answer_example(examples.ROUTING))
async def get_routing(city: City, who: Asking, response: Response, lang: Lang = None) -> RoutingRules:
    """In the order in which they are tried, with what is odd about it, and who changed them."""
    response.headers["Cache-Control"] = "private, no-cache"
    return await telling.fetch_routing(await read_city(city, who), who)


@router.get("/deadlines", summary="Rules of deadlines", responses=answer_example(examples.DEADLINES))
async def get_deadlines(city: City, who: Asking, response: Response, lang: Lang = None) -> DeadlineRules:
    """Old and later versions too, with the open cases that follow each, and who changed them."""
    response.headers["Cache-Control"] = "private, no-cache"
    return await telling.fetch_deadlines(await read_city(city, who), who)


@router.get("/calendar", summary="Working hours, holidays and make-up workdays", responses=answer_example(examples.CALENDAR))
async def get_calendar(city: City, who: Asking, response: Response, lang: Lang = None) -> CalendarTold:
    """And until which day they are official."""
    response.headers["Cache-Control"] = "private, no-cache"
    return await telling.fetch_calendar(await read_city(city, who), who)


@router.get("/weights", summary="Weights of the composite score", responses=answer_example(examples.WEIGHTS))
async def get_weights(city: City, who: Asking, response: Response, lang: Lang = None) -> Weights:
    """With the days for which they hold: figures of a past month are graded by the weights of its last day."""
    response.headers["Cache-Control"] = "private, no-cache"
    return await telling.fetch_weights(await read_city(city, who), who)


@router.get(
    "/calendar.csv",
    summary="Holidays and make-up workdays as a table",
    response_class=Response,
    responses={200: {"content": {"text/csv": {}}, "description": "The table, UTF-8"}},
)
async def get_calendar_table(
    city: City,
    who: Asking,
    year: Annotated[int | None, Query(ge=1970, le=2200, description="Only days of this year")] = None,
    template: Annotated[bool, Query(description="The headings with two rows that show how to write them")] = False,
    lang: Lang = None,
) -> Response:
    """It can be changed and sent back as it is."""
    seen = await read_city(city, who)
    days = examples.TEMPLATE if template else (await telling.fetch_calendar(seen, who))["days"]
    rows = [(one["day"], one["kind"], one["name"]) for one in days if year is None or one["day"][:4] == str(year)]
    table = as_csv(("day", "kind", "name"), rows)
    name = "template" if template else f"calendar-{seen.code}"
    return Response(table, media_type=_CSV, headers={**NO_STORE, "Content-Disposition": f'attachment; filename="{name}.csv"'})


# ---- What would be, and changing it ----


@router.post(
    "/routing/try",
    summary="What rules would have done with the cases of the last 30 days",
    response_model=Tried,
    openapi_extra=describe_body(TrialBody),
    responses=answer_example(examples.TRIED),
)
async def post_trial(request: Request, who: Asking, lang: Lang = None) -> Response:
    """Beside where these cases went, by unit and by street; nothing is changed."""
    body = await read_body(request)
    seen = await read_changeable(body, who)
    return await answer_tried(telling.fetch_trial(seen, body, who, list_areas(body)), who)


@router.post(
    "/routing",
    summary="Replace the rules that send cases to units",
    response_model=Changed,
    openapi_extra=describe_body(RoutingBody),
    responses=answer_example(examples.CHANGED_ROUTING),
)
async def post_routing(request: Request, who: Asking, preview: Preview = False, lang: Lang = None) -> Response:
    """Name the state of the rules that was seen: if somebody else has changed them since, the answer is 409 and says who."""
    return await change(request, "routing", await read_body(request), who, preview)


@router.post(
    "/deadlines",
    summary="Add, follow or end rules of deadlines",
    response_model=Changed,
    openapi_extra=describe_body(DeadlinesBody),
    responses=answer_example(examples.CHANGED_DEADLINES),
)
async def post_deadlines(request: Request, who: Asking, preview: Preview = False, lang: Lang = None) -> Response:
    """From today on: what held in the past stays. The answer says how many open cases get another deadline, and how it moves."""
    return await change(request, "deadlines", await read_body(request), who, preview)


@router.post(
    "/calendar",
    summary="Upload holidays and make-up workdays",
    response_model=Changed,
    responses=answer_example(examples.CHANGED_CALENDAR),
    openapi_extra={
        "requestBody": {
            "required": True,
            "description": "A table with the columns day, kind (off or work) and name: CSV, UTF-8 or GBK",
            "content": {"text/csv": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
async def post_calendar(
    request: Request,
    city: City,
    who: Asking,
    seen: Annotated[str, Query(description="The state of the calendar that was seen", max_length=64)],
    until: Annotated[str | None, Query(description="Last day for which the table is complete, YYYY-MM-DD", max_length=20)] = None,
    preview: Preview = False,
    lang: Lang = None,
) -> Response:
    """The answer says which provisional deadlines it settles. Where one line cannot be used, nothing of the table is taken."""
    last = _read_last_day(until)
    try:
        days = read_days(await request.body())
    except BadRows as refused:
        told = {"code": refused.code, "sentence": t(who.lang, refused.sentence, **refused.facts), "facts": dict(refused.facts)}
        return JSONResponse({"error": {**told, "lines": refused.tell(who.lang)}}, 422, NO_STORE)
    listed = [[day.isoformat(), one.kind, one.name] for day, one in sorted(days.items())]
    return await change(request, "calendar", {"city": city, "seen": seen, "days": listed, "until": last and last.isoformat()}, who, preview)


@router.post(
    "/hours",
    summary="Change the working hours of a city from a day on",
    response_model=Changed,
    openapi_extra=describe_body(HoursBody),
    responses=answer_example(examples.CHANGED_CALENDAR),
)
async def post_hours(request: Request, who: Asking, preview: Preview = False, lang: Lang = None) -> Response:
    """From today on: what was due in the past stays. The answer says how many open cases get another deadline, and how it moves."""
    return await change(request, "hours", await read_body(request), who, preview)


@router.post(
    "/weights",
    summary="Change the weights of the composite score from a day on",
    response_model=Changed,
    openapi_extra=describe_body(WeightsBody),
    responses=answer_example(examples.CHANGED_ROUTING),
)
async def post_weights(request: Request, who: Asking, preview: Preview = False, lang: Lang = None) -> Response:
    """The version before ends on the day before. What was graded in the past stays."""
    return await change(request, "weights", await read_body(request), who, preview)


def _read_last_day(until: str | None) -> date | None:
    last = parse_day(until) if until else None
    if until and last is None:
        raise BadInput(field="until", value=until, reason="it does not have the right form")
    return last


async def read_changeable(body: dict[str, Any], who: Viewer) -> RuleCity:
    """The city of a body, whose rules the account may change.

    Raises:
        NotOpen: it may not.
    """
    code = body.get("city")
    if not isinstance(code, str):
        raise BadInput(field="city", value="", reason="it is needed")
    seen = await read_city(code, who)
    if not seen.may_change:
        raise NotOpen
    return seen


async def change(request: Request, kind: str, body: dict[str, Any], who: Viewer, preview: bool) -> Response:
    """Ask the keeper for a change of rules of a kind, or what it would do, and answer what became of it."""
    city = await read_changeable(body, who)
    leave_queue(request)  # it waits for the keeper
    told = {name: value for name, value in body.items() if name not in ("city", "seen")}
    status, answer = await ask_change(who, city.code, kind, {**told, "version": body.get("seen"), "preview": preview})
    return JSONResponse(answer, status, NO_STORE)


async def answer_tried(trial: Awaitable[Mapping[str, Any]], who: Viewer) -> Response:
    """What rules would have done, or what is wrong with them."""
    try:
        return JSONResponse(dict(await trial), headers=NO_STORE)
    except RulesRefused as refused:
        return answer_refused(refused, who.lang)


def answer_refused(refused: RulesRefused, lang: str) -> JSONResponse:
    """What is wrong with each field."""
    told = {"code": refused.code, "sentence": t(lang, refused.sentence), "facts": {}}
    return JSONResponse({"error": {**told, "fields": [fault.tell(lang) for fault in refused.faults]}}, refused.status, NO_STORE)
