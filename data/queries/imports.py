"""Statements on imports and the rows that they rejected. They need the database role of stewards, see ``data.core.roles.IMPORTS``."""

from sqlalchemy import ColumnElement, column, func, select, table, true

from data.queries.expressions import Rows
from data.schema import city, import_run, reject

_locks = table("pg_locks", *(column(name) for name in ("locktype", "database", "classid", "objid", "granted")), schema="pg_catalog")
_databases = table("pg_database", column("oid"), column("datname"), schema="pg_catalog")
REJECTED = ("id", "source", "file", "line", "column_name", "value", "reason", "sentence", "wording", "facts")
"""Columns of a rejected row."""


def runs(lock: int, before: int | None, most: int) -> Rows:
    """The newest imports: what is kept of them without their report, its sums, and ``alive``.

    Args:
        lock: number of the lock that a running import holds.
        before: only imports with smaller numbers, for the next page.
        most: imports.
    """
    told = import_run.c.report
    parts = [
        *(told[name].as_integer().label(name) for name in ("read", "rejected", "same_as")),
        *(told[name].astext.label(name) for name in ("by", "machine")),
        told["dry_run"].as_boolean().label("dry_run"),
        told.has_key("files").label("files"),
    ]
    wanted = true() if before is None else import_run.c.id < before
    return _of(lock, *parts).where(wanted).order_by(import_run.c.id.desc()).limit(most)


def run(lock: int, number: int) -> Rows:
    """One import with its whole report."""
    return _of(lock, import_run.c.report).where(import_run.c.id == number)


def newest() -> Rows:
    """The number of the newest import."""
    return select(func.max(import_run.c.id).label("number"))


def reasons(number: int) -> Rows:
    """Reasons of the rejected rows of an import that are kept, and how many rows, the most frequent first."""
    counted = func.count().label("count")
    return (
        select(reject.c.reason, counted)
        .where(reject.c.run_id == number)
        .group_by(reject.c.reason)
        .order_by(counted.desc(), reject.c.reason)
    )


def rejected(number: int, reason: str, after: int, most: int) -> Rows:
    """Rejected rows of an import in the order of the files.

    Args:
        number: of the import.
        reason: only rows of this reason; empty for all.
        after: only rows with greater ids, for the next page.
        most: rows.
    """
    kept = reject.c
    wanted: list[ColumnElement[bool]] = [kept.run_id == number, kept.id > after, *([kept.reason == reason] if reason else [])]
    return select(*(kept[name] for name in REJECTED)).where(*wanted).order_by(kept.id).limit(most)


def _of(lock: int, *more: ColumnElement[object]) -> Rows:
    here = select(_databases.c.oid).where(_databases.c.datname == func.current_database()).scalar_subquery()
    alive = (
        select(_locks.c.objid)
        .where(_locks.c.locktype == "advisory", _locks.c.database == here, _locks.c.classid == lock)
        .where(_locks.c.objid == import_run.c.id, _locks.c.granted)
        .exists()
    )
    own = ("id", "city", "profile", "started_at", "finished_at", "outcome")
    named = [city.c.name, city.c.name_en, city.c.timezone]
    joined = import_run.outerjoin(city, city.c.code == import_run.c.city)
    return select(*(import_run.c[name] for name in own), *named, alive.label("alive"), *more).select_from(joined)
