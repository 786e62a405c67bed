"""Makes a backup: complete, proved and under its own name, or not at all."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from data.auditing.owner_entries import append_as_owner
from data.backup import archive_cleaning, base_copy, dump, files, key_copies, store
from data.backup.manifest import Manifest, with_files, write_manifest
from data.backup.scratch import check_home, has_local_server
from data.backup.steps import STEP_TITLES
from data.backup.verify import Judgement, verify_backup
from data.core.errors import GridwellError
from data.core.state_folder import make_private_folder
from data.database.connections import connect, database_url

ACTION = "backup"
_DUMP_SHARE, _SCRATCH_SHARE = 0.5, 1.2
"""Room that a dump and a restored copy need, as parts of the database's size. A dump has no indexes and is compressed."""

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was made.

    Attributes:
        folder: where it is.
        manifest: what it is of.
        faults: what is wrong with the restored copy; none for a verified one.
        error: why it could not be restored at all.
        keys: copies of the key file and of the audit log's heads.
        removed: names of older backups that were removed.
        left_out: what stood in a state folder and is no plain file.
    """

    folder: Path
    manifest: Manifest
    faults: tuple[str, ...] = ()
    error: GridwellError | None = None
    keys: tuple[Path, ...] = ()
    removed: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()

    @property
    def verified(self) -> bool:
        """Whether it was restored and found sound."""
        return self.manifest.verified_at is not None


def create_backup(to: Path, tell: Tell, keep: int | None = None, keys: Path | None = None, by: str | None = None) -> Backup:
    """Back up the database of the settings, which must be reachable, while it is in use.

    Args:
        to: folder of backups.
        tell: hears what is being done.
        keep: how many verified backups to keep, with this one; older ones are removed. All, if it is not given.
        keys: a folder elsewhere, to which the key file and the heads of the audit log are copied.
        by: who did it, for the audit log; by default the person at the terminal.

    Raises:
        GridwellError: it was not made. What was there before is as it was.
    """
    if keys is not None:
        key_copies.check_apart(keys, to)
    files.make_folder(to)
    with files.lock_folder(make_private_folder(check_home().parent)), files.lock_folder(to):
        store.remove_unfinished(to)
        made = _make(to, tell)
        copies = tuple(key_copies.copy_keys(keys, made.manifest.id)) if keys is not None else ()
        removed = tuple(store.remove_old(to, keep, made.manifest)) if keep and made.verified else ()
        archive_cleaning.remove_unneeded(made.manifest, made.folder, removed)
    made = replace(made, keys=copies, removed=removed)
    _note(made, by)
    return made


def _make(to: Path, tell: Tell) -> Backup:
    """Write, verify and name a backup; what is not complete is removed."""
    name = store.make_name(datetime.now(UTC))
    folder = files.make_folder(store.unfinished_folder(to, name))
    try:
        manifest, left = _write(folder, name, tell)
        judgement, error = _judge(folder, manifest, tell)
        if judgement.sound:
            manifest = replace(manifest, verified_at=datetime.now(UTC).isoformat(timespec="seconds"))
        write_manifest(manifest, folder)
        return Backup(store.finish(folder, to, name), manifest, judgement.faults, error, left_out=left)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _write(folder: Path, name: str, tell: Tell) -> tuple[Manifest, tuple[str, ...]]:
    """Write everything; returns what it is, and what of the state folders was left out."""
    copying = base_copy.is_archiving()
    if base_copy.should_archive() and not copying:
        tell(STEP_TITLES["no_archive"])
    with dump.hold_snapshot(database_url(), name, tell) as snapshot:
        _check_room(snapshot.manifest, folder, base_copy.cluster_bytes() if copying else 0)
        tell(STEP_TITLES["writing"])
        dump.write_dump(database_url(), snapshot, folder / dump.FOLDER)
        packed, left = files.pack_state_folders(folder / "state")
    base = None
    if copying:
        tell(STEP_TITLES["copying"])
        base = base_copy.write_copy(name, folder / base_copy.FOLDER)
    return with_files(replace(snapshot.manifest, state_folders=packed, base=base), folder), tuple(left)


def _check_room(manifest: Manifest, folder: Path, cluster_bytes: int) -> None:
    size = manifest.database_bytes
    scratch = max(size, cluster_bytes) if has_local_server(manifest.postgresql_major) else 0
    files.check_room({folder: int((size + cluster_bytes) * _DUMP_SHARE), check_home().parent: int(scratch * _SCRATCH_SHARE)})


def _judge(folder: Path, manifest: Manifest, tell: Tell) -> tuple[Judgement, GridwellError | None]:
    """What the restored copy is like, or why there is none. Whether this machine has the right keys is no matter of the backup."""
    try:
        judgement = replace(verify_backup(folder, manifest, tell), keys=())
        if manifest.base is not None:
            tell(STEP_TITLES["scratch_copy"])
            base_copy.verify_copy(folder / base_copy.FOLDER)
        return judgement, None
    except GridwellError as error:
        return Judgement((error.code,)), error


def _note(made: Backup, by: str | None) -> None:
    """Write the row of the audit log; databases of an old schema have none yet."""
    manifest = made.manifest
    detail = {"verified": made.verified, "bytes": manifest.total_bytes, "head": manifest.audit_no, "removed": list(made.removed)}
    with connect() as connection:
        if connection.execute("SELECT to_regclass('audit_log')").fetchone() != (None,):
            append_as_owner(connection, ACTION, manifest.id, {**detail, "folder": str(made.folder.parent)}, by)
