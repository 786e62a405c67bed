"""Care for the embedded cluster: checksums, a newer PostgreSQL, and what was put aside."""

import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from data.backup.create import Backup, create_backup
from data.backup.errors import OwnServer
from data.backup.moment import rebuild_cluster
from data.backup.present import list_databases_aside
from data.backup.restore import Restored, Wishes
from data.backup.scratch import drop_database
from data.cluster.account import as_server
from data.cluster.binaries import binaries, list_installed, made_by
from data.cluster.lease import borrow_cluster, stop_cluster
from data.cluster.server import run_as_server
from data.cluster.swap import list_aside
from data.core.settings import settings
from data.database.connections import connect
from data.database.socket import paths

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class ClusterState:
    """What the embedded cluster is like.

    Attributes:
        major: its PostgreSQL.
        newest: the newest PostgreSQL with PostGIS that is installed.
        checksums: whether its pages have checksums.
        archive: where its log is archived.
        aside: data folders and databases that were put aside.
    """

    major: int
    newest: int
    checksums: bool
    archive: Path | None
    aside: tuple[str, ...]


def describe_cluster(tell: Tell) -> ClusterState:
    """Look at the embedded cluster.

    Raises:
        OwnServer: there is none.
    """
    _refuse_own_server()
    with borrow_cluster(settings().home, tell) as where, connect() as connection:
        row = connection.execute("SELECT current_setting('data_checksums'), current_setting('archive_mode')").fetchone()
        checksums, archiving = row or ("off", "off")
        aside = (*map(str, list_aside(where)), *list_databases_aside())
        newest = max(one.major for one in list_installed() if one.complete)
        major = connection.info.server_version // 10_000
    return ClusterState(major, newest, checksums == "on", settings().archive if archiving == "on" else None, aside)


def enable_checksums() -> bool:
    """Turn checksums on, with the server stopped; returns whether they were off.

    Raises:
        OwnServer: there is no embedded cluster.
        ClusterError: it is in use, or cannot be done.
    """
    _refuse_own_server()
    with stop_cluster(settings().home) as where:
        programs = binaries(where.data, where.home / "log" / "install.log", lambda _: None)
        told = subprocess.run([programs.program("pg_controldata"), "-D", str(where.data)], capture_output=True, text=True, **as_server())
        if (found := re.search(r"checksum version:\s+(\d+)", told.stdout)) and found[1] != "0":
            return False
        run_as_server(where, [programs.program("pg_checksums"), "--enable", "-D", str(where.data)])
    return True


def needs_upgrade() -> bool:
    """Whether a newer PostgreSQL with PostGIS is installed than the one that made the embedded cluster."""
    _refuse_own_server()
    major = made_by(paths(settings().home).data)
    return major is not None and major < max((one.major for one in list_installed() if one.complete), default=0)


def upgrade_cluster(backups: Path, tell: Tell) -> tuple[Backup, Restored | None]:
    """Move the data to a new cluster of the newest PostgreSQL that is installed; the old data folder is kept.

    The way leads over a verified backup: dumped by the old server, restored by the new one, and examined there.

    Args:
        backups: where the backup is made.
        tell: hears what is being done.

    Returns:
        The backup, and what was done; ``None`` if the backup could not be verified, and nothing was done.

    Raises:
        GridwellError: it cannot be done, and everything is as it was.
    """
    _refuse_own_server()
    with borrow_cluster(settings().home, tell):
        made = create_backup(backups, tell)
    if not made.verified:
        return made, None
    return made, rebuild_cluster(made.folder, Wishes(replace=True), tell)


def drop_aside(tell: Tell) -> list[str]:
    """Remove data folders and databases that were put aside; returns their names."""
    removed = []
    if settings().database_url is None:
        for folder in list_aside(paths(settings().home)):
            shutil.rmtree(folder)
            removed.append(str(folder))
        with borrow_cluster(settings().home, tell):
            removed += _drop_databases()
        return removed
    return _drop_databases()


def _drop_databases() -> list[str]:
    found = list_databases_aside()
    for name in found:
        drop_database(name)
    return found


def _refuse_own_server() -> None:
    if settings().database_url is not None:
        raise OwnServer()
