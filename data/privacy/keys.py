"""The keys that personal data are sealed and hashed with: a file of this machine, never in the database nor in its backups.

JSON: ``{"newest": 7193…, "keys": {"2": "…", "7193…": "…"}, "hash": "…"}``, each 256 bits in base64.
Only the newest key seals, all of them open. The key for hashes is separate and never changes, because hashes must stay the same to be
found. Numbers are random, so that two installations never have different keys of the same number; the first versions counted 1, 2, 3.

Nothing here makes keys: ``data.privacy.key_checks`` does, where it has seen that nothing is sealed.
"""

import base64
import binascii
import json
import os
import re
import secrets
import stat
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

from data.cluster.account import make_folder_error
from data.core import state_folder
from data.core.errors import GridwellError
from data.core.settings import settings

_BYTES = 32
_MOST_BYTES = 1_000_000
SMALL = 0xFFFF
"""Numbers up to here are those of the first versions, in two bytes."""
_FIRST_RANDOM, _AFTER_RANDOM = 2**32, 2**63


class KeysMissing(GridwellError):
    status, code = 503, "keys_missing"
    sentence = (
        "The key file {file} is missing, but data is sealed with its keys. Put the file back from your backup (mode 600), or set"
        " GRIDWELL_KEY_FILE to where it is. No new keys are made, because these would not open what is sealed."
    )


class KeysUnreadable(GridwellError):
    status, code = 503, "keys_unreadable"
    sentence = "The key file {file} cannot be used: {reason}. Identity and telephone numbers stay sealed. Put it back from your backup."


class KeysExposed(GridwellError):
    status, code = 503, "keys_exposed"
    sentence = "The key file {file} can be read by others. Run: chmod 600 {file}"


@dataclass(frozen=True, slots=True)
class Keyring:
    """All keys of an installation; they are not in its repr.

    Attributes:
        newest: number of the key that seals.
        keys: every key by its number, from 1 to 2^63 - 1.
        hashing: the key of the hashes.
    """

    newest: int
    keys: dict[int, bytes] = field(repr=False)
    hashing: bytes = field(repr=False)

    @classmethod
    def generate(cls) -> "Keyring":
        """A new keyring from the system's random numbers."""
        number = _random_number()
        return cls(number, {number: secrets.token_bytes(_BYTES)}, secrets.token_bytes(_BYTES))

    def rotated(self) -> "Keyring":
        """A keyring with one more key, which seals from now on."""
        number = _random_number()
        return replace(self, newest=number, keys={**self.keys, number: secrets.token_bytes(_BYTES)})

    def only_newest(self) -> "Keyring":
        """A keyring without the older keys: data that is still sealed with them is lost."""
        return replace(self, keys={self.newest: self.keys[self.newest]})


def _random_number() -> int:
    return _FIRST_RANDOM + secrets.randbelow(_AFTER_RANDOM - _FIRST_RANDOM)


def key_file() -> Path:
    """Where the key file is: ``GRIDWELL_KEY_FILE``, or ``keys`` in the state folder."""
    return settings().key_file or settings().home / "keys"


def keyring() -> Keyring:
    """The keys of this installation. They are read again when another process has replaced the file.

    Raises:
        KeysMissing: there is no file.
        KeysUnreadable: the file is damaged.
        KeysExposed: others can read it.
        FolderRefused: it cannot be read.
    """
    file = key_file()
    try:
        is_now = file.stat()
        return _read(file, (is_now.st_ino, is_now.st_mtime_ns, is_now.st_ctime_ns, is_now.st_mode))
    except FileNotFoundError:
        raise KeysMissing(file=file) from None
    except OSError as error:
        raise make_folder_error(file, error) from error


@lru_cache(maxsize=1)
def _read(file: Path, _state: tuple[int, ...]) -> Keyring:
    if stat.S_IMODE(file.stat().st_mode) & (stat.S_IRWXG | stat.S_IRWXO):
        raise KeysExposed(file=file)
    with file.open("rb") as handle:
        held = handle.read(_MOST_BYTES)  # it belongs to the account that serves, and must not fill the memory of whoever reads it
    if not held.strip():
        raise KeysUnreadable(file=file, reason=_REASONS["empty"])
    try:
        return _parsed(held.decode("ascii"))
    except (json.JSONDecodeError, UnicodeDecodeError):
        raise KeysUnreadable(file=file, reason=_REASONS["cut"]) from None
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError, binascii.Error):
        raise KeysUnreadable(file=file, reason=_REASONS["incomplete"]) from None


_REASONS = {
    "empty": "it is empty",
    "cut": "it is cut off, or is no key file",
    "incomplete": "a key is missing in it, or has not the right length",
}


def _parsed(text: str) -> Keyring:
    held = json.loads(text)
    found = Keyring(int(held["newest"]), {int(n): _bytes(key) for n, key in held["keys"].items()}, _bytes(held["hash"]))
    if found.newest not in found.keys or not all(0 < number < _AFTER_RANDOM for number in found.keys):
        raise ValueError("the newest key is missing, or a number is out of range")
    return found


def _bytes(text: str) -> bytes:
    key = base64.b64decode(text, validate=True)
    if len(key) != _BYTES:
        raise ValueError("a key has 32 bytes")
    return key


def write_keyring(file: Path, ring: Keyring, new: bool = False) -> None:
    """Write the keys to a file next to the target and rename it, so that the file is complete at every moment, also if the power fails.

    Args:
        file: the target.
        ring: the keys to store.
        new: write only if there is no file yet. If two processes start for the first time at once, both then read the same keys.

    Raises:
        FolderRefused, DiskFull: it cannot be stored.
    """
    held = {"newest": ring.newest, "keys": {str(n): _text(key) for n, key in ring.keys.items()}, "hash": _text(ring.hashing)}
    draft = file.with_name(f"{file.name}.{secrets.token_hex(8)}")
    try:
        state_folder.make_private_folder(file.parent)
        _write_draft(draft, json.dumps(held))
        try:
            state_folder.give_to_server(draft)
            with suppress(FileExistsError):  # another process was first
                file.hardlink_to(draft) if new else draft.replace(file)
        finally:
            draft.unlink(missing_ok=True)
        _sync_folder(file.parent)
    except OSError as error:
        raise make_folder_error(file, error) from error


def remove_drafts(file: Path) -> None:
    """Remove drafts of the key file that broken-off rotations left: they hold keys that somebody wants forgotten.

    The caller holds the lock of rotations.
    """
    draft = re.compile(rf"{re.escape(file.name)}\.[0-9a-f]{{16}}")
    for left in file.parent.iterdir():
        if draft.fullmatch(left.name):
            left.unlink(missing_ok=True)


def _write_draft(draft: Path, text: str) -> None:
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as handle:
        handle.write(text)
        handle.flush()
        os.fsync(handle.fileno())


def _sync_folder(folder: Path) -> None:
    """Store the folder's list of names: without it, a new name may be gone after a power failure although the file's content is stored."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _text(key: bytes) -> str:
    return base64.b64encode(key).decode("ascii")
