"""The state folder: keys, the server's password, logs and, by default, the whole database. Only its owner may use it."""

import os
import stat
from contextlib import suppress
from pathlib import Path

PRIVATE = 0o700
PASSABLE = 0o711
"""Mode of root's folder: PostgreSQL then runs as another account, which must pass the folder to reach its data but may not list it."""


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
