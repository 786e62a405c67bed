"""The row in ``import_run`` that every import has, however it ends; and whether the same files were imported before."""

import hashlib
import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from data import schema
from data.auditing.owner_entries import append_as_owner, operator_name
from data.core.settings import ROOT
from data.core.text import as_one_line
from data.core.version import product_version
from data.database.connections import connect
from data.database.locks import IMPORTING
from data.geo import leaf_join
from data.importing.common.sentences import FileProblem, Sentence
from data.importing.files.file_patterns import find_files, list_parts, open_parts
from data.importing.landing.staging import Changes
from data.importing.profile.model import Profile
from data.importing.rows.rejects import Ledger

_CHUNK = 1 << 22
_BY_THE_CLOCK = {"future_date", "future_dropped"}
"""Reasons that depend on the moment of the import."""


def describe_origin(folder: Path) -> dict[str, object]:
    """Who imports, on which machine, and from which folder: kept from the beginning, so that it is known of a broken-off import too."""
    return {"by": operator_name(), "machine": as_one_line(socket.gethostname()), "folder": as_one_line(str(folder))}


@contextmanager
def open_run(city: str, profile: str, origin: Mapping[str, object]) -> Iterator[int]:
    """Insert the row of a run and hold a lock on it as long as this process lives; yields its number.

    Earlier runs that are marked as running but whose lock nobody holds were broken off: they are marked as failed first.
    """
    with connect(autocommit=True) as guard:
        with guard.transaction():
            row = guard.execute(
                "INSERT INTO import_run (city, profile, outcome, report) VALUES (%s, %s, 'running', %s) RETURNING id",
                [city, profile, Jsonb(dict(origin))],
            ).fetchone()
            assert row is not None  # noqa: S101  RETURNING gives a row
            guard.execute("SELECT pg_advisory_lock(%s, %s)", [IMPORTING, row[0]])
        _note_broken_off(guard, row[0])
        yield int(row[0])


def _note_broken_off(guard: psycopg.Connection, own: int) -> None:
    running = guard.execute("SELECT id FROM import_run WHERE outcome = 'running' AND id <> %s ORDER BY id", [own]).fetchall()
    for (number,) in running:
        guard.execute(
            "UPDATE import_run SET outcome = 'failed', finished_at = now(), report = report || %s"
            " WHERE id = %s AND outcome = 'running' AND pg_try_advisory_xact_lock(%s, %s)",
            [Jsonb({"sentences": [Sentence("broken_off").both()]}), number, IMPORTING, number],
        )


def close_run(run: int, city: str, outcome: str, report: dict[str, Any], ledger: Ledger, lang: str) -> None:
    """Store the outcome of a run and its rejected rows; a run that changed nothing is also noted in the audit log here."""
    with connect() as connection:
        if outcome != "loaded":
            note_run(connection, run, city, outcome, len(ledger.rejects))
        connection.execute(
            "UPDATE import_run SET finished_at = now(), outcome = %s, report = %s WHERE id = %s", [outcome, Jsonb(report), run]
        )
        columns = ("run_id", "source", "file", "line", "column_name", "value", "reason", "sentence", "wording", "facts")
        rows = (
            (run, r.source, r.file, r.line, r.column, r.value, r.reason, r.sentence.tell(lang), r.sentence.wording, Jsonb(r.more_facts()))
            for r in ledger.list_in_order()
        )
        leaf_join.copy_rows(connection, schema.reject, columns, rows)


def note_run(
    connection: psycopg.Connection, run: int, city: str, outcome: str, rejected: int, changes: Mapping[str, Changes] | None = None
) -> None:
    """Note a run in the audit log, in the transaction of its changes: no change without a note. Of people it gives no number."""
    more = {"register": "changed"} if (changes or {}).get("person", Changes()).any else {}
    append_as_owner(connection, "import", city, {"run": run, "outcome": outcome, "rejected": rejected, **more})


def describe_breakdown(error: BaseException) -> Sentence:
    """What the report says of an import that ended with an exception. Texts of others than the database's may quote rows, and stay out."""
    if isinstance(error, psycopg.Error):
        lines = str(error).strip().splitlines() or [type(error).__name__]
        return Sentence("database_stopped", {"reason": lines[0]})
    if isinstance(error, KeyboardInterrupt):
        return Sentence("stopped_by_hand")
    return Sentence("program_fault", {"fault": type(error).__name__})


# -- the same again? ---------------------------------------------------------------------------------------------------


def fingerprint_files(profile: Profile, folder: Path, max_rejected: str | None) -> str:
    """A digest of profile, files and our code: with the data already stored, they determine the result of an import."""
    told = hashlib.blake2b(digest_size=20)
    for text in (product_version(), _code(), profile.model_dump_json(), str(max_rejected)):
        told.update(f"{len(text)}:{text}".encode())
    for source in profile.sources():
        for path, file in find_files(folder, source.patterns)[0]:
            told.update(f"{source.key}\0{file}\0".encode() + os.fsencode(path.parent.name))
            _feed_file(told, folder, path, file)
    for path, file in find_files(folder, [profile.city.deadlines] if profile.city.deadlines else [])[0]:
        _feed_file(told, folder, path, file)
    return told.hexdigest()


def stamp_files(profile: Profile, folder: Path) -> list[tuple[object, ...]]:
    """What changes when somebody writes to a file, or puts another in its place, while an import goes on."""
    found: list[tuple[object, ...]] = []
    for source in profile.sources():
        for path, _ in find_files(folder, source.patterns)[0]:
            with suppress(OSError):
                for part in list_parts(path):
                    state = part.stat()
                    found.append((part, state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns, state.st_ctime_ns))
    return found


def _feed_file(told: hashlib.blake2b, folder: Path, path: Path, file: str) -> None:
    """Take in a file and those that belong to it."""
    try:
        with open_parts(folder, path, file) as parts:
            for name, descriptor in parts:
                told.update(f"\0{name}\0{os.fstat(descriptor).st_size}\0".encode())
                while chunk := os.read(descriptor, _CHUNK):
                    told.update(chunk)
    except FileProblem as problem:  # the import itself reports a file that cannot be read
        told.update(problem.told.reason.encode())


@lru_cache
def _code() -> str:
    """A digest of the code that an import's result follows from: all rooms of ``data``, since it uses most of them."""
    told = hashlib.blake2b(digest_size=20)
    for path in sorted((ROOT / "data").rglob("*.py")):
        told.update(path.read_bytes())
    return told.hexdigest()


def fetch_versions(connection: psycopg.Connection, city: str) -> dict[str, int]:
    """The versions of a city's data; each change gives a new version."""
    row = connection.execute("SELECT versions FROM city WHERE code = %s", [city]).fetchone()
    return {} if row is None else dict(row[0])


def find_same_run(connection: psycopg.Connection, city: str, digest: str) -> tuple[int, dict[str, Any]] | None:
    """Number and report of the last run of a city, if it had this digest and the city has not changed since."""
    row = connection.execute(
        "SELECT id, report FROM import_run WHERE city = %s AND outcome IN ('loaded', 'unchanged') ORDER BY id DESC LIMIT 1", [city]
    ).fetchone()
    if row is None or row[1].get("fingerprint") != digest or row[1].get("versions") != fetch_versions(connection, city):
        return None
    return int(row[0]), row[1]


def depends_on_clock(profile: Profile, ledger: Ledger) -> bool:
    """Whether the same files would give another result on another day."""
    found = {r.reason for r in ledger.rejects} | {kind for _, kind in ledger.repairs}
    return profile.city.as_of is None and not found.isdisjoint(_BY_THE_CLOCK)
