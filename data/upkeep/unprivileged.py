"""The processes that serve give up root's rights: whatever a stranger may find in them, it is not the whole machine.

``up`` that root has started stays root only to supervise: it answers nobody and reads no foreign file. Workers and keeper become the
account ``gridwell``, which owns nothing but what ``give_files`` gives it.
"""

import ctypes
import os
import pwd
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from data.attachments.store import FOLDER
from data.auditing.anchors import anchor_file
from data.core.settings import ROOT, settings
from data.core.state_folder import ACCOUNTS, give_to_server, make_server_folder, serving_account
from data.database.connections import connect
from data.privacy.keys import key_file
from data.upkeep.conditions import meters_folder, status_folder
from data.upkeep.rejected_rows import rejects_folder

_NO_NEW_PRIVILEGES = 38
"""``PR_SET_NO_NEW_PRIVS`` of prctl(2): no program that this process starts gets more rights than it has, set-user-id or not."""
_ADMINISTRATORS_FOLDERS = ("/usr/local/sbin", "/usr/sbin", "/sbin")


def ensure_account() -> pwd.struct_passwd | None:
    """The account that serves, made where root finds none; ``None`` where we are not root, or no account can be had."""
    if os.geteuid() != 0:
        return None
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), *_ADMINISTRATORS_FOLDERS])
    program = shutil.which("useradd", path=path)
    with suppress(KeyError):
        return pwd.getpwnam(ACCOUNTS[0])
    if program is not None:
        words = ["--system", "--no-create-home", "--user-group", "--shell", "/usr/sbin/nologin", ACCOUNTS[0]]
        subprocess.run([program, *words], capture_output=True, check=False)  # noqa: S603 - our own words, root's program
    return serving_account()


def give_files() -> None:
    """Give the account that serves what it reads and writes in the state folder.

    Raises:
        OSError: it cannot be given.
    """
    for folder in (rejects_folder(), status_folder(), settings().home / FOLDER):
        make_server_folder(folder)
    meters = meters_folder()
    for file in (*meters.glob("*.db"), meters):  # the folder last: until then only root changes it
        with suppress(FileNotFoundError):
            give_to_server(file)
    with suppress(FileExistsError):
        os.close(os.open(anchor_file(), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    for file in (anchor_file(), key_file()):
        with suppress(FileNotFoundError):
            give_to_server(file)


def forbid_new_privileges() -> None:
    """From now on, nothing that this process starts gets more rights than it has."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)


def become(account: pwd.struct_passwd) -> None:
    """Give up root's rights for good, in this process.

    Raises:
        OSError: the system does not allow it.
    """
    os.environ["HOME"] = account.pw_dir  # PostgreSQL's library looks for files there, and fails if it may not even look
    os.environ["USER"] = os.environ["LOGNAME"] = account.pw_name
    os.setgroups([])
    os.setresgid(account.pw_gid, account.pw_gid, account.pw_gid)
    os.setresuid(account.pw_uid, account.pw_uid, account.pw_uid)
    forbid_new_privileges()


def find_obstacle(account: pwd.struct_passwd, files: bool = True) -> str | None:
    """What keeps an account from serving this installation: a folder, a file or the database; ``None`` where nothing does.

    A forked process becomes the account and tries.

    Args:
        account: the account.
        files: try also the files that ``give_files`` gives it.
    """
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        told = "?"
        try:
            become(account)
            told = _try_all(files) or ""
        except BaseException as error:
            told = str(error).splitlines()[0] if str(error) else type(error).__name__
        finally:
            os.write(writing, told.encode()[:1000])
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8", errors="replace") as answer:
        told = answer.read()
    os.waitpid(pid, 0)
    return told or None


def _try_all(given: bool) -> str | None:
    folders = [settings().home, ROOT, ROOT / "assets", *(Path(entry) for entry in sys.path if entry)]
    for folder in folders:
        if (closed := _first_closed(folder)) is not None:
            return str(closed)
    files = [(ROOT / "app.py", os.R_OK)]
    files += [(key_file(), os.R_OK), (anchor_file(), os.R_OK | os.W_OK)] if given else []
    for file, how in files:
        if (closed := _first_closed(file.parent)) is not None:
            return str(closed)
        if file.exists() and not os.access(file, how):
            return str(file)
    connect().close()
    return None


def _first_closed(folder: Path) -> Path | None:
    """The first folder on the way to a folder, itself included, that this process may not pass."""
    way = (*reversed(folder.absolute().parents), folder.absolute())
    return next((one for one in way if one.exists() and not os.access(one, os.X_OK)), None)
