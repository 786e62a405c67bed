"""The shapes of the answers on indicators, as the machine door gives them. Version 1; fields are added, never changed."""

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from data.figures.types import AreaName, PeriodSpan


class IndicatorTold(TypedDict):
    """What an indicator counts, in the reader's language."""

    code: str
    title: str
    numerator: str
    denominator: str
    anchor: Annotated[str, Field(description="which cases belong to a period: those reported, due or closed in it; now: as it stands")]
    unit: Annotated[str, Field(description="share (0 to 1) or hours")]
    higher_is_better: bool | None
    fewest: Annotated[int, Field(description="with a smaller denominator it is not ranked")]


class ValueThen(TypedDict):
    """An indicator in another period: its whole days, the ones before, or a year earlier."""

    numerator: float | None
    denominator: int | None
    value: float | None
    usual: Annotated[
        bool | None,
        Field(
            description="whether the share of the whole days differs from this no more than chance explains (95 % interval of the"
            " difference: Newcombe 1998); null for hours, without a value, and for the whole days themselves"
        ),
    ]
    usual_count: Annotated[
        bool | None, Field(description="the same of the denominators, as numbers of cases (mid-P interval of their ratio); only by none")
    ]


class IndicatorValue(TypedDict):
    """An indicator of one group. Where it has no value, the reason says why."""

    indicator: str
    numerator: Annotated[float | None, Field(description="cases, or hours added up; null for medians")]
    denominator: Annotated[int | None, Field(description="cases, or grids")]
    value: float | None
    low: Annotated[float | None, Field(description="95 % interval of a share (Wilson)")]
    high: float | None
    left_out: Annotated[int | None, Field(description="cases of which nobody can say whether they count; they are in neither")]
    too_few: Annotated[bool, Field(description="whether the denominator is smaller than “fewest”: it is not ranked")]
    rank: Annotated[int | None, Field(description="among the groups, the best first; equals share a rank")]
    reason: Annotated[
        Literal["no_datum", "needs_cases", "no_cases", "not_known", "not_by_this"] | None,
        Field(
            description="no_datum: no datum says it; needs_cases: the account may see no single cases here; no_cases: nothing to count;"
            " not_known: only cases of which it is not known; not_by_this: it is not told by this grouping or filter"
        ),
    ]
    numerator_cases: Annotated[str | None, Field(description="address of the list of these cases, where the list can show them")]
    denominator_cases: str | None
    whole_days: Annotated[ValueThen | None, Field(description="the days of the period that are over: what the others are compared with")]
    previous: Annotated[ValueThen | None, Field(description="as many whole days just before the period")]
    year_before: Annotated[ValueThen | None, Field(description="the same whole days one year earlier")]


class Graded(TypedDict):
    """The composite of a group: its score, 0 to 100, cut to two decimals, and its grade, of the score before that."""

    score: float | None
    grade: str | None
    missing: Annotated[list[str], Field(description="indicators without a value: then there is no score")]
    points: Annotated[dict[str, float], Field(description="points of each part that has a value, 0 to 100, cut to two decimals")]


class IndicatorGroup(TypedDict):
    """An area, a unit, a department, a category, a source or a person; a code of null: cases without one."""

    code: str | None
    name: str | None
    name_en: str | None
    values: list[IndicatorValue]
    composite: Graded | None


class CompositeTold(TypedDict):
    """The composite that is valid on the last day of the period."""

    name: str
    name_en: str
    valid_from: str | None
    valid_to: str | None
    weights: dict[str, float]
    scales: Annotated[
        dict[str, tuple[float, float]], Field(description="of each part the values that give 100 points, and none; linear between them")
    ]
    grades: Annotated[dict[str, float], Field(description="the lowest score of each grade")]


class Periods(TypedDict):
    """The period, and those that it is compared with."""

    period: PeriodSpan
    whole_days: PeriodSpan | None
    previous: PeriodSpan | None
    year_before: PeriodSpan | None


class IndicatorAnswer(TypedDict):
    """Indicators of an area for a period, by group."""

    version: str
    area: AreaName
    as_of: str
    by: str
    periods: Periods
    indicators: list[IndicatorTold]
    composite: CompositeTold | None
    groups: list[IndicatorGroup]


class Worse(TypedDict):
    """How an area fares against an earlier period."""

    code: str
    name: str
    name_en: str
    now: Annotated[int, Field(description="cases that are counted, in the whole days of the period")]
    before: int
    of_now: Annotated[int, Field(description="what they are counted on: days, or cases due")]
    of_before: int
    ratio: Annotated[float | None, Field(description="rate now ÷ rate before; null where that was 0")]
    low: Annotated[float | None, Field(description="95 % interval (mid-P)")]
    high: Annotated[float | None, Field(description="null: no upper limit")]
    verdict: Annotated[str, Field(description="worse, better, unclear (the interval holds 1) or too_few")]


