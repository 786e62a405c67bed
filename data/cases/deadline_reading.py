"""Why a case has its deadline: its rule and calendar, read as its viewer, and the lines that explain it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from data.cases.types import CaseDeadline
from data.core.errors import GridwellError
from data.core.i18n import t, tell
from data.core.timezones import zone
from data.database.transactions import Ask
from data.deadlines.calendar import Calendar
from data.deadlines.explanation import Line, explain, explain_published
from data.deadlines.pauses import find_counting_moment, list_pauses, make_step
from data.deadlines.rows import make_calendar, make_rule
from data.deadlines.rules import CaseFacts, Rule, spread_rules
from data.queries import deadlines as queries


@dataclass(frozen=True, slots=True)
class RuleBook:
    """The rules and the calendar of a city."""

    rules: tuple[Rule, ...]
    calendar: Calendar


async def read_rule_book(ask: Ask, city: str, timezone: str) -> RuleBook:
    """Read it in a snapshot of the viewer's."""
    bound = {"city": city}
    parents = {row["code"]: row["parent"] for row in await ask(queries.categories_above(), bound)}
    rules = spread_rules([make_rule(dict(row)) for row in await ask(queries.rules(), bound)], parents)
    reach = [(row["region"], row["official_until"], row["uploaded_until"]) for row in await ask(queries.reach(), bound)]
    hours = [(row["valid_from"], row["weekday"], row["spans"]) for row in await ask(queries.hours(), bound)]
    days = [(row["day"], row["kind"], row["name"], row["name_en"]) for row in await ask(queries.days(), bound)]
    return RuleBook(tuple(rules), make_calendar(timezone, hours, reach[0] if reach else None, days))


def explain_deadline(
    row: Mapping[str, Any], events: Sequence[Mapping[str, Any]], book: RuleBook | None, now: datetime, lang: str
) -> CaseDeadline:
    """The deadline of a case with the lines that explain it.

    Args:
        row: the case, see ``data.queries.cases``.
        events: its history, the oldest first.
        book: rules and calendar of its city, where the case follows a rule.
        now: the moment.
        lang: language of the lines.
    """
    steps = [make_step(one["seq"], one["at"], one["step"], one["stage"], one["details"]) for one in events]
    pauses = list_pauses(steps)
    lines: list[Line] = []
    if book is not None and row["rule_id"] is not None:
        names = ("condition", "stage_at", "filed_at", "dispatched_at", "rule_id")
        facts = CaseFacts(row["category"], row["reported_at"], row["stage"], pauses=pauses, **{name: row[name] for name in names})
        try:
            lines = explain(facts, book.rules, book.calendar, find_counting_moment(pauses, now), lang)
        except GridwellError as error:
            lines = [Line("none", tell(lang, error))]
    elif row["due_at"] is not None:
        calendar = Calendar(row["timezone"], ())
        lines = explain_published(row["reported_at"], row["due_at"], pauses, calendar, now, lang)
    else:
        lines = [Line("none", t(lang, "The case has no deadline."))]
    return {
        "due_at": _local(row["due_at"], row["timezone"]),
        "stage_due_at": _local(row["stage_due_at"], row["timezone"]),
        "amber_at": _local(row["amber_at"], row["timezone"]),
        "provisional": row["due_provisional"],
        "rule": row["rule_id"],
        "lines": [{"kind": line.kind, "text": line.text} for line in lines],
    }


def _local(moment: datetime | None, timezone: str) -> str | None:
    return None if moment is None else moment.astimezone(zone(timezone)).isoformat()
