"""What rules of routing would have done with the cases of the last 30 days, beside where these went: as the viewer may see it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import RowMapping

from data.concurrency.turns import in_turns
from data.core.timezones import zone
from data.core.viewer import Viewer
from data.database.transactions import read_transaction
from data.organisation.model import CasePlace, Member, Organisation, RoutingRule, Unit
from data.rules import statements as queries
from data.rules.known import Known
from data.rules.reading import RuleCity, read_organisation

DAYS = 30
MOST_MOVED = 2_000
"""Cases that are shown on the map."""
MOST_KINDS = 20_000
_ORIGIN = date(2000, 1, 1)
_ONE_DAY = timedelta(days=1)


@dataclass(slots=True)
class Trial:
    """The result; units are codes, ``""`` is nobody: a case that waits for the dispatcher, or went nowhere.

    Attributes:
        first, last: days of the reports.
        cases: how many were reported.
        moves: counts by where a case went, as a unit's code or as it was published, and where it would go.
        by_rule: counts by the place of the rule, from 0.
        untaken: what no rule takes, by category and street (or district).
        areas: cases, and those that would go elsewhere, by street or district.
        level: of these areas.
        moved: the newest cases with a place that a rule would send elsewhere, with ``before`` and ``after``; at most ``MOST_MOVED``.
    """

    first: date
    last: date
    cases: int = 0
    moves: Counter[tuple[str, str]] = field(default_factory=Counter)
    by_rule: Counter[int] = field(default_factory=Counter)
    untaken: Counter[tuple[str, str]] = field(default_factory=Counter)
    areas: dict[str, list[int]] = field(default_factory=dict)
    level: str = "street"
    moved: list[dict[str, Any]] = field(default_factory=list)

    @property
    def changed(self) -> int:
        """How many a rule would send elsewhere."""
        return sum(count for (before, after), count in self.moves.items() if after and after != before)

    @property
    def routed(self) -> int:
        """How many a rule would take."""
        return self.by_rule.total()


async def try_rules(city: RuleCity, rules: Sequence[RoutingRule], known: Known, viewer: Viewer) -> Trial:
    """Route the cases that were reported today and on the 29 days before.

    Args:
        city: the city, as the viewer sees it.
        rules: in their order; their numbers do not matter.
        known: names of the city.
        viewer: who asks; only cases that they may see are counted.

    Raises:
        NotReady, Busy, TooSlow: see ``data.database.transactions``.
    """
    async with read_transaction(viewer) as connection:
        organisation = await read_organisation(connection, city.code)
        tried = replace(organisation, rules=tuple(replace(rule, id=place, ordinal=place) for place, rule in enumerate(rules)))
        borders = _Borders(tried)
        result = Trial(city.today - (DAYS - 1) * _ONE_DAY, city.today)
        start = datetime.combine(result.first, time(), zone(city.timezone))
        bound = {"city": city.code, "timezone": city.timezone, "first": start, "until": city.now, **borders.bound}
        rows = (await connection.execute(queries.WENT, bound)).mappings().all()
        around = await connection.execute(queries.AROUND, {"grids": sorted({row["grid"] for row in rows})})
        places = {row["code"]: row for row in around.mappings()}
    names = {word: unit.code for unit in organisation.units for word in (unit.name, unit.code)}
    if not any(row["street"] for row in places.values()):
        result.level = "district"
    route = _Route(tried, borders, known, names, places, result.first)
    kinds: set[tuple[str, str, str, str]] = set()
    async for row in in_turns(rows):
        if _count(result, row, route) and len(kinds) < MOST_KINDS:
            kinds.add((row["category"], row["grid"], row["channel"], row["went"]))
    if kinds:
        columns = dict(zip(("categories", "grids", "channels", "wents"), map(list, zip(*sorted(kinds), strict=True)), strict=True))
        async with read_transaction(viewer) as connection:
            found = (await connection.execute(queries.MOVED, {**bound, **columns, "most": MOST_MOVED * 2})).mappings().all()
        result.moved = [one for one in (_tell_moved(row, route) for row in found) if one][:MOST_MOVED]
    return result


def _tell_moved(row: RowMapping, route: "_Route") -> dict[str, Any] | None:
    """A case that goes elsewhere; between the borders of hours and days some of its kind may not."""
    before, after, _ = route.find(row)
    return {**row, "before": before, "after": after} if after and after != before else None


@dataclass(frozen=True, slots=True)
class _Borders:
    """The minutes of the day and the days at which something begins or ends to fit."""

    tried: Organisation

    @property
    def minutes(self) -> list[int]:
        """Minutes since midnight."""
        hours = [rule.hours for rule in self.tried.rules if rule.hours]
        return sorted({moment.hour * 60 + moment.minute for one in hours for moment in (one.start, one.end)} - {0})

    @property
    def days(self) -> list[int]:
        """Days since ``_ORIGIN``."""
        valid: list[RoutingRule | Unit | Member] = [*self.tried.rules, *self.tried.units, *self.tried.members]
        spans = [(one.valid_from, one.valid_to) for one in valid]
        begins = {first for first, _ in spans if first} | {last + _ONE_DAY for _, last in spans if last}
        return sorted((day - _ORIGIN).days for day in begins)

    @property
    def bound(self) -> dict[str, object]:
        """Values of the statement; ``width_bucket`` wants at least one border."""
        return {"minutes": self.minutes or [24 * 60], "days": self.days or [1_000_000]}

    def moment(self, minute: int, day: int, first: date) -> datetime:
        """A moment between the borders."""
        minutes, days = self.minutes, self.days
        at = minutes[minute - 1] if 0 < minute <= len(minutes) else 0
        on = _ORIGIN + days[day - 1] * _ONE_DAY if 0 < day <= len(days) else first
        return datetime.combine(on, time(at // 60, at % 60))


@dataclass(frozen=True, slots=True)
class _Route:
    """Where cases went, and would go."""

    tried: Organisation
    borders: _Borders
    known: Known
    names: Mapping[str, str]
    places: Mapping[str, RowMapping]
    first: date

    def find(self, row: RowMapping) -> tuple[str, str, int | None]:
        """Where the cases of a row went, where they would go, and by which rule."""
        place = self.places.get(row["grid"])
        areas: Iterable[str] = place["areas"] if place else ()
        moment = self.borders.moment(row["minute"], row["day"], self.first)
        categories = self.known.categories.get(row["category"], frozenset({row["category"]}))
        found = self.tried.route(CasePlace(categories, tuple(areas), row["channel"], moment), moment.date())
        return self.names.get(row["went"], row["went"]), found.unit if found else "", found.rule if found else None


def _count(result: Trial, row: RowMapping, route: _Route) -> bool:
    """Count the cases of a row; returns whether a rule would send them elsewhere."""
    before, after, rule = route.find(row)
    place, cases = route.places.get(row["grid"]), row["cases"]
    moves = bool(after) and after != before
    result.cases += cases
    result.moves[before, after] += cases
    area = str((place and place[result.level]) or "")
    counted = result.areas.setdefault(area, [0, 0])
    counted[0] += cases
    counted[1] += cases if moves else 0
    if rule is None:
        result.untaken[row["category"], area] += cases
    else:
        result.by_rule[rule] += cases
    return moves


def list_units(trial: Trial) -> list[dict[str, Any]]:
    """Each unit with how many cases went there, would go there, come and leave; those with the largest change first."""
    before, after, stay = Counter[str](), Counter[str](), Counter[str]()
    for (went, goes), cases in trial.moves.items():
        before[went] += cases
        after[goes] += cases
        stay[went] += cases if went == goes else 0
    made = [
        {"unit": unit, "before": before[unit], "after": after[unit], "come": after[unit] - stay[unit], "leave": before[unit] - stay[unit]}
        for unit in before.keys() | after.keys()
    ]
    return sorted(made, key=lambda one: (-abs(one["after"] - one["before"]), -one["before"], one["unit"]))
