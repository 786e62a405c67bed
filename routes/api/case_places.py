"""The machine interface: where the cases of a list stand."""

from typing import Annotated

import orjson
from fastapi import APIRouter, Depends, Query, Response

from data.cases.listing.list_places import CasePlaces, fetch_places
from data.cases.listing.question import CaseQuestion
from data.queries.case_filters import CaseFilters
from routes.api.api import NO_AREA, Asking, Lang
from routes.api.case_list import AreaCode, Sort, asked_filters, parse_order
from routes.api.examples import CASE_PLACES, answer_example
from routes.errors import DOCUMENTED

router = APIRouter(prefix="/api", responses=DOCUMENTED, tags=["cases"])


@router.get(
    "/cases/places",
    summary="Where the cases of a list stand",
    response_model=CasePlaces,
    responses={**NO_AREA, **answer_example(CASE_PLACES)},
)
async def get_places(
    who: Asking,
    filters: Annotated[CaseFilters, Depends(asked_filters)],
    area: AreaCode = None,
    mine: Annotated[bool, Query(description="Only cases that this account works on, in any area")] = False,
    own_units: Annotated[bool, Query(description="Only cases of units of which this account is a member, in any area")] = False,
    sort: Sort = "due_at",
    lang: Lang = None,
) -> Response:
    """The first 2,000 cases of a list with their places, in the order of the list; “cut” says that it holds more."""
    found = await fetch_places(CaseQuestion(area, filters, parse_order(sort), mine=mine, own_units=own_units), who)
    # Written as it is: to check 2,000 rows against their shape once more takes as long as to read them.
    return Response(orjson.dumps(found), media_type="application/json", headers={"Cache-Control": "private, no-cache"})
