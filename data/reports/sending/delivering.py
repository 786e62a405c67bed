"""Sends what is made: rights are asked again before each try, a try is noted before it is made, and what became of it is told.

A try whose answer was lost, or during which this process ended, is uncertain: it is made again with the same Message-ID, by which the
receiver's server knows it.
"""

import logging
import ssl
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from psycopg.rows import dict_row

from data.accounts.secret_values import hash_value, random_value
from data.auditing.owner_entries import append_as_owner
from data.database.connections import Connection
from data.notices.account import hide_receiver
from data.notices.failures import NotSent
from data.notices.sending import PAUSES_MIN
from data.reports.sending import channels
from data.reports.sending.letters import Parcel
from data.reports.sending.preparing import asker
from data.reports.sending.recipients import may_receive

_log = logging.getLogger(__name__)

MOST = 50
FILE_AGAIN = timedelta(seconds=15)
"""A file that is still being written is looked for so often."""
_TAKE = """
UPDATE report_delivery SET state = 'sending', tries = tries + 1, changed_at = %(now)s,
    next_at = %(now)s::timestamptz + make_interval(mins => (%(pauses)s::int[])[least(tries + 1, %(last)s)])
WHERE id = (
    SELECT id FROM report_delivery WHERE state IN ('waiting', 'uncertain') AND next_at <= %(now)s AND channel <> ALL(%(shut)s)
        AND target <> ALL(%(silent)s)
    ORDER BY next_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING id
"""
_TAKEN = """
SELECT d.id, d.account, d.channel, d.target, d.area, d.lang, d.report, d.detail, d.tries, d.next_at, r.due_at, r.period, s.id AS schedule,
    s.name, s.kind, c.timezone, p.facts, f.content AS pdf, w.problem IS NOT NULL AS unwritable
FROM report_delivery d JOIN report_run r ON r.id = d.run JOIN report_schedule s ON s.id = r.schedule JOIN city c ON c.code = s.city
LEFT JOIN report p ON p.id = d.report LEFT JOIN report_file f ON f.report = d.report AND f.form = 'pdf'
LEFT JOIN report_wish w ON w.id = d.report AND w.form = 'pdf'
WHERE d.id = %s AND d.state = 'sending'
"""
_KEY = "UPDATE report_delivery SET tokens = tokens || %s::bytea WHERE id = %s"
# What its schedule stopped meanwhile is tried no more; if this try has sent it, nothing was stopped.
_END = """
UPDATE report_delivery SET failure = %(failure)s, sent_at = %(sent_at)s, tries = %(tries)s, changed_at = %(now)s,
    state = CASE WHEN stopped_at IS NOT NULL AND %(goes_on)s THEN 'stopped' ELSE %(state)s END,
    next_at = CASE WHEN stopped_at IS NULL THEN %(next_at)s::timestamptz END,
    stopped_at = CASE WHEN %(stays)s THEN stopped_at END, stopped_by = CASE WHEN %(stays)s THEN stopped_by END,
    stopped_why = CASE WHEN %(stays)s THEN stopped_why END
WHERE id = %(id)s AND state = 'sending' RETURNING state
"""
_WISH = "INSERT INTO report_wish (id, form) VALUES (%s, 'pdf') ON CONFLICT DO NOTHING"
# Where it could be tried no more, it stays uncertain.
_INTERRUPTED = """
UPDATE report_delivery SET state = 'uncertain', failure = 'interrupted',
    next_at = CASE WHEN tries <= %(last)s AND stopped_at IS NULL THEN %(now)s::timestamptz END,
    changed_at = %(now)s WHERE state = 'sending'
"""


def take_over(connection: Connection, now: datetime) -> int:
    """What was being sent when the process before this one ended is uncertain; only for whoever holds ``SENDING_REPORTS``."""
    return connection.execute(_INTERRUPTED, {"now": now, "last": len(PAUSES_MIN)}).rowcount


