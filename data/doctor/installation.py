"""Checks of the installation: versions, extensions, migration, partitions, indexes, disk, packages."""

import os
import re
import shutil
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

from data import schema
from data.accounts.tokens import WARNED_DAYS
from data.cluster.archive import GAP
from data.core.careful_files import read_small
from data.core.errors import GridwellError
from data.core.settings import ROOT, settings
from data.core.state_folder import serving_account, suggest_chmod
from data.database import partitions
from data.database.connections import Connection
from data.database.migrate import EXTENSIONS, newest_revision
from data.database.socket import paths
from data.doctor import rights
from data.doctor.model import Finding, Outcome, judge_offenders
from data.doctor.reports import issued_reports
from data.privacy.key_checks import check_keys, holds_sealed
from data.privacy.key_rotation import list_unreadable
from data.privacy.keys import KeysMissing
from data.privacy.sealed_columns import SEALED_COLUMNS
from data.upkeep.attachments import find_missing
from data.upkeep.plausible_time import doubt_clock
from data.upkeep.retention import list_held
from data.upkeep.unprivileged import find_obstacle

OLDEST_PYTHON, OLDEST_POSTGRESQL, OLDEST_POSTGIS = (3, 11), (13, 0), (3, 1)
LEAST_DISK_GB = 1.0
_PINNED = re.compile(r"[A-Za-z0-9._-]+(\[[^\]]*\])?==")


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text)[:2])


def _judged_version(name: str, found: str, oldest: tuple[int, ...]) -> Outcome:
    wanted = ".".join(map(str, oldest))
    wrong = (f"{name} {found} < {wanted}",) if _version(found) < oldest else ()
    return Outcome("{found} (at least {wanted})", {"found": found, "wanted": wanted}, len(wrong), wrong)


def python(connection: Connection) -> Outcome:
    """The interpreter's version."""
    return _judged_version("Python", ".".join(map(str, sys.version_info[:3])), OLDEST_PYTHON)


def postgresql(connection: Connection) -> Outcome:
    """The server's version."""
    row = connection.execute("SHOW server_version").fetchone()
    return _judged_version("PostgreSQL", str(row[0] if row else "0"), OLDEST_POSTGRESQL)


def postgis(connection: Connection) -> Outcome:
    """PostGIS's version."""
    row = connection.execute("SELECT extversion FROM pg_extension WHERE extname = 'postgis'").fetchone()
    return _judged_version("PostGIS", str(row[0] if row else "0"), OLDEST_POSTGIS)


def extensions(connection: Connection) -> Outcome:
    """Every extension that the schema needs is there."""
    present = {row[0] for row in connection.execute("SELECT extname FROM pg_extension")}
    missing = tuple(name for name in EXTENSIONS if name not in present)
    return Outcome("{names}", {"names": ", ".join(EXTENSIONS)}, len(missing), missing)


def migration(connection: Connection) -> Outcome:
    """The schema is the one that this version of the code expects."""
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    found, wanted = str(row[0]) if row else "-", newest_revision() or "-"
    wrong = () if found == wanted else (f"{found} ≠ {wanted}",)
    return Outcome("revision {found}", {"found": found}, len(wrong), wrong)


def months(connection: Connection) -> Outcome:
    """Every table that is named like a month of cases is a partition of ``incident``: rows in a detached one are in no figure."""
    rows = connection.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND relname ~ %s", [partitions.NAMES]).fetchall()
    named, attached = {row[0] for row in rows}, partitions.list_partitions(connection)
    return judge_offenders(sorted((named | partitions.OUTSIDE) - attached), len(named))


def indexes(connection: Connection) -> Outcome:
    """Every index and primary key that the code describes is there, and usable: without one, answers are right but slow."""
    tables = schema.metadata.tables.values()
    wanted = {str(index.name) for table in tables for index in table.indexes} | {str(table.primary_key.name) for table in tables}
    rows = connection.execute("SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indisvalid").fetchall()
    return judge_offenders(sorted(wanted - {row[0] for row in rows}), len(wanted))


