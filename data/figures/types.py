"""The shape of a report: what the machine door answers and what the page reads. Version 1; fields are added, never changed."""

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from data.schema.incident_counts import REPORT_FIELDS

VERSION = "1"


class Rate(TypedDict):
    """A share with its numerator and denominator."""

    numerator: int
    denominator: int
    value: Annotated[float | None, Field(description="numerator ÷ denominator; null when the denominator is 0")]


class LabelledName(TypedDict):
    """A name in both languages, with its icon and its place in lists."""

    name: str
    name_en: str
    symbol: str
    ordinal: int


PeriodSpan = TypedDict("PeriodSpan", {"from": str, "to": str})
"""First and last day, both included, in the city's time zone."""


class CityInfo(TypedDict):
    """The city an area belongs to."""

    code: str
    name: str
    name_en: str
    timezone: str
    as_of: Annotated[str, Field(description="the moment the figures stand for, ISO 8601")]
    today: Annotated[
        str, Field(description="the day with which periods end: that of as_of in the city, or of the newest case if that is days older")
    ]
    current: Annotated[bool, Field(description="whether that is the present day: as_of is now, and the newest case is not days old")]
    newest_case: Annotated[str | None, Field(description="the day of the newest case, without sensitive categories")]
    worked_since: Annotated[
        str | None, Field(description="when the first step was taken on a case here; since then figures stand for now, ISO 8601")
    ]
    is_demo: bool
    has_cases: Annotated[bool, Field(description="whether the city has any case, in any period")]
    data_version: Annotated[int, Field(description="the newest of all cities; part of addresses that browsers keep")]
    versions: Annotated[dict[str, int], Field(description="the same by subject: areas, population, buildings, …")]
    level_names: dict[str, dict[str, str]]
    notes: list[dict[str, str]]


class CityEntry(CityInfo):
    """A city in the list of cities."""

    bbox: Annotated[
        list[float] | None, Field(description="west, south, east, north in degrees; across the 180th meridian west is greater than east")
    ]


class AreaName(TypedDict):
    """What an area is called."""

    code: str
    name: str
    name_en: str
    level: str


class Ancestor(AreaName):
    """An area above, for the breadcrumb."""

    seen: Annotated[bool, Field(description="whether its figures may be seen")]


class Head(TypedDict):
    """Who is responsible for the area. The phone number is masked unless the viewer may see contacts."""

    name: str | None
    name_en: str | None
    title: str | None
    title_en: str | None
    phone: str | None
    body: str | None
    body_en: str | None


class PopulationTotal(TypedDict):
    """Residents; null if they are not known, or if the number would reveal fewer than five people."""

    total: int | None
    households: Annotated[
        int | None,
        Field(description="if figures are rounded: the sum of the cells' rounded households, where 5 stands for 1 to 7"),
    ]
    as_of: str | None
    hidden: Annotated[bool, Field(description="whether some known figures are withheld, because they would reveal few people")]


class Population(PopulationTotal):
    """Residents in detail."""

    male: int | None
    female: int | None
    ages: dict[str, int] | None
    method: Annotated[str | None, Field(description="register, published, by_area or by_buildings")]
    rounded: Annotated[bool, Field(description="whether figures are rounded to 5, because the caller may not see the register here")]


class BuildingTotal(TypedDict):
    """How many buildings."""

    total: int


class Buildings(BuildingTotal):
    """Buildings in detail."""

    footprint_m2: float
    floor_area_m2: Annotated[float, Field(description="footprint × floors; floors from height ÷ 3 m where unknown")]


class Facilities(TypedDict):
    """Facilities by kind."""

    total: int
    by_kind: dict[str, int]


class IncidentTotals(TypedDict):
    """Incidents reported in the period, and those that are open: a stock, counted as it stands at city.as_of, whatever the period."""

    total: Annotated[int, Field(description="reported in the period")]
    open: Annotated[int, Field(description="open as it stands, whenever reported; the period does not matter")]
    overdue: Annotated[int, Field(description="of the open: past the deadline, and not paused")]
    open_at_end: Annotated[
        int,
        Field(description="open when the last day of the period ended; as it stands if it has not. Void cases never count"),
    ]
    overdue_at_end: Annotated[int, Field(description="of open_at_end: past the deadline; cases that are paused now never count")]


class Incidents(IncidentTotals):
    """Incidents in detail. open = overdue + amber + paused + on_time: all five as they stand."""

    amber: Annotated[int, Field(description="of the open: more than 75 % of the time used")]
    paused: int
    on_time: int
    void: Annotated[int, Field(description=REPORT_FIELDS["void"])]
    closed: Annotated[int, Field(description=REPORT_FIELDS["closed"])]
    by_category: dict[str, int]
    by_source: dict[str, int]
    by_day: Annotated[list[tuple[str, int]], Field(description="[date, reported], every day of the period")]
    withheld: Annotated[
        list[str], Field(description="sensitive categories: not counted here, because the caller may not see the register of this area")
    ]
    unplaced: Annotated[int, Field(description="of total: without a place; they count here, and are on no map")]
    unplaced_open: Annotated[int, Field(description="of open: without a place")]


