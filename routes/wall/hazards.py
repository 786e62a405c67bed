"""The machine door of hazard notices: a feed sends each as it comes, and walls show it."""

import asyncio

from fastapi import APIRouter, Depends, Request, Response
from typing_extensions import TypedDict

from data.figures.types import VERSION, ErrorAnswer
from data.hazards.cap import read_cap
from data.hazards.taking import take_for
from data.wall.scenes import choose_city
from routes.api.api import Asking, Lang
from routes.api.examples import answer_example
from routes.errors import DOCUMENTED
from routes.shared.parameters import refuse_unread
from routes.wall.tour import City

router = APIRouter(prefix="/api", responses=DOCUMENTED, dependencies=[Depends(refuse_unread)], tags=["wall"])


class NoticeTaken(TypedDict):
    """What became of a notice: ``result`` is taken, known (sent before), replaced (by a later one that came first) or outside."""

    # How many earlier ones it ended, and codes of the city's areas that it names.
    version: str
    identifier: str
    city: str
    result: str
    ended: int
    areas: list[str]


_EXAMPLE = {
    "version": VERSION,
    "identifier": "34010041600000_20261123120000",
    "city": "110000",
    "result": "taken",
    "ended": 0,
    "areas": ["110000"],
}


@router.post(
    "/hazards",
    summary="Bring in a notice of a hazard",
    responses={
        **answer_example(_EXAMPLE),
        403: {"model": ErrorAnswer, "description": "This account may not bring in notices, or not of this city"},
        422: {"model": ErrorAnswer, "description": "It is no notice that may be shown; the sentence says why"},
    },
    openapi_extra={
        "requestBody": {
            "required": True,
            "description": "A notice of the Common Alerting Protocol (OASIS CAP 1.2), as XML of at most a million bytes",
            "content": {"application/xml": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
async def post_hazard(request: Request, who: Asking, response: Response, city: City = None, lang: Lang = None) -> NoticeTaken:
    """An alert, an update or a cancellation. The same notice may be sent again; it is taken once."""
    response.headers["Cache-Control"] = "no-store"
    notice = await asyncio.to_thread(read_cap, await request.body())
    code = await choose_city(who, city)
    return {"version": VERSION, "identifier": notice.identifier, "city": code, **await take_for(who, code, notice)}
