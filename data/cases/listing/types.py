"""The shape of the list of cases, as the machine door answers it. Version 1; fields are added, never changed."""

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from data.figures.types import AreaName


class CaseRow(TypedDict):
    """A case in a list. Moments are in UTC; a case without a place has no coordinates."""

    key: Annotated[str, Field(description="source and key in it; never changes")]
    number: Annotated[str, Field(description="case number that people quote")]
    city: str
    title: str
    title_en: Annotated[str | None, Field(description="where the publisher gives one")]
    category: str
    category_name: str
    category_name_en: str
    severity: Annotated[int, Field(description="1 critical, 2 urgent, 3 ordinary, 4 minor")]
    channel: str
    stage: str
    state: Annotated[str | None, Field(description="overdue, amber, paused or on_time while it is open; closed, or ended in another way")]
    reported_at: str
    due_at: str | None
    due_provisional: bool
    closed_at: str | None
    stage_at: Annotated[str | None, Field(description="since when it is in its stage, if that is known")]
    stage_due_at: str | None
    reported_is_day: Annotated[bool, Field(description="only the day of reported_at is known; likewise due_is_day, closed_is_day")]
    due_is_day: bool
    closed_is_day: bool
    grid: Annotated[str, Field(description="code of the area that it stands in: a grid cell, or the leaf for cases without a place")]
    grid_name: str | None
    grid_name_en: str | None
    above_name: Annotated[str | None, Field(description="name of the area above that one, usually a community")]
    above_name_en: str | None
    address: str | None
    unit: Annotated[str | None, Field(description="code of the responsible unit")]
    handler: Annotated[str | None, Field(description="unit that handles it, as published")]
    assignee: str | None
    version: Annotated[int, Field(description="changes with every step; steps name the version that they were decided on")]
    lon: float | None
    lat: float | None


class ListedCase(CaseRow):
    """A case of a list, with who works on it and how many photos and papers it has."""

    assignee_shown: Annotated[str | None, Field(description="the assignee's name on the page")]
    files: Annotated[int, Field(description="photos and papers that it has")]
    file: Annotated[str | None, Field(description="hash of the first of them")]


class CaseCount(TypedDict):
    """A number of cases."""

    n: int
    more: Annotated[bool, Field(description="whether there are more than n: counting was stopped")]


class CaseCounts(TypedDict):
    """How many cases meet the conditions. Stages of which no number is known, and those without cases, are left out."""

    total: CaseCount
    by_stage: dict[str, CaseCount]
    by_state: dict[str, CaseCount]
    by_stage_and_state: Annotated[dict[str, dict[str, CaseCount]], Field(description="of open stages, how many in each deadline state")]


class CaseFacets(TypedDict):
    """How many cases there are by category and by severity, each without its own filter; those without cases are left out."""

    version: str
    as_of: Annotated[str, Field(description="the moment that deadline states stand for")]
    complete: Annotated[bool, Field(description="whether all were counted; otherwise what is left out may have cases, too")]
    by_category: dict[str, CaseCount]
    by_severity: dict[str, CaseCount]


class CaseList(TypedDict):
    """One page of a list of cases."""

    version: str
    area: Annotated[AreaName, Field(description="whose cases these are: the requested area, or the part of it that the account may see")]
    as_of: Annotated[str, Field(description="the moment that deadline states stand for")]
    cases: list[ListedCase]
    next: Annotated[str | None, Field(description="cursor of the next page; null on the last one")]
    counts: Annotated[CaseCounts | None, Field(description="null where they were not asked for")]
