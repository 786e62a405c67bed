"""Earlier cases: of the place where a case stands, and of who reported it."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from pydantic import Field
from typing_extensions import TypedDict

from data.cases.listing.lists import make_row
from data.cases.listing.types import CaseRow
from data.cases.reading import find_row
from data.core.viewer import Viewer
from data.database.transactions import open_snapshot, write_transaction
from data.figures.types import VERSION
from data.queries.nearby import earlier_cases as queries

MONTHS = 12
MOST_TOLD = 20
PLACE_M = 25
"""Cases as near as this are of the same place, as are those with the same address nearby."""


class EarlierCases(TypedDict):
    """Earlier cases of a place and of a reporter, the newest first, at most 20 each."""

    version: str
    months: Annotated[int, Field(description="so many months before the case")]
    of_place: Annotated[list[CaseRow], Field(description="within 25 m, or with the same address nearby")]
    of_reporter: Annotated[
        list[CaseRow] | None,
        Field(description="whose reporters gave the same telephone number; null for accounts that may not see reporters"),
    ]


async def fetch_earlier(number: str, city: str | None, viewer: Viewer) -> EarlierCases:
    """Earlier cases that a viewer sees. Those of the reporter are told only with a row in the audit log.

    Raises:
        UnknownObject: no case with this number may be seen by the viewer.
    """
    own = await find_row(number, city, viewer)
    place = await _of_place(own, viewer)
    reporter = await _of_reporter(own, viewer) if viewer.detail == "people" else None
    return {"version": VERSION, "months": MONTHS, "of_place": place, "of_reporter": reporter}


async def _of_place(own: Mapping[str, Any], viewer: Viewer) -> list[CaseRow]:
    if own["lon"] is None:
        return []
    last = own["reported_at"]
    found = queries.of_place(own, PLACE_M, last - timedelta(days=30.44 * MONTHS), last, MOST_TOLD)
    async with open_snapshot(viewer) as ask:
        return [make_row(row) for row in await ask(found)]


async def _of_reporter(own: Mapping[str, Any], viewer: Viewer) -> list[CaseRow]:
    """By the keyed hash of the telephone number, which no viewer reads: the database gives keys of cases, and writes that it did."""
    async with write_transaction(viewer) as connection:
        keys = (
            (await connection.execute(queries.KEYS_OF_REPORTER, {"district": own["district"], "id": own["id"], "most": MOST_TOLD}))
            .mappings()
            .all()
        )
    if not keys:
        return []
    since = own["reported_at"] - timedelta(days=30.44 * MONTHS)
    found = queries.by_keys(own["city"], [row["district"] for row in keys], [row["id"] for row in keys], since, datetime.now(UTC))
    async with open_snapshot(viewer) as ask:
        return [make_row(row) for row in await ask(found)]
