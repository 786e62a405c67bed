"""The matrix of a day, the days of a year, and the weeks of a department, as a viewer may see them."""

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

from sqlalchemy import Executable

from data.core.text import could_be_code
from data.core.timezones import zone
from data.core.viewer import Viewer
from data.database.transactions import open_snapshot
from data.deadlines.calendar import moment_of
from data.feeds.states import WORST_FIRST, State
from data.figures.reports import fetch_start
from data.figures.types import VERSION
from data.hub.errors import UnknownDepartment, UnknownHubCity
from data.hub.types import (
    Cell,
    DepartmentTold,
    FeedStand,
    HistoryAnswer,
    HubAnswer,
    Level,
    LevelTold,
    LevelWeeks,
    Share,
    StateCounts,
    Totals,
    WeeksAnswer,
    WorstFeed,
)
from data.hub.words import level_name, tell_problem
from data.queries.hub import statements as queries
from data.schema import FEED_LEVELS

Row = Mapping[str, Any]
AskRows = Callable[[Executable, Mapping[str, Any]], Awaitable[list[Row]]]
WEEKS, YEAR, LATELY = 52, timedelta(days=364), timedelta(days=7)
MOST_WORST = 400
_LEVELS = cast(tuple[Level, ...], FEED_LEVELS)


@asynccontextmanager
async def open_rows(viewer: Viewer) -> AsyncIterator[AskRows]:
    """Several statements for a viewer that see one snapshot; see ``data.database.transactions.open_snapshot``."""
    async with open_snapshot(viewer) as ask:

        async def asking(statement: Executable, values: Mapping[str, Any]) -> list[Row]:
            return [dict(row) for row in await ask(statement, dict(values))]

        yield asking


async def fetch_matrix(viewer: Viewer, city: str | None, day: date | None) -> HubAnswer:
    """The matrix of a city on a day; without one, of the newest day that is known.

    Raises:
        UnknownHubCity: there is no such city for this viewer.
    """
    code = await find_city(viewer, city)
    async with open_rows(viewer) as ask:
        timezone = await city_timezone(ask, code)
        told: date = day or (await ask(queries.NEWEST_DAY, {"city": code}))[0]["day"] or await city_today(ask, code)
        departments = await ask(queries.DEPARTMENTS, {"city": code})
        feeds = await ask(queries.DAY, {"city": code, "day": told})
        seen = {one["code"] for one in departments if not one["hidden"]}
        faulty = [one for one in feeds if one["department"] in seen and one["state"] not in ("on_time", "not_due")]
        until = end_of(told, timezone)
        read = (await ask(queries.READ_LATELY, {"city": code, "since": until - LATELY, "until": until}))[0]
        problems: dict[str, Any] = {}
        contacts: dict[str, Any] = {}
        if faulty:
            bound = {"city": code, "feeds": [one["code"] for one in faulty], "until": until, "day": told}
            problems = {one["feed"]: one["problem"] for one in await ask(queries.PROBLEMS, bound)}
            contacts = {one["feed"]: one["contact"] for one in await ask(queries.CONTACTS, bound)}
    cells = make_cells(departments, feeds)
    worst: list[WorstFeed] = [
        {
            "feed": one["code"],
            "name": in_language(viewer, one, "name"),
            "level": one["level"],
            "department": one["department"],
            "state": one["state"],
            "late_days": one["late_days"],
            "due_at": moment(one["due_at"]),
            "problem": tell_problem(viewer.lang, problems.get(one["code"])) if one["state"] == "failed" else None,
            "contact": contacts.get(one["code"]),
        }
        for one in sorted(faulty, key=lambda one: (WORST_FIRST.index(one["state"]), -one["late_days"], one["code"]))[:MOST_WORST]
    ]
    return {
        "version": VERSION,
        "city": code,
        "day": str(told),
        "departments": [tell_department(viewer, one) for one in departments],
        "levels": [tell_level(viewer, level, [one for one in feeds if one["department"] in seen]) for level in _LEVELS],
        "cells": cells,
        "totals": add_up([one for one in feeds if one["department"] in seen], cells, read),
        "worst": worst,
    }


