"""What belongs to a restored database and is not in it: state folders and keys. They take their places right after the database did.

A note in the state folder says what is ready. If everything stops between the two, the next start or restore finishes it; if the database
did not take its place, what is ready is removed.
"""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from data.auditing.identity import RESTORED
from data.backup.files import sync_folder, unpack_state_folder, write_durably
from data.backup.key_copies import given_keys, put_keys
from data.backup.manifest import Manifest
from data.core.settings import settings
from data.database.connections import connect

_RESTORED = ".restored"
_NEWEST = "SELECT encode(hash, 'hex') FROM audit_log WHERE action = %s ORDER BY no DESC LIMIT 1"


def stage(folder: Path, manifest: Manifest, stamp: str, restore: str) -> None:
    """Lay everything ready.

    Args:
        folder: the backup.
        manifest: of that backup.
        stamp: part of the names under which present folders will be kept.
        restore: what ``newest_restore`` says of the restored database.
    """
    for name in manifest.state_folders:
        shutil.rmtree(_staged(name), ignore_errors=True)
        unpack_state_folder(folder / "state" / f"{name}.tar", _staged(name))
    note = {"restore": restore, "stamp": stamp, "folders": manifest.state_folders}
    write_durably(_note(), json.dumps(note).encode())


def newest_restore() -> str:
    """Hash of the audit log's newest row that says that the database of the settings was restored; empty where there is none."""
    try:
        with connect() as connection:
            row = connection.execute(_NEWEST, [RESTORED]).fetchone()
    except (psycopg.errors.UndefinedTable, psycopg.OperationalError):
        return ""
    return str(row[0]) if row else ""


def finish_pending() -> None:
    """Put everything that is ready in its place if the restored database is in its own; otherwise remove it."""
    if not _note().exists():
        return
    note = json.loads(_note().read_text("utf-8"))
    if not note["restore"] or newest_restore() != note["restore"]:
        forget()
        return
    for name in note["folders"]:
        _exchange(name, note["stamp"])
    if given_keys().exists():
        put_keys(note["stamp"])
    _note().unlink()


@contextmanager
def forget_on_error() -> Iterator[None]:
    """Remove what was laid ready if the block, which brings the restored database to its place, fails."""
    try:
        yield
    except BaseException:
        forget()
        raise


def forget() -> None:
    """Remove what was laid ready."""
    for staged in settings().home.glob(f"*{_RESTORED}"):
        shutil.rmtree(staged, ignore_errors=True)
    for file in (given_keys(), _note()):
        file.unlink(missing_ok=True)


def _exchange(name: str, stamp: str) -> None:
    """Put one folder in its place; done twice, the second time changes nothing."""
    place, staged = settings().home / name, _staged(name)
    if not staged.exists():
        return
    if place.exists():
        place.rename(place.with_name(f"{name}.before-{stamp}"))
    staged.rename(place)
    sync_folder(place.parent)


def _staged(name: str) -> Path:
    return settings().home / f"{name}{_RESTORED}"


def _note() -> Path:
    return settings().home / "restore-pending.json"
