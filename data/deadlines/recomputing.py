"""Deadlines of open cases after a change of rules, hours or calendar: which ones would be others, and writing them.

Rules give deadlines to cases that are worked here; what a feed publishes as a deadline stays as published. A case keeps its rule.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from psycopg import sql
from psycopg.rows import dict_row

from data.database.connections import Connection
from data.deadlines.calendar import Calendar
from data.deadlines.pauses import Step, find_counting_moment, list_pauses, make_step
from data.deadlines.rules import CaseFacts, Plan, Rule, plan
from data.deadlines.store import read_calendar, read_rules
from data.deadlines.working_time import Pause
from data.rollup import changing_incidents

_PORTION = 5_000
_EARLIEST = date(1900, 1, 1)
_FACTS = """
SELECT district, id, number, reported_at, category, condition, stage, stage_at, filed_at, dispatched_at, rule_id,
    paused_s > 0 OR paused AS pauses, due_at, stage_due_at, amber_at, very_late_at, due_provisional
FROM incident
WHERE city = %(city)s AND is_open AND (rule_id IS NOT NULL OR version > 0 AND due_at IS NULL) AND {touched}
ORDER BY reported_at, id
"""
_PAUSES = """
SELECT incident_id, seq, at, step, stage, jsonb_build_object('undone', details -> 'undone', 'until', details -> 'until')
FROM incident_event
WHERE district = %(district)s AND incident_id = ANY(%(ids)s) AND step <> 'stage'
ORDER BY incident_id, seq
"""
_WRITE = """
UPDATE incident SET rule_id = %(rule_id)s, due_at = %(due_at)s, due_is_day = false, stage_due_at = %(stage_due_at)s,
    amber_at = %(amber_at)s, very_late_at = %(very_late_at)s, due_provisional = %(provisional)s
WHERE district = %(district)s AND id = %(id)s AND reported_at = %(reported_at)s
"""


@dataclass(frozen=True, slots=True)
class Touched:
    """An open case whose deadline would be another one."""

    district: str
    id: int
    reported_at: datetime
    due_at: datetime | None
    plan: Plan
    number: str = ""
    category: str = ""
    was_provisional: bool = False


@dataclass
class Effect:
    """What a change does to open cases: how many it touches, by rule; how many get more or less time, and are overdue at once."""

    by_rule: Counter[int] = field(default_factory=Counter)
    earlier: int = 0
    later: int = 0
    overdue: int = 0
    provisional: int = 0

    @property
    def touched(self) -> int:
        """Open cases with another deadline."""
        return self.by_rule.total()

    def add(self, case: Touched, now: datetime) -> None:
        """Count a case."""
        new, old = case.plan.due_at, case.due_at
        self.by_rule[case.plan.rule_id or 0] += 1
        self.earlier += old is not None and new is not None and new < old
        self.later += old is not None and new is not None and new > old
        self.overdue += new is not None and new < now and (old is None or old >= now)
        self.provisional += case.plan.provisional


def find_touched(
    connection: Connection, city: str, now: datetime, rules: Iterable[int] | None = None, days: Sequence[date] | None = None
) -> Iterator[Touched]:
    """Open cases whose deadlines differ from what rules and calendar give now.

    Args:
        connection: the caller's transaction.
        city: its code.
        now: the moment.
        rules: only cases of these rules, and those that have none yet or are not filed.
        days: only cases that are still counted on one of these days.
    """
    calendar, known = read_calendar(connection, city), read_rules(connection, city)
    where, bound = sql.SQL("true"), dict[str, Any](city=city)
    if rules is not None:
        where = sql.SQL("(rule_id = ANY(%(rules)s) OR rule_id IS NULL OR stage = 'reported')")
        bound["rules"] = list(rules)
    if days is not None:
        if not days:
            return
        # Somebody may be told when a case is three times too late: until then, days count.
        where = sql.SQL("(very_late_at IS NULL OR very_late_at >= %(first)s)")
        bound["first"] = calendar.whole_day(max(min(days), _EARLIEST))[0]
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(sql.SQL(_FACTS).format(touched=where), bound).fetchall()
    pauses = _read_pauses(connection, [row for row in rows if row["pauses"]])
    for row in rows:
        touched = _compare(row, pauses.get((row["district"], row["id"]), ()), calendar, known, now)
        if touched is not None:
            yield touched


def recompute(
    connection: Connection, city: str, now: datetime, rules: Iterable[int] | None = None, days: Sequence[date] | None = None
) -> Effect:
    """Write the deadlines that differ, with deadline states and roll-ups; arguments as of ``find_touched``."""
    touched, effect = list(find_touched(connection, city, now, rules, days)), Effect()
    write_touched(connection, city, touched)
    for one in touched:
        effect.add(one, now)
    return effect


def write_touched(connection: Connection, city: str, touched: Sequence[Touched]) -> None:
    """Write the deadlines of ``find_touched``, with deadline states and roll-ups."""
    for first in range(0, len(touched), _PORTION):
        some = touched[first : first + _PORTION]
        with changing_incidents(connection, city, [(one.district, one.id) for one in some]), connection.cursor() as cursor:
            cursor.executemany(_WRITE, [_values(one) for one in some])


def measure(connection: Connection, city: str, now: datetime, rules: Iterable[int] | None = None) -> Effect:
    """The same without writing anything."""
    effect = Effect()
    for one in find_touched(connection, city, now, rules):
        effect.add(one, now)
    return effect


def _compare(row: dict[str, Any], pauses: tuple[Pause, ...], calendar: Calendar, rules: Sequence[Rule], now: datetime) -> Touched | None:
    facts = CaseFacts(
        row["category"],
        row["reported_at"],
        row["stage"],
        condition=row["condition"],
        stage_at=row["stage_at"],
        filed_at=row["filed_at"],
        dispatched_at=row["dispatched_at"],
        rule_id=None if row["stage"] == "reported" else row["rule_id"],
        pauses=pauses,
    )
    found = plan(facts, rules, calendar, find_counting_moment(pauses, now))
    stored = tuple(row[name] for name in ("rule_id", "due_at", "stage_due_at", "amber_at", "very_late_at", "due_provisional"))
    if stored == (found.rule_id, found.due_at, found.stage_due_at, found.amber_at, found.very_late_at, found.provisional):
        return None
    told = (row["number"], row["category"], row["due_provisional"])
    return Touched(row["district"], row["id"], row["reported_at"], row["due_at"], found, *told)


def _values(case: Touched) -> dict[str, object]:
    found = case.plan
    moments = {name: getattr(found, name) for name in ("rule_id", "due_at", "stage_due_at", "amber_at", "very_late_at", "provisional")}
    return {"district": case.district, "id": case.id, "reported_at": case.reported_at, **moments}


def _read_pauses(connection: Connection, rows: Sequence[dict[str, Any]]) -> dict[tuple[str, int], tuple[Pause, ...]]:
    """Pauses of cases from their steps."""
    by_district: dict[str, list[int]] = {}
    for row in rows:
        by_district.setdefault(row["district"], []).append(row["id"])
    steps: dict[tuple[str, int], list[Step]] = {}
    for district, ids in by_district.items():
        for incident, *step in connection.execute(_PAUSES, {"district": district, "ids": ids}):
            steps.setdefault((district, incident), []).append(make_step(*step))
    return {key: list_pauses(taken) for key, taken in steps.items()}
