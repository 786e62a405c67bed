"""The machine interface: indicators of areas, units and people, which areas got worse, and who must act."""

from collections.abc import Callable
from dataclasses import replace
from datetime import tzinfo
from typing import Annotated, TypeVar

from fastapi import APIRouter, Depends, Query, Response

from data.core.errors import BadInput
from data.core.export_files import Form
from data.core.text import could_be_code
from data.core.viewer import Viewer
from data.indicators.coverage import fetch_coverage
from data.indicators.kept import fetch_kept_hours, fetch_kept_indicators, fetch_kept_trend
from data.indicators.lists import WorseQuestion, fetch_worse
from data.indicators.questions import IndicatorQuestion
from data.indicators.trends import TrendQuestion
from data.indicators.types import CoverageAnswer, HoursAnswer, IndicatorAnswer, TrendAnswer, WaitingAnswer, WorseAnswer
from data.indicators.waiting import SOON_H, fetch_waiting
from data.queries.case_filters import NO_FILTERS, CaseFilters
from routes.api.api import MOST_FILTERS, NO_AREA, Asking, Categories, From, Lang, Sources, To, parse_period
from routes.api.case_list import MOST_HOURS, AreaCode, parse_codes, parse_days
from routes.api.examples import answer_example, parameter_example, table_example
from routes.api.indicator_examples import COVERAGE, HOURS, INDICATORS, TREND, WAITING, WORSE
from routes.errors import DOCUMENTED
from routes.exports.answers import Exported, Format, answer_file, fetch_area_zone, read_format
from routes.exports.case_table import tell_filters
from routes.exports.filter_words import fetch_names, word_filters
from routes.exports.indicator_tables import describe_coverage, describe_indicators, describe_waiting, describe_worse
from routes.shared.parameters import refuse_unread

router = APIRouter(prefix="/api", responses=DOCUMENTED, dependencies=[Depends(refuse_unread)], tags=["indicators"])
Answer = TypeVar("Answer", IndicatorAnswer, WorseAnswer, WaitingAnswer, CoverageAnswer)
Describe = Callable[[Answer, Viewer, tzinfo], Exported]

Units = Annotated[
    list[str], Query(alias="unit", max_length=MOST_FILTERS, description="Only cases of this unit, by its code; may be repeated")
]
People = Annotated[
    list[str],
    Query(
        alias="person",
        max_length=MOST_FILTERS,
        description="Only cases of this account; may be repeated. Others than oneself are told to supervisors and leaders alone",
    ),
]


Named = Annotated[
    list[str],
    Query(
        alias="indicator",
        max_length=MOST_FILTERS,
        description="Only this indicator, by its code; may be repeated. Times in stages have to be named",
    ),
]
Measure = Annotated[str, Query(description="reported: cases by day; late: cases not closed by their deadline, by cases due")]
Against = Annotated[str, Query(description="previous: as many days just before; year_before: the same days one year earlier")]


async def asked_cases(
    categories: Categories = [],  # noqa: B006 - FastAPI copies it
    sources: Sources = [],  # noqa: B006
    units: Units = [],  # noqa: B006
    people: People = [],  # noqa: B006
) -> CaseFilters:
    """Which cases are counted."""
    return CaseFilters(
        categories=parse_codes("category", categories),
        channels=parse_codes("source", sources),
        units=parse_codes("unit", units),
        assignees=parse_codes("person", people),
    )


def check_area(area: str | None) -> None:
    """Refuse a text that no code of an area can be.

    Raises:
        BadInput: it is none.
    """
    if area is not None and not could_be_code(area):
        raise BadInput(field="area", value=area, reason="it does not have the right form")


@router.get(
    "/indicators",
    summary="Indicators of an area for a period",
    response_model=IndicatorAnswer,
    responses={**NO_AREA, **table_example(INDICATORS)},
)
async def get_indicators(
    who: Asking,
    response: Response,
    filters: Annotated[CaseFilters, Depends(asked_cases)],
    area: AreaCode = None,
    by: Annotated[
        str,
        Query(
            description="What they are told by: none, district, street, community, grid, unit, department, category, source or person",
            openapi_examples=parameter_example("none"),
        ),
    ] = "none",
    first: From = None,
    last: To = None,
    indicators: Named = [],  # noqa: B006 - FastAPI copies it
    compare: Annotated[bool, Query(description="Whether the period before and a year earlier are told, too")] = False,
    form: Format = "json",
    lang: Lang = None,
) -> IndicatorAnswer | Response:
    """Every number with numerator and denominator, interval, cases left out, earlier periods, and the address of the cases behind it."""
    check_area(area)
    response.headers["Cache-Control"] = "private, no-cache"
    wanted = read_format(form)
    found = await fetch_kept_indicators(IndicatorQuestion(area, by, parse_period(first, last), tuple(indicators), filters, compare), who)
    return found if wanted == "json" else await _answer_file(wanted, found, describe_indicators, who, by, filters)


