"""The tour of a wall: read as a viewer may see it, made from the city where nobody has written one, and changed as a whole."""

import json
import zlib
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import psycopg
from sqlalchemy import RowMapping
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from data.core.errors import GridwellError, NotOpen, UnknownArea
from data.core.text import could_be_code
from data.core.viewer import Viewer
from data.database.transactions import Ask, open_snapshot, read_transaction, write_transaction
from data.deadlines.calendar import Calendar
from data.deadlines.rows import make_calendar
from data.figures.reports import fetch_start
from data.wall import statements as queries
from data.wall.model import PLAYLIST, Camera, Scene, TourSettings, read_settings, settings_told
from data.wall.noting import note_tour
from data.wall.schedule import plan
from data.wall.tour_types import CaseTold, SceneTold, TourTold, TurnTold

MADE_DWELL_S, MADE_WHOLE_DWELL_S = 20, 40


class UnknownWallCity(GridwellError):
    status, code, sentence = 404, "unknown_city", "There is no city with the code “{code}”."


class TourChanged(GridwellError):
    status, code = 409, "tour_changed"
    sentence = "The tour has changed since you saw it. What you wrote is kept; look at what is new, then save again."


@dataclass(frozen=True, slots=True)
class Tour:
    """A tour as it is stored, and as a viewer may see it.

    Attributes:
        city, wall: whose it is; ``area``: whoever manages that may change it.
        timezone, data_version: of the city; the version is that of its cases.
        version: of the tour; 0 where nobody has written one.
        epoch_ms, set_ms: see ``data.wall.playing.stand``.
        settings: what holds for the whole of it; addresses of its alarm for whoever may change it alone.
        scenes: with the names and boxes of their areas. ``made``: whether they were made from the city.
        turns: what broke in lately, breaks in, or will.
        calendar: of the city.
    """

    city: str
    wall: str
    area: str
    timezone: str
    data_version: int
    version: int
    epoch_ms: float
    set_ms: float
    settings: TourSettings
    scenes: tuple[SceneTold, ...]
    made: bool
    turns: tuple[TurnTold, ...]
    calendar: Calendar


async def choose_city(viewer: Viewer, city: str | None) -> str:
    """The city whose walls are meant: the one that is named, or that of the area with which the viewer starts.

    Raises:
        UnknownWallCity: there is none, or the viewer may not see it.
        NoData, Nowhere: see ``data.figures.reports.fetch_start``.
    """
    if city is None:
        start = await fetch_start(viewer)
        async with open_snapshot(viewer) as ask:
            rows = await ask(queries.CITY_OF, {"code": start})
        city = str(rows[0]["city"]) if rows else start
    if not could_be_code(city):
        raise UnknownWallCity(code=city[:60])
    return city


async def read_tour(viewer: Viewer, city: str, wall: str) -> Tour:
    """The tour of a wall, from one snapshot.

    Raises:
        UnknownWallCity: there is no such city, or the viewer may not see it.
        NotReady, Busy, TooSlow: see ``data.database.transactions``.
    """
    bound = {"city": city, "wall": wall}
    async with open_snapshot(viewer) as ask:
        of_city = await ask(queries.CITY, bound)
        if not of_city:
            raise UnknownWallCity(code=city[:60])
        held = next(iter(await ask(queries.TOUR, bound)), None)
        scenes = tuple(_stored(row) for row in await ask(queries.SCENES, bound)) if held else ()
        turns = tuple(_turn(row) for row in await ask(queries.TURNS, bound)) if held else ()
        alarm = await ask(queries.ALARM, bound) if held and viewer.may("manage_walls") else ()
        made = () if scenes else tuple(_made(row) for row in await ask(queries.MADE, {"root": _root(viewer, city)}))
        calendar = await _read_calendar(ask, city, of_city[0]["timezone"])
    return Tour(
        city,
        wall,
        held["area"] if held else city,
        of_city[0]["timezone"],
        of_city[0]["data_version"],
        held["version"] if held else 0,
        float(held["epoch_ms"]) if held else 0.0,
        float(held["set_ms"]) if held else 0.0,
        replace(read_settings(held["settings"]), alarm=tuple(alarm[0]["alarm"]) if alarm else ()) if held else TourSettings(),
        scenes or made,
        not scenes,
        turns,
        calendar,
    )


