"""The table of names that mean units, and linking cases that are there already to the units that their handlers' names mean.

Only cases without any step here are linked: what people did with a case stands, and its history gives its state again.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from data.database.connections import Connection
from data.live import versions
from data.organisation.model import Unit
from data.organisation.names import Finding, Found, NameBook, fold_name
from data.organisation.store import put_units, read_organisation
from data.organisation.unit_codes import name_units

_NAMES = "SELECT key, unit FROM unit_name WHERE city = %s"
_PUT_NAME = """
INSERT INTO unit_name (city, key, name, unit) VALUES (%s, %s, %s, %s)
ON CONFLICT (city, key) DO UPDATE SET unit = excluded.unit, at = now() WHERE unit_name.unit IS DISTINCT FROM excluded.unit
"""
# Cases of which a feed is all that is known. A day is one of the city.
_HANDLERS = """
SELECT i.handler, i.unit, count(*), min((i.reported_at AT TIME ZONE c.timezone)::date), max((i.reported_at AT TIME ZONE c.timezone)::date)
FROM incident i JOIN city c ON c.code = i.city
WHERE i.city = %(city)s AND i.version = 0 AND i.handler <> '' AND (%(sources)s::int[] IS NULL OR i.source_id = ANY(%(sources)s))
GROUP BY i.handler, i.unit
"""
_WORKED = """
SELECT count(*) FROM incident i WHERE i.city = %s AND i.version > 0 AND i.unit IS NULL AND i.is_open AND i.handler <> ''
"""
_LINK = """
UPDATE incident i SET unit = l.unit
FROM unnest(%(handlers)s::text[], %(units)s::text[]) l (handler, unit)
WHERE i.city = %(city)s AND i.version = 0 AND i.handler = l.handler AND i.unit IS DISTINCT FROM l.unit
"""


HandlerRows = Sequence[tuple[str, str | None, int, date, date]]
"""Name, unit that the cases have, cases, days of the first and the last."""


@dataclass(slots=True)
class Handler:
    """A handler's name in cases without a step here.

    Attributes:
        name: as it is written.
        cases: how many cases have it.
        first, last: days of the first and the last of them.
        found: what the name means.
        made: whether the unit was made from this name.
        moved: how many of the cases get another unit than they had.
    """

    name: str
    cases: int
    first: date
    last: date
    found: Found
    made: bool = False
    moved: int = 0


@dataclass(frozen=True)
class Linking:
    """What linking did, or would do.

    Attributes:
        handlers: every name, those with most cases first.
        made: units that were made.
        worked: open cases with a name and without a unit that have steps here: they are not linked, but dispatched or handed over.
        staffed: how many members each unit has that has any.
    """

    handlers: tuple[Handler, ...]
    made: tuple[Unit, ...] = ()
    worked: int = 0
    staffed: Mapping[str, int] = field(default_factory=dict)

    def of_kind(self, kind: Finding) -> list[Handler]:
        """Names of which this was found."""
        return [one for one in self.handlers if one.found.kind == kind]

    @property
    def moved(self) -> int:
        """How many cases got a unit, or another one."""
        return sum(one.moved for one in self.handlers)

    @property
    def seen_by_more(self) -> dict[str, int]:
        """By unit that has members: how many cases these come to see."""
        sums: dict[str, int] = {}
        for one in self.handlers:
            if one.found.unit in self.staffed and one.moved:
                sums[one.found.unit or ""] = sums.get(one.found.unit or "", 0) + one.moved
        return sums


def read_name_book(connection: Connection, city: str) -> NameBook:
    """The names of a city's units, and which of these have members."""
    known = read_organisation(connection, city)
    names = {str(key): unit for key, unit in connection.execute(_NAMES, [city])}
    return NameBook.of(known.units, names, (member.unit for member in known.members))


