"""A delivered file as its readers see it: names and bytes, without a path.

Readers run in a process that can open no file (``data/importing/reader``). Whatever belongs to a delivered file was opened before.
"""

import io
import mmap
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePath
from typing import BinaryIO


@dataclass
class Part:
    """One file of a delivery.

    Attributes:
        name: without its folder, such as ``roads.dbf``.
        content: its bytes, or the descriptor of an open regular file.
    """

    name: str
    content: bytes | int

    @cached_property
    def size(self) -> int:
        """Bytes."""
        return len(self.content) if isinstance(self.content, bytes) else os.lseek(self.content, 0, os.SEEK_END)

    def open(self) -> BinaryIO:
        """A stream from the beginning; streams of one part do not move each other."""
        if isinstance(self.content, bytes):
            return io.BytesIO(self.content)
        return io.BufferedReader(_Descriptor(self.content), 1 << 16)

    def read(self) -> bytes:
        """All bytes."""
        if isinstance(self.content, bytes):
            return self.content
        with self.open() as stream:
            return stream.read()

    @cached_property
    def memory(self) -> mmap.mmap | bytearray:
        """The bytes as writable memory of this process alone: for libraries that want an address."""
        if isinstance(self.content, bytes) or not self.size:
            return bytearray(self.read())
        return mmap.mmap(self.content, self.size, access=mmap.ACCESS_COPY)


class _Descriptor(io.RawIOBase):
    """Reads an open file at its own offset. The descriptor stays open: it belongs to the part."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor, self._at = descriptor, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: os.lseek(self._descriptor, 0, os.SEEK_END)}[whence]
        if start + offset < 0:
            raise ValueError("a position before the beginning")
        self._at = start + offset
        return self._at

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        found = os.preadv(self._descriptor, [buffer], self._at)
        self._at += found
        return found


@dataclass
class DeliveredFile:
    """A file and those that belong to it, such as the table of a shapefile.

    Attributes:
        told: path as told to people, relative to the folder of the import.
        parts: the file itself first.
        most_unpacked: bytes that any file may unpack to.
    """

    told: str
    parts: Sequence[Part]
    most_unpacked: int = 1 << 32
    _main: Part = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._main = self.parts[0]

    @property
    def name(self) -> str:
        """Name without its folder."""
        return self._main.name

    @property
    def suffix(self) -> str:
        """Last ending in small letters, with its dot."""
        return PurePath(self.name).suffix.lower()

    @property
    def size(self) -> int:
        """Bytes of the file itself."""
        return self._main.size

    def open(self) -> BinaryIO:
        """A stream of the file itself."""
        return self._main.open()

    def read(self) -> bytes:
        """All bytes of the file itself."""
        return self._main.read()

    def find_part(self, suffix: str) -> Part | None:
        """The part with an ending such as ``.dbf``."""
        return next((part for part in self.parts if PurePath(part.name).suffix.lower() == suffix), None)