def _root(viewer: Viewer, city: str) -> str:
    """The area that a made tour goes round in: the city, or the part of it whose cases the viewer sees."""
    return city if viewer.everywhere else viewer.scope_code


async def _read_calendar(ask: Ask, city: str, timezone: str) -> Calendar:
    hours, reach, days = [[tuple(row.values()) for row in await ask(one, {"city": city})] for one in queries.CALENDAR]
    return make_calendar(timezone, hours, reach[0] if reach else None, days)  # type: ignore[arg-type]  # as they are selected


def _named(row: RowMapping) -> dict[str, Any]:
    return {name: row[name] for name in ("area", "area_name", "area_name_en", "level", "bbox")}


def _stored(row: RowMapping) -> SceneTold:
    return {**{name: row[name] for name in ("id", "playlist", "name", "name_en", "zone")}, **_named(row), **row["body"]}  # type: ignore[typeddict-item]


def _made(row: RowMapping) -> SceneTold:
    """A scene of an area. Its number follows from the code, so that two viewers who see other areas give it the same."""
    number = -(zlib.crc32(str(row["area"]).encode()) + 1)
    dwell_s = MADE_WHOLE_DWELL_S if row["whole"] else MADE_DWELL_S
    scene = Scene(number, row["area_name"], row["area_name_en"], row["area"], camera=Camera(), dwell_s=dwell_s)
    told = {"id": number, "playlist": PLAYLIST, "name": scene.name, "name_en": scene.name_en, "zone": None, **_named(row), **scene.body()}
    return told  # type: ignore[return-value]


def _turn(row: RowMapping) -> TurnTold:
    look = row["body"].get("look")
    if look is not None and row["area"]:
        look = {**look, **_named(row)}
    case: CaseTold | None = row["body"].get("case")
    if case is not None:
        case = {**case, "area": row["area"], "area_name": row["area_name"] or "", "area_name_en": row["area_name_en"] or ""}
        look = {**_named(row), "camera": {"zoom": 16, "pitch": 50, "bearing": -22, "orbit_deg_per_s": 0.3}}
    return {
        "id": row["id"],
        "kind": row["kind"],
        "from_ms": round(row["from_ms"]),
        "until_ms": round(row["until_ms"]),
        "scene": row["scene"],
        "look": look,
        "case": case,
    }


def tell_tour(tour: Tour, now: datetime, only: int | None = None) -> TourTold:
    """What a screen gets. ``only``: the scene of a preview, which stands alone."""
    now_ms = now.timestamp() * 1000
    chosen = [one for one in tour.scenes if one["id"] == only] if only is not None else []
    segments = plan(tour.settings.schedule, tour.calendar, now)
    told = settings_told(tour.settings)
    return {
        "version": str(tour.version),
        "city": tour.city,
        "wall": tour.wall,
        "made": tour.made,
        "timezone": tour.timezone,
        "server_time_ms": round(now_ms),
        "scenes": chosen or list(tour.scenes),
        "plan": [{"from_ms": round(one.at.timestamp() * 1000), "playlist": one.playlist} for one in segments],
        "epoch_ms": round(tour.epoch_ms),
        "set_ms": round(tour.set_ms),
        "turns": [] if chosen else list(tour.turns),
        "hold": next((one for one in tour.turns if one["kind"] == "hold" and one["from_ms"] <= now_ms < one["until_ms"]), None),
        "interrupt": told["interrupt"],
        "brightness": told["brightness"],
        "pixel_shift": told["pixel_shift"],
    }


async def list_walls(viewer: Viewer, city: str) -> list[str]:
    """Names of the walls of a city that anybody has edited, or that a screen shows; the usual one always."""
    async with open_snapshot(viewer) as ask:
        return [str(row["wall"]) for row in await ask(queries.WALLS, {"city": city})]


