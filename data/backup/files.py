"""Files and folders of backups: only their owner may read them, and they are on the disk before anything relies on them."""

import fcntl
import io
import os
import shutil
import stat
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from data.attachments import store
from data.backup.errors import AtWork, FileAltered, FileUnknown, FolderUnusable, NoRoom
from data.core import careful_files, state_folder
from data.core.settings import settings

STATE_FOLDERS = ("attachments", "rejects", "reports")
"""Folders of the state folder that belong to the data, as the database does. Those that are there are in every backup, and come back."""

_GB = 1e9
_PLAIN = (tarfile.REGTYPE, tarfile.AREGTYPE)


def make_folder(folder: Path) -> Path:
    """A folder that only its owner can use; one that exists keeps its mode.

    Raises:
        FolderUnusable: it cannot be made.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=state_folder.PRIVATE, exist_ok=True)
    except OSError as error:
        raise FolderUnusable(folder=folder, reason=error.strerror or str(error)) from error
    return folder


@contextmanager
def lock_folder(folder: Path) -> Iterator[None]:
    """Be the only backup or restore that works in a folder.

    Raises:
        AtWork: another one does.
        FolderUnusable: the folder cannot be written.
    """
    try:
        lock = os.open(folder / ".gridwell-backup.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise FolderUnusable(folder=folder, reason=error.strerror or str(error)) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise AtWork(folder=folder) from None
    finally:
        os.close(lock)


def check_room(needed: dict[Path, int]) -> None:
    """Compare bytes that folders will need with what their disks have; folders on one disk are added up.

    Raises:
        NoRoom: one disk has too little.
    """
    by_disk: dict[int, int] = {}
    for folder, count in needed.items():
        disk = folder.stat().st_dev
        by_disk[disk] = by_disk.get(disk, 0) + count
        free = shutil.disk_usage(folder).free
        if by_disk[disk] > free:
            raise NoRoom(folder=folder, free=round(free / _GB, 1), needed=round(by_disk[disk] / _GB, 1))


def write_durably(path: Path, content: bytes) -> None:
    """Write a file beside its place, and rename it when it is on the disk; only its owner can read it."""
    with careful_files.open_folder(path.parent.resolve()) as folder:
        careful_files.replace_small(path.name, content, folder)


def sync_tree(folder: Path) -> None:
    """Have every file and folder below a folder, and itself, on the disk."""
    for path in folder.rglob("*"):
        if not path.is_symlink():
            sync_folder(path)
    sync_folder(folder)


def sync_folder(path: Path) -> None:
    """Have one folder (or file) on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def pack_state_folders(target: Path) -> tuple[list[str], list[str]]:
    """Pack the folders of ``STATE_FOLDERS`` that are there into ``target``, each as a tar file.

    Where root makes the backup, these folders belong to the account that serves: see ``data.core.careful_files``.

    Returns:
        Names of the folders, and what was left out because it is neither a plain file nor a folder, or could not be read.
    """
    home = settings().home.resolve()
    elsewhere = store.is_elsewhere()
    names = [name for name in STATE_FOLDERS if not (elsewhere and name == store.FOLDER)]
    left = [name for name in names if (home / name).is_symlink()]
    found = [name for name in names if (home / name).is_dir() and name not in left]
    if elsewhere:
        pack_store(target)
    for name in found:
        archive = make_folder(target) / f"{name}.tar"
        with os.fdopen(os.open(archive, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as handle:
            with tarfile.open(fileobj=handle, mode="w") as packed:
                left += _pack(home, name, packed)
            handle.flush()
            os.fsync(handle.fileno())
    return [*found, *([store.FOLDER] if elsewhere else [])], left


def pack_store(target: Path) -> None:
    """Pack the photos and papers of a store elsewhere as if they lay in the state folder, to which they come back.

    Raises:
        StoreFailed: the store does not answer: a backup without them would be none.
    """
    archive, files, seen = make_folder(target) / f"{store.FOLDER}.tar", store.open_store(), set[str]()
    with os.fdopen(os.open(archive, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as handle:
        with tarfile.open(fileobj=handle, mode="w") as packed:
            for file in files.list_files():
                place = [store.FOLDER, file.name[:2], file.name[2:4]]
                for above in ("/".join(place[:depth]) for depth in (1, 2, 3)):
                    if above not in seen:
                        seen.add(above)
                        packed.addfile(_made_member(above, tarfile.DIRTYPE, 0))
                content = files.get(file.name)
                packed.addfile(_made_member("/".join([*place, file.name]), tarfile.REGTYPE, len(content)), io.BytesIO(content))
        handle.flush()
        os.fsync(handle.fileno())


def _made_member(name: str, kind: bytes, size: int) -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.type, made.size, made.mode = kind, size, 0o700 if kind == tarfile.DIRTYPE else 0o600
    return made


def _pack(home: Path, name: str, packed: tarfile.TarFile) -> list[str]:
    """Pack one folder; returns what was left out."""
    left: list[str] = []
    with careful_files.open_folder(home) as above:
        for place, folders, names, opened in os.fwalk(name, dir_fd=above):
            packed.addfile(_member(place, os.fstat(opened), tarfile.DIRTYPE))
            left += [f"{place}/{one}" for one in folders if stat.S_ISLNK(os.lstat(one, dir_fd=opened).st_mode)]
            for one in sorted(names):
                try:
                    source = os.fdopen(careful_files.open_plain(one, opened), "rb")
                except FileNotFoundError:
                    continue  # retention deletes old ones meanwhile
                except OSError:
                    left.append(f"{place}/{one}")
                    continue
                with source:
                    packed.addfile(_member(f"{place}/{one}", os.fstat(source.fileno()), tarfile.REGTYPE), _Padded(source))
    return left


class _Padded(io.RawIOBase):
    """A file that has as many bytes as somebody asks for: one that becomes shorter while it is packed must not spoil the backup."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source

    def read(self, size: int = -1) -> bytes:
        """As many bytes as that."""
        return self._source.read(size).ljust(size, b"\0")


def _member(name: str, found: os.stat_result, kind: bytes) -> tarfile.TarInfo:
    """What a tar file says of a file or folder. Two names of one file are two files: ``unpack_state_folder`` takes nothing else."""
    made = tarfile.TarInfo(name)
    made.type, made.mtime, made.mode = kind, int(found.st_mtime), stat.S_IMODE(found.st_mode)
    made.size = found.st_size if kind == tarfile.REGTYPE else 0
    return made


def unpack_state_folder(archive: Path, target: Path) -> None:
    """Unpack one of them to ``target``, whatever the members' own first folder is called.

    Nothing in it is believed. What takes less room in the archive than on the disk, compressed or sparse, is not unpacked.

    Raises:
        FileUnknown: a member is no plain file or folder, or would land elsewhere.
        FileAltered: it is no such archive.
        FolderUnusable: it cannot be written.
    """
    make_folder(target)
    try:
        with tarfile.open(archive, "r:") as packed:
            for member in packed:
                _unpack(packed, member, target, archive)
        sync_tree(target)
    except (tarfile.TarError, ValueError, OverflowError, EOFError, FileExistsError, NotADirectoryError) as error:
        raise FileAltered(folder=archive.parent, file=archive.name) from error
    except OSError as error:
        raise FolderUnusable(folder=target, reason=error.strerror or str(error)) from error


def _unpack(packed: tarfile.TarFile, member: tarfile.TarInfo, target: Path, archive: Path) -> None:
    place = target.joinpath(*Path(member.name).parts[1:])
    if ".." in place.parts or not (member.isdir() or member.type in _PLAIN) or member.issparse():
        raise FileUnknown(folder=archive, file=member.name)
    make_folder(place if member.isdir() else place.parent)
    if member.isfile() and (content := packed.extractfile(member)) is not None:
        with os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as handle:
            shutil.copyfileobj(content, handle)
        os.utime(place, (member.mtime, member.mtime))  # retention goes by the age of files
