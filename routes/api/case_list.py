"""The machine interface: the list of cases."""

import re
from datetime import date, datetime
from typing import Annotated, Any, NamedTuple

import shapely
from fastapi import APIRouter, Depends, Query, Response

from data.cases.listing import cursors, facets, lists
from data.cases.listing.question import CaseQuestion
from data.cases.listing.search_words import LONGEST_QUERY, parse_words
from data.cases.listing.types import CaseFacets, CaseList
from data.core.errors import BadInput, UnknownName
from data.core.period import FIRST_YEAR, LAST_YEAR
from data.core.text import could_be_code
from data.queries.case_filters import CaseFilters, Days
from data.queries.case_list import COLUMNS, Order
from data.queries.indicator_facts import BEHIND, PARTS, Part
from routes.api.api import MOST_FILTERS, NO_AREA, Asking, Lang
from routes.api.case_within import LONGEST_WITHIN, parse_within
from routes.api.examples import CASE_FACETS, CASE_LIST, CITY_EXAMPLE, answer_example, parameter_example
from routes.errors import DOCUMENTED

router = APIRouter(prefix="/api", responses=DOCUMENTED, tags=["cases"])

MOST_ROWS = 200
MOST_CORNERS = 1_000
MOST_HOURS = 24 * 30
"""Farthest hours ahead for which deadlines are asked."""
LONGEST_POLYGON = 50_000
_FORM = "it does not have the right form"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def _many(name: str, description: str) -> Any:
    return Query(alias=name, max_length=MOST_FILTERS, description=description)


def _day(name: str, description: str) -> Any:
    return Query(alias=name, description=description)


Strings = list[str]
STAGES_TOLD = (
    "reported, filed, dispatched, in_progress, feedback, closed, evaluated, void, duplicate, not_responsible or referred; may be repeated"
)
WITHIN_TOLD = (
    "The same as corners in turn, lon,lat,lon,lat,… in degrees of WGS 84, from 3 to 200 of them: the polygon that is drawn at the desk"
)
AreaCode = Annotated[
    str | None,
    Query(description="Code of an area or zone; otherwise all that the account may see", openapi_examples=CITY_EXAMPLE),
]
Words = Annotated[
    str,
    Query(
        description="Words that each occur in the number, title, address or description: at least two characters each, in any script and"
        " either width; or one character with which a number begins",
        max_length=LONGEST_QUERY,
    ),
]
Sort = Annotated[
    str,
    Query(
        description="Column, with - before it for descending: reported_at, due_at, closed_at, stage_at, number, category, channel, area,"
        " severity, stage, unit, assignee, or urgency: by deadline, paused cases behind those whose time runs",
        openapi_examples=parameter_example("-reported_at"),
    ),
]


def parse_days(names: tuple[str, str], first: str | None, last: str | None) -> Days:
    """The span between two days, of which each may be missing.

    Raises:
        BadInput: one is no day, or they are in the wrong order.
    """
    span = Days(*(_parse_day(name, day) if day else None for name, day in zip(names, (first, last), strict=True)))
    if span.first and span.last and span.last < span.first:
        raise BadInput(field=names[1], value=last, reason="the end lies before the start")
    return span


def _parse_day(name: str, text: str) -> date:
    try:
        day = datetime.strptime(text, "%Y-%m-%d").date() if _DAY.fullmatch(text) and text.isascii() else None
    except ValueError:
        day = None
    if day is None:
        raise BadInput(field=name, value=text, reason="write the day as YYYY-MM-DD")
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise BadInput(field=name, value=text, reason="only the years 1900 to 2200 can be asked for")
    return day


def parse_box(text: str) -> tuple[float, float, float, float]:
    """West, south, east, north in degrees.

    Raises:
        BadInput: it is no such box.
    """
    try:
        west, south, east, north = map(float, text.split(","))
    except ValueError:
        raise BadInput(field="bbox", value=text, reason="write west,south,east,north in degrees") from None
    # Web Mercator, in which things are found, ends at 85.06 degrees. NaN fits nowhere.
    if not (-180 <= west <= east <= 180 and -85 <= south <= north <= 85):
        raise BadInput(field="bbox", value=text, reason="write west,south,east,north in degrees")
    return west, south, east, north


