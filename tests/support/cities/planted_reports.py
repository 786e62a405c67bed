"""Issued reports that a test's database has from the beginning: figures of an area, with its code as title and a small file."""

import uuid
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from reports.content import Report
from reports.making import pack

_NAMESPACE = uuid.UUID("b7a6c1de-0000-4000-8000-000000000000")
PDF = b"%PDF-1.7 planted"


def report_of(code: str) -> str:
    """Id of the report that is planted for an area."""
    return str(uuid.uuid5(_NAMESPACE, code))


def plant_report(connection: psycopg.Connection[Any], code: str) -> str:
    """Issue a report of an area's figures; returns its id."""
    days = {"first": "2026-10-01", "last": "2026-10-31", "as_of": "2026-10-31T20:00:00+08:00"}
    facts = {"title": code, "area_name": code, "period": code, "days": "", "code": "2026-10", "data_version": 1, **days}
    told: dict[str, Any] = {"id": report_of(code), "code": code, "facts": Jsonb(facts)}
    held = Report("monthly", "zh", code, code, code, code, "month", days["first"], days["last"], code, "", days["as_of"], 1, ())
    told["content"] = pack(held)
    connection.execute(
        "INSERT INTO report (id, city, area, kind, lang, beside, first, last, detail, scope, figures, zone, facts, content, sha256,"
        " made_at, issuer) SELECT %(id)s, a.city, a.code, 'monthly', 'zh', '{}', '2026-10-01', '2026-10-31', 'figures',"
        " CASE WHEN a.level = 'zone' THEN (SELECT lca(array_agg(g.path)) FROM zone_member m JOIN area g ON g.code = m.grid"
        " WHERE m.zone = a.code) ELSE a.path END, a.path, CASE WHEN a.level = 'zone' THEN a.code END, %(facts)s, %(content)s,"
        " sha256(%(content)s), now(), 'planted' FROM area a WHERE a.code = %(code)s",
        told,
    )
    connection.execute(
        "INSERT INTO report_file (report, form, content, sha256) VALUES (%(id)s, 'pdf', %(pdf)s, sha256(%(pdf)s))", {**told, "pdf": PDF}
    )
    return report_of(code)


def plant_delivery(connection: psycopg.Connection[Any], report: str, account: str) -> None:
    """Let a schedule have sent a planted report to an account."""
    values = {"report": report, "account": account, "rhythm": Jsonb({"every": "month", "at_min": 480})}
    schedule = connection.execute(
        "INSERT INTO report_schedule (city, name, kind, step, area, rhythm, figures_only, approval, send_empty, recipients,"
        " off_at, changed_by) SELECT city, 'planted', kind, 'month', area, %(rhythm)s, true, false, true, '[]', now(), 'planted'"
        " FROM report WHERE id = %(report)s RETURNING id",
        values,
    ).fetchone()
    assert schedule
    run = connection.execute(
        "INSERT INTO report_run (schedule, due_at, period, first, last, begun_at) VALUES (%s, now(), '2026-10', '2026-10-01', '2026-10-31',"
        " now()) RETURNING id",
        [schedule[0]],
    ).fetchone()
    assert run
    connection.execute(
        "INSERT INTO report_delivery (id, run, account, channel, target, area, lang, report, detail, state, sent_at)"
        " SELECT gen_random_uuid(), %(run)s, %(account)s, 'mail', 'planted@example.org', area, 'zh', id, 'figures', 'sent', now()"
        " FROM report WHERE id = %(report)s",
        {**values, "run": run[0]},
    )
