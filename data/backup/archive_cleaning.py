"""Removes segments of the archive that no kept backup needs. Which backups are kept is noted in the archive, since they lie elsewhere.

A backup that somebody removed by hand keeps its segments: too many of them do no harm.
"""

import json
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from data.backup.manifest import Manifest
from data.backup.programs import run_program
from data.cluster.archive import GAP, SUFFIX, archive_folder
from data.cluster.binaries import binaries
from data.core import careful_files
from data.core.settings import settings
from data.core.state_folder import PRIVATE
from data.database.socket import paths

_KEPT, _NOTE = "kept", ".json"


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
    note = json.dumps({"first": made.base.first_segment, "folder": str(folder)}).encode()
    with careful_files.open_folder(archive) as opened:
        with suppress(FileExistsError):
            os.mkdir(_KEPT, PRIVATE, dir_fd=opened)
        with careful_files.open_folder(_KEPT, opened) as kept:  # the archive belongs to the database server's account
            careful_files.replace_small(f"{made.id}{_NOTE}", note, kept)
            for name in removed:
                careful_files.remove(f"{name}{_NOTE}", kept)
            notes = [careful_files.read_small(name, kept) for name in os.listdir(kept) if name.endswith(_NOTE)]  # noqa: PTH208 - an open folder
    oldest = min(json.loads(one)["first"] for one in notes)
    where = paths(settings().home)
    programs = binaries(where.data, where.home / "log" / "install.log", lambda _: None)
    run_program(programs, "pg_archivecleanup", ["-x", SUFFIX, str(archive), oldest])
    if made.verified_at:
        (where.data / GAP).unlink(missing_ok=True)
