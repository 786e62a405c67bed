"""Worker processes: forked from a parent that has everything imported, started anew when they fall, and ended together.

Forked, not spawned: what is imported is in memory once for all of them, and a new one is there within a tenth of a second. So the
parent never runs an event loop or a thread. Each worker holds one end of a pipe to the parent, which thereby hears when it is ready,
that it is still alive, and when it is gone; all hold the reading end of another, which closes with the parent, however that ends, and
ends them too. One that stays silent (stopped, or stuck in something that never ends) is ended, and another takes its place.
"""

import os
import select
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import NoReturn

from cli._terminal import ENDING, complain, error_sentence, language
from data.core.errors import GridwellError
from data.core.i18n import t

SETTLED_S = 10.0
"""A worker that lived this long fell by accident; one that did not will probably fall again."""
MOST_FALLS = 5
"""So many falls in a row, none of them after a settled life, and there is no use in going on."""
FIRST_PAUSE_S = 0.5
LOOK_S = 1.0
SILENT_LOOKS = 20
"""So many looks at the workers in a row without a word from one, and it is stuck. Looks are counted rather than seconds: where the whole
machine sleeps, or Ctrl-Z stops parent and workers alike, that is one look, and nobody's fault."""
COULD_NOT, INTERRUPTED = 2, 130
_WORDS = 4096
"""Most signs of life that are read at once."""

Call = Callable[[], None]
Work = Callable[[int, Call], None]


class WorkersFall(GridwellError):
    status, code = 503, "workers_fall"
    sentence = "Worker processes end as soon as they start, {times} times in a row ({reason}). What they said before stands above."


class CutShort(GridwellError):
    status, code = 503, "cut_short"
    sentence = "The process that fills the database was ended from outside ({reason}). Nothing of what it began is kept; start again."


@dataclass(slots=True)
class _Worker:
    """A process at work: what it is the how-manieth of, and our end of its pipe."""

    place: int
    pid: int
    pipe: int
    born: float
    ready: bool = False
    silent_looks: int = 0

    @property
    def stuck(self) -> bool:
        """Whether it has been silent for too long."""
        return self.silent_looks >= SILENT_LOOKS


class Workers:
    """A set of worker processes.

    Args:
        count: how many.
        work: what each does, given its place (0 …) and what to call when it is ready, and every ``LOOK_S`` from then on; it returns when
            a signal asks it to end. It starts with signals of ending held back, so that none is lost before it has handlers for them.
        all_ready: called once, when the last of the first workers is ready.
        closing: called before they are told to end.
        grace_s: how long they may take to end before they are killed.
    """

    def __init__(self, count: int, work: Work, all_ready: Call, closing: Call, grace_s: float) -> None:
        self._count, self._work, self._all_ready, self._closing, self._grace_s = count, work, all_ready, closing, grace_s
        self._alive: dict[int, _Worker] = {}
        self._due: dict[int, float] = dict.fromkeys(range(count), 0.0)
        self._falls = [0] * count
        self._announced = False
        self._next_look = time.monotonic() + LOOK_S
        self._life, self._held = os.pipe()

    def run(self) -> NoReturn:
        """Keep them working until a signal (told as ``KeyboardInterrupt``) ends it; whatever ends it, they end with it.

        Raises:
            WorkersFall: they do not stay alive.
        """
        with _blocked_signals():
            try:
                while True:
                    self._start_due()
                    self._listen()
                    self._look()
            finally:
                self._end()

    def _start_due(self) -> None:
        for place in [place for place, when in self._due.items() if when <= time.monotonic()]:
            del self._due[place]
            self._start(place)

    def _start(self, place: int) -> None:
        ours, theirs = os.pipe()
        pid = os.fork()
        if pid == 0:
            leave_after(lambda: self._be(place, theirs))
        os.close(theirs)
        self._alive[ours] = _Worker(place, pid, ours, time.monotonic())

    def _be(self, place: int, pipe: int) -> None:
        """The life of a worker."""
        for other in self._alive:
            os.close(other)
        os.close(self._held)
        _end_with_parent(self._life)
        os.set_blocking(pipe, False)
        self._work(place, lambda: _tell(pipe))

    def _listen(self) -> None:
        """Wait for a word from a worker, for the next one's time to start, for the next look at them, or for a signal."""
        patience = max(0.0, min([self._next_look, *self._due.values()]) - time.monotonic())
        with _unblocked_signals():  # nowhere else may a signal break us off half-way
            heard, _, _ = select.select(list(self._alive), [], [], patience)
        for pipe in heard:
            if os.read(pipe, _WORDS):
                self._alive[pipe].ready, self._alive[pipe].silent_looks = True, 0
            else:
                self._fell(self._alive.pop(pipe))
        if not self._announced and not self._due and all(worker.ready for worker in self._alive.values()):
            self._announced = True
            self._all_ready()

    def _look(self) -> None:
        """End who has been silent for too long; its pipe closes with it, and another is started."""
        if time.monotonic() < self._next_look:
            return
        self._next_look = time.monotonic() + LOOK_S
        for worker in self._alive.values():
            worker.silent_looks += 1
            if worker.stuck:
                os.kill(worker.pid, signal.SIGKILL)

    def _fell(self, worker: _Worker) -> None:
        reason, lived_s = _reap(worker), time.monotonic() - worker.born
        falls = self._falls[worker.place] = 0 if lived_s >= SETTLED_S else self._falls[worker.place] + 1
        if falls == MOST_FALLS:
            raise WorkersFall(times=falls, reason=reason)
        pause_s = FIRST_PAUSE_S * 2 ** (falls - 1) if falls else 0.0
        self._due[worker.place] = time.monotonic() + pause_s
        what = (
            "A worker process was stuck and has been ended ({reason})." if worker.stuck else "A worker process ended by itself ({reason})."
        )
        then = "Another is started in {seconds:.1f} s." if pause_s else "Another is started at once."
        complain(f"{t(language(), what, reason=reason)} {t(language(), then, seconds=pause_s)}")

    def _end(self) -> None:
        """End them all: politely, then by force."""
        self._closing()
        for worker in self._alive.values():
            os.kill(worker.pid, signal.SIGTERM)
        deadline = time.monotonic() + self._grace_s
        while self._alive and (left_s := deadline - time.monotonic()) > 0:
            heard, _, _ = select.select(list(self._alive), [], [], left_s)
            for pipe in heard:
                if not os.read(pipe, _WORDS):
                    _reap(self._alive.pop(pipe))
        for worker in self._alive.values():
            os.kill(worker.pid, signal.SIGKILL)
            _reap(worker)
        os.close(self._life)
        os.close(self._held)