class Comparison(TypedDict):
    """The same figures for another period."""

    period: PeriodSpan
    total: int
    closing_rate: Rate
    on_time_closing_rate: Rate


class Unit(TypedDict):
    """An area with its totals, without breakdowns: a child, a sibling, or what the map colours."""

    code: str
    name: str
    name_en: str
    level: str
    path: str
    parent: str | None
    origin: str
    has_polygon: bool
    area_m2: float | None
    label_point: list[float] | None
    population: PopulationTotal
    buildings: BuildingTotal
    incidents: IncidentTotals
    closing_rate: Rate
    on_time_closing_rate: Rate


class Seen(TypedDict):
    """What the caller may see."""

    rights: Annotated[str, Field(description="a mark of these rights: browsers keep tiles and shapes whose addresses carry it as r")]
    detail: Annotated[str, Field(description="figures, cases or people")]
    scope: Annotated[AreaName | None, Field(description="the area whose cases and people may be seen; null: everywhere")]
    figures: Annotated[AreaName | None, Field(description="the area whose figures may be seen; null: everywhere")]
    cases: Annotated[bool, Field(description="whether the cases of the area asked for may be seen one by one")]


class AreaReport(TypedDict):
    """An area with its figures for a period, its children, and those beside it."""

    version: str
    code: str
    name: str
    name_en: str
    level: str
    path: str
    parent: str | None
    origin: Annotated[
        str, Field(description="published, made, approximate, derived, none (no polygon), or unplaced (cases without a place)")
    ]
    has_polygon: bool
    area_m2: float | None
    bbox: Annotated[
        list[float] | None, Field(description="west, south, east, north in degrees; across the 180th meridian west is greater than east")
    ]
    label_point: list[float] | None
    head: Head
    city: CityInfo
    ancestors: Annotated[list[Ancestor], Field(description="root first")]
    period: PeriodSpan
    population: Population
    buildings: Buildings
    facilities: Facilities
    incidents: Incidents
    closing_rate: Annotated[Rate, Field(description="closed ÷ due to be closed in the period")]
    on_time_closing_rate: Annotated[Rate, Field(description="closed on time ÷ due to be closed in the period")]
    proactive: Annotated[Rate, Field(description="found by the city itself ÷ reported")]
    whole_days: Annotated[
        Comparison | None, Field(description="the days of the period that are over: what previous and year_before are compared with")
    ]
    previous: Annotated[Comparison, Field(description="as many whole days just before the period")]
    year_before: Annotated[Comparison, Field(description="the same whole days one year earlier")]
    categories: Annotated[dict[str, LabelledName], Field(description="names of the incident categories")]
    kinds: Annotated[dict[str, LabelledName], Field(description="names of the facility kinds")]
    uses: Annotated[dict[str, LabelledName], Field(description="names of the uses of buildings")]
    channels: Annotated[list[str], Field(description="codes of all sources (by_source uses them)")]
    children: list[Unit]
    siblings: Annotated[list[Unit], Field(description="those beside it, including itself, for ranking")]
    zones: Annotated[list[Unit], Field(description="functional zones; only on the city")]
    seen: Annotated[Seen, Field(description="what the answer is limited to, by the rights of who asked")]


class Cities(TypedDict):
    """Every city in the database."""

    version: str
    cities: list[CityEntry]


class Roots(TypedDict):
    """The areas to begin with: one root for each city."""

    version: str
    areas: list[AreaName]


class Found(TypedDict):
    """Something that a search found."""

    kind: Annotated[str, Field(description="area, head, building, facility, incident or place")]
    code: Annotated[str | None, Field(description="code of an area")]
    key: Annotated[str | None, Field(description="key of a building, facility or incident")]
    title: str
    title_en: str
    subtitle: str
    subtitle_en: str
    lon: float | None
    lat: float | None
    area: Annotated[str | None, Field(description="code of the area that it is or stands in")]


class Finds(TypedDict):
    """What a search found, the best first."""

    version: str
    query: str
    results: list[Found]


class ErrorBody(TypedDict):
    """What went wrong: a stable code, a sentence in the reader's language, and the facts in it."""

    code: str
    sentence: str
    facts: dict[str, str | int | float]


class ErrorAnswer(TypedDict):
    """The answer whenever something went wrong."""

    error: ErrorBody
