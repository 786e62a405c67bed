"""Where backups lie: their names, which of them are whole, and which are old enough to go."""

import re
import secrets
import shutil
from datetime import UTC, datetime
from pathlib import Path

from data.backup.errors import NoBackup, NotABackup
from data.backup.files import sync_folder
from data.backup.manifest import NAME, Manifest, read_manifest

_OURS = re.compile(r"gridwell-\d{8}T\d{6}Z-[0-9a-f]{8}")
_UNFINISHED = re.compile(rf"\.{_OURS.pattern}\.unfinished")


def make_name(now: datetime) -> str:
    """A name that sorts by time."""
    return f"gridwell-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"


def unfinished_folder(to: Path, name: str) -> Path:
    """Where a backup is made before it counts."""
    return to / f".{name}.unfinished"


def finish(folder: Path, to: Path, name: str) -> Path:
    """Give a complete backup its name; from now on it counts."""
    sync_folder(folder)
    made = folder.rename(to / name)
    sync_folder(to)
    return made


def remove_unfinished(to: Path) -> None:
    """Remove what broken-off backups left. The caller holds the folder's lock, so that none of them is under way."""
    for left in to.iterdir():
        if _UNFINISHED.fullmatch(left.name) and left.is_dir() and not left.is_symlink():
            shutil.rmtree(left)


def list_backups(to: Path) -> list[tuple[Path, Manifest]]:
    """Whole backups in a folder, oldest first. Anything else in it is left alone."""
    found = []
    for folder in sorted(to.iterdir()) if to.is_dir() else []:
        if _OURS.fullmatch(folder.name) and folder.is_dir() and not folder.is_symlink():
            try:
                found.append((folder, read_manifest(folder)))
            except NotABackup:
                continue
    return found


def find_backup(place: Path) -> Path:
    """The backup in a folder: itself, or the newest whole one inside.

    Raises:
        NoBackup: there is none.
    """
    if (place / NAME).exists() or _OURS.fullmatch(place.name):
        return place
    found = list_backups(place)
    if not found:
        raise NoBackup(folder=place)
    return found[-1][0]


def remove_old(to: Path, keep: int, made: Manifest) -> list[str]:
    """Remove whole, verified backups of this installation, except the newest ones; returns their names.

    Unverified ones are not counted and not removed: somebody has to look at them. Nor are those that a wrong clock dated later than the
    newest one: by their names they would push out every backup that is made until then, this one first.

    Args:
        to: folder of backups.
        keep: how many to keep, with the one that was just made.
        made: the one that was just made.
    """
    ours = [folder for folder, manifest in list_backups(to) if manifest.verified_at and manifest.lineage == made.lineage]
    old = [folder for folder in ours if folder.name <= made.id][:-keep] if keep else []
    for folder in old:
        # Out of sight at once: half a backup never looks like one.
        shutil.rmtree(folder.rename(unfinished_folder(to, folder.name)))
    sync_folder(to)
    return [folder.name for folder in old]
