"""What a change of rules of deadlines means for one case, line by line."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from data.core.errors import GridwellError
from data.core.i18n import tell
from data.core.viewer import Lang
from data.database.connections import Connection
from data.deadlines import store
from data.deadlines.explanation import explain
from data.deadlines.rules import CaseFacts


@dataclass(frozen=True, slots=True)
class WorkedExample:
    """A case of a category that is reported at this moment: why it has its deadline, line by line."""

    connection: Connection
    city: str
    body: Mapping[str, Any]
    lang: Lang
    now: datetime
    category: str | None

    def lines(self) -> list[dict[str, str]]:
        """The lines by the rules as they are now in the transaction."""
        city, written = self.city, self.body.get("rules")
        first = written[0] if isinstance(written, list) and written and isinstance(written[0], dict) else {}
        day, condition = first.get("valid_from"), first.get("condition")
        calendar = store.read_calendar(self.connection, city)
        reported = self.now
        if isinstance(day, str) and day > calendar.local_day(self.now).isoformat():
            reported = calendar.whole_day(date.fromisoformat(day))[0].replace(minute=0) if _is_day(day) else self.now
            reported = max(reported, self.now)
        facts = CaseFacts(self.category or "*", reported, condition=condition if isinstance(condition, str) else None)
        try:
            lines = explain(facts, store.read_rules(self.connection, city), calendar, reported, self.lang)
        except GridwellError as error:
            return [{"kind": "none", "text": tell(self.lang, error)}]
        return [{"kind": line.kind, "text": line.text} for line in lines]


def _is_day(text: str) -> bool:
    try:
        return bool(date.fromisoformat(text))
    except ValueError:
        return False
