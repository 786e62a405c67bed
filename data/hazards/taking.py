"""Takes a notice over into a city's database: its areas are found there, earlier notices end, and walls are told."""

import json
from dataclasses import asdict
from typing import Any, TypedDict

import psycopg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from data.auditing import audit_log
from data.auditing.owner_entries import append_as_owner
from data.core.errors import GridwellError, NotOpen
from data.core.viewer import Viewer
from data.database.connections import Connection
from data.database.locks import VERSIONING
from data.database.transactions import write_transaction
from data.hazards.model import REASONS, BadNotice, Notice, Part
from data.queries.wall import HAZARDS_IN_FORCE, HOLD_VERSIONS, LIMIT_STATEMENTS, TELL_HAZARDS

ACTION = "hazard_notice"
MOST_IN_FORCE = 2_000
MOST_POINTS_IN_FORCE = 200_000
"""Hazards of a city at once, and points of their areas: each wall's figures compare its area with all of them."""
LONGEST_MS = 2_000
"""So long may it take to find the areas of a notice: changes of all cities wait for it."""
_HOLD, _LIMIT = "SELECT pg_advisory_xact_lock(%s)", "SELECT set_config('statement_timeout', %s, true)"
_TAKE = "SELECT hazard_take(%s, %s::jsonb)"


class WhichCity(GridwellError):
    status, code, sentence = 422, "which_city", "Say which city is meant. The database has: {known}."


class TooManyNotices(GridwellError):
    status, code = 429, "too_many_notices"
    sentence = "Too many hazards are in force already ({count}, with {points} points): only cancellations are taken."
    retry_s = 600


class Taken(TypedDict):
    """What became of a notice: ``taken``, ``known`` already, ``replaced`` by a later one, or ``outside`` of the city.

    ``ended``: how many earlier ones it ended. ``areas``: codes of the city's areas that it names; of a drawn area there are none.
    """

    result: str
    ended: int
    areas: list[str]


def take_as_owner(connection: Connection, city: str, notice: Notice) -> Taken:
    """Take a notice over, as the owner of the database; the caller commits.

    Raises:
        BadNotice: its areas cannot be found within ``LONGEST_MS``.
    """
    with connection.transaction():
        connection.execute(_HOLD, [VERSIONING])  # whoever waits here does not wait for areas
        connection.execute(_LIMIT, [str(LONGEST_MS)])
        try:
            row = connection.execute(_TAKE, [city, _write(notice)]).fetchone()
        except psycopg.errors.QueryCanceled:
            raise BadNotice(where="area", reason=REASONS["slow"]) from None
        taken: Taken = row[0]  # type: ignore[index]
        if _is_told(taken):
            append_as_owner(connection, ACTION, city, _detail(notice, taken))
        return taken


async def take_for(viewer: Viewer, city: str, notice: Notice) -> Taken:
    """Take a notice over for an account.

    Raises:
        NotOpen: the account may not, or not in this city as a whole.
        TooManyNotices: ``MOST_IN_FORCE`` are there already, or ``MOST_POINTS_IN_FORCE``.
        BadNotice: its areas cannot be found within ``LONGEST_MS``.
    """
    try:
        async with write_transaction(viewer) as connection:
            count, points = (await connection.execute(HAZARDS_IN_FORCE, {"city": city})).one()
            if notice.parts and (count >= MOST_IN_FORCE or points >= MOST_POINTS_IN_FORCE):
                raise TooManyNotices(count=count, points=points)
            await connection.execute(HOLD_VERSIONS, {"lock": VERSIONING})
            await connection.execute(LIMIT_STATEMENTS, {"ms": str(LONGEST_MS)})
            taken = await _tell(connection, city, notice)
            if _is_told(taken):
                await connection.run_sync(audit_log.append, ACTION, city, _detail(notice, taken))
            return taken
    except DBAPIError as error:
        if isinstance(error.orig, psycopg.errors.InsufficientPrivilege):
            raise NotOpen from None
        raise


async def _tell(connection: AsyncConnection, city: str, notice: Notice) -> Taken:
    try:
        taken: Taken = (await connection.execute(TELL_HAZARDS, {"city": city, "notice": _write(notice)})).scalar_one()
    except DBAPIError as error:
        if isinstance(error.orig, psycopg.errors.QueryCanceled):
            raise BadNotice(where="area", reason=REASONS["slow"]) from None
        raise
    return taken


def _is_told(taken: Taken) -> bool:
    """Whether a notice changed something: feeds of a whole country send many about other cities."""
    return taken["result"] != "known" and (taken["result"] != "outside" or taken["ended"] > 0)


def _detail(notice: Notice, taken: Taken) -> dict[str, Any]:
    return {"identifier": notice.identifier, "kind": notice.kind, "result": taken["result"], "ended": taken["ended"]}


def _write(notice: Notice) -> str:
    told = {"source": notice.source, "sent": notice.sent.isoformat(), "kind": notice.kind, "refs": notice.references}
    return json.dumps({**told, "parts": [_write_part(one) for one in notice.parts]}, ensure_ascii=False)


def _write_part(part: Part) -> dict[str, Any]:
    words = {lang: asdict(one) for lang, one in part.words.items()}
    return {
        "level": part.level,
        "starts": part.starts.isoformat(),
        "ends": part.ends.isoformat(),
        "told": {"colour": part.colour, "severity": part.severity, "is_end_said": part.is_end_said, "words": words},
        "polygons": part.polygons,
        "circles": part.circles,
        "codes": [look_near(one) for one in dict.fromkeys(part.codes)],
        "names": part.names,
    }


def look_near(code: str) -> dict[str, Any]:
    """Codes under which an administrative code may stand in a city, the nearest first, and its head without zeros at the end.

    Codes have 6 digits (county), 9 (street) or 12 (community); shorter ones may be written with zeros, and a city may use either form.
    Where the area itself is not known, the one around it is meant.
    """
    head = code.rstrip("0")
    heads = [code, *(code[:length] for length in (12, 9, 6) if length < len(code) and len(head) > length - 3)]
    near = [*heads, *(f"{one[:length]}" for one in heads for length in (9, 6) if not one[length:].strip("0"))]
    return {"near": list(dict.fromkeys([*near, *(one.ljust(12, "0") for one in near)])), "head": head}


def find_city(connection: Connection, code: str | None) -> str:
    """The city that is meant: the one that is named, or the only one.

    Raises:
        WhichCity: it is not known, or nobody says which of several.
    """
    known = [row[0] for row in connection.execute("SELECT code FROM city ORDER BY code")]
    if code in known:
        return str(code)
    if code is None and len(known) == 1:
        return str(known[0])
    raise WhichCity(known=", ".join(known)[:500])
