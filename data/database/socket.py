"""Where the embedded cluster keeps its files. Only this module decides it."""

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

LONGEST_SOCKET_FOLDER = 90
"""Bytes: Linux allows 107 for a socket's whole path, and ``/.s.PGSQL.5432`` with its lock file take the rest."""

PORT = 5432
"""Only part of the socket's name; nothing listens on a port."""

_UNSAFE = frozenset(",\"'\\\n@")
"""Characters that mean something else in PostgreSQL's list of socket folders or in a connection string."""

_SHARED_STATE = Path("/var/lib/gridwell")


@dataclass(frozen=True, slots=True)
class Paths:
    """Files of one state folder's cluster.

    Attributes:
        home: the state folder (``GRIDWELL_HOME``).
        base: folder that holds the data; ``home`` itself, unless the server's account cannot reach that.
        data: PostgreSQL's data folder.
        socket: folder of the Unix socket.
    """

    home: Path
    base: Path
    data: Path
    socket: Path

    @property
    def log(self) -> Path:
        """Output of the server."""
        return self.home / "log" / "postgres.log"

    @property
    def mutex(self) -> Path:
        """Locked while a process starts or stops the server."""
        return self.home / "cluster.mutex"

    @property
    def lease(self) -> Path:
        """Locked (shared) by every process that uses the server."""
        return self.home / "cluster.lease"


def paths(home: Path) -> Paths:
    """The cluster's files for a state folder."""
    home = home.absolute()
    base = _base(home)
    return Paths(home, base, base / "pg", _socket(base, home))


def _base(home: Path) -> Path:
    """``home``, or a folder under ``/var/lib`` where root's server account cannot pass the folders above (say ``/root``).

    The choice is kept as a symbolic link, so that a later change of rights does not lose the data.
    """
    link = home / "pg"
    if link.is_symlink():
        return link.resolve().parent
    if link.exists() or os.geteuid() != 0 or _open_to_all(home):
        return home
    return _SHARED_STATE / _digest(home)


def _open_to_all(folder: Path) -> bool:
    """Whether every account may pass this folder and all above it."""
    existing = [path for path in (folder, *folder.parents) if path.exists()]
    return all(path.stat().st_mode & stat.S_IXOTH for path in existing)


def _socket(base: Path, home: Path) -> Path:
    """``run`` next to the data, or a short folder under ``/tmp`` where that path would be too long for a socket.

    The result must be the same in every process, so it does not depend on TMPDIR or XDG_RUNTIME_DIR (unset in cron), nor on the account,
    which root's processes change.
    """
    folder = base / "run"
    if len(os.fsencode(folder)) <= LONGEST_SOCKET_FOLDER and not _UNSAFE & set(str(folder)):
        return folder
    owner = home.stat().st_uid if home.exists() else os.geteuid()
    return Path("/tmp") / f"gridwell-{owner}-{_digest(base)}"  # nosec B108 # noqa: S108 -- owner and mode are checked before use


def _digest(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]
