"""The machine interface of the data hub: the matrix, its history, feeds, and what departments send."""

from datetime import date
from typing import Annotated, Any
from urllib.parse import unquote

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response
from fastapi.responses import JSONResponse

from data.core.errors import BadInput
from data.core.text import LARGEST_BIGINT, could_be_code, storable
from data.figures.types import ErrorAnswer
from data.hub.errors import UnknownDepartment, UnknownFeed
from data.hub.feed_page import fetch_delivery, fetch_feed
from data.hub.matrix import fetch_history, fetch_matrix, fetch_weeks
from data.hub.pushing import push
from data.hub.types import DeliveryAnswer, FeedAnswer, HistoryAnswer, HubAnswer, PushAnswer, WeeksAnswer
from routes.api.api import Asking, Lang
from routes.api.examples import answer_example
from routes.errors import DOCUMENTED
from routes.hub import examples
from routes.shared.parameters import refuse_unread

router = APIRouter(prefix="/api", responses=DOCUMENTED, dependencies=[Depends(refuse_unread)], tags=["hub"])

LONGEST_KEY, LONGEST_NAME = 200, 200
EARLIEST, LATEST = date(1990, 1, 1), date(2200, 12, 31)
City = Annotated[str | None, Query(description="Code of the city; otherwise the one with which the account starts")]
Day = Annotated[str | None, Query(description="As it stood at the end of this day, YYYY-MM-DD; otherwise as it stands")]
Feed = Annotated[str, Path(description="Code of the feed: that of its pack, a full stop, and its own", examples=["labour.wages"])]
UNKNOWN: dict[int | str, dict[str, Any]] = {404: {"model": ErrorAnswer, "description": "There is none, or it is not for this account"}}
_NO_STORE = {"Cache-Control": "no-store"}


def read_day(given: str | None) -> date | None:
    """A day of a request.

    Raises:
        BadInput: it is none.
    """
    try:
        day = None if given is None else date.fromisoformat(given)
    except ValueError:
        day = date.min
    if day is not None and not EARLIEST <= day <= LATEST:
        raise BadInput(field="day", value=(given or "")[:60], reason="it does not have the right form")
    return day


def read_feed(code: str) -> str:
    """A feed's code.

    Raises:
        UnknownFeed: no feed can have it.
    """
    if not could_be_code(code.replace(".", "_")):
        raise UnknownFeed(code=code[:60])
    return code


@router.get("/hub", summary="How the feeds of all departments stand", responses={**UNKNOWN, **answer_example(examples.MATRIX)})
async def get_hub(who: Asking, response: Response, city: City = None, day: Day = None, lang: Lang = None) -> HubAnswer:
    """Each crossing of a level and a department has the state of its worst feed, with records and completeness."""
    response.headers.update(_NO_STORE)
    return await fetch_matrix(who, city, read_day(day))


@router.get("/hub/history", summary="A year of the matrix", responses={**UNKNOWN, **answer_example(examples.HISTORY)})
async def get_history(who: Asking, response: Response, city: City = None, lang: Lang = None) -> HistoryAnswer:
    """Feeds and crossings of each day by state."""
    response.headers.update(_NO_STORE)
    return await fetch_history(who, city)


@router.get("/hub/departments/{department}", summary="A department's weeks", responses={**UNKNOWN, **answer_example(examples.WEEKS)})
async def get_department(
    department: Annotated[str, Path(description="Code of the department", examples=["hrss"])],
    who: Asking,
    response: Response,
    city: City = None,
    day: Day = None,
    lang: Lang = None,
) -> WeeksAnswer:
    """52 weeks at each level: the worst state of each, and its faults."""
    if not could_be_code(department):
        raise UnknownDepartment(code=department[:60])
    response.headers.update(_NO_STORE)
    return await fetch_weeks(who, department, city, read_day(day))


