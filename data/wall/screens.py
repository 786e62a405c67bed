"""Screens of walls: what they tell of themselves, who may see it, and a small picture of what they show where somebody asks for one."""

import io
import json
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from PIL import Image, UnidentifiedImageError
from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from data.core.errors import BadInput, GridwellError, NotOpen, UnknownObject
from data.core.roles import Ability
from data.core.viewer import Viewer
from data.database.transactions import fetch
from data.wall import statements as queries
from data.wall.model import WALL, Reader
from data.wall.noting import note_forgotten, note_screen
from data.wall.plays import Play, read_plays, write_plays
from data.wall.scenes import changing
from data.wall.tour_types import BeatAnswer, Illness, ScreenRow, ScreenTold

MOST_SCREENS = 32
"""Screens of one account."""
MOST_PICTURE_BYTES, MOST_PICTURE_PX = 100_000, 2_000
LAYOUTS = ("wide", "double", "tall")
SCENES = ("wide", "each")
"""What several screens side by side show: parts of one wide picture, or a scene each."""
_ID = re.compile(r"[0-9a-f]{32}")
_PART = re.compile(r"[1-9]/[1-9]")
_SIZE = re.compile(r"[1-9][0-9]{1,4}x[1-9][0-9]{1,4}")
_FIELDS = ("screen", "wall", "city", "part", "scene", "version", "data_age_s", "fps", "heap_mb", "size", "webgl", "plays")


class TooManyScreens(GridwellError):
    status, code = 409, "too_many_screens"
    sentence = "This account has {most} screens already: forget those that are gone."


class NoPicture(GridwellError):
    status, code, sentence = 422, "no_picture", "A picture of a screen is a JPEG of at most {most} bytes."


@dataclass(frozen=True, slots=True)
class Beat:
    """What a screen tells of itself.

    Attributes:
        screen: random, kept in its browser.
        wall: the wall that it shows.
        told: ``part``, ``scene``, ``version``, ``data_age_s``, ``fps``, ``heap_mb``, ``size``, and ``webgl``: whether it can draw the map.
        plays: what it has shown since it told last; the same may be told again.
    """

    screen: str
    wall: str
    told: Mapping[str, Any]
    plays: tuple[Play, ...] = ()


def read_beat(held: Any, now: datetime) -> Beat:
    """A heartbeat from outside.

    Raises:
        BadInput: it cannot be one.
    """
    given = Reader(held, "")
    given.refuse_others(_FIELDS)
    told = {
        **{name: given.text(name) for name in ("part", "scene", "version", "size")},
        **{name: None if held.get(name) is None else given.number(name, 0, 10**9, 0) for name in ("data_age_s", "fps", "heap_mb")},
        "webgl": given.truth("webgl", True),
    }
    for name, form in (("part", _PART), ("size", _SIZE)):
        if told[name] and not form.fullmatch(str(told[name])):
            raise given.fault(name, "it does not have the right form")
    return Beat(read_screen(held.get("screen")), given.word("wall", WALL), told, read_plays(given, now))


def read_screen(given: object) -> str:
    """The id of a screen.

    Raises:
        BadInput: it cannot be one.
    """
    if not isinstance(given, str) or not _ID.fullmatch(given):
        raise BadInput(field="screen", value=str(given or "")[:60], reason="it does not have the right form")
    return given


async def take_beat(viewer: Viewer, city: str, beat: Beat, now: datetime) -> BeatAnswer:
    """Keep what a screen told.

    Raises:
        NotOpen: the account is none of screens, or the id is another account's.
        TooManyScreens: see its sentence.
        UnknownWallCity: there is no such city.
    """
    if not viewer.shows_walls:
        raise NotOpen
    values = {"id": beat.screen, "city": city, "wall": beat.wall, "body": json.dumps(beat.told, ensure_ascii=False), "account": viewer.name}
    async with changing(viewer, city) as connection:
        row = (await connection.execute(queries.BEAT, values)).mappings().one_or_none()
        if row is None:
            raise NotOpen
        if row["is_new"] and int((await connection.execute(queries.COUNT_SCREENS, values)).scalar_one()) > MOST_SCREENS:
            raise TooManyScreens(most=MOST_SCREENS)
        left_out = await write_plays(connection, beat.screen, beat.plays)
        version = (await connection.execute(queries.VERSION, values)).scalar()
    return {
        "screen": tell_settings(row["settings"]),
        "picture": row["wanted_at"] is not None,
        "version": str(version or 0),
        "left_out": left_out,
        "server_time_ms": now.timestamp() * 1000,
    }


def find_illness(told: Mapping[str, Any], lives: bool) -> Illness | None:
    """Why a screen that tells of itself is not well: it cannot draw the map, or its figures are old; ``None`` where it is.

    Args:
        told: its last word.
        lives: whether the city's figures stand for now; others are always old.
    """
    if told.get("webgl") is False:
        return "no_map"
    return "stale" if lives and (told.get("data_age_s") or 0) > queries.STALE_S else None


def tell_settings(held: Mapping[str, Any]) -> ScreenTold:
    """The settings of a screen."""
    return {
        "title": held.get("title") or "",
        "height_m": held.get("height_m"),
        "distance_m": held.get("distance_m"),
        "layout": held.get("layout"),
        "part": held.get("part"),
        "scenes": held.get("scenes"),
        "watched": held.get("watched", True),
    }


async def fetch_settings(viewer: Viewer, screen: str | None) -> ScreenTold | None:
    """The settings of one of the account's own screens; ``None`` where there is no such screen."""
    if not viewer.shows_walls or screen is None or not _ID.fullmatch(screen):
        return None
    rows = await fetch(queries.OWN_SETTINGS, viewer, {"id": screen, "account": viewer.name})
    return tell_settings(rows[0]["settings"]) if rows else None


