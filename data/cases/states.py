"""The state of a case, its orders and its events: plain values, with their way to JSON and back."""

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from datetime import datetime
from typing import Any

from data.core.roles import Ability, Detail, may

BY_RULE = "@rules"
"""As the account of a step: a rule did it. No account can have this name."""


@dataclass(frozen=True, slots=True)
class CaseState:
    """What steps change of a case. Deadlines follow from it, and are kept beside it.

    Attributes are those columns of ``incident`` that have the same names; see ``data.schema.cases``.
    """

    stage: str
    severity: int = 3
    condition: str | None = None
    version: int = 0
    unit: str | None = None
    assignee: str | None = None
    stage_at: datetime | None = None
    closed_at: datetime | None = None
    filed_at: datetime | None = None
    dispatched_at: datetime | None = None
    paused: bool = False
    paused_at: datetime | None = None
    paused_until: datetime | None = None
    paused_s: int = 0
    duplicate_of: str | None = None
    reworked: int = 0
    reopened: int = 0
    answered: bool | None = None
    solved: bool | None = None
    satisfied: bool | None = None

    def to_json(self) -> dict[str, Any]:
        """For the first event of a case that was not reported here: what it was before, without what is as in a new case."""
        values = {name: getattr(self, name) for name in STATE_COLUMNS}
        return {name: _plain(value) for name, value in values.items() if value != _FRESH.get(name, ...)}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "CaseState":
        """The way back."""
        read: dict[str, Any] = {name: _moment(value) if name.endswith(("_at", "_until")) else value for name, value in stored.items()}
        return cls(**read)


STATE_COLUMNS = tuple(one.name for one in fields(CaseState))
"""Columns of ``incident`` that hold a state, in order."""
_FRESH = {one.name: one.default for one in fields(CaseState) if one.default is not MISSING}


@dataclass(frozen=True, slots=True)
class Actor:
    """Who takes a step.

    Attributes:
        account: name of the account.
        role, detail: what decides what the account may do.
    """

    account: str
    role: str
    detail: Detail

    def may(self, ability: Ability) -> bool:
        """Whether the actor may do something."""
        return may(self.role, self.detail, ability)


RULES = Actor(BY_RULE, "dispatcher", "cases")
"""Takes the steps that follow by themselves: dispatches by the rules of routing, and the end of a pause."""


@dataclass(frozen=True, slots=True)
class Order:
    """A step that somebody asks for.

    Attributes:
        step: name of the step.
        fields: its fields, as JSON has them.
        version: version of the case that the actor has seen; ``None``: any, for steps that do not need the newest.
    """

    step: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One step of a case's history.

    Attributes:
        seq: its number in the history of its case.
        at: when it was.
        step, stage, unit: what was done; stage and unit after it.
        account: who did it.
        remark: words about it.
        details: its other fields, as JSON has them. The first step of a case that was not reported here keeps ``base``, the state before.
        place: longitude and latitude, degrees.
        attachments: content hashes.
    """

    seq: int
    at: datetime
    step: str
    stage: str
    account: str
    unit: str | None = None
    remark: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    place: tuple[float, float] | None = None
    attachments: tuple[str, ...] = ()


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


def _moment(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value)
