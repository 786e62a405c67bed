"""The state folder: keys, the server's password, logs and, by default, the whole database. Nobody else has any business in it."""

import os
import stat
from contextlib import suppress
from pathlib import Path

PRIVATE = 0o700
PASSABLE = 0o711
"""Of root's: PostgreSQL then has an account of its own, which passes the folder on its way to the data, and may not look around."""


def expected_mode(uid: int) -> int:
    """The mode that a state folder of an account should have."""
    return PRIVATE if uid else PASSABLE


def make_private_folder(folder: Path) -> Path:
    """Make a folder that is to be ours alone, if it is not there; one that is stays as somebody wanted it, and the doctor says so.

    Raises:
        OSError: it cannot be made.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        folder.mkdir(mode=PRIVATE)
        folder.chmod(expected_mode(os.geteuid()))  # whatever the umask took away
    return folder


def suggest_chmod(folder: Path) -> str | None:
    """What closes a folder that others may look into; ``None`` where they may not, or where there is none."""
    if not folder.is_dir():
        return None
    state = folder.stat()
    wanted = expected_mode(state.st_uid)
    return f"chmod {wanted:o} {folder}" if stat.S_IMODE(state.st_mode) & ~wanted else None