class WorseAnswer(TypedDict):
    """Which areas got worse: those whose whole interval lies above 1, the worst first; then the others, and those with too few cases."""

    version: str
    area: AreaName
    as_of: str
    measure: str
    period: PeriodSpan
    against: PeriodSpan
    fewest: int
    areas: list[Worse]


class Waiting(TypedDict):
    """Overdue cases of a unit and a person; null where nobody has them yet, and for people whose figures the reader may not see."""

    unit: str | None
    unit_name: str | None
    unit_name_en: str | None
    unit_head: Annotated[str | None, Field(description="who leads the unit, as it is published")]
    unit_head_en: str | None
    person: str | None
    person_shown: Annotated[str | None, Field(description="the person's name on the page")]
    overdue: int
    oldest_due: Annotated[str | None, Field(description="null: none is overdue yet")]
    oldest_case: Annotated[str | None, Field(description="number of the case that is overdue for longest")]
    cases: Annotated[str, Field(description="address of the list of these cases")]
    due_soon: Annotated[int, Field(description="cases whose time runs, and whose deadline comes within “soon_h” hours")]
    due_soon_cases: str


class WaitingAnswer(TypedDict):
    """Who must act: open cases beyond their deadline by unit and person, the oldest first; then those with cases that are due soon."""

    version: str
    area: AreaName
    as_of: str
    by_person: Annotated[bool, Field(description="whether people are told; otherwise units, and the reader's own cases")]
    overdue: int
    soon_h: int
    due_soon: int
    waiting: list[Waiting]


# ---- Coverage ----


class Gap(TypedDict):
    """An area that has nobody, and the area above it."""

    code: str
    name: str
    name_en: str
    within: str | None
    within_en: str | None


class Coverage(TypedDict):
    """How many areas of a level have somebody; null: no area of this level in the city names anybody, so nothing is known."""

    level: str
    areas: int
    headed: Annotated[int | None, Field(description="areas that name a head")]
    with_worker: Annotated[int | None, Field(description="areas for which somebody works in a unit today")]
    staffed: Annotated[int | None, Field(description="areas with one or the other")]
    gaps: Annotated[list[Gap], Field(description="the first of those that have neither")]


class CoverageAnswer(TypedDict):
    """Communities and grids with a head or a worker, as they stand."""

    version: str
    area: AreaName
    as_of: str
    workers_seen: Annotated[bool, Field(description="whether workers of units count; otherwise heads alone")]
    levels: list[Coverage]


# ---- Trends ----


class TrendPoint(TypedDict):
    """An indicator in one span of days, of one group."""

    numerator: float | None
    denominator: int | None
    value: float | None
    low: Annotated[float | None, Field(description="95 % interval of a share (Wilson)")]
    high: float | None
    too_few: bool
    denominator_cases: Annotated[str | None, Field(description="address of the list of these cases")]


class TrendGroup(TypedDict):
    """The area itself, or one of its parts."""

    code: str | None
    name: str | None
    name_en: str | None
    points: list[TrendPoint]
    year_before: Annotated[list[TrendPoint], Field(description="the same spans one year earlier; empty unless asked for")]


class Holiday(TypedDict):
    """Free days in a row, with the weekends between them."""

    first: str
    last: str
    name: str
    name_en: str


class TrendAnswer(TypedDict):
    """An indicator over time: one value for each span of days, all of which are over."""

    version: str
    area: AreaName
    as_of: str
    indicator: IndicatorTold
    by: str
    step: str
    spans: list[PeriodSpan]
    spans_before: Annotated[list[PeriodSpan], Field(description="days and weeks: 364 days earlier, so that days of the week are the same")]
    reason: Annotated[str | None, Field(description="needs_cases: the account may see no single cases here")]
    groups: list[TrendGroup]
    holidays: Annotated[list[Holiday], Field(description="holidays of the city's calendar within these spans")]


class HourCount(TypedDict):
    """How many cases were reported in an hour of the day on a day of the week."""

    weekday: Annotated[int, Field(description="1 Monday to 7 Sunday")]
    hour: Annotated[int, Field(description="0 to 23, by the city's clock")]
    reported: int
    cases: Annotated[str, Field(description="address of the list of these cases")]


class HoursAnswer(TypedDict):
    """When cases are reported: by day of the week and hour; hours without any are left out."""

    version: str
    area: AreaName
    as_of: str
    period: PeriodSpan
    reported: int
    left_out: Annotated[int, Field(description="cases of which only the day is known: they are in no hour")]
    left_out_cases: str
    hours: list[HourCount]