@router.get("/feeds/{feed}", summary="Everything about one feed", responses={**UNKNOWN, **answer_example(examples.FEED)})
async def get_feed(feed: Feed, who: Asking, response: Response, city: City = None, day: Day = None, lang: Lang = None) -> FeedAnswer:
    """What was agreed and how it changed, what came, what was rejected and why, its quality, and its lineage."""
    response.headers.update(_NO_STORE)
    return await fetch_feed(who, read_feed(feed), city, read_day(day))


@router.get(
    "/feeds/{feed}/deliveries/{delivery}", summary="What became of a delivery", responses={**UNKNOWN, **answer_example(examples.DELIVERY)}
)
async def get_delivery(
    feed: Feed,
    delivery: Annotated[int, Path(description="Number of the delivery", ge=1, le=LARGEST_BIGINT)],
    who: Asking,
    response: Response,
    city: City = None,
    lang: Lang = None,
) -> DeliveryAnswer:
    """Whether it waits, was landed, or was refused and why; rows read are those loaded and those rejected."""
    response.headers.update(_NO_STORE)
    return await fetch_delivery(who, read_feed(feed), delivery, city)


@router.post(
    "/feeds/{feed}",
    summary="Send a delivery",
    status_code=202,
    response_model=PushAnswer,
    responses={
        **UNKNOWN,
        200: {"model": PushAnswer, "description": "The same file was sent with the same key before"},
        202: {"content": {"application/json": {"example": examples.PUSHED}}, "description": "It is kept, and waits to be landed"},
        403: {"model": ErrorAnswer, "description": "The feed is of another department"},
        409: {"model": ErrorAnswer, "description": "Another file was sent with the same key"},
        413: {"model": ErrorAnswer, "description": "The file is too large"},
        429: {"model": ErrorAnswer, "description": "So many of its deliveries wait already"},
    },
    openapi_extra={
        "requestBody": {
            "required": True,
            "description": "The file, as the contract describes it",
            "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
async def post_feed(
    request: Request,
    feed: Feed,
    who: Asking,
    city: City = None,
    name: Annotated[str | None, Query(description="Name of the file, where no Content-Disposition says it")] = None,
    key: Annotated[
        str | None, Header(alias="Idempotency-Key", description="A text of one's own: the same file with the same key is taken once")
    ] = None,
    lang: Lang = None,
) -> Response:
    """For the account of the department's program, and for stewards. Ask at “address” what became of it."""
    told = await push(who, read_feed(feed), city, read_name(request, name), await request.body(), read_key(key))
    headers = {**_NO_STORE, "Location": told["address"]}
    return JSONResponse(told, 202 if told["result"] == "taken" else 200, headers)


def read_key(given: str | None) -> str | None:
    """The sender's own name for a delivery.

    Raises:
        BadInput: it is too long, or holds what cannot be kept.
    """
    if given is not None and not (0 < len(given) <= LONGEST_KEY and storable(given)):
        raise BadInput(field="Idempotency-Key", value=given[:60], reason="it does not have the right form")
    return given


def read_name(request: Request, given: str | None) -> str:
    """The name of the file: without folders, and never empty.

    Raises:
        BadInput: it is too long, or holds what cannot be kept.
    """
    told = given or _named_in(request.headers.get("content-disposition", "")) or "delivery"
    name = told.replace("\\", "/").rpartition("/")[2].strip()
    if not (0 < len(name) <= LONGEST_NAME and storable(name) and name.isprintable()):
        raise BadInput(field="name", value=told[:60], reason="it does not have the right form")
    return name


def _named_in(disposition: str) -> str:
    """The name that a Content-Disposition says; RFC 6266's form for other letters first."""
    parts = dict(part.strip().partition("=")[::2] for part in disposition.split(";")[1:])
    if (long := parts.get("filename*", "")).lower().startswith("utf-8''"):
        return unquote(long[7:], errors="replace")
    return parts.get("filename", "").strip('"')
