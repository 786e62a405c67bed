"""The state folder: keys, the server's password, logs and, by default, the whole database. Only its owner may use it.

Where Gridwell is started by root, the folder is root's, and the processes that serve run under an account of their own. What they have to
read or write is given to that account.
"""

import os
import pwd
import stat
from contextlib import suppress
from pathlib import Path

PRIVATE = 0o700
PASSABLE = 0o711
"""Mode of root's folder: PostgreSQL then runs as another account, which must pass the folder to reach its data but may not list it."""

ACCOUNTS = ("gridwell", "postgres")
"""Accounts under which root's Gridwell serves: the first one that exists. ``up`` makes the first; the second is the database server's."""


def serving_account() -> pwd.struct_passwd | None:
    """The account under which processes that root starts serve; ``None`` where we are not root, or there is no such account."""
    if os.geteuid() != 0:
        return None
    for name in ACCOUNTS:
        with suppress(KeyError):
            return pwd.getpwnam(name)
    return None


def give_to_server(path: Path) -> None:
    """Give a file or folder that root has made to the account that serves; nothing happens where we are not root.

    The path must be in a folder that only root may change: elsewhere somebody could put another file in its place.

    Raises:
        OSError: it is not there.
    """
    if (account := serving_account()) is not None:
        os.chown(path, account.pw_uid, account.pw_gid, follow_symlinks=False)


def make_server_folder(folder: Path) -> Path:
    """Make a private folder, inside the state folder, of the account that serves.

    Raises:
        OSError: it cannot be made.
    """
    make_private_folder(folder.parent)
    with suppress(FileExistsError):
        folder.mkdir(mode=PRIVATE)
    if not folder.is_symlink():
        folder.chmod(PRIVATE)
        give_to_server(folder)
    return folder


def open_lock(file: Path) -> int:
    """Open a file that is there to be locked, for reading and appending, and make it if it is not there; returns its descriptor.

    Only its owner may open it: whoever can read a file can lock it, and would keep everybody from starting, stopping and restoring. Root's
    folder can be passed by all accounts, and earlier versions made such files for all to read.

    Raises:
        OSError: it cannot be opened.
    """
    opened = os.open(file, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    state = os.fstat(opened)
    if state.st_uid == os.geteuid() and stat.S_IMODE(state.st_mode) & 0o077:
        os.fchmod(opened, 0o600)
    return opened


def expected_mode(uid: int) -> int:
    """The mode that the state folder of an account (``uid``) should have."""
    return PRIVATE if uid else PASSABLE


def make_private_folder(folder: Path) -> Path:
    """Make a folder that only its owner can use. A folder that exists keeps its mode; the doctor reports one that is too open.

    Raises:
        OSError: it cannot be made.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        folder.mkdir(mode=PRIVATE)
        folder.chmod(expected_mode(os.geteuid()))  # the umask may have removed bits
    return folder


def suggest_chmod(folder: Path) -> str | None:
    """The ``chmod`` command that closes a folder to others; ``None`` where it is closed or does not exist."""
    if not folder.is_dir():
        return None
    state = folder.stat()
    wanted = expected_mode(state.st_uid)
    return f"chmod {wanted:o} {folder}" if stat.S_IMODE(state.st_mode) & ~wanted else None
