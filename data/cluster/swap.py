"""Puts another data folder in the place of the present one, which is kept aside. Broken off, it is finished at the next start."""

import errno
import json
import os
from pathlib import Path

from data.cluster.account import make_folder_error
from data.database.socket import Paths

ASIDE = "pg.before-"
"""How the names of data folders begin that were put aside."""


def put_in_place(where: Paths, new: Path, stamp: str) -> Path | None:
    """Let ``new`` become the data folder. No server may run in either; the caller holds ``data.cluster.lease.stop_cluster``.

    Args:
        where: the cluster's files.
        new: a data folder on the same disk, owned by the server's account.
        stamp: part of the name under which the present one is kept.

    Returns:
        Where the present one is kept; ``None`` if there was none.

    Raises:
        FolderRefused, DiskFull: that is not possible, and nothing was changed.
    """
    aside = where.base / f"{ASIDE}{stamp}" if where.data.exists() else None
    try:
        if not (new / "PG_VERSION").exists():
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(new))
        _write_note(where, new)
        if aside is not None:
            where.data.rename(aside)
        finish_swap(where)
    except OSError as error:
        if aside is not None and not where.data.exists():
            aside.rename(where.data)
        _note(where).unlink(missing_ok=True)
        raise make_folder_error(where.data, error) from error
    return aside


def finish_swap(where: Paths) -> None:
    """Finish an exchange that was broken off between its two steps; otherwise do nothing."""
    note = _note(where)
    if not note.exists():
        return
    new = Path(json.loads(note.read_text("utf-8"))["new"])
    if not where.data.exists() and new.exists():
        new.rename(where.data)
        link_data(where)
        _sync(where.base)
    note.unlink()


def link_data(where: Paths) -> None:
    """Have the state folder point to data that lie elsewhere."""
    if where.base != where.home and not (where.home / "pg").exists():
        (where.home / "pg").symlink_to(where.data)


def list_aside(where: Paths) -> list[Path]:
    """Data folders that were put aside."""
    return sorted(where.base.glob(f"{ASIDE}*"))


def _note(where: Paths) -> Path:
    return where.base / "swap.json"


def _write_note(where: Paths, new: Path) -> None:
    with _note(where).open("w", encoding="utf-8") as handle:
        json.dump({"new": str(new)}, handle)
        handle.flush()
        os.fsync(handle.fileno())
    _sync(where.base)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
