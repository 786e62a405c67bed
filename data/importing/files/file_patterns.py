"""Finds the files that a profile's patterns mean, and opens them: regular files inside the delivered folder, and nothing else."""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from data.importing.common.sentences import FileProblem

_COMPANIONS = {".shp", ".shx", ".dbf", ".prj", ".cpg", ".tab", ".dat", ".map", ".id", ".ind", ".mif", ".mid", ".gml", ".xsd", ".gfs"}
"""Endings of files that belong together where they share a name: of shapefiles, MapInfo and GML."""

MOST_PARTS = 24
"""Files of one delivery that are opened: more than that share a name only by mistake."""


def find_files(folder: Path, patterns: list[str]) -> tuple[list[tuple[Path, str]], list[str]]:
    """Files that the patterns mean, in order and once each, with the name to tell people; and the patterns that mean none.

    A pattern is looked for in the folder and, where it means nothing there, beside it: so a profile whose paths begin with the city's
    folder works with that folder and with the one around it, and rows keep their keys either way.
    """
    found: dict[Path, str] = {}
    empty: list[str] = []
    for pattern in patterns:
        if leaves_folder(folder, pattern):
            empty.append(pattern)
            continue
        try:
            matches = _matches(folder, pattern) or _matches(folder.parent, pattern)
        except OSError:  # a name that no file can have, or a folder that may not be entered
            matches = []
        if not matches:
            empty.append(pattern)
        for path, told in matches:
            found.setdefault(path, told)
    return list(found.items()), empty


def leaves_folder(folder: Path, pattern: str) -> bool:
    """Whether a pattern means files that lie neither in the folder nor beside it: a profile may come from somebody else."""
    given = Path(pattern)
    return ".." in given.parts or (given.is_absolute() and not given.is_relative_to(folder.absolute().parent))


def _matches(base: Path, pattern: str) -> list[tuple[Path, str]]:
    given = Path(pattern)
    if given.is_absolute():
        return [(given, given.name)] if given.is_file() else []
    if (base / pattern).is_file():
        return [(base / pattern, pattern)]
    paths = sorted(p for p in base.glob(pattern) if p.is_file()) if any(c in pattern for c in "*?[") else []
    return [(p, p.relative_to(base).as_posix()) for p in paths]


def list_parts(path: Path) -> list[Path]:
    """A file first, then those beside it that belong to it, such as the table of a shapefile."""
    stem = path.name[: -len(path.suffix)]
    beside = (p for p in path.parent.iterdir() if p.suffix.lower() in _COMPANIONS and p.name[: -len(p.suffix)] == stem and p != path)
    return [path, *sorted(p for p in beside if p.is_file())][:MOST_PARTS]


@contextmanager
def open_parts(folder: Path, path: Path, file: str) -> Iterator[list[tuple[str, int]]]:
    """Open a file and those that belong to it; yields names and descriptors, the file itself first.

    Args:
        folder: of the import; it may be a link itself.
        path: one of ``find_files(folder, …)``.
        file: as told to people.

    Raises:
        FileProblem: a link leads out of the folder, it is no regular file, or it may not be read.
    """
    opened: list[tuple[str, int]] = []
    try:
        for part in list_parts(path):
            opened.append((part.name, _open_inside(folder, part, file)))
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
        inside = (folder if path.is_relative_to(folder) else folder.parent).resolve()
        if not Path(f"/proc/self/fd/{descriptor}").readlink().is_relative_to(inside):
            raise FileProblem("link_outside", file=file, folder=str(folder))
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor
