"""Routes for everything that the map fetches except tiles: area polygons, cases, facilities, names of rivers and lakes."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from data.cases import stages
from data.core.errors import BadInput, UnknownName
from data.core.text import storable
from data.core.viewer import Viewer
from data.places import outlines
from data.queries.case_circles import OpenFilters
from data.queries.figures import Filters
from data.schema import DEADLINE_STATES
from routes.api.api import parse_period
from routes.shared.answers import cacheable_json
from routes.shared.language import asking
from routes.shared.parameters import refuse_unread

router = APIRouter(tags=["map"], dependencies=[Depends(refuse_unread)])

Asking = Annotated[Viewer, Depends(asking)]

STATES = ("open", "all")
SEVERITIES = tuple(map(str, stages.SEVERITIES))
Listed = Annotated[str | None, Query(max_length=2_000, description="codes, separated by commas")]


@router.get("/shapes/{area}/{level}.json", summary="Polygons of areas")
async def get_shapes(area: str, level: str, request: Request, who: Asking) -> Response:
    """Areas of one level inside an area; ``self`` is its own polygon."""
    return cacheable_json(request, await outlines.fetch_polygons(area, level, who), who)


@router.get("/incidents/{area}.json", summary="Cases in an area")
async def get_cases(
    area: str,
    request: Request,
    who: Asking,
    first: Annotated[str | None, Query(alias="from", description="with state=all: first day of reporting, YYYY-MM-DD")] = None,
    last: Annotated[str | None, Query(alias="to", description="with state=all: last day, included")] = None,
    cat: Listed = None,
    src: Listed = None,
    state: Annotated[str, Query(description="open cases as they stand, whatever the period; or all of the period")] = "open",
    deadline: Annotated[
        str | None, Query(max_length=100, description="of open cases: overdue, amber, on_time, paused; with commas")
    ] = None,
    severity: Annotated[str | None, Query(max_length=20, description="1 to 4, with commas; where single cases may be seen")] = None,
) -> Response:
    """Open cases with their deadline state; counted by cell beyond 2,000, or where the account may see no single ones."""
    if state not in STATES:
        raise UnknownName.among("state", state, STATES)
    filters = Filters(_codes("cat", cat), _codes("src", src))
    only = OpenFilters(_known("deadline", deadline, DEADLINE_STATES), tuple(map(int, _known("severity", severity, SEVERITIES))))
    found = await outlines.fetch_cases(area, parse_period(first, last), filters, state == "all", who, only)
    return cacheable_json(request, found, who)


def _known(field: str, listed: str | None, known: Sequence[str]) -> tuple[str, ...]:
    codes = _codes(field, listed)
    for code in codes:
        if code not in known:
            raise UnknownName.among(field, code, known)
    return codes


def _codes(field: str, listed: str | None) -> tuple[str, ...]:
    codes = tuple(dict.fromkeys(code for code in (listed or "").split(",") if code))
    if not all(map(storable, codes)):
        raise BadInput(field=field, value=listed, reason="it does not have the right form")
    return codes


@router.get("/facilities/{area}.json", summary="Facilities in an area")
async def get_facilities(area: str, request: Request, who: Asking) -> Response:
    """Facilities with the symbol of their kind, rare kinds first, at most 4,000."""
    return cacheable_json(request, await outlines.fetch_facilities(area, who), who)


@router.get("/places/{area}.json", summary="Names on water")
async def get_places(area: str, request: Request, who: Asking) -> Response:
    """Positions of the names of the city's rivers and lakes."""
    return cacheable_json(request, await outlines.fetch_water_names(area, who), who)
