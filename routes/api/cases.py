"""The machine door for cases: report, read, list, and take steps on one or many."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response
from fastapi.responses import JSONResponse

from data.cases import life, reading
from data.cases.reading import MOST_IN_BULK, Chosen, make_actor
from data.cases.refusals import Refusal, StepRefused
from data.cases.reporting import make_report
from data.cases.requests import Ask, NotDone, submit
from data.cases.states import Order
from data.cases.types import (
    BulkAnswer,
    BulkResult,
    CaseAnswer,
    Refused,
    StepAnswer,
)
from data.concurrency.turns import in_turns
from data.core.text import could_be_code, storable
from data.core.viewer import Viewer
from data.figures.types import VERSION
from routes.api import case_examples as examples
from routes.api.api import Asking, Lang
from routes.api.case_answers import answer_refused, make_case_answer, make_fault, make_result, make_step_answer
from routes.api.case_bodies import BulkBody, ReportBody, StepBody, describe_body, read_body
from routes.api.examples import answer_example
from routes.errors import DOCUMENTED
from routes.middleware.queued_requests import leave_queue
from routes.middleware.rate_limits import count_cases
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
    "/cases/steps",
    summary="Take a step on many cases",
    response_model=BulkAnswer,
    openapi_extra=describe_body(BulkBody),
    responses={**REFUSED, **answer_example(examples.BULK)},
)
async def post_steps(
    request: Request,
    who: Asking,
    key: Key = None,
    preview: Annotated[bool, Query(description="Only say which cases cannot take the step, and why")] = False,
    lang: Lang = None,
) -> Response:
    """Each case takes the step, or is refused with its reasons; cases that cannot take it do not stop the others."""
    try:
        body = await read_body(request)
        step, fields = _read_step(body, ("cases",))
        wanted = _read_chosen(body.get("cases"))
        count_cases(request.scope, len(wanted))
        chosen = await reading.preview(step, fields, wanted, who)
        results = [make_result(one, who.lang) async for one in in_turns(chosen)]
        if not preview:
            _check_key(key)
            await _take_all(request, who, chosen, results, {"step": step, "fields": fields}, key)
    except StepRefused as refused:
        return answer_refused(refused, who.lang)
    done = sum(result["ok"] for result in results)
    answer: BulkAnswer = {"version": VERSION, "preview": preview, "done": done, "refused": len(results) - done, "results": results}
    return JSONResponse(answer, headers={"Cache-Control": "no-store"})


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
        step, fields = _read_step(body, ("version",))
        version = body.get("version")
        if version is not None and (not isinstance(version, int) or isinstance(version, bool) or abs(version) > 2**31):
            raise StepRefused([Refusal("version", "bad_whole")])
        await _check_form(number, city, Order(step, fields, version), who)
        _check_key(key)
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


def _target(row: Mapping[str, Any]) -> tuple[str, int, datetime]:
    return row["district"], row["id"], row["reported_at"]


def _read_step(body: dict[str, Any], others: tuple[str, ...]) -> tuple[str, dict[str, Any]]:
    step = body.get("step")
    if not isinstance(step, str) or not storable(step):
        raise StepRefused([Refusal("step", "needed")])
    return step, {name: value for name, value in body.items() if name not in ("step", *others) and value is not None}


def _read_chosen(given: Any) -> list[tuple[str, int | None]]:
    if not isinstance(given, list) or not 0 < len(given) <= MOST_IN_BULK:
        raise StepRefused([Refusal("cases", "bad_list", {"most": MOST_IN_BULK})])
    chosen = []
    for n, one in enumerate(given):
        number, version = (one.get("number"), one.get("version")) if isinstance(one, dict) else (None, None)
        if not isinstance(number, str) or not could_be_code(number):
            raise StepRefused([Refusal(f"cases.{n}.number", "needed")])
        if version is not None and (not isinstance(version, int) or isinstance(version, bool) or abs(version) > 2**31):
            raise StepRefused([Refusal(f"cases.{n}.version", "bad_whole")])
        chosen.append((number, version))
    return chosen


async def _carry_out(request: Request, who: Viewer, ask: Ask, key: str | None) -> dict[str, Any]:
    _check_key(key)
    outcome = (await submit(who, [ask], key, lambda: leave_queue(request)))[0]
    if not outcome["ok"]:
        raise StepRefused(
            [Refusal.from_json(one) for one in outcome.get("refusals", ())], outcome.get("version"), outcome.get("since") or ()
        )
    return outcome


def _check_key(key: str | None) -> None:
    if key is not None and (not 0 < len(key) <= LONGEST_KEY or not storable(key) or key.startswith("-")):
        raise StepRefused([Refusal("Idempotency-Key", "bad_text", {"most": LONGEST_KEY})])


async def _take_all(
    request: Request, who: Viewer, chosen: list[Chosen], results: list[BulkResult], order: dict[str, Any], key: str | None
) -> None:
    """Ask for the step on every case that can take it, and write what became of it into the results.

    With a key of one's own all are asked about: what was done under that key before is told again.
    """
    able, asks = [], []
    for n, one in enumerate(chosen):
        if one.row is not None and (key is not None or not one.refusals):
            able.append(n)
            asks.append(Ask(one.row["city"], {**order, "version": one.version}, _target(one.row)))
    outcomes = await submit(who, asks, key, lambda: leave_queue(request)) if asks else []
    if outcomes and all(outcome.get("expired") for outcome in outcomes):
        raise NotDone
    async for n, outcome in in_turns(zip(able, outcomes, strict=True)):
        faults = [make_fault(Refusal.from_json(one), who.lang) for one in outcome.get("refusals", ())]
        if outcome.get("expired"):
            faults = [make_fault(Refusal("step", "not_reached"), who.lang)]
        told: BulkResult = {**results[n], "ok": outcome["ok"], "fields": faults}
        results[n] = {**told, "case_version": outcome.get("version"), "stage": outcome.get("stage")}
