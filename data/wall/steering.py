"""A presenter takes over a wall: next, hold, go to any area; afterwards the tour goes on where it was."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from data.core.errors import BadInput, NotOpen, UnknownArea
from data.core.viewer import Viewer
from data.wall import statements as queries
from data.wall.model import Known, Reader
from data.wall.noting import note_steering
from data.wall.playing import begin_of, elapsed_ms, stand
from data.wall.scenes import Tour, changing, lock_tour, read_tour
from data.wall.schedule import plan

Doing = Literal["next", "previous", "scene", "hold", "show", "resume"]
DOINGS: tuple[Doing, ...] = ("next", "previous", "scene", "hold", "show", "resume")
USUAL_HOLD_S, LONGEST_HOLD_S = 300, 14_400


@dataclass(frozen=True, slots=True)
class Command:
    """What a presenter wants.

    Attributes:
        do: the next or previous scene, or one by its number, from which the tour goes on; ``hold`` what is shown; ``show`` an area, a
            measure or layers for a while; ``resume`` the tour.
        for_s: for how long to hold or show.
        scene: number of the scene to go to.
        look: what to show: ``area``, ``zone``, ``measure``, ``layers``, ``camera``; what is not given stays as it is.
    """

    do: Doing
    for_s: int = USUAL_HOLD_S
    scene: int | None = None
    look: Mapping[str, Any] | None = None


def read_command(held: Any, known: Known) -> Command:
    """A command from outside.

    Raises:
        BadInput: it cannot be one.
    """
    given = Reader(held, "")
    given.refuse_others(("wall", "city", "do", "for_s", "scene", "area", "zone", "measure", "layers"))
    do = given.word("do")
    if do not in DOINGS:
        raise given.fault("do", "it is not known here")
    measure = given.word("measure")
    if measure and measure not in known.measures:
        raise given.fault("measure", "it is not known here")
    layers = list(given.names("layers", known.layers)) if held.get("layers") is not None else None
    named = {"area": given.code("area"), "zone": given.code("zone"), "measure": measure or None, "layers": layers}
    look = {name: value for name, value in named.items() if value is not None}
    if do == "show" and not look:
        raise given.fault("area", "it is needed")
    scene = given.whole("scene", -(2**53), 2**53, 0) if held.get("scene") is not None else None
    if do == "scene" and scene is None:
        raise given.fault("scene", "it is needed")
    return Command(do, given.whole("for_s", 5, LONGEST_HOLD_S, USUAL_HOLD_S), scene, look or None)


async def steer(viewer: Viewer, city: str, wall: str, command: Command, now: datetime) -> int:
    """Carry out what a presenter wants; returns the new version of the tour.

    Raises:
        NotOpen: the viewer may not steer this wall.
        BadInput: the tour has no such scene.
        UnknownArea: the area is none whose figures the viewer may see.
    """
    if not viewer.may("steer_walls"):
        raise NotOpen
    tour = await read_tour(viewer, city, wall)
    now_ms = now.timestamp() * 1000
    bound: dict[str, Any] = {"city": city, "wall": wall, "now_ms": now_ms}
    async with changing(viewer, city) as connection:
        await lock_tour(connection, bound)
        await _check_look(connection, city, command.look or {})
        await connection.execute(queries.END_TURNS, bound)
        await connection.execute(queries.FORGET_TURNS, bound)
        if command.do in ("hold", "show"):
            await connection.execute(queries.HOLD, {**bound, **_turn_of(command, now_ms)})
        moved = {**bound, "epoch_ms": now_ms - _elapsed_after(tour, command, now), "account": viewer.name}
        version = int((await connection.execute(queries.MOVE, moved)).scalar_one())
        await note_steering(connection, city, wall, _tell_command(command))
        return version


def _tell_command(command: Command) -> dict[str, object]:
    """A command for the audit log."""
    lasting = {"seconds": command.for_s} if command.do in ("hold", "show") else {}
    scene = {"scene": command.scene} if command.scene is not None else {}
    return {"do": command.do, **scene, **(command.look or {}), **lasting}


async def _check_look(connection: Any, city: str, look: Mapping[str, Any]) -> None:
    wanted = [look[name] for name in ("area", "zone") if name in look]
    rows = (await connection.execute(queries.SHOWN, {"codes": wanted})).mappings() if wanted else ()
    known = {row["code"] for row in rows if row["city"] == city}
    for code in wanted:
        if code not in known:
            raise UnknownArea(code=code[:60])


def _turn_of(command: Command, now_ms: float) -> dict[str, Any]:
    look = dict(command.look or {})
    body = {"look": look} if look else {}
    until_ms = now_ms + command.for_s * 1000
    return {"until_ms": until_ms, "scene": command.scene, "area": look.get("area"), "body": json.dumps(body, ensure_ascii=False)}


def standing_ms(tour: Tour, now: datetime) -> tuple[float, str]:
    """For how long a tour has gone round at a moment, in milliseconds, and the playlist that it shows."""
    now_ms, segment = now.timestamp() * 1000, plan(tour.settings.schedule, tour.calendar, now)[0]
    turns = [(float(one["from_ms"]), float(one["until_ms"])) for one in tour.turns]
    return elapsed_ms(segment.at.timestamp() * 1000, tour.epoch_ms, tour.set_ms, turns, now_ms), segment.playlist


def _elapsed_after(tour: Tour, command: Command, now: datetime) -> float:
    """For how long the tour has gone round once the command is carried out: that says at which scene it stands."""
    elapsed, playlist = standing_ms(tour, now)
    scenes = [one for one in tour.scenes if one["playlist"] == playlist] or list(tour.scenes)
    if command.do not in ("next", "previous", "scene") or not scenes:
        return elapsed
    lengths = [one["dwell_s"] for one in scenes]
    if command.do == "scene":
        index = next((n for n, one in enumerate(scenes) if one["id"] == command.scene), None)
        if index is None:
            raise BadInput(field="scene", value=str(command.scene), reason="it is not known here")
        return begin_of(lengths, index)
    step = 1 if command.do == "next" else -1
    return begin_of(lengths, (stand(lengths, elapsed).index + step) % len(scenes))
