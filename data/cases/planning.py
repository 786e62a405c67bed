"""Deadlines of cases follow from their steps: the one place where a batch sets them."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from data.cases.states import CaseState, Event
from data.cases.targets import Deadlines, Target
from data.database.connections import Connection
from data.deadlines import rules as deadline_rules
from data.deadlines.calendar import Calendar
from data.deadlines.pauses import find_counting_moment, list_pauses, make_step
from data.deadlines.rules import CaseFacts, Rule
from data.deadlines.store import read_calendar, read_rules
from data.deadlines.working_time import Duration, NoWorkingTime, Pause, add_time, find_share, merge_pauses
from data.schema import AMBER_SHARE, OPEN_STAGES

_log = logging.getLogger(__name__)

_HOUR = Decimal(3_600_000_000)
_MOMENT = timedelta(microseconds=1)


@dataclass(slots=True)
class Planner:
    """Sets deadlines by the rules and the calendar of a city, which are read when the first of them is needed."""

    connection: Connection
    city: str
    _rules: list[Rule] | None = None
    _calendar: Calendar | None = None

    def begin(self, category: str, state: CaseState, reported_at: datetime) -> Deadlines:
        """The deadlines of a case that is reported now."""
        return self._by_rule(tell_report(category, state, reported_at), Deadlines(), reported_at)

    def follow(self, target: Target, after: CaseState, event: Event, history: Callable[[], Sequence[Event]]) -> Deadlines:
        """The deadlines of a case after a step.

        Args:
            target: the case before it.
            after: its state after it.
            event: the step.
            history: gives the steps before it that were made here; called where the case was ever paused.
        """
        before, row = target.deadlines, target.row
        pauses = _list_pauses([*history(), event]) if after.paused_s or after.paused or target.state.paused_s else ()
        if before.rule_id is None and row["due_at"] is not None:
            return _shift(before, target.state, after, row["reported_at"], pauses, event.at)
        if after.stage not in OPEN_STAGES:
            return replace(before, stage_due_at=None)
        facts = CaseFacts(
            *(row["category"], row["reported_at"], after.stage, after.condition, after.stage_at, after.filed_at, after.dispatched_at),
            # Until it is filed, when it is, and when its category is put right, the rule follows what is known of it.
            rule_id=None if target.state.stage == "reported" or _has_other_category(event) else before.rule_id,
            pauses=pauses,
        )
        return self._by_rule(facts, before, find_counting_moment(pauses, event.at))

    def _by_rule(self, facts: CaseFacts, before: Deadlines, now: datetime) -> Deadlines:
        rules = self._rules if self._rules is not None else read_rules(self.connection, self.city)
        self._rules = rules
        if not rules:
            return before
        if self._calendar is None:
            self._calendar = read_calendar(self.connection, self.city)
        return follow_rules(facts, rules, self._calendar, before, now)


def tell_report(category: str, state: CaseState, reported_at: datetime) -> CaseFacts:
    """What the rules are asked about a case that was just reported."""
    return CaseFacts(category, reported_at, state.stage, state.condition, state.stage_at)


def follow_rules(facts: CaseFacts, rules: Sequence[Rule], calendar: Calendar, before: Deadlines, now: datetime) -> Deadlines:
    """The deadlines that the rules of a city give; those of before where its calendar has no hours at all."""
    try:
        found = deadline_rules.plan(facts, rules, calendar, now)
    except NoWorkingTime as error:  # a step must not fail because of a calendar without hours
        _log.warning("no working time: %s", error)
        return before
    return Deadlines(found.due_at, found.stage_due_at, found.rule_id, found.provisional, found.amber_at, found.very_late_at)


def _has_other_category(event: Event) -> bool:
    """Whether a step, or taking one back, gave the case another category."""
    return event.step in ("move", "undo") and "category" in event.details.get("to", {})


def _list_pauses(events: Sequence[Event]) -> tuple[Pause, ...]:
    return list_pauses(make_step(one.seq, one.at, one.step, one.stage, one.details) for one in events)


def _shift(
    deadlines: Deadlines, before: CaseState, after: CaseState, reported_at: datetime, pauses: tuple[Pause, ...], now: datetime
) -> Deadlines:
    """A published deadline moves by the pauses that have ended; it is amber after three quarters of the time that counts."""
    passed = timedelta(seconds=after.paused_s - before.paused_s)
    if not passed or deadlines.due_at is None:
        return deadlines
    due_at = deadlines.due_at + passed
    allowed = due_at - timedelta(seconds=after.paused_s) - reported_at
    amber_at = very_late_at = None
    if allowed > timedelta() and after.paused_s:
        hours = Duration(Decimal(allowed // _MOMENT) / _HOUR, "hours")
        ended = merge_pauses(pauses, now)
        utc = Calendar("UTC", ())
        amber_at = find_share([add_time(utc, reported_at, hours, ended)], Decimal(str(AMBER_SHARE)))
        very_late_at = add_time(utc, reported_at, hours.times(deadline_rules.VERY_LATE), ended).end
    stage_due_at = None if deadlines.stage_due_at is None else deadlines.stage_due_at + passed
    return replace(deadlines, due_at=due_at, stage_due_at=stage_due_at, amber_at=amber_at, very_late_at=very_late_at)
