"""Puts a backup in the place of the present data: proved first, in one step, and with the present data kept aside."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL

from data.auditing.anchors import anchor_head
from data.auditing.restores import record_restore
from data.backup import files, key_copies, pending
from data.backup.dump import FOLDER, load_dump
from data.backup.errors import KeysOfBackupMissing, NewerBackup, NewerServer, NotSound
from data.backup.manifest import Manifest, check_files, read_manifest
from data.backup.present import (
    aside_name,
    check_replaceable,
    exchange_databases,
    look_at_present,
    make_stamp,
    staged_name,
)
from data.backup.programs import maintenance
from data.backup.scratch import check_home, create_database, drop_database, use_database
from data.backup.steps import STEP_TITLES
from data.backup.verify import examine_restored
from data.cluster.packages import command_line
from data.core.state_folder import make_private_folder
from data.database.connections import connect
from data.database.migrate import is_known_revision
from data.privacy.keys import key_file

_ROOM_SHARE = 1.2
"""Room that a restored database needs, as part of the size of the one that was backed up."""

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Wishes:
    """What whoever restores has said.

    Attributes:
        replace: put it in the place of data that is there.
        foreign: even if that is another installation's.
        keys: a key file to use.
        without_keys: go on although sealed texts cannot be opened.
        migrating: bring the schema to this version; without it an older Gridwell can use it afterwards.
    """

    replace: bool = False
    foreign: bool = False
    keys: Path | None = None
    without_keys: bool = False
    migrating: bool = True


@dataclass(frozen=True, slots=True)
class Restored:
    """What was done.

    Attributes:
        folder: the backup.
        manifest: of that backup.
        aside: where the data that was there before is kept: a database, or a folder.
        unreadable: columns with sealed texts that cannot be opened.
        reached: the moment that the data show, if it is another one than the backup's.
        audit_no: number of the audit log's row that says so.
    """

    folder: Path
    manifest: Manifest
    aside: str | None = None
    unreadable: tuple[str, ...] = ()
    reached: str | None = None
    audit_no: int = 0

    @property
    def moment(self) -> str:
        """The moment that the data show (ISO)."""
        return self.reached or self.manifest.made_at


def open_backup(folder: Path) -> Manifest:
    """Read a backup's manifest and compare every file with it.

    Raises:
        BackupError: it cannot be used; the sentence says why.
    """
    manifest = read_manifest(folder)
    if not is_known_revision(manifest.revision):
        raise NewerBackup(folder=folder, version=manifest.gridwell)
    check_files(manifest, folder)
    return manifest


def restore_dump(folder: Path, wishes: Wishes, tell: Tell) -> Restored:
    """Put the moment of a backup in the place of the present database, which must be reachable. Nobody may use it meanwhile.

    Raises:
        GridwellError: it cannot be done, and everything is as it was.
    """
    tell(STEP_TITLES["comparing"])
    manifest = open_backup(folder)
    with files.lock_folder(make_private_folder(check_home().parent)):
        pending.finish_pending()
        present = look_at_present()
        check_replaceable(present, manifest, folder, wishes.replace, wishes.foreign)
        _check_server(manifest, folder)
        files.check_room({check_home().parent: int(manifest.database_bytes * _ROOM_SHARE)})
        drop_database(staged_name())
        try:
            url = create_database(staged_name(), copying=True)
            tell(STEP_TITLES["restoring"])
            load_dump(folder / FOLDER, url)
            stage = prove_and_stage(url, folder, manifest, wishes, tell)
            aside = aside_name(stage.stamp)
            tell(STEP_TITLES["exchanging"])
            with pending.forget_on_error():
                had_one = exchange_databases(staged_name(), aside)
        except BaseException:
            drop_database(staged_name())
            raise
        finish()
        if had_one and not present.filled:
            drop_database(aside)
    return Restored(folder, manifest, aside if present.filled else None, stage.unreadable, None, stage.audit_no)


def _check_server(manifest: Manifest, folder: Path) -> None:
    with maintenance() as connection:
        present = connection.info.server_version // 10_000
    if manifest.postgresql_major > present:
        major = manifest.postgresql_major
        raise NewerServer(folder=folder, major=major, command=command_line([f"postgresql-{major}-postgis-3"]))


@dataclass(frozen=True, slots=True)
class Stage:
    """A restored database that is proved, with everything ready to take its place."""

    stamp: str
    unreadable: tuple[str, ...]
    audit_no: int


def prove_and_stage(url: URL, folder: Path, manifest: Manifest, wishes: Wishes, tell: Tell, later: bool = False) -> Stage:
    """Examine a restored database, say in its audit log what it is, and lay the state folders beside their places.

    Args:
        url: the restored database.
        folder: the backup.
        manifest: of that backup.
        wishes: of whoever restores.
        tell: hears what is being done.
        later: the database shows a later moment than the backup.

    Raises:
        NotSound, KeysOfBackupMissing: it must not be used.
    """
    with pending.forget_on_error():
        return _prove_and_stage(url, folder, manifest, wishes, tell, later)


def _prove_and_stage(url: URL, folder: Path, manifest: Manifest, wishes: Wishes, tell: Tell, later: bool) -> Stage:
    given = key_copies.take_keys(wishes.keys) if wishes.keys else None
    judgement = examine_restored(url, manifest, tell, given, migrating=wishes.migrating, later=later)
    if judgement.faults:
        raise NotSound(faults="; ".join(judgement.faults))
    if judgement.keys and not wishes.without_keys:
        raise KeysOfBackupMissing(file=given or key_file(), columns=", ".join(judgement.keys))
    stamp = make_stamp()
    with use_database(url, given):
        audit_no = _record(manifest)
        pending.stage(folder, manifest, stamp, pending.newest_restore())
    return Stage(stamp, judgement.keys, audit_no)


def _record(manifest: Manifest) -> int:
    """Say in the restored database's audit log that it was restored; databases of an old schema have none. Returns that row's number."""
    with connect() as connection:
        if connection.execute("SELECT to_regclass('audit_log')").fetchone() != (None,):
            head = (manifest.audit_no, bytes.fromhex(manifest.audit_hash))
            return record_restore(connection, manifest.id, head if manifest.audit_no else None)
    return 0


def finish() -> None:
    """After the exchange: put state folders and keys in their places, and store the new head of the audit log."""
    pending.finish_pending()
    with connect() as connection:
        if connection.execute("SELECT to_regclass('audit_log')").fetchone() != (None,):
            anchor_head(connection)
