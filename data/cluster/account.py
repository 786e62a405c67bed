"""The system account of the server, and folders that belong to it."""

import errno
import os
import pwd
import stat
from pathlib import Path
from typing import Any

from data.cluster.errors import DiskFull, FolderRefused, NoServerAccount, NotOurs
from data.core import careful_files
from data.core.state_folder import serving_account

ACCOUNT = "postgres"


def server_account() -> pwd.struct_passwd:
    """The account that owns data and server: our own, or ``postgres`` where we are root (the server refuses root).

    Raises:
        NoServerAccount: we are root and there is no such account.
    """
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid())
    try:
        return pwd.getpwnam(ACCOUNT)
    except KeyError:
        raise NoServerAccount() from None


def as_server() -> dict[str, Any]:
    """Arguments of ``subprocess`` that run a program under the server's account, with a clean environment."""
    path = os.environ.get("PATH", os.defpath)
    shared: dict[str, Any] = {"cwd": "/", "env": {"PATH": path, "LC_ALL": "C.UTF-8", "TZ": "UTC"}}
    if os.geteuid() != 0:
        return shared
    account = server_account()
    return {**shared, "user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def own_folder(folder: Path, shared: bool = False) -> None:
    """Make a private folder of the server's account, or check that it is one.

    Args:
        folder: the folder.
        shared: let the account that serves, where root's Gridwell has one, pass it; it may neither list nor change it.

    Raises:
        NotOurs: it belongs to another user (in ``/tmp`` any user could have created it first).
        FolderRefused, DiskFull: it cannot be made.
    """
    account, serving = server_account(), serving_account() if shared else None
    group, mode = (account.pw_gid, 0o700) if serving is None else (serving.pw_gid, 0o710)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
        owners, found = {account.pw_uid, os.geteuid()}, folder.lstat()
        if found.st_uid not in owners or folder.is_symlink():
            raise NotOurs(folder=folder, owner=_name(found.st_uid))
        with careful_files.open_folder(folder) as opened:  # in a folder of others it may become a link or another one at any moment
            found = os.fstat(opened)
            if found.st_uid not in owners:
                raise NotOurs(folder=folder, owner=_name(found.st_uid))
            if (found.st_uid, found.st_gid) != (account.pw_uid, group):
                os.fchown(opened, account.pw_uid, group)
            if stat.S_IMODE(found.st_mode) != mode:  # not otherwise: whoever connects meanwhile must not be refused for a moment
                os.fchmod(opened, mode)
    except OSError as error:
        raise make_folder_error(folder, error) from error


def make_folder_error(folder: Path, error: OSError) -> FolderRefused | DiskFull:
    """The sentence for a folder that could not be made or written."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return DiskFull(folder=folder)
    return FolderRefused(folder=folder, reason=error.strerror or str(error))


def check_owner(data: Path) -> None:
    """Refuse a data folder of another account, for which PostgreSQL's own message is hard to understand.

    Raises:
        NotOurs: the folder belongs to somebody else.
    """
    if not data.exists():
        return
    owner = data.stat().st_uid
    if owner != server_account().pw_uid:
        raise NotOurs(folder=data, owner=_name(owner))


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
