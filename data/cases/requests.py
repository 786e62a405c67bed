"""Asking for steps, on the side of a process that serves people: a request is inserted as the viewer, and its outcome is waited for.

Requests that come while others are being inserted go together, each with the rights of whoever asks. One reader of a process asks for the
outcomes of all requests that wait in it, whenever the writer says that there are some. Who waits too long takes the request back: if that
works, it was not carried out, and never will be.
"""

import asyncio
import hashlib
import json
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import Any

import psycopg
from sqlalchemy.exc import DBAPIError

from data.cases.asking import insert, insert_soon
from data.cases.orders import Outcome
from data.cases.refusals import Refusal, StepRefused
from data.concurrency.per_loop import PerLoop
from data.concurrency.turns import in_turns
from data.core.errors import GridwellError, Passing, UnknownObject
from data.core.text import could_be_code
from data.core.viewer import Viewer
from data.database.transactions import fetch_row, write_transaction
from data.live.changes import known_versions
from data.live.outcome_news import outcome_news
from data.queries import cases as queries

PATIENCE_S, LAST_PATIENCE_S = 10.0, 10.0
"""A request is waited for so long; if it cannot be taken back then, its outcome for so long again."""
PATIENCE_FOR_EACH_S = 0.02
"""For each further case of a bulk request it is waited so much longer. In all it is less than ``data.cases.orders.EXPIRED_S``."""
LOOK_S, LONGEST_LOOK_S = 0.04, 0.2
"""Where this process hears no news, outcomes are looked for so often, and less often while none comes."""
UNTOLD_S = 0.5
"""Where it does hear them, outcomes are looked for so often all the same."""
MOST_WAITING = 10_000
"""Requests of one process that wait at the same time; more are refused before they are asked for. Each case of a bulk request is one: feeds
must not keep single steps out.
"""


class NotDone(Passing):
    """Nothing was written: asking again is safe."""

    code, sentence = "not_done", "The step was not taken, because the writer is busy or away. Try again in a moment."
    retry_s = 2


class OutcomeUnknown(Passing):
    """The database went away at the wrong moment: only asking again with the same key tells."""

    code = "outcome_unknown"
    sentence = "Whether the step was taken is not known yet. Ask again with the same Idempotency-Key: nothing is done twice."
    retry_s = 5


@dataclass(frozen=True, slots=True)
class Ask:
    """A step to ask for.

    Attributes:
        city: code; ``None``: of whichever city has a case with this number.
        body: as ``data.cases.orders.Request.body``.
        target: district, id and moment of reporting of the case; ``None`` for a new one.
        grid: the cell of a new case.
        number: of the case, where its target is not known.
        said: what was asked, where the body holds what was found out, too: asked again under the same key, it is the same.
    """

    city: str | None
    body: Mapping[str, Any]
    target: tuple[str, int, datetime] | None = None
    grid: str | None = None
    number: str | None = None
    said: Mapping[str, Any] | None = None
    id: uuid.UUID = field(default_factory=uuid.uuid4)


class _Waiting:
    """The requests of one event loop whose outcomes are waited for."""

    def __init__(self) -> None:
        self._futures: dict[uuid.UUID, asyncio.Future[Outcome]] = {}
        self._reader: asyncio.Task[None] | None = None

    @property
    def count(self) -> int:
        """How many requests wait."""
        return len(self._futures)

    @contextmanager
    def expect(self, ids: Sequence[uuid.UUID]) -> Iterator[Mapping[uuid.UUID, asyncio.Future[Outcome]]]:
        """Begin to look for outcomes, before they can come: news of them are not told twice."""
        loop = asyncio.get_running_loop()
        futures: dict[uuid.UUID, asyncio.Future[Outcome]] = {one: loop.create_future() for one in ids}
        self._futures |= futures
        if self._reader is None or self._reader.done():
            self._reader = loop.create_task(self._read())
        try:
            yield futures
        finally:
            for one in ids:
                self._futures.pop(one, None)

    async def _read(self) -> None:
        """Ask for all that waits, until nothing does."""
        pause_s = LOOK_S
        while self._futures:
            heard = await outcome_news().wait(pause_s if known_versions() is None else UNTOLD_S)
            pause_s = LOOK_S if heard else min(pause_s * 1.2, LONGEST_LOOK_S)
            waiting = [one for one, future in self._futures.items() if not future.done()]
            try:
                found = await _read_outcomes(waiting) if waiting else {}
            except GridwellError:  # the database is away; whoever waits gives up in time
                continue
            for one, outcome in found.items():
                pause_s = LOOK_S
                if (future := self._futures.get(one)) is not None and not future.done():
                    future.set_result(outcome)


async def _read_outcomes(ids: list[uuid.UUID]) -> dict[uuid.UUID, Outcome]:
    known, outcomes = await fetch_row(queries.OUTCOMES_TOGETHER, {"ids": ids}, Viewer.nobody())
    return {one: json.loads(outcome) async for one, outcome in in_turns(zip(known or (), outcomes or (), strict=True))}


_waiting = PerLoop(_Waiting)


