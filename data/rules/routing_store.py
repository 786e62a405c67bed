"""Rules in the database as the machine door changes them: numbers of rules stay, because steps of cases name them."""

from collections.abc import Sequence

from data.database.connections import Connection
from data.organisation.model import RoutingRule
from data.rules.deadline_rules import DeadlineChange

_COLUMNS = "ordinal, unit, category, area, channel, hours, valid_from, valid_to"
_UPDATE = f"UPDATE routing_rule SET ({_COLUMNS}) = ROW (%s, %s, %s, %s, %s, %s, %s, %s) WHERE city = %s AND id = %s"  # noqa: S608 - ours
_INSERT = f"INSERT INTO routing_rule ({_COLUMNS}, city) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)"  # noqa: S608 - ours
# What ended because of a rule that is taken back goes on.
_GO_ON = """
UPDATE deadline_rule r SET valid_to = NULL FROM deadline_rule w
WHERE w.id = ANY(%(ids)s) AND r.city = w.city AND r.id <> w.id AND r.valid_to = w.valid_from - 1
    AND r.category IS NOT DISTINCT FROM w.category AND r.condition IS NOT DISTINCT FROM w.condition
RETURNING r.id
"""


def replace_rules(connection: Connection, city: str, rules: Sequence[RoutingRule]) -> dict[str, int]:
    """Take rules over in their order; returns how many were added and removed."""
    held = {number for (number,) in connection.execute("SELECT id FROM routing_rule WHERE city = %s", [city])}
    kept: set[int] = set()
    for place, rule in enumerate(rules, start=1):
        hours = str(rule.hours) if rule.hours else None
        values = [place, rule.unit, rule.category, rule.area, rule.channel, hours, rule.valid_from, rule.valid_to, city]
        if rule.id in held - kept:
            kept.add(rule.id)
            connection.execute(_UPDATE, [*values, rule.id])
        else:
            connection.execute(_INSERT, values)
    connection.execute("DELETE FROM routing_rule WHERE city = %s AND id = ANY(%s)", [city, sorted(held - kept)])
    return {"added": len(rules) - len(kept), "removed": len(held - kept)}


def end_deadlines(connection: Connection, city: str, change: DeadlineChange) -> list[int]:
    """Give rules of deadlines a last day, and take back those that have not begun; returns the numbers of all that are others now."""
    for number, last in change.ends.items():
        connection.execute("UPDATE deadline_rule SET valid_to = %s WHERE city = %s AND id = %s", [last, city, number])
    ids = list(change.withdrawn)
    going_on = [number for (number,) in connection.execute(_GO_ON, {"ids": ids})] if ids else []
    connection.execute("DELETE FROM deadline_rule WHERE city = %s AND id = ANY(%s)", [city, ids])
    return [*change.ends, *ids, *going_on]
