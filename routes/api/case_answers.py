"""Answers on cases: rows and outcomes in the shapes of ``data.cases.types``."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from fastapi.responses import JSONResponse

from data.cases import life, reading
from data.cases.deadline_reading import explain_deadline
from data.cases.lateness import find_late_stages
from data.cases.many.choosing import Chosen
from data.cases.reading import CaseRead, make_actor
from data.cases.refusals import Refusal, StepRefused
from data.cases.stages import STEP_TITLES, STEPS
from data.cases.states import CaseState
from data.cases.types import BulkResult, CaseAnswer, CaseEvent, CaseListed, FieldFault, StepAnswer, StepOffered
from data.core.i18n import t
from data.core.viewer import Viewer
from data.figures.types import VERSION


def make_case_answer(case: CaseRead, lang: str) -> CaseAnswer:
    """A case with its history."""
    masked: Any = None
    if case.reporters is not None:
        masked = [{"name": one["name_shown"], "phone": one["phone_shown"], "merged_from": one["merged_from"]} for one in case.reporters]
    late = find_late_stages(case.row, case.events, case.book)
    history = [_event(event, event["seq"] in late, lang) for event in case.events]
    deadline = explain_deadline(case.row, case.events, case.book, datetime.now(UTC), lang)
    told: CaseAnswer = {
        "version": VERSION,
        "case": make_listed(case.row),
        "deadline": deadline,
        "history": history,
        "steps": [],
        "reporters": masked,
    }
    told["steps"] = _offer(case.steps, lang)
    return told


def make_listed(row: Mapping[str, Any]) -> CaseListed:
    """A case of a list."""
    made: Any = {name: _plain(row[name]) for name in CaseListed.__annotations__}
    return made  # type: ignore[no-any-return]  # all names of CaseListed


def _event(event: Mapping[str, Any], late: bool, lang: str) -> CaseEvent:
    names = ("seq", "at", "step", "stage", "account", "actor", "unit", "remark", "attachments")
    made: Any = {name: _plain(event[name]) for name in names}
    made["late"] = late
    made["details"] = {name: value for name, value in event["details"].items() if name != "base"}
    made["place"] = None if event["lon"] is None else [event["lon"], event["lat"]]
    made["step_name"] = t(lang, STEP_TITLES.get(event["step"], event["step"]))
    return made  # type: ignore[no-any-return]  # all names of CaseEvent


def _plain(value: Any) -> Any:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else value


def _offer(steps: list[str], lang: str) -> list[StepOffered]:
    known = [STEPS[name] for name in steps]
    return [
        {
            "step": step.name,
            "name": t(lang, STEP_TITLES[step.name]),
            "needs": list(step.needs),
            "needs_one_of": list(step.needs_one_of),
            "takes": sorted(step.fields - {*step.needs, *step.needs_one_of}),
        }
        for step in known
    ]


def make_result(one: Chosen, lang: str) -> BulkResult:
    """One of many cases, as it could take the step."""
    state = None if one.row is None else reading.state_of(one.row)
    unit = one.fields.get("unit")
    return {
        "number": one.number,
        "ok": not one.refusals,
        "case_version": None if state is None else state.version,
        "stage": None if state is None else state.stage,
        "fields": [make_fault(refusal, lang) for refusal in one.refusals],
        "unit": unit if isinstance(unit, str) else None,
        "rule": one.rule,
    }


def make_step_answer(outcome: dict[str, Any], who: Viewer) -> StepAnswer:
    """The answer to a step that was taken."""
    state = CaseState.from_json(outcome["state"])
    # Whether a step of history can be taken is told with the case: the outcome does not say what was done before.
    free = life.list_next_steps(state, make_actor(who), datetime.now(UTC))
    able = [step.name for step in free if step.name not in life.OF_HISTORY]
    return {
        "version": VERSION,
        "number": outcome["number"],
        "case_version": outcome["version"],
        "stage": outcome["stage"],
        "step": outcome["step"],
        "seq": outcome["seq"],
        "at": outcome["at"],
        "again": bool(outcome.get("again")),
        "parts": outcome.get("parts", []),
        "steps": _offer(able, who.lang),
    }


def make_fault(refusal: Refusal, lang: str) -> FieldFault:
    """A reason, in the reader's language."""
    return {"field": refusal.field, "code": refusal.code, "sentence": refusal.tell(lang)}


def answer_refused(refused: StepRefused, lang: str) -> JSONResponse:
    """The answer to a step that was not taken."""
    faults = [make_fault(refusal, lang) for refusal in refused.refusals]
    body: dict[str, Any] = {"code": refused.code, "sentence": t(lang, refused.sentence), "facts": {}, "fields": faults}
    if refused.version is not None:
        body |= {"version": refused.version, "since": refused.since}
    return JSONResponse({"error": body}, refused.answer_status, {"Cache-Control": "no-store"})
