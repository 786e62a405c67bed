"""Steps of cases for tests: asked for as the server asks, carried out as the keeper does."""

import json
import uuid
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import psycopg
import small_city as city
from rights_tools import as_service, become, viewer_of

from data.cases.writer import write_city
from data.core.viewer import Viewer

Connection = psycopg.Connection[Any]
_ASK = """
INSERT INTO case_request (id, city, district, incident_id, reported_at, key, hash, body)
SELECT %s, city, district, id, reported_at, %s, %s, %s FROM incident WHERE number = %s
"""
_REPORT = "INSERT INTO case_request (id, city, grid, key, hash, body) VALUES (%s, %s, %s, %s, %s, %s)"


def person(name: str, role: str, code: str = city.CITY) -> Viewer:
    """Somebody of a role, whose scope is one of the small city's areas."""
    detail = "cases" if role in ("dispatcher", "leader") else "people"
    return replace(viewer_of(code, detail), name=name, role=role)  # type: ignore[arg-type]


DESK, WORKER, CHIEF = person("desk", "dispatcher"), person("worker", "grid_worker"), person("chief", "supervisor")


def ask(viewer: Viewer, number: str, step: str, version: int | None = None, key: str | None = None, **fields: Any) -> uuid.UUID:
    """Ask for a step, as the server does for this viewer; returns the id of the request."""
    made, body = uuid.uuid4(), {"step": step, "fields": fields, "version": version}
    told = json.dumps(body, sort_keys=True)
    with as_service(autocommit=True) as connection, connection.transaction():
        become(connection, viewer)
        found = connection.execute(_ASK, [made, key or str(made), told.encode(), told, number])
        assert found.rowcount == 1, f"{viewer.name} sees no case {number}"
    return made


def ask_report(viewer: Viewer, grid: str, key: str | None = None, **said: Any) -> uuid.UUID:
    """Ask for a new case in a cell."""
    made = uuid.uuid4()
    lon, lat = middle_of(grid)
    body = {"category": "env", "channel": "grid_worker", "title": "Rubbish", "lon": lon, "lat": lat, **said}
    told = json.dumps(body, sort_keys=True)
    with as_service(autocommit=True) as connection, connection.transaction():
        become(connection, viewer)
        connection.execute(_REPORT, [made, city.CITY, grid, key or str(made), told.encode(), told])
    return made


def middle_of(grid: str) -> tuple[float, float]:
    """Longitude and latitude of the middle of a cell."""
    west, south, east, north = city.box_of(grid)
    return (west + east) / 2, (south + north) / 2


def carry_out(connection: Connection, *ids: uuid.UUID) -> list[dict[str, Any]]:
    """Let the writer work, and read the outcomes of requests."""
    while write_city(connection, city.CITY):
        pass
    return outcomes(connection, ids)


def outcomes(connection: Connection, ids: Sequence[uuid.UUID]) -> list[dict[str, Any]]:
    """Outcomes of requests, in the order of their ids."""
    found = dict(connection.execute("SELECT id, outcome FROM case_request WHERE id = ANY(%s)", [list(ids)]).fetchall())
    return [found[one] for one in ids]


def take(connection: Connection, viewer: Viewer, number: str, step: str, version: int | None = None, **fields: Any) -> dict[str, Any]:
    """Ask for a step and carry it out; without a version: of the newest one."""
    if version is None:
        row = connection.execute("SELECT version FROM incident WHERE number = %s", [number]).fetchone()
        assert row
        version = row[0]
    return carry_out(connection, ask(viewer, number, step, version, **fields))[0]
