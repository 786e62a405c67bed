"""Which of many cases can take a step, and why the others cannot."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from data.cases import life
from data.cases.many.sending import Offices, count_open, read_offices, route_cases
from data.cases.reading import make_actor, state_of
from data.cases.refusals import Refusal
from data.cases.stages import BULK_STEPS, STEPS
from data.cases.states import STATE_COLUMNS, Actor, Event, Order
from data.cases.targets import make_event
from data.concurrency.turns import in_turns
from data.core.text import storable
from data.core.viewer import Viewer
from data.database.transactions import Ask, open_snapshot
from data.organisation.model import Route
from data.queries import cases as queries

MOST_IN_BULK = 1_000
RECENT = timedelta(days=62)
"""Cases of this age are looked for first; see migration 0031."""
_FACTS = ("category", "grid", "channel")

Row = Mapping[str, Any]
Key = tuple[str, int]
Name = tuple[str | None, str]
"""City and number; without a city of whichever city has the newest case with this number."""


@dataclass(frozen=True, slots=True)
class Wish:
    """One of many cases as it was named.

    Attributes:
        number: of the case.
        version: that was seen; ``None``: whichever it has.
        unit: that this case alone gets.
        city: code of its city; ``None``: of whichever has the newest case with this number.
    """

    number: str
    version: int | None = None
    unit: str | None = None
    city: str | None = None

    @property
    def name(self) -> "Name":
        """By what it is found."""
        return self.city, self.number


@dataclass(frozen=True, slots=True)
class Chosen:
    """One of many cases for a step.

    Attributes:
        number, version: as they were given.
        row: the case; ``None`` where the viewer sees none.
        refusals: why it cannot take the step; empty where it can.
        fields: of the step on this case.
        rule: number of the rule by which it goes to a unit.
    """

    number: str
    version: int | None
    row: Row | None
    refusals: tuple[Refusal, ...]
    fields: Mapping[str, Any] = field(default_factory=dict)
    rule: int | None = None


@dataclass(frozen=True, slots=True)
class UnitLoad:
    """What a step on many cases brings a unit: ``n`` cases, to its ``open`` ones (``None``: not known), by these rules."""

    city: str
    unit: str
    n: int
    open: int | None
    rules: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """Every case in the order in which they were named, and what units would get."""

    chosen: Sequence[Chosen]
    loads: Sequence[UnitLoad] = ()


async def choose_cases(
    step: str, fields: Mapping[str, Any], wanted: Sequence[Wish], viewer: Viewer, by_rules: bool = False, weighed: bool = False
) -> Choice:
    """Which of some cases could take a step now, and why the others cannot.

    Args:
        step: name of the step.
        fields: its fields, for all cases that name none of their own.
        wanted: the cases.
        viewer: who asks.
        by_rules: whether each goes to the unit that the rules of today name.
        weighed: whether the loads of units are asked for.
    """
    now, actor = datetime.now(UTC), make_actor(viewer)
    async with open_snapshot(viewer) as ask:
        found = await _find_states(ask, {one.name for one in wanted if storable(one.number)}, now)
        histories = await _read_histories(ask, list(found.values())) if step in life.OF_HISTORY else {}
        named = by_rules or "unit" in fields or any(one.unit is not None for one in wanted)
        offices = {city: await read_offices(ask, city, now) for city in {row["city"] for row in found.values()}} if named else {}
        routes = await _route(ask, offices, found) if by_rules else {}
        chooser = _Chooser(step, fields, actor, now, offices, histories, routes if by_rules else None)
        chosen = [chooser.choose(one, found.get(one.name)) async for one in in_turns(wanted)]
        return Choice(chosen, await _weigh(ask, chosen) if weighed else ())


async def _find_states(ask: Ask, names: set[Name], now: datetime) -> dict[Name, Row]:
    """The newest case with each name that the viewer sees: first among those of late, where nearly all of them are."""
    found: dict[Name, Row] = {}
    columns = (*STATE_COLUMNS, *_FACTS)
    for recent in (True, False):
        missing = sorted({number for city, number in names if (city, number) not in found})
        if not missing:
            break
        rows = await ask(queries.states_by_number(columns, recent), {"numbers": missing, "since": now - RECENT})
        read: dict[Name, Row] = {}
        for row in sorted(rows, key=lambda row: row["reported_at"]):  # the newest comes last
            read[row["city"], row["number"]] = read[None, row["number"]] = dict(row)
        found = {**{name: row for name, row in read.items() if name in names}, **found}
    return found


async def _read_histories(ask: Ask, rows: Sequence[Row]) -> dict[Key, list[Event]]:
    """What was done here with each of some cases, the oldest step first."""
    values = {"districts": [row["district"] for row in rows], "ids": [row["id"] for row in rows]}
    found: dict[Key, list[Event]] = {}
    async for event in in_turns(await ask(queries.histories(), values) if rows else ()):
        found.setdefault((event["district"], event["incident_id"]), []).append(make_event(event))
    return found


async def _route(ask: Ask, offices: Mapping[str, Offices], found: Mapping[Name, Row]) -> dict[Key, Route | None]:
    routes: dict[Key, Route | None] = {}
    for city, known in offices.items():
        rows = [row for row in found.values() if row["city"] == city]
        for row, route in zip(rows, await route_cases(ask, city, known, rows), strict=True):
            routes[row["district"], row["id"]] = route
    return routes


async def _weigh(ask: Ask, chosen: Sequence[Chosen]) -> list[UnitLoad]:
    """What each unit would get, the most first."""
    sums: dict[tuple[str, str], list[Chosen]] = {}
    for one in chosen:
        if one.row is not None and not one.refusals and isinstance(unit := one.fields.get("unit"), str):
            sums.setdefault((one.row["city"], unit.strip()), []).append(one)
    stocks = {city: await count_open(ask, city, [unit for of, unit in sums if of == city]) for city in {city for city, _ in sums}}
    loads = [
        UnitLoad(city, unit, len(cases), stocks[city].get(unit), tuple(sorted({one.rule for one in cases if one.rule is not None})))
        for (city, unit), cases in sums.items()
    ]
    return sorted(loads, key=lambda load: (-load.n, load.unit))


class _Chooser:
    """Looks at one case after the other."""

    def __init__(
        self,
        step: str,
        fields: Mapping[str, Any],
        actor: Actor,
        now: datetime,
        offices: Mapping[str, Offices],
        histories: Mapping[Key, list[Event]],
        routes: Mapping[Key, Route | None] | None,
    ) -> None:
        self._step, self._fields, self._actor, self._now = step, fields, actor, now
        self._offices, self._histories, self._routes = offices, histories, routes
        self._seen: set[Key] = set()

    def choose(self, wish: Wish, row: Row | None) -> Chosen:
        """Whether a case can take the step."""
        if row is None:
            return Chosen(wish.number, wish.version, None, (Refusal("number", "unknown_case"),))
        twice = _key(row) in self._seen
        self._seen.add(_key(row))
        if twice:
            return Chosen(wish.number, wish.version, row, (Refusal("number", "twice"),))
        state = state_of(row)
        version = state.version if wish.version is None else wish.version
        if self._step in STEPS and self._step not in BULK_STEPS:
            return Chosen(wish.number, version, row, (Refusal("step", "not_in_bulk"),))
        fields, rule = self._fields_of(wish, row)
        unrouted = self._routes is not None and rule is None and wish.unit is None
        refusals = life.check(state, Order(self._step, fields, version), self._actor, self._now, self._histories.get(_key(row), ()))
        if unrouted:
            refusals = [Refusal("unit", "no_rule"), *(one for one in refusals if one.code != "one_of")]
        elif not refusals and "unit" in fields:
            refusals = self._offices[row["city"]].check_unit(fields["unit"])
        return Chosen(wish.number, version, row, tuple(refusals), fields, rule)

    def _fields_of(self, wish: Wish, row: Row) -> tuple[dict[str, Any], int | None]:
        if wish.unit is not None:
            return {**self._fields, "unit": wish.unit}, None
        route = self._routes.get(_key(row)) if self._routes is not None else None
        if route is None:
            return dict(self._fields), None
        named = {"unit": route.unit, "assignee": route.assignee}
        return {**self._fields, **{name: value for name, value in named.items() if value}}, route.rule


def _key(row: Row) -> Key:
    return row["district"], row["id"]
