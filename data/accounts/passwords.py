"""Passwords: which ones are good enough, and how they are hashed (argon2id).

The rules follow NIST SP 800-63B and OWASP ASVS 2.1: length counts, kinds of characters do not, and common passwords are refused. Guessing
programs know the usual disguises of common passwords, so these are removed before the check.
"""

import asyncio
import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache, partial
from pathlib import Path
from typing import TypeVar
from weakref import WeakKeyDictionary

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from data.concurrency.queue import SlotQueue

T = TypeVar("T")

SHORTEST, LONGEST = 12, 128
"""Characters. The upper limit keeps attackers from making us hash very long texts."""
_LIST = Path(__file__).with_name("breached.txt")
_LEFT_OVER = 9
"""Fewest characters that must remain once everything that a program guesses first is taken out."""
_FEWEST_DIFFERENT = 5
_RUN = 3
_DISGUISES = str.maketrans("@4013!5$7", "aaoleisst")
_WALKS = (
    *("qwertyuiop", "asdfghjkl", "zxcvbnm", "01234567890", "abcdefghijklmnopqrstuvwxyz"),
    *("1q2w3e4r5t6y7u8i9o0p", "q1w2e3r4t5y6u7i8o9p0", "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p", "qazwsxedcrfvtgbyhnujmikolp"),
    *("zaq12wsxcde34rfvbgt56yhn", "!@#$%^&*()", "147258369", "159357", "789456123"),
)
"""Runs of neighbouring keys on a keyboard; reversed runs count too."""
_FACTS = re.compile(r"(19|20)\d\d((0[1-9]|1[0-2])([0-2]\d|3[01])?)?")
"""Years and dates."""

_hasher = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
_AT_ONCE, _WAITING, _LONGEST_WAIT_S = 2, 32, 5.0
"""Each hash takes 64 MiB and all cores for a moment: many people who sign in must not slow down everything else."""
_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, SlotQueue] = WeakKeyDictionary()


def explain_refusal(password: str, name: str = "") -> str | None:
    """Why a new password is not good enough, as a msgid; ``None`` where it is good.

    Args:
        password: the new password.
        name: the account's name, which is no secret.
    """
    if len(_normalize(password)) < SHORTEST:
        return _REASONS["short"]
    if len(_normalize(password)) > LONGEST:
        return _REASONS["long"]
    if password.isdecimal():
        return _REASONS["digits"]
    if len(set(_normalize(password).casefold())) < _FEWEST_DIFFERENT or len(strip_guessable(password, name)) < _LEFT_OVER:
        return _REASONS["known"]
    return None


_REASONS = {
    "short": "A password needs 12 characters or more. A short sentence is easy to keep in mind.",
    "long": "A password may have 128 characters at most.",
    "digits": "Digits alone are guessed quickly: telephone and ID numbers most of all.",
    "known": "This is one of the passwords that are guessed first. Choose a combination of words that nobody else would think of.",
}


def strip_guessable(password: str, name: str = "") -> str:
    """A password without the parts that are guessed first: listed words, runs on the keyboard, dates, the account's own name."""
    left = _FACTS.sub("", _without_walks(_normalize(password).casefold()))
    words = sorted({*_listed(), *_parts(name)}, key=len, reverse=True)
    bare = _without(words, left)
    if bare != left:  # around a listed word, digits and signs are the usual decoration
        bare = "".join(filter(str.isalpha, bare))
    return min(bare, _without(words, left.translate(_DISGUISES)), key=len)


def hash_password(password: str) -> str:
    """The argon2id hash to store. It takes a moment and 64 MiB on purpose."""
    return _hasher.hash(_normalize(password))


def verify_password(kept: str | None, password: str) -> bool:
    """Whether a password fits a hash. Without a hash (``None``) this takes as long, and the answer is always no."""
    try:
        _hasher.verify(kept or _unknown_hash(), _normalize(password)[: LONGEST + 1])
    except (VerificationError, InvalidHashError):
        return False
    return kept is not None


def needs_rehash(kept: str) -> bool:
    """Whether a hash was made with weaker parameters than today's."""
    return _hasher.check_needs_rehash(kept)


async def run_in_queue(work: Callable[..., T], *values: object) -> T:
    """Hash or compare in a thread; only a few at the same time.

    Raises:
        Busy: too many are signing in.
    """
    loop = asyncio.get_running_loop()
    if loop not in _turns:
        _turns[loop] = SlotQueue(_AT_ONCE, _WAITING, _LONGEST_WAIT_S)
    with await _turns[loop].acquire():
        return await asyncio.to_thread(partial(work, *values))


def _normalize(password: str) -> str:
    """One normal form for texts that keyboards encode differently (NIST SP 800-63B 5.1.1.2)."""
    return unicodedata.normalize("NFKC", password)


@lru_cache
def _unknown_hash() -> str:
    return hash_password("nobody has this password")


@lru_cache
def _listed() -> frozenset[str]:
    lines = _LIST.read_text("utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


def _parts(name: str) -> set[str]:
    return {part for part in re.split(r"[\W_\d]+", _normalize(name).casefold()) if len(part) >= _RUN}


def _without(words: list[str], text: str) -> str:
    for word in words:
        text = text.replace(word, "")
    return re.sub(r"(.)\1{2,}", r"\1", text)


@lru_cache
def _keyboard_triples() -> frozenset[str]:
    """All triples of neighbouring keys, in both directions."""
    ways = [way for walk in _WALKS for way in (walk, walk[::-1])]
    return frozenset(way[start : start + _RUN] for way in ways for start in range(len(way) - _RUN + 1))


def _without_walks(text: str) -> str:
    """Remove whole runs of neighbouring keys: ``qwertz1234`` leaves ``z``."""
    walked = [False] * len(text)
    for start in range(len(text) - _RUN + 1):
        if text[start : start + _RUN] in _keyboard_triples():
            walked[start : start + _RUN] = [True] * _RUN
    return "".join(letter for letter, gone in zip(text, walked, strict=True) if not gone)
