"""Texts without what nobody sees: invisible characters go, blanks of all kinds become plain ones, and accents are composed.

Two codes or categories that look the same are the same. Every column that is read, every heading and every text of a profile passes here.
"""

import re
import unicodedata
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from data.importing.common.columns import Mask, Values

_SEEN_THOUGH_FORMAT = frozenset([*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2])
"""Marks that Unicode calls format characters, but that are drawn: signs before Arabic numbers."""
_FILLERS = frozenset([0x34F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0])
"""Letters, marks and symbols that are drawn as nothing."""
_JOINERS = "\u200c\u200d"
_COMPOSED = (range(0x300, 0x370), range(0x1161, 0x1200), range(0x3099, 0x309B))
"""Marks and parts of letters that make one character with the one before."""
# A joiner means something inside an emoji and in scripts whose letters join; not at an end, nor beside ASCII or Chinese characters.
_USELESS_JOINER = re.compile(
    r"^[\u200c\u200d]+|[\u200c\u200d]+$|(?<=[\x00-\x7f\u3000-\u9fff])[\u200c\u200d]+|[\u200c\u200d]+(?=[\x00-\x7f\u3000-\u9fff])"
)
_KEPT_CONTROL = (9, 10, 13)

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]


def clean_text(text: str) -> str:
    """A text without invisible characters, with plain blanks and composed accents; line breaks and tabs stay.

    >>> clean_text("\\ufefflamp\\u200b\\u00a0post")
    'lamp post'
    """
    if text.isascii() and text.isprintable():
        return text
    kept = "".join(_seen(c) for c in unicodedata.normalize("NFC", text))
    return _USELESS_JOINER.sub("", kept) if any(c in kept for c in _JOINERS) else kept


def fold_word(text: str) -> str:
    """A word as it is compared with others: in small letters, with one blank between its parts, as pages show it."""
    return " ".join(text.split()).casefold()


def clean_column(values: Values) -> tuple[Values, Mask]:
    """A column whose texts are clean (see ``clean_text``), and the rows in which more than blanks at the ends changed."""
    if isinstance(values, list):
        made = [clean_text(v) if isinstance(v, str) else v for v in values]
        return made, np.array([_differs(old, new) for old, new in zip(values, made, strict=True)], dtype=bool)
    changed = np.zeros(len(values), dtype=bool)
    if not pa.types.is_string(values.type):
        return values, changed
    rows = _suspect_rows(values)
    if not len(rows):
        return values, changed
    there = np.zeros(len(values), dtype=bool)
    there[rows] = True
    found = values.take(pa.array(rows)).dictionary_encode()
    words = found.dictionary.to_pylist()
    clean = [clean_text(word) for word in words]
    changed[rows] = np.array([_differs(old, new) for old, new in zip(words, clean, strict=True)], dtype=bool)[found.indices.to_numpy()]
    return pc.replace_with_mask(values, pa.array(there), pa.array(clean, pa.string()).take(found.indices)), changed


def _differs(old: object, new: object) -> bool:
    return isinstance(old, str) and isinstance(new, str) and old.strip() != new.strip()


@lru_cache(maxsize=4096)
def _seen(character: str) -> str:
    """The character itself, a blank for another kind of blank, nothing for what is not drawn."""
    code, kind = ord(character), unicodedata.category(character)
    if kind == "Zs":
        return " "
    if kind == "Cc":
        return character if code in _KEPT_CONTROL else ""
    if code in _FILLERS or (kind == "Cf" and code not in _SEEN_THOUGH_FORMAT and character not in _JOINERS):
        return ""
    return character


@lru_cache(maxsize=1)
def _suspects() -> Mask:
    """Which of the first 65,536 characters may change a text."""
    made = np.zeros(1 << 16, dtype=bool)
    for code in range(1 << 16):
        if 0xD800 <= code < 0xE000:
            continue
        c = chr(code)
        made[code] = _seen(c) != c or c in _JOINERS or unicodedata.normalize("NFC", c) != c
    for codes in _COMPOSED:
        made[codes.start : codes.stop] = True
    made[32] = False
    return made


@lru_cache(maxsize=1)
def _first_bytes() -> Mask:
    """Bytes with which a character begins that may change a text; of those beyond the first 65,536, every one that is never drawn."""
    made = np.zeros(256, dtype=bool)
    for code in np.flatnonzero(_suspects()).tolist():
        made[chr(code).encode()[0]] = True
    made[0xF3] = True
    return made


def _suspect_rows(values: pa.Array) -> Ints:
    """Rows in which a character occurs that may change their text."""
    offsets = np.frombuffer(values.buffers()[1], dtype=np.int32)[values.offset : values.offset + len(values) + 1]
    raw = values.buffers()[2]
    if raw is None or not len(offsets):
        return np.zeros(0, dtype=np.int64)
    data: Bytes = np.frombuffer(raw, dtype=np.uint8)[: offsets[-1]]
    at = np.flatnonzero(_first_bytes()[data])
    at = at[at >= offsets[0]]
    if not len(at):
        return np.zeros(0, dtype=np.int64)
    at = at[_is_suspect(data, at)]
    return np.unique(np.searchsorted(offsets, at, side="right") - 1).astype(np.int64)


def _is_suspect(data: Bytes, at: Ints) -> Mask:
    """Whether the character that begins at each of these places may change a text. Texts are valid UTF-8."""
    last = len(data) - 1
    one, two, three = (data[np.minimum(at + n, last)].astype(np.int64) for n in range(3))
    code = np.where(one < 0x80, one, np.where(one < 0xE0, (one & 31) << 6 | (two & 63), (one & 15) << 12 | (two & 63) << 6 | (three & 63)))
    made: Mask = (one == 0xF3) | _suspects()[code & 0xFFFF]
    return made
