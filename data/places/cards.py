"""Cards: all facts about one building, incident or facility, for the panel that opens on a click.

A key is ``source_id:source_key``: it stays the same when the same data is imported again.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Literal, TypeAlias

from pydantic import Field
from sqlalchemy import Executable, RowMapping
from typing_extensions import TypedDict

from data.core.text import LARGEST_INTEGER, could_be_code, parse_whole_number
from data.core.timezones import iso
from data.core.viewer import Viewer
from data.database.transactions import Ask, open_snapshot
from data.figures.scope import FiguresOnly, explain_missing_object, may_see_cases
from data.figures.types import Ancestor
from data.queries import objects as queries
from data.queries import register


class Category(TypedDict):
    """The category of an object, with its names and icon."""

    code: str
    name: str
    name_en: str
    symbol: str


class LabelledCode(TypedDict):
    """A category with its names."""

    code: str
    name: str
    name_en: str


class Source(TypedDict):
    """The source of an object, and how fresh it is."""

    name: str | None
    department: str | None
    licence: str | None
    refreshed_at: str | None


class Card(TypedDict):
    """The fields of every card. ``areas`` lists the areas from the root to the leaf that holds the object; ``area`` is that leaf's code."""

    key: str
    lon: Annotated[float | None, Field(description="null: no place is known")]
    lat: float | None
    area: str
    areas: list[Ancestor]
    grid_method: str
    category: Category
    address: str | None
    attributes: dict[str, object] | None
    source: Source


class CaseBeside(TypedDict):
    """A case at a building. ``state`` as in ``IncidentCard``; times are in the city's zone."""

    key: str
    number: str
    title: str
    category: LabelledCode
    state: str
    reported_at: str | None
    due_at: str | None
    due_is_day: bool


class CasesBeside(TypedDict):
    """Cases at a building, the most urgent first: some of them, and how many there are, open ones and all."""

    rows: list[CaseBeside]
    open: int
    total: int


class BuildingCard(Card):
    """A building. Its residents are given only to viewers who may see the register there, its cases to those who may see any singly."""

    kind: Literal["building"]
    name: str | None
    floors: int | None
    height_m: float | None
    height_origin: str
    residents: int | None
    year_built: int | None
    footprint_m2: float
    cases: CasesBeside | None


class FacilityCard(Card):
    """A facility."""

    kind: Literal["facility"]
    name: str | None


class Event(TypedDict):
    """One step in an incident's history, one of ``data.cases.stages.EVENT_STEPS``. ``is_day``: only the day is known. What is published or
    invented may be there in English, too.
    """

    at: str | None
    is_day: bool
    step: str
    stage: str
    actor: str | None
    remark: str | None
    actor_en: str | None
    remark_en: str | None


class Reporter(TypedDict):
    """Who reported a case, masked; ``key`` is the argument of a reveal."""

    key: str
    name: str
    phone: str | None


class IncidentCard(Card):
    """An incident. ``state``: overdue, amber, paused or on_time while open, then closed or ended. Times are in the city's zone.

    ``reported_is_day``, ``due_is_day``, ``closed_is_day``: only the day is known; a day as deadline ends with its last microsecond.
    """

    kind: Literal["incident"]
    number: str
    title: str
    channel: str
    stage: str
    state: str
    paused: bool
    reported_at: str | None
    due_at: str | None
    closed_at: str | None
    reported_is_day: bool
    due_is_day: bool
    closed_is_day: bool
    handler: str | None
    handler_en: str | None
    events: list[Event]
    reporter: Reporter | None


AnyCard: TypeAlias = BuildingCard | FacilityCard | IncidentCard


async def fetch_building_card(key: str, viewer: Viewer) -> BuildingCard:
    """Fetch the card of a building.

    Raises:
        UnknownObject, OutOfScope, Nowhere: see ``data.figures.scope.explain_missing_object``.
    """
    async with open_snapshot(viewer) as ask:
        row = await _fetch_row(ask, queries.one_building, "building", key, viewer)
        cases = await _cases_beside(ask, row) if may_see_cases(viewer) else None
    names = ("name", "floors", "height_m", "height_origin", "residents", "year_built", "footprint_m2")
    return {"kind": "building", **_assemble_card(row), **{name: row[name] for name in names}, "cases": cases}  # type: ignore[typeddict-item]


MOST_BESIDE = 10
"""The most cases that a building's card lists."""


