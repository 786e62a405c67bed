"""The machine door for cases: report, read, and take steps on one."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response
from fastapi.responses import JSONResponse

from data.cases import life, reading
from data.cases.reading import make_actor
from data.cases.refusals import Refusal, StepRefused
from data.cases.reporting import make_report
from data.cases.requests import Ask, submit
from data.cases.states import Order
from data.cases.types import (
    CaseAnswer,
    Refused,
    StepAnswer,
)
from data.core.text import storable
from data.core.viewer import Viewer
from routes.api import case_examples as examples
from routes.api.api import Asking, Lang
from routes.api.case_answers import answer_refused, make_case_answer, make_step_answer
from routes.api.case_bodies import ReportBody, StepBody, describe_body, read_body
from routes.api.examples import answer_example
from routes.errors import DOCUMENTED
from routes.middleware.queued_requests import leave_queue
from routes.shared.parameters import refuse_unread

REFUSED: dict[int | str, dict[str, Any]] = {
    403: {"model": Refused, "description": "The account's role may not do this"},
    404: {"model": Refused, "description": "There is no such case, or it is out of scope"},
    409: {"model": Refused, "description": "The case stands otherwise: it has changed, or the step is not possible now"},
    422: {"model": Refused, "description": "What was given cannot be used: one sentence for each field"},
}
router = APIRouter(prefix="/api", responses=DOCUMENTED, dependencies=[Depends(refuse_unread)], tags=["cases"])

LONGEST_KEY = 200
Number = Annotated[str, Path(description="Number of the case")]
City = Annotated[str | None, Query(description="Code of the city, where several have this number")]
Key = Annotated[
    str | None,
    Header(alias="Idempotency-Key", description="A text of one's own: the same request with the same key is carried out once"),
]


# ---- Reading ----


@router.get("/cases/{number}", summary="One case with its history", responses={**REFUSED, **answer_example(examples.CASE)})
async def get_case(
    number: Number,
    who: Asking,
    response: Response,
    city: City = None,
    reporters: Annotated[bool, Query(description="Whether masked reporters are asked for; false for a look in passing")] = True,
    lang: Lang = None,
) -> CaseAnswer:
    """Every step with who took it, and the steps that the account may take now. Reading masked reporters is written to the audit log."""
    response.headers["Cache-Control"] = "private, no-cache"
    return make_case_answer(await reading.read_case(number, city, who, reporters), who.lang)


# ---- Steps ----


@router.post(
    "/cases",
    summary="Report a case",
    status_code=201,
    response_model=StepAnswer,
    openapi_extra=describe_body(ReportBody),
    responses={**REFUSED, 201: {"content": {"application/json": {"example": examples.REPORTED}}, "description": "The case was made"}},
)
async def post_case(request: Request, who: Asking, key: Key = None, lang: Lang = None) -> Response:
    """The cell is found from the place. The same Idempotency-Key makes no second case."""
    try:
        ask = await make_report(await read_body(request), who)
        outcome = await _carry_out(request, who, ask, key)
    except StepRefused as refused:
        return answer_refused(refused, who.lang)
    return JSONResponse(make_step_answer(outcome, who), 201, {"Cache-Control": "no-store", "Location": f"/api/cases/{outcome['number']}"})


@router.post(
    "/cases/{number}/steps",
    summary="Take a step on a case",
    response_model=StepAnswer,
    openapi_extra=describe_body(StepBody),
    responses={**REFUSED, **answer_example(examples.TAKEN)},
)
async def post_step(number: Number, request: Request, who: Asking, key: Key = None, city: City = None, lang: Lang = None) -> Response:
    """Name the version that was seen: if the case has changed since, the answer is 409 and says what happened meanwhile."""
    try:
        body = await read_body(request)
        step, fields = read_step(body, ("version",))
        version = body.get("version")
        if version is not None and (not isinstance(version, int) or isinstance(version, bool) or abs(version) > 2**31):
            raise StepRefused([Refusal("version", "bad_whole")])
        await _check_form(number, city, Order(step, fields, version), who)
        check_key(key)
        leave_queue(request)  # it waits for its turn together with others
        outcome = await _carry_out(request, who, Ask(city, {"step": step, "fields": fields, "version": version}, number=number), key)
    except StepRefused as refused:
        return answer_refused(refused, who.lang)
    return JSONResponse(make_step_answer(outcome, who), headers={"Cache-Control": "no-store"})


async def _check_form(number: str, city: str | None, order: Order, who: Viewer) -> None:
    """What needs no writer: an unknown step, a missing right, a field that cannot be used. A case that is unknown comes first."""
    found = life.check_form(order, make_actor(who), datetime.now(UTC))
    if found:
        await reading.find_row(number, city, who)
        raise StepRefused(found)


def read_step(body: dict[str, Any], others: tuple[str, ...]) -> tuple[str, dict[str, Any]]:
    """The name of the step in a body, and its fields; ``others`` are no fields.

    Raises:
        StepRefused: there is no step.
    """
    step = body.get("step")
    if not isinstance(step, str) or not storable(step):
        raise StepRefused([Refusal("step", "needed")])
    return step, {name: value for name, value in body.items() if name not in ("step", *others) and value is not None}


async def _carry_out(request: Request, who: Viewer, ask: Ask, key: str | None) -> dict[str, Any]:
    check_key(key)
    outcome = (await submit(who, [ask], key, lambda: leave_queue(request)))[0]
    if not outcome["ok"]:
        raise StepRefused(
            [Refusal.from_json(one) for one in outcome.get("refusals", ())], outcome.get("version"), outcome.get("since") or ()
        )
    return outcome


def check_key(key: str | None) -> None:
    """Refuse an idempotency key that cannot be one.

    Raises:
        StepRefused: it is too long, empty, or begins like those that the server makes.
    """
    if key is not None and (not 0 < len(key) <= LONGEST_KEY or not storable(key) or key.startswith("-")):
        raise StepRefused([Refusal("Idempotency-Key", "bad_text", {"most": LONGEST_KEY})])
