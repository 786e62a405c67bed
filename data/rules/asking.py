"""Asking for a change of rules, on the side of a process that serves people: a request is inserted as the viewer, and waited for."""

import asyncio
import json
import uuid
from collections.abc import Mapping
from time import monotonic
from typing import Any

import psycopg
from sqlalchemy.exc import DBAPIError

from data.core.errors import GridwellError, NotOpen, Passing
from data.core.viewer import Viewer
from data.database.transactions import read_transaction, write_transaction
from data.rules import statements as queries

PATIENCE_S = 90.0
LOOK_S, LONGEST_LOOK_S = 0.05, 0.5


class RulesNotDone(Passing):
    """Nothing was written: asking again is safe."""

    code, sentence = "not_done", "Nothing was changed, because the server is busy. Try again in a moment."
    retry_s = 5


class RulesUnknown(Passing):
    """The change is being made, or the database went away: looking at the rules tells."""

    code, sentence = "outcome_unknown", "The change takes long, and goes on. Look at the rules again in a minute."
    retry_s = 30


async def ask_change(viewer: Viewer, city: str, kind: str, body: Mapping[str, Any]) -> tuple[int, dict[str, Any]]:
    """Ask for a change, and wait until the keeper has carried it out or refused it; returns status and body of the answer.

    Args:
        viewer: who asks; the database stamps the request with it.
        city: code of a city that lies in the viewer's scope as a whole.
        kind: ``routing``, ``deadlines``, ``calendar`` or ``duplicates``.
        body: as ``data.rules.changing.ChangeRequest.body``.

    Raises:
        NotOpen: the viewer may not change rules of this city.
        RulesNotDone: nothing was changed, and nothing will be.
        RulesUnknown: it is still being changed.
        NotReady, Busy, TooSlow: see ``data.database.transactions``; nothing was asked for.
    """
    if not viewer.may("manage_rules"):
        raise NotOpen
    made = uuid.uuid4()
    await _insert(viewer, {"id": made, "city": city, "kind": kind, "body": json.dumps({**body, "lang": viewer.lang})})
    until, pause_s = monotonic() + PATIENCE_S, LOOK_S
    while monotonic() < until:
        await asyncio.sleep(pause_s)
        pause_s = min(pause_s * 1.3, LONGEST_LOOK_S)
        async with read_transaction(viewer) as connection:
            outcome = (await connection.execute(queries.OUTCOME, {"id": made})).scalar()
        if outcome is not None:
            return int(outcome["status"]), outcome["body"]
    raise await _give_up(viewer, made)


async def _insert(viewer: Viewer, values: Mapping[str, Any]) -> None:
    try:
        async with write_transaction(viewer) as connection:
            await connection.execute(queries.ASK, values)
            await connection.execute(queries.ANNOUNCE)
    except DBAPIError as error:
        if isinstance(error.orig, psycopg.errors.InsufficientPrivilege):
            raise NotOpen from None
        raise


async def _give_up(viewer: Viewer, made: uuid.UUID) -> GridwellError:
    try:
        async with write_transaction(viewer) as connection:
            gone = (await connection.execute(queries.TAKE_BACK, {"id": made})).first()
    except GridwellError:  # it is being carried out right now
        gone = None
    return RulesUnknown() if gone is None else RulesNotDone()
