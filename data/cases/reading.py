"""Reading cases: one with its history and next steps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from data.accounts.shown_names import fetch_shown_names
from data.cases import life
from data.cases.deadline_reading import RuleBook, read_rule_book
from data.cases.states import STATE_COLUMNS, Actor, CaseState, Event
from data.cases.targets import make_event
from data.core.errors import UnknownObject
from data.core.text import could_be_code
from data.core.viewer import Viewer
from data.database.transactions import fetch, open_snapshot, write_transaction
from data.queries import cases as queries


def make_actor(viewer: Viewer) -> Actor:
    """The viewer as an actor of steps."""
    return Actor(viewer.name, viewer.role, viewer.detail or "figures")


def state_of(row: Mapping[str, Any]) -> CaseState:
    """The state in a row of a case."""
    return CaseState(**{name: row[name] for name in STATE_COLUMNS})


@dataclass(frozen=True, slots=True)
class CaseRead:
    """A case as its viewer may see it.

    Attributes:
        row: its columns, see ``data.queries.cases``.
        events: rows of its history, the oldest first.
        reporters: masked, for viewers who may see personal data; ``None`` for others.
        steps: names of the steps that the viewer may take now.
        book: rules and calendar of the city, where the case follows a rule.
    """

    row: Mapping[str, Any]
    events: Sequence[Mapping[str, Any]]
    reporters: Sequence[Mapping[str, Any]] | None
    steps: list[str]
    book: RuleBook | None = None

    @property
    def state(self) -> CaseState:
        """Its state."""
        return state_of(self.row)


async def find_row(number: str, city: str | None, viewer: Viewer) -> Mapping[str, Any]:
    """The row of a case by its number.

    Raises:
        UnknownObject: no case with this number may be seen by the viewer.
    """
    if not could_be_code(number) or (city is not None and not could_be_code(city)):
        raise UnknownObject(kind="incident", key=number)
    values = {"number": number, **({"city": city} if city is not None else {})}
    rows = await fetch(queries.case_by_number(city is not None), viewer, values)
    if not rows:
        raise UnknownObject(kind="incident", key=number)
    return dict(rows[0])


async def read_case(number: str, city: str | None, viewer: Viewer, with_reporters: bool = True) -> CaseRead:
    """A case with its history, and the steps that the viewer may take. Masked reporters are read only with a row in the audit log.

    ``with_reporters``: false for whoever only looks at the case in passing; then nothing is written.

    Raises:
        UnknownObject: no case with this number may be seen by the viewer.
    """
    row = await find_row(number, city, viewer)
    key = {"district": row["district"], "id": row["id"]}
    async with open_snapshot(viewer) as ask:
        events = [dict(event) for event in await ask(queries.history(), key)]
        book = await read_rule_book(ask, row["city"], row["timezone"]) if row["rule_id"] is not None else None
        assigned = (event["details"].get("assignee") for event in events)
        names = await fetch_shown_names(ask, (name for name in (row["assignee"], *assigned) if isinstance(name, str)))
    row = {**row, "assignee_shown": names.get(row["assignee"], row["assignee"])}
    for event in events:
        if (name := event["details"].get("assignee")) in names:
            event["details"] = {**event["details"], "assignee_shown": names[name]}
    reporters = await _read_reporters(row, viewer) if with_reporters and viewer.detail == "people" else None
    history: list[Event] = [make_event(event) for event in events if event["account"] is not None]
    able = life.list_next_steps(state_of(row), make_actor(viewer), datetime.now(UTC), history)
    return CaseRead(row, events, reporters, [step.name for step in able], book)


async def _read_reporters(row: Mapping[str, Any], viewer: Viewer) -> list[Mapping[str, Any]]:
    values = {"district": row["district"], "id": row["id"]}
    async with write_transaction(viewer) as connection:
        rows = (await connection.execute(queries.reporters(), values)).mappings().all()
        if rows:
            await connection.execute(queries.NOTE_REPORTERS, {"subject": f"incident {row['district']}/{row['id']}"})
    return [dict(one) for one in rows]
