"""Asks the reader process for a file, and takes nothing from it on trust."""

import atexit
import os
import select
import signal
import socket
import subprocess  # nosec B404  starts only our own reader process
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa

from data.core.settings import ROOT, settings
from data.core.text import as_one_line
from data.importing.common.sentences import FileProblem
from data.importing.common.sheet import Sheet
from data.importing.files.file_patterns import open_parts
from data.importing.profile.source import Source
from data.importing.reader import frames
from data.importing.reader.process import BEGUN, END_CHILD

_MEGABYTE = 1 << 20
_START_S = 120
_GRACE_MS = 5_000
"""Time in which a child has to end that has closed its pipe."""
_FIELDS = {"format", "layer", "sheet", "encoding", "delimiter", "header", "skip_lines", "geometry", "lon", "lat", "lonlat", "latlon"}
"""What readers need of a source; nothing else goes over."""
_ENVIRONMENT = {
    "LANG": "C.UTF-8",
    "HOME": "/nonexistent",
    "PROJ_USER_WRITABLE_DIRECTORY": "/nonexistent",
    "GDAL_DRIVER_PATH": "disable",
    "PROJ_NETWORK": "OFF",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
}
"""The whole environment of the reader process: none of ours, which may hold passwords."""
_PROGRAM = """
import runpy, sys
sys.path.insert(0, sys.argv[2])
runpy.run_module("data.importing.reader.process", run_name="__main__")
"""
"""Python's option -I leaves the current folder and PYTHONPATH out; so the program's folder is named by us."""


@dataclass
class _Reader:
    """A running reader process, our end of its channel, and the process that started it; whether it can read yet, and whether it does."""

    process: subprocess.Popen[bytes]
    channel: socket.socket
    owner: int
    ready: bool = False
    busy: bool = False


_idle: list[_Reader] = []
"""Readers that wait for a file: one reads one file at a time."""


def read_file(path: Path, file: str, source: Source, folder: Path | None = None) -> Iterator[Sheet]:
    """Read one file as its ending or the declared format says; a large table comes in several sheets.

    The file is parsed in a confined process; see ``data/importing/reader/process.py``.

    Args:
        path: of the file.
        file: as told to people.
        source: what the profile says about it.
        folder: of the import, without links; nothing outside is opened. By default the file's own.

    Raises:
        FileProblem: with one sentence that names the file.
    """
    with open_parts(folder or path.parent.resolve(), path, file) as parts:
        reader = _take_reader(file)
        incoming, outgoing = os.pipe2(os.O_CLOEXEC)
        try:
            try:
                _ask(reader, _describe(file, source, parts), [outgoing, *(descriptor for _, descriptor in parts)], file)
            finally:
                os.close(outgoing)
            for sheet in _receive(reader, incoming, file):
                sheet.file = as_one_line(sheet.file)
                sheet.add_file_columns(as_one_line(path.name), as_one_line(path.absolute().parent.name))
                yield sheet
        finally:  # also when nobody wants more sheets
            os.close(incoming)
            _give_back(reader)


def _describe(file: str, source: Source, parts: list[tuple[str, int]]) -> dict[str, Any]:
    """The request for a file."""
    return {
        "told": file,
        "parts": [name for name, _ in parts],
        "source": {"file": [], **source.model_dump(include=_FIELDS)},
        "limits": {
            "unpacked_bytes": settings().import_unpacked_mb * _MEGABYTE,
            "memory_bytes": settings().import_memory_mb * _MEGABYTE,
            "seconds": settings().import_file_s,
        },
    }


def _ask(reader: _Reader, request: dict[str, Any], descriptors: list[int], file: str) -> None:
    """Send a request with its descriptors."""
    try:
        socket.send_fds(reader.channel, [orjson.dumps(request)], descriptors)
        if reader.channel.recv(64) != BEGUN:
            raise OSError("it has ended before")
        reader.busy = True
    except OSError as error:
        raise FileProblem("reader_ended", file=file, ending=str(error)) from error


def _receive(reader: _Reader, incoming: int, file: str) -> Iterator[Sheet]:
    """Sheets as they arrive, within the limits of time and size."""
    stream = _Stream(incoming, settings().import_file_s, settings().import_unpacked_mb * _MEGABYTE, file)
    try:
        while (head := stream.take(frames.HEAD.size)) is not None:
            kind, size = frames.HEAD.unpack(head)
            content = stream.take(size)
            if content is None:
                break
            if kind == frames.END:
                return
            if kind == frames.PROBLEM:
                raise frames.unpack_problem(content.to_pybytes())
            yield frames.unpack_sheet(content, file)
    except frames.BadFrame as error:
        raise FileProblem("reader_ended", file=file, ending=str(error)) from error
    raise FileProblem("reader_ended", file=file, ending=_ending(_await_child(reader, _GRACE_MS)))


