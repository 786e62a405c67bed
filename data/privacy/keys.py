"""The keys that personal data are sealed and hashed with: a file of this machine, never in the database nor in its backups.

JSON: ``{"newest": 2, "keys": {"1": "…", "2": "…"}, "hash": "…"}``, each 256 bits in base64.
Only the newest key seals, all of them open. The key for hashes is separate and never changes, because hashes must stay the same to be
found.
"""

import base64
import binascii
import json
import os
import secrets
import stat
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

from data.cluster.account import make_folder_error
from data.core import state_folder
from data.core.errors import GridwellError
from data.core.settings import settings

_BYTES = 32


class KeysUnreadable(GridwellError):
    status, code = 503, "keys_unreadable"
    sentence = "The key file {file} cannot be used ({reason}); identity and telephone numbers stay sealed. Put it back from your backup."


class KeysExposed(GridwellError):
    status, code = 503, "keys_exposed"
    sentence = "The key file {file} can be read by others. Run: chmod 600 {file}"


@dataclass(frozen=True, slots=True)
class Keyring:
    """All keys of an installation; they are not in its repr.

    Attributes:
        newest: number of the key that seals.
        keys: every key by its number, from 1 to 65,535.
        hashing: the key of the hashes.
    """

    newest: int
    keys: dict[int, bytes] = field(repr=False)
    hashing: bytes = field(repr=False)

    @classmethod
    def generate(cls) -> "Keyring":
        """A new keyring from the system's random numbers."""
        return cls(1, {1: secrets.token_bytes(_BYTES)}, secrets.token_bytes(_BYTES))

    def rotated(self) -> "Keyring":
        """A keyring with one more key, which seals from now on."""
        number = self.newest + 1
        return replace(self, newest=number, keys={**self.keys, number: secrets.token_bytes(_BYTES)})

    def only_newest(self) -> "Keyring":
        """A keyring without the older keys: data that is still sealed with them is lost."""
        return replace(self, keys={self.newest: self.keys[self.newest]})


def key_file() -> Path:
    """Where the key file is: ``GRIDWELL_KEY_FILE``, or ``keys`` in the state folder."""
    return settings().key_file or settings().home / "keys"


def keyring() -> Keyring:
    """The keys of this installation, created when first needed. They are read again when another process has replaced the file.

    Raises:
        KeysUnreadable: the file is damaged.
        KeysExposed: others can read it.
        FolderRefused, DiskFull: it has to be created and cannot be stored.
    """
    file = key_file()
    try:
        if not file.exists():
            write_keyring(file, Keyring.generate(), new=True)
        is_now = file.stat()
        return _read(file, (is_now.st_ino, is_now.st_mtime_ns, is_now.st_ctime_ns, is_now.st_mode))
    except OSError as error:
        raise make_folder_error(file, error) from error


@lru_cache(maxsize=1)
def _read(file: Path, _state: tuple[int, ...]) -> Keyring:
    if stat.S_IMODE(file.stat().st_mode) & (stat.S_IRWXG | stat.S_IRWXO):
        raise KeysExposed(file=file)
    try:
        return _parsed(file.read_text("ascii"))
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error) as error:
        raise KeysUnreadable(file=file, reason=type(error).__name__) from None


def _parsed(text: str) -> Keyring:
    held = json.loads(text)
    found = Keyring(int(held["newest"]), {int(n): _bytes(key) for n, key in held["keys"].items()}, _bytes(held["hash"]))
    if found.newest not in found.keys:
        raise ValueError("the newest key is missing")
    return found


def _bytes(text: str) -> bytes:
    key = base64.b64decode(text, validate=True)
    if len(key) != _BYTES:
        raise ValueError("a key has 32 bytes")
    return key


def write_keyring(file: Path, ring: Keyring, new: bool = False) -> None:
    """Write the keys to a file next to the target and rename it, so that the file is complete at every moment.

    Args:
        file: the target.
        ring: the keys to store.
        new: write only if there is no file yet. If two processes start for the first time at once, both then read the same keys.
    """
    held = {"newest": ring.newest, "keys": {str(n): _text(key) for n, key in ring.keys.items()}, "hash": _text(ring.hashing)}
    state_folder.make_private_folder(file.parent)
    draft = file.with_name(f"{file.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as handle:
        json.dump(held, handle)
        handle.flush()
        os.fsync(handle.fileno())
    try:
        if new:
            file.hardlink_to(draft)
        else:
            draft.replace(file)
    except FileExistsError:
        return  # another process was first
    finally:
        draft.unlink(missing_ok=True)


def _text(key: bytes) -> str:
    return base64.b64encode(key).decode("ascii")
