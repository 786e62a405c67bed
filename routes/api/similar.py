"""The machine door: cases near another one: likely duplicates, also of one that is being reported, and earlier ones."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from data.attachments.store import is_hash
from data.cases.duplicates.earlier import EarlierCases, fetch_earlier
from data.cases.duplicates.finding import LONGEST_DESCRIPTION, SimilarCases, SimilarQuestion, find_similar
from data.core.errors import BadInput, UnknownArea
from data.core.text import could_be_code, storable
from routes.api.api import NO_AREA, Asking, Lang
from routes.api.case_examples import SIMILAR
from routes.api.cases import REFUSED, City, Number
from routes.api.examples import answer_example
from routes.errors import DOCUMENTED
from routes.shared.parameters import refuse_unread

router = APIRouter(prefix="/api", responses=DOCUMENTED, dependencies=[Depends(refuse_unread)], tags=["cases"])

MOST_PHOTOS = 20
_FORM = "it does not have the right form"


@router.get("/cases/similar", summary="Likely duplicates of a case", responses={**NO_AREA, **answer_example(SIMILAR)})
async def get_similar(
    who: Asking,
    response: Response,
    city: Annotated[str, Query(description="Code of the city")],
    category: Annotated[str, Query(description="Code of the category")],
    lon: Annotated[float, Query(ge=-180, le=180, description="Place of the case, degrees")],
    lat: Annotated[float, Query(ge=-85, le=85, description="Place of the case, degrees")],
    number: Annotated[str | None, Query(description="Number of the case itself: it is left out, its time and photos are compared")] = None,
    description: Annotated[str, Query(max_length=LONGEST_DESCRIPTION, description="What it is about, in the reporter's words")] = "",
    photos: Annotated[
        list[str], Query(alias="photo", max_length=MOST_PHOTOS, description="Hash of a photo that was sent for it; may be repeated")
    ] = [],  # noqa: B006 - FastAPI copies it
    lang: Lang = None,
) -> SimilarCases:
    """Open cases and those closed lately, near in place and time, of the same category or a related one, that the account may see."""
    if not could_be_code(city):
        raise UnknownArea(code=city)
    for field, value in (("category", category), ("number", number or "-")):
        if not could_be_code(value):
            raise BadInput(field=field, value=value, reason=_FORM)
    if not storable(description):
        raise BadInput(field="description", value=description, reason=_FORM)
    for photo in photos:
        if not is_hash(photo):
            raise BadInput(field="photo", value=photo, reason=_FORM)
    response.headers["Cache-Control"] = "private, no-cache"
    return await find_similar(SimilarQuestion(city, category, lon, lat, number, description, tuple(photos)), who)


@router.get("/cases/{number}/earlier", summary="Earlier cases of the place and of the reporter", responses=REFUSED)
async def get_earlier(number: Number, who: Asking, response: Response, city: City = None, lang: Lang = None) -> EarlierCases:
    """Of the twelve months before. Those of a reporter are told to accounts that may see reporters, with a row in the audit log."""
    response.headers["Cache-Control"] = "private, no-store"
    return await fetch_earlier(number, city, who)
