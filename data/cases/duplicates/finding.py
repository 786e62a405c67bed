"""Likely duplicates of a case, or of one that is being reported: near in place and time, of a category like its own."""

import unicodedata
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy import RowMapping
from typing_extensions import TypedDict

from data.attachments.looks import ALIKE_BITS, count_different_bits
from data.cases.listing.lists import make_row
from data.cases.listing.types import CaseRow
from data.cases.reading import find_row
from data.core.errors import UnknownArea
from data.core.viewer import Viewer
from data.database.transactions import Ask, open_snapshot
from data.figures.questions import check_filters
from data.figures.scope import FiguresOnly, may_see_cases
from data.figures.types import VERSION
from data.queries.figures import Filters
from data.queries.nearby import similar_cases as queries
from data.schema import OPEN_STAGES

MOST_TOLD = 10
LONGEST_DESCRIPTION = 2_000


class SimilarCase(CaseRow):
    """A likely duplicate: a case as lists have it, and how like it is."""

    distance_m: Annotated[int, Field(description="from the place that was given")]
    days: Annotated[int, Field(description="whole days between the two reports")]
    photo_distance: Annotated[
        int | None,
        Field(description="in how many of 64 bits the most similar photos differ; up to 12 they show the same; null: nothing to compare"),
    ]


class SimilarCases(TypedDict):
    """Likely duplicates, the likeliest first, at most ten; and how far away in place and time they may be."""

    version: str
    cases: list[SimilarCase]
    radius_m: int
    days: int


@dataclass(frozen=True, slots=True)
class SimilarQuestion:
    """What is asked.

    Attributes:
        city: code of the city.
        category: code of the category.
        lon: of the place, degrees.
        lat: likewise.
        number: of the case itself, where it exists: it is left out, and its time and photos are compared; otherwise the time is now.
        description: what it is about, in the reporter's words.
        photos: hashes of photos that were sent for it.
    """

    city: str
    category: str
    lon: float
    lat: float
    number: str | None = None
    description: str | None = None
    photos: tuple[str, ...] = ()


async def find_similar(question: SimilarQuestion, viewer: Viewer) -> SimilarCases:
    """Likely duplicates among the cases that a viewer sees: those that are open, and those that were closed lately.

    How near they must be is a row of ``duplicate_rule``: of the category, of the one above it, or of all.

    Raises:
        FiguresOnly: the viewer may see no single case.
        UnknownArea: there is no such city.
        UnknownName: the city has no such category.
        UnknownObject: no case with the number may be seen by the viewer.
    """
    if not may_see_cases(viewer):
        raise FiguresOnly(who=viewer.shown)
    own = None if question.number is None else await find_row(question.number, question.city, viewer)
    key = {"city": question.city, "category": question.category}
    async with open_snapshot(viewer) as ask:
        moment = await ask(queries.now_of_city(), {"city": question.city})
        if not moment:
            raise UnknownArea(code=question.city)
        await check_filters(ask, question.city, Filters((question.category,), ()))
        (rule,) = await ask(queries.rule_of(), key)
        alike = [row["code"] for row in await ask(queries.categories_like(), key)]
        begun, ended = _span(own, moment[0]["now"])
        within = timedelta(days=rule["days"])
        where = question.lon, question.lat, rule["radius_m"]
        rows = await ask(queries.near(question.city, alike, *where, begun - within, ended + within, question.number))
        looks = await _read_looks(ask, question, own, rows)
    found = [_compare(row, question, begun, looks) for row in rows]
    found.sort(key=lambda one: (_unlikeness(one, question, rule["radius_m"], rule["days"]), one["key"]))
    return {"version": VERSION, "cases": found[:MOST_TOLD], "radius_m": rule["radius_m"], "days": rule["days"]}


def _span(own: Mapping[str, Any] | None, now: datetime) -> tuple[datetime, datetime]:
    """From when to when the case is, or was, there."""
    if own is None:
        return now, now
    return own["reported_at"], max(own["reported_at"], own["closed_at"] or now)


async def _read_looks(
    ask: Ask, question: SimilarQuestion, own: Mapping[str, Any] | None, rows: Sequence[RowMapping]
) -> dict[tuple[str, int], list[int]]:
    """What the photos look like: of each found case, by district and id, and of the case itself as ``("", 0)``."""
    of_cases: list[Mapping[str, Any]] = [dict(row) for row in rows] + ([] if own is None else [own])
    keys = [(case["district"], case["id"]) for case in of_cases]
    found: dict[tuple[str, int], list[int]] = defaultdict(list)
    if keys and rows:
        districts, ids = zip(*keys, strict=True)
        told = await ask(queries.looks_of(), {"districts": list(districts), "ids": list(ids)})
        for row in told:
            found[row["district"], row["incident_id"]].append(row["looks"])
    if own is not None:
        found["", 0] += found.pop((own["district"], own["id"]), [])
    if question.photos and rows:
        found["", 0] += [row["looks"] for row in await ask(queries.looks_by_hash(), {"hashes": list(question.photos)})]
    return found


def _compare(row: RowMapping, question: SimilarQuestion, begun: datetime, looks: Mapping[tuple[str, int], Sequence[int]]) -> SimilarCase:
    pairs = [(one, other) for one in looks.get(("", 0), ()) for other in looks.get((row["district"], row["id"]), ())]
    return {
        **make_row(row),
        "distance_m": round(row["distance_m"]),
        "days": abs(row["reported_at"] - begun).days,
        "photo_distance": min((count_different_bits(*pair) for pair in pairs), default=None),
    }


def _unlikeness(one: SimilarCase, question: SimilarQuestion, radius_m: int, days: int) -> float:
    """A number by which likely duplicates are put in order, the likeliest first: no probability."""
    photo = one["photo_distance"]
    return (
        one["distance_m"] / radius_m
        + min(1.0, one["days"] / days)
        + (0 if one["category"] == question.category else 0.5)
        + (0 if one["stage"] in OPEN_STAGES else 0.5)
        - (1.5 if photo is not None and photo <= ALIKE_BITS else 0)
        - share_of_pairs(question.description or "", one["title"])
    )


def share_of_pairs(text: str, title: str) -> float:
    """Which share of a title's pairs of neighbouring characters occurs in a text, 0 to 1; it works in every script."""
    wanted, held = _pairs(title), _pairs(text)
    return len(wanted & held) / len(wanted) if wanted else 0.0


def _pairs(text: str) -> set[str]:
    plain = unicodedata.normalize("NFKC", text[:LONGEST_DESCRIPTION]).casefold()
    return {plain[n : n + 2] for n in range(len(plain) - 1) if not plain[n : n + 2].isspace()}
