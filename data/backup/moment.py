"""Restores the embedded cluster to a moment: a copy of the cluster, and after it the archive up to that moment."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from data.backup import files, pending, store
from data.backup.base_copy import FOLDER, sync_cluster, unpack_copy
from data.backup.dump import FOLDER as DUMP
from data.backup.dump import load_dump
from data.backup.errors import ArchiveGap, ArchiveMissing, NoCopy, TooEarly
from data.backup.manifest import BaseCopy, Manifest, read_manifest
from data.backup.present import Present, check_replaceable, look_at_present
from data.backup.restore import Restored, Stage, Tell, Wishes, finish, open_backup, prove_and_stage
from data.backup.scratch import address_in, check_home, remove_cluster
from data.backup.steps import STEP_TITLES
from data.cluster.archive import keep_history, missing_segments, restore_command
from data.cluster.errors import ClusterError
from data.cluster.lease import borrow_cluster, stop_cluster
from data.cluster.server import recover
from data.cluster.swap import put_in_place
from data.core.settings import settings
from data.core.state_folder import make_private_folder
from data.database.socket import paths

_ROOM_SHARE = 1.5


def restore_moment(place: Path, until: datetime | None, wishes: Wishes, tell: Tell, archive: Path | None = None) -> Restored:
    """Put the embedded cluster of a moment in the place of the present one, which no server may use.

    Args:
        place: a backup, or a folder of backups.
        until: the moment, with its zone: what was committed before it comes back. ``None``: everything that the archive holds.
        wishes: of whoever restores.
        tell: hears what is being done.
        archive: where the archive is now, if it is not where the settings or the backup say.

    Raises:
        GridwellError: it cannot be done, and everything is as it was.
    """
    folder, manifest, base = _choose(place, until)
    segments = _find_archive(archive, base)
    if until is None and (gaps := missing_segments(segments, base.first_segment)):
        raise ArchiveGap(folder=segments, segment=gaps[0])
    target = {"restore_command": restore_command(segments), "recovery_target_timeline": "latest"}
    if until is not None:
        target |= {"recovery_target_time": until.isoformat(), "recovery_target_inclusive": "off"}
    tell(STEP_TITLES["comparing"])
    open_backup(folder)
    with _replacing(folder, manifest, wishes, tell) as present:
        where = unpack_copy(folder / FOLDER)
        tell(STEP_TITLES["replaying"])
        reached = recover(where, tell, target)
        with borrow_cluster(check_home(), lambda _: None) as running:
            stage = prove_and_stage(address_in(running), folder, manifest, wishes, tell, later=True)
        aside = _adopt(stage, present, tell)
        keep_history(paths(settings().home), segments)
    with borrow_cluster(settings().home, tell):
        finish()
    return Restored(folder, manifest, aside, stage.unreadable, until.isoformat() if until else reached, stage.audit_no)


def rebuild_cluster(folder: Path, wishes: Wishes, tell: Tell) -> Restored:
    """Make a new cluster from a backup's dump with the newest PostgreSQL that is installed, and put it in the place of the present one.

    Raises:
        GridwellError: it cannot be done, and everything is as it was.
    """
    tell(STEP_TITLES["comparing"])
    manifest = open_backup(folder)
    with _replacing(folder, manifest, wishes, tell) as present:
        remove_cluster(check_home())
        with borrow_cluster(check_home(), tell, durable=False) as running:
            tell(STEP_TITLES["restoring"])
            load_dump(folder / DUMP, address_in(running))
            stage = prove_and_stage(address_in(running), folder, manifest, wishes, tell)
        aside = _adopt(stage, present, tell)
    with borrow_cluster(settings().home, tell):
        finish()
    return Restored(folder, manifest, aside, stage.unreadable, None, stage.audit_no)


@contextmanager
def _replacing(folder: Path, manifest: Manifest, wishes: Wishes, tell: Tell) -> Iterator[Present]:
    """Look at what is there, and keep others away; the scratch cluster is gone afterwards, whatever happens."""
    with files.lock_folder(make_private_folder(check_home().parent)):
        present = _look(wishes, tell)
        check_replaceable(present, manifest, folder, wishes.replace, wishes.foreign)
        files.check_room({check_home().parent: int(manifest.database_bytes * _ROOM_SHARE)})
        try:
            yield present
        finally:
            remove_cluster(check_home())


def _look(wishes: Wishes, tell: Tell) -> Present:
    """What the present cluster holds; one that does not start counts as filled, and its audit log as any."""
    if not paths(settings().home).data.exists():
        return Present(False)
    try:
        with borrow_cluster(settings().home, tell):
            pending.finish_pending()
            return look_at_present()
    except ClusterError:
        if not wishes.replace:
            raise
        return Present(True, readable=False)


def _choose(place: Path, until: datetime | None) -> tuple[Path, Manifest, BaseCopy]:
    """The newest backup with a copy from which a moment can be reached.

    Raises:
        NoBackup, NotABackup: there is no backup.
        NoCopy: none of them holds a copy.
        TooEarly: the moment is before the oldest copy.
    """
    folder = store.find_backup(place)
    found = store.list_backups(place) if folder != place else [(folder, read_manifest(folder))]
    copies = [(one, manifest, manifest.base) for one, manifest in found if manifest.base is not None]
    if not copies:
        raise NoCopy(folder=place)
    fitting = [one for one in copies if until is None or datetime.fromisoformat(one[2].ended_at) <= until]
    if not fitting:
        raise TooEarly(moment=min(one[2].ended_at for one in copies))
    return fitting[-1]


def _find_archive(given: Path | None, base: BaseCopy) -> Path:
    places = [parent / base.system for parent in (given, settings().archive) if parent is not None]
    for place in places if given is not None else [*places, Path(base.archive)]:
        if place.is_dir():
            return place
    raise ArchiveMissing(folder=places[0] if places else base.archive)


def _adopt(stage: Stage, present: Present, tell: Tell) -> str | None:
    """Stop the new cluster and let it take the place of the present one; returns where that one is kept."""
    tell(STEP_TITLES["exchanging"])
    with pending.forget_on_error(), stop_cluster(check_home()) as made:
        sync_cluster(made)
        with stop_cluster(settings().home) as where:
            aside = put_in_place(where, made.data, stage.stamp)
    if aside is None:
        return None
    if not present.filled:
        shutil.rmtree(aside)
        return None
    return str(aside)
