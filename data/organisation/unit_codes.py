"""Codes for units that are made from their names: readable, and the same for the same names. Pure: no database."""

import re
import unicodedata
from collections.abc import Collection, Iterable

from data.core.pinyin import spell

_LONGEST = 40
_OTHER = re.compile(r"[^A-Za-z0-9]+")


def name_units(names: Iterable[str], taken: Collection[str]) -> dict[str, str]:
    """A code for each name: short ones of Latin letters stand as they are, Chinese in pinyin; a number follows where a code is taken.

    >>> name_units(["DPW", "环卫所", "环卫所!"], {"DPW"})
    {'DPW': 'DPW-2', '环卫所': 'huan-wei-suo', '环卫所!': 'huan-wei-suo-2'}
    """
    known, made = set(taken), {}
    for name in names:
        stem = _spell(name)
        code, n = stem, 2
        while code in known:
            code, n = f"{stem}-{n}", n + 1
        known.add(code)
        made[name] = code
    return made


def _spell(name: str) -> str:
    plain = unicodedata.normalize("NFKC", name).strip()
    if re.fullmatch(r"[A-Za-z0-9]{1,12}", plain):
        return plain
    spelt = "-".join(spell(plain)) if not plain.isascii() else plain
    letters = unicodedata.normalize("NFKD", spelt)
    return _OTHER.sub("-", letters.encode("ascii", "ignore").decode()).strip("-").lower()[:_LONGEST].strip("-") or "unit"
