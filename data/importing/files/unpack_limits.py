"""Limits for unpacking: the sizes of archives, workbooks and compressed texts are checked before or while they are unpacked.

A few kilobytes can unpack to terabytes, or hold names that lead elsewhere. Nothing is ever unpacked to a place that the file chooses.
"""

import gzip
import zipfile
import zlib
from pathlib import PurePosixPath, PureWindowsPath

from data.importing.common.sentences import FileProblem
from data.importing.files.delivered import DeliveredFile

_MEGABYTE = 1 << 20
_MOST_MEMBERS = 10_000
_ALWAYS_FINE = 64 * _MEGABYTE
_MOST_TIMES = 200
"""Tables of numbers shrink to a tenth or twentieth, sparse ones to a hundredth; what shrinks more holds nothing."""
_ARCHIVES = {".zip", ".xlsx", ".xlsm", ".kmz", ".ods"}
_MARKUP = {".kml", ".gml", ".xml", ".gpx"}
_HEAD = _MEGABYTE
"""Entities have to be declared before the first element."""
_CHUNK = 4 * _MEGABYTE
_LOCKED = 1
"""The bit of a member that needs a password."""
_ZIP = b"PK\x03\x04"


def max_unpacked_bytes(file: DeliveredFile) -> int:
    """Bytes that a file may unpack to."""
    return min(file.most_unpacked, max(_ALWAYS_FINE, file.size * _MOST_TIMES))


def check_file(file: DeliveredFile) -> None:
    """Look at a file before anything reads it.

    Raises:
        FileProblem: it would unpack to too much or to another place, or declares entities.
    """
    with file.open() as stream:
        head = stream.read(_HEAD)
    if file.suffix in _ARCHIVES or head.startswith(_ZIP):
        _examine_archive(file)
    elif file.suffix in _MARKUP or head.lstrip()[:5] == b"<?xml":
        _no_entities(head, file.told)


def _examine_archive(file: DeliveredFile) -> None:
    try:
        with file.open() as stream, zipfile.ZipFile(stream) as archive:
            infos = archive.infolist()
            if len(infos) > _MOST_MEMBERS:
                raise FileProblem("many_members", file=file.told, found=len(infos), most=_MOST_MEMBERS)
            # What is declared holds: zipfile gives no byte more than that, and then finds that the sums differ.
            if sum(info.file_size for info in infos) > max_unpacked_bytes(file):
                raise _too_large(file)
            for info in infos:
                if info.flag_bits & _LOCKED:
                    raise FileProblem("locked_archive", file=file.told)
                if _leads_out(info.filename):
                    raise FileProblem("unsafe_member", file=file.told, member=info.filename)
                if info.filename.lower().endswith((".xml", ".kml", ".rels")):
                    with archive.open(info) as member:
                        _no_entities(member.read(_HEAD), file.told)
    except (OSError, zipfile.BadZipFile, NotImplementedError, RuntimeError, zlib.error, ValueError) as error:
        raise FileProblem("unreadable_file", file=file.told, detail=str(error)) from error


def _leads_out(name: str) -> bool:
    path = PurePosixPath(name.replace("\\", "/"))
    return path.is_absolute() or ".." in path.parts or bool(PureWindowsPath(name).drive)


def _no_entities(head: bytes, file: str) -> None:
    if b"<!ENTITY" in head.replace(b"\0", b""):  # also where each character takes two bytes or four
        raise FileProblem("entities", file=file)


def _too_large(file: DeliveredFile) -> FileProblem:
    return FileProblem("unpacks_to_more", file=file.told, most=f"{max_unpacked_bytes(file) // _MEGABYTE} MB")


class GzipReader:
    """A gzipped file, read within its limit.

    Args:
        file: the packed one.
    """

    def __init__(self, file: DeliveredFile) -> None:
        self._file, self._left = file, max_unpacked_bytes(file)
        self._stream = gzip.GzipFile(fileobj=file.open())

    def __enter__(self) -> "GzipReader":
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()

    def read(self, size: int = -1) -> bytes:
        """So many bytes, or all that are left.

        Raises:
            FileProblem: there are more than the file may unpack to.
        """
        parts: list[bytes] = []
        wanted = size
        while wanted and (part := self._stream.read(min(_CHUNK, wanted) if wanted > 0 else _CHUNK)):
            self._left -= len(part)
            if self._left < 0:
                raise _too_large(self._file)
            parts.append(part)
            wanted = wanted - len(part) if wanted > 0 else wanted
        return b"".join(parts)
