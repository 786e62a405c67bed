"""The archive: finished pieces (segments) of the write-ahead log of the embedded cluster, copied to another disk while it runs.

With a copy of the cluster (``data.backup``) they lead to any moment after it. ``archive.sh`` copies; PostgreSQL calls it for each segment
and keeps what could not be copied. If the archive fails for so long that the cluster's own disk gets full, the script gives segments up,
because a city without its map is worse than an archive with a gap. It leaves a file that says so, and the doctor reports it.
"""

import re
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path

from data.cluster.account import as_server, own_folder
from data.cluster.binaries import Binaries
from data.cluster.errors import ClusterError
from data.core.settings import settings
from data.database.socket import Paths

TIMEOUT_S = 60
"""After this time a segment is archived although it is not full: the most that is lost with the machine."""
SUFFIX = ".gz"
GAP = "archive-gap"
"""File in the data folder that names segments that were given up."""
_FLOOR_MB = 1024
"""Free room on the cluster's own disk below which segments are given up."""
_SCRIPT = Path(__file__).with_name("archive.sh")
_SEGMENT = re.compile(r"[0-9A-F]{24}")
_SEGMENTS_PER_FILE = 0x100  # segments of 16 MB


def archive_settings(where: Paths, programs: Binaries, tell: Callable[[str], None]) -> dict[str, str]:
    """Server settings that archive the log, if the setting ``archive`` names a folder and this is the installation's own cluster.

    A folder that cannot be used is told, and the server starts all the same: what could not be copied is kept and copied later.
    """
    if settings().archive is None or where.home != settings().home.absolute():
        return {}
    folder = archive_folder(system_number(where, programs))
    try:
        own_folder(folder)
    except ClusterError as error:
        tell(str(error))
    script = where.base / "archive.sh"
    script.write_bytes(_SCRIPT.read_bytes())  # where the server's account can read it
    script.chmod(0o644)
    words = [*map(_quote, ("sh", script)), "%p", "%f", *map(_quote, (folder, where.data, where.data / GAP, _FLOOR_MB))]
    return {"archive_mode": "on", "archive_command": " ".join(words), "archive_timeout": f"{TIMEOUT_S}s"}


def archive_folder(system: str) -> Path:
    """The folder of one cluster's segments inside the setting ``archive``."""
    return Path(settings().archive or "").absolute() / system


def system_number(where: Paths, programs: Binaries) -> str:
    """The number that PostgreSQL gave a cluster when it was made; copies keep it.

    Raises:
        ClusterError: the data folder cannot be read.
    """
    command = [programs.program("pg_controldata"), "-D", str(where.data)]
    answer = subprocess.run(command, capture_output=True, text=True, check=False, **as_server())
    found = re.search(r"system identifier:\s+(\d+)", answer.stdout)
    if found is None:
        raise ClusterError()
    return found[1]


def keep_history(where: Paths, folder: Path) -> None:
    """Archive the history of timelines of a cluster that was just restored, so that a later restore follows what was lived since.

    Args:
        where: the cluster, stopped or running.
        folder: its archive.

    Raises:
        ClusterError: it cannot be written.
    """
    for history in sorted((where.data / "pg_wal").glob("*.history")):
        words = [str(history), history.name, str(folder), str(where.data), str(where.data / GAP), "0"]
        command = ["sh", "-c", _SCRIPT.read_text("utf-8"), "sh", *words]
        if subprocess.run(command, capture_output=True, text=True, check=False, **as_server()).returncode:
            raise ClusterError()


def restore_command(folder: Path) -> str:
    """The command with which PostgreSQL gets a segment back."""
    return f"test -f {_quote(folder)}/%f{SUFFIX} && gzip -dc {_quote(folder)}/%f{SUFFIX} > %p"


def _quote(word: object) -> str:
    return shlex.quote(str(word).replace("%", "%%"))


def segment_at(timeline: int, position: str) -> str:
    """Name of the segment that holds a position of the log, such as ``0/3000028``."""
    high, low = (int(part, 16) for part in position.split("/"))
    return f"{timeline:08X}{high:08X}{low >> 24:08X}"


def missing_segments(folder: Path, first: str) -> list[str]:
    """The first missing segment of each gap between ``first`` and the newest segment, without its timeline."""
    names = [path.name.removesuffix(SUFFIX) for path in folder.iterdir() if path.name.endswith(SUFFIX)]
    start = _number(first)
    later = sorted({number for name in names if _SEGMENT.fullmatch(name) and (number := _number(name)) >= start})
    gaps = [before + 1 for before, after in zip([start - 1, *later], later, strict=False) if after > before + 1]
    return [f"{number // _SEGMENTS_PER_FILE:08X}{number % _SEGMENTS_PER_FILE:08X}" for number in gaps]


def _number(name: str) -> int:
    """Place of a segment in the log, whatever its timeline."""
    return int(name[8:16], 16) * _SEGMENTS_PER_FILE + int(name[16:24], 16)