def parse_polygon(text: str) -> str:
    """A polygon as WKT, in degrees, without whatever else WKT can hold.

    Raises:
        BadInput: it is no polygon that can be used.
    """
    try:
        shape = shapely.from_wkt(text)
    except shapely.errors.ShapelyError:
        raise BadInput(field="polygon", value=text, reason="write a POLYGON or MULTIPOLYGON as WKT") from None
    if shape is None or shape.geom_type not in ("Polygon", "MultiPolygon") or shape.is_empty or not shape.is_valid:
        raise BadInput(field="polygon", value=text, reason="write a POLYGON or MULTIPOLYGON as WKT")
    west, south, east, north = shape.bounds
    if not (west >= -180 and east <= 180 and south >= -85 and north <= 85) or shapely.get_num_coordinates(shape) > MOST_CORNERS:
        raise BadInput(field="polygon", value=text, reason=_FORM)
    return str(shapely.to_wkt(shapely.force_2d(shape), rounding_precision=9))


def choose_polygon(polygon: str | None, within: str | None) -> str | None:
    """The polygon in which cases are asked for, whichever way it is written.

    Raises:
        BadInput: it cannot be used, or there are two.
    """
    if polygon is not None and within is not None:
        raise BadInput(field="within", value=within[:60], reason="give either polygon or within")
    if within is not None:
        return parse_within(within)
    return None if polygon is None else parse_polygon(polygon)


def parse_order(text: str) -> Order:
    """The order of a list.

    Raises:
        UnknownName: there is no such column.
    """
    column = text.removeprefix("-")
    if column not in COLUMNS:
        raise UnknownName.among("sort", column, COLUMNS)
    return Order(column, text.startswith("-"))


def parse_codes(field: str, values: list[str]) -> tuple[str, ...]:
    """Different codes.

    Raises:
        BadInput: a text that no code can be.
    """
    for value in values:
        if not could_be_code(value):
            raise BadInput(field=field, value=value, reason=_FORM)
    return tuple(dict.fromkeys(values))


async def asked_spans(
    reported_first: Annotated[str | None, _day("from", "First day of the report, YYYY-MM-DD")] = None,
    reported_last: Annotated[str | None, _day("to", "Last day of the report, included, YYYY-MM-DD")] = None,
    due_first: Annotated[str | None, _day("due_from", "First day of the deadline, YYYY-MM-DD")] = None,
    due_last: Annotated[str | None, _day("due_to", "Last day of the deadline, included, YYYY-MM-DD")] = None,
    closed_first: Annotated[str | None, _day("closed_from", "First day of the closing, YYYY-MM-DD")] = None,
    closed_last: Annotated[str | None, _day("closed_to", "Last day of the closing, included, YYYY-MM-DD")] = None,
) -> tuple[Days, Days, Days]:
    """Days of reports, deadlines and closings."""
    return (
        parse_days(("from", "to"), reported_first, reported_last),
        parse_days(("due_from", "due_to"), due_first, due_last),
        parse_days(("closed_from", "closed_to"), closed_first, closed_last),
    )


async def asked_indicator(
    indicator: Annotated[
        str | None,
        Query(description="Only cases that this indicator counts, by its code; give the days as its “…_cases” do"),
    ] = None,
    part: Annotated[str, Query(description="Of the indicator: denominator, numerator, or rest: in the denominator alone")] = PARTS[1],
) -> tuple[str, Part] | None:
    """The indicator and the part of it that counts the cases.

    Raises:
        UnknownName: there is no such indicator, or no such part.
    """
    if indicator is not None and indicator not in BEHIND:
        raise UnknownName.among("indicator", indicator, BEHIND)
    found = next((one for one in PARTS if one == part), None)
    if found is None:
        raise UnknownName.among("part", part, PARTS)
    return None if indicator is None else (indicator, found)


class Clock(NamedTuple):
    """What is asked by the clock; see ``asked_clock``."""

    weekday: int | None = None
    hour: int | None = None
    only_day: bool | None = None
    due_within: int | None = None


async def asked_clock(
    weekday: Annotated[int | None, Query(ge=1, le=7, description="Reported on this day of the week: 1 Monday to 7 Sunday")] = None,
    hour: Annotated[int | None, Query(ge=0, le=23, description="Reported in this hour of the city's clock")] = None,
    only_day: Annotated[bool | None, Query(description="Whether only the day of the report is known")] = None,
    due_within: Annotated[
        int | None,
        Query(ge=1, le=MOST_HOURS, description="Only cases whose time runs, and whose deadline comes within so many hours"),
    ] = None,
) -> Clock:
    """Day of the week and hour of the report, whether its hour is unknown, and how soon the deadline comes."""
    return Clock(weekday, hour, only_day, due_within)