def write_names(connection: Connection, city: str, names: Iterable[tuple[str, str | None]]) -> None:
    """Say which units names mean (``None``: none); other names stay as they are."""
    connection.cursor().executemany(_PUT_NAME, [(city, fold_name(name), name, unit) for name, unit in names])


def read_handlers(connection: Connection, city: str, sources: Sequence[int] | None = None) -> HandlerRows:
    """Handlers' names of cases without a step here, by name and unit: how many cases, and the days of the first and the last.

    Args:
        connection: inside a transaction.
        city: its code.
        sources: ids of sources; their cases alone are looked at. ``None``: all.
    """
    bound = {"city": city, "sources": None if sources is None else list(sources)}
    return [(str(name), unit, int(cases), first, last) for name, unit, cases, first, last in connection.execute(_HANDLERS, bound)]


def link_cases(
    connection: Connection, city: str, make: bool = False, widening: bool = False, dry_run: bool = False, rows: HandlerRows | None = None
) -> Linking:
    """Link cases to the units that their handlers' names mean.

    Args:
        connection: the owner's, inside a transaction.
        city: its code.
        make: make a unit of every name that means none yet, valid from the day of its first case.
        widening: link also to units with members, who then see these cases: an administrator says so.
        dry_run: change nothing.
        rows: what ``read_handlers`` gave; otherwise it is asked for every case of the city.
    """
    known, book = read_organisation(connection, city), read_name_book(connection, city)
    if rows is None:
        rows = read_handlers(connection, city)
    handlers = _gather(rows, book, widening)
    made = _make_units(handlers, known.units) if make else ()
    for name, unit, cases, *_ in rows:
        if handlers[name].found.kind not in ("several", "unknown", "held") and unit != handlers[name].found.unit:
            handlers[name].moved += cases
    order = tuple(sorted(handlers.values(), key=lambda one: (-one.cases, one.name)))
    worked = connection.execute(_WORKED, [city]).fetchone()
    staffed: dict[str, int] = {}
    for member in known.members:
        staffed[member.unit] = staffed.get(member.unit, 0) + 1
    linking = Linking(order, made, worked[0] if worked else 0, staffed)
    if not dry_run:
        _write(connection, city, linking)
    return linking


def _gather(rows: HandlerRows, book: NameBook, widening: bool) -> dict[str, Handler]:
    """The names of the rows, each with what it means."""
    found: dict[str, Handler] = {}
    for name, _, cases, first, last in rows:
        one = found.setdefault(name, Handler(name, 0, first, last, book.find(name, widening)))
        one.cases, one.first, one.last = one.cases + cases, min(one.first, first), max(one.last, last)
    return found


def _make_units(handlers: Mapping[str, Handler], known: Sequence[Unit]) -> tuple[Unit, ...]:
    """Units of the names that mean none: spellings that fold to the same name are one unit."""
    unknown: dict[str, list[Handler]] = {}
    for one in handlers.values():
        if one.found.kind == "unknown":
            unknown.setdefault(fold_name(one.name), []).append(one)
    names = {key: max(some, key=lambda one: (one.cases, one.name)).name for key, some in sorted(unknown.items())}
    codes = name_units(names.values(), {unit.code for unit in known})
    made = []
    for key, name in names.items():
        first = min(one.first for one in unknown[key])
        made.append(Unit(codes[name], name, valid_from=first))
        for one in unknown[key]:
            one.found, one.made = Found("linked", (codes[name],)), True
    return tuple(made)


def _write(connection: Connection, city: str, linking: Linking) -> None:
    if linking.made:
        put_units(connection, city, linking.made)
    write_names(connection, city, [(one.name, one.found.unit) for one in linking.of_kind("linked") if not one.found.named])
    moved = [one for one in linking.handlers if one.moved]
    if moved:
        given = {"handlers": [one.name for one in moved], "units": [one.found.unit for one in moved]}
        connection.execute(_LINK, {"city": city, **given})
        versions.touch(connection, city, ("incidents",))
