"""What rules would do with the cases of the last weeks, beside what was done with them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from data.database.connections import Connection
from data.organisation.model import Organisation, RoutingRule
from data.organisation.store import Places, read_organisation

DAYS = 30
# Where a case went: to the unit that is responsible now, otherwise the handler as it was published. So the numbers are those of lists.
_CASES = """
SELECT i.category, i.grid, i.channel, i.reported_at, coalesce(i.unit, i.handler, '')
FROM incident i WHERE i.city = %s AND i.reported_at >= %s AND i.reported_at < %s
"""


@dataclass(frozen=True, slots=True)
class DryRun:
    """The result.

    Attributes:
        cases: how many were reported in the time that was looked at.
        routed: how many a rule would have sent somewhere.
        moves: counts by where a case went (a unit's name, or what was published; empty: nowhere) and where it would go (a unit's name;
            empty: it would wait for the dispatcher).
        by_rule: counts by the number of the rule.
    """

    cases: int
    routed: int
    moves: Counter[tuple[str, str]]
    by_rule: Counter[int]

    @property
    def same(self) -> int:
        """How many would go where they went."""
        return sum(count for (before, after), count in self.moves.items() if after and before == after)


def try_rules(
    connection: Connection, city: str, timezone: str, now: datetime, rules: Sequence[RoutingRule] | None = None, days: int = DAYS
) -> DryRun:
    """Route the cases that were reported in the days before a moment.

    Args:
        connection: the owner's.
        city: its code.
        timezone: the city's.
        now: the moment, with its zone; days are counted back from it.
        rules: the rules to try; otherwise those that are stored.
        days: how many days.
    """
    known = read_organisation(connection, city)
    tried = known if rules is None else replace(known, rules=tuple(rules))
    places = Places(connection, city, timezone)
    rows = connection.execute(_CASES, [city, now - timedelta(days=days), now]).fetchall()
    places.load([row[1] for row in rows])
    names = {unit.code: unit.name for unit in known.units}
    moves: Counter[tuple[str, str]] = Counter()
    by_rule: Counter[int] = Counter()
    for category, grid, channel, reported_at, went in rows:
        rule, unit = _route(tried, places, category, grid, channel, reported_at)
        moves[names.get(went, str(went)), names.get(unit, unit)] += 1
        if rule is not None:
            by_rule[rule] += 1
    return DryRun(len(rows), by_rule.total(), moves, by_rule)


def _route(tried: Organisation, places: Places, category: str, grid: str, channel: str, reported_at: datetime) -> tuple[int | None, str]:
    place = places.find(category, grid, channel, reported_at)
    found = tried.route(place, place.reported_at.date())
    return (None, "") if found is None else (found.rule, found.unit)