class _Stream:
    """Takes whole pieces from a pipe: ``most`` bytes in all, and ``seconds`` of waiting for them."""

    def __init__(self, descriptor: int, seconds: float, most: int, file: str) -> None:
        self._descriptor, self._seconds, self._left, self._file = descriptor, seconds, most, file

    def take(self, size: int) -> pa.Buffer | None:
        """So many bytes; ``None`` where the other side has ended before.

        Raises:
            FileProblem: too many bytes, or too late.
        """
        self._left -= size
        if self._left < 0:
            raise FileProblem("unpacks_to_more", file=self._file, most=f"{settings().import_unpacked_mb} MB")
        memory = pa.allocate_buffer(size)
        view, at = memoryview(memory), 0
        while at < size:
            self._wait()
            found = os.readv(self._descriptor, [view[at:]])
            if not found:
                return None
            at += found
        return memory

    def _wait(self) -> None:
        """Wait until something can be taken; only this time counts, not what the import does with a sheet."""
        begin = time.monotonic()
        if not _has_news(self._descriptor, int(max(0.0, self._seconds) * 1000)):
            raise FileProblem("reads_too_long", file=self._file, seconds=settings().import_file_s)
        self._seconds -= time.monotonic() - begin


def _has_news(descriptor: int, milliseconds: int) -> bool:
    """Whether something can be read within this time, or the other side has ended. ``select`` would take no number above 1023."""
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(milliseconds))


def _await_child(reader: _Reader, milliseconds: int) -> int:
    """The exit code of the child; it is ended if it does not end by itself within this time."""
    try:
        if not _has_news(reader.channel.fileno(), milliseconds):
            reader.channel.send(END_CHILD)
        code = int(reader.channel.recv(64))
    except (OSError, ValueError):
        reader.channel.close()
        code = 1
    reader.busy = False
    return code


def _give_back(reader: _Reader) -> None:
    """End the child that still reads, if there is one, and keep the reader for the next file."""
    if reader.owner != os.getpid():  # a fork of the process that reads: the file is still being read there
        return
    if reader.busy:
        _await_child(reader, 0)
    if reader.channel.fileno() >= 0:
        _idle.append(reader)


def _ending(code: int) -> str:
    """Why a child ended, in words for people."""
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"


def prepare_reader() -> None:
    """Start a reader while the caller does something else: it needs half a second until it can read the first file."""
    if not _idle:
        with suppress(OSError):  # told when a file is read
            _idle.append(_start_reader())


def _take_reader(file: str) -> _Reader:
    """A reader that waits, or a new one; those of a process that forked us are not ours."""
    try:
        while _idle:
            reader = _idle.pop()
            if reader.owner == os.getpid() and reader.process.poll() is None:
                return _await_ready(reader)
            reader.channel.close()
        return _await_ready(_start_reader())
    except OSError as error:
        raise FileProblem("reader_ended", file=file, ending=str(error)) from error


def _start_reader() -> _Reader:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        command = [sys.executable, "-I", "-B", "-c", _PROGRAM, str(theirs.fileno()), str(ROOT)]
        # A session of its own: Ctrl-C at the terminal is for us, and we end the reader.
        process = subprocess.Popen(  # nosec B603 # noqa: S603  our own program
            command,
            env=_ENVIRONMENT,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
            start_new_session=True,
        )
    return _Reader(process, ours, os.getpid())


def _await_ready(reader: _Reader) -> _Reader:
    """Wait until a reader that was started can read.

    Raises:
        OSError: it cannot, or needs too long.
    """
    if not reader.ready:
        reader.channel.settimeout(_START_S)
        if reader.channel.recv(64) != b"ready":
            raise OSError(f"exit code {reader.process.wait(_START_S)} at its start")
        reader.channel.settimeout(None)
        reader.ready = True
    return reader


def _end_readers() -> None:
    """Close the channels: reader processes then end by themselves."""
    for reader in _idle:
        if reader.owner == os.getpid():
            reader.channel.close()
            with suppress(subprocess.TimeoutExpired):
                reader.process.wait(timeout=10)
    _idle.clear()


atexit.register(_end_readers)