async def submit(viewer: Viewer, asks: Sequence[Ask], key: str | None = None, asked: Callable[[], object] = lambda: None) -> list[Outcome]:
    """Ask for steps, and wait until the keeper has carried them out or refused them.

    Args:
        viewer: who asks; the database stamps the requests with it.
        asks: one or several steps.
        key: idempotency key; a random one unless given.
        asked: called when the request stands in the database; from then on the caller only waits.

    Returns:
        The outcome of each, in order; one with ``expired`` was not carried out, and never will be.

    Raises:
        StepRefused: a case is out of the viewer's scope by now.
        UnknownObject: no case with the number that was asked for may be seen by the viewer.
        NotDone: none of it was carried out, and none of it will be.
        OutcomeUnknown: the database went away; asking again with the same key tells.
        NotReady, Busy, TooSlow: see ``data.database.transactions``; nothing was asked for.
    """
    key = key or f"-{uuid.uuid4()}"
    if _waiting().count > MOST_WAITING:
        raise NotDone
    ids = [ask.id for ask in asks]
    with _waiting().expect(ids) as futures:
        await _insert(viewer, asks, key)
        asked()
        await asyncio.wait(futures.values(), timeout=PATIENCE_S + PATIENCE_FOR_EACH_S * (len(asks) - 1))
        found = {one: future.result() for one, future in futures.items() if future.done()}
    missing = [one for one in ids if one not in found]
    if missing:
        found |= await _give_up(viewer, asks, missing, key)
    if all(outcome.get("expired") for outcome in found.values()):
        raise NotDone
    return [found[one] for one in ids]


async def _insert(viewer: Viewer, asks: Sequence[Ask], key: str) -> None:
    # A telephone number is sealed another way each time, so the hash is of what was said.
    told = [(json.dumps(dict(ask.body), sort_keys=True, default=str), hash_ask(ask)) async for ask in in_turns(asks)]
    bodies, hashes = [body for body, _ in told], [digest for _, digest in told]
    numbered, city = (asks[0].number, asks[0].city) if len(asks) == 1 else (None, None)
    if numbered is not None and not (could_be_code(numbered) and (city is None or could_be_code(city))):
        raise UnknownObject(kind="incident", key=numbered)
    try:
        if numbered is None:
            rows = [(ask.id, ask.city, *(ask.target or (None, None, None)), ask.grid, key, part) for part, ask in enumerate(asks)]
            names = ("id", "city", "district", "incident_id", "reported_at", "grid", "key", "part")
            columns = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
            await insert(viewer, queries.INSERT_REQUESTS, {**columns, "hash": hashes, "body": bodies})
            return
        said = {"id": asks[0].id, "city": city, "number": numbered, "key": key, "hash": hashes[0], "body": bodies[0]}
        written = await insert_soon(viewer, queries.INSERT_REQUEST_BY_NUMBER, said)
    except psycopg.errors.InsufficientPrivilege:
        raise StepRefused([Refusal("number", "unknown_case")]) from None
    if not written:
        raise UnknownObject(kind="incident", key=numbered)


def hash_ask(ask: Ask) -> bytes:
    """32 bytes that are the same for the same order, whatever its sealed parts look like."""
    said = dict(ask.said) if ask.said is not None else {name: value for name, value in ask.body.items() if name != "reporter"}
    reporter = ask.body.get("reporter") or {}
    # A case may get another district meanwhile: its id is its own.
    of_case = ask.target[1:] if ask.target else ask.number
    told = [ask.city, of_case, ask.grid, said, reporter.get("name"), reporter.get("hash")]
    return hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).digest()


async def _give_up(viewer: Viewer, asks: Sequence[Ask], missing: list[uuid.UUID], key: str) -> dict[uuid.UUID, Outcome]:
    """Take requests back that nobody has carried out, or find out what became of them.

    Raises:
        NotDone: all of them were taken back, and no others were asked for together with them.
        OutcomeUnknown: the database does not say.
    """
    until, found = monotonic() + LAST_PATIENCE_S, dict[uuid.UUID, Outcome]()
    parts = {part: ask.id for part, ask in enumerate(asks)}
    while missing:
        try:
            async with write_transaction(viewer) as connection:
                gone = await connection.execute(queries.GIVE_UP, {"ids": missing})
                taken_back = {row.id for row in gone}
                values = {"account": viewer.name, "key": key, "parts": list(parts)}
                known = {parts[row.part]: row.outcome for row in await connection.execute(queries.KNOWN_OUTCOMES, values)}
                waiting = {row.id: row.outcome for row in await connection.execute(queries.OUTCOMES, {"ids": missing})}
        except (GridwellError, DBAPIError):  # being carried out right now, or the database is away
            if monotonic() > until:
                raise OutcomeUnknown from None
            await asyncio.sleep(0.2)
            continue
        found |= {one: outcome for one, outcome in {**known, **waiting}.items() if one in missing}
        # What is neither taken back nor known has gone with a crash of the database, and was never carried out.
        found |= {one: {"ok": False, "expired": True} for one in missing if one in taken_back or one not in found}
        break
    return found