async def asked_filters(
    spans: Annotated[tuple[Days, Days, Days], Depends(asked_spans)],
    q: Words = "",
    stages: Annotated[
        Strings,
        _many("stage", STAGES_TOLD),
    ] = [],  # noqa: B006 - FastAPI copies it
    states: Annotated[Strings, _many("state", "overdue, amber, paused, on_time, closed or ended (in another way); may be repeated")] = [],  # noqa: B006
    categories: Annotated[Strings, _many("category", "Only cases of this category; may be repeated")] = [],  # noqa: B006
    channels: Annotated[Strings, _many("channel", "Only cases from this channel; may be repeated")] = [],  # noqa: B006
    severities: Annotated[list[int], _many("severity", "1 critical, 2 urgent, 3 ordinary or 4 minor; may be repeated")] = [],  # noqa: B006
    units: Annotated[Strings, _many("unit", "Code of the responsible unit; may be repeated")] = [],  # noqa: B006
    assignees: Annotated[Strings, _many("assignee", "Account that works on it; may be repeated")] = [],  # noqa: B006
    box: Annotated[str | None, Query(alias="bbox", description="west,south,east,north in degrees")] = None,
    polygon: Annotated[str | None, Query(max_length=LONGEST_POLYGON, description="POLYGON or MULTIPOLYGON as WKT, in degrees")] = None,
    within: Annotated[str | None, Query(max_length=LONGEST_WITHIN, description=WITHIN_TOLD)] = None,
    placed: Annotated[bool | None, Query(description="Whether the place of the case is known")] = None,
    provisional: Annotated[bool | None, Query(description="Whether the deadline is provisional: its calendar is not gazetted yet")] = None,
    with_unit: Annotated[bool | None, Query(description="Whether a unit is responsible")] = None,
    with_assignee: Annotated[bool | None, Query(description="Whether somebody works on it")] = None,
    behind: Annotated[tuple[str, Part] | None, Depends(asked_indicator)] = None,
    clock: Annotated[Clock, Depends(asked_clock)] = Clock(),  # noqa: B008 - it never changes
) -> CaseFilters:
    """Which cases are asked for."""
    sought = parse_words(q)
    return CaseFilters(
        words=sought.words,
        number=sought.number,
        stages=parse_codes("stage", stages),
        states=parse_codes("state", states),
        categories=parse_codes("category", categories),
        channels=parse_codes("channel", channels),
        severities=tuple(dict.fromkeys(severities)),
        units=parse_codes("unit", units),
        assignees=parse_codes("assignee", assignees),
        reported=spans[0],
        due=spans[1],
        closed=spans[2],
        box=None if box is None else parse_box(box),
        polygon=choose_polygon(polygon, within),
        placed=placed,
        provisional=provisional,
        with_unit=with_unit,
        with_assignee=with_assignee,
        behind=behind,
        weekday=clock.weekday,
        hour=clock.hour,
        only_day=clock.only_day,
        due_within=clock.due_within,
    )


@router.get("/cases", summary="A list of cases, page by page", responses={**NO_AREA, **answer_example(CASE_LIST)})
async def get_cases(
    who: Asking,
    filters: Annotated[CaseFilters, Depends(asked_filters)],
    response: Response,
    area: AreaCode = None,
    mine: Annotated[bool, Query(description="Only cases that this account works on, in any area")] = False,
    own_units: Annotated[bool, Query(description="Only cases of units of which this account is a member, in any area")] = False,
    sort: Sort = "-reported_at",
    limit: Annotated[int, Query(ge=1, le=MOST_ROWS, description="Most cases of a page")] = 50,
    cursor: Annotated[str | None, Query(max_length=cursors.LONGEST, description="“next” of the page before, with the same filters")] = None,
    counts: Annotated[bool | None, Query(description="Whether to count; otherwise only the first page does")] = None,
    lang: Lang = None,
) -> CaseList:
    """Cases that the account may see, in any order. A page continues behind the last case of the one before, whatever arrives meanwhile."""
    # How many cases somebody else works on is told to supervisors and leaders alone: for others, “counts” is null.
    response.headers["Cache-Control"] = "private, no-cache"
    counted = cursor is None if counts is None else counts
    return await lists.fetch_list(CaseQuestion(area, filters, parse_order(sort), cursor, limit, counted, mine, own_units), who)


@router.get(
    "/cases/facets", summary="How many cases there are by category and severity", responses={**NO_AREA, **answer_example(CASE_FACETS)}
)
async def get_case_facets(
    who: Asking,
    filters: Annotated[CaseFilters, Depends(asked_filters)],
    response: Response,
    area: AreaCode = None,
    mine: Annotated[bool, Query(description="Only cases that this account works on, in any area")] = False,
    own_units: Annotated[bool, Query(description="Only cases of units of which this account is a member, in any area")] = False,
    lang: Lang = None,
) -> CaseFacets:
    """Each number is counted with all filters but its own. Of very many cases numbers are rounded down, and told as “more”."""
    response.headers["Cache-Control"] = "private, no-cache"
    return await facets.fetch_facets(CaseQuestion(area, filters, mine=mine, own_units=own_units), who)
