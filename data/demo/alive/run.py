"""The crew at work: what is due is done, a few things at a time, until it is told to end."""

import logging
import threading
from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from functools import partial
from time import time

from data.demo.alive.board import Board
from data.demo.alive.client import Dismissed, Door, Later
from data.demo.alive.decisions import Case, Deed
from data.demo.alive.hiring import Hired
from data.demo.alive.rhythm import Report, Rhythm
from data.demo.alive.timing import Pace
from data.demo.alive.work import Hands, Outcome

_log = logging.getLogger(__name__)

SEED = 20261129
AT_ONCE = 8
"""Requests that are under way at the same time."""
TELL_S, LIST_S, LOOK_S = 60.0, 120.0, 0.2
LATE_S = 60.0
"""What should have been reported so long ago is not reported any more: the crew was away, or the server cannot keep up."""
MOST_WAITING, MOST_TRIES = 500, 20


@dataclass(frozen=True, slots=True)
class _Job:
    """Something to do at the door."""

    do: Callable[[], Outcome | list[Case]]
    case: Case | None = None
    listing: bool = False
    tries: int = 0


class Shift:
    """The crew's work from its start to its end.

    Args:
        hired: the crew.
        address: of the server, without a slash at its end.
        speed: how many times as fast as the clock the crew's time runs.
        ending: set when the crew is to stop.
        seed: of all decisions.
    """

    def __init__(self, hired: Hired, address: str, speed: float, ending: threading.Event, seed: int = SEED) -> None:
        pace = Pace(speed)
        self._hands = Hands(Door(address, hired.tokens), hired.crew, seed, pace)
        self._board = Board(hired.crew, seed, pace)
        self._rhythm = Rhythm(seed, pace, hired.per_day, hired.places, hired.crew)
        self._ending = ending
        self._slot = self._rhythm.slot_of(time())
        self._reports: deque[Report] = deque(maxlen=MOST_WAITING)
        self._later: deque[tuple[float, _Job]] = deque()
        self._running: dict[Future[Outcome | list[Case]], _Job] = {}
        self._told_at = time()
        self._list_at = self._closed_until = 0.0
        self._listing = False
        self._touched = set[str]()
        """Cases that were changed while they are listed: the list may show them as they were before."""
        self.done: Counter[str] = Counter()
        """What was done since the last line of the log."""

    def run(self) -> None:
        """Work until ``ending`` is set.

        Raises:
            Dismissed: the crew's tokens open nothing any more.
        """
        pool = ThreadPoolExecutor(AT_ONCE, "crew")
        try:
            self._start(pool, _Job(lambda: list(self._hands.list_closed())))
            while not self._ending.is_set():
                self._find_work(pool, time())
                self._collect()
                self._tell(time())
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    # ---- Finding work ----

    def _find_work(self, pool: ThreadPoolExecutor, now: float) -> None:
        """Start what is due, as long as hands are free."""
        self._hear_reports(now)
        if now < self._closed_until:
            return
        if not self._listing and now >= self._list_at:
            self._listing = True
            self._touched.clear()
            self._start(pool, _Job(lambda: list(self._hands.list_open()), listing=True))
        for _ in range(len(self._later)):
            due, job = self._later.popleft()
            if due <= now and len(self._running) < AT_ONCE:
                self._start(pool, job)
            else:
                self._later.append((due, job))
        while len(self._running) < AT_ONCE and (found := self._next_job(now)) is not None:
            self._start(pool, found)

    def _next_job(self, now: float) -> _Job | None:
        """What is due next, a report or a step: in their order, so that a slow server gets fewer new cases, not a growing backlog."""
        while self._reports and self._reports[0].at < now - LATE_S:
            self._reports.popleft()
            self.done["not reported"] += 1
        if self._reports and self._reports[0].at <= min(now, self._board.next_due()):
            return _Job(partial(self._hands.report, self._reports.popleft()))
        found = self._board.take(now)
        return None if found is None else self._make_job(*found)

    def _hear_reports(self, now: float) -> None:
        """Make the reports of every slot that has begun."""
        first, newest = max(self._slot, self._rhythm.slot_of(now - LATE_S)), self._rhythm.slot_of(now)
        for slot in range(first, newest + 1):
            made = self._rhythm.make(slot)
            self.done["not reported"] += max(0, len(self._reports) + len(made) - MOST_WAITING)
            self._reports.extend(made)
        self._slot = newest + 1

    def _make_job(self, case: Case, deed: Deed | None) -> _Job:
        if deed is not None:
            return _Job(partial(self._hands.act, case, deed), case)
        return _Job(partial(self._read_and_act, case), case)

    def _read_and_act(self, case: Case) -> Outcome:
        """A case of which not everything is known: it is read, and what was due is done at once if nobody has changed it."""
        found = self._hands.read(case)
        if found.case is None or found.case.version != case.version:
            return found
        deed = self._board.decide(found.case)
        return found if deed is None else self._hands.act(found.case, deed)

    def _start(self, pool: ThreadPoolExecutor, job: _Job) -> None:
        self._running[pool.submit(job.do)] = job

    # ---- What became of it ----

    def _collect(self) -> None:
        """Wait a moment for something to be done, and note what became of it."""
        if not self._running:
            self._ending.wait(LOOK_S)
            return
        finished, _ = wait(self._running, LOOK_S, FIRST_COMPLETED)
        for future in finished:
            job = self._running.pop(future)
            try:
                found = future.result()
            except Later as later:
                self._put_off(job, later)
            except Dismissed:
                raise
            except Exception:  # one case must not stop the work on all others
                _log.exception("the crew of the demo city could not do something")
                self._give_up(job)
            else:
                self._note(job, found)

    def _put_off(self, job: _Job, later: Later) -> None:
        self.done["put off"] += 1
        if later.everybody:  # nothing new is begun before the server answers again
            self._closed_until = time() + later.seconds
        tries = job.tries + later.answered
        if tries >= MOST_TRIES or len(self._later) >= MOST_WAITING:
            self._give_up(job)
        else:
            self._later.append((time() + later.seconds, replace(job, tries=tries)))

    def _give_up(self, job: _Job) -> None:
        """Leave something undone; a case comes back with the next listing."""
        self.done["given up"] += 1
        self._end_listing(job)
        if job.case is not None:
            self._board.drop(job.case.number)

    def _note(self, job: _Job, found: Outcome | list[Case]) -> None:
        now = time()
        if isinstance(found, list):
            for case in found:
                if case.number not in self._touched and not self._board.knows(case.number, case.version):
                    self._board.hold(case, now)
            self._end_listing(job)
            return
        self.done[f"{found.what} refused ({found.refused})" if found.refused else found.what] += 1
        if found.parts:
            self._list_at = now
        if self._listing and (touched := found.case or job.case) is not None:
            self._touched.add(touched.number)
        if found.case is not None and job.case is None and self._board.knows(found.case.number, found.case.version):
            return  # a new case that the list was faster with
        if found.refused and found.into is not None:  # that one has ended, unless the next listing says otherwise
            self._board.drop(found.into)
        if found.case is None:
            if job.case is not None:
                self._board.drop(job.case.number)
        elif found.refused and found.into is None and job.case is not None and found.case.version == job.case.version:
            self._board.drop(found.case.number)  # it will be refused again; somebody has to change it first
        else:
            self._board.hold(found.case, now)

    def _end_listing(self, job: _Job) -> None:
        if job.listing:
            self._listing, self._list_at = False, time() + LIST_S

    def _tell(self, now: float) -> None:
        """Say once a minute what was done."""
        if now - self._told_at < TELL_S:
            return
        self._told_at = now
        told = ", ".join(f"{what} {n}" for what, n in sorted(self.done.items()) if n) or "nothing"
        _log.info("the crew of the demo city: %s; %d cases held", told, len(self._board))
        self.done.clear()
