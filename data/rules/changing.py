"""Carries out one change of rules that somebody asked for, in the caller's transaction, as the owner of the database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from data.auditing.owner_entries import append_as_owner
from data.core import roles
from data.core.errors import GridwellError, NotOpen
from data.core.i18n import tell
from data.core.roles import DB_ROLES
from data.core.text import storable
from data.core.viewer import Lang
from data.database.connections import Connection
from data.deadlines import recomputing, store
from data.deadlines.calendar import SpecialDay
from data.deadlines.rules import Rule
from data.live.versions import touch
from data.organisation.model import list_ancestors
from data.organisation.store import read_organisation
from data.rules import routing_store
from data.rules import statements as queries
from data.rules.bringing_back import bring_back
from data.rules.deadline_rules import DeadlineChange, read_deadlines, write_deadline
from data.rules.duplicate_rules import read_reaches, read_stored, replace_reaches, write_reach
from data.rules.effects import EffectTold, tell_effect
from data.rules.faults import Fault, RulesRefused
from data.rules.hours import read_hours, tell_week, write_hours
from data.rules.known import Known, list_areas
from data.rules.routing_rules import read_routing, write_routing
from data.rules.weights import read_versions, read_weights, write_composite, write_weights
from data.rules.worked_example import WorkedExample

Outcome = dict[str, Any]
"""What became of a request: ``status`` of the answer, and its ``body``."""

_CATEGORIES = "SELECT code, parent FROM category WHERE city = %s AND subject = 'incident'"
_CITY = "SELECT as_of FROM city WHERE code = %s"
_LOCKED_CITY = f"{_CITY} FOR NO KEY UPDATE"
_SENSITIVE = "SELECT code FROM category WHERE city = %s AND subject = 'incident' AND sensitive"
_REMEMBER = "INSERT INTO rule_change (city, kind, account, seen, made, facts, before) VALUES (%s, %s, %s, %s, %s, %s, %s)"
_BEFORE = "SELECT before FROM rule_change WHERE city = %s AND kind = 'deadlines' AND id = %s"
_SINCE = """
SELECT id, at, account, facts FROM rule_change WHERE city = %(city)s AND kind = %(kind)s
    AND id > coalesce((SELECT max(id) FROM rule_change WHERE city = %(city)s AND kind = %(kind)s AND made = %(seen)s), 0)
    AND (EXISTS (SELECT FROM rule_change WHERE city = %(city)s AND kind = %(kind)s AND made = %(seen)s)
        OR id >= (SELECT max(id) FROM rule_change WHERE city = %(city)s AND kind = %(kind)s AND seen = %(seen)s))
