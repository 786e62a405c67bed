"""Making, starting, adopting and stopping the server of one state folder."""

import re
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from math import inf
from typing import LiteralString

import psycopg
from psycopg import sql

from data.cluster import processes
from data.cluster.account import as_server, make_folder_error, own_folder
from data.cluster.archive import archive_settings
from data.cluster.binaries import Binaries, binaries
from data.cluster.errors import ClusterError, DiskFull, RecoveryFailed, WontStart
from data.cluster.log_files import rotate
from data.cluster.swap import finish_swap, link_data
from data.cluster.tuning import settings_for
from data.database.connections import Connection
from data.database.lockdown import lock_down
from data.database.migrate import EXTENSIONS
from data.database.server_roles import LEAKPROOF, MEMBERS, ROLES
from data.database.socket import PORT, Paths

SUPERUSER = "postgres"
APP_ROLE = "gridwell"
DATABASE = "gridwell"

_START_S = 120
"""Longest wait for a server that recovers from a crash."""

_TOO_LATE_TOLD = "recovery ended before configured recovery target was reached"
_TOO_LATE_REASONS = "the archive ends before that moment; --until latest restores everything that it holds"

_FAST_STOP_S, _QUICK_STOP_S, _KILL_S = 20, 5, 5

Tell = Callable[[str], None]


def superuser(where: Paths, database: str = "postgres") -> Connection:
    """A connection of the cluster's superuser; only set-up uses it."""
    return psycopg.connect(host=str(where.socket), port=PORT, user=SUPERUSER, dbname=database, autocommit=True, connect_timeout=5)


def ensure_running(where: Paths, tell: Tell, durable: bool = True) -> None:
    """Start the server from any state in which it was left; a healthy one that still runs is taken over.

    Raises:
        ClusterError: that is not possible; the sentence says why.
    """
    _open_log(where)
    programs = binaries(where.data, where.home / "log" / "install.log", tell)  # also determines the server's account
    own_folder(where.socket, shared=True)
    finish_swap(where)
    if not where.data.exists():
        _make(where, programs, durable)
    if not _adopt(where):
        _clear(where)
        _start(where, programs, settings_for(where, durable) | archive_settings(where, programs, tell))
    _set_up(where)


def stop(where: Paths) -> None:
    """Stop the server: first a fast shutdown, then an immediate one, then by force. The data survives each of them."""
    for how, patience_s in ((signal.SIGINT, _FAST_STOP_S), (signal.SIGQUIT, _QUICK_STOP_S), (signal.SIGKILL, _KILL_S)):
        main = processes.postmaster(where.data)
        if main is None or processes.end([main], how, patience_s, where.data):
            break
    _clear(where)
    if where.socket.parent != where.base and where.socket.exists():
        where.socket.rmdir()  # the short one under /tmp, made again at the next start


def recover(where: Paths, tell: Tell, target: dict[str, str]) -> str | None:
    """Replay the log of a copied cluster up to a target, however long that takes, and stop the server again.

    Args:
        where: the copy, in its own folder.
        tell: hears what is being done.
        target: PostgreSQL's settings of recovery.

    Returns:
        The moment of the last transaction that was replayed, as the server says it; ``None`` if none was.

    Raises:
        RecoveryFailed: the target cannot be reached.
    """
    _open_log(where)
    where.log.unlink(missing_ok=True)
    programs = binaries(where.data, where.home / "log" / "install.log", tell)
    own_folder(where.socket)
    run_as_server(where, ["touch", str(where.data / "recovery.signal")])
    # Connections only at the end, so that "ready" means that the target was reached.
    chosen = settings_for(where) | {"hot_standby": "off", "recovery_target_action": "promote"} | target
    try:
        _start(where, programs, chosen, patience_s=inf)
    except WontStart as error:
        kept = where.base.parent / "recovery.log"
        kept.touch(mode=0o600)
        kept.write_bytes(where.log.read_bytes())
        reason = _TOO_LATE_REASONS if _TOO_LATE_TOLD in str(error) else str(error.facts["reason"])
        raise RecoveryFailed(reason=reason, log=kept) from error
    stop(where)
    found = re.findall(r"last completed transaction was at log time (.+)", where.log.read_text("utf-8", "replace"))
    return found[-1] if found else None


def _open_log(where: Paths) -> None:
    try:
        where.log.parent.mkdir(parents=True, exist_ok=True)
        where.log.parent.chmod(0o700)  # PostgreSQL's message about a refused row contains the row
        with suppress(OSError):  # a full disk is told by whoever really needs room
            rotate(where.log)
    except OSError as error:
        raise make_folder_error(where.home, error) from error


