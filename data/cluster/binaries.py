"""Finds PostgreSQL's programs and PostGIS on this machine."""

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from data.cluster.errors import WrongMajor
from data.cluster.packages import available, command_line, install
from data.core.careful_files import read_small
from data.database.migrate import EXTENSIONS

OLDEST_MAJOR = 14
_PLACES = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/local/pgsql/bin", "/opt/homebrew/opt/postgresql@*/bin")
_PACKAGE = re.compile(r"postgresql-(\d+)-postgis-3")


@dataclass(frozen=True, slots=True, order=True)
class Binaries:
    """One installed PostgreSQL."""

    complete: bool
    major: int
    folder: Path

    def program(self, name: str) -> str:
        """Path of one of its programs."""
        return str(self.folder / name)


def list_installed() -> list[Binaries]:
    """Every PostgreSQL from version 14 on; those with all our extensions first, then the newest."""
    found = {made for folder in _folders() if (made := _look(folder)) is not None and made.major >= OLDEST_MAJOR}
    return sorted(found, reverse=True)


def binaries(data: Path, log: Path, tell: Callable[[str], None]) -> Binaries:
    """A PostgreSQL with PostGIS that fits the data folder (any version if there is none yet). It is installed if missing.

    Raises:
        PackagesMissing, InstallFailed: PostGIS is missing and cannot be installed.
        WrongMajor: the data folder was made by a version that is not available.
    """
    major = made_by(data)
    chosen = _fitting(major)
    if chosen is None:
        install("PostGIS", lambda: _packages(major), log, tell)
        chosen = _fitting(major)
    if chosen is None:
        raise WrongMajor(folder=data, major=major or OLDEST_MAJOR, command=command_line(_packages(major)))
    return chosen


def clients(major: int) -> Binaries | None:
    """An installation whose ``pg_dump`` can read a server of this major version: the same version if it is there, else the next newer one.

    Its server and PostGIS may be missing.
    """
    found = [made for folder in _folders() if (made := _look(folder, ("pg_dump", "pg_restore"))) is not None and made.major >= major]
    return min(found, key=lambda one: one.major, default=None)


def _fitting(major: int | None) -> Binaries | None:
    return next((b for b in list_installed() if b.complete and major in {None, b.major}), None)


def made_by(data: Path) -> int | None:
    """Major version of the PostgreSQL that made a data folder; ``None`` if there is none yet."""
    try:
        return int(read_small(data / "PG_VERSION"))
    except (FileNotFoundError, ValueError):
        return None


def _packages(major: int | None) -> list[str]:
    """Package of PostGIS for ``major``, or for the newest server that is installed or can be."""
    offered = {int(match[1]): name for name in available(r"^postgresql-[0-9]+-postgis-3$") if (match := _PACKAGE.fullmatch(name))}
    if major is not None:
        return [f"postgresql-{major}-postgis-3"]
    present = [found.major for found in list_installed() if found.major in offered]
    usable = present or [number for number in offered if number >= OLDEST_MAJOR]
    return [offered[max(usable)]] if usable else ["postgresql-postgis"]


def _folders() -> Iterator[Path]:
    for pattern in _PLACES:
        yield from Path("/").glob(pattern.lstrip("/"))
    if (config := shutil.which("pg_config")) is not None:
        yield Path(_first_line([config, "--bindir"]))
    for name in ("postgres", "pg_dump"):
        if (found := shutil.which(name)) is not None:
            yield Path(found).resolve().parent


def _look(folder: Path, programs: tuple[str, ...] = ("postgres", "initdb")) -> Binaries | None:
    if not all((folder / name).exists() for name in programs):
        return None
    version = re.search(r"(\d+)", _first_line([str(folder / programs[0]), "--version"]))
    if version is None:
        return None
    major = int(version[1])
    shared, libraries = Path(f"/usr/share/postgresql/{major}"), folder.parent / "lib"
    if (config := folder / "pg_config").exists():
        shared, libraries = (Path(_first_line([str(config), option])) for option in ("--sharedir", "--pkglibdir"))
    # Debian's packages may contain one of them without the other.
    complete = all((shared / "extension" / f"{name}.control").exists() for name in EXTENSIONS) and any(libraries.glob("postgis-3.*"))
    return Binaries(complete, major, folder.resolve())


def _first_line(command: list[str]) -> str:
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    return answer.stdout.strip()
