"""The database role of the server: its password, and removal of everything that an earlier session left behind."""

import os
import secrets

import psycopg
from psycopg import sql

from data.cluster.account import make_folder_error
from data.core import state_folder
from data.core.errors import GridwellError
from data.core.roles import SERVICE
from data.core.settings import settings
from data.database.connections import connect, connection_arguments, password_file, service_url
from data.database.lockdown import lock_down

_BYTES = 24
_UNTOUCHED = "-c role=none -c search_path=pg_catalog -c default_transaction_read_only=off -c statement_timeout=0 -c lock_timeout=0"


class ServiceRefused(GridwellError):
    status, code = 503, "service_refused"
    sentence = (
        "The server cannot sign in to the database as {role} ({reason}). As the database's administrator, give that role a password,"
        " and set GRIDWELL_SERVICE_URL to an address with it."
    )


def ensure_service() -> None:
    """Make sure that the server can sign in, and that nothing is left of earlier sessions of its role.

    If it cannot sign in, its role gets a new password, which is stored in the state folder. Rights that this account may not take from the
    role are left to the server's administrator: see ``data.database.lockdown.list_pending_statements``.

    Raises:
        ServiceRefused: the server cannot sign in, and this account may not set a password.
        FolderRefused, DiskFull: the password cannot be stored.
    """
    _ensure_sign_in()
    if service_url().username == SERVICE:
        _confine_itself()
    with connect(autocommit=True) as owner:
        lock_down(owner)


def _confine_itself() -> None:
    """Connect as the server's role, which may always reset its own defaults, with options that override these defaults."""
    told = connection_arguments(service_url(), "gridwell")
    told["options"] = f"{told.get('options', '')} {_UNTOUCHED}".strip()
    with psycopg.connect(autocommit=True, **told) as own:
        lock_down(own)


def _ensure_sign_in() -> None:
    reason = _refusal()
    if reason is None:
        return
    if settings().service_url:
        raise ServiceRefused(role=service_url().username, reason=reason)
    password = secrets.token_urlsafe(_BYTES)
    try:
        with connect(autocommit=True) as owner:
            owner.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(SERVICE), password))
    except psycopg.errors.InsufficientPrivilege as error:
        raise ServiceRefused(role=SERVICE, reason=str(error).splitlines()[0]) from error
    _keep(password)
    if reason := _refusal():
        raise ServiceRefused(role=SERVICE, reason=reason)


def _refusal() -> str | None:
    """Why the server cannot sign in; ``None`` where it can."""
    try:
        psycopg.connect(**connection_arguments(service_url(), "gridwell")).close()
    except psycopg.OperationalError as error:
        return (str(error).strip().splitlines() or ["no answer"])[-1]
    return None


def _keep(password: str) -> None:
    place = password_file()
    draft = place.with_name(f"{place.name}.{os.getpid()}")
    try:
        state_folder.make_private_folder(place.parent)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as handle:
            handle.write(password + "\n")
        draft.replace(place)
    except OSError as error:
        raise make_folder_error(place, error) from error
