"""Sends cases that are filed to a unit, by the city's rules; without one they wait for the dispatcher."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from data.cases import life
from data.cases.refusals import Refusal
from data.cases.states import RULES, CaseState, Event, Order
from data.core.nearest import find_nearest_word
from data.core.timezones import zone
from data.database.connections import Connection
from data.deadlines.store import find_timezone
from data.organisation.model import CasePlace, Organisation
from data.organisation.store import Places, read_organisation

_OPEN_ACCOUNT = "SELECT 1 FROM account WHERE name = %s AND disabled_at IS NULL"


@dataclass(slots=True)
class Router:
    """A city's units and rules, read when the first of them is needed."""

    connection: Connection
    city: str
    _known: Organisation | None = None
    _places: Places | None = None
    _timezone: str = ""
    _accounts: dict[str, bool] = field(default_factory=dict)

    def check(self, fields: dict[str, Any], at: datetime, sees_case: Callable[[str], bool]) -> list[Refusal]:
        """Refuse units that the city does not have, and people without an open account that sees the case.

        Where the city has no units at all, any text names a unit or somebody, as in published data: nobody learns from the answer which
        accounts there are, and ``names_of_accounts`` tells no name from elsewhere.

        Args:
            fields: of the step.
            at: the moment of the step.
            sees_case: whether an account will see the case that it is given.
        """
        if not self._organisation().units:
            return []
        return [*self._check_unit(fields.get("unit"), at), *self._check_assignee(fields.get("assignee"), sees_case)]

    def _check_unit(self, unit: object, at: datetime) -> list[Refusal]:
        known = self._organisation()
        if not isinstance(unit, str):
            return []
        today = at.astimezone(zone(self._timezone)).date()
        if known.find_unit(unit.strip(), today) is not None:
            return []
        codes = [one.code for one in known.units if one.is_valid(today)]
        return [Refusal("unit", "unknown_unit", {"nearest": find_nearest_word(unit, codes) or "-"})]

    def _check_assignee(self, name: object, sees_case: Callable[[str], bool]) -> list[Refusal]:
        """A case that is given to a misspelt name, or to who does not see it, lies with nobody. Both are told in the same words."""
        if not isinstance(name, str) or not name.strip():
            return []
        name = name.strip()
        if name not in self._accounts:  # a step on many names one person for all of them
            self._accounts[name] = self.connection.execute(_OPEN_ACCOUNT, [name]).fetchone() is not None
        return [] if self._accounts[name] and sees_case(name) else [Refusal("assignee", "unknown_account")]

    def route(self, state: CaseState, row: dict[str, Any], at: datetime) -> tuple[CaseState, Event] | None:
        """The dispatch of a case that has just been filed; ``None`` where no rule fits.

        Args:
            state: the case, filed.
            row: its category, grid, channel and moment of reporting.
            at: the moment of the dispatch.
        """
        return route_case(state, row, at, self._organisation(), self._find, self._timezone)

    def _find(self, category: str, grid: str, channel: str, reported_at: datetime) -> CasePlace:
        if self._places is None:
            self._places = Places(self.connection, self.city, self._timezone)
        return self._places.find(category, grid, channel, reported_at)

    def _organisation(self) -> Organisation:
        if self._known is None:
            self._known = read_organisation(self.connection, self.city)
            self._timezone = find_timezone(self.connection, self.city)
        return self._known


def route_case(
    state: CaseState,
    row: dict[str, Any],
    at: datetime,
    known: Organisation,
    find: Callable[[str, str, str, datetime], CasePlace],
    timezone: str,
) -> tuple[CaseState, Event] | None:
    """The dispatch by the rules of a city; see ``Router.route``.

    Args:
        state, row, at: see there.
        known: the city's units and rules.
        find: where a case lies in the terms of rules, from its category, grid, channel and moment of reporting.
        timezone: the city's.
    """
    if not known.rules or state.stage != "filed":
        return None
    place = find(row["category"], row["grid"], row["channel"], row["reported_at"])
    found = known.route(place, at.astimezone(zone(timezone)).date())
    if found is None:
        return None
    given = {"unit": found.unit, "assignee": found.assignee}
    order = Order("dispatch", {name: value for name, value in given.items() if value}, state.version)
    made, event = life.apply(state, order, RULES, at)
    return made, replace(event, details={**event.details, "rule": found.rule})