async def list_screens(viewer: Viewer, city: str) -> list[ScreenRow]:
    """The screens of a city's walls that the viewer may steer, with how they are.

    Raises:
        NotOpen: the viewer may not steer walls.
    """
    if not viewer.may("steer_walls"):
        raise NotOpen
    return [_tell_row(row) for row in await fetch(queries.SCREENS, viewer, {"city": city})]


def _tell_row(row: RowMapping) -> ScreenRow:
    moment = {
        name: row[name].astimezone(UTC).isoformat() if row[name] else None
        for name in ("first_at", "seen_at", "told_at", "picture_at", "token_ends_at")
    }
    told = {name: row["body"].get(name) for name in ("part", "scene", "version", "data_age_s", "fps", "heap_mb", "size")}
    named = {"id": row["id"], "wall": row["wall"], "silent": row["silent"], "wanted": row["wanted_at"] is not None}
    named |= {"ill": None if row["silent"] else find_illness(row["body"], row["lives"]), "left_out": row["body"].get("left_out", 0)}
    return {**named, **moment, **told, "settings": tell_settings(row["settings"])}  # type: ignore[typeddict-item]  # as it is named


async def set_screen(viewer: Viewer, screen: str, held: Any) -> None:
    """Change the settings of a screen.

    Raises:
        NotOpen, UnknownObject: the viewer may not change screens, or there is no such screen.
        BadInput: a setting cannot be used.
    """
    given = Reader(held, "")
    given.refuse_others(("title", "height_m", "distance_m", "layout", "part", "scenes", "watched"))
    layout, part, scenes = given.word("layout"), given.text("part"), given.word("scenes")
    for name, value, known in (("layout", layout, LAYOUTS), ("scenes", scenes, SCENES)):
        if value and value not in known:
            raise given.fault(name, "it is not known here")
    if part and (not _PART.fullmatch(part) or part[0] > part[2]):
        raise given.fault("part", "it does not have the right form")
    settings = {
        "title": given.text("title"),
        "height_m": None if held.get("height_m") is None else given.number("height_m", 0.1, 50, 1),
        "distance_m": None if held.get("distance_m") is None else given.number("distance_m", 0.3, 200, 1),
        "layout": layout or None,
        "part": part or None,
        "scenes": scenes or None,
        "watched": given.truth("watched", True),
    }
    kept = {"settings": json.dumps(settings, ensure_ascii=False)}
    await _change(viewer, "manage_walls", queries.SET_SCREEN, screen, kept, lambda made, subject: note_screen(made, subject, settings))


async def want_picture(viewer: Viewer, screen: str) -> None:
    """Ask a screen for a picture of what it shows; it comes with one of its next heartbeats.

    Raises:
        NotOpen, UnknownObject: the viewer may not steer walls, or there is no such screen.
    """
    await _change(viewer, "steer_walls", queries.WANT_PICTURE, screen)


async def forget_screen(viewer: Viewer, screen: str) -> None:
    """Delete a screen that is gone, and what it has shown.

    Raises:
        NotOpen, UnknownObject: the viewer may not change screens, or there is no such screen.
    """
    await _change(viewer, "manage_walls", queries.FORGET_SCREEN, screen, {}, note_forgotten)


_Note = Callable[[AsyncConnection, str], Awaitable[None]]
"""Writes a change of a screen to the audit log."""


async def _change(
    viewer: Viewer, ability: Ability, statement: Any, screen: str, values: Mapping[str, Any] | None = None, note: _Note | None = None
) -> None:
    if not viewer.may(ability):
        raise NotOpen
    async with changing(viewer, "") as connection:
        row = (await connection.execute(statement, {"id": screen, **(values or {})})).first()
        if row is None:
            raise UnknownObject(kind="screen", key=screen)
        if note is not None:
            await note(connection, f"{row.city}/{row.wall}/{screen}")


async def keep_picture(viewer: Viewer, screen: str, picture: bytes) -> None:
    """Keep the picture that a screen was asked for, in the place of the last one.

    Raises:
        NoPicture: it is no small JPEG.
        UnknownObject: the account has no such screen, or nobody asked for a picture.
    """
    if not 0 < len(picture) <= MOST_PICTURE_BYTES or not _is_jpeg(picture):
        raise NoPicture(most=MOST_PICTURE_BYTES)
    async with changing(viewer, "") as connection:
        if (await connection.execute(queries.KEEP_PICTURE, {"id": screen, "picture": picture, "account": viewer.name})).first() is None:
            raise UnknownObject(kind="screen", key=screen)


def _is_jpeg(picture: bytes) -> bool:
    """Whether the file begins and ends as a JPEG, and is not larger than a small picture."""
    try:
        with Image.open(io.BytesIO(picture), formats=("JPEG",)) as opened:
            return max(opened.size) <= MOST_PICTURE_PX and picture.endswith(b"\xff\xd9")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return False


async def fetch_picture(viewer: Viewer, screen: str) -> bytes:
    """The last picture of a screen.

    Raises:
        NotOpen: the viewer may not steer walls.
        UnknownObject: there is no such screen, or no picture of it.
    """
    if not viewer.may("steer_walls"):
        raise NotOpen
    rows: Sequence[RowMapping] = await fetch(queries.PICTURE, viewer, {"id": screen})
    if not rows or rows[0]["picture"] is None:
        raise UnknownObject(kind="screen", key=screen)
    return bytes(rows[0]["picture"])