def send_due(
    connection: Connection, now: datetime, context: ssl.SSLContext | None = None, ending: Callable[[], bool] = lambda: False
) -> dict[str, int]:
    """Send what is due; returns how many came to which state.

    Args:
        connection: the owner's, in autocommit.
        now: the moment.
        context: for certificates of mail servers.
        ending: asked before each one; true ends the round.
    """
    came: dict[str, int] = {}
    shut: list[str] = []
    silent: list[str] = []
    for _ in range(MOST):
        if ending():
            break
        bound = {"now": now, "pauses": list(PAUSES_MIN), "last": len(PAUSES_MIN), "shut": shut, "silent": silent}
        taken = connection.execute(_TAKE, bound).fetchone()
        if taken is None:
            break
        with connection.cursor(row_factory=dict_row) as cursor:
            row = cursor.execute(_TAKEN, [taken[0]]).fetchone()
        if row is None:
            continue
        end = _try(connection, row, now, context)
        with connection.transaction():
            values = {"failure": None, "next_at": None, "sent_at": None, "tries": row["tries"], **end, "id": row["id"], "now": now}
            values |= {"goes_on": end["state"] in ("waiting", "making"), "stays": end["state"] in ("waiting", "making", "uncertain")}
            ended = connection.execute(_END, values).fetchone()
            if end["state"] == "sent":
                _note(connection, row)
        if end.get("failure") == "no_answer":  # the others wait for the next round, and not for an answer each
            if row["channel"] == "mail":
                shut.append("mail")
            else:
                silent.append(row["target"])
        state = ended[0] if ended else end["state"]
        came[state] = came.get(state, 0) + 1
    return came


def _try(connection: Connection, row: dict[str, Any], now: datetime, context: ssl.SSLContext | None) -> dict[str, Any]:
    """One try; returns what the delivery becomes."""
    if row["report"] is None or row["facts"] is None:
        return {"state": "making", "next_at": now, "tries": 0}
    with connection.transaction():
        viewer = may_receive(connection, row["account"], row["area"], row["detail"])
    if viewer is None:
        return {"state": "refused", "failure": "no_rights"}
    needed = channels.needs_file(row["channel"], row["detail"])
    if needed and row["pdf"] is None:
        connection.execute(_WISH, [row["report"]])
        if row["unwritable"]:
            return _failed(row, NotSent("not_written"))
        return {"state": "waiting", "next_at": now + FILE_AGAIN, "tries": row["tries"] - 1}
    key = random_value()
    connection.execute(_KEY, [hash_value(key), row["id"]])
    names = ("account", "report", "kind", "area", "period", "facts", "detail", "lang", "due_at", "timezone")
    told = {name: row[name] for name in names}
    parcel = Parcel(delivery=row["id"], schedule=row["name"], key=key, pdf=bytes(row["pdf"]) if needed else None, **told)
    try:
        channels.send(row["channel"], row["target"], parcel, now, context)
    except NotSent as error:
        return _failed(row, error)
    except Exception as error:  # whatever one of them does: the others must not wait for it
        _log.error("a report of schedule %d cannot be sent: %s", row["schedule"], type(error).__name__)
        return _failed(row, NotSent("fault", uncertain=True))
    return {"state": "sent", "sent_at": now}


def _failed(row: dict[str, Any], error: NotSent) -> dict[str, Any]:
    if error.final:
        return {"state": "refused", "failure": error.code}
    over = row["tries"] > len(PAUSES_MIN)
    if error.uncertain:
        return {"state": "uncertain", "failure": error.code, "next_at": None if over else row["next_at"]}
    return {"state": "failed" if over else "waiting", "failure": error.code, "next_at": None if over else row["next_at"]}


def _note(connection: Connection, row: dict[str, Any]) -> None:
    told = {"report": str(row["report"]), "account": row["account"], "channel": row["channel"], "tries": row["tries"]}
    to = row["target"] if row["channel"] == "folder" else hide_receiver(row["channel"], row["target"])
    append_as_owner(connection, "report_sent", row["area"], {**told, "to": to}, asker(row["schedule"]))