async def is_reached(viewer: Viewer, city: str, wall: str) -> bool:
    """Whether the viewer's scope holds the area of a wall, so that who may change walls may change this one."""
    async with read_transaction(viewer) as connection:
        return bool((await connection.execute(queries.REACHED, {"city": city, "wall": wall})).scalar())


# ---- Changing ----


async def save_tour(
    viewer: Viewer, city: str, wall: str, seen: str | None, scenes: Sequence[Scene], settings: TourSettings, area: str | None = None
) -> int:
    """Replace the scenes and settings of a tour; returns its new version. Without scenes the wall has the tour that is made from its city.

    Args:
        viewer: who changes it.
        city, wall: whose tour.
        seen: the version that was changed; ``None``: whatever there is.
        scenes: all of them, in order; those with a number keep it.
        settings: all of them.
        area: code of the area whose managers may change the tour; ``None``: as it was.

    Raises:
        NotOpen: the viewer may not change this wall.
        TourChanged: somebody was faster.
        UnknownArea: a scene shows an area whose figures the viewer may not see.
    """
    if not viewer.may("manage_walls"):
        raise NotOpen
    bound: dict[str, Any] = {"city": city, "wall": wall}
    async with changing(viewer, city) as connection:
        version = await lock_tour(connection, bound)
        if seen is not None and seen != str(version):
            raise TourChanged()
        await _check_areas(connection, city, scenes, area)
        known = {row["id"] for row in (await connection.execute(queries.SCENES, bound)).mappings()}
        await connection.execute(queries.CLEAR_SCENES, {**bound, "kept": [one.id for one in scenes if one.id in known]})
        for ordinal, one in enumerate(scenes):
            values = {**bound, **_columns(one), "ordinal": ordinal}
            changed = (await connection.execute(queries.CHANGE_SCENE, values)).first() if one.id in known else None
            if changed is None:
                await connection.execute(queries.ADD_SCENE, values)
        told = settings_told(settings)
        alarm, held = told.pop("alarm"), json.dumps(told, ensure_ascii=False)
        values = {**bound, "account": viewer.name, "settings": held, "alarm": alarm, "area": area}
        made = int((await connection.execute(queries.RENEW, values)).scalar_one())
        told_of = {"scenes": len(scenes), "rules": len(settings.schedule), "addresses": len(alarm), "version": [version, made]}
        await note_tour(connection, city, wall, {**told_of, "scope": area})
        return made


def _columns(scene: Scene) -> dict[str, Any]:
    body = json.dumps(scene.body(), ensure_ascii=False)
    return {**{name: getattr(scene, name) for name in ("id", "playlist", "name", "name_en", "area", "zone")}, "body": body}


async def _check_areas(connection: AsyncConnection, city: str, scenes: Sequence[Scene], area: str | None) -> None:
    wanted = dict.fromkeys([one.area for one in scenes] + [one.zone for one in scenes if one.zone] + ([area] if area else []))
    rows = (await connection.execute(queries.SHOWN, {"codes": list(wanted)})).mappings()
    known = {row["code"] for row in rows if row["city"] == city}
    for code in wanted:
        if code not in known:
            raise UnknownArea(code=code[:60])


async def lock_tour(connection: AsyncConnection, bound: Mapping[str, Any]) -> int:
    """Make the row of a tour where there is none, and lock it; returns its version.

    Raises:
        NotOpen: the viewer may not change it.
    """
    await connection.execute(queries.BEGIN, bound)
    version = (await connection.execute(queries.LOCK, bound)).scalar()
    if version is None:
        raise NotOpen
    return int(version)


@asynccontextmanager
async def changing(viewer: Viewer, city: str) -> AsyncIterator[AsyncConnection]:
    """A transaction that changes a wall; what a policy refuses is told as such.

    Raises:
        NotOpen: the viewer may not change this wall.
        UnknownWallCity: there is no such city.
    """
    try:
        async with write_transaction(viewer) as connection:
            yield connection
    except DBAPIError as error:
        if isinstance(error.orig, psycopg.errors.InsufficientPrivilege):
            raise NotOpen from None
        if isinstance(error.orig, psycopg.errors.ForeignKeyViolation):
            raise UnknownWallCity(code=city[:60]) from None
        raise
