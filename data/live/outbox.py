"""The outbox: whoever changes something writes here, in its own transaction, what listeners will be told of it.

So a change and its event are committed together or not at all. ``data.live.sequencer`` then numbers the rows in the order in which they
became visible, and only numbered rows are ever told.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from data.database.arrays import write_text
from data.database.connections import Connection
from data.schema.common import area_code

WRITTEN = "gridwell_outbox"
"""The channel on which the sequencer hears that there are rows to number."""

_APPEND = """
INSERT INTO live_event (city, kind, district, incident_id, number, grid, path, units, category, body)
SELECT city, 'case', district, incident, number, grid, path::ltree, units::text[], category, body::jsonb
FROM unnest(%(city)s::text[], %(district)s::text[], %(incident)s::bigint[], %(number)s::text[], %(grid)s::text[], %(path)s::text[],
    %(units)s::text[], %(category)s::text[], %(body)b::text[])
    e (city, district, incident, number, grid, path, units, category, body)
"""
_FIGURES = """
INSERT INTO live_event (city, kind, body) SELECT code, 'figures', jsonb_build_object('versions', versions) FROM city WHERE code = %s
"""
_NOTIFY = "SELECT pg_notify(%s, '')"


@dataclass(frozen=True, slots=True)
class CaseChange:
    """One step of one case, as it stands after the step. It holds nothing about people: neither texts nor who acted.

    Attributes:
        city: code.
        district: with ``incident_id`` the key of the incident.
        incident_id: see there.
        number: that people quote.
        grid: code of the cell it stands in.
        path: of that cell, as ltree text.
        category: of subject incident.
        severity: 1 (critical) to 4 (minor).
        stage: after the step.
        state: its deadline's state after the step, one of ``DEADLINE_STATES``; ``None`` where it has none.
        version: of the case after the step, which is the number of its newest event.
        step: what was done.
        at: when it was done.
        left: a step moved the case away from ``grid``, or out of ``category``: whoever sees no other event of it sees it no more.
        units: codes of the units that were responsible before and after it; they are told of it wherever it is.
    """

    city: str
    district: str
    incident_id: int
    number: str
    grid: str
    path: str
    category: str
    severity: int
    stage: str
    state: str | None
    version: int
    step: str
    at: datetime
    left: bool = False
    units: tuple[str, ...] = ()

    @property
    def body(self) -> dict[str, object]:
        """What listeners get."""
        return {
            "city": self.city,
            "number": self.number,
            "step": self.step,
            "stage": self.stage,
            "state": self.state,
            "version": self.version,
            "severity": self.severity,
            "category": self.category,
            "grid": self.grid,
            "path": [area_code(label) for label in self.path.split(".")],
            "at": self.at.isoformat(),
            "left": self.left,
        }


def append_figures(connection: Connection, city: str) -> None:
    """Write an event of kind ``figures`` with the versions of a city's data as they stand in the caller's transaction.

    It does not name the city to listeners, because everybody gets it. One stands for any number of changes: an import writes one, not one
    for each case.
    """
    connection.execute(_FIGURES, [city])
    connection.execute(_NOTIFY, [WRITTEN])


def _array(texts: Sequence[str]) -> str:
    """An array of texts as PostgreSQL reads it: in an array of arrays, all would have to be of the same length."""
    return "{" + ",".join(map(write_text, texts)) + "}"


def append_events(connection: Connection, rows: Sequence[CaseChange]) -> None:
    """Write events in the caller's transaction; listeners get them when it is committed, and never if it is not.

    Of one case, write the events in the order of its steps, while nobody else can change it (the city's lock is held).

    Args:
        connection: the owner's, in the transaction that makes the changes.
        rows: what changed; with none nothing happens.
    """
    if not rows:
        return
    connection.execute(
        _APPEND,
        {
            "city": [row.city for row in rows],
            "district": [row.district for row in rows],
            "incident": [row.incident_id for row in rows],
            "number": [row.number for row in rows],
            "grid": [row.grid for row in rows],
            "path": [row.path for row in rows],
            "units": [_array(row.units) if row.units else None for row in rows],
            "category": [row.category for row in rows],
            "body": [json.dumps(row.body) for row in rows],
        },
    )
    connection.execute(_NOTIFY, [WRITTEN])
