"""Has the reports of runs made and issued, each for the audience that its recipient belongs to. Those of one audience share a report.

Where somebody approves first, a report stays a preview until then: it is issued when it is let go, and never if it is not.
"""

import logging
from datetime import datetime, timedelta
from typing import Any

import psycopg
from psycopg.rows import dict_row

from data.core.errors import GridwellError
from data.database.connections import Connection
from data.deadlines.calendar import moment_of
from data.deadlines.store import read_calendar
from data.notices.sending import PAUSES_MIN
from data.reports.audience import Audience
from data.reports.issued import issue_as_owner
from data.reports.requests import Order, ask_report_as_owner
from data.reports.sending.model import HEAD, Recipient
from data.reports.sending.recipients import find_access, find_heads, find_viewer, is_empty
from data.reports.sending.runs import Due, add_heads

_log = logging.getLogger(__name__)

_MOST = 200
_MAKING = """
SELECT d.id, d.run, d.account, d.channel, d.target, d.area, d.lang, d.report, d.detail, d.tries, d.approved_by, r.due_at, r.period,
    r.first, r.last, s.id AS schedule, s.city, s.kind, s.figures_only, s.approval, s.send_empty, q.state AS request,
    q.problem ->> 'code' AS problem, p.id IS NOT NULL AS issued
FROM report_delivery d JOIN report_run r ON r.id = d.run JOIN report_schedule s ON s.id = r.schedule
LEFT JOIN report_request q ON q.id = d.report LEFT JOIN report p ON p.id = d.report
WHERE d.state = 'making' AND d.next_at <= %(now)s ORDER BY d.next_at, d.id LIMIT %(most)s
"""
# Held, so that a schedule that is switched off meanwhile stops it before, or after: nothing is issued for what was stopped.
_HOLD = "SELECT 1 FROM report_delivery WHERE id = %s AND state = 'making' FOR UPDATE"
# What is made anew has not been approved.
_MOVE = """
UPDATE report_delivery SET state = %(state)s, failure = %(failure)s, report = %(report)s, detail = %(detail)s, tries = %(tries)s,
    approved_by = CASE WHEN %(report)s::uuid IS NOT NULL THEN approved_by END, next_at = %(next_at)s, changed_at = %(now)s
WHERE id = %(id)s AND state = 'making'
"""
LOOK_AGAIN = timedelta(seconds=10)
"""What is being made is looked at so often."""


def prepare(connection: Connection, now: datetime) -> int:
    """Ask for reports, and issue those that are made; returns how many deliveries can be sent or wait for approval by now.

    Args:
        connection: the owner's, in autocommit.
        now: the moment.
    """
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_MAKING, {"now": now, "most": _MOST}).fetchall()
    ready = 0
    for row in rows:
        try:
            with connection.transaction():
                if connection.execute(_HOLD, [row["id"]]).fetchone() is None:
                    continue
                moved = _follow(connection, row, now) if row["report"] else _ask(connection, row, now)
                connection.execute(
                    _MOVE, {**_HELD, **{name: row[name] for name in ("report", "detail", "tries")}, **moved, "id": row["id"]}
                )
                ready += moved.get("state") in ("waiting", "approval")
        except (GridwellError, psycopg.Error) as error:
            if connection.closed:
                raise
            _log.error("a report of schedule %d cannot be made: %s", row["schedule"], type(error).__name__)
            connection.execute(_MOVE, {**_HELD, **_failed(row, "fault", now), "id": row["id"]})
    return ready


_HELD: dict[str, Any] = {"state": "making", "failure": None, "report": None, "detail": None, "tries": 0, "next_at": None, "now": None}


def _ask(connection: Connection, row: dict[str, Any], now: datetime) -> dict[str, Any]:
    if row["account"] == HEAD:
        return _look_for_head(connection, row, now)
    viewer = find_viewer(connection, row["account"])
    if viewer is None:
        return {"state": "refused", "failure": "no_account", "now": now}
    access = find_access(connection, viewer, row["area"])
    if access is None or access.city != row["city"]:
        return {"state": "refused", "failure": "no_rights", "now": now}
    if not row["send_empty"] and _nothing(connection, row):
        return {"state": "nothing", "now": now}
    cases = access.cases and not row["figures_only"]
    audience = Audience(row["city"], row["area"], "cases" if cases else "figures", access.cells, access.path, access.zone)
    order = Order(row["area"], row["kind"], row["period"], (), row["lang"], audience.detail)
    key = "|".join((row["due_at"].isoformat(), row["area"], row["lang"], audience.detail, str(row["tries"])))
    asked = ask_report_as_owner(connection, asker(row["schedule"]), order, audience, key)
    return {"report": asked, "detail": audience.detail, "next_at": now, "now": now}


def _follow(connection: Connection, row: dict[str, Any], now: datetime) -> dict[str, Any]:
    if row["issued"] or row["request"] == "done":
        if row["approval"] and row["approved_by"] is None:
            return {"state": "approval", "tries": 0, "now": now}
        if not row["issued"]:
            issue_as_owner(connection, row["report"], asker(row["schedule"]))
        return {"state": "waiting", "tries": 0, "next_at": now, "now": now}
    if row["request"] == "failed":
        return _failed(row, f"not_made_{row['problem'] or 'fault'}", now)
    # What is gone was forgotten while nobody looked: it is asked for anew.
    return {"next_at": now + LOOK_AGAIN, "now": now} if row["request"] else {"report": None, "detail": None, "next_at": now, "now": now}


def _failed(row: dict[str, Any], failure: str, now: datetime) -> dict[str, Any]:
    tries = row["tries"] + 1
    over = tries > len(PAUSES_MIN)
    again = None if over else now + timedelta(minutes=PAUSES_MIN[tries - 1])
    return {
        **{"state": "failed" if over else "making", "failure": failure[:60], "report": None, "detail": None},
        **{"tries": tries, "next_at": again, "now": now},
    }


def _look_for_head(connection: Connection, row: dict[str, Any], now: datetime) -> dict[str, Any]:
    """Somebody has asked again for whoever leads an area: what goes to those who do now takes the place of what told that nobody does."""
    heads = find_heads(connection, [row["area"]]).get(row["area"], [])
    if heads:
        due = Due(row["run"], row["schedule"], row["city"], row["due_at"])
        add_heads(connection, due, Recipient(row["account"], row["channel"], row["target"]), row["area"], heads, now)
        connection.execute("DELETE FROM report_delivery WHERE id = %s", [row["id"]])
    return {"state": "failed", "failure": "no_head", "now": now}


def _nothing(connection: Connection, row: dict[str, Any]) -> bool:
    zone = read_calendar(connection, row["city"]).zone
    end = moment_of(row["last"] + timedelta(days=1), 0, zone)
    return is_empty(connection, row["area"], moment_of(row["first"], 0, zone), end)


def asker(schedule: int) -> str:
    """As whom the reports of a schedule are asked for and issued: no account has such a name."""
    return f"schedule:{schedule}"
