"""Foretells a case that somebody is about to report: whether it would be taken, where it stands, by when it is due, and who gets it.

It asks the same functions as the writer, with what the viewer may read of the city, in a read-only transaction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import RowMapping

from data.cases import life
from data.cases.deadline_reading import RuleBook, read_rule_book
from data.cases.foretelling.first_step import check_category, make_first_order
from data.cases.planning import follow_rules, tell_report
from data.cases.reading import make_actor
from data.cases.refusals import Refusal, StepRefused
from data.cases.reporting import check_report, find_cell, tell_case
from data.cases.routing import route_case
from data.cases.states import STATE_COLUMNS, Actor, CaseState, Event, Order
from data.cases.targets import Deadlines
from data.cases.where.cells import PLACE_FIELDS, Cell
from data.core.timezones import zone
from data.core.viewer import Viewer
from data.database.transactions import Ask, open_snapshot
from data.organisation import statements as queries
from data.organisation.model import CasePlace, Organisation, RoutingRule, Unit, make_organisation, place_case

_MOMENT = timedelta(microseconds=1)
_OF_PLACE = (*PLACE_FIELDS, "city", "datum")


@dataclass(frozen=True, slots=True)
class Foretold:
    """What would become of a report if it were filed now.

    Attributes:
        refusals: why it would not be taken; empty where it would.
        channel: where it would come from.
        cell: where it would stand; ``None`` where its place cannot be used.
        areas: the cell and the areas above it, with names; empty likewise.
        row: the case as it would stand, for ``data.cases.deadline_reading``; ``None`` without a cell or a category.
        book: rules and calendar of its city.
        unit, assignee, rule: who would get it as soon as it is filed, and by which rule; ``None`` where it would wait for the dispatcher.
    """

    refusals: Sequence[Refusal]
    channel: str
    cell: Cell | None = None
    areas: Sequence[RowMapping] = ()
    row: Mapping[str, Any] | None = None
    book: RuleBook | None = None
    unit: Unit | None = None
    assignee: str | None = None
    rule: RoutingRule | None = None


@dataclass(frozen=True, slots=True)
class _City:
    """What the viewer may read of a city for this."""

    timezone: str
    book: RuleBook
    organisation: Organisation
    parents: Mapping[str, str | None]
    areas: Sequence[RowMapping] = ()
    zones: Sequence[str] = field(default=())

    def find(self, category: str, grid: str, channel: str, reported_at: datetime) -> CasePlace:
        """Where a case in the cell lies, in the terms of rules."""
        around = (*(one["code"] for one in self.areas), *self.zones)
        return place_case(category, around, channel, reported_at.astimezone(zone(self.timezone)), self.parents)


async def foretell(said: Mapping[str, Any], viewer: Viewer, now: datetime | None = None) -> Foretold:
    """What filing a report would do.

    Two things only the writer knows: whether the viewer has sent the files that are named, and whether a point beside the viewer's own
    cells lies in somebody else's.

    Args:
        said: as for filing it.
        viewer: who asks.
        now: the moment; otherwise the present one.

    Raises:
        StepRefused: the viewer may report no cases at all.
    """
    channel, found = check_report(said, viewer)
    if any(refusal.field in _OF_PLACE for refusal in found):
        return Foretold(found, channel)
    try:
        cell = await find_cell(said, viewer)
    except StepRefused as refused:
        return Foretold([*found, *refused.refusals], channel)
    async with open_snapshot(viewer) as ask:
        city = await _read_city(ask, cell)
    wrong = [refusal for refusal in found if refusal.field in ("category", "condition", "severity", "channel")]
    if not wrong:
        found = found + (wrong := check_category(said["category"], city.parents, "category"))
    if wrong:
        return Foretold(found, channel, cell, city.areas)
    return _foretell(found, {**tell_case(said, channel), "grid": cell.grid}, cell, city, make_actor(viewer), now or datetime.now(UTC))


def _foretell(found: list[Refusal], said: dict[str, Any], cell: Cell, city: _City, actor: Actor, now: datetime) -> Foretold:
    state, event = life.report(make_first_order(said), actor, now)
    facts = tell_report(said["category"], state, event.at)
    deadlines = Deadlines()
    if city.book.rules:
        deadlines = follow_rules(facts, city.book.rules, city.book.calendar, deadlines, event.at)
    row = {**said, "reported_at": event.at, "timezone": city.timezone, **_state_row(state, deadlines)}
    made = Foretold(found, said["channel"], cell, city.areas, row, city.book)
    routed = _route(state, row, city, event.at)
    if routed is None:
        return made
    sent, dispatch = routed
    rule = next(one for one in city.organisation.rules if one.id == dispatch.details["rule"])
    unit = next((one for one in city.organisation.units if one.code == sent.unit), None)
    return Foretold(found, said["channel"], cell, city.areas, row, city.book, unit, sent.assignee, rule)


def _route(state: CaseState, row: dict[str, Any], city: _City, at: datetime) -> tuple[CaseState, Event] | None:
    """Where the rules send the case if somebody files it at once."""
    filer = Actor("", "dispatcher", "cases")
    filed, _ = life.apply(state, Order("file", {}, state.version), filer, at + _MOMENT)
    return route_case(filed, row, at + 2 * _MOMENT, city.organisation, city.find, city.timezone)


def _state_row(state: CaseState, deadlines: Deadlines) -> dict[str, Any]:
    names = ("due_at", "stage_due_at", "rule_id", "amber_at", "very_late_at")
    held = {name: getattr(state, name) for name in STATE_COLUMNS} | {name: getattr(deadlines, name) for name in names}
    return {**held, "due_provisional": deadlines.provisional}


async def _read_city(ask: Ask, cell: Cell) -> _City:
    of_city, of_cell = {"city": cell.city}, {"grid": cell.grid}
    timezone = (await ask(queries.timezone(), of_city))[0]["timezone"]
    return _City(
        timezone,
        await read_rule_book(ask, cell.city, timezone),
        make_organisation(await ask(queries.units(), of_city), await ask(queries.members(), of_city), await ask(queries.rules(), of_city)),
        {row["code"]: row["parent"] for row in await ask(queries.categories(), of_city)},
        await ask(queries.areas_around(), of_cell),
        [row["zone"] for row in await ask(queries.zones_around(), of_cell)],
    )
