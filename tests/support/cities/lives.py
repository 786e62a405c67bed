"""Cases with a life, written as text: the product's own rules turn steps into states and events, and both into rows."""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import small_city as city

from data import rollup
from data.cases import life
from data.cases.stages import STEPS
from data.cases.states import STATE_COLUMNS, Actor, CaseState, Event, Order
from data.database import partitions
from data.schema import OWN_SOURCE

Connection = psycopg.Connection[Any]
SHANGHAI = ZoneInfo("Asia/Shanghai")
UNITS = {"U1": "城管局", "U2": "城管局", "U3": "水务局"}
"""Each with its department."""
_ANSWERS = {f"{no}{name}": (name, not no) for name in ("solved", "satisfied") for no in ("", "un")}
_BOSS = Actor("boss", "supervisor", "people")


@dataclass
class Life:
    """A case of the table: its columns, and the state and events that follow from its life."""

    row: dict[str, str]
    state: CaseState
    events: list[Event]

    @property
    def cell(self) -> str:
        """Code of its cell."""
        return str(getattr(city, self.row["cell"]))


def moment(text: str) -> datetime:
    """A moment of 2026 in Shanghai: ``10-11 09:30`` or ``10-11 09:30:15``."""
    full = text if text.count(":") == 2 else f"{text}:00"
    return datetime.strptime(f"2026-{full}", "%Y-%m-%d %H:%M:%S").replace(tzinfo=SHANGHAI)


def read_lives(path: Path) -> list[Life]:
    """The cases of a table; lines that begin with # are remarks."""
    return [live(row) for row in read_rows(path)]


def read_rows(path: Path) -> Iterator[dict[str, str]]:
    """Rows of a table with remarks."""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    yield from csv.DictReader(lines)


def live(row: dict[str, str]) -> Life:
    """Live the life of a row."""
    steps = [step.strip() for step in row["life"].split(";") if step.strip()]
    reported = moment(row["reported"])
    if row["origin"] == "here":
        state, first = life.report(Order("report", {}), _BOSS, reported)
        made = Life(row, state, [first])
    else:
        published, _, at = steps.pop(0).partition("@")
        stage = published.split()[1]
        paused = stage == "paused"
        made = Life(row, CaseState("in_progress" if paused else stage, paused=paused, closed_at=moment(at) if at else None), [])
    for step in steps:
        _take(made, step)
    return made


def _take(made: Life, text: str) -> None:
    said, _, at = text.partition("@")
    name, *words = said.split()
    order = Order(name, _fields(name, words, moment(at)), made.state.version if STEPS[name].newest else None)
    made.state, event = life.apply(made.state, order, _BOSS, moment(at), made.events)
    made.events.append(event)


def _fields(name: str, words: list[str], at: datetime) -> dict[str, Any]:
    fields: dict[str, Any] = dict.fromkeys(STEPS[name].needs, "said")
    if name in ("dispatch", "hand_over"):
        fields |= dict(zip(("unit", "assignee"), words, strict=False))
    elif name == "mark_duplicate":
        fields["into"] = words[0]
    elif name == "pause":
        fields["until"] = (at + timedelta(days=30)).isoformat()
    elif name == "call_back":
        fields["answered"] = words[0] == "yes"
        fields |= dict(_ANSWERS[word] for word in words[1:])
    return fields


# ---- Rows ----

_INCIDENT = """
INSERT INTO incident (district, city, source_id, source_key, grid, path, geom, geom_3857, number, category, channel, reported_at, due_at,
    stage_due_at, reported_is_day, due_is_day, closed_is_day, {columns})
SELECT %s, %s, s.id, %s, %s, %s, g, ST_Transform(g, 3857), %s, %s, %s, %s, %s, %s, %s, %s, %s, {values}
FROM source s, ST_SetSRID(ST_MakePoint(%s, %s), 4326) g WHERE s.city = %s AND s.key = %s RETURNING district, id
"""
_EVENT = (
    "INSERT INTO incident_event (district, incident_id, seq, at, stage, step, account, unit, details)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)"
)


def load_city(connection: Connection) -> None:
    """The small city without cases, with a source of cases that are reported here, and units."""
    city.load(connection)
    connection.execute("DELETE FROM incident")
    connection.execute("INSERT INTO source (city, key, subject, name) VALUES (%s, %s, 'incidents', '本平台')", [city.CITY, OWN_SOURCE])
    for code, department in UNITS.items():
        connection.execute(
            "INSERT INTO unit (city, code, name, name_en, department) VALUES (%s, %s, %s, %s, %s)",
            [city.CITY, code, f"{code}中队", f"Squad {code}", department],
        )


def write_lives(connection: Connection, lives: list[Life]) -> None:
    """Write the cases with their events, roll them up, and commit."""
    months = {moment(one.row["reported"]).astimezone(UTC).date().replace(day=1) for one in lives}
    partitions.ensure_partitions(connection, [*months, date(2026, 10, 1)])
    for one in lives:
        _write(connection, one)
    rollup.rebuild(connection, city.CITY)
    connection.commit()


def _write(connection: Connection, one: Life) -> None:
    row, days = one.row, one.row["origin"].endswith("days")
    west, south, _, _ = city.box_of(one.cell)
    state = one.state
    due = moment(row["due"]) if row["due"] else None
    if due and days:
        due += timedelta(microseconds=999_999)
    columns = ", ".join(STATE_COLUMNS)
    statement = _INCIDENT.format(columns=columns, values=", ".join(["%s"] * len(STATE_COLUMNS)))
    found = connection.execute(
        statement.encode(),
        [
            *(one.cell[:6], city.CITY, row["key"], one.cell, city.path_of(one.cell), row["key"], row["category"], row["source"]),
            *(moment(row["reported"]), due, moment(row["waits_until"]) if row["waits_until"] else None, days, days, days),
            *(getattr(state, name) for name in STATE_COLUMNS),
            *(west + 0.005, south + 0.005, city.CITY, OWN_SOURCE if row["origin"] == "here" else "hand"),
        ],
    ).fetchone()
    assert found
    for event in one.events:
        values = (event.seq, event.at, event.stage, event.step, event.account, event.unit, json.dumps(dict(event.details)))
        connection.execute(_EVENT, [*found, *values])
