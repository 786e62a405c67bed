"""Statements on the audit log. They need the database role of auditors, which can only read it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import LargeBinary, Text, bindparam, column, func, literal_column, select

from data.queries.expressions import Rows
from data.schema import audit_log
from data.schema.audit_actions import RETENTION

SHOWN = ("no", "at", "account", "role", "address", "action", "subject", "person", "purpose", "detail")
"""Columns of a row that people read."""
REVEALS = ("reveal_person", "reveal_reporter", "reveal_head", "reveal_unit")


def rows(
    since: datetime | None, until: datetime | None, account: str, actions: Sequence[str], person: str, before: int | None, most: int
) -> Rows:
    """The newest rows of a filter.

    Args:
        since: from this moment on.
        until: before this one.
        account: who did it.
        actions: one of these; an empty collection means any action.
        person: key of the person that the rows are about.
        before: only rows with smaller numbers, for the next page.
        most: rows.
    """
    log = audit_log.c
    wanted = [
        *([log.at >= since] if since else []),
        *([log.at < until] if until else []),
        *([log.account == account] if account else []),
        *([log.action.in_(actions)] if actions else []),
        *([log.person == person] if person else []),
        *([log.no < before] if before is not None else []),
    ]
    return _of(*wanted).order_by(log.no.desc()).limit(most)


def head() -> Rows:
    """Number and hash of the newest row."""
    return select(audit_log.c.no, audit_log.c.hash).order_by(audit_log.c.no.desc()).limit(1)


def about(person: str) -> Rows:
    """Who saw a person's data in full, and why; the oldest first."""
    return _of(audit_log.c.person == person, audit_log.c.action.in_(REVEALS)).order_by(audit_log.c.no)


def of_account(name: str, actions: Sequence[str], most: int) -> Rows:
    """The last rows about an account, the newest first."""
    log = audit_log.c
    return _of(log.action.in_(actions), log.subject == name).order_by(log.no.desc()).limit(most)


def lists(subjects: Sequence[str]) -> Rows:
    """Who saw lists of a building or cell, masked; the oldest first."""
    # The same expression as in the index, so that PostgreSQL uses it.
    return _of(literal_column("audit_log.action = 'list_people'"), audit_log.c.subject.in_(subjects)).order_by(audit_log.c.no)


def reports(most: int) -> Rows:
    """Reports of the last runs of the retention job, the newest first."""
    return _of(audit_log.c.action.in_(RETENTION)).order_by(audit_log.c.no.desc()).limit(most)


def record_of() -> Rows:
    """Find the person of an access record by ``what``: key, id or phone. PostgreSQL checks purpose and rate, and writes the audit row."""
    names = "person", "name_shown", "home", "cell"
    given = (bindparam(name, type_=Text) for name in ("what", "key"))
    told = (bindparam(name, type_=Text) for name in ("shown", "purpose"))
    called = func.access_record_of(*given, bindparam("hash", type_=LargeBinary), *told)
    return select(called.table_valued(*(column(name, Text) for name in names)))


def _of(*wanted: Any) -> Rows:
    return select(*(audit_log.c[name] for name in SHOWN)).where(*wanted)
