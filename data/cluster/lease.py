"""Counts the processes that use the server. It starts with the first one and stops with the last.

The count is kept in file locks, which the system releases when a process is killed. A number in a file could be wrong afterwards.
"""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from data.cluster.account import check_owner, make_folder_error
from data.cluster.errors import ClusterInUse
from data.cluster.server import ensure_running, stop
from data.cluster.swap import finish_swap
from data.core.state_folder import make_private_folder, open_lock
from data.database.socket import Paths, paths


@contextmanager
def borrow_cluster(home: Path, tell: Callable[[str], None], durable: bool = True) -> Iterator[Paths]:
    """The running cluster of a state folder, for as long as the block lasts.

    Raises:
        ClusterError: it cannot be started; the sentence says why.
    """
    where = paths(home)
    try:
        make_private_folder(where.home)
        lease = os.fdopen(open_lock(where.lease), "ab")
    except OSError as error:
        raise make_folder_error(where.home, error) from error
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


def restart_cluster(home: Path, tell: Callable[[str], None]) -> None:
    """Start the server again after it died, for a process that borrows the cluster; one that somebody else started is taken over.

    Raises:
        ClusterError: it cannot be started; the sentence says why.
    """
    where = paths(home)
    with _alone(where):
        ensure_running(where, tell)


@contextmanager
def stop_cluster(home: Path) -> Iterator[Paths]:
    """The cluster's files while no server runs in them, and none can be started, for as long as the block lasts.

    Raises:
        ClusterInUse: another process uses the server.
        ClusterError: the folder cannot be used.
    """
    where = paths(home)
    try:
        make_private_folder(where.home)
        lease = os.fdopen(open_lock(where.lease), "ab")
    except OSError as error:
        raise make_folder_error(where.home, error) from error
    with lease, _alone(where):
        if not _last(lease.fileno()):
            raise ClusterInUse(home=where.home)
        check_owner(where.data)
        finish_swap(where)
        if where.data.exists():
            stop(where)
        yield where


@contextmanager
def _alone(where: Paths) -> Iterator[None]:
    """A lock: no other process starts or stops the server meanwhile."""
    with os.fdopen(open_lock(where.mutex), "ab") as mutex:
        fcntl.flock(mutex, fcntl.LOCK_EX)
        yield


def _last(lease: int) -> bool:
    """Whether nobody else holds the lease."""
    try:
        fcntl.flock(lease, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
