"""Copies of what is needed beside the data: the key file, and the heads of the audit log. They never lie with the data."""

import hashlib
from pathlib import Path

from data.auditing.anchors import anchor_file
from data.backup.errors import FolderUnusable, KeysBesideData
from data.backup.files import make_folder, write_durably
from data.core.settings import settings
from data.privacy.keys import key_file


def check_apart(keys: Path, data: Path) -> None:
    """Refuse one folder for both.

    Raises:
        KeysBesideData: one is inside the other.
    """
    one, other = keys.resolve(), data.resolve()
    if one == other or one in other.parents or other in one.parents:
        raise KeysBesideData(folder=data)


def copy_keys(target: Path, name: str) -> list[Path]:
    """Copy the key file and the heads of the audit log to a folder. A key file that is there already, unchanged, is not copied again.

    Args:
        target: the folder.
        name: name of the backup.
    """
    make_folder(target)
    made = []
    if key_file().exists():
        content = key_file().read_bytes()
        made.append(target / f"keys-{hashlib.sha256(content).hexdigest()[:12]}")
        if not made[-1].exists() or made[-1].read_bytes() != content:
            write_durably(made[-1], content)
    if anchor_file().exists():
        made.append(target / f"audit-anchors-{name}")
        write_durably(made[-1], anchor_file().read_bytes())
    return made


def given_keys() -> Path:
    """Where a key file that somebody gave waits until it is used."""
    return settings().home / "keys.given"


def take_keys(given: Path) -> Path:
    """Copy a key file that somebody gave, so that only its owner can read it; returns the copy.

    Raises:
        FolderUnusable: it cannot be read.
    """
    try:
        write_durably(given_keys(), given.read_bytes())
    except OSError as error:
        raise FolderUnusable(folder=given, reason=error.strerror or str(error)) from error
    return given_keys()


def put_keys(stamp: str) -> None:
    """Put the key file that was given in its place; another one that was there is kept aside."""
    place, content = key_file(), given_keys().read_bytes()
    if place.exists() and (before := place.read_bytes()) != content:
        write_durably(place.with_name(f"{place.name}.before-{stamp}"), before)
    write_durably(place, content)
    given_keys().unlink()
