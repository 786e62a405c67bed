"""Where the cases of a list stand, for the map beside it: the first ones of the list, in its order, and how many it holds."""

from dataclasses import replace
from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from data.cases.listing.lists import fetch_list
from data.cases.listing.question import CaseQuestion
from data.cases.listing.types import CaseCount, CaseRow
from data.core.viewer import Viewer
from data.figures.types import AreaName

MOST_PLACES = 2_000
"""So many cases can be told apart on a map; a page of so many is read as fast as one of 200."""


class CasePlace(TypedDict):
    """A case with a place, in degrees of WGS 84. Moments are in UTC."""

    key: Annotated[str, Field(description="source and key in it; never changes")]
    number: str
    title: str
    title_en: str | None
    category: str
    channel: str
    severity: int
    stage: str
    state: Annotated[str | None, Field(description="overdue, amber, paused or on_time while it is open; closed, or ended in another way")]
    reported_at: str
    due_at: str | None
    reported_is_day: bool
    due_is_day: bool
    version: int
    lon: float
    lat: float


class CasePlaces(TypedDict):
    """Places of the first cases of a list."""

    version: str
    area: AreaName
    as_of: Annotated[str, Field(description="the moment that deadline states stand for")]
    places: list[CasePlace]
    listed: Annotated[int, Field(description="how many cases of the list were read, with a place or without")]
    cut: Annotated[bool, Field(description="whether the list holds more cases than were read")]
    total: Annotated[CaseCount | None, Field(description="how many cases the list holds")]


async def fetch_places(question: CaseQuestion, viewer: Viewer) -> CasePlaces:
    """Places of the first ``MOST_PLACES`` cases of a list, in its order.

    Raises:
        GridwellError: see ``data.cases.listing.fetch_list``.
    """
    told = await fetch_list(replace(question, limit=MOST_PLACES, cursor=None, counted=True), viewer)
    counts = told["counts"]
    return {
        "version": told["version"],
        "area": told["area"],
        "as_of": told["as_of"],
        "places": [_place(row) for row in told["cases"] if row["lon"] is not None],
        "listed": len(told["cases"]),
        "cut": told["next"] is not None,
        "total": None if counts is None else counts["total"],
    }


def _place(row: CaseRow) -> CasePlace:
    return {name: row[name] for name in CasePlace.__annotations__}  # type: ignore[return-value,literal-required]  # all its names
