"""Removes segments of the archive that no kept backup needs. Which backups are kept is noted in the archive, since they lie elsewhere.

A backup that somebody removed by hand keeps its segments: too many of them do no harm.
"""

import json
from collections.abc import Sequence
from pathlib import Path

from data.backup.files import make_folder, write_durably
from data.backup.manifest import Manifest
from data.backup.programs import run_program
from data.cluster.archive import GAP, SUFFIX, archive_folder
from data.cluster.binaries import binaries
from data.core.settings import settings
from data.database.socket import paths

_KEPT = "kept"


def remove_unneeded(made: Manifest, folder: Path, removed: Sequence[str]) -> None:
    """After a backup: note it, forget those that were removed, and remove segments that are older than all that are left.

    A gap that the archive had before this backup does not matter any more.

    Args:
        made: the new backup.
        folder: where it is.
        removed: names of backups that were removed.

    Raises:
        ProgramFailed: a segment cannot be removed.
    """
    if made.base is None:
        return
    archive = archive_folder(made.base.system)
    kept = make_folder(archive / _KEPT)
    write_durably(kept / f"{made.id}.json", json.dumps({"first": made.base.first_segment, "folder": str(folder)}).encode())
    for name in removed:
        (kept / f"{name}.json").unlink(missing_ok=True)
    oldest = min(json.loads(note.read_text("utf-8"))["first"] for note in kept.glob("*.json"))
    where = paths(settings().home)
    programs = binaries(where.data, where.home / "log" / "install.log", lambda _: None)
    run_program(programs, "pg_archivecleanup", ["-x", SUFFIX, str(archive), oldest])
    if made.verified_at:
        (where.data / GAP).unlink(missing_ok=True)
