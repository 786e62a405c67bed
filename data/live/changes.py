"""The newest version of every subject that this process knows. The database announces each change when it is committed.

Each process listens on a separate connection, outside the pool, so that a busy pool never delays the news. While it listens, it knows the
versions without a query. While it does not (no database, or listening was not started), it queries the database at most once a second.
"""

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from types import MappingProxyType
from typing import Any, NoReturn

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from data.accounts import identity, store
from data.concurrency.per_loop import PerLoop
from data.concurrency.tasks import run_in_background
from data.core.viewer import Viewer
from data.database.connections import connect_async
from data.database.transactions import fetch
from data.live import outcome_news as outcomes
from data.live.hub import current_hub
from data.live.sequencer import NUMBERED
from data.live.versions import CHANNEL
from data.queries.versions import versions_of_cities
from data.schema import SUBJECTS

_log = logging.getLogger(__name__)

GOOD_FOR_S = 1.0
"""How long an answer of the database is used while this process does not listen."""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.2, 30.0
HEARTBEAT_S = 30.0
"""A connection that broke silently (a cable, a firewall) is noticed after this time. All versions are read again this often, too."""
PATIENCE_S = 10.0
SESSION = "gridwell changes"
"""Name of the connection in the server's list of sessions."""


class KnownVersions:
    """The versions that one event loop knows."""

    def __init__(self) -> None:
        self.versions: Mapping[str, int] = MappingProxyType({})
        self.listening = False
        self._lock = asyncio.Lock()
        self._begun = self._done = 0
        self._read_at = float("-inf")

    @property
    def fresh(self) -> bool:
        """Whether the known versions may be used without a query."""
        return self.listening or time.monotonic() - self._read_at < GOOD_FOR_S

    def take(self, news: Mapping[str, int]) -> None:
        """Keep the newer version of each subject: news and answers can overtake each other."""
        known = self.versions
        self.versions = MappingProxyType({**known, **{subject: max(version, known.get(subject, 0)) for subject, version in news.items()}})

    def begin(self, read: Mapping[str, int]) -> None:
        """Start again from a full reading; it may be of another database than before, so older versions replace newer ones."""
        self.versions = MappingProxyType(dict(read))
        self.listening = True

    async def read(self, viewer: Viewer) -> None:
        """Ask the database; the answer is of a moment after the call. Many callers at once share two statements."""
        seen = self._begun
        async with self._lock:
            if self._done > seen:  # another caller's statement began after our call
                return
            self._begun += 1
            began, number = time.monotonic(), self._begun
            self.take(newest_by_subject(map(dict, await fetch(versions_of_cities(), viewer))))
            self._read_at, self._done = began, number


_known = PerLoop(KnownVersions)


async def fetch_versions(viewer: Viewer) -> Mapping[str, int]:
    """The newest version of each subject over all cities; empty while there is no city.

    Raises:
        NotReady, Busy, TooSlow: this process does not listen, and the database does not answer.
    """
    known = _known()
    if not known.fresh:
        await known.read(viewer)
    return known.versions


def known_versions() -> Mapping[str, int] | None:
    """The same without a statement; ``None`` while this process does not listen."""
    known = _known()
    return known.versions if known.listening else None


def fresh_versions() -> Mapping[str, int] | None:
    """The same for an answer from memory; ``None`` where ``fetch_versions`` would have to ask the database."""
    known = _known()
    return known.versions if known.fresh else None


async def fetch_versions_since(subject: str, version: int, viewer: Viewer) -> Mapping[str, int]:
    """The same for a request that names a version. If it is newer than what this process knows, the database is asked.

    What is returned may still be older than ``version``: then the request named a version that never existed.

    Args:
        subject: one of ``data.schema.SUBJECTS``.
        version: what the request's address says.
        viewer: who asks.

    Raises:
        NotReady, Busy, TooSlow: see ``fetch_versions``.
    """
    known = _known()
    if not known.fresh or known.versions.get(subject, 0) < version:
        await known.read(viewer)
    return known.versions


def newest_by_subject(cities: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Newest version of each subject, from rows of ``versions_of_cities``; a subject without one has that of its city."""
    found: dict[str, int] = {}
    for city in cities:
        for subject in SUBJECTS:
            found[subject] = max(found.get(subject, 0), city["versions"].get(subject, city["data_version"]))
    return found


@asynccontextmanager
async def listen_for_changes() -> AsyncIterator[None]:
    """Listen for changes as long as the block lasts. It does not wait for the database to answer."""
    async with run_in_background(_keep_listening(_known())):
        yield


async def _keep_listening(known: KnownVersions) -> NoReturn:
    """Listen, and connect again after each interruption, after a pause that grows while connecting fails."""
    pause_s = FIRST_PAUSE_S
    while True:
        try:
            async with asyncio.timeout(PATIENCE_S):
                connection = await connect_async(SESSION)
            async with connection:
                await _start_listening(connection, known)
                pause_s = FIRST_PAUSE_S
                await _read_notifications(connection, known)
        except (psycopg.Error, TimeoutError) as error:
            _log.warning("cannot listen for changes of the data, trying again in %.1f s: %s", pause_s, str(error).strip() or "no answer")
        finally:
            known.listening = False
        await asyncio.sleep(pause_s)
        pause_s = min(pause_s * 2, LONGEST_PAUSE_S)


async def _start_listening(connection: psycopg.AsyncConnection[Any], known: KnownVersions) -> None:
    """First listen, then read: no change in between is missed."""
    async with asyncio.timeout(PATIENCE_S):
        for channel in (CHANNEL, store.CHANNEL, NUMBERED, outcomes.CHANNEL):
            await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
        _forget_identities()
        current_hub().hear()
        outcomes.outcome_news().hear()
        known.begin(await _read_all_versions(connection))


async def _read_notifications(connection: psycopg.AsyncConnection[Any], known: KnownVersions) -> None:
    """Read notifications until the connection breaks."""
    while True:
        async for note in connection.notifies(timeout=HEARTBEAT_S):
            if note.channel == store.CHANNEL:
                _forget_identities()
            elif note.channel == NUMBERED:
                current_hub().hear()
            elif note.channel == outcomes.CHANNEL:
                outcomes.outcome_news().hear()
            else:
                known.take(_parse_notification(note.payload))
        async with asyncio.timeout(PATIENCE_S):
            known.take(await _read_all_versions(connection))


def _forget_identities() -> None:
    """Accounts may have changed: who asks next is looked up anew, and so is who listens."""
    identity.clear_cache()
    current_hub().doubt()


async def _read_all_versions(connection: psycopg.AsyncConnection[Any]) -> dict[str, int]:
    cursor = connection.cursor(row_factory=dict_row)
    await cursor.execute(str(versions_of_cities()).encode())
    return newest_by_subject(await cursor.fetchall())


def _parse_notification(payload: str) -> dict[str, int]:
    """Versions in a notification. Anybody who may connect can send one, so an unreadable one is logged and skipped."""
    try:
        return {str(subject): int(version) for subject, version in json.loads(payload)["versions"].items()}
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
        _log.warning("a notification of changes could not be read: %.200s", payload)
        return {}
