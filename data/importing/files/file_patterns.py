"""Finds the files that a profile's patterns mean, and opens them: regular files inside the delivered folder, and nothing else."""

import errno
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from fnmatch import fnmatchcase
from pathlib import Path

from data.core.settings import settings
from data.core.text import as_one_line
from data.importing.common.sentences import FileProblem

_WILDCARD = re.compile(r"[*?\[]")
_COMPANIONS = {".shp", ".shx", ".dbf", ".prj", ".cpg", ".tab", ".dat", ".map", ".id", ".ind", ".mif", ".mid", ".gml", ".xsd", ".gfs"}
"""Endings of files that belong together where they share a name: of shapefiles, MapInfo and GML."""

MOST_PARTS = 250
"""Files of one delivery that are opened: so many descriptors go over a socket at once."""
_MOST_BESIDE = 24
"""Files beside one of the same name: more than that share it only by mistake."""


def find_files(folder: Path, patterns: list[str]) -> tuple[list[tuple[Path, str]], list[str]]:
    """Files that the patterns mean, in order and once each, with the name to tell people; and the patterns that mean none.

    All of them lie in the folder: a profile may come from somebody else. Its paths may begin with the folder's own name, so that it works
    with that folder and with the one around it; rows keep their keys either way.
    """
    found: dict[Path, str] = {}
    empty: list[str] = []
    for pattern in patterns:
        try:
            matches = [] if leaves_folder(folder, pattern) else _matches(folder, pattern)
        except (OSError, ValueError):  # a name that no file can have, or a folder that may not be entered
            matches = []
        if not matches:
            empty.append(pattern)
        for path, told in matches:
            found.setdefault(path, as_one_line(told))
    return list(found.items()), empty


def leaves_folder(folder: Path, pattern: str) -> bool:
    """Whether a pattern means files that do not lie in the folder."""
    given = Path(pattern)
    return ".." in given.parts or (given.is_absolute() and not given.is_relative_to(folder.absolute()))


def _matches(folder: Path, pattern: str) -> list[tuple[Path, str]]:
    """Files with the name to tell people: looked for in the folder, and else without the folder's own name in front."""
    given = Path(pattern)
    if given.is_absolute():
        return [(given, given.name)] if given.is_file() else []
    found = [(path, path.relative_to(folder).as_posix()) for path in _find_paths(folder, given.parts)]
    if not found and given.parts[:1] == (folder.absolute().name,):
        inside = _find_paths(folder, given.parts[1:])
        found = [(path, Path(given.parts[0], path.relative_to(folder)).as_posix()) for path in inside]
    return found


def _find_paths(folder: Path, parts: tuple[str, ...]) -> list[Path]:
    """Files in a folder that a pattern means; a name that is there means itself."""
    if not parts:
        return []
    own = folder.joinpath(*parts)
    if _is_delivery(own):
        return [own]
    return sorted(_find_matches(folder, parts)) if any(_WILDCARD.search(part) for part in parts) else []


def _find_matches(base: Path, parts: tuple[str, ...]) -> set[Path]:
    """Files below a folder that a pattern means; each folder is looked into once for each part, whatever the pattern.

    ``pathlib`` would need exponential time for ``**/**/**``, and for links to folders above; wildcards do not follow such links.
    """
    here = {base}
    for part in parts[:-1]:
        if part == "**":
            here = {Path(root) for start in here for root, _, _ in os.walk(start)}
        elif _WILDCARD.search(part):
            here = {found for found in _list_fitting(here, part) if found.is_dir() and not found.is_symlink()}
        else:
            here = {folder / part for folder in here}
    return {found for found in _list_fitting(here, parts[-1]) if _is_delivery(found)}


def _is_delivery(path: Path) -> bool:
    """A file, or a folder that is a file geodatabase."""
    return path.is_file() or is_geodatabase(path)


def is_geodatabase(path: Path) -> bool:
    """Whether this is the folder that Esri calls a file geodatabase."""
    return path.suffix.lower() == ".gdb" and path.is_dir() and (path / "gdb").is_file()


def _list_fitting(folders: set[Path], name: str) -> Iterator[Path]:
    """What lies in these folders and has a name that fits."""
    for folder in folders:
        with suppress(PermissionError, FileNotFoundError, NotADirectoryError):
            yield from (found for found in folder.iterdir() if fnmatchcase(found.name, name))


def list_parts(path: Path) -> list[Path]:
    """A file first, then those beside it that belong to it, such as the table of a shapefile; of a geodatabase its files."""
    if is_geodatabase(path):
        return sorted(p for p in path.iterdir() if p.is_file() and p.suffix.lower() != ".lock")
    stem = path.name[: -len(path.suffix)]
    beside = (p for p in path.parent.iterdir() if p.suffix.lower() in _COMPANIONS and p.name[: -len(p.suffix)] == stem and p != path)
    return [path, *sorted(p for p in beside if p.is_file())][:_MOST_BESIDE]


@contextmanager
def open_parts(folder: Path, path: Path, file: str) -> Iterator[list[tuple[str, int]]]:
    """Open a file and those that belong to it; yields names and descriptors, the file itself first.

    Args:
        folder: of the import, without links: if it is exchanged for a link afterwards, nothing is read through that.
        path: one of ``find_files(folder, …)``.
        file: as told to people.

    Raises:
        FileProblem: a link leads out of the folder, it is no regular file, or it may not be read.
    """
    opened: list[tuple[str, int]] = []
    try:
        parts = list_parts(path)
        if len(parts) > MOST_PARTS:
            raise FileProblem("large_geodatabase", file=file, most=MOST_PARTS)
        for part in parts:
            name = f"{path.name}/{part.name}" if part.parent == path else part.name
            opened.append((as_one_line(name), _open_inside(folder, part, file)))
        yield opened
    except OSError as error:
        raise FileProblem("unreadable_file", file=file, detail=error.strerror or str(error)) from error
    finally:
        for _, descriptor in opened:
            os.close(descriptor)


def _open_inside(folder: Path, path: Path, file: str) -> int:
    """Open first and look afterwards: what is looked at cannot be exchanged any more."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)  # a pipe must not hold us up
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "it is no regular file")
        real = Path(f"/proc/self/fd/{descriptor}").readlink()
        if not real.is_relative_to(folder):
            raise FileProblem("link_outside", file=file, folder=str(folder))
        if _is_own(folder, real, descriptor):
            raise OSError(errno.EACCES, "it is a file of Gridwell itself")
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _is_own(folder: Path, real: Path, descriptor: int) -> bool:
    """Whether a file is the key file, under whatever name, or one of the state folder where the import's folder holds that by accident.

    A folder inside the state folder was chosen on purpose: the bench keeps its inputs there.
    """
    own = settings()
    keys = own.key_file or own.home / "keys"
    with suppress(OSError):
        if os.path.samestat(keys.stat(), os.fstat(descriptor)):
            return True
    home = own.home.resolve()
    return real.is_relative_to(home) and home not in folder.parents
