"""Requests as the keeper reads them, and their outcomes."""

import json
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.rows import dict_row

from data.cases.refusals import Refusal
from data.cases.states import Actor, Event, Order
from data.core.roles import DB_ROLES, EVERYWHERE
from data.database.connections import Connection

EXPIRED_S = 60
"""A request that has waited so long is not carried out: whoever asked has given up long ago, or died."""
_KEPT = "1 minute"
_DETAILS = {role: detail for detail, role in DB_ROLES.items()}

# Skipping locked rows: somebody is giving up these right now.
_TAKE = """
SELECT no, id, asked_at < clock_timestamp() - %(expired)s * interval '1 second' AS expired, district, incident_id, reported_at, grid, key,
    part, hash, body, account, role, detail, scope, zone
FROM case_request WHERE city = %(city)s AND outcome IS NULL ORDER BY no LIMIT %(most)s FOR UPDATE SKIP LOCKED
"""
_KNOWN = """
SELECT i.account, i.key, i.part, i.hash, i.outcome FROM case_idempotency i
JOIN unnest(%s::text[], %s::text[], %s::int[]) k (account, key, part) USING (account, key, part)
"""
# JSON goes in binary form (%b): as text each of its quotes would be escaped.
_DONE = """
UPDATE case_request r SET outcome = o.outcome::jsonb, done_at = clock_timestamp()
FROM unnest(%s::bigint[], %b::text[]) o (no, outcome) WHERE r.no = o.no
"""
_REMEMBER = """
INSERT INTO case_idempotency (account, key, part, hash, outcome)
SELECT account, key, part, hash, outcome::jsonb
FROM unnest(%s::text[], %s::text[], %s::int[], %b::bytea[], %b::text[]) o (account, key, part, hash, outcome)
"""
_FORGET = f"DELETE FROM case_request WHERE done_at < clock_timestamp() - interval '{_KEPT}'"  # noqa: S608 - ours


@dataclass(frozen=True, slots=True)
class Request:
    """A step that somebody asks for.

    Attributes:
        no, id: its numbers.
        expired: whether it has waited too long.
        target: district, id and moment of reporting of the case; ``None`` for a new one.
        grid: the cell of a new case.
        key: account, idempotency key and part.
        hash: of what is asked.
        body: the rest of a new case; of others ``step``, ``fields`` and ``version``.
        actor: who asks.
        scope, zone: where the actor may work.
    """

    no: int
    id: uuid.UUID
    expired: bool
    target: tuple[str, int, datetime] | None
    grid: str | None
    key: tuple[str, str, int]
    hash: bytes
    body: dict[str, Any]
    actor: Actor
    scope: str
    zone: str

    def holds(self, path: str) -> bool:
        """Whether the actor's area alone holds whatever has this path; not said of a zone."""
        return not self.zone and (self.scope == EVERYWHERE or f"{path}.".startswith(f"{self.scope}."))

    @property
    def order(self) -> Order:
        """The order in the words of ``data.cases.life``."""
        return Order(self.body["step"], self.body.get("fields") or {}, self.body.get("version"))


Outcome = dict[str, Any]
"""What became of a request, as JSON: ``ok``, then number, version, stage and seq; or ``refusals`` and the events ``since``."""


def take_requests(connection: Connection, city: str, most: int) -> list[Request]:
    """Lock the waiting requests of a city, in the order in which they came."""
    rows = connection.cursor(row_factory=dict_row).execute(_TAKE, {"city": city, "most": most, "expired": EXPIRED_S})
    return [_make_request(row) for row in rows]


def _make_request(row: dict[str, Any]) -> Request:
    target = None if row["incident_id"] is None else (row["district"], row["incident_id"], row["reported_at"])
    actor = Actor(row["account"], row["role"], _DETAILS.get(row["detail"], "figures"))
    key = (row["account"], row["key"], row["part"])
    return Request(
        row["no"], row["id"], row["expired"], target, row["grid"], key, bytes(row["hash"]), row["body"], actor, row["scope"], row["zone"]
    )


def find_known(connection: Connection, requests: list[Request]) -> dict[tuple[str, str, int], tuple[bytes, Outcome]]:
    """Hash and outcome of requests whose idempotency key was used before."""
    accounts, keys, parts = tuple(zip(*(request.key for request in requests), strict=True)) or ((), (), ())
    rows = connection.execute(_KNOWN, [list(accounts), list(keys), list(parts)])
    return {(account, key, part): (bytes(digest), outcome) for account, key, part, digest, outcome in rows}


def store_outcomes(connection: Connection, outcomes: list[tuple[Request, Outcome]], fresh: set[int]) -> None:
    """Tell what became of requests; ``fresh`` are the numbers of those whose idempotency key is new."""
    told = [(request, json.dumps(outcome)) for request, outcome in outcomes]
    connection.execute(_DONE, [[request.no for request, _ in told], [outcome for _, outcome in told]])
    rows = [(*request.key, request.hash, outcome) for request, outcome in told if request.no in fresh]
    if rows:
        connection.execute(_REMEMBER, [list(column) for column in zip(*rows, strict=True)])


def forget_requests(connection: Connection) -> None:
    """Delete requests whose outcome nobody waits for any more."""
    connection.execute(_FORGET)


def refused(refusals: list[Refusal], **more: Any) -> Outcome:
    """The outcome of a step that is not taken."""
    return {"ok": False, "refusals": [refusal.to_json() for refusal in refusals], **more}


def describe_event(event: Event) -> dict[str, Any]:
    """An event in few words, for whoever was second."""
    return {"seq": event.seq, "at": event.at.isoformat(), "step": event.step, "stage": event.stage, "account": event.account}
