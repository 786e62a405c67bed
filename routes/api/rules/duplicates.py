"""The machine door for how near likely duplicates are: what holds, what a row would find, and changing it."""

from fastapi import APIRouter, Depends, Request, Response

from data.rules import telling
from data.rules.reading import read_city
from data.rules.types import Changed, DuplicateRules, ReachTried
from routes.api.api import Asking, Lang
from routes.api.case_bodies import describe_body, read_body
from routes.api.examples import answer_example
from routes.api.rules import examples
from routes.api.rules.bodies import DuplicatesBody, ReachTrialBody
from routes.api.rules.doors import REFUSED, City, Preview, answer_tried, change, read_changeable
from routes.errors import DOCUMENTED
from routes.shared.parameters import refuse_unread

router = APIRouter(
    prefix="/api/rules/duplicates", responses={**DOCUMENTED, **REFUSED}, dependencies=[Depends(refuse_unread)], tags=["rules"]
)


@router.get("", summary="How near likely duplicates are", responses=answer_example(examples.DUPLICATES))
async def get_duplicates(city: City, who: Asking, response: Response, lang: Lang = None) -> DuplicateRules:
    """Metres and days by category, and who changed them. Where a city has no row, the usual ones stand."""
    response.headers["Cache-Control"] = "private, no-cache"
    return await telling.fetch_duplicates(await read_city(city, who), who)


@router.post(
    "/try",
    summary="How many likely duplicates a row would have found among the latest cases of 30 days",
    response_model=ReachTried,
    openapi_extra=describe_body(ReachTrialBody),
    responses=answer_example(examples.REACH_TRIED),
)
async def post_reach_trial(request: Request, who: Asking, lang: Lang = None) -> Response:
    """It looks at the latest forty at most; nothing is changed."""
    body = await read_body(request)
    seen = await read_changeable(body, who)
    return await answer_tried(telling.fetch_reach_trial(seen, body, who), who)


@router.post(
    "",
    summary="Replace how near likely duplicates are",
    response_model=Changed,
    openapi_extra=describe_body(DuplicatesBody),
    responses=answer_example(examples.CHANGED_DUPLICATES),
)
async def post_duplicates(request: Request, who: Asking, preview: Preview = False, lang: Lang = None) -> Response:
    """Name the state that was seen: if somebody else has changed it since, the answer is 409 and says who."""
    return await change(request, "duplicates", await read_body(request), who, preview)
