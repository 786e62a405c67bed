"""Finds cases that are late by the allowed time, or by three times of it, and tells the named person: once for each case and factor.

Who is told follows from where a case stands: of each role, the rule of the nearest area around it. What was late before a rule was made is
not told by it.
"""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import datetime
from typing import Any

from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from data.core.settings import settings
from data.core.timezones import iso
from data.database.connections import Connection
from data.live.outbox import CaseChange, append_events

CASES_OF_ONE = 100
"""Cases of one message."""
_ANY = "SELECT FROM escalation_rule WHERE city = %s LIMIT 1"

# Of the overdue cases of a city, those whose moment has passed and that nobody was told of; with the nearest rule of each role.
_LATE = """
WITH late AS MATERIALIZED (
    SELECT i.district, i.id, i.number, i.category, i.grid, i.path, i.severity, i.stage, i.deadline_state, i.version, i.due_at, i.unit,
        f.factor, f.at, g.name AS area, coalesce(k.sensitive, false) AS sensitive, c.timezone
    FROM city c
    JOIN incident i ON i.city = c.code
    CROSS JOIN LATERAL (VALUES (1, i.due_at), (3, coalesce(i.very_late_at, i.reported_at + 3 * (i.due_at - i.reported_at)))) f (factor, at)
    LEFT JOIN area g ON g.code = i.grid
    LEFT JOIN category k ON k.city = i.city AND k.subject = 'incident' AND k.code = i.category
    WHERE c.code = %(city)s AND i.deadline_state = 'overdue' AND f.at < c.states_at
        AND NOT EXISTS (
            SELECT FROM escalation e WHERE e.district = i.district AND e.incident_id = i.id AND e.factor = f.factor)
)
SELECT DISTINCT ON (l.district, l.id, l.factor, r.role) l.*, r.id AS rule, r.role, r.account, r.mail, r.hook
FROM late l
JOIN escalation_rule r ON r.city = %(city)s AND r.factor = l.factor AND r.since <= l.at
JOIN area a ON a.code = r.area AND a.path @> l.path
ORDER BY l.district, l.id, l.factor, r.role, nlevel(a.path) DESC
"""
_NOTE = """
INSERT INTO escalation (district, incident_id, factor, city, rules) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT DO NOTHING RETURNING district, incident_id, factor
"""
_HELD = "SELECT area, role, factor, account, mail, hook, since FROM escalation_rule WHERE city = %s"
_INSERT = """
INSERT INTO escalation_rule (city, area, role, factor, account, mail, hook, since) VALUES (%s, %s, %s, %s, %s, %s, %s, coalesce(%s, now()))
"""
_QUEUE = "INSERT INTO notice (city, channel, target, body, given_up_at, failure) VALUES (%s, %s, %s, %s, %s, %s)"


@dataclass(frozen=True, slots=True)
class EscalationRule:
    """Who is told: a person by area and role.

    Attributes:
        area: code of the area.
        role: in words, such as “head of the street”.
        factor: 1 or 3 times the allowed time.
        account: name of the account.
        mail, hook: addresses.
    """

    area: str
    role: str
    factor: int
    account: str | None = None
    mail: str | None = None
    hook: str | None = None


def escalate(connection: Connection, city: str, now: datetime) -> int:
    """Tell of every case that is late and was not told of, in the caller's transaction; returns how many.

    Args:
        connection: the owner's.
        city: code of a city whose deadline states were brought up to date.
        now: for the messages.
    """
    if connection.execute(_ANY, [city]).fetchone() is None:
        return 0
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_LATE, {"city": city}).fetchall()
    told = _note(connection, city, rows)
    fresh = [row for row in rows if _key(row) in told]
    append_events(connection, [_event(city, row, now) for row in _first_of_each(fresh)])
    for channel in ("mail", "hook"):
        _queue(connection, city, channel, [row for row in fresh if row[channel]], now)
    return len(told)


def write_rules(connection: Connection, city: str, rules: Sequence[EscalationRule]) -> int:
    """Replace the rules of a city; returns how many are new or others. Those that stay keep the moment from which they hold."""
    held = {EscalationRule(*rule): since for *rule, since in connection.execute(_HELD, [city])}
    connection.execute("DELETE FROM escalation_rule WHERE city = %s", [city])
    with connection.cursor() as cursor:
        cursor.executemany(_INSERT, [(city, *astuple(rule), held.get(rule)) for rule in rules])
    return sum(rule not in held for rule in rules)


def _key(row: dict[str, Any]) -> tuple[str, int, int]:
    return row["district"], row["id"], row["factor"]


def _note(connection: Connection, city: str, rows: Sequence[dict[str, Any]]) -> set[tuple[str, int, int]]:
    """Note the cases as told; returns those that nobody else noted meanwhile."""
    rules: dict[tuple[str, int, int], list[int]] = {}
    for row in rows:
        rules.setdefault(_key(row), []).append(row["rule"])
    told: set[tuple[str, int, int]] = set()
    with connection.cursor() as cursor:
        for (district, incident, factor), ids in rules.items():
            found = cursor.execute(_NOTE, [district, incident, factor, city, ids]).fetchone()
            if found is not None:
                told.add((found[0], found[1], found[2]))
    return told


def _first_of_each(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return list({_key(row): row for row in reversed(rows)}.values())


def _event(city: str, row: dict[str, Any], now: datetime) -> CaseChange:
    told = {name: row[name] for name in ("district", "number", "grid", "path", "category", "severity", "stage", "version")}
    units = (row["unit"],) if row["unit"] else ()
    return CaseChange(
        city=city, incident_id=row["id"], state=row["deadline_state"], step=f"late_{row['factor']}", at=now, units=units, **told
    )


def _queue(connection: Connection, city: str, channel: str, rows: Sequence[dict[str, Any]], now: datetime) -> None:
    """One message for each receiver and factor, or several where there are many cases."""
    groups: dict[tuple[str, int, str], list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault((row[channel], row["factor"], row["role"]), []).append(row)
    refused = None if is_allowed(channel) else "not_set"
    with connection.cursor() as cursor:
        for (target, factor, role), late in groups.items():
            for first in range(0, len(late), CASES_OF_ONE):
                body = _body(city, factor, role, late[first : first + CASES_OF_ONE], now)
                cursor.execute(_QUEUE, [city, channel, target, Jsonb(body), now if refused else None, refused])


def is_allowed(channel: str) -> bool:
    """Whether the settings name where messages of a channel may go."""
    return settings().smtp is not None if channel == "mail" else bool(settings().notice_hooks)


def _body(city: str, factor: int, role: str, rows: Sequence[dict[str, Any]], now: datetime) -> dict[str, object]:
    """What is told: numbers, cells, categories that are not sensitive, deadlines."""
    zone = rows[0]["timezone"]
    cases = [
        {
            "number": row["number"],
            "grid": row["grid"],
            "area": row["area"],
            "category": None if row["sensitive"] else row["category"],
            "due_at": iso(row["due_at"], zone),
        }
        for row in rows
    ]
    address = settings().public_url
    return {"type": "cases.late", "city": city, "at": iso(now, zone), "factor": factor, "role": role, "address": address, "cases": cases}
