"""The copy of the whole embedded cluster, from which any later moment can be reached with the archive.

PostgreSQL's own programs make it (``pg_basebackup``) and prove it (``pg_verifybackup``).
"""

import json
from datetime import UTC, datetime
from pathlib import Path

from data.backup.manifest import BaseCopy
from data.backup.programs import run_program
from data.backup.scratch import address_in, check_home, remove_cluster
from data.cluster.account import own_folder
from data.cluster.archive import archive_folder, segment_at, system_number
from data.cluster.binaries import binaries
from data.cluster.server import SUPERUSER, recover, run_as_server, superuser
from data.core.settings import settings
from data.database.socket import Paths, paths

FOLDER = "cluster"
"""The copy's folder in a backup."""
_PACKED = (("base.tar.gz", ""), ("pg_wal.tar.gz", "pg_wal"))
"""Files of the copy, and where in the data folder their content belongs."""


def should_archive() -> bool:
    """Whether the settings want the embedded cluster to archive its log."""
    return settings().database_url is None and settings().archive is not None


def is_archiving() -> bool:
    """Whether the embedded cluster archives its log now; a copy without an archive would lead nowhere."""
    if not should_archive():
        return False
    with superuser(paths(settings().home)) as connection:
        return connection.execute("SHOW archive_mode").fetchone() == ("on",)


def cluster_bytes() -> int:
    """Size of the embedded cluster's data, in bytes."""
    with superuser(paths(settings().home)) as connection:
        row = connection.execute("SELECT sum(pg_database_size(oid))::bigint FROM pg_database").fetchone()
    return int(row[0]) if row else 0


def write_copy(name: str, folder: Path) -> BaseCopy:
    """Copy the embedded cluster of the settings while it is in use.

    Args:
        name: name of the backup.
        folder: where to; it is not there yet.

    Raises:
        ProgramFailed: it cannot be done.
    """
    where = paths(settings().home)
    programs = binaries(where.data, where.home / "log" / "install.log", lambda _: None)
    words = [f"--pgdata={folder}", f"--label={name}", "--format=tar", "--compress=1", "--wal-method=stream"]
    words += ["--checkpoint=fast", "--manifest-checksums=SHA256", "--no-password"]
    run_program(programs, "pg_basebackup", words, address_in(where).set(username=SUPERUSER))
    system = system_number(where, programs)
    return BaseCopy(system, _first_segment(folder), datetime.now(UTC).isoformat(timespec="milliseconds"), str(archive_folder(system)))


def _first_segment(folder: Path) -> str:
    """The oldest segment that the copy needs, as its own manifest says."""
    wal = json.loads((folder / "backup_manifest").read_text("utf-8"))["WAL-Ranges"][0]
    return segment_at(int(wal["Timeline"]), wal["Start-LSN"])


def unpack_copy(folder: Path) -> Paths:
    """Unpack a copy where scratch clusters are made, and prove that every file is as it was; returns that cluster's files.

    Raises:
        ClusterError, ProgramFailed: it is not.
    """
    remove_cluster(check_home())
    where = paths(check_home())
    check_home().mkdir()
    check_home().chmod(0o755)  # the server's account passes it
    own_folder(where.data)
    for name, place in _PACKED:
        with (folder / name).open("rb") as packed:
            run_as_server(where, ["tar", "-xzf", "-", "-C", str(where.data / place)], packed.fileno())
    programs = binaries(where.data, where.home / "install.log", lambda _: None)
    run_program(programs, "pg_verifybackup", [f"--manifest-path={folder / 'backup_manifest'}", str(where.data)])
    return where


def verify_copy(folder: Path) -> None:
    """Unpack a copy, prove its files, and let a server recover from it.

    Raises:
        ClusterError, ProgramFailed: it cannot be used.
    """
    try:
        recover(unpack_copy(folder), lambda _: None, {"recovery_target": "immediate", "restore_command": "false"})
    finally:
        remove_cluster(check_home())


def sync_cluster(where: Paths) -> None:
    """Have every file of a stopped cluster on the disk."""
    programs = binaries(where.data, where.home / "install.log", lambda _: None)
    run_as_server(where, [programs.program("initdb"), "--sync-only", "-D", str(where.data)])