def run_in_own_process(task: Callable[[], object]) -> None:
    """Do a large task in a process of its own, which gives all its memory back, and leaves no thread behind that a fork would break.

    Raises:
        SystemExit: it could not; it has said why, and its exit code becomes ours.
        CutShort: somebody ended it.
    """
    life, held = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(held)
        _end_with_parent(life)
        leave_after(task)
    try:
        _, status = os.waitpid(pid, 0)
    except KeyboardInterrupt:
        os.kill(pid, signal.SIGKILL)  # what it had begun in the database is taken back by itself
        os.waitpid(pid, 0)
        raise
    finally:
        os.close(life)
        os.close(held)
    code = os.waitstatus_to_exitcode(status)
    if code < 0:
        raise CutShort(reason=_signal_name(code))
    if code:
        raise SystemExit(code)


def leave_after(task: Callable[[], object]) -> NoReturn:
    """Do a task and end this process there and then: what a fork's parent has yet to clean up is not the child's to touch."""
    code: object = None
    try:
        task()
        code = 0
    except GridwellError as error:
        complain(error_sentence(error))
        code = COULD_NOT
    except KeyboardInterrupt:
        code = INTERRUPTED
    except SystemExit as ended:  # how uvicorn ends when it cannot start; it has said why
        code = ended.code
    finally:
        if code is None:
            traceback.print_exc()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else 1)


def _tell(pipe: int) -> None:
    with suppress(BlockingIOError, BrokenPipeError):  # a parent that is stopped reads nothing; one that is gone takes us with it
        os.write(pipe, b"+")


def _end_with_parent(life: int) -> None:
    """Go when the parent does, however it ends: that closes the pipe. Nobody else would end us, and the port would stay taken."""

    def wait() -> None:
        os.read(life, 1)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=wait, daemon=True).start()


def _reap(worker: _Worker) -> str:
    """Take a worker's end; says how it came about."""
    os.close(worker.pipe)
    _, status = os.waitpid(worker.pid, 0)
    code = os.waitstatus_to_exitcode(status)
    return _signal_name(code) if code < 0 else f"exit code {code}"


def _signal_name(code: int) -> str:
    return signal.Signals(-code).name


@contextmanager
def _blocked_signals() -> Iterator[None]:
    """Signals of ending wait."""
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    try:
        yield
    finally:
        with suppress(KeyboardInterrupt):  # we are ending already
            signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)


@contextmanager
def _unblocked_signals() -> Iterator[None]:
    """Signals of ending that waited, or come now, are told."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
