"""Settings of the embedded server that fit the machine. They are given on its command line, so that no file has to be edited."""

import os
from pathlib import Path

from data.database.socket import PORT, Paths

_MB = 1024 * 1024
_SMALL_SHARED_MEMORY = 512 * _MB
_CGROUP_LIMIT = Path("/sys/fs/cgroup/memory.max")


def memory_bytes() -> int:
    """Memory of the machine, or of the container where that is less."""
    physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        return min(physical, int(_CGROUP_LIMIT.read_text()))
    except (OSError, ValueError):  # no such file, or "max"
        return physical


def _mb(share: float, least: int, most: int) -> str:
    """A share of the memory between two bounds, in MB."""
    return f"{int(min(max(memory_bytes() * share / _MB, least), most))}MB"


def settings_for(where: Paths, durable: bool = True) -> dict[str, str]:
    """Server settings.

    Args:
        where: the cluster's files.
        durable: False only for tests and scratch clusters, whose data may be lost with the machine.
    """
    made = {
        "listen_addresses": "",
        "port": str(PORT),
        "unix_socket_directories": f'"{where.socket}"',
        "unix_socket_permissions": "0777",  # its folder decides who may come near it
        "max_connections": "112",
        "shared_buffers": _mb(1 / 12, 64, 2048),
        "effective_cache_size": _mb(1 / 2, 256, 16384),
        "work_mem": _mb(1 / 400, 8, 48),
        "maintenance_work_mem": _mb(1 / 32, 64, 512),
        "max_parallel_workers_per_gather": str(min(2, (os.cpu_count() or 1) // 2)),
        "random_page_cost": "1.1",
        "jit": "off",  # compiling costs more than it saves on short map queries
        "wal_level": "replica",  # so that the cluster can be copied while it is in use, and its log archived
        "max_wal_senders": "4",
        "max_wal_size": "2GB",
        "checkpoint_timeout": "15min",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "log_line_prefix": "%m [%p] %u@%d ",
        "log_checkpoints": "off",
    }
    if _shared_memory_bytes() < _SMALL_SHARED_MEMORY:
        made["dynamic_shared_memory_type"] = "mmap"  # containers give /dev/shm 64 MB, and parallel queries die there
    if not durable:
        made |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        made |= {"wal_level": "minimal", "max_wal_senders": "0"}  # bulk loads into new tables then skip the log
        made["shared_buffers"] = _mb(1 / 12, 64, 256)  # all of them are looked through whenever a database is made or dropped
    return made


def _shared_memory_bytes() -> int:
    try:
        room = os.statvfs("/dev/shm")  # nosec B108 # noqa: S108 -- only measured
    except OSError:
        return 0
    return room.f_frsize * room.f_blocks
