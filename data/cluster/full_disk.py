"""Finds out whether an error means that a disk is full: PostgreSQL and the system say so in several ways."""

import errno
import shutil

import psycopg

from data.cluster.errors import DiskFull
from data.core.settings import settings
from data.database.socket import paths

_NO_ROOM = "No space left on device"
_CONNECTS_NOT = "could not write init file"
_NOTHING_LEFT = 1_000_000
"""Bytes: with fewer, PostgreSQL writes nothing."""


def find_full_disk(error: BaseException) -> DiskFull | None:
    """The sentence for an error that a full disk caused; ``None`` for any other."""
    held = getattr(error, "orig", None) or error
    base = paths(settings().home).base
    if isinstance(held, OSError) and held.errno in {errno.ENOSPC, errno.EDQUOT}:
        return DiskFull(folder=held.filename or base)
    if not isinstance(held, psycopg.Error):
        return None
    if isinstance(held, psycopg.errors.DiskFull) or _NO_ROOM in str(held):
        return DiskFull(folder=base)
    refused = _CONNECTS_NOT in str(held) and settings().database_url is None
    return DiskFull(folder=base) if refused and base.exists() and shutil.disk_usage(base).free < _NOTHING_LEFT else None
