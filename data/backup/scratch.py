"""Empty databases beside the one in use: a private cluster that is thrown away, or one more database on the same server."""

import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import URL

from data.backup.errors import MayNotCreate, NoScratch, OthersConnected
from data.backup.programs import SESSION, maintenance
from data.cluster import processes
from data.cluster.binaries import list_installed
from data.cluster.lease import borrow_cluster
from data.cluster.packages import command_line
from data.cluster.server import APP_ROLE, DATABASE, extend
from data.core.settings import environment_name, settings
from data.database import drop
from data.database.connections import Connection, connection_arguments, database_url
from data.database.migrate import EXTENSIONS
from data.database.socket import PORT, Paths, paths

CHECK = "check"
"""Folder of the scratch cluster, beside the data of the embedded one."""

_LONGEST_NAME = 63
_REFUSALS = (psycopg.errors.InsufficientPrivilege, psycopg.errors.FeatureNotSupported)


def check_home() -> Path:
    """Where a scratch cluster is made: where the server's account can reach it."""
    return paths(settings().home).base / CHECK


@contextmanager
def scratch_cluster() -> Iterator[URL]:
    """An empty database of a private cluster, made by the newest PostgreSQL that is installed; both are removed afterwards.

    Raises:
        ClusterError: it cannot be made.
    """
    remove_cluster(check_home())
    try:
        with borrow_cluster(check_home(), lambda _: None, durable=False) as where:
            yield address_in(where)
    finally:
        remove_cluster(check_home())


def address_in(where: Paths, database: str = DATABASE) -> URL:
    """Address of a database of an embedded cluster, as its owner."""
    query = {"host": str(where.socket), "port": str(PORT)}
    return URL.create("postgresql+psycopg", username=APP_ROLE, database=database, query=query)


def remove_cluster(home: Path) -> None:
    """Remove a scratch cluster, and end what a broken-off run left working in it."""
    data = paths(home).data
    if left := processes.in_folder(data) if data.exists() else []:
        processes.end(left, signal.SIGKILL, 5, data)
    shutil.rmtree(home, ignore_errors=True)


def has_local_server(major: int) -> bool:
    """Whether a PostgreSQL with PostGIS is installed here that can restore a dump of this major version."""
    return any(one.complete and one.major >= major for one in list_installed())


@contextmanager
def scratch_database(major: int) -> Iterator[URL]:
    """An empty database to restore a dump of this major version into: of a scratch cluster if that is possible, else on the server in use.

    Raises:
        ClusterError, NoScratch: neither can be made.
    """
    if has_local_server(major):
        with scratch_cluster() as made:
            yield made
        return
    name = f"{str(database_url().database)[: _LONGEST_NAME - 6]}_check"
    drop_database(name)
    try:
        made = create_database(name)
    except MayNotCreate as error:
        raise NoScratch(reason=error.facts["reason"], command=command_line([f"postgresql-{major}-postgis-3"])) from error
    try:
        yield made
    finally:
        drop_database(name)


def create_database(name: str, copying: bool = False) -> URL:
    """Create an empty database with the extensions, on the server in use, and owned by the owner of the present one; returns its address.

    Args:
        name: its name.
        copying: if this account may not create the extensions, copy the present database, which has them, and empty the copy. Nobody may
            be connected to the present one then.

    Raises:
        MayNotCreate: the account may not do that.
        OthersConnected: somebody is connected to the present database.
    """
    url = database_url().set(database=name)
    try:
        _create(name, None)
        try:
            _extend(url, name)
        except _REFUSALS:
            if not copying:
                raise
            drop_database(name)
            _create(name, str(database_url().database))
            _empty(url)
    except psycopg.errors.ObjectInUse as error:
        raise OthersConnected(database=database_url().database) from error
    except (*_REFUSALS, psycopg.errors.InvalidCatalogName) as error:
        drop_database(name)
        raise MayNotCreate(owner=url.username, reason=str(error).strip().splitlines()[0]) from error
    return url


def _create(name: str, template: str | None) -> None:
    with maintenance() as connection:
        how = sql.SQL(" TEMPLATE template0 ENCODING 'UTF8'") + _locale(connection)
        if template is not None:
            how = sql.SQL(" TEMPLATE {}").format(sql.Identifier(template))
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)) + how)


def _extend(url: URL, name: str) -> None:
    if settings().database_url is None:
        extend(paths(settings().home), name)
        return
    with psycopg.connect(**connection_arguments(url, SESSION), autocommit=True) as connection:
        for one in EXTENSIONS:
            connection.execute(sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(one)))


def _empty(url: URL) -> None:
    """Drop everything that this account owns in a database; the extensions are another account's, or it could have created them."""
    with psycopg.connect(**connection_arguments(url, SESSION), autocommit=True) as connection:
        connection.execute("DROP OWNED BY CURRENT_USER CASCADE")


def _locale(connection: Connection) -> sql.Composable:
    """The order of texts that the present database has; nothing if there is no present one."""
    query = "SELECT datcollate, datctype FROM pg_database WHERE datname = %s"
    row = connection.execute(query, [database_url().database]).fetchone()
    return sql.SQL(" LC_COLLATE {} LC_CTYPE {}").format(*row) if row else sql.SQL("")


def drop_database(name: str) -> None:
    """Drop a database of ours and whoever is connected to it; does nothing if it is not there."""
    with maintenance() as connection, suppress(psycopg.errors.InsufficientPrivilege):
        drop.drop_database(connection, name)


@contextmanager
def use_database(url: URL, key_file: Path | None = None) -> Iterator[None]:
    """Have the settings name another database (and key file), for as long as the block lasts. For commands, which have one thread.

    Everything that prepares and checks a database follows the settings, and then works on this one.
    """
    wanted = {"database_url": url.set(drivername="postgresql").render_as_string(hide_password=False), "service_url": None}
    if key_file is not None:
        wanted["key_file"] = str(key_file)
    names = {environment_name(field): value for field, value in wanted.items()}
    before = {name: os.environ.get(name) for name in names}
    _set_environment(names)
    try:
        yield
    finally:
        _set_environment(before)


def _set_environment(values: dict[str, str | None]) -> None:
    for name, value in values.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
    settings.cache_clear()
