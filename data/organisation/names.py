"""Which unit a name means: how names are compared, and what is found for one. Pure: no database.

A name in published cases means a unit where an administrator said so, or where it is the name of exactly one unit. Nothing is guessed: what
fits several units, or none, is told.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from data.organisation.model import Unit

Finding = Literal["linked", "several", "held", "unknown", "no_unit"]
"""What was found: one unit; several; one whose members would see more, without anybody having said so; none; or that it means none."""

_BLANK = re.compile(r"\s+")
_ENDINGS = (
    (re.compile(r"(?:股份有限公司|有限责任公司|有限公司|公司)$"), ""),
    (re.compile(r"办公室$"), "办"),
    (re.compile(r"居民委员会$"), "居委会"),
    (re.compile(r"村民委员会$"), "村委会"),
    (re.compile(r"(?:,?(?:inc|ltd|llc|corp|co)\.?|,?incorporated|,?limited|,?corporation|,?company)$"), ""),
    (re.compile(r"department$"), "dept"),
    (re.compile(r"dept\.$"), "dept"),
)
"""Endings by which the same body is written in two ways; the first pattern that fits is used."""


def fold_name(name: str) -> str:
    """A name as names are compared: full-width and half-width forms are the same (NFKC), so are cases of letters; blanks do not count.

    >>> fold_name("城管（一）中队 ") == fold_name("城管(一) 中队"), fold_name("Public  Works")
    (True, 'publicworks')
    """
    return _BLANK.sub("", unicodedata.normalize("NFKC", name)).casefold()


def shorten_name(key: str) -> str:
    """A folded name with its ending in the one form that stands for all (see ``_ENDINGS``).

    >>> shorten_name(fold_name("清河环卫有限公司")), shorten_name(fold_name("Parks Dept."))
    ('清河环卫', 'parksdept')
    """
    for pattern, short in _ENDINGS:
        made, found = pattern.subn(short, key)
        if found:
            return made or key
    return key


@dataclass(frozen=True, slots=True)
class Found:
    """What a name means.

    Attributes:
        kind: see ``Finding``.
        units: codes: of the unit, or of those between which somebody has to choose.
        named: whether the table of names says so already.
    """

    kind: Finding
    units: tuple[str, ...] = ()
    named: bool = False

    @property
    def unit(self) -> str | None:
        """Code of the unit that cases with this name belong to."""
        return self.units[0] if self.kind == "linked" else None


@dataclass(frozen=True)
class NameBook:
    """The names of a city's units.

    Attributes:
        names: by folded name the code of the unit, or ``None`` where it means none, as an administrator or an earlier import set them.
        staffed: codes of the units that have members: these would see what is linked to their unit.
    """

    names: Mapping[str, str | None]
    staffed: frozenset[str]
    _exact: dict[str, set[str]] = field(default_factory=dict)
    _short: dict[str, set[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, units: Iterable[Unit], names: Mapping[str, str | None], staffed: Iterable[str]) -> "NameBook":
        """The book of some units: each is found by its code and its names in both languages."""
        book = cls(names, frozenset(staffed))
        for unit in units:
            for word in filter(None, (unit.code, unit.name, unit.name_en)):
                key = fold_name(word)
                book._exact.setdefault(key, set()).add(unit.code)
                book._short.setdefault(shorten_name(key), set()).add(unit.code)
        return book

    def find(self, name: str, widening: bool = False) -> Found:
        """What a name means.

        Args:
            name: as it is written in a case.
            widening: an administrator wants links also to units with members, who then see these cases.
        """
        key = fold_name(name)
        if key in self.names:
            code = self.names[key]
            return Found("no_unit", named=True) if code is None else Found("linked", (code,), named=True)
        fitting = self._exact.get(key) or self._short.get(shorten_name(key)) or set()
        codes = tuple(sorted(fitting))
        if not codes:
            return Found("unknown")
        if len(codes) > 1:
            return Found("several", codes)
        return Found("held" if codes[0] in self.staffed and not widening else "linked", codes)
