"""Where cases would be sent by today's rules, and which units a city has, for whoever looks before many cases are sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from data.cases.refusals import Refusal
from data.core.nearest import find_nearest_word
from data.core.timezones import zone
from data.core.viewer import Viewer
from data.database.transactions import Ask, fetch
from data.figures.scope import may_see_cases
from data.organisation.model import CasePlace, Member, Organisation, Route, RoutingRule, Unit, list_ancestors, parse_hours
from data.queries.desk import routing

MOST_OPEN = 100_000
"""So many open cases of the named units are counted at most."""


@dataclass(frozen=True, slots=True)
class Offices:
    """Who handles the cases of a city.

    Attributes:
        organisation: units, members and rules.
        today: by the city's clock.
        timezone: of the city.
    """

    organisation: Organisation
    today: date
    timezone: str

    def check_unit(self, code: object) -> list[Refusal]:
        """Refuse a unit that the city does not have today; see ``data.cases.routing.Router.check``."""
        units = self.organisation.units
        if not isinstance(code, str) or not units or self.organisation.find_unit(code.strip(), self.today) is not None:
            return []
        codes = [one.code for one in units if one.is_valid(self.today)]
        return [Refusal("unit", "unknown_unit", {"nearest": find_nearest_word(code, codes) or "-"})]


async def has_rules(viewer: Viewer) -> bool:
    """Whether any city has rules that say where cases go, for whoever may see who handles cases."""
    return may_see_cases(viewer) and bool(await fetch(routing.any_rule(), viewer))


async def read_offices(ask: Ask, city: str, now: datetime) -> Offices:
    """Units, members and rules of a city, as the viewer may see them."""
    values = {"city": city}
    units = tuple(Unit(**row) for row in await ask(routing.units_of_city(), values))
    members = tuple(Member(**row) for row in await ask(routing.members_of_city(), values))
    rules = tuple(
        RoutingRule(**{**row, "hours": parse_hours(row["hours"]) if row["hours"] else None})
        for row in await ask(routing.rules_of_city(), values)
    )
    found = await ask(routing.timezone_of(), values)
    timezone = found[0]["timezone"] if found else "UTC"
    return Offices(Organisation(units, members, rules), now.astimezone(zone(timezone)).date(), timezone)


async def route_cases(ask: Ask, city: str, offices: Offices, rows: Sequence[Mapping[str, Any]]) -> list[Route | None]:
    """Where the rules of today send each of some cases; ``None``: no rule fits.

    Args:
        ask: of the snapshot.
        city: code of the city of all cases.
        offices: of this city.
        rows: category, grid, channel and moment of reporting of each case.
    """
    if not offices.organisation.rules:
        return [None] * len(rows)
    parents = {row["code"]: row["parent"] for row in await ask(routing.parents_of_categories(), {"city": city})}
    around = {
        row["code"]: (*row["areas"], *row["zones"])
        for row in await ask(routing.areas_around(), {"grids": sorted({row["grid"] for row in rows})})
    }
    above = {code: frozenset(list_ancestors(code, parents)) for code in {row["category"] for row in rows}}
    here = zone(offices.timezone)
    return [
        offices.organisation.route(
            CasePlace(above[row["category"]], around.get(row["grid"], ()), row["channel"], row["reported_at"].astimezone(here)),
            offices.today,
        )
        for row in rows
    ]


async def count_open(ask: Ask, city: str, units: Sequence[str]) -> dict[str, int]:
    """How many open cases that the viewer sees each of some units has; none of any where there are more than can be counted."""
    rows = await ask(routing.open_of_units(MOST_OPEN + 1), {"city": city, "units": list(units)})
    counted = {row["unit"]: row["n"] for row in rows}
    return {} if sum(counted.values()) > MOST_OPEN else {unit: counted.get(unit, 0) for unit in units}
