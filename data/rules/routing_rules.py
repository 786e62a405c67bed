"""Rules of routing as they are written at the machine door, and what is odd about their order."""

from collections.abc import Mapping, Sequence
from datetime import date, time
from functools import lru_cache

from typing_extensions import TypedDict

from data.core.i18n import t
from data.organisation.model import GRID_HEAD, Hours, RoutingRule, parse_hours
from data.rules.faults import Fault, RulesRefused
from data.rules.known import MOST_RULES, Known, Reader, list_written

_DAY_MIN = 24 * 60
_MOST_REMARKS = 50


class Remark(TypedDict):
    """What is odd about a rule: its place from 0, a stable code, and a sentence."""

    rule: int
    code: str
    sentence: str


def read_routing(body: Mapping[str, object], known: Known) -> list[RoutingRule]:
    """The rules of a body, in their order. Numbers of rules are kept; 0 is a new one.

    Raises:
        RulesRefused: with what is wrong with each field.
    """
    written = list_written(body, "rules")
    if written is None:
        raise RulesRefused([Fault("rules", "bad_list", {"most": MOST_RULES})])
    rules: list[RoutingRule] = []
    faults: list[Fault] = []
    for place, one in enumerate(written):
        reader = Reader(one, f"rules.{place}", known)
        rules.append(_read(reader, place))
        faults += reader.faults
    if faults:
        raise RulesRefused(faults)
    return rules


def _read(reader: Reader, place: int) -> RoutingRule:
    given = reader.fields.get("id")
    number = given if isinstance(given, int) and not isinstance(given, bool) and 0 < given < 2**31 else 0
    hours, text = None, reader.text("hours", 40)
    if text:
        try:
            hours = parse_hours(text)
        except ValueError:
            reader.fail("hours", "no_hours", value=text)
    first, last = reader.span()
    category, area, channel = reader.category(), reader.area(), reader.channel()
    return RoutingRule(number, place + 1, reader.unit(), category, area, channel, hours, first, last)


def write_routing(rule: RoutingRule) -> dict[str, object]:
    """A rule as it is written at the machine door."""
    return {
        "id": rule.id,
        "unit": rule.unit,
        "category": rule.category,
        "area": rule.area,
        "channel": rule.channel,
        "hours": str(rule.hours) if rule.hours else None,
        "valid_from": rule.valid_from and rule.valid_from.isoformat(),
        "valid_to": rule.valid_to and rule.valid_to.isoformat(),
    }


def find_remarks(rules: Sequence[RoutingRule], known: Known, lang: str) -> list[Remark]:
    """Rules that are never reached, and rules that fit the same cases in part, so that their order decides."""
    found: list[Remark] = []
    for place, rule in enumerate(rules):
        if rule.valid_to is not None and rule.valid_to < known.today:
            continue
        for earlier, other in enumerate(rules[:place]):
            told = _compare(rule, place, other, earlier, known, lang)
            if told is not None:
                found.append(told)
            if told is not None and told["code"] == "never_reached":
                break
    return found[:_MOST_REMARKS]


def _compare(rule: RoutingRule, place: int, other: RoutingRule, earlier: int, known: Known, lang: str) -> Remark | None:
    numbers = {"rule": place + 1, "other": earlier + 1}
    # Where an area has no head, the next rule is tried: such a rule takes nothing away for certain.
    if other.unit != GRID_HEAD and _covers(other, rule, known) and _lasts(other, rule, known.today):
        sentence = t(lang, "Rule {rule} is never reached: rule {other} before it takes every case that it fits.", **numbers)
        return {"rule": place, "code": "never_reached", "sentence": sentence}
    if other.unit != rule.unit and _meets(other, rule, known) and not _covers(rule, other, known) and not _covers(other, rule, known):
        sentence = t(lang, "Rules {other} and {rule} fit some of the same cases: those go by rule {other}, which comes first.", **numbers)
        return {"rule": place, "code": "overlap", "sentence": sentence}
    return None


def _covers(wide: RoutingRule, narrow: RoutingRule, known: Known) -> bool:
    """Whether a rule fits every case that another fits, whatever the day."""
    return (
        (wide.category is None or (narrow.category is not None and wide.category in known.categories.get(narrow.category, ())))
        and (wide.area is None or (narrow.area is not None and wide.area in known.areas.get(narrow.area, ())))
        and (wide.channel is None or wide.channel == narrow.channel)
        and _minutes(wide.hours) >= _minutes(narrow.hours)
    )


def _lasts(long: RoutingRule, short: RoutingRule, today: date) -> bool:
    """Whether a rule holds on every day from today on on which another does."""
    begins = (long.valid_from or date.min) <= max(short.valid_from or date.min, today)
    return begins and (long.valid_to or date.max) >= (short.valid_to or date.max)


def _meets(one: RoutingRule, other: RoutingRule, known: Known) -> bool:
    """Whether some case may fit both; of two zones, or a zone and an area, nobody knows, and nothing is said."""
    starts, ends = (max(r.valid_from or date.min, known.today) for r in (one, other)), (r.valid_to or date.max for r in (one, other))
    return (
        _related(one.category, other.category, known.categories)
        and _related(one.area, other.area, known.areas)
        and (None in (one.channel, other.channel) or one.channel == other.channel)
        and bool(_minutes(one.hours) & _minutes(other.hours))
        and max(starts) <= min(ends)
    )


def _related(first: str | None, second: str | None, above: Mapping[str, frozenset[str]]) -> bool:
    """Whether one of two codes is above the other; ``None`` is above all."""
    return first is None or second is None or first in above.get(second, ()) or second in above.get(first, ())


@lru_cache(maxsize=1_000)
def _minutes(hours: Hours | None) -> frozenset[int]:
    return frozenset(minute for minute in range(_DAY_MIN) if hours is None or hours.hold(time(minute // 60, minute % 60)))
