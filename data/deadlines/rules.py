"""Rules of deadlines, and what they mean for one case: which rule it has, until when, and from when on it is amber or very late.

A case keeps the rule that was in force when it was filed, whatever changes later. Its deadline is counted from the report through the steps
for which the rule has a time, one after the other; the deadline of its present stage is counted from the moment at which that step began.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Literal, get_args

from data.deadlines.calendar import Calendar, Interval
from data.deadlines.working_time import Duration, Pause, Run, Unit, add_time, find_share, merge_pauses
from data.schema import AMBER_SHARE

Step = Literal["filing", "dispatching", "handling", "verifying"]
STEPS: tuple[Step, ...] = get_args(Step)
STEP_OF: dict[str, Step] = {
    "reported": "filing",
    "filed": "dispatching",
    "dispatched": "handling",
    "in_progress": "handling",
    "feedback": "verifying",
}
"""The step whose time runs in a stage."""
VERY_LATE = 3
"""At so many times the allowed time a case is told of again, to somebody higher."""
_AMBER = Decimal(str(AMBER_SHARE))
_FARTHEST = 1_000
"""Steps to the rule for every category: farther than any category above."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Times allowed for cases of a category and condition.

    Attributes:
        id: number of the rule; 0 where it is not stored.
        category: code of the category; ``None``: every category without a rule of its own. It also stands for the categories below it that
            have no rule of their own.
        condition: such as "on a main road"; ``None``: every condition without a rule of its own.
        times: time for each step; a step without one has no deadline of its own.
        valid_from, valid_to: first and last day on which cases that are filed get this rule; ``None``: no end.
        closing, closing_en: when a case counts as solved, in words.
        below: categories below its own, by how many steps; it follows from the city's tree of categories, see ``spread_rules``.
    """

    id: int
    category: str | None
    condition: str | None
    times: dict[Step, Duration]
    valid_from: date | None = None
    valid_to: date | None = None
    closing: str = ""
    closing_en: str = ""
    below: Mapping[str, int] = field(default_factory=dict, compare=False)

    def is_valid_on(self, day: date) -> bool:
        """Whether cases that are filed on a day get this rule."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)

    def distance_to(self, category: str) -> int | None:
        """How far above a category the rule stands: 0 for its own, 1 for that of the parent; ``None``: it is not for this category."""
        if self.category is None:
            return _FARTHEST
        return 0 if self.category == category else self.below.get(category)


def spread_rules(rules: Iterable[Rule], parents: Mapping[str, str | None]) -> list[Rule]:
    """Rules that know which categories are below theirs.

    Args:
        rules: the rules of a city.
        parents: code of the category above each category; a ring ends where it closes.
    """
    below: dict[str, dict[str, int]] = {}
    for code in parents:
        above, steps, seen = parents[code], 1, {code}
        while above is not None and above not in seen:
            below.setdefault(above, {})[code] = steps
            seen.add(above)
            above, steps = parents.get(above), steps + 1
    return [replace(rule, below=below[rule.category]) if rule.category in below else rule for rule in rules]


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """What a deadline is computed from.

    Attributes:
        category: code of the category.
        condition: as in the rules, if known.
        reported_at: when it was reported.
        stage: one of ``STAGES``.
        stage_at: since when it has been in this stage; ``None``: since the report.
        filed_at: when it was filed; until then, the rule is that of the day of the report.
        dispatched_at: when it was dispatched last; handling is counted from there.
        rule_id: the rule that it has already; ``None``: it gets one.
        pauses: all its pauses; one without an end still goes on.
    """

    category: str
    reported_at: datetime
    stage: str = "reported"
    condition: str | None = None
    stage_at: datetime | None = None
    filed_at: datetime | None = None
    dispatched_at: datetime | None = None
    rule_id: int | None = None
    pauses: tuple[Pause, ...] = ()

    @property
    def step_began_at(self) -> datetime:
        """When the step of the present stage began."""
        began = self.dispatched_at if self.stage == "in_progress" else None
        return began or self.stage_at or self.reported_at


@dataclass(frozen=True, slots=True)
class Plan:
    """What a rule means for a case; all moments in UTC.

    Attributes:
        rule_id: the rule; ``None``: there is none, and no deadline either.
        due_at: the last moment that is in time.
        stage_due_at: the same for the present stage; ``None`` where the rule has no time for it.
        amber_at: when 75 % of the counted time are used.
        very_late_at: when ``VERY_LATE`` times the allowed time are used.
        provisional: whether working time beyond the gazetted calendar was counted.
    """

    rule_id: int | None = None
    due_at: datetime | None = None
    stage_due_at: datetime | None = None
    amber_at: datetime | None = None
    very_late_at: datetime | None = None
    provisional: bool = False


@dataclass(frozen=True, slots=True)
class Counting:
    """How a deadline was counted: the steps with what counted in each, and the pauses that did not."""

    rule: Rule
    steps: tuple[tuple[Step, Duration], ...]
    runs: tuple[Run, ...]
    pauses: tuple[Interval, ...] = field(default=())