async def _cases_beside(ask: Ask, building: RowMapping) -> CasesBeside:
    values = {"source_id": building["source_id"], "source_key": building["source_key"], "most": MOST_BESIDE}
    rows = await ask(queries.cases_beside(), values)
    told = [
        CaseBeside(
            key=row["key"],
            number=row["number"],
            title=row["title"],
            category={"code": row["category"], "name": row["category_name"], "name_en": row["category_name_en"]},
            state=row["state"],
            reported_at=_moment(row["reported_at"], row["timezone"]),
            due_at=_moment(row["due_at"], row["timezone"]),
            due_is_day=row["due_is_day"],
        )
        for row in rows
    ]
    return {"rows": told, "open": rows[0]["total_open"] if rows else 0, "total": rows[0]["total"] if rows else 0}


async def fetch_facility_card(key: str, viewer: Viewer) -> FacilityCard:
    """Fetch the card of a facility.

    Raises:
        UnknownObject, OutOfScope, Nowhere: see ``data.figures.scope.explain_missing_object``.
    """
    async with open_snapshot(viewer) as ask:
        row = await _fetch_row(ask, queries.one_facility, "facility", key, viewer)
    return {"kind": "facility", **_assemble_card(row), "name": row["name"]}


async def fetch_incident_card(key: str, viewer: Viewer) -> IncidentCard:
    """Fetch the card of an incident, with its history.

    Raises:
        UnknownObject, OutOfScope, Nowhere: see ``data.figures.scope.explain_missing_object``.
        FiguresOnly: the viewer sees no single cases.
    """
    if not may_see_cases(viewer):
        raise FiguresOnly(who=viewer.shown)
    async with open_snapshot(viewer) as ask:
        row = await _fetch_row(ask, queries.one_incident, "incident", key, viewer)
        events = await ask(queries.events_of(row["district"], row["id"]))
        reporter = await _reporter(ask, row) if viewer.detail == "people" else None
    zone = row["timezone"]
    names = (
        *("number", "title", "channel", "stage", "state", "paused", "handler", "handler_en"),
        *("reported_is_day", "due_is_day", "closed_is_day"),
    )
    days = {row[f"{name}_at"] for name in ("reported", "closed") if row[f"{name}_is_day"]}
    return {
        "kind": "incident",
        **_assemble_card(row),
        **{name: row[name] for name in names},  # type: ignore[typeddict-item]
        "reported_at": _moment(row["reported_at"], zone),
        "due_at": _moment(row["due_at"], zone),
        "closed_at": _moment(row["closed_at"], zone),
        "events": [_step(one, zone, one["at"] in days) for one in events],
        "reporter": reporter,
    }


def _step(event: RowMapping, zone: str, is_day: bool) -> Event:
    told = {"step": event["step"], "stage": event["stage"], "actor": event["actor"], "remark": event["remark"]}
    told |= {name: event["details"].get(name) for name in ("actor_en", "remark_en")}
    return {"at": _moment(event["at"], zone), "is_day": is_day, **told}  # type: ignore[typeddict-item]


async def _reporter(ask: Ask, case: RowMapping) -> Reporter | None:
    rows = await ask(register.reporter(), {"district": case["district"], "id": case["id"]})
    return (
        {"key": f"{rows[0]['district']}:{rows[0]['id']}", "name": rows[0]["name_shown"], "phone": rows[0]["phone_shown"]} if rows else None
    )


async def _fetch_row(ask: Ask, statement: Callable[[int, str], Executable], kind: str, key: str, viewer: Viewer) -> RowMapping:
    source, _, source_key = key.partition(":")
    source_id = parse_whole_number(source, LARGEST_INTEGER)
    if source_id is not None and could_be_code(source_key):
        rows = await ask(statement(source_id, source_key))
        if rows:
            return rows[0]
    raise await explain_missing_object(ask, kind, key, viewer)


def _moment(moment: datetime | None, timezone: str) -> str | None:
    return iso(moment, timezone) if moment else None


def _assemble_card(row: RowMapping) -> Card:
    return {
        "key": f"{row['source_id']}:{row['source_key']}",
        "lon": row["lon"],
        "lat": row["lat"],
        "area": row["grid"],
        "areas": row["areas"],
        "grid_method": row["grid_method"],
        "category": {
            "code": row["category"],
            "name": row["category_name"],
            "name_en": row["category_name_en"],
            "symbol": row["category_symbol"],
        },
        "address": row["address"],
        "attributes": row["attributes"],
        "source": {
            "name": row["source_name"],
            "department": row["source_department"],
            "licence": row["source_licence"],
            "refreshed_at": _moment(row["source_refreshed_at"], row["timezone"]),
        },
    }
