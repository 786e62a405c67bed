"""Server processes that work in a data folder, found by their working folder, which is the data folder for every PostgreSQL process."""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

from data.core.careful_files import read_small

_PROC = Path("/proc")
_STEP_S = 0.05


def in_folder(data: Path) -> list[int]:
    """Ids of live PostgreSQL processes whose working folder is ``data``. Empty where there is no ``/proc``."""
    wanted = data.resolve()
    return [int(entry.name) for entry in _PROC.glob("[0-9]*") if _works_in(entry, wanted)]


def postmaster(data: Path) -> int | None:
    """Id of the main server process of ``data``, if it lives.

    The number in ``postmaster.pid`` alone is not enough: after a crash another program may have it.
    """
    try:
        pid = int(read_small(data / "postmaster.pid").split(b"\n", 1)[0])
    except (OSError, ValueError):
        return None
    return pid if _works_in(_PROC / str(pid), data.resolve()) else None


def end(pids: list[int], how: signal.Signals, patience_s: float, data: Path) -> bool:
    """Send a signal and wait until none of the processes works in ``data`` any more; returns whether that happened."""
    for pid in pids:
        _send(pid, how)
    return wait_gone(pids, patience_s, data)


def wait_gone(pids: list[int], patience_s: float, data: Path) -> bool:
    """Wait until none of the processes works in ``data`` any more."""
    deadline = time.monotonic() + patience_s
    while set(pids) & set(in_folder(data)):
        if time.monotonic() > deadline:
            return False
        _reap(pids)
        time.sleep(_STEP_S)
    _reap(pids)
    return True


def _send(pid: int, how: signal.Signals) -> None:
    try:
        os.kill(pid, how)
    except ProcessLookupError:
        return  # it has already ended, which is what we want


def _reap(pids: list[int]) -> None:
    """Wait for those processes that are our own children, so that none stays as a zombie. Other children are left alone."""
    for pid in pids:
        with suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)


def _works_in(entry: Path, wanted: Path) -> bool:
    try:
        return (entry / "cwd").readlink() == wanted and (entry / "exe").readlink().name.split(" ")[0] == "postgres"
    except OSError:
        return False  # it ended meanwhile, or it is not ours to look at