def tell_level(viewer: Viewer, level: Level, feeds: Sequence[Row]) -> LevelTold:
    """A row of the matrix."""
    own = Counter(one["state"] for one in feeds if one["level"] == level)
    share = make_share(own["on_time"], own.total() - own["not_due"])
    return {"level": level, "name": level_name(viewer.lang, level), "feeds": own.total(), "on_time_share": share}


def make_cells(departments: Sequence[Row], feeds: Sequence[Row]) -> list[Cell]:
    """The crossings that have feeds, in the order of the matrix; each has the state of its worst feed."""
    by_crossing: dict[tuple[str, str], list[Row]] = {}
    for one in feeds:
        by_crossing.setdefault((one["level"], one["department"]), []).append(one)
    cells: list[Cell] = []
    for level in _LEVELS:
        for department in departments:
            if inside := by_crossing.get((level, department["code"])):
                cells.append(_hidden(level, department["code"]) if department["hidden"] else _cell(level, department["code"], inside))
    return cells


def _hidden(level: Level, department: str) -> Cell:
    nothing: dict[str, None] = dict.fromkeys(("feeds", "state", "late_days", "arrived", "records", "completeness"))
    return {"level": level, "department": department, **nothing, "hidden": True}  # type: ignore[typeddict-item]


def _cell(level: Level, department: str, feeds: Sequence[Row]) -> Cell:
    state: State = min((one["state"] for one in feeds), key=WORST_FIRST.index)
    arrived = max((one["arrived_at"] for one in feeds if one["arrived_at"]), default=None)
    return {
        "level": level,
        "department": department,
        "feeds": len(feeds),
        "state": state,
        "late_days": max(one["late_days"] for one in feeds if one["state"] == state),
        "arrived": moment(arrived),
        "records": sum(one["records"] for one in feeds),
        "completeness": weigh(feeds),
        "hidden": False,
    }


def weigh(feeds: Sequence[Row]) -> float | None:
    """Completeness of several feeds, weighted by their records; ``None`` where there are none."""
    known = [(one["completeness"], one["records"]) for one in feeds if one["completeness"] is not None]
    records = sum(count for _, count in known)
    return sum(share * count for share, count in known) / records if records else None


def add_up(feeds: Sequence[Row], cells: Sequence[Cell], read: Row) -> Totals:
    """Sums of what is not hidden."""
    by_state = Counter(one["state"] for one in feeds)
    return {
        "feeds": len(feeds),
        "crossings": count_states(Counter(cell["state"] for cell in cells if cell["state"])),
        "by_state": count_states(by_state),
        "records": sum(one["records"] for one in feeds),
        "completeness": weigh(feeds),
        "quarantined": read["quarantined"],
        "read": read["rows"],
        "on_time_share": make_share(by_state["on_time"], len(feeds) - by_state["not_due"]),
    }


def make_share(numerator: int | None, denominator: int | None) -> Share:
    """A share; without a value where there is nothing that it could be of."""
    value = None if numerator is None or not denominator else numerator / denominator
    return {"numerator": numerator, "denominator": denominator, "value": value}


def count_states(counts: Mapping[str, int], prefix: str = "") -> StateCounts:
    """Counts of every state."""
    return {state: counts.get(prefix + state) or 0 for state in reversed(WORST_FIRST)}  # type: ignore[return-value]


async def fetch_history(viewer: Viewer, city: str | None) -> HistoryAnswer:
    """The year up to the newest day, day by day, of what the viewer may see.

    Raises:
        UnknownHubCity: there is no such city for this viewer.
    """
    code = await find_city(viewer, city)
    async with open_rows(viewer) as ask:
        await city_timezone(ask, code)
        last: date | None = (await ask(queries.NEWEST_DAY, {"city": code}))[0]["day"]
        days = await ask(queries.HISTORY, {"city": code, "first": last - YEAR, "last": last}) if last else []
    return {
        "version": VERSION,
        "city": code,
        "days": [{"day": str(one["day"]), "feeds": count_states(one), "crossings": count_states(one, "crossing_")} for one in days],
    }


