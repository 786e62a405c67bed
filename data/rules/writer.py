"""The one place that changes rules that people ask for: a thread of the keeper takes the requests one after the other."""

import json
import logging
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime

import psycopg
from psycopg.rows import dict_row

from data.auditing.owner_entries import KEEPER, append_as_owner
from data.core.i18n import t
from data.database.connections import Connection
from data.database.locks import CHANGING_RULES
from data.database.one_writer import OneWriter, run_writer
from data.deadlines.recomputing import recompute
from data.deadlines.working_time import NoWorkingTime
from data.rules.changing import ChangeRequest, Outcome, carry_out

_log = logging.getLogger(__name__)

REQUESTS = "gridwell_rule_requests"
"""Channel on which requests are announced; the messages are empty."""
SESSION = "gridwell rules"
LOOK_S = 2.0
EXPIRED_S = 120
"""A request that has waited so long is not carried out: whoever asked has given up."""
_LIMITS = "SET lock_timeout = '10s'; SET statement_timeout = '120s'; SET jit = off"
_TAKE = f"""
SELECT no, city, kind, body, account, role, detail, asked_at < clock_timestamp() - interval '{EXPIRED_S} seconds' AS expired
FROM rule_request WHERE outcome IS NULL ORDER BY no LIMIT 1 FOR UPDATE SKIP LOCKED
"""  # noqa: S608 - ours
_DONE = "UPDATE rule_request SET outcome = %s::jsonb, done_at = clock_timestamp() WHERE no = %s"
_FORGET = "DELETE FROM rule_request WHERE done_at < clock_timestamp() - interval '5 minutes'"
_RULED = "SELECT DISTINCT city FROM deadline_rule ORDER BY city"


def write_next(connection: Connection) -> bool:
    """Carry out the oldest request; returns whether there was one.

    Args:
        connection: the owner's, in autocommit.
    """
    with connection.transaction():
        row = connection.cursor(row_factory=dict_row).execute(_TAKE).fetchone()
        if row is None:
            return False
        request = ChangeRequest(**{name: row[name] for name in ("city", "kind", "body", "account", "role", "detail")})
        outcome = _failed(request, "not_done") if row["expired"] else _carry_out(connection, request)
        connection.execute(_DONE, [json.dumps(outcome), row["no"]])
    return True


def _carry_out(connection: Connection, request: ChangeRequest) -> Outcome:
    try:
        with connection.transaction():
            return carry_out(connection, request)
    except psycopg.OperationalError as error:
        if connection.broken:
            raise
        _log.warning("rules of %s could not be changed: %s", request.city, error)
        return _failed(request, "not_done")
    except Exception:
        _log.exception("a change of rules of %s failed", request.city)
        return _failed(request, "unforeseen")


def _failed(request: ChangeRequest, code: str) -> Outcome:
    sentences = {
        "not_done": t(request.lang, "Nothing was changed, because the city is being changed by somebody else. Try again in a moment."),
        "unforeseen": t(request.lang, "Something went wrong on the server, and has been logged. Please try again."),
    }
    return {"status": 503 if code == "not_done" else 500, "body": {"error": {"code": code, "sentence": sentences[code], "facts": {}}}}


def give_missing_deadlines(connection: Connection, now: datetime) -> dict[str, int]:
    """Deadlines for open cases that follow no rule yet, or are not filed: a rule may hold for them since an upgrade or an import.

    Returns:
        How many cases got another deadline, by city; only cities where any did.
    """
    changed: dict[str, int] = {}
    for (city,) in connection.execute(_RULED).fetchall():
        try:
            with connection.transaction():
                touched = recompute(connection, city, now, rules=[]).touched
                if touched:
                    append_as_owner(connection, "deadline_rules", city, {"cases": touched}, by=KEEPER)
                    changed[city] = touched
        except (psycopg.Error, NoWorkingTime) as error:
            _log.warning("deadlines of %s could not be worked out: %s", city, error)
    return changed


class RuleWriter(OneWriter):
    """Carries out requests until it is closed, in a thread of its own."""

    session, lock, channel, limits, look_s = SESSION, CHANGING_RULES, REQUESTS, _LIMITS, LOOK_S
    failing = "rules cannot be changed, trying again in %.1f s: %s"

    def begin(self, connection: Connection) -> None:
        """Cases that were left without a deadline by an upgrade or an import get theirs."""
        give_missing_deadlines(connection, datetime.now(UTC))

    def look(self, connection: Connection) -> None:
        """Carry out the oldest request; where there is none, wait for news."""
        if not write_next(connection):
            connection.execute(_FORGET)
            for _ in connection.notifies(timeout=LOOK_S, stop_after=1):
                pass


def run_rule_writer() -> AbstractAsyncContextManager[None]:
    """Let the writer work for as long as the block lasts."""
    return run_writer(RuleWriter())
