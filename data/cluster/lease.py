"""Who uses the server now. It starts with the first user and ends with the last.

The count is kept in locks of the system, which a killed process loses by itself, and never in a file that could lie.
"""

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from data.cluster.account import check_owner, refused
from data.cluster.server import ensure_running, stop
from data.core.state_folder import make_private_folder
from data.database.socket import Paths, paths


@contextmanager
def borrowed(home: Path, tell: Callable[[str], None], durable: bool = True) -> Iterator[Paths]:
    """The running cluster of a state folder, for as long as the block lasts.

    Raises:
        ClusterError: it cannot be brought up; the sentence says why.
    """
    where = paths(home)
    try:
        make_private_folder(where.home)
        lease = where.lease.open("ab")
    except OSError as error:
        raise refused(where.home, error) from error
    with lease:
        check_owner(where.data)
        try:
            with _alone(where):
                fcntl.flock(lease, fcntl.LOCK_SH)
                ensure_running(where, tell, durable)
            yield where
        finally:
            with _alone(where):
                if _last(lease.fileno()):
                    stop(where)


@contextmanager
def _alone(where: Paths) -> Iterator[None]:
    """Nobody else starts or stops the server meanwhile."""
    with where.mutex.open("ab") as mutex:
        fcntl.flock(mutex, fcntl.LOCK_EX)
        yield


def _last(lease: int) -> bool:
    """Whether nobody else holds the lease."""
    try:
        fcntl.flock(lease, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
