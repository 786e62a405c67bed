"""The machine interface: areas with their figures, cities, and search. Version 1: fields are added, never changed or removed."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Response
from starlette.exceptions import HTTPException

from data.core.errors import BadInput, BadPeriod, UnknownArea, UnknownName
from data.core.period import Period
from data.core.text import could_be_code, storable
from data.core.timezones import zone
from data.core.viewer import Viewer
from data.figures import reports
from data.figures.types import VERSION, AreaReport, Cities, ErrorAnswer, Finds, Roots
from data.places.search import KINDS, LONGEST_QUERY, MOST_RESULTS, search
from data.queries.case_filters import CaseFilters
from routes.api.examples import AREA_REPORT, CITIES, CITY_EXAMPLE, FINDS, ROOTS, answer_example, table_example
from routes.errors import DOCUMENTED
from routes.exports.answers import Format, answer_file, read_format
from routes.exports.area_tables import describe_area
from routes.exports.filter_words import fetch_names, word_filters
from routes.shared.language import asking
from routes.shared.parameters import refuse_unread

router = APIRouter(prefix="/api", responses=DOCUMENTED, dependencies=[Depends(refuse_unread)])

MOST_FILTERS = 100

Asking = Annotated[Viewer, Depends(asking)]
Lang = Annotated[
    str | None,
    Query(description="Language of sentences: zh or en; otherwise the browser's", examples=["en"]),
]
From = Annotated[
    str | None, Query(alias="from", description="First day, YYYY-MM-DD; without both days: the last 30 days of the city's data")
]
To = Annotated[str | None, Query(alias="to", description="Last day, included, YYYY-MM-DD")]
Categories = Annotated[
    list[str], Query(alias="category", max_length=MOST_FILTERS, description="Only incidents of this category; may be repeated")
]
AreaCode = Annotated[str, Path(openapi_examples=CITY_EXAMPLE)]
Sources = Annotated[
    list[str], Query(alias="source", max_length=MOST_FILTERS, description="Only incidents from this source; may be repeated")
]


NO_AREA: dict[int | str, dict[str, Any]] = {404: {"model": ErrorAnswer, "description": "There is no such area"}}


def parse_period(first: str | None, last: str | None) -> Period | None:
    """Returns the period that a request asks for, or None for the default one.

    Raises:
        BadPeriod: only one of the two days is given, or the days do not form a period.
    """
    if not first and not last:
        return None
    if not first or not last:
        raise BadPeriod(start=first or "", end=last or "", reason="give both days, or neither")
    return Period.parse(first, last)


def parse_filters(categories: list[str], sources: list[str]) -> reports.Filters:
    """Returns the filters that a request asks for.

    Raises:
        BadInput: a code that no category can have.
    """
    for field, values in (("category", categories), ("source", sources)):
        for value in values:
            if not storable(value):
                raise BadInput(field=field, value=value, reason="it does not have the right form")
    return reports.Filters(tuple(dict.fromkeys(categories)), tuple(dict.fromkeys(sources)))


@router.get("/cities", summary="Every city", tags=["api"], responses=answer_example(CITIES))
async def get_cities(who: Asking, response: Response, lang: Lang = None) -> Cities:
    """Real cities before made ones, the newest first."""
    response.headers["Cache-Control"] = "private, no-cache"
    return {"version": VERSION, "cities": await reports.fetch_cities(who)}


@router.get("/areas", summary="The areas to begin with", tags=["api"], responses=answer_example(ROOTS))
async def get_roots(who: Asking, response: Response, lang: Lang = None) -> Roots:
    """The root of each city, or the area at which the account's rights end; ask for one by its code and go on with its children."""
    response.headers["Cache-Control"] = "private, no-cache"
    return {"version": VERSION, "areas": await reports.fetch_roots(who)}


@router.get(
    "/areas/{code:path}",
    summary="One area with its figures and its children",
    response_model=AreaReport,
    tags=["api"],
    responses={**NO_AREA, **table_example(AREA_REPORT)},
)
async def get_area(
    code: AreaCode,
    who: Asking,
    response: Response,
    first: From = None,
    last: To = None,
    categories: Categories = [],  # noqa: B006 - FastAPI copies it
    sources: Sources = [],  # noqa: B006
    form: Format = "json",
    lang: Lang = None,
) -> AreaReport | Response:
    """Population, buildings, and incidents of a period; every rate with its numerator and denominator."""
    response.headers["Cache-Control"] = "private, no-cache"
    wanted = read_format(form)
    report = await reports.fetch_report(code, parse_period(first, last), who, parse_filters(categories, sources))
    if wanted == "json":
        return report
    asked = {"category": ", ".join(categories), "source": ", ".join(sources)}
    filters = CaseFilters(categories=tuple(categories), channels=tuple(sources))
    made = describe_area(report, who, zone(report["city"]["timezone"]), word_filters(filters, await fetch_names(who), who.lang))
    return await answer_file(wanted, made, who, {"area": report["code"], **report["period"], **asked})


@router.get(
    "/search",
    summary="Find a place by what a person would type",
    tags=["api"],
    responses={**NO_AREA, **answer_example(FINDS)},
)
async def get_search(
    who: Asking,
    response: Response,
    q: Annotated[
        str,
        Query(
            description="Name or code of an area, name of a head, address, incident number, or coordinates",
            openapi_examples=CITY_EXAMPLE,
        ),
    ],
    city: Annotated[str | None, Query(description="Code of the city; otherwise the default one")] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_RESULTS, description="Most results")] = 20,
    kinds: Annotated[list[str], Query(alias="kind", max_length=len(KINDS), description="Only results of this kind; may be repeated")] = [],  # noqa: B006 - FastAPI copies it
    lang: Lang = None,
) -> Finds:
    """Areas by name or code, heads by name, buildings and facilities by address or name, incidents by number, and coordinates."""
    for kind in kinds:
        if kind not in KINDS:
            raise UnknownName.among("kind", kind, KINDS)
    if not storable(q) or len(q) > LONGEST_QUERY:
        raise BadInput(field="q", value=q, reason="it does not have the right form")
    if city is not None and not could_be_code(city):
        raise UnknownArea(code=city)
    response.headers["Cache-Control"] = "private, no-cache"
    where = await reports.fetch_default_city(who) if city is None else city
    return {"version": VERSION, "query": q, "results": await search(q, where, who, limit, kinds)}


@router.get("/{rest:path}", include_in_schema=False)
async def refuse_unknown_address(rest: str) -> None:
    """Refuse every other address below /api in JSON, so that a program never receives the page."""
    raise HTTPException(404)
