"""The one writer of cases: takes all waiting requests of a city and carries them out together, in one transaction.

Roll-ups, versions, events and outcomes are written in that transaction too, so what a reader sees is always whole, and many steps share the
costs of one commit. A city that an import has locked does not hold up other cities. Now and then it also ends the pauses that are over.
"""

import json
import logging
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from time import monotonic

import psycopg

from data.auditing.owner_entries import KEEPER, append_as_owner
from data.cases.batch import Batch, apply_all
from data.cases.committing import write_and_tell
from data.cases.life import OF_HISTORY
from data.cases.orders import find_known, forget_requests, refused, store_outcomes, take_requests
from data.cases.pause_ends import end_all_pauses
from data.cases.refusals import Refusal
from data.cases.targets import Targets
from data.cases.writing import now_of, number_cases
from data.database.arrays import write_lists_quickly
from data.database.connections import Connection
from data.database.locks import WRITING_CASES
from data.database.one_writer import OneWriter, run_writer
from data.live.outcome_news import CHANNEL as OUTCOMES
from data.rollup import begin_work

_log = logging.getLogger(__name__)

REQUESTS = "gridwell_case_requests"
"""Channel on which requests are announced; the messages are empty."""
SESSION = "gridwell cases"
"""Name of the connection in the server's list of sessions."""
MOST = 2_000
"""Requests that are carried out in one transaction. A stream of single steps never fills one; a feed shares its costs among so many."""
LOOK_S, LOCKED_S = 1.0, 0.2
"""Seconds after which requests are looked for without news; before a locked city is tried again."""
FORGET_S = 10.0
"""Requests whose outcomes were told are deleted so often: to look for them reads all that lie there."""
PAUSES_S = 10.0
"""Pauses that are over are looked for so often; a city that is locked waits so long, too."""
GATHER_S = 0.08
"""While several people work at once, a batch begins so long after the one before it: the steps of one batch share what it costs. A step
that comes alone does not wait.
"""
KEPT_DAYS = 7
"""Idempotency keys are remembered for so long."""
# Plans are kept: the same few statements run all day, and to plan them takes longer than to run them for some cases.
_LIMITS = (
    "SET lock_timeout = '200ms'; SET statement_timeout = '60s'; SET jit = off; SET max_parallel_workers_per_gather = 0;"
    " SET plan_cache_mode = force_generic_plan"
)
_WAITING = "SELECT DISTINCT city FROM case_request WHERE outcome IS NULL ORDER BY city"
_CITY = "SELECT timezone, worked_since IS NULL, as_of FROM city WHERE code = %s FOR NO KEY UPDATE"
_UNKNOWN_CITY = (
    """UPDATE case_request SET outcome = '{"ok": false, "expired": true}', done_at = now() WHERE city = %s AND outcome IS NULL"""
)
_FAILED = """
UPDATE case_request SET outcome = %s::jsonb, done_at = now()
WHERE no = (SELECT min(no) FROM case_request WHERE city = %s AND outcome IS NULL)
"""
_CATEGORIES = "SELECT code FROM category WHERE city = %s AND subject = 'incident'"
_OLD_KEYS = f"DELETE FROM case_idempotency WHERE at < now() - interval '{KEPT_DAYS} days'"  # noqa: S608 - ours


def write_city(connection: Connection, city: str, now: datetime | None = None, most: int = MOST) -> int:
    """Carry out the waiting requests of a city in one transaction.

    Args:
        connection: the owner's, in autocommit.
        city: code of the city.
        now: the moment of the steps; the database's clock unless given.
        most: how many requests at most.

    Returns:
        How many requests were answered.

    Raises:
        psycopg.errors.LockNotAvailable: something else changes this city right now; the requests wait.
    """
    with connection.transaction():
        row = connection.execute(_CITY, [city]).fetchone()
        if row is None:
            return connection.execute(_UNKNOWN_CITY, [city]).rowcount
        requests = take_requests(connection, city, most)
        if not requests:
            return 0
        # What writes need not answer before the next one is sent, so the database works while the next is put together. Errors show at the
        # next answer, at the latest when the block ends.
        with connection.pipeline():
            targets = Targets(connection, city)
            targets.load(list({request.target for request in requests if request.target is not None}))
            targets.load_histories([one.target[:2] for one in requests if one.target and one.order.step in OF_HISTORY])
            categories = frozenset(code for (code,) in connection.execute(_CATEGORIES, [city]))
            batch = Batch(connection, city, targets, categories, now or now_of(connection))
            fresh = apply_all(batch, requests, find_known(connection, requests))
            number_cases(batch, row[0])
            if batch.made or targets.changed():
                if row[1]:
                    _begin_work(batch, row[2])
                write_and_tell(batch, lambda: _store(batch, {request.no for request, _ in fresh}))
            else:
                _store(batch, {request.no for request, _ in fresh})
            connection.execute("SELECT pg_notify(%s, '')", [OUTCOMES])
    return len(requests)