@router.get("/indicators/worse", summary="Which areas got worse", response_model=WorseAnswer, responses={**NO_AREA, **table_example(WORSE)})
async def get_worse(
    who: Asking,
    response: Response,
    area: AreaCode = None,
    level: Annotated[
        str,
        Query(
            description="Level of the areas that are compared: district, street, community or grid",
            openapi_examples=parameter_example("street"),
        ),
    ] = "street",
    measure: Measure = "reported",
    against: Against = "previous",
    first: From = None,
    last: To = None,
    categories: Categories = [],  # noqa: B006 - FastAPI copies it
    sources: Sources = [],  # noqa: B006
    form: Format = "json",
    lang: Lang = None,
) -> WorseAnswer | Response:
    """Ratio of the rate in a period's whole days to that in earlier ones, with its interval; areas with too few cases are set apart."""
    check_area(area)
    filters = CaseFilters(categories=parse_codes("category", categories), channels=parse_codes("source", sources))
    response.headers["Cache-Control"] = "private, no-cache"
    wanted = read_format(form)
    found = await fetch_worse(WorseQuestion(area, level, measure, against, parse_period(first, last), filters), who)
    return found if wanted == "json" else await _answer_file(wanted, found, describe_worse, who, level, filters)


@router.get("/indicators/overdue", summary="Who must act", response_model=WaitingAnswer, responses={**NO_AREA, **table_example(WAITING)})
async def get_waiting(
    who: Asking,
    response: Response,
    filters: Annotated[CaseFilters, Depends(asked_cases)],
    area: AreaCode = None,
    soon: Annotated[int, Query(ge=1, le=MOST_HOURS, description="A deadline that comes within so many hours is soon")] = SOON_H,
    form: Format = "json",
    lang: Lang = None,
) -> WaitingAnswer | Response:
    """Open cases beyond their deadline by unit, the oldest first, and those due soon; by person for supervisors, leaders, and oneself."""
    check_area(area)
    response.headers["Cache-Control"] = "private, no-cache"
    wanted = read_format(form)
    found = await fetch_waiting(area, filters, who, soon)
    return found if wanted == "json" else await _answer_file(wanted, found, describe_waiting, who, "unit", filters)


@router.get(
    "/indicators/coverage",
    summary="Areas with a head or a worker",
    response_model=CoverageAnswer,
    responses={**NO_AREA, **table_example(COVERAGE)},
)
async def get_coverage(
    who: Asking, response: Response, area: AreaCode = None, form: Format = "json", lang: Lang = None
) -> CoverageAnswer | Response:
    """Communities and grids of an area that have somebody, as they stand, and the first 200 of those that have nobody."""
    check_area(area)
    response.headers["Cache-Control"] = "private, no-cache"
    wanted = read_format(form)
    found = await fetch_coverage(area, who)
    return found if wanted == "json" else await _answer_file(wanted, found, describe_coverage, who, "none", NO_FILTERS)


@router.get("/indicators/trend", summary="One indicator over time", responses={**NO_AREA, **answer_example(TREND)})
async def get_trend(
    who: Asking,
    response: Response,
    filters: Annotated[CaseFilters, Depends(asked_cases)],
    indicator: Annotated[
        str,
        Query(
            description="The indicator, by its code; not those that are told as they stand, and not times in stages",
            openapi_examples=parameter_example("closing_rate"),
        ),
    ],
    area: AreaCode = None,
    by: Annotated[str, Query(description="none, or a level of areas: district, street, community or grid")] = "none",
    step: Annotated[str, Query(description="Length of each span: day, week (from Monday), month, quarter or year")] = "week",
    last: Annotated[str | None, Query(alias="to", description="Last day, YYYY-MM-DD; spans that are over by then are told")] = None,
    points: Annotated[int, Query(description="How many spans, the newest last")] = 13,
    compare: Annotated[bool, Query(description="Whether the same spans a year earlier are told, too")] = False,
    lang: Lang = None,
) -> TrendAnswer:
    """An indicator in each day, week, month, quarter or year, with interval and with the year before."""
    check_area(area)
    until = parse_days(("from", "to"), None, last).last
    response.headers["Cache-Control"] = "private, no-cache"
    return await fetch_kept_trend(TrendQuestion(indicator, area, by, step, until, points, filters, compare), who)


@router.get("/indicators/hours", summary="When cases are reported", responses={**NO_AREA, **answer_example(HOURS)})
async def get_hours(
    who: Asking,
    response: Response,
    filters: Annotated[CaseFilters, Depends(asked_cases)],
    area: AreaCode = None,
    first: From = None,
    last: To = None,
    lang: Lang = None,
) -> HoursAnswer:
    """Cases reported in a period by day of the week and hour of the city's clock; cases of which only the day is known are set apart."""
    check_area(area)
    response.headers["Cache-Control"] = "private, no-cache"
    return await fetch_kept_hours(IndicatorQuestion(area, period=parse_period(first, last), filters=filters), who)


async def _answer_file(form: Form, found: Answer, describe: Describe[Answer], who: Viewer, by: str, filters: CaseFilters) -> Response:
    code = found["area"]["code"]
    made: Exported = describe(found, who, await fetch_area_zone(code, who))
    asked = word_filters(filters, await fetch_names(who), who.lang)
    return await answer_file(form, replace(made, facts=[*made.facts, asked]), who, {"area": code, "by": by, **tell_filters(filters)})
