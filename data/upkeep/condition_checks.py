"""The looks at an installation that ``data.upkeep.conditions`` tells of: disks, keys, retention, backups, archive, audit log, imports."""

import shutil
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

from data.auditing.anchors import anchor_file
from data.core.errors import GridwellError
from data.core.settings import settings
from data.core.timezones import zone
from data.database.connections import Connection, connect
from data.database.socket import paths
from data.notices.account import NoticeAccount, read_account
from data.privacy.key_checks import check_keys, holds_sealed
from data.privacy.keys import KeysMissing
from data.upkeep.conditions import Conditions, Reason
from data.upkeep.newest_backup import newest_verified
from data.upkeep.plausible_time import doubt_clock

LEAST_FREE, LEAST_SHARE, AMPLE_FREE = 2_000_000_000, 0.05, 20_000_000_000
"""A disk is nearly full below so many bytes, or below this share unless so many bytes are free."""
HEADS_S = 3 * 3600
"""Heads of the audit log are stored once an hour."""

STANDS_S, SLOW_S, RESTING_S = 300, 3600, 120
"""A report that waits is told of after five minutes in which no printer worked, and after an hour in any case. A printer that made one
within two minutes works."""

Found = tuple[list[Reason], dict[str, float]]


def look(now: float) -> Conditions:
    """Look at everything.

    Args:
        now: the moment, in seconds since 1970.
    """
    reasons, figures = _disks()
    clock, notices = "UTC", NoticeAccount()
    try:
        with connect(autocommit=True, name="gridwell status") as connection:
            connection.execute("SET statement_timeout = '20s'")
            clock, notices = _zone(connection), read_account(connection)
            for check in (_keys, _date, _retention, _backup, _archive, _audit_heads, _imports, _notices, _reports, _printer):
                more, numbers = check(connection, now)
                reasons, figures = reasons + more, figures | numbers
    except psycopg.Error:
        reasons.append(Reason("database_away"))
    figures["database_up"] = float(not any(reason.code == "database_away" for reason in reasons))
    return Conditions(now, tuple(reasons), figures, clock, notices)


def _disks() -> Found:
    reasons: list[Reason] = []
    free = []
    for folder in {settings().home, paths(settings().home).base}:
        try:
            usage = shutil.disk_usage(folder)
        except OSError:
            continue
        free.append(usage.free)
        if usage.free < LEAST_FREE or usage.free < min(LEAST_SHARE * usage.total, AMPLE_FREE):
            reasons.append(Reason("disk_nearly_full", {"folder": str(folder), "free_gb": f"{usage.free / 1e9:.1f}"}))
    return reasons, {"disk_free_bytes": float(min(free))} if free else {}


def _keys(connection: Connection, now: float) -> Found:
    try:
        check_keys(connection)
    except KeysMissing as error:
        return ([Reason("keys_trouble", {"reason": str(error)})] if holds_sealed(connection) else []), {}
    except GridwellError as error:
        return [Reason("keys_trouble", {"reason": str(error)})], {}
    return [], {}


def _date(connection: Connection, now: float) -> Found:
    doubt = doubt_clock(connection, datetime.fromtimestamp(now, UTC))
    return ([Reason("date_doubtful")] if doubt is not None else []), {}


def _retention(connection: Connection, now: float) -> Found:
    rows = connection.execute(
        "SELECT c.code, l.action FROM city c CROSS JOIN LATERAL (SELECT action FROM audit_log"
        " WHERE action IN ('retention', 'retention_failed', 'retention_held') AND subject = c.code ORDER BY no DESC LIMIT 1) l"
    ).fetchall()
    failed = [Reason("retention_failed", {"city": code}) for code, action in rows if action == "retention_failed"]
    held = [Reason("retention_held")] if any(action == "retention_held" for _, action in rows) else []
    return failed + held, {"retention_failed_cities": float(len(failed))}


def _backup(connection: Connection, now: float) -> Found:
    """The newest verified backup; data of the demo city needs none, and 0 hours switch the question off."""
    made = newest_verified(connection)
    newest = None if made is None else made.timestamp()
    figures = {} if newest is None else {"backup_age_seconds": now - newest}
    limit_h = settings().backup_hours
    real = connection.execute("SELECT 1 FROM city WHERE NOT is_demo LIMIT 1").fetchone() is not None
    if not limit_h or not real:
        return [], figures
    if newest is None:
        return [Reason("backup_missing")], figures
    late = now - newest > limit_h * 3600
    return ([Reason("backup_late", {"hours": round((now - newest) / 3600)})] if late else []), figures


def _archive(connection: Connection, now: float) -> Found:
    row = connection.execute(
        "SELECT last_failed_time FROM pg_stat_archiver WHERE last_failed_time > coalesce(last_archived_time, '-infinity')"
    ).fetchone()
    if row is None:
        return [], {}
    return [Reason("archive_failing", {"since": f"{row[0].astimezone(zone(_zone(connection))):%Y-%m-%d %H:%M %Z}"})], {}


