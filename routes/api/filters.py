"""The machine interface: filters of the list of cases that people have saved."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from data.cases.saved import filters
from data.cases.saved.filters import FilterDraft, SavedFilter
from data.core.errors import BadInput
from data.core.i18n import t
from data.core.text import LARGEST_BIGINT
from data.figures.types import VERSION
from routes.api.api import Asking, Lang
from routes.api.case_bodies import describe_body, read_body
from routes.api.examples import answer_example
from routes.errors import DOCUMENTED
from routes.shared.parameters import refuse_unread

router = APIRouter(prefix="/api", responses=DOCUMENTED, dependencies=[Depends(refuse_unread)], tags=["cases"])

FAULTS = {
    "area": "There is no area “{value}” any more.",
    "category": "There is no category “{value}” any more.",
    "unit": "There is no unit “{value}” any more.",
}
"""What a filter names that is gone, by kind."""
Id = Annotated[int, Path(alias="filter", ge=1, le=LARGEST_BIGINT, description="Number of the filter")]


class FilterFault(TypedDict):
    """What a filter names that is not there any more."""

    field: str
    value: str
    sentence: str


class FilterAnswer(TypedDict):
    """A filter: its name, and the query part of the desk's address."""

    id: int
    name: str
    search: Annotated[str, Field(description="query part of the desk's address: /desk?…")]
    account: Annotated[str, Field(description="whose it is")]
    own: Annotated[bool, Field(description="whether it is this account's; others are shared with a unit of which it is a member")]
    city: str | None
    unit: Annotated[str | None, Field(description="the unit that it is shared with")]
    faults: list[FilterFault]


class Filters(TypedDict):
    """Own filters in their order, then those of others."""

    version: str
    filters: list[FilterAnswer]


class FilterBody(BaseModel):
    """A filter to keep; with city and unit its members see it, too."""

    model_config = ConfigDict(extra="forbid")
    name: str = Field(max_length=filters.LONGEST_NAME, examples=["今天到期"])
    search: str = Field(max_length=filters.LONGEST_SEARCH, examples=["state=overdue,amber&severity=1,2"])
    city: str | None = None
    unit: str | None = None


class OrderBody(BaseModel):
    """Numbers of one's own filters in the order in which they are listed."""

    model_config = ConfigDict(extra="forbid")
    ids: list[int] = Field(max_length=filters.MOST_FILTERS)


_EXAMPLE: Filters = {
    "version": VERSION,
    "filters": [
        {
            "id": 7,
            "name": "今天到期",
            "search": "state=overdue,amber&severity=1,2",
            "account": "zhou",
            "own": True,
            "city": None,
            "unit": None,
            "faults": [],
        }
    ],
}


@router.get("/filters", summary="Saved filters of the list of cases", responses=answer_example(_EXAMPLE))
async def get_filters(who: Asking, response: Response, lang: Lang = None) -> Filters:
    """Those of this account, and those that are shared with its units. What a filter names that is gone stands in “faults”."""
    response.headers["Cache-Control"] = "private, no-cache"
    return {"version": VERSION, "filters": [_answer(one, who.lang) for one in await filters.list_filters(who)]}


def _answer(one: SavedFilter, lang: str) -> FilterAnswer:
    faults: list[FilterFault] = [
        {"field": fault.field, "value": fault.value, "sentence": t(lang, FAULTS[fault.field], value=fault.value)} for fault in one.faults
    ]
    return {
        "id": one.id,
        "name": one.name,
        "search": one.search,
        "account": one.account,
        "own": one.own,
        "city": one.city,
        "unit": one.unit,
        "faults": faults,
    }


@router.post(
    "/filters",
    summary="Save a filter",
    status_code=201,
    response_model=Filters,
    openapi_extra=describe_body(FilterBody),
    responses={201: {"content": {"application/json": {"example": _EXAMPLE}}, "description": "The filter was saved"}},
)
async def post_filter(request: Request, who: Asking, lang: Lang = None) -> Response:
    """It is listed behind one's others. The answer is the whole list."""
    await filters.add_filter(_read_draft(await read_body(request)), who)
    return await _answer_all(who, 201)


@router.post(
    "/filters/order",
    summary="Put one's filters in order",
    response_model=Filters,
    openapi_extra=describe_body(OrderBody),
    responses=answer_example(_EXAMPLE),
)
async def post_order(request: Request, who: Asking, lang: Lang = None) -> Response:
    """Numbers that are not one's own are passed over."""
    ids = (await read_body(request)).get("ids")
    whole = isinstance(ids, list) and len(ids) <= filters.MOST_FILTERS
    if not whole or not all(isinstance(one, int) and not isinstance(one, bool) and 0 < one <= LARGEST_BIGINT for one in ids):  # type: ignore[union-attr]
        raise BadInput(field="ids", value="", reason="it does not have the right form")
    await filters.order_filters(ids or [], who)
    return await _answer_all(who)


@router.post(
    "/filters/{filter}",
    summary="Change a filter",
    response_model=Filters,
    openapi_extra=describe_body(FilterBody),
    responses=answer_example(_EXAMPLE),
)
async def post_changed_filter(number: Id, request: Request, who: Asking, lang: Lang = None) -> Response:
    """Only one's own."""
    await filters.change_filter(number, _read_draft(await read_body(request)), who)
    return await _answer_all(who)


@router.post("/filters/{filter}/delete", summary="Delete a filter", response_model=Filters, responses=answer_example(_EXAMPLE))
async def post_deleted_filter(number: Id, who: Asking, lang: Lang = None) -> Response:
    """Only one's own."""
    await filters.delete_filter(number, who)
    return await _answer_all(who)


def _read_draft(body: dict[str, Any]) -> FilterDraft:
    unknown = next((name for name in body if name not in ("name", "search", "city", "unit")), None)
    if unknown is not None:
        raise BadInput(field=unknown[:100], value="", reason="it is not known here")
    for name in ("name", "search"):
        if not isinstance(body.get(name), str):
            raise BadInput(field=name, value="", reason="it is needed")
    for name in ("city", "unit"):
        if not isinstance(body.get(name), str | None):
            raise BadInput(field=name, value="", reason="it does not have the right form")
    return FilterDraft(body["name"], body["search"], body.get("city") or None, body.get("unit") or None)


async def _answer_all(who: Asking, status: int = 200) -> JSONResponse:
    told: Filters = {"version": VERSION, "filters": [_answer(one, who.lang) for one in await filters.list_filters(who)]}
    return JSONResponse(told, status, {"Cache-Control": "no-store"})
