"""Writes what a profile says of deadlines: the city's hours, the country whose holidays it has, and a table of rules."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime

from data.core.errors import GridwellError
from data.core.i18n import tell
from data.deadlines import store
from data.deadlines.calendar import Week
from data.deadlines.recomputing import recompute
from data.deadlines.rules import Rule
from data.deadlines.uploads import MOST_BYTES, BadRows, Told, UnreadableTable, read_rules
from data.importing.common.sentences import ImportRefused, Sentence
from data.importing.files.file_patterns import find_files, leaves_folder, open_parts
from data.importing.landing.context import Context
from data.importing.landing.staging import Changes


@dataclass(frozen=True, slots=True)
class _BadTable(Sentence):
    """What is wrong with the table of rules, in the words of those who read it."""

    file: str = ""
    problem: GridwellError | Told | None = None

    def tell(self, lang: str) -> str:
        """The file, and what is wrong with it."""
        said = (tell(lang, self.problem) if isinstance(self.problem, GridwellError) else self.problem.tell(lang)) if self.problem else ""
        return f"{self.file}: {said}"


def land_deadlines(context: Context) -> None:
    """Write hours, holidays and rules, and work out again the deadlines of open cases that follow from them; categories are written before.

    Raises:
        ImportRefused: the table of rules cannot be used.
    """
    city, connection, now = context.profile.city, context.connection, datetime.now(UTC)
    today = store.local_today(connection, city.code, now)
    days = store.set_region(connection, city.code, city.country, today) if city.country else []
    hours = bool(city.hours) and store.write_hours(connection, city.code, _join_hours(context))
    rules = store.write_rules(connection, city.code, _read_rules(context, city.deadlines)) if city.deadlines else store.RuleChanges()
    context.add_changes("calendar_day", Changes(updated=len(days)))
    context.add_changes("deadline_rule", Changes(inserted=len(rules.added), updated=len(rules.changed)))
    if days or hours or rules.ids:
        recompute(connection, city.code, now)


def _join_hours(context: Context) -> list[Week]:
    """The hours of the profile, and those that were changed on the page of rules for days that the profile does not name."""
    city, connection = context.profile.city, context.connection
    own = [one.week for one in city.hours]
    made = "SELECT DISTINCT (facts ->> 'hours_from')::date FROM rule_change WHERE city = %s AND kind = 'hours'"
    changed = {day for (day,) in connection.execute(made, [city.code])} - {week.valid_from for week in own}
    return [*own, *(week for week in store.read_calendar(connection, city.code).weeks if week.valid_from in changed)]


def _read_rules(context: Context, name: str) -> list[Rule]:
    folder = context.intake.folder
    found, _ = find_files(folder, [name])
    if not found:
        reason = "outside_folder" if leaves_folder(folder, name) else "missing_file"
        raise ImportRefused([Sentence(reason, {"source": "deadlines", "file": name, "folder": str(folder)})])
    path, told = found[0]
    with open_parts(folder, path, told) as parts:
        raw = b"".join(iter(lambda: os.read(parts[0][1], MOST_BYTES), b"")) if os.fstat(parts[0][1]).st_size <= MOST_BYTES else None
    try:
        if raw is None:
            raise UnreadableTable(reason="It is larger than 2 MB.")
        return read_rules(raw, store.find_category(context.connection, context.city))
    except BadRows as refused:
        raise ImportRefused([_BadTable("bad_rows", file=told, problem=problem) for problem in refused.problems]) from None
    except GridwellError as refused:
        raise ImportRefused([_BadTable(refused.code, file=told, problem=refused)]) from None