async def fetch_weeks(viewer: Viewer, department: str, city: str | None, day: date | None) -> WeeksAnswer:
    """A department's 52 weeks up to a day, at each level; without a day up to the newest.

    Raises:
        UnknownHubCity: there is no such city for this viewer.
        UnknownDepartment: the city has no such department.
    """
    code = await find_city(viewer, city)
    async with open_rows(viewer) as ask:
        await city_timezone(ask, code)
        known = {one["code"]: one for one in await ask(queries.DEPARTMENTS, {"city": code})}
        if department not in known:
            raise UnknownDepartment(code=department[:60])
        last: date | None = day or (await ask(queries.NEWEST_DAY, {"city": code}))[0]["day"]
        rows: Sequence[Row] = []
        feeds: list[FeedStand] = []
        if last:
            if not known[department]["hidden"]:
                own = [one for one in await ask(queries.DAY, {"city": code, "day": last}) if one["department"] == department]
                feeds = [tell_stand(viewer, one) for one in own]
            first = last - timedelta(days=last.weekday(), weeks=WEEKS - 1)
            rows = await ask(queries.WEEKS, {"city": code, "department": department, "first": first, "last": last})
    levels: list[LevelWeeks] = [
        {
            "level": level,
            "weeks": [
                {"monday": str(one["week"]), "state": WORST_FIRST[one["worst"]], "feeds": count_states(one)}
                for one in rows
                if one["level"] == level
            ],
        }
        for level in _LEVELS
    ]
    found = known[department]
    told = {"version": VERSION, "city": code, "department": department, "name": in_language(viewer, found, "name")}
    return {**told, "hidden": found["hidden"], "feeds": feeds, "levels": levels}  # type: ignore[typeddict-item]


def tell_stand(viewer: Viewer, row: Row) -> FeedStand:
    """A feed of a day."""
    told = {"feed": row["code"], "name": in_language(viewer, row, "name"), "level": row["level"]}
    return {**told, "state": row["state"], "late_days": row["late_days"]}  # type: ignore[typeddict-item]


async def find_city(viewer: Viewer, city: str | None) -> str:
    """The city that is named, or that of the area with which the viewer starts.

    Raises:
        UnknownHubCity: no city can have this code.
        NoData, Nowhere: see ``data.figures.reports.fetch_start``.
    """
    if city is None:
        start = await fetch_start(viewer)
        async with open_rows(viewer) as ask:
            rows = await ask(queries.CITY_OF, {"code": start})
        city = str(rows[0]["city"]) if rows else start
    if not could_be_code(city):
        raise UnknownHubCity(code=city[:60])
    return city


async def city_timezone(ask: AskRows, city: str) -> str:
    """The time zone of a city that the viewer knows of.

    Raises:
        UnknownHubCity: there is none.
    """
    rows = await ask(queries.CITY, {"city": city})
    if not rows:
        raise UnknownHubCity(code=city[:60])
    return str(rows[0]["timezone"])


async def city_today(ask: AskRows, city: str) -> date:
    """The day that a city's figures stand for."""
    found = (await ask(queries.CITY, {"city": city}))[0]
    at: datetime = found["as_of"] or datetime.now(UTC)
    return at.astimezone(zone(found["timezone"])).date()


def end_of(day: date, timezone: str) -> datetime:
    """The first moment after a day, in a time zone."""
    return moment_of(day + timedelta(days=1), 0, zone(timezone))


def moment(at: datetime | None) -> str | None:
    """A moment as programs read it."""
    return at.astimezone(UTC).isoformat() if at else None


def in_language(viewer: Viewer, row: Row, name: str) -> str:
    """A name in the viewer's language."""
    return str(row[name] if viewer.lang == "zh" else row[f"{name}_en"] or row[name])


def tell_department(viewer: Viewer, row: Row) -> DepartmentTold:
    """A column of the matrix."""
    told = {"code": row["code"], "name": in_language(viewer, row, "name"), "short": in_language(viewer, row, "short")}
    return {**told, "group": in_language(viewer, row, "group_name"), "hidden": row["hidden"]}  # type: ignore[typeddict-item]