def keys(connection: Connection) -> Outcome:
    """Identity and telephone numbers, and secrets of second factors: the key file fits, and one of each column and key is opened."""
    try:
        check_keys(connection)
        wrong = list(list_unreadable(connection))
    except KeysMissing as error:
        wrong = [str(error)] if holds_sealed(connection) else []
    except GridwellError as error:
        wrong = [str(error)]
    return judge_offenders(wrong, len(SEALED_COLUMNS))


def clock(connection: Connection) -> Outcome:
    """The date can be right: see ``data.upkeep.plausible_time``."""
    now = datetime.now(UTC)
    doubt = doubt_clock(connection, now)
    return Outcome("{now} UTC", {"now": f"{now:%Y-%m-%d %H:%M}"}, 1 if doubt else 0, (str(doubt),) if doubt else ())


def retention(connection: Connection) -> Outcome:
    """No city waits for an operator's confirmation before rows whose last day is over are deleted."""
    wrong = tuple(f"{held.report.city}: ./gridwell retention --dry-run ({held.rows})" for held in list_held(connection, datetime.now(UTC)))
    return Outcome("", {}, len(wrong), wrong)


def folder(connection: Connection) -> Outcome:
    """Nobody else may look into the state folder.

    Secret files in it have their own modes. Offenders are the commands that close the folder.
    """
    wrong = suggest_chmod(settings().home)
    return Outcome("{folder}", {"folder": str(settings().home)}, 1 if wrong else 0, (wrong,) if wrong else (), note=True)


def account(connection: Connection) -> Outcome:
    """Where root serves, it does so under an account without rights. Offenders are what that account cannot use."""
    one = serving_account()
    if os.geteuid() != 0:
        return Outcome("root is not needed")
    wrong = find_obstacle(one) if one is not None else "useradd --system gridwell"
    return Outcome("{account}", {"account": one.pw_name if one else "root"}, 1 if wrong else 0, (wrong,) if wrong else (), note=True)


def disk(connection: Connection) -> Outcome:
    """Room left where the state folder is, in GB."""
    folder = settings().home
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free / 1e9
    wrong = (f"{folder}: {free:.1f} GB < {LEAST_DISK_GB} GB",) if free < LEAST_DISK_GB else ()
    return Outcome("{free} GB free", {"free": round(free, 1)}, len(wrong), wrong)


_ARCHIVER = """
SELECT current_setting('archive_mode') = 'on', current_setting('data_checksums') = 'on', last_failed_wal
FROM pg_stat_archiver WHERE last_failed_time > coalesce(last_archived_time, '-infinity')
UNION ALL SELECT current_setting('archive_mode') = 'on', current_setting('data_checksums') = 'on', NULL LIMIT 1
"""


def archive(connection: Connection) -> Outcome:
    """The embedded cluster's log reaches its archive, without gaps since the last backup. Offenders are segments of the log."""
    archiving, _, failed = connection.execute(_ARCHIVER).fetchone() or (False, False, None)
    if settings().database_url is not None or not archiving:
        return Outcome("none: only backups can be restored, no moments between", {})
    try:
        given_up = read_small(paths(settings().home).data / GAP).decode("utf-8", "replace").splitlines()
    except FileNotFoundError:
        given_up = []
    except OSError as error:  # the folder is the database server's account's
        given_up = [f"{GAP}: {error.strerror or error}"]
    wrong = [*given_up, *([failed] if failed else [])]
    return Outcome("{folder}", {"folder": str(settings().archive)}, len(wrong), tuple(wrong[:20]))


def checksums(connection: Connection) -> Outcome:
    """Pages of the embedded cluster have checksums. The offender is the command that turns them on."""
    _, enabled, _ = connection.execute(_ARCHIVER).fetchone() or (False, True, None)
    off = settings().database_url is None and not enabled
    return Outcome("", {}, int(off), ("./gridwell cluster checksums",) if off else (), note=True)