def find_rule(rules: Iterable[Rule], category: str, condition: str | None, day: date) -> Rule | None:
    """The rule for cases that are filed on a day: of the category, else of the nearest one above that has a rule, else of every category.

    Of the rules of one category, that of the condition before the one for every condition; of several that fit equally, the one that has
    been valid since the latest day.
    """
    fitting = [
        (-distance, rule.condition is not None, rule.valid_from or date.min, rule.id, rule)
        for rule in rules
        if rule.condition in (condition, None) and rule.is_valid_on(day) and (distance := rule.distance_to(category)) is not None
    ]
    return max(fitting, key=lambda found: found[:4])[4] if fitting else None


def rule_of(case: CaseFacts, rules: Sequence[Rule], calendar: Calendar) -> Rule | None:
    """The rule that a case has, or gets now."""
    if case.rule_id is not None:
        kept = next((rule for rule in rules if rule.id == case.rule_id), None)
        if kept is not None:
            return kept
    return find_rule(rules, case.category, case.condition, calendar.local_day(case.filed_at or case.reported_at))


def plan(case: CaseFacts, rules: Sequence[Rule], calendar: Calendar, now: datetime) -> Plan:
    """The deadlines of a case.

    Args:
        case: what is known of it.
        rules: all rules of its city, old ones too.
        calendar: of its city.
        now: pauses that still go on last until now.

    Raises:
        NoWorkingTime: the rule counts working time, and the calendar has none.
    """
    counting = count_case(case, rules, calendar, now)
    if counting is None:
        return Plan()
    rule, runs, pauses = counting.rule, counting.runs, counting.pauses
    stage_time = rule.times.get(STEP_OF[case.stage]) if case.stage in STEP_OF else None
    stage_run = add_time(calendar, case.step_began_at, stage_time, pauses) if stage_time else None
    longer = _count_steps(calendar, case.reported_at, [time.times(VERY_LATE) for _, time in counting.steps], pauses)
    return Plan(
        rule_id=rule.id,
        due_at=runs[-1].end,
        stage_due_at=stage_run.end if stage_run else None,
        amber_at=find_share(runs, _AMBER),
        very_late_at=longer[-1].end,
        provisional=_is_provisional(calendar, [(time, run) for (_, time), run in zip(counting.steps, runs, strict=True)]),
    )


def count_case(case: CaseFacts, rules: Sequence[Rule], calendar: Calendar, now: datetime) -> Counting | None:
    """How the deadline of a case is counted; ``None`` where it has no rule, or one without any time."""
    rule = rule_of(case, rules, calendar)
    if rule is None or not rule.times:
        return None
    steps = tuple((step, rule.times[step]) for step in STEPS if step in rule.times)
    pauses = merge_pauses(case.pauses, now)
    return Counting(rule, steps, _count_steps(calendar, case.reported_at, [time for _, time in steps], pauses), pauses)


def _count_steps(calendar: Calendar, start: datetime, times: Iterable[Duration], pauses: Sequence[Interval]) -> tuple[Run, ...]:
    runs: list[Run] = []
    for time in times:
        runs.append(add_time(calendar, start, time, pauses))
        start = runs[-1].end
    return tuple(runs)


def _is_provisional(calendar: Calendar, counted: Iterable[tuple[Duration, Run]]) -> bool:
    return any(time.unit != "hours" and not calendar.is_gazetted(calendar.local_day(run.end)) for time, run in counted)


_UNIT_WORDS: dict[str, Unit] = {
    **dict.fromkeys(("h", "hour", "hours", "小时", "个小时", "自然时"), "hours"),
    **dict.fromkeys(
        ("wh", "working hour", "working hours", "working_hours", "工作时", "个工作时", "工作小时", "个工作小时"), "working_hours"
    ),
    **dict.fromkeys(("wd", "working day", "working days", "working_days", "工作日", "个工作日"), "working_days"),
    **dict.fromkeys(("d", "day", "days", "天", "日", "自然日", "个自然日"), "hours"),
}
_DAYS = frozenset(("d", "day", "days", "天", "日", "自然日", "个自然日"))
_DURATION = re.compile(r"([0-9]{1,5}(?:\.[0-9]{1,3})?)\s*(\D*)")
_MOST = {"hours": 100_000, "working_hours": 20_000, "working_days": 2_000}


def parse_duration(text: str) -> Duration:
    """A time as people write it: ``4 h``, ``4 working hours``, ``2 working days``, ``5 days`` (of 24 hours), ``4个工作时``, ``2个工作日``.

    Raises:
        ValueError: it is no time, or longer than ten years.
    """
    found = _DURATION.fullmatch(text.strip())
    word = " ".join(found[2].lower().split()) if found else ""
    if found is None or word not in _UNIT_WORDS:
        raise ValueError(f"no duration: {text}")
    amount, unit = Decimal(found[1]) * (24 if word in _DAYS else 1), _UNIT_WORDS[word]
    if not 0 < amount <= _MOST[unit]:
        raise ValueError(f"no duration: {text}")
    return Duration(amount, unit)
