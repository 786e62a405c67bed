"""Files in folders that an account with fewer rights may change: links are not followed, and nothing but plain files is read.

Root looks into folders of the account that serves and of the database server. What such an account has put there may be a link to a file of
root's, a pipe that never ends, or something that becomes one of these between two looks. So a thing is opened first, without following a
link and without waiting, and then looked at through the open descriptor.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MOST_BYTES = 16_000_000
"""Longest small file."""
_HERE = os.O_NOFOLLOW | os.O_CLOEXEC


class NotPlain(OSError):
    """Something that is no plain file, or no folder, stands where one is expected."""


def open_plain(name: str | Path, folder: int | None = None) -> int:
    """Open a plain file for reading; returns its descriptor.

    Args:
        name: its path, or its name in ``folder``.
        folder: descriptor of the folder.

    Raises:
        NotPlain: it is a pipe, a device, a socket or a folder.
        OSError: it is not there, is a link, or cannot be read.
    """
    opened = os.open(name, os.O_RDONLY | os.O_NONBLOCK | _HERE, dir_fd=folder)
    if not stat.S_ISREG(os.fstat(opened).st_mode):
        os.close(opened)
        raise NotPlain(f"{name} is no plain file")
    return opened


def read_small(name: str | Path, folder: int | None = None, most: int = MOST_BYTES) -> bytes:
    """The content of a small plain file.

    Raises:
        NotPlain: it is none, or is longer than ``most`` bytes.
        OSError: see ``open_plain``.
    """
    with os.fdopen(open_plain(name, folder), "rb") as handle:
        content = handle.read(most + 1)
    if len(content) > most:
        raise NotPlain(f"{name} is longer than {most} bytes")
    return content


@contextmanager
def open_folder(name: str | Path, folder: int | None = None) -> Iterator[int]:
    """The descriptor of a folder that is no link, for as long as the block lasts.

    Raises:
        OSError: it is not there, or is no folder.
    """
    opened = os.open(name, os.O_RDONLY | os.O_DIRECTORY | _HERE, dir_fd=folder)
    try:
        yield opened
    finally:
        os.close(opened)


def replace_small(name: str, content: bytes, folder: int) -> None:
    """Write a file of a folder anew, which only its owner can read. It is on the disk when it has its name.

    Raises:
        OSError: it cannot be written.
    """
    draft = f"{name}.{os.getpid()}"
    remove(draft, folder)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _HERE, 0o600, dir_fd=folder), "wb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())
    os.replace(draft, name, src_dir_fd=folder, dst_dir_fd=folder)
    os.fsync(folder)


def remove(name: str, folder: int) -> None:
    """Remove a name of a folder, whatever it stands for; does nothing if it is not there."""
    try:
        os.unlink(name, dir_fd=folder)
    except FileNotFoundError:
        return
