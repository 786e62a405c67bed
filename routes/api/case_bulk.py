"""The machine door for cases: a step on many of them at once, and what it would do."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import JSONResponse

from data.cases.many.choosing import MOST_IN_BULK, Chosen, UnitLoad, Wish, choose_cases
from data.cases.refusals import Refusal, StepRefused
from data.cases.requests import Ask, NotDone, submit
from data.cases.types import BulkAnswer, BulkResult, UnitShare
from data.concurrency.turns import in_turns
from data.core.text import could_be_code
from data.core.viewer import Viewer
from data.figures.types import VERSION
from routes.api import case_examples as examples
from routes.api.api import Asking, Lang
from routes.api.case_answers import answer_refused, make_fault, make_result
from routes.api.case_bodies import BulkBody, describe_body, read_body
from routes.api.cases import REFUSED, Key, check_key, read_step
from routes.api.examples import answer_example
from routes.errors import DOCUMENTED
from routes.middleware.queued_requests import leave_queue
from routes.middleware.rate_limits import count_cases
from routes.shared.parameters import refuse_unread

router = APIRouter(prefix="/api", responses=DOCUMENTED, dependencies=[Depends(refuse_unread)], tags=["cases"])


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
        step, fields = read_step(body, ("cases", "by_rules"))
        by_rules, wanted = _read_by_rules(body, step, fields), _read_wishes(body.get("cases"))
        count_cases(request.scope, len(wanted))
        choice = await choose_cases(step, fields, wanted, who, by_rules, weighed=preview)
        results = [make_result(one, who.lang) async for one in in_turns(choice.chosen)]
        if not preview:
            check_key(key)
            said = {"step": step, "fields": fields, **({"by_rules": True} if by_rules else {})}
            await _take_all(request, who, list(zip(wanted, choice.chosen, strict=True)), results, said, key)
    except StepRefused as refused:
        return answer_refused(refused, who.lang)
    done = sum(result["ok"] for result in results)
    answer: BulkAnswer = {
        "version": VERSION,
        "preview": preview,
        "done": done,
        "refused": len(results) - done,
        "results": results,
        "units": _tell_loads(choice.loads),
    }
    return JSONResponse(answer, headers={"Cache-Control": "no-store"})


def _tell_loads(loads: Sequence[UnitLoad]) -> list[UnitShare]:
    return [{"city": one.city, "unit": one.unit, "n": one.n, "open": one.open, "rules": list(one.rules)} for one in loads]


def _read_by_rules(body: Mapping[str, Any], step: str, fields: Mapping[str, Any]) -> bool:
    given = body.get("by_rules")
    if given is not None and not isinstance(given, bool):
        raise StepRefused([Refusal("by_rules", "bad_truth")])
    if given and (step != "dispatch" or "unit" in fields or "assignee" in fields):
        raise StepRefused([Refusal("by_rules", "not_taken")])
    return bool(given)


def _read_wishes(given: Any) -> list[Wish]:
    if not isinstance(given, list) or not 0 < len(given) <= MOST_IN_BULK:
        raise StepRefused([Refusal("cases", "bad_list", {"most": MOST_IN_BULK})])
    return [_read_wish(one if isinstance(one, dict) else {}, f"cases.{n}") for n, one in enumerate(given)]


def _read_wish(one: Mapping[str, Any], at: str) -> Wish:
    number, version, unit, city = one.get("number"), one.get("version"), one.get("unit"), one.get("city")
    if not isinstance(number, str) or not could_be_code(number):
        raise StepRefused([Refusal(f"{at}.number", "needed")])
    if version is not None and (not isinstance(version, int) or isinstance(version, bool) or abs(version) > 2**31):
        raise StepRefused([Refusal(f"{at}.version", "bad_whole")])
    if unit is not None and (not isinstance(unit, str) or not could_be_code(unit)):
        raise StepRefused([Refusal(f"{at}.unit", "bad_text", {"most": 200})])
    if city is not None and (not isinstance(city, str) or not could_be_code(city)):
        raise StepRefused([Refusal(f"{at}.city", "bad_text", {"most": 200})])
    return Wish(number, version, unit, city)


async def _take_all(
    request: Request, who: Viewer, chosen: list[tuple[Wish, Chosen]], results: list[BulkResult], said: dict[str, Any], key: str | None
) -> None:
    """Ask for the step on every case that can take it, and write what became of it into the results.

    With a key of one's own all are asked about: what was done under that key before is told again.
    """
    able, asks = [], []
    for n, (wish, one) in enumerate(chosen):
        if one.row is not None and (key is not None or not one.refusals):
            able.append(n)
            body = {"step": said["step"], "fields": dict(one.fields), "version": one.version}
            named = {**said, "version": wish.version, **({"unit": wish.unit} if wish.unit is not None else {})}
            asks.append(Ask(one.row["city"], body, (one.row["district"], one.row["id"], one.row["reported_at"]), said=named))
    outcomes = await submit(who, asks, key, lambda: leave_queue(request)) if asks else []
    if outcomes and all(outcome.get("expired") for outcome in outcomes):
        raise NotDone
    async for n, outcome in in_turns(zip(able, outcomes, strict=True)):
        faults = [make_fault(Refusal.from_json(one), who.lang) for one in outcome.get("refusals", ())]
        if outcome.get("expired"):
            faults = [make_fault(Refusal("step", "not_reached"), who.lang)]
        told: BulkResult = {**results[n], "ok": outcome["ok"], "fields": faults}
        results[n] = {**told, "case_version": outcome.get("version"), "stage": outcome.get("stage")}
