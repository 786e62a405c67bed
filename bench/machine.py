"""Describes the machine and the versions with which the figures were measured."""

import os
import platform
import re
import shutil
import subprocess
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from bench.databases import connect
from bench.model import Json
from data.cluster.tuning import memory_bytes
from data.core.version import product_version

LOOK_S = 2.0
"""How long the machine is watched before a row."""
_LIBRARIES = ("dash", "fastapi", "uvicorn", "sqlalchemy", "psycopg", "geopandas", "pydeck")
QUIET = 0.15
"""A machine is quiet if no more than this share of its cores is busy before a row."""
_DURABLE = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on", "wal_level": "replica"}
"""How the embedded cluster keeps what it has committed. With less, writing costs less than it costs users."""
_SERVER_SETTINGS = ("shared_buffers", "work_mem", "max_parallel_workers_per_gather", "jit", *_DURABLE)


def machine() -> Json:
    """Processor, cores, memory, system."""
    return {
        "cpu": _cpu(),
        "cores": cores(),
        "memory_gb": round(memory_bytes() / 2**30, 1),
        "system": _system(),
        "kernel": platform.release(),
        "measured_at": datetime.now(UTC).isoformat(timespec="minutes"),
        "load_before": load(),
    }


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0))


def load(seconds: float = LOOK_S) -> float:
    """How many cores others keep busy at this moment. The system's own load would still count the row before."""
    try:
        before = _times()
        time.sleep(seconds)
        after = _times()
    except OSError:
        return round(os.getloadavg()[0], 2)
    return find_busy_cores(before, after, os.cpu_count() or 1)


def _times() -> list[int]:
    return [int(word) for word in Path("/proc/stat").read_text("ascii").splitlines()[0].split()[1:]]


def find_busy_cores(before: Sequence[int], after: Sequence[int], cores: int) -> float:
    """Busy cores between two readings of the first line of ``/proc/stat``: user, nice, system, idle, iowait, irq, softirq, steal, …"""
    spent = [late - early for early, late in zip(before[:8], after[:8], strict=True)]
    idle = spent[3] + spent[4]
    return round(cores * (sum(spent) - idle) / max(1, sum(spent)), 2)


def describe_load(before: float, cores: int) -> str | None:
    """What a row says about a machine that was busy with something else; ``None`` if it was quiet."""
    if before <= QUIET * cores:
        return None
    return f"Something else kept {before:g} of {cores} cores busy before it: compare its ratios, not its figures."


def find_weakness(server_settings: Mapping[str, str]) -> str | None:
    """Why the measured server keeps less than users' ones; ``None`` if it keeps as much or more."""
    stronger = {"wal_level": {"logical"}, "synchronous_commit": {"remote_write", "remote_apply"}}
    weak = [
        f"{name} = {value}"
        for name, value in server_settings.items()
        if name in _DURABLE and value != _DURABLE[name] and value not in stronger.get(name, ())
    ]
    return f"the database server is not durable ({', '.join(weak)})" if weak else None


def versions(database: str) -> Json:
    """Versions of Gridwell, of the software it uses, and of the measuring tools."""
    with connect(database) as connection:
        answers = connection.execute(
            "SELECT current_setting('server_version'), (SELECT extversion FROM pg_extension WHERE extname = 'postgis')"
        ).fetchone()
        settings: dict[str, str] = dict(
            connection.execute("SELECT name, current_setting(name) FROM pg_settings WHERE name = ANY(%s)", [list(_SERVER_SETTINGS)])
        )
    postgresql, postgis = answers or ("?", "?")
    return {
        "gridwell": product_version(),
        "commit": _commit(),
        "python": platform.python_version(),
        "postgresql": postgresql.split()[0],
        "postgis": postgis,
        **{name: version(name) for name in _LIBRARIES},
        "wrk": find_version("wrk", "-v", r"wrk (?:debian/)?([\d.]+)"),
        "server_settings": settings,
    }


def find_version(program: str, option: str, pattern: str) -> str | None:
    """The version that a program prints; None if the program is missing."""
    found = shutil.which(program)
    if found is None:
        return None
    answer = subprocess.run([found, option], capture_output=True, text=True, check=False)
    match = re.search(pattern, answer.stdout + answer.stderr)
    return match[1] if match else None


def _cpu() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text("utf-8", "replace")
    except OSError:
        return platform.processor() or platform.machine()
    match = re.search(r"model name\s*:\s*(.+)", text)
    return match[1].strip() if match else platform.machine()


def _system() -> str:
    try:
        return platform.freedesktop_os_release().get("PRETTY_NAME", platform.system())
    except OSError:
        return platform.system()


def _commit() -> str | None:
    answer = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=Path(__file__).parent, capture_output=True, text=True, check=False
    )
    return answer.stdout.strip() or None
