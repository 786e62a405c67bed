"""Links imported cases to the units that their handlers' names mean, and makes units of names where the profile says so."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TypeAlias

from data.auditing.owner_entries import append_as_owner
from data.importing.common.sentences import Sentence
from data.importing.landing.context import Context
from data.importing.landing.staging import Changes, Connection
from data.importing.profile.model import Profile
from data.organisation.model import Unit
from data.organisation.name_store import Handler, HandlerRows, Linking, link_cases, read_handlers, read_name_book, write_names
from data.organisation.names import Finding, NameBook, fold_name
from data.organisation.store import put_units, read_organisation
from data.organisation.unit_codes import name_units

Names: TypeAlias = list[tuple[str, str]]

NAMED = 10
"""Names that a sentence of the report tells; further ones are counted."""


class HandlerLinks:
    """Finds the unit of each handler's name while rows are read; units that have to be made are written at the end.

    Args:
        connection: the import's transaction.
        profile: says what names mean, and whether units are made of them.
    """

    def __init__(self, connection: Connection, profile: Profile) -> None:
        self._mode = profile.units.handlers
        known = read_organisation(connection, profile.city.code)
        book = read_name_book(connection, profile.city.code)
        declared = {code: one.make_unit(code) for code, one in profile.units.named.items()}
        there = {unit.code: unit for unit in known.units}
        words = {code: [code, one.name, one.name_en, *one.values] for code, one in profile.units.named.items()}
        self._declared = {fold_name(word): code for code, some in words.items() for word in some if word}
        self._planned = {code: unit for code, unit in declared.items() if code not in there}
        self._staffed = book.staffed
        # The profile names these units: what it says of them goes before what is found by their names.
        self._book = NameBook.of([unit for unit in known.units if unit.code not in declared], book.names, book.staffed)
        self._taken = set(there) | set(declared)
        self._found: dict[str, str | None] = {}

    def find_unit(self, name: str) -> str | None:
        """Code of the unit that a name means; ``None``: none, or it is not clear which one."""
        key = fold_name(name)
        if key not in self._found:
            self._found[key] = self._find(key, name)
        return self._found[key]

    def _find(self, key: str, name: str) -> str | None:
        found = self._book.find(name)
        if found.named or self._mode == "text":
            return found.unit if found.named else None
        if (code := self._declared.get(key)) is not None:
            return None if code in self._staffed else code
        if found.kind != "unknown" or self._mode != "make":
            return found.unit
        code = name_units([name], self._taken)[name]
        self._taken.add(code)
        self._planned[code] = Unit(code, name)
        return code

    def plan_units(self, codes: Iterable[str]) -> list[Unit]:
        """Those of these units that are not there yet."""
        return [self._planned[code] for code in sorted(set(codes)) if code in self._planned]

    def list_names(self, handlers: Iterable[str]) -> Names:
        """Names that mean a unit, and its code."""
        found = [(name, self.find_unit(name)) for name in handlers]
        return [(name, code) for name, code in found if code is not None]


def land_handlers(context: Context) -> None:
    """Write the units and names that the cases of this import use, and tell what became of every name."""
    sources = [source for source in context.profile.incidents if source.columns.handler is not None]
    changed = context.changes.get("incident")
    if not sources or changed is None or not changed.any or context.profile.units.handlers == "text":
        return
    connection, city = context.connection, context.city
    rows = read_handlers(connection, city, [context.source_ids[source.key] for source in sources])
    named = context.handlers.list_names(name for name, *_ in rows)
    made = _date_units(context.handlers, named, rows)
    put_units(connection, city, made)
    write_names(connection, city, named)
    context.add_changes("unit", Changes(inserted=len(made)))
    if made:
        append_as_owner(connection, "units", city, {"made": len(made)})
    linking = link_cases(connection, city, rows=rows)
    context.ledger.remarks += [(city, sentence) for sentence in tell_linking(linking, city, made)]


def _date_units(links: HandlerLinks, named: Names, rows: HandlerRows) -> list[Unit]:
    """The units that have to be made, each valid from the day of its first case."""
    first: dict[str, dt.date] = {}
    for name, _, _, day, _ in rows:
        first[name] = min(day, first.get(name, day))
    begins: dict[str, dt.date] = {}
    for name, code in named:
        begins[code] = min(first[name], begins.get(code, first[name]))
    return [replace(unit, valid_from=begins[unit.code]) for unit in links.plan_units(begins)]


def tell_linking(linking: Linking, city: str, made: Sequence[Unit]) -> list[Sentence]:
    """What became of handlers' names, in sentences: what was linked, and what was not, with the way to put it right."""
    told = []
    if linked := linking.of_kind("linked"):
        told.append(Sentence("handlers_linked", _count(linked)))
    if made:
        names = ", ".join(f"“{unit.name}”" for unit in made[:NAMED]) + (" …" if made[NAMED:] else "")
        told.append(Sentence("units_made", {"count": f"{len(made):,}", "named": names, "city": city}))
    kinds: tuple[Finding, ...] = ("several", "held", "unknown")
    for kind in kinds:
        if some := linking.of_kind(kind):
            told.append(Sentence(f"handlers_{kind}", {**_count(some), "named": _name(some), "city": city}))
    if linking.worked:
        told.append(Sentence("handlers_worked", {"cases": f"{linking.worked:,}"}))
    return told


def _count(some: Sequence[Handler]) -> dict[str, object]:
    return {"names": f"{len(some):,}", "cases": f"{sum(one.cases for one in some):,}"}


def _name(some: Sequence[Handler]) -> str:
    """The names with most cases, each with their number, and the units between which somebody has to choose."""
    told = []
    for one in some[:NAMED]:
        units = f" ({', '.join(one.found.units)})" if one.found.units else ""
        told.append(f"“{one.name}” {one.cases:,}{units}")
    return ", ".join(told) + (" …" if some[NAMED:] else "")