ORDER BY id DESC LIMIT 10
"""
_ACTIONS = {
    "routing": "routing_rules",
    "deadlines": "deadline_rules",
    "calendar": "calendar",
    "hours": "calendar",
    "duplicates": "duplicate_rules",
    "weights": "weights",
}


class RulesChanged(GridwellError):
    status, code = 409, "rules_changed"
    sentence = "The rules have changed since you saw them. What you wrote is kept; look at what is new, then save again."


@dataclass(frozen=True, slots=True)
class ChangeRequest:
    """What somebody asks for.

    Attributes:
        city: its code.
        kind: ``routing``, ``deadlines``, ``calendar``, ``hours``, ``duplicates`` or ``weights``.
        body: what is written, the ``version`` that was seen, the ``lang`` of sentences, and ``preview``: only say what it would do.
        account, role, detail: who asks; ``detail`` is the database role.
    """

    city: str
    kind: str
    body: Mapping[str, Any]
    account: str
    role: str
    detail: str

    @property
    def lang(self) -> Lang:
        """Language of sentences."""
        return "en" if self.body.get("lang") == "en" else "zh"

    @property
    def preview(self) -> bool:
        """Whether nothing is to be changed."""
        return self.body.get("preview") is True


def carry_out(connection: Connection, request: ChangeRequest, now: datetime | None = None) -> Outcome:
    """Change rules, or say what a change would do; nothing is changed where it is refused.

    Args:
        connection: the owner's, in a transaction.
        request: what is asked for.
        now: the moment; otherwise that of the city's figures.
    """
    try:
        with connection.transaction(force_rollback=request.preview):
            return {"status": 200, "body": _change(connection, request, now)}
    except GridwellError as error:
        return _refuse(connection, request, error)


def _refuse(connection: Connection, request: ChangeRequest, error: GridwellError) -> Outcome:
    told: dict[str, Any] = {"code": error.code, "sentence": tell(request.lang, error), "facts": dict(error.facts)}
    if isinstance(error, RulesRefused):
        told["fields"] = [fault.tell(request.lang) for fault in error.faults]
    if isinstance(error, RulesChanged):
        bound = {"city": request.city, "kind": request.kind, "seen": request.body.get("version") or ""}
        rows = connection.cursor(row_factory=dict_row).execute(_SINCE, bound).fetchall()
        told["since"] = [{**row, "at": row["at"].astimezone(UTC).isoformat()} for row in rows]
        told["version"] = _version(connection, request)
    return {"status": error.status, "body": {"error": told}}


def _version(connection: Connection, request: ChangeRequest) -> str:
    statement = queries.VERSIONS[request.kind].format(city="%(city)s")
    row = connection.execute(statement, {"city": request.city}).fetchone()
    return str(row[0]) if row else ""


def _change(connection: Connection, request: ChangeRequest, now: datetime | None) -> dict[str, Any]:
    detail = next((detail for detail, role in DB_ROLES.items() if role == request.detail), None)
    if not roles.may(request.role, detail, "manage_rules"):
        raise NotOpen
    # What is only foretold must not make steps of cases wait.
    row = connection.execute(_CITY if request.preview else _LOCKED_CITY, [request.city]).fetchone()
    if row is None:
        raise store.UnknownCity(code=request.city[:60], nearest="-")
    moment = now or row[0] or datetime.now(UTC)
    seen = _version(connection, request)
    if request.body.get("version") != seen:
        raise RulesChanged
    facts, before, answer = _KINDS[request.kind](connection, request, moment)
    made = _version(connection, request)
    if not request.preview and made != seen:
        append_as_owner(connection, _ACTIONS[request.kind], request.city, facts, by=request.account)
        kept = None if before is None else Jsonb(before)
        connection.execute(_REMEMBER, [request.city, request.kind, request.account, seen, made, Jsonb(facts), kept])
    return {"version": "1", "preview": request.preview, "seen": made if not request.preview else seen, **answer}


_Done = tuple[dict[str, Any], list[dict[str, object]] | None, dict[str, Any]]
"""Facts for the log, the rules before, and the rest of the answer."""


def _change_routing(connection: Connection, request: ChangeRequest, now: datetime) -> _Done:
    rules = read_routing(request.body, _read_known(connection, request, now))
    before = [write_routing(rule) for rule in read_organisation(connection, request.city).rules]
    counts = routing_store.replace_rules(connection, request.city, rules)
    return {"rules": len(rules), **counts}, before, {"rules": len(rules), "effect": None, "example": None}


def _change_deadlines(connection: Connection, request: ChangeRequest, now: datetime) -> _Done:
    city, stored = request.city, store.read_rules(connection, request.city)
    known = _read_known(connection, request, now)
    restored = request.body.get("restore")
    change = read_deadlines(request.body, known, stored) if restored is None else _bring_back(connection, request, known, stored)
    category = change.rules[0].category if change.rules else None
    example = WorkedExample(connection, city, request.body, request.lang, now, category)
    before = example.lines() if change.rules else []
    ended = routing_store.end_deadlines(connection, city, change)
    done = store.write_rules(connection, city, change.rules)
    touched = list(recomputing.find_touched(connection, city, now, [*done.ids, *ended]))
    effect = _write(connection, request, touched, now)
    facts = {"added": len(done.added), "changed": len(done.changed), "ended": len({*done.ended, *ended}), "cases": effect["touched"]}
    told = {"reported_at": now.isoformat(), "before": before, "after": example.lines()} if change.rules else None
    return facts, [write_deadline(rule) for rule in stored], {"rules": len(change.rules), "effect": effect, "example": told}


def _bring_back(connection: Connection, request: ChangeRequest, known: Known, stored: Sequence[Rule]) -> DeadlineChange:
    """The rules as they were before a change that somebody made.

    Raises:
        RulesRefused: there is no such change, or nothing differs.
    """
    number = request.body["restore"]
    bound = [request.city, number if isinstance(number, int) and not isinstance(number, bool) and 0 < number < 2**31 else 0]
    row = connection.execute(_BEFORE, bound).fetchone()
    change = bring_back(row[0], stored, known.today) if row and row[0] is not None else None
    if change is None or not (change.rules or change.ends or change.withdrawn):
        raise RulesRefused([Fault("restore", "no_change")])
    return change


def _change_hours(connection: Connection, request: ChangeRequest, now: datetime) -> _Done:
    weeks = store.read_calendar(connection, request.city).weeks
    change = read_hours(request.body, _read_known(connection, request, now), weeks)
    write_hours(connection, request.city, change)
    touched = list(recomputing.find_touched(connection, request.city, now, days=[change.first]))
    effect = _write(connection, request, touched, now)
    facts = {"hours_from": change.first.isoformat(), "withdrawn": int(change.withdrawn is not None), "cases": effect["touched"]}
    return facts, [tell_week(week) for week in weeks], {"rules": 0, "effect": effect, "example": None}


def _change_weights(connection: Connection, request: ChangeRequest, now: datetime) -> _Done:
    stored = read_versions(connection, request.city)
    change = read_weights(request.body, _read_known(connection, request, now), stored, request.city)
    write_weights(connection, request.city, change)
    if not request.preview:
        touch(connection, request.city, ["incidents"])  # other grades: what is kept of answers is old, and pages hear of it
    first = change.composite.valid_from if change.composite else None
    facts = {"weights_from": first and first.isoformat(), "withdrawn": len(change.withdrawn)}
    return facts, [write_composite(one) for one in stored], {"rules": 1, "effect": None, "example": None}


def _change_calendar(connection: Connection, request: ChangeRequest, now: datetime) -> _Done:
    city, body = request.city, request.body
    days = {date.fromisoformat(day): SpecialDay(kind, name, name) for day, kind, name in body["days"]}
    until = date.fromisoformat(body["until"]) if body.get("until") else None
    changed = store.upload_days(connection, city, days, until, store.local_today(connection, city, now))
    touched = list(recomputing.find_touched(connection, city, now, days=changed))
    effect = _write(connection, request, touched, now)
    facts = {"uploaded": len(days), "until": body.get("until"), "days_changed": len(changed), "cases": effect["touched"]}
    told = {"days": [day.isoformat() for day in changed if day in days], "effect": effect, "example": None, "rules": 0}
    return facts, None, told


def _change_duplicates(connection: Connection, request: ChangeRequest, now: datetime) -> _Done:
    rows = read_reaches(request.body, _read_known(connection, request, now))
    before = [write_reach(row) for row in read_stored(connection, request.city)]
    counts = replace_reaches(connection, request.city, rows)
    return {"rules": len(rows), **counts}, before, {"rules": len(rows), "effect": None, "example": None}


_KINDS = {
    "routing": _change_routing,
    "deadlines": _change_deadlines,
    "calendar": _change_calendar,
    "hours": _change_hours,
    "duplicates": _change_duplicates,
    "weights": _change_weights,
}


def _write(connection: Connection, request: ChangeRequest, touched: list[recomputing.Touched], now: datetime) -> EffectTold:
    if not request.preview:
        recomputing.write_touched(connection, request.city, touched)
    sees_all = request.detail == DB_ROLES["people"]
    hidden = set() if sees_all else {code for (code,) in connection.execute(_SENSITIVE, [request.city])}
    return tell_effect(touched, now, hidden)


def _read_known(connection: Connection, request: ChangeRequest, now: datetime) -> Known:
    city, codes = request.city, [code for code in list_areas(request.body) if storable(code)]
    parents: dict[str, str | None] = dict(connection.execute(_CATEGORIES, [city]).fetchall())
    statement = queries.NAMED_AREAS.format(city="%(city)s", codes="%(codes)s")
    rows = connection.execute(statement, {"city": city, "codes": codes}).fetchall()
    areas = {row[0]: frozenset((row[0], *row[4])) for row in rows}
    units = frozenset(code for (code,) in connection.execute("SELECT code FROM unit WHERE city = %s", [city]))
    categories = {code: frozenset(list_ancestors(code, parents)) for code in parents}
    return Known(categories, areas, units, store.local_today(connection, city, now))
