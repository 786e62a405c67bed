"""Room on the disk for the files in which a process counts (``data.core.meters``), reserved before it counts.

prometheus-client writes them through memory. Where the disk has no room for a page that was never written, such a write ends the process
(SIGBUS): on a full disk nobody would be answered. Where no room can be reserved, a process counts in memory alone, and ``/metrics`` shows
its own numbers when it is asked.
"""

import os
import shutil
from contextlib import suppress
from pathlib import Path

KINDS = ("counter", "histogram", "gauge_livesum")
"""How prometheus-client's names of our files begin; ``tests/cli/test_meter_files.py`` compares them with what it writes."""
SIZE = 1 << 20
"""Its files are so long at first."""
VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
MEMORY = Path("/dev/shm")  # noqa: S108 # nosec B108 -- a private folder is made in it


def reserve_files() -> None:
    """Reserve this process's files; does nothing where processes do not count in files."""
    folder = os.environ.get(VARIABLE)
    if not folder:
        return
    try:
        _reserve(Path(folder))
    except OSError:
        with suppress(OSError):
            own = own_folder(os.getpid())
            own.mkdir(mode=0o700)
            _reserve(own)
            os.environ[VARIABLE] = str(own)


def release_files(pid: int) -> None:
    """Remove what a process that has ended counted in memory alone."""
    shutil.rmtree(own_folder(pid), ignore_errors=True)


def own_folder(pid: int) -> Path:
    """Where a process counts for which there is no room on the disk."""
    return MEMORY / f"gridwell-meters-{pid}"


def _reserve(folder: Path) -> None:
    files = [folder / f"{kind}_{os.getpid()}.db" for kind in KINDS]
    try:
        for file in files:
            opened = os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
            try:
                os.posix_fallocate(opened, 0, SIZE)
            finally:
                os.close(opened)
    except OSError:
        for file in files:
            file.unlink(missing_ok=True)
        raise
