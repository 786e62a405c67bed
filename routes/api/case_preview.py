"""The machine door's answer to what filing a case would do; and the categories that a case may have."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy import RowMapping
from typing_extensions import TypedDict

from data.cases.deadline_reading import explain_deadline
from data.cases.foretelling.previews import Foretold, foretell
from data.cases.refusals import StepRefused
from data.cases.types import CaseForetold, ForetoldArea, ForetoldPlace, ForetoldRoute
from data.core.errors import BadInput
from data.core.i18n import t
from data.core.pinyin import spell
from data.core.text import could_be_code
from data.database.transactions import fetch
from data.figures.types import VERSION
from data.organisation import statements as queries
from data.organisation.model import GRID_HEAD
from routes.api import case_examples as examples
from routes.api.api import Asking, Lang
from routes.api.case_answers import answer_refused, make_fault
from routes.api.case_bodies import ReportBody, describe_body, read_body
from routes.api.cases import REFUSED
from routes.api.examples import CITY_EXAMPLE, answer_example
from routes.errors import DOCUMENTED
from routes.shared.parameters import refuse_unread

router = APIRouter(prefix="/api", responses=DOCUMENTED, dependencies=[Depends(refuse_unread)], tags=["cases"])


# ---- Before a case is filed ----


@router.post(
    "/cases/preview",
    summary="Say what reporting a case would do",
    response_model=CaseForetold,
    openapi_extra=describe_body(ReportBody),
    responses={403: REFUSED[403], **answer_example(examples.FORETOLD)},
)
async def post_preview(request: Request, who: Asking, lang: Lang = None) -> Response:
    """Where the case would stand, by when it would be due and why, and who would get it. Nothing is written, whatever is given."""
    try:
        told = await foretell(await read_body(request), who)
    except StepRefused as refused:
        return answer_refused(refused, who.lang)
    return JSONResponse(_answer(told, who.lang), headers={"Cache-Control": "no-store"})


def _answer(told: Foretold, lang: str) -> CaseForetold:
    row = told.row
    return {
        "version": VERSION,
        "ok": not told.refusals,
        "fields": [make_fault(refusal, lang) for refusal in told.refusals],
        "channel": told.channel,
        "place": _tell_place(told, lang),
        "deadline": None if row is None else explain_deadline(row, (), told.book, row["reported_at"], lang),
        "route": None if row is None else _tell_route(told, lang),
    }


def _tell_place(told: Foretold, lang: str) -> ForetoldPlace | None:
    cell = told.cell
    if cell is None:
        return None
    sentences = {
        "within": "",
        "nearest": t(lang, "This place lies slightly outside the city's cells; the case counts in the nearest one."),
        "unplaced": t(lang, "No place is known: the case will be on no map."),
    }
    sentence = t(lang, "Only the cell is known; the case is shown in its middle.") if cell.at_label else sentences[cell.method]
    areas: list[ForetoldArea] = [
        {"code": one["code"], "name": one["name"], "name_en": one["name_en"], "level": one["level"]} for one in told.areas
    ]
    return {
        "city": cell.city,
        "area": cell.grid,
        "areas": areas,
        "lon": cell.lon,
        "lat": cell.lat,
        "method": cell.method,
        "sentence": sentence,
    }


def _tell_route(told: Foretold, lang: str) -> ForetoldRoute:
    rule, unit = told.rule, told.unit
    if rule is None or unit is None:
        sentence = t(lang, "No routing rule fits: once filed, the case waits for the dispatcher.")
        nobody: ForetoldRoute = {
            "unit": None,
            "unit_name": None,
            "unit_name_en": None,
            "assignee": None,
            "rule": None,
            "sentence": sentence,
        }
        return nobody
    facts = {"number": rule.ordinal, "unit": (unit.name_en if lang == "en" else unit.name) or unit.name, "who": told.assignee or ""}
    if rule.unit == GRID_HEAD:
        sentence = t(lang, "Once filed, routing rule {number} sends it to the head of the grid: {who}, {unit}.", **facts)
    else:
        sentence = t(lang, "Once filed, routing rule {number} sends it to {unit}.", **facts)
    named = {"unit": unit.code, "unit_name": unit.name, "unit_name_en": unit.name_en or None}
    return {**named, "assignee": told.assignee, "rule": rule.id, "sentence": sentence}  # type: ignore[typeddict-item]  # of ForetoldRoute


# ---- Categories ----


class CategoryAnswer(TypedDict):
    """A category of cases, and the one above it. ``pinyin`` has one syllable for each character, to be typed in full or by initials."""

    code: str
    parent: str | None
    name: str
    name_en: str
    symbol: str
    ordinal: int
    pinyin: list[str]


class Categories(TypedDict):
    """Categories of a city, in their order."""

    version: str
    categories: list[CategoryAnswer]


@router.get("/categories", summary="Categories of cases", responses=answer_example(examples.CATEGORIES))
async def get_categories(
    who: Asking,
    response: Response,
    city: Annotated[str, Query(description="Code of a city", max_length=60, openapi_examples=CITY_EXAMPLE)],
    lang: Lang = None,
) -> Categories:
    """Their codes are what the field “category” of a report takes."""
    if not could_be_code(city):
        raise BadInput(field="city", value=city, reason="it does not have the right form")
    response.headers["Cache-Control"] = "private, no-cache"
    rows = await fetch(queries.categories(), who, {"city": city})
    return {"version": VERSION, "categories": [_name_category(row) for row in rows]}


def _name_category(row: RowMapping) -> CategoryAnswer:
    told = {name: row[name] for name in ("code", "parent", "name", "name_en", "symbol", "ordinal")}
    return {**told, "pinyin": spell(row["name"])}  # type: ignore[typeddict-item]  # all names of CategoryAnswer
