"""The reader process: it is started without secrets, loads all that readers need, becomes nobody, and forks a child for every file.

It is a fresh program and no fork of the import: keys, passwords and open connections of the import were never in its memory. The child is
confined before it looks at the first byte of the file.
"""

import codecs
import encodings
import importlib
import json
import os
import pkgutil
import select
import signal
import socket
import sys
import traceback
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

from data.importing.common.sentences import FileProblem
from data.importing.files.delivered import DeliveredFile, Part
from data.importing.files.file_patterns import MOST_PARTS
from data.importing.profile.source import Source
from data.importing.reader import frames, system_calls

NOBODY = 65534
"""User and group without rights on every Linux."""
REQUEST_BYTES = 1 << 20
BEGUN, END_CHILD = b"begun", b"end"
"""What we tell when a child has been started; what the import tells when it wants no more of it."""


def serve(channel: socket.socket) -> None:
    """Read one file after another for the import at the other end, until it closes the channel."""
    _load_readers()
    if os.geteuid() == 0:
        system_calls.drop_privileges(NOBODY, NOBODY)
    system_calls.give_up_new_privileges()
    ended = _notice_ended_children()
    channel.send(b"ready")
    while True:
        raw, descriptors, _, _ = socket.recv_fds(channel, REQUEST_BYTES, MOST_PARTS + 1)
        if not raw:
            return
        if raw == END_CHILD:  # the child was faster
            continue
        child = os.fork()
        if child == 0:
            _leave_to_parent(channel, ended)
            _leave_after_reading(json.loads(raw), descriptors)
        channel.send(BEGUN)
        for descriptor in descriptors:
            os.close(descriptor)
        code = _await_child(child, channel, ended)
        if code is None:
            return
        channel.send(str(code).encode())


def _notice_ended_children() -> int:
    """A pipe that can be read whenever a child has ended."""
    ended, told = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(told, warn_on_full_buffer=False)
    return ended


def _await_child(child: int, channel: socket.socket, ended: int) -> int | None:
    """The exit code of a child, which is ended when the import says so; ``None`` where the import itself has ended."""
    gone = False
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return None if gone else os.waitstatus_to_exitcode(status)
        heard, _, _ = select.select([ended] if gone else [ended, channel.fileno()], [], [])
        if ended in heard:
            os.read(ended, 512)
        if channel.fileno() in heard:
            gone = not channel.recv(64)
            os.kill(child, signal.SIGKILL)  # nobody else has this number before we have waited for it


def _leave_to_parent(channel: socket.socket, ended: int) -> None:
    """In the child: close what belongs to the reader process, and the operator's terminal."""
    channel.close()
    os.close(ended)
    os.close(signal.set_wakeup_fd(-1))
    os.dup2(os.open(os.devnull, os.O_RDWR), sys.stderr.fileno())


def _leave_after_reading(request: dict[str, Any], descriptors: list[int]) -> NoReturn:
    """Read one file in the forked child."""
    status = 1
    try:
        out, *opened = descriptors
        limits = request["limits"]
        system_calls.limit_resources(limits["memory_bytes"], limits["seconds"], sum(os.fstat(part).st_size for part in opened))
        _wake_projections()
        system_calls.confine()
        status = _read(request, opened, out)
    except system_calls.CannotConfine as missing:
        _tell(out, FileProblem("cannot_confine", file=request["told"], missing=str(missing)))
    except MemoryError:
        _tell(out, FileProblem("needs_memory", file=request["told"], most=f"{limits['memory_bytes'] >> 20} MB"))
    except BaseException as error:  # a child never goes on as the parent
        _tell(out, FileProblem("reader_ended", file=request["told"], ending=_explain(error)))
    finally:
        os._exit(status)


def _explain(error: BaseException) -> str:
    """An error that nobody foresaw, with its place in the code."""
    frame = traceback.extract_tb(error.__traceback__)[-1:]
    return f"{type(error).__name__}: {error}" + "".join(f" ({Path(f.filename).name}:{f.lineno})" for f in frame)


def _tell(out: int, problem: FileProblem) -> None:
    with suppress(OSError):  # nobody listens any more
        _send(out, frames.PROBLEM, frames.pack_problem(problem))


def _read(request: dict[str, Any], opened: list[int], out: int) -> int:
    from data.importing.files.readers import read_sheets

    parts = [Part(name, descriptor) for name, descriptor in zip(request["parts"], opened, strict=True)]
    file = DeliveredFile(request["told"], parts, request["limits"]["unpacked_bytes"])
    try:
        for sheet in read_sheets(file, Source.model_validate(request["source"])):
            _send(out, frames.SHEET, frames.pack_sheet(sheet))
        _send(out, frames.END, b"")
    except FileProblem as problem:
        _send(out, frames.PROBLEM, frames.pack_problem(problem))
    return 0


def _send(out: int, kind: bytes, content: bytes) -> None:
    for piece in (frames.HEAD.pack(kind, len(content)), content):
        left = memoryview(piece)
        while left:
            left = left[os.write(out, left) :]


def _load_readers() -> None:
    """Load what is loaded on first use: once confined, nothing more can be."""
    from data.importing.files import gdal_internals, readers  # noqa: F401
    from data.importing.reader import first_use

    for module in pkgutil.iter_modules(encodings.__path__):
        with suppress(ImportError, LookupError):  # some exist on Windows only, one is no encoding
            importlib.import_module(f"encodings.{module.name}")
            codecs.lookup(module.name)
    gdal_internals.keep_drivers()
    first_use.read_samples()


def _wake_projections() -> None:
    """PROJ opens its database again after a fork; the file is ours."""
    from data.importing.reader import first_use

    first_use.open_projections()


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