def files_of_cases(connection: Connection) -> Outcome:
    """Every photo and paper that a case has is in the store. Offenders are hashes, or the sentence of a store that does not answer."""
    row = connection.execute("SELECT count(DISTINCT hash) FROM attachment_case").fetchone()
    wanted = row[0] if row else 0
    try:
        missing = find_missing(connection) if wanted else []
    except GridwellError as error:
        missing = [str(error)]
    return judge_offenders(missing, wanted)


_DISPLAYS = """
SELECT a.name || ' · ' || t.name || ' · ' || to_char(t.expires_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI "UTC"'),
    t.expires_at <= now() + make_interval(days => %s)
FROM token t JOIN account a ON a.id = t.account_id
WHERE t.kind = 'device' AND t.withdrawn_at IS NULL AND a.disabled_at IS NULL AND t.expires_at > now() ORDER BY t.expires_at, t.id
"""


def displays(connection: Connection) -> Outcome:
    """No token of a display ends soon. Offenders are accounts, tokens and ends: a new one is made on the page of accounts."""
    rows = connection.execute(_DISPLAYS, [WARNED_DAYS]).fetchall()
    return judge_offenders([text for text, soon in rows if soon], len(rows), note=True)


def _read_pin(line: str) -> tuple[str, str] | None:
    """Name and version of a line that pins a package for this Python; ``None`` for other lines, and for what another Python needs."""
    if not _PINNED.match(line):
        return None
    pin = Requirement(line.rstrip("\\ "))
    if pin.marker is not None and not pin.marker.evaluate():
        return None
    (version,) = (one.version for one in pin.specifier)
    return pin.name, version


def packages(connection: Connection, pinned: Path = ROOT / "requirements.txt") -> Outcome:
    """Every pinned package is installed in exactly that version."""
    wrong: list[str] = []
    wanted = [one for one in map(_read_pin, pinned.read_text("utf-8").splitlines()) if one is not None]
    for name, version in wanted:
        try:
            found = metadata.version(name)
        except metadata.PackageNotFoundError:
            found = "-"
        if found != version:
            wrong.append(f"{name}: {found} ≠ {version}")
    return Outcome("{examined} checked", {"examined": len(wanted)}, len(wrong), tuple(wrong[:20]))


CHECKS: dict[str, tuple[str, Callable[[Connection], Outcome]]] = {
    "install.python": ("Python is new enough", python),
    "install.postgresql": ("PostgreSQL is new enough", postgresql),
    "install.postgis": ("PostGIS is new enough", postgis),
    "install.extensions": ("The database has every extension", extensions),
    "install.migration": ("The schema is this version's", migration),
    "install.months": ("Every month of cases is attached", months),
    "install.indexes": ("Every index is there", indexes),
    "install.keys": ("What is sealed can be opened with the key file", keys),
    "install.roles": ("The database roles for people's rights exist, and have no rights by themselves", rights.roles),
    "install.policies": ("Every table is protected by its policy", rights.policies),
    "install.trust": ("PostgreSQL may use its indexes below policies", rights.trust),
    "install.service": ("The server signs in with a role that owns nothing", rights.service),
    "install.confined": ("The server's role can leave nothing behind in the database", rights.confined),
    "install.clock": ("The date of this machine is plausible", clock),
    "install.retention": ("Nothing that should be deleted waits for a confirmation", retention),
    "install.folder": ("Nobody else can look into the state folder", folder),
    "install.account": ("Nothing that answers people needs root's rights", account),
    "install.disk": ("There is room on the disk", disk),
    "install.archive": ("The log of changes reaches its archive", archive),
    "install.checksums": ("Pages of the embedded database have checksums", checksums),
    "install.attachments": ("Photos and papers of cases are in their store", files_of_cases),
    "install.reports": ("Issued reports are what the audit log says that they were", issued_reports),
    "install.displays": ("No token of a display ends within 30 days", displays),
    "install.packages": ("Python packages are those of requirements.txt", packages),
}


def examine(connection: Connection) -> list[Finding]:
    """Run every check of the installation."""
    return [Finding(code, title, run(connection)) for code, (title, run) in CHECKS.items()]
