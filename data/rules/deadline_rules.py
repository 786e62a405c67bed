"""Rules of deadlines as they are written at the machine door: new ones and later versions, ends, and what has not begun taken back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from data.deadlines.rows import format_time
from data.deadlines.rules import STEPS, Rule, Step, parse_duration
from data.deadlines.working_time import Duration
from data.rules.faults import Fault, RulesRefused
from data.rules.known import MOST_RULES, Known, Reader, list_written


@dataclass(frozen=True, slots=True)
class DeadlineChange:
    """What is asked for.

    Attributes:
        rules: new rules, and later versions of others.
        ends: last days of rules, by their numbers.
        withdrawn: numbers of rules that have not begun.
    """

    rules: tuple[Rule, ...]
    ends: Mapping[int, date]
    withdrawn: tuple[int, ...]


def read_deadlines(body: Mapping[str, object], known: Known, stored: Sequence[Rule]) -> DeadlineChange:
    """What a body asks for. What held in the past stays as it is: first and last days lie on or after today.

    Raises:
        RulesRefused: with what is wrong with each field.
    """
    lists = {name: list_written(body, name) for name in ("rules", "ends", "withdraw")}
    if None in lists.values():
        raise RulesRefused([Fault(name, "bad_list", {"most": MOST_RULES}) for name, found in lists.items() if found is None])
    faults: list[Fault] = []
    rules = [_read_rule(one, place, known, faults) for place, one in enumerate(lists["rules"] or ())]
    keys = [(rule.category, rule.condition, rule.valid_from) for rule in rules]
    faults += [Fault(f"rules.{place}.category", "twice") for place, key in enumerate(keys) if key in keys[:place]]
    by_id = {rule.id: rule for rule in stored}
    ends = dict(_read_end(one, place, known, by_id, faults) for place, one in enumerate(lists["ends"] or ()))
    withdrawn = [_read_withdrawn(one, place, known, by_id, faults) for place, one in enumerate(lists["withdraw"] or ())]
    if not faults and not (rules or ends or withdrawn):
        faults.append(Fault("rules", "needed"))
    if faults:
        raise RulesRefused(faults)
    return DeadlineChange(tuple(rules), ends, tuple(withdrawn))


def write_deadline(rule: Rule) -> dict[str, object]:
    """A rule as it is written at the machine door."""
    return {
        "id": rule.id,
        "category": rule.category,
        "condition": rule.condition,
        **{step: format_time(rule.times.get(step)) for step in STEPS},
        "closing": rule.closing,
        "closing_en": rule.closing_en,
        "valid_from": rule.valid_from and rule.valid_from.isoformat(),
        "valid_to": rule.valid_to and rule.valid_to.isoformat(),
    }


def _read_rule(given: object, place: int, known: Known, faults: list[Fault]) -> Rule:
    reader = Reader(given, f"rules.{place}", known)
    category, condition = reader.category(), reader.text("condition", 100)
    times: dict[Step, Duration] = {}
    for step in STEPS:
        text = reader.text(step, 60)
        try:
            if text:
                times[step] = parse_duration(text.replace("_", " "))
        except ValueError:
            reader.fail(step, "no_time", value=text)
    if not times and not reader.faults:
        reader.fail("handling", "no_times")
    first, last = reader.span()
    if first is None:
        if not any(fault.field.endswith("valid_from") for fault in reader.faults):
            reader.fail("valid_from", "needed")
    elif first < known.today:
        reader.fail("valid_from", "past", value=known.today.isoformat())
    closing, closing_en = reader.text("closing") or "", reader.text("closing_en") or ""
    faults += reader.faults
    return Rule(0, category, condition, times, first, last, closing, closing_en)


def _number(given: object, stored: Mapping[int, Rule], place: str, faults: list[Fault]) -> int:
    number = given.get("id") if isinstance(given, dict) else given
    if not isinstance(number, int) or isinstance(number, bool) or number not in stored:
        faults.append(Fault(place, "no_rule"))
        return 0
    return number


def _read_end(given: object, place: int, known: Known, stored: Mapping[int, Rule], faults: list[Fault]) -> tuple[int, date]:
    number = _number(given, stored, f"ends.{place}.id", faults)
    reader = Reader(given, f"ends.{place}", known)
    last = reader.day("valid_to")
    if last is None and not reader.faults:
        reader.fail("valid_to", "needed")
    elif last is not None and last < known.today:
        reader.fail("valid_to", "past_end", value=known.today.isoformat())
    elif last is not None and number and last < (stored[number].valid_from or last):
        reader.fail("valid_to", "backwards")
    faults += reader.faults
    return number, last or known.today


def _read_withdrawn(given: object, place: int, known: Known, stored: Mapping[int, Rule], faults: list[Fault]) -> int:
    number = _number(given, stored, f"withdraw.{place}", faults)
    if number and (stored[number].valid_from or known.today) <= known.today:
        faults.append(Fault(f"withdraw.{place}", "begun"))
    return number
