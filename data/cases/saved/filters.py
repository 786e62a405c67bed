"""Filters of the list of cases that people save with a name: their own, and those that are shared with their units.

A filter is the query part of the desk's address. What it names may be gone one day: then it is still listed, and says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

import psycopg
from sqlalchemy import RowMapping
from sqlalchemy.exc import DBAPIError

from data.core.errors import BadInput, GridwellError, NotOpen, UnknownObject
from data.core.text import could_be_code, defuse, storable
from data.core.viewer import Viewer
from data.database.transactions import open_snapshot, write_transaction
from data.figures.scope import FiguresOnly, may_see_cases
from data.queries.desk import saved as queries

MOST_FILTERS, LONGEST_NAME, LONGEST_SEARCH = 50, 60, 4_000
_FORM = "it does not have the right form"
_CODES = {"area": "area", "category": "category", "unit": "unit"}
_PASSING = frozenset({"case", "lang", "theme"})
"""Parameters of an address that say nothing of which cases are listed."""


class NameUsed(GridwellError):
    status, code = 409, "name_used"
    sentence = "You have a filter with the name “{name}” already."


class TooManyFilters(GridwellError):
    status, code = 409, "too_many_filters"
    sentence = "You have {most} filters: delete one before you save another."


class NotYourUnit(NotOpen):
    code, sentence = "not_your_unit", "A filter can be shared with units of which you are a member."


@dataclass(frozen=True, slots=True)
class Fault:
    """What a filter names that is not there any more: an area, a category or a unit."""

    field: str
    value: str


@dataclass(frozen=True, slots=True)
class SavedFilter:
    """A filter as its viewer sees it.

    Attributes:
        id: its number.
        name, search: what it is called, and the query part of the address.
        account: whose it is; ``own``: whether that is the viewer.
        city, unit: the unit that it is shared with.
        faults: what it names that is not there any more.
    """

    id: int
    name: str
    search: str
    account: str
    own: bool
    city: str | None
    unit: str | None
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class FilterDraft:
    """A filter that somebody wants to keep."""

    name: str
    search: str
    city: str | None = None
    unit: str | None = None


async def list_filters(viewer: Viewer) -> list[SavedFilter]:
    """The viewer's filters in their order, then those that are shared with units of the viewer.

    Raises:
        FiguresOnly: the viewer may see no single case.
    """
    _check_viewer(viewer)
    async with open_snapshot(viewer) as ask:
        rows = await ask(queries.filters_seen(), {"account": viewer.name})
        named = [(row, _list_codes(row["search"])) for row in rows]
        wanted: dict[str, list[str]] = {kind: [] for kind in _CODES}
        for _, codes in named:
            for kind, code in codes:
                wanted[kind].append(code)
        known = {(row["kind"], row["code"]) for row in await ask(queries.known_codes(), wanted)} if any(wanted.values()) else set()
    return [_make_filter(row, viewer, [Fault(kind, code) for kind, code in codes if (kind, code) not in known]) for row, codes in named]


def _make_filter(row: RowMapping, viewer: Viewer, faults: Sequence[Fault]) -> SavedFilter:
    own = row["account"] == viewer.name
    return SavedFilter(row["id"], row["name"], row["search"], row["account"], own, row["city"], row["unit"], tuple(faults))


def _list_codes(search: str) -> list[tuple[str, str]]:
    """Kind and code of everything that a filter names by its code, and that may go."""
    return [
        (_CODES[name], code) for name, values in parse_qsl(search) if name in _CODES for code in values.split(",") if could_be_code(code)
    ]


async def add_filter(draft: FilterDraft, viewer: Viewer) -> int:
    """Keep a new filter, behind the others; returns its number.

    Raises:
        FiguresOnly: the viewer may see no single case.
        BadInput: the name or the address cannot be one.
        NameUsed, TooManyFilters, NotYourUnit: see their sentences.
    """
    _check_viewer(viewer)
    values = _values_of(draft, viewer)
    async with write_transaction(viewer) as connection:
        count = (await connection.execute(queries.COUNT_OWN, {"account": viewer.name})).scalar_one()
        if count >= MOST_FILTERS:
            raise TooManyFilters(most=MOST_FILTERS)
        try:
            return int((await connection.execute(queries.ADD_FILTER, values)).scalar_one())
        except DBAPIError as error:
            raise _translate(error, draft) from error


async def change_filter(number: int, draft: FilterDraft, viewer: Viewer) -> None:
    """Give one of the viewer's own filters another name, address or unit.

    Raises:
        UnknownObject: the viewer has no such filter.
        FiguresOnly, BadInput, NameUsed, NotYourUnit: see ``add_filter``.
    """
    _check_viewer(viewer)
    values = {**_values_of(draft, viewer), "id": number}
    async with write_transaction(viewer) as connection:
        try:
            found = (await connection.execute(queries.CHANGE_FILTER, values)).first()
        except DBAPIError as error:
            raise _translate(error, draft) from error
        if found is None:
            raise UnknownObject(kind="filter", key=str(number))


async def delete_filter(number: int, viewer: Viewer) -> None:
    """Delete one of the viewer's own filters.

    Raises:
        UnknownObject: the viewer has no such filter.
        FiguresOnly: the viewer may see no single case.
    """
    _check_viewer(viewer)
    async with write_transaction(viewer) as connection:
        if (await connection.execute(queries.DELETE_FILTER, {"id": number, "account": viewer.name})).first() is None:
            raise UnknownObject(kind="filter", key=str(number))


async def order_filters(numbers: Sequence[int], viewer: Viewer) -> None:
    """Put the viewer's filters into this order; those that are not named keep their places.

    Raises:
        FiguresOnly: the viewer may see no single case.
    """
    _check_viewer(viewer)
    async with write_transaction(viewer) as connection:
        await connection.execute(queries.ORDER_FILTERS, {"ids": list(numbers), "account": viewer.name})


def clean_search(search: str) -> str:
    """The part of an address that says which cases are listed, in one form.

    Raises:
        BadInput: it cannot be one.
    """
    if len(search) > LONGEST_SEARCH or not storable(search):
        raise BadInput(field="search", value=search[:100], reason=_FORM)
    try:
        parts = parse_qsl(
            search.removeprefix("?"), keep_blank_values=True, strict_parsing=bool(search.removeprefix("?")), max_num_fields=100
        )
    except ValueError:
        raise BadInput(field="search", value=search[:100], reason=_FORM) from None
    kept = [(name, value) for name, value in parts if name not in _PASSING and value]
    if not all(storable(name + value) for name, value in kept):
        raise BadInput(field="search", value=search[:100], reason=_FORM)
    return urlencode(kept, safe=",")


def _values_of(draft: FilterDraft, viewer: Viewer) -> dict[str, Any]:
    name = draft.name.strip()
    if not 0 < len(name) <= LONGEST_NAME or not storable(name) or defuse(name) != name:
        raise BadInput(field="name", value=name[:100], reason=_FORM)
    if (draft.city is None) != (draft.unit is None):
        raise BadInput(field="unit", value=draft.unit or "", reason="name its city, too")
    for field, code in (("city", draft.city), ("unit", draft.unit)):
        if code is not None and not could_be_code(code):
            raise BadInput(field=field, value=code[:100], reason=_FORM)
    told = {"name": name, "search": clean_search(draft.search), "city": draft.city, "unit": draft.unit}
    return {**told, "account": viewer.name}


def _check_viewer(viewer: Viewer) -> None:
    if not may_see_cases(viewer):
        raise FiguresOnly(who=viewer.shown)


def _translate(error: DBAPIError, draft: FilterDraft) -> Exception:
    if isinstance(error.orig, psycopg.errors.UniqueViolation):
        return NameUsed(name=draft.name.strip())
    return NotYourUnit() if isinstance(error.orig, psycopg.errors.InsufficientPrivilege) else error
