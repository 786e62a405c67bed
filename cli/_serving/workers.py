"""Worker processes: forked from a parent that has imported everything, replaced when they fail, and ended together.

They are forked and not spawned: imported modules are in memory once for all, and a new worker starts within a tenth of a second. So the
parent must never run an event loop or a thread. Each worker holds one end of a pipe, through which the parent learns when the worker is
ready, that it is alive, and when it has ended. All workers hold the reading end of another pipe. It closes when the parent ends, for any
reason, and then the workers end too. A worker that stays silent (stopped or stuck) is ended and replaced.
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
from data.core.supervision import supervision

SETTLED_S = 10.0
"""A worker that lived this long failed by accident; a younger one will probably fail again."""
MOST_FALLS = 5
"""After this many failures of young workers in a row, starting more is useless."""
FIRST_PAUSE_S = 0.5
LOOK_S = 1.0
SILENT_LOOKS = 20
"""After this many checks in a row without a message, a worker counts as stuck. Checks are counted and not seconds: if the whole
machine sleeps, or Ctrl-Z stops parent and workers, this is only one check and does not count against a worker."""
COULD_NOT, INTERRUPTED = 2, 130
_WORDS = 4096
"""Most bytes (signs of life) that are read at once."""

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
    """A running worker process: its place among the workers, and our end of its pipe."""

    place: int
    pid: int
    pipe: int
    born: float
    ready: bool = False
    silent_looks: int = 0

    @property
    def stuck(self) -> bool:
        """Whether the worker has been silent for too long."""
        return self.silent_looks >= SILENT_LOOKS


class Workers:
    """A set of worker processes.

    Args:
        count: how many.
        work: what each worker does. It gets the worker's place (0 …) and a function to call when it is ready and then every ``LOOK_S``.
            It returns when a signal to end arrives. It starts with these signals blocked, so that none is lost before it handles them.
        all_ready: called once, when all of the first workers are ready.
        closing: called before the workers are asked to end.
        grace_s: seconds that they may take to end before they are killed.
        look: called every ``LOOK_S`` for whatever else the parent watches; it must be quick.
        ended: called with the id of each process that has ended by itself.
    """

    def __init__(
        self,
        count: int,
        work: Work,
        all_ready: Call,
        closing: Call,
        grace_s: float,
        look: Call = lambda: None,
        ended: Callable[[int], None] = lambda pid: None,
    ) -> None:
        self._look, self._ended = look, ended
        self._count, self._work, self._all_ready, self._closing, self._grace_s = count, work, all_ready, closing, grace_s
        self._alive: dict[int, _Worker] = {}
        self._due: dict[int, float] = dict.fromkeys(range(count), 0.0)
        self._falls = [0] * count
        self._announced = False
        self._next_look = time.monotonic() + LOOK_S
        self._life, self._held = os.pipe()
        supervision.begin(count)

    def run(self) -> NoReturn:
        """Keep the workers running until a signal (raised as ``KeyboardInterrupt``) arrives; they are ended whenever this method ends.

        Raises:
            WorkersFall: the workers do not stay alive.
        """
        with _blocked_signals():
            try:
                while True:
                    self._start_due()
                    self._wait_for_event()
                    self._end_stuck()
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
            leave_after(lambda: self._run_worker(place, theirs))
        os.close(theirs)
        self._alive[ours] = _Worker(place, pid, ours, time.monotonic())

    def _run_worker(self, place: int, pipe: int) -> None:
        """Run a worker in the forked process."""
        for other in self._alive:
            os.close(other)
        os.close(self._held)
        _end_with_parent(self._life)
        os.set_blocking(pipe, False)
        self._work(place, lambda: _tell(pipe))

    def _wait_for_event(self) -> None:
        """Wait for a message of a worker, for the time to start or check one, or for a signal."""
        patience = max(0.0, min([self._next_look, *self._due.values()]) - time.monotonic())
        with _unblocked_signals():  # only here may a signal interrupt us
            heard, _, _ = select.select(list(self._alive), [], [], patience)
        for pipe in heard:
            if os.read(pipe, _WORDS):
                self._alive[pipe].ready, self._alive[pipe].silent_looks = True, 0
            else:
                self._fell(self._alive.pop(pipe))
        supervision.set("workers_ready", sum(worker.ready for worker in self._alive.values()))
        if not self._announced and not self._due and all(worker.ready for worker in self._alive.values()):
            self._announced = True
            self._all_ready()

    def _end_stuck(self) -> None:
        """End a worker that has been silent for too long. Its pipe closes, and so another worker is started."""
        if time.monotonic() < self._next_look:
            return
        self._next_look = time.monotonic() + LOOK_S
        for worker in self._alive.values():
            worker.silent_looks += 1
            if worker.stuck:
                supervision.add("workers_stuck")
                supervision.set("last_stuck_at", int(time.time()))
                os.kill(worker.pid, signal.SIGKILL)
        self._look()

    def _fell(self, worker: _Worker) -> None:
        supervision.add("workers_ended")
        self._ended(worker.pid)
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
        """End all workers: first by a signal, later by force."""
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
    """Do a large task in a separate process: it returns all its memory, and leaves no thread behind, which a later fork would break.

    Raises:
        SystemExit: the task failed and has printed why; its exit code becomes ours.
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
        os.kill(pid, signal.SIGKILL)  # the database rolls its transaction back by itself
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


def fork_task(task: Callable[[], object]) -> int:
    """Do a task in a separate process and do not wait for it; returns its id. The caller waits for its end."""
    pid = os.fork()
    if pid == 0:
        leave_after(task)
    return pid


def leave_after(task: Callable[[], object]) -> NoReturn:
    """Do a task and end this process at once, because a forked child must not run the clean-up code of its parent."""
    code: object = None
    try:
        task()
        code = 0
    except GridwellError as error:
        complain(error_sentence(error))
        code = COULD_NOT
    except KeyboardInterrupt:
        code = INTERRUPTED
    except SystemExit as ended:  # uvicorn ends like this when it cannot start; it has printed why
        code = ended.code
    finally:
        if code is None:
            traceback.print_exc()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else 1)


def _tell(pipe: int) -> None:
    with suppress(BlockingIOError, BrokenPipeError):  # a stopped parent reads nothing; if the parent has ended, we end too
        os.write(pipe, b"+")


def _end_with_parent(life: int) -> None:
    """End when the parent ends, for any reason: its end closes the pipe. Otherwise nobody would end us, and the port would stay taken."""

    def wait() -> None:
        os.read(life, 1)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=wait, daemon=True).start()


def _reap(worker: _Worker) -> str:
    """Wait for a worker that has ended; returns how it ended."""
    os.close(worker.pipe)
    _, status = os.waitpid(worker.pid, 0)
    return describe_end(os.waitstatus_to_exitcode(status))


def describe_end(code: int) -> str:
    """How a process ended, from its exit code as ``os.waitstatus_to_exitcode`` gives it."""
    return _signal_name(code) if code < 0 else f"exit code {code}"


def _signal_name(code: int) -> str:
    return signal.Signals(-code).name


@contextmanager
def _blocked_signals() -> Iterator[None]:
    """Hold back the signals to end."""
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    try:
        yield
    finally:
        with suppress(KeyboardInterrupt):  # we are ending already
            signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)


@contextmanager
def _unblocked_signals() -> Iterator[None]:
    """Raise the signals to end that were held back or arrive now."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
