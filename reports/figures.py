"""The figures of a report: each has an identity that says what it is, where and when, and is cited by it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from math import isclose
from typing import Any, TypedDict, TypeVar, Unpack
from urllib.parse import urlencode

from reports.content import Figure, Section, Unit

NOW = "now"
"""In place of a period: as it stands at the moment of the data."""
_T = TypeVar("_T")


class Defence(TypedDict, total=False):
    """How a figure can be defended; see ``reports.content.Figure``."""

    numerator: float | None
    denominator: float | None
    low: float | None
    high: float | None
    definition: str
    source: str
    cases: str | None
    why: str
    group: str


def name_figure(code: str, area: str, period: str, **filters: str) -> str:
    """The identity of a figure, such as ``reported@990100/2026-W47?category=street_order``.

    Args:
        code: what is counted: that of an indicator, or ``reported``, ``overdue``, ``residents`` and so on.
        area: code of the area.
        period: see ``reports.periods.write_period``, or ``NOW``.
        filters: what is counted alone.
    """
    return f"{code}@{area}/{period}" + (f"?{urlencode(sorted(filters.items()))}" if filters else "")


@dataclass(slots=True)
class Figures:
    """What a report has cited so far."""

    _cited: list[Figure] = field(default_factory=list)
    _places: dict[str, int] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Figure]:
        return iter(self._cited)

    def cite(self, key: str, label: str, value: float | None, unit: Unit, **defence: Unpack[Defence]) -> int:
        """Enter a figure; returns its number, which stands beside it wherever it is stated. See ``number_figures``.

        What was cited already keeps its number, and gets what defends it and was not known before. If two parts of a report count the same
        thing differently, both figures are listed; the second one's key then ends in ``;2``.
        """
        figure = Figure(len(self._cited) + 1, label, value, unit, key=key, **defence)
        if key not in self._places:
            self._places[key] = len(self._cited)
            self._cited.append(figure)
            return figure.no
        known = self._cited[self._places[key]]
        if not _agree(known, figure):
            return self.cite(_next_key(key), label, value, unit, **defence)
        self._cited[known.no - 1] = _merge(known, figure)
        return known.no


def _next_key(key: str) -> str:
    name, _, number = key.rpartition(";")
    return f"{name};{int(number) + 1}" if name and number.isdigit() else f"{key};2"


def _agree(one: Figure, other: Figure) -> bool:
    """Whether they state the same; what one of them does not say is no difference."""
    pairs = [(one.value, other.value)]
    pairs += [pair for pair in ((one.numerator, other.numerator), (one.denominator, other.denominator)) if None not in pair]
    return all(a is b or (a is not None and b is not None and isclose(a, b, rel_tol=1e-12)) for a, b in pairs)


def _merge(known: Figure, again: Figure) -> Figure:
    """What is known of a figure, and what was not; a figure that is cited singly once has its small number everywhere."""
    more: dict[str, Any] = {}
    for name in ("numerator", "denominator", "low", "high", "cases"):
        if getattr(known, name) is None:
            more[name] = getattr(again, name)
    for name in ("definition", "source", "why"):
        if not getattr(known, name):
            more[name] = getattr(again, name)
    return replace(known, group=known.group if again.group else "", **more)


# ---- Numbers ----


def number_figures(sections: tuple[Section, ...], figures: Sequence[Figure]) -> tuple[tuple[Section, ...], tuple[Figure, ...]]:
    """Number the figures anew: first those that have a small number on the page, in their order, then those of tables and charts."""
    order = [one for one in figures if not one.group] + [one for one in figures if one.group]
    numbers = {one.no: at for at, one in enumerate(order, 1)}
    return _renumber(sections, numbers), tuple(replace(one, no=at) for at, one in enumerate(order, 1))


def _renumber(value: _T, numbers: dict[int, int]) -> _T:
    if isinstance(value, tuple):
        made: Any = tuple(_renumber(one, numbers) for one in value)
        return made if any(new is not old for new, old in zip(made, value, strict=True)) else value
    if not is_dataclass(value) or isinstance(value, type):
        return value
    changed: dict[str, Any] = {}
    for one in fields(value):
        old = getattr(value, one.name)
        new = numbers[old] if one.name == "figure" and old is not None else _renumber(old, numbers)
        if new is not old:
            changed[one.name] = new
    return replace(value, **changed) if changed else value
