"""The sequencer: numbers the events of the outbox in the order in which they were committed. It runs in the keeper.

An identity column counts in the order of writing. A transaction that writes early and commits late would then be skipped by every reader
that remembers how far it has read. So events get their number here, by one session, when they are visible: whatever is committed late
gets a later number.

A number is never used twice: numbers are counted within an epoch, and a database that was restored, on whatever server, begins another
one. Readers with a number of a foreign epoch are told to start anew.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from time import monotonic
from typing import Any, NoReturn

import psycopg
from psycopg import sql

from data.concurrency.tasks import run_in_background
from data.database.connections import connect_owner_async
from data.database.locks import SEQUENCING
from data.live.outbox import WRITTEN

_log = logging.getLogger(__name__)
AsyncConnection = psycopg.AsyncConnection[Any]

NUMBERED = "gridwell_events"
"""The channel on which listeners hear that events were numbered; the payload is the newest number."""
SESSION = "gridwell sequencer"
GATHER_S = 0.03
"""After the first news of a batch others are waited for so long: one NOTIFY then tells of many changes."""
LOOK_S = 2.0
"""Rows are looked for so often even without news, and listeners are told that all is well."""
PRUNE_S = 600.0
KEPT = timedelta(hours=24)
MOST_KEPT = 1_000_000
"""Events older than ``KEPT``, or with this many after them, are deleted: nobody can replay them any more."""
RETRY_S = 2.0
PATIENCE_S = 10.0

# A standby that is promoted, and a restore to a moment, begin a new timeline; a dump goes into another database, or another server.
_PLACE = """
SELECT (SELECT system_identifier FROM pg_control_system()) || '/' || (SELECT timeline_id FROM pg_control_checkpoint()) || '/'
    || (SELECT oid FROM pg_database WHERE datname = current_database()) || '/' || 'live_event'::regclass::oid
"""
_BEGIN_EPOCH = """
UPDATE live_state SET place = %(place)s, epoch = replace(gen_random_uuid()::text, '-', ''), last = 0, pruned = 0,
    id_key = decode(replace(gen_random_uuid()::text, '-', ''), 'hex')
WHERE place <> %(place)s
"""
_FORGET = "DELETE FROM live_event WHERE seq IS NOT NULL"

# Versions of a city replace each other, so of several only the newest is told.
_FOLD = """
DELETE FROM live_event early USING live_event late
WHERE early.seq IS NULL AND late.seq IS NULL AND early.kind = 'figures' AND late.kind = 'figures'
    AND early.city = late.city AND early.id < late.id
"""
_NUMBER = """
WITH waiting AS (
    SELECT id, row_number() OVER (ORDER BY id) AS no FROM live_event WHERE seq IS NULL
), state AS (
    UPDATE live_state SET last = last + (SELECT count(*) FROM waiting) WHERE (SELECT count(*) FROM waiting) > 0
    RETURNING last, last - (SELECT count(*) FROM waiting) AS before
), numbered AS (
    UPDATE live_event e SET seq = s.before + w.no, numbered_at = clock_timestamp() FROM waiting w, state s WHERE e.id = w.id
)
SELECT last - before, pg_notify(%(channel)s, last::text) FROM state
"""
_PRUNE = """
WITH ended AS (
    SELECT greatest(
        (SELECT last - %(most)s FROM live_state),
        coalesce((SELECT min(seq) - 1 FROM live_event WHERE numbered_at >= clock_timestamp() - %(kept)s), (SELECT last FROM live_state))
    ) AS seq
), state AS (
    UPDATE live_state SET pruned = greatest(pruned, (SELECT seq FROM ended))
)
DELETE FROM live_event WHERE seq <= (SELECT seq FROM ended)
"""


@asynccontextmanager
async def run_sequencer() -> AsyncIterator[None]:
    """Number events for as long as the block lasts."""
    async with run_in_background(_run()):
        yield


async def _run() -> NoReturn:
    """Number events; after each failure connect again."""
    while True:
        try:
            async with asyncio.timeout(PATIENCE_S):
                connection = await connect_owner_async(SESSION)
            async with connection:
                await _sequence(connection)
        except (psycopg.Error, TimeoutError) as error:
            _log.warning("events cannot be numbered, trying again in %.0f s: %s", RETRY_S, str(error).strip() or "no answer")
        await asyncio.sleep(RETRY_S)


async def _sequence(connection: AsyncConnection) -> None:
    """Number events until the connection breaks; returns at once where another session does it."""
    if not await begin_sequencing(connection):
        return
    await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(WRITTEN)))
    pruned_at = float("-inf")
    while True:
        if not await number_events(connection):
            await connection.execute("SELECT pg_notify(%s, last::text) FROM live_state", [NUMBERED])
        if monotonic() - pruned_at >= PRUNE_S:
            await prune_events(connection)
            pruned_at = monotonic()
        if [note async for note in connection.notifies(timeout=LOOK_S, stop_after=1)]:
            await asyncio.sleep(GATHER_S)


async def begin_sequencing(connection: AsyncConnection) -> bool:
    """Make a session the one that numbers; a database at a new place begins a new epoch.

    Lock and work share one connection, so a session that lost the lock cannot go on beside its successor.

    Args:
        connection: the owner's, in autocommit.

    Returns:
        Whether no other session holds the lock.
    """
    cursor = await connection.execute("SELECT pg_try_advisory_lock(%s)", [SEQUENCING])
    if await cursor.fetchone() != (True,):
        return False
    # A number that somebody has heard of must survive a crash.
    await connection.execute("SET synchronous_commit = on")
    # What waits is found by its index. Statistics of a moment at which very much waited would let every batch read the whole outbox.
    await connection.execute("SET enable_seqscan = off")
    async with connection.transaction():
        place = await (await connection.execute(_PLACE)).fetchone()
        renewed = await connection.execute(_BEGIN_EPOCH, {"place": place[0] if place else ""})
        if renewed.rowcount:
            await connection.execute(_FORGET)
            await connection.execute("SELECT pg_notify(%s, '0')", [NUMBERED])
    return True


async def number_events(connection: AsyncConnection) -> int:
    """Number all events that are committed by now, and tell listeners once; returns how many there were."""
    async with connection.transaction():
        await connection.execute(_FOLD)
        row = await (await connection.execute(_NUMBER, {"channel": NUMBERED})).fetchone()
    return int(row[0]) if row else 0


async def prune_events(connection: AsyncConnection, kept: timedelta = KEPT, most: int = MOST_KEPT) -> None:
    """Delete events that are too old to be replayed, or too many."""
    await connection.execute(_PRUNE, {"kept": kept, "most": most})
