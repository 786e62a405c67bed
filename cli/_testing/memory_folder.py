"""The folder for the tests' databases: in memory if there is room, because copying a database then takes a quarter of the time."""

import shutil
from pathlib import Path

_MEMORY = Path("/dev/shm")  # nosec B108 # noqa: S108 -- only the parent of temporary folders
_MEMINFO = Path("/proc/meminfo")
_NEEDED_BYTES = 3 << 30
"""Room for the databases of one process; those of the real cities are the largest."""


def memory_folder(processes: int = 1) -> str | None:
    """A folder in memory, for ``tempfile``'s argument ``dir``; ``None`` if there is none or too little room.

    Args:
        processes: how many processes keep databases there at the same time.
    """
    try:
        free = min(shutil.disk_usage(_MEMORY).free, _available_bytes())
    except OSError:
        return None
    return str(_MEMORY) if free >= processes * _NEEDED_BYTES else None


def _available_bytes() -> int:
    """Memory that is free for programs without swapping out others."""
    for line in _MEMINFO.read_text("ascii").splitlines():
        name, _, value = line.partition(":")
        if name == "MemAvailable":
            return int(value.split()[0]) * 1024
    return 0
