"""The dump of a database: made while it is in use, of one moment, and restored into an empty database."""

import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import URL, create_engine

from data.backup.errors import FileUnknown, LoadingTooLong
from data.backup.manifest import Manifest
from data.backup.programs import SESSION, find_clients, run_program
from data.backup.steps import STEP_TITLES
from data.core.version import product_version
from data.database.connections import Connection, connection_arguments
from data.database.locks import LOADING
from data.database.server_roles import ensure_roles
from data.privacy.sealed_columns import SEALED_COLUMNS
from data.privacy.sealing import key_number

FOLDER = "database"
"""The dump's folder in a backup."""

_NOT_OURS = (" EXTENSION - ", " COMMENT - EXTENSION ", " spatial_ref_sys ", " ACL pg_catalog ")
"""Entries of a dump that are left out, because only a superuser may restore them: they were made with the database, or come back with
``data.database.lockdown``.
"""

_LIST = re.compile(r"toc\.dat|blobs(_[0-9]+)?\.toc")
_CONTENT = re.compile(r"(blob_)?[0-9]+\.dat(\.gz|\.lz4|\.zst)?")
"""Files of a dump: lists of contents, never compressed, and contents."""

_JOBS = "2"
_PATIENCE_MIN = 30
_LOCK_WAIT = "60s"
_FACTS = """
SELECT now(), (SELECT version_num FROM alembic_version), current_setting('server_version'),
    (SELECT extversion FROM pg_extension WHERE extname = 'postgis'), pg_database_size(current_database())
"""
_HEAD = "SELECT no, hash FROM audit_log ORDER BY no DESC LIMIT 1"
_FIRST = "SELECT hash FROM audit_log ORDER BY no LIMIT 1"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A moment of the database that is being dumped: its number for ``pg_dump``, and what the manifest says of it."""

    number: str
    manifest: Manifest


@contextmanager
def hold_snapshot(url: URL, name: str, tell: Callable[[str], None]) -> Iterator[Snapshot]:
    """Keep one moment of the database, for as long as the block lasts; meanwhile no import begins.

    A dump locks every table against changes of its form. An import that wants to make such a change would wait for it, and readers for the
    import. So the dump waits for the import that runs, and the next import for the dump.

    Args:
        url: the database, as its owner.
        name: name of the backup.
        tell: hears that an import is waited for.

    Raises:
        LoadingTooLong: an import runs for too long.
    """
    with psycopg.connect(**connection_arguments(url, SESSION), autocommit=True) as connection:
        _wait_for_import(connection, tell)
        with connection.transaction():
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            number = _one(connection, "SELECT pg_export_snapshot()")[0]
            yield Snapshot(number, _describe(connection, name))


def _wait_for_import(connection: Connection, tell: Callable[[str], None]) -> None:
    if _one(connection, "SELECT pg_try_advisory_lock(%s)", LOADING)[0]:
        return
    tell(STEP_TITLES["waiting"])
    try:
        connection.execute(sql.SQL("SET lock_timeout = {}").format(sql.Literal(f"{_PATIENCE_MIN}min")))
        connection.execute("SELECT pg_advisory_lock(%s)", [LOADING])
        connection.execute("RESET lock_timeout")
    except psycopg.errors.LockNotAvailable:
        raise LoadingTooLong(minutes=_PATIENCE_MIN) from None


def _describe(connection: Connection, name: str) -> Manifest:
    at, revision, postgresql, postgis, size = _one(connection, _FACTS)
    logged = _one(connection, "SELECT to_regclass('audit_log')")[0] is not None  # schemas before 0006 have no log, and seal nothing
    head, first = (connection.execute(query).fetchone() if logged else None for query in (_HEAD, _FIRST))
    return Manifest(
        id=name,
        made_at=at.astimezone(UTC).isoformat(timespec="milliseconds"),
        gridwell=product_version(),
        revision=revision,
        postgresql=postgresql,
        postgis=postgis,
        lineage=bytes(first[0]).hex() if first else "",
        audit_no=int(head[0]) if head else 0,
        audit_hash=bytes(head[1]).hex() if head else "",
        sealed_with=_keys_needed(connection),
        state_folders=[],
        database_bytes=size,
    )


def _keys_needed(connection: Connection) -> dict[str, list[int]]:
    """For each column of sealed texts, the numbers of the keys that they are sealed with."""
    present = set(connection.execute("SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"))
    head = "substr({0}, 1, CASE WHEN substr({0}, 1, 1) = '\\x02' THEN 9 ELSE 3 END)"
    query = sql.SQL(f"SELECT DISTINCT ON ({head}) {{0}} FROM {{1}} WHERE {{0}} IS NOT NULL")  # noqa: S608 - ours
    found = {}
    for one in SEALED_COLUMNS:
        if (one.table, one.column) in present:
            rows = connection.execute(query.format(sql.Identifier(one.column), sql.Identifier(one.table)))
            found[f"{one.table}.{one.column}"] = sorted({key_number(bytes(row[0])) for row in rows})
    return found


def write_dump(url: URL, snapshot: Snapshot, folder: Path) -> None:
    """Dump one moment of the database into a folder that is not there yet. ``pg_dump`` puts every file on the disk.

    Raises:
        ClientMissing, ProgramFailed: it cannot be done.
    """
    programs = find_clients(snapshot.manifest.postgresql_major)
    words = [
        *("--format=directory", f"--file={folder}", f"--jobs={_JOBS}"),
        *(f"--snapshot={snapshot.number}", f"--lock-wait-timeout={_LOCK_WAIT}", "--no-password"),
    ]
    run_program(programs, "pg_dump", words, url)


def load_dump(folder: Path, url: URL) -> None:
    """Restore a dump into an empty database, which has the extensions, as its owner.

    Args:
        folder: the dump.
        url: the database, on a server of the same or a newer version.

    Raises:
        ClientMissing, ProgramFailed: it cannot be done.
        FileUnknown: it holds, or names, what is no part of a dump.
        NoRoles: the server has no roles of ours yet, and this account may not make them.
    """
    _check_names(folder)
    _make_roles(url)
    with psycopg.connect(**connection_arguments(url, SESSION)) as connection:
        programs = find_clients(connection.info.server_version // 10_000)
    listed = run_program(programs, "pg_restore", ["--list", str(folder)])
    wanted = "".join(f"{line}\n" for line in listed.splitlines() if not any(words in line for words in _NOT_OURS))
    with tempfile.NamedTemporaryFile("w", suffix=".list") as chosen:
        chosen.write(wanted)
        chosen.flush()
        words = ["--no-owner", "--exit-on-error", "--no-password", f"--jobs={_JOBS}", f"--use-list={chosen.name}", str(folder)]
        run_program(programs, "pg_restore", words, url)
    with psycopg.connect(**connection_arguments(url, SESSION), autocommit=True) as connection:
        # A dump holds no statistics, and no marks of pages that everybody can see: without them the first looks would be slow.
        connection.execute("VACUUM (ANALYZE)")


def _make_roles(url: URL) -> None:
    """A dump grants rights to roles; roles are of the server, not of the database, and a new server has none."""
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            ensure_roles(connection)
    finally:
        engine.dispose()


def _check_names(folder: Path) -> None:
    """Refuse a dump whose list of contents may lead ``pg_restore`` out of its folder.

    It follows the names there wherever they lead, with the rights of whoever restores: a file of root's would become rows of a table.
    """
    for file in sorted(folder.iterdir()):
        lists = _LIST.fullmatch(file.name)
        if file.is_symlink() or not (lists or _CONTENT.fullmatch(file.name)) or (lists and b"../" in file.read_bytes()):
            raise FileUnknown(folder=folder, file=file.name)


def _one(connection: Connection, query: Any, *values: object) -> tuple[Any, ...]:
    row = connection.execute(query, values).fetchone()
    assert row is not None  # noqa: S101 - it always gives a row
    return row
