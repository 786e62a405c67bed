"""Templates: text with places for columns, such as ``"dc-{ANC_ID[0]}"`` or ``"{BORO}{TRACT|pad6}"``.

A place is ``{column}``, optionally a slice in brackets (``[0]``, ``[:6]``, ``[6:]``) and then filters after ``|``:
``pad3`` (zeros in front, to that length), ``upper``, ``lower``, ``title``, ``digits`` (keeps digits only), ``strip0`` (drops zeros in
front).
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from data.importing.common.columns import map_values

_PLACE = re.compile(r"\{([^{}\[\]|]+)((?:\[[^\]]*\])?)((?:\|[a-z]+\d*)*)\}")
_SLICE = re.compile(r"\[(-?\d*)(:?)(-?\d*)\]")
_FILTERS: dict[str, Callable[[str], str]] = {
    "upper": str.upper,
    "lower": str.lower,
    "title": str.title,
    "digits": lambda text: "".join(c for c in text if c.isdigit()),
    "strip0": lambda text: text.lstrip("0") or "0",
}


@dataclass(frozen=True, slots=True)
class _Place:
    column: str
    cut: slice | int | None
    filters: tuple[Callable[[str], str], ...]

    def fill(self, text: str) -> str:
        if isinstance(self.cut, int):
            text = text[self.cut] if -len(text) <= self.cut < len(text) else ""
        elif self.cut is not None:
            text = text[self.cut]
        for use in self.filters:
            text = use(text)
        return text

    def fill_column(self, texts: pa.Array) -> pa.Array:
        return map_values(texts, lambda text: self.fill(text) or None, pa.string())[0]


class Template:
    """A parsed template.

    Raises:
        ValueError: a brace, slice or filter that means nothing.
    """

    def __init__(self, text: str) -> None:
        self.parts: list[str | _Place] = []
        end = 0
        for match in _PLACE.finditer(text):
            self._literal(text[end : match.start()])
            self.parts.append(_place(match))
            end = match.end()
        self._literal(text[end:])

    def _literal(self, text: str) -> None:
        if "{" in text or "}" in text:
            raise ValueError(f"“{text}” has a brace without its partner, or a filter that is not known")
        if text:
            self.parts.append(text)

    @property
    def columns(self) -> list[str]:
        """Columns it needs, in order of appearance."""
        return [part.column for part in self.parts if isinstance(part, _Place)]

    def fill(self, row: Mapping[str, str | None]) -> str | None:
        """The text for one row; ``None`` when a column it needs is missing or empties its place."""
        made: list[str] = []
        for part in self.parts:
            if isinstance(part, str):
                made.append(part)
                continue
            value = row.get(part.column)
            filled = part.fill(value) if value is not None else ""
            if not filled:
                return None
            made.append(filled)
        return "".join(made)

    def fill_columns(self, columns: Sequence[pa.Array], count: int) -> pa.Array:
        """The text for every row, from the columns in the order of ``columns``; nothing where ``fill`` gives nothing."""
        given = iter(columns)
        parts = [pa.repeat(pa.scalar(part), count) if isinstance(part, str) else part.fill_column(next(given)) for part in self.parts]
        return pc.binary_join_element_wise(*parts, "") if parts else pa.nulls(count, pa.string())


def is_template(text: str) -> bool:
    """Whether a text of a profile is a template rather than the name of a column."""
    return "{" in text


def _place(match: re.Match[str]) -> _Place:
    column, brackets, filters = match.groups()
    return _Place(column.strip(), _cut(brackets), tuple(_filter(name) for name in filters.split("|") if name))


def _cut(brackets: str) -> slice | int | None:
    if not brackets:
        return None
    match = _SLICE.fullmatch(brackets)
    if match is None:
        raise ValueError(f"“{brackets}” is not a slice such as [0], [:6] or [6:]")
    first, colon, last = match.groups()
    if not colon:
        return int(first)
    return slice(int(first) if first else None, int(last) if last else None)


def _filter(name: str) -> Callable[[str], str]:
    if name in _FILTERS:
        return _FILTERS[name]
    match = re.fullmatch(r"pad(\d{1,2})", name)
    if match is None:
        raise ValueError(f"“{name}” is not a filter; there are pad3, {', '.join(_FILTERS)}")
    width = int(match.group(1))
    return lambda text: text.zfill(width)
