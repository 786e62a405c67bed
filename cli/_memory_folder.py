"""Where tests keep their databases: in memory where there is room, for copying a database there takes a quarter of the time."""

import shutil
from pathlib import Path

_MEMORY = Path("/dev/shm")  # nosec B108 # noqa: S108 -- only the folder in which temporary ones are made
_MEMINFO = Path("/proc/meminfo")
_NEEDED_BYTES = 3 << 30
"""For the databases of one process; those of the real cities are the largest."""


def memory_folder(processes: int = 1) -> str | None:
    """A folder in memory, for ``tempfile``'s argument ``dir``; ``None`` where there is none, or too little room.

    Args:
        processes: how many keep databases there at the same time.
    """
    try:
        free = min(shutil.disk_usage(_MEMORY).free, _available_bytes())
    except OSError:
        return None
    return str(_MEMORY) if free >= processes * _NEEDED_BYTES else None


def _available_bytes() -> int:
    """Memory that programs can have without others being pushed out."""
    for line in _MEMINFO.read_text("ascii").splitlines():
        name, _, value = line.partition(":")
        if name == "MemAvailable":
            return int(value.split()[0]) * 1024
    return 0