def _notices(connection: Connection, now: float) -> Found:
    """Messages that were given up within a day, or that failed at least three times and still wait."""
    rows = connection.execute(_NOTICES, [datetime.fromtimestamp(now, UTC)]).fetchall()
    unset = sum(count for failure, count in rows if failure == "not_set")
    failing = [(failure, count) for failure, count in rows if failure != "not_set"]
    reasons = [Reason("notices_not_set", {"count": unset})] if unset else []
    if failing:
        reasons.append(Reason("notices_failing", {"count": sum(count for _, count in failing), "failure": failing[0][0]}))
    return reasons, {"notices_failing": float(sum(count for _, count in rows))}


_NOTICES = """
SELECT coalesce(failure, '-'), count(*)::int FROM notice
WHERE sent_at IS NULL AND (given_up_at > %s::timestamptz - interval '1 day' OR given_up_at IS NULL AND tries >= 3)
GROUP BY failure ORDER BY max(next_at) DESC
"""


def _reports(connection: Connection, now: float) -> Found:
    """Reports of schedules that were not sent within a day, or that failed at least three times and still wait."""
    row = connection.execute(_UNSENT, [datetime.fromtimestamp(now, UTC)]).fetchone()
    count = row[0] if row else 0
    return ([Reason("reports_failing", {"count": count})] if count else []), {"reports_failing": float(count)}


_UNSENT = """
SELECT count(*)::int FROM report_delivery WHERE changed_at > %s::timestamptz - interval '1 day'
    AND (state IN ('failed', 'refused', 'uncertain') OR failure IS NOT NULL AND tries >= 3 AND state IN ('making', 'waiting'))
"""


def _printer(connection: Connection, now: float) -> Found:
    """What waits to be made or written: too long while no printer works, or too long whatever it does."""
    row = connection.execute(_QUEUE, {"now": datetime.fromtimestamp(now, UTC), "resting": timedelta(seconds=RESTING_S)}).fetchone()
    count, oldest, works = row or (0, None, True)
    age = 0.0 if oldest is None else max(0.0, now - oldest.timestamp())
    late = age > (SLOW_S if works else STANDS_S)
    figures = {"reports_waiting": float(count), "report_wait_seconds": age}
    return ([Reason("reports_waiting", {"minutes": round(age / 60)})] if late else []), figures


_QUEUE = """
WITH waiting AS (
    SELECT asked_at AS since FROM report_request WHERE state = 'queued' OR state = 'making' AND lease_until < %(now)s
    UNION ALL SELECT wished_at FROM report_wish WHERE problem IS NULL AND (lease_until IS NULL OR lease_until < %(now)s))
SELECT count(*)::int, min(since), EXISTS (SELECT FROM report_request WHERE lease_until >= %(now)s OR done_at > %(now)s - %(resting)s)
    OR EXISTS (SELECT FROM report_wish WHERE lease_until >= %(now)s) FROM waiting
"""


def _audit_heads(connection: Connection, now: float) -> Found:
    """Heads are stored when the log has grown: they are stale if a row is older than the limit and newer than the file."""
    stored = anchor_file().stat().st_mtime if anchor_file().exists() else 0.0
    limit = datetime.fromtimestamp(now - HEADS_S, UTC)
    newest = _seconds(connection, "SELECT at FROM audit_log WHERE at < %s ORDER BY no DESC LIMIT 1", limit)
    stale = newest is not None and newest > stored
    hours = round((now - max(stored, newest or 0.0)) / 3600)
    return ([Reason("audit_heads_stale", {"hours": hours})] if stale else []), {"audit_head_age_seconds": now - stored} if stored else {}


def _imports(connection: Connection, now: float) -> Found:
    row = connection.execute(
        "SELECT outcome <> 'failed', extract(epoch FROM finished_at)::float8 FROM import_run"
        " WHERE finished_at IS NOT NULL AND outcome <> 'dry_run' ORDER BY id DESC LIMIT 1"
    ).fetchone()
    return [], {} if row is None else {"import_last_succeeded": float(row[0]), "import_last_timestamp_seconds": float(row[1])}


def _zone(connection: Connection) -> str:
    """Name of the zone of the city shown first; UTC where there is no city."""
    row = connection.execute(
        "SELECT timezone FROM city ORDER BY code <> coalesce(%s, ''), is_demo, code LIMIT 1", [settings().city]
    ).fetchone()
    return str(row[0]) if row else "UTC"


def _seconds(connection: Connection, query: Any, *values: object) -> float | None:
    row = connection.execute(query, values).fetchone()
    return None if row is None or row[0] is None else float(row[0].timestamp())