def _begin_work(batch: Batch, as_of: datetime | None) -> None:
    """The first step in a city: whatever fixed moment its figures stood for, from now on they stand for now."""
    begin_work(batch.connection, batch.city, batch.at)
    if as_of is not None:
        append_as_owner(batch.connection, "work_begun", batch.city, {"figures_stood_for": as_of.isoformat()}, by=KEEPER)


def write_singly(connection: Connection, city: str) -> int:
    """Carry out the waiting requests of a city one by one; one that fails is answered as failed, and stops no other."""
    done = 0
    for _ in range(MOST):
        try:
            count = write_city(connection, city, most=1)
        except psycopg.OperationalError:
            return done
        except Exception:
            _log.exception("a step of a case of %s failed", city)
            count = connection.execute(_FAILED, [json.dumps(refused([Refusal("step", "failed")])), city]).rowcount
        if not count:
            return done
        done += count
    return done


def _store(batch: Batch, fresh: set[int]) -> None:
    """Store the outcomes, in which new cases have their numbers now."""
    told = []
    for request, outcome in batch.outcomes:
        named = {key: value.number if hasattr(value, "number") else value for key, value in outcome.items()}
        if "parts" in named:
            named["parts"] = [part if isinstance(part, str) else part.number for part in named["parts"]]
        told.append((request, named))
    store_outcomes(batch.connection, told, fresh)


class CaseWriter(OneWriter):
    """Carries out requests until it is closed, in a thread of its own."""

    session, lock, channel, limits, look_s = SESSION, WRITING_CASES, REQUESTS, _LIMITS, LOOK_S
    failing = "steps of cases cannot be written, trying again in %.1f s: %s"

    def __init__(self) -> None:
        super().__init__()
        self._not_before: dict[str, float] = {}
        self._keys_due_s = self._requests_due_s = self._pauses_due_s = 0.0

    def begin(self, connection: Connection) -> None:
        """Lists are written quickly in this session."""
        write_lists_quickly(connection)

    def look(self, connection: Connection) -> None:
        """Carry out what waits; where nothing does, wait for news."""
        for _ in connection.notifies(timeout=0):
            pass  # whatever they are about is looked for now
        now, done = monotonic(), 0
        if now > self._keys_due_s:
            connection.execute(_OLD_KEYS)
            self._keys_due_s = now + 3_600
        if now > self._requests_due_s:
            forget_requests(connection)
            self._requests_due_s = now + FORGET_S
        if now > self._pauses_due_s:
            # Where there are many, the rest follows the requests that wait by now.
            self._pauses_due_s = now if end_all_pauses(connection) else now + PAUSES_S
        for (city,) in connection.execute(_WAITING).fetchall():
            if not self._ending.is_set() and self._not_before.get(city, 0) <= now:
                done += self._write(connection, city)
        if not done:
            for _ in connection.notifies(timeout=LOCKED_S if self._not_before else LOOK_S, stop_after=1):
                pass
        elif 1 < done < MOST:
            self._ending.wait(max(0.0, now + GATHER_S - monotonic()))

    def _write(self, connection: Connection, city: str) -> int:
        self._not_before.pop(city, None)
        try:
            return write_city(connection, city)
        except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected):
            self._not_before[city] = monotonic() + LOCKED_S
            return 0
        except psycopg.OperationalError:
            raise
        except Exception:  # whatever one request did: those of others must not wait for it
            _log.exception("steps of cases of %s failed together, and are tried one by one", city)
            return write_singly(connection, city)


def run_case_writer() -> AbstractAsyncContextManager[None]:
    """Let the writer work for as long as the block lasts."""
    return run_writer(CaseWriter())
