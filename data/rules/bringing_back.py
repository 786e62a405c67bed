"""Rules of deadlines as they were before a change, brought back from today on: what held meanwhile stays as it was."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from data.deadlines.rows import make_rule
from data.deadlines.rules import Rule
from data.rules.deadline_rules import DeadlineChange

_ONE_DAY = timedelta(days=1)
Key = tuple[str | None, str | None]


def bring_back(before: Sequence[Mapping[str, Any]], stored: Sequence[Rule], today: date) -> DeadlineChange:
    """What makes the rules from today on what they were.

    Args:
        before: the rules as ``data.rules.deadline_rules.write_deadline`` wrote them.
        stored: the rules now.
        today: in the city.
    """
    wanted, held = _group(map(_read, before), today), _group(stored, today)
    rules: list[Rule] = []
    ends: dict[int, date] = {}
    withdrawn: list[int] = []
    for key in sorted({*wanted, *held}, key=str):
        _compare(wanted[key], held[key], today, (rules, ends, withdrawn))
    return DeadlineChange(tuple(rules), ends, tuple(withdrawn))


def _read(row: Mapping[str, Any]) -> Rule:
    days = {name: date.fromisoformat(row[name]) if row[name] else None for name in ("valid_from", "valid_to")}
    return make_rule({**row, **days})


def _group(rules: Any, today: date) -> dict[Key, list[Rule]]:
    """Rules that hold today or later, by category and condition, in the order of their days."""
    made: dict[Key, list[Rule]] = defaultdict(list)
    for rule in sorted(rules, key=lambda one: one.valid_from or date.min):
        if rule.valid_to is None or rule.valid_to >= today:
            made[rule.category, rule.condition].append(rule)
    return made


def _begin(rule: Rule, today: date) -> date:
    """The first day from today on for which a rule is."""
    return max(rule.valid_from or date.min, today)


def _is_alike(rule: Rule, other: Rule) -> bool:
    return (rule.times, rule.closing, rule.closing_en) == (other.times, other.closing, other.closing_en)


def _compare(wanted: Sequence[Rule], held: Sequence[Rule], today: date, into: tuple[list[Rule], dict[int, date], list[int]]) -> None:
    """Note what differs between the rules of one category and condition."""
    rules, ends, withdrawn = into
    begins = {_begin(rule, today) for rule in wanted}
    coming = [rule for rule in held if _begin(rule, today) > today]
    gone = {_begin(rule, today) for rule in coming} - begins
    withdrawn += [rule.id for rule in coming if _begin(rule, today) in gone]
    present = next((rule for rule in held if rule not in coming), None)
    for rule in wanted:
        first = _begin(rule, today)
        same = next((one for one in held if _begin(one, today) == first and _is_alike(one, rule)), None)
        if same is not None and (same.valid_to == rule.valid_to or (rule.valid_to is None and _ends_before(same, gone))):
            continue
        if same is not None and rule.valid_to is not None and same.valid_to is None:
            ends[same.id] = rule.valid_to
        elif same is not None and same.valid_from == first and same.valid_to is not None:
            # The same first day names the same rule, whose last day stays: it goes on as another one.
            rules.append(replace(rule, id=0, valid_from=same.valid_to + _ONE_DAY))
        else:
            rules.append(replace(rule, id=0, valid_from=first))
    if present is not None and today not in begins and present.valid_to != today:
        ends[present.id] = today


def _ends_before(rule: Rule, gone: set[date]) -> bool:
    """Whether a rule ends only because of one that is taken back."""
    return rule.valid_to is not None and rule.valid_to + _ONE_DAY in gone