def _make(where: Paths, programs: Binaries, durable: bool) -> None:
    """Run ``initdb`` next to the final place, then rename: an incomplete data folder is never used."""
    half = where.base / "pg.new"
    run_as_server(where, ["rm", "-rf", str(half)])
    own_folder(half)
    options = ["--encoding=UTF8", "--locale=C.UTF-8", "--data-checksums", "--no-instructions", *([] if durable else ["--no-sync"])]
    run_as_server(where, [programs.program("initdb"), "-D", str(half), "-U", SUPERUSER, "--auth=trust", *options])
    try:
        half.rename(where.data)
        link_data(where)
    except OSError as error:
        raise make_folder_error(where.data, error) from error


def run_as_server(where: Paths, command: list[str], stdin: int = subprocess.DEVNULL) -> None:
    """Run a program that works on the data folder, as the account that owns it.

    Raises:
        ClusterError: it failed.
    """
    answer = subprocess.run(command, stdin=stdin, capture_output=True, text=True, check=False, **as_server())
    if answer.returncode:
        raise _why(where, answer.stderr or answer.stdout)


def _adopt(where: Paths) -> bool:
    """Whether a server whose parent process was killed still answers and can be used."""
    main = processes.postmaster(where.data)
    return main is not None and _wait_ready(where, lambda: processes.postmaster(where.data) is not None)


def _clear(where: Paths) -> None:
    """End remaining processes of the data folder, and remove lock files whose process is gone."""
    if left := processes.in_folder(where.data):
        processes.end(left, signal.SIGQUIT, _QUICK_STOP_S, where.data)
        processes.end(processes.in_folder(where.data), signal.SIGKILL, _KILL_S, where.data)
    for stale in (where.data / "postmaster.pid", where.socket / f".s.PGSQL.{PORT}.lock", where.socket / f".s.PGSQL.{PORT}"):
        stale.unlink(missing_ok=True)


def _start(where: Paths, programs: Binaries, chosen: dict[str, str], patience_s: float = _START_S) -> None:
    options = [word for name, value in chosen.items() for word in ("-c", f"{name}={value}")]
    try:
        begin = where.log.stat().st_size if where.log.exists() else 0
        with where.log.open("ab") as output:
            # A separate session, so that Ctrl-C reaches only us, and we stop the server after its clients.
            server = subprocess.Popen(
                [programs.program("postgres"), "-D", str(where.data), *options],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                **as_server(),
            )
    except OSError as error:
        raise make_folder_error(where.home, error) from error
    if not _wait_ready(where, lambda: server.poll() is None, patience_s):
        if server.poll() is None:
            server.send_signal(signal.SIGQUIT)
        raise _why(where, where.log.read_bytes()[begin:].decode("utf-8", "replace"))


def _wait_ready(where: Paths, alive: Callable[[], bool], patience_s: float = _START_S) -> bool:
    """Wait until the server takes connections; False when it ended or took too long."""
    deadline = time.monotonic() + patience_s
    while alive() and time.monotonic() < deadline:
        try:
            superuser(where).close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return True
    return False


def _why(where: Paths, output: str) -> ClusterError:
    """The error for PostgreSQL's output."""
    if "No space left on device" in output:
        return DiskFull(folder=where.base)
    reasons = re.findall(r"(?:FATAL|PANIC|error):\s+(.+)", output)
    return WontStart(folder=where.data, reason=reasons[-1] if reasons else "no reason was given", log=where.log)


def _set_up(where: Paths) -> None:
    """The app's role (no superuser), its database and the extensions only a superuser may create."""
    role, database = sql.Identifier(APP_ROLE), sql.Identifier(DATABASE)
    with superuser(where) as connection:
        if not _known(connection, "SELECT 1 FROM pg_roles WHERE rolname = %s", APP_ROLE):
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEDB").format(role))
        _roles(connection)
        if not _known(connection, "SELECT 1 FROM pg_database WHERE datname = %s", DATABASE):
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(database, role))
    extend(where, DATABASE)


def _roles(connection: Connection) -> None:
    """Create the roles, because the app's own role may not create roles."""
    known = {row[0] for row in connection.execute("SELECT rolname FROM pg_roles")}
    for name, how in ROLES.items():
        if name not in known:
            connection.execute(sql.SQL("CREATE ROLE {} {}").format(sql.Identifier(name), sql.SQL(how)))
    for role, member in MEMBERS:
        connection.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(role), sql.Identifier(member)))


def extend(where: Paths, database: str) -> None:
    """Do the steps that only a superuser can do in one database of the cluster; a second run changes nothing.

    They create the extensions, mark their operators as leak-proof, and keep the server's role from leaving anything behind.
    """
    with superuser(where, database) as connection:
        for name in EXTENSIONS:
            connection.execute(sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(name)))
        for function in LEAKPROOF:
            connection.execute(sql.SQL("ALTER FUNCTION {} LEAKPROOF").format(sql.SQL(function)))
        lock_down(connection)


def _known(connection: Connection, query: LiteralString, value: str) -> bool:
    return connection.execute(query, (value,)).fetchone() is not None
