"""Where files lie: a folder by default, or any store that fsspec knows, such as an S3-like one. Never the database.

A file lies under the hash of its content, in folders by its first letters; its thumbnail beside it. A file that is there is never written
again, so that a half-written one cannot replace a whole one.
"""

import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from fsspec.core import url_to_fs

from data.attachments.errors import FileMissing, StoreFailed
from data.core.settings import settings
from data.core.state_folder import make_private_folder

FOLDER = "attachments"
"""In the state folder; the default store."""
THUMBNAIL = ".thumbnail"
_NAME = re.compile(r"[0-9a-f]{64}(\.thumbnail)?")
_UNFINISHED = ".part"
_PART = re.compile(rf"{_NAME.pattern}\.[0-9]+\.[0-9a-f]{{8}}\{_UNFINISHED}")
_CONNECT_S, _READ_S, _TRIES = 5, 20, 2


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file of the store, with the time of its writing where the store says it."""

    name: str
    written_at: datetime | None


def is_hash(text: str) -> bool:
    """Whether a text has the form of a hash: whatever else comes from outside never becomes part of a path."""
    return re.fullmatch("[0-9a-f]{64}", text) is not None


class Store:
    """Files by their names.

    Args:
        address: a URL of fsspec, or a folder.
        secrets: what the store needs to let us in; see ``data.core.settings``.
    """

    def __init__(self, address: str, secrets: dict[str, Any] | None = None) -> None:
        self._local = "://" not in address or address.startswith("file://")
        self._files, root = url_to_fs(address, **(secrets or {}))
        self._root = root.rstrip("/")
        if self._local:
            Path(self._root).mkdir(mode=0o700, parents=True, exist_ok=True)

    def put(self, name: str, content: bytes) -> None:
        """Store a file, whole or not at all; nothing happens where it is there already.

        Raises:
            StoreFailed: it could not be stored.
        """
        path = self._path(name)
        try:
            if self._files.exists(path) and self._files.size(path) == len(content):
                return
            if self._local:
                self._put_locally(path, content)
            else:
                self._files.pipe_file(path, content)
        except Exception as error:
            # Each store has errors of its own kind; what all of them mean is that the file is not there.
            raise StoreFailed() from error

    def get(self, name: str) -> bytes:
        """The content of a file, proved by its name where that is its hash.

        Raises:
            FileMissing: it is not there, or no longer what it was.
            StoreFailed: the store does not answer.
        """
        try:
            content: bytes = self._files.cat_file(self._path(name))
        except FileNotFoundError:
            raise FileMissing() from None
        except Exception as error:
            raise StoreFailed() from error
        if is_hash(name) and hashlib.sha256(content).hexdigest() != name:
            raise FileMissing()
        return content

    def has(self, name: str) -> bool:
        """Whether a file is there.

        Raises:
            StoreFailed: the store does not answer.
        """
        try:
            self._files.invalidate_cache()
            return bool(self._files.exists(self._path(name)))
        except Exception as error:
            raise StoreFailed() from error

    def delete(self, name: str) -> None:
        """Delete a file and its thumbnail; nothing happens where they are not there.

        Raises:
            StoreFailed: it could not be deleted.
        """
        for one in (name, name + THUMBNAIL):
            try:
                self._files.rm_file(self._path(one))
            except FileNotFoundError:
                continue
            except Exception as error:
                raise StoreFailed() from error

    def list_files(self) -> Iterator[StoredFile]:
        """Every file of ours, thumbnails too; other names are left alone.

        Raises:
            StoreFailed: the store does not answer.
        """
        try:
            self._files.invalidate_cache()
            found = self._files.find(self._root, detail=True)
        except FileNotFoundError:
            return
        except Exception as error:
            raise StoreFailed() from error
        for path, more in sorted(found.items()):
            name = path.rsplit("/", 1)[-1]
            if _NAME.fullmatch(name):
                yield StoredFile(name, _moment(more))

    def clear_unfinished(self, before: datetime) -> int:
        """Delete what a process that was killed while it wrote left in a folder; returns how many files.

        Args:
            before: younger ones may still be written.

        Raises:
            StoreFailed: one could not be deleted.
        """
        done = 0
        for path in Path(self._root).rglob(f"*{_UNFINISHED}") if self._local else ():
            try:
                if _PART.fullmatch(path.name) and datetime.fromtimestamp(path.stat().st_mtime, UTC) < before:
                    path.unlink(missing_ok=True)
                    done += 1
            except FileNotFoundError:
                continue
            except OSError as error:
                raise StoreFailed() from error
        return done

    def _path(self, name: str) -> str:
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no name of a stored file")
        return f"{self._root}/{name[:2]}/{name[2:4]}/{name}"

    def _put_locally(self, path: str, content: bytes) -> None:
        """Written beside its place, and moved there when it is whole and on the disk."""
        target = Path(path)
        for folder in (target.parent.parent, target.parent):
            folder.mkdir(mode=0o700, exist_ok=True)
        beside = target.with_name(f"{target.name}.{os.getpid()}.{os.urandom(4).hex()}{_UNFINISHED}")
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        try:
            with os.fdopen(handle, "wb") as opened:
                opened.write(content)
                opened.flush()
                os.fsync(opened.fileno())
            beside.replace(target)
        except BaseException:
            with suppress(OSError):
                beside.unlink()
            raise


def _moment(more: dict[str, Any]) -> datetime | None:
    """When a file was written, as stores of both kinds tell it."""
    said = more.get("LastModified") or more.get("mtime")
    if isinstance(said, datetime):
        return said if said.tzinfo else said.replace(tzinfo=UTC)
    return datetime.fromtimestamp(said, UTC) if isinstance(said, int | float) else None


def own_folder() -> Path:
    """The folder in the state folder: the default store, and where a backup of any store comes back to."""
    return settings().home / FOLDER


def is_elsewhere() -> bool:
    """Whether the settings name another store."""
    told = settings().attachments
    return told is not None and Path(told.removeprefix("file://")).resolve() != own_folder().resolve()


def open_store() -> Store:
    """The store of the settings.

    Raises:
        StoreFailed: the address cannot be used.
    """
    told = settings()
    try:
        own = str(make_private_folder(told.home) / FOLDER)
        return _open(told.attachments or own, told.attachments_key, told.attachments_secret, told.attachments_endpoint)
    except Exception as error:
        raise StoreFailed() from error


def read_stored(name: str) -> bytes:
    """A file of the store; one that a restored backup brought back is found in the state folder, too.

    Raises:
        FileMissing: it is in neither, or no longer what it was.
        StoreFailed: the store does not answer.
    """
    try:
        return open_store().get(name)
    except FileMissing:
        if not is_elsewhere() or not own_folder().is_dir():
            raise
        return _open(str(own_folder()), None, None, None).get(name)


def bring_home() -> int:
    """Bring files that a restored backup left in the state folder into the store, where they are missing; returns how many.

    Raises:
        StoreFailed: the store does not take them; those that it took stay there.
    """
    if not is_elsewhere() or not own_folder().is_dir():
        return 0
    here, there = _open(str(own_folder()), None, None, None), open_store()
    known = {file.name for file in there.list_files()}
    wanted = [file.name for file in here.list_files() if file.name not in known]
    for name in wanted:
        there.put(name, here.get(name))
    return len(wanted)


@lru_cache(4)
def _open(address: str, key: str | None, secret: str | None, endpoint: str | None) -> Store:
    if not address.startswith(("s3://", "s3a://")):
        return Store(address)
    limits = {"connect_timeout": _CONNECT_S, "read_timeout": _READ_S, "retries": {"max_attempts": _TRIES}}
    told: dict[str, Any] = {"key": key, "secret": secret, "endpoint_url": endpoint, "config_kwargs": limits, "use_listings_cache": False}
    return Store(address, {name: value for name, value in told.items() if value is not None})
