"""Prepares the database before a command uses it: checks that it answers, migrates it and, where wanted, fills it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext

import psycopg
from alembic.util import CommandError
from sqlalchemy.exc import DBAPIError

from data import rollup
from data.cluster.lease import borrow_cluster
from data.core.errors import GridwellError
from data.core.settings import settings
from data.database.connections import Connection, connect, database_url
from data.database.locks import LOADING
from data.database.migrate import migrate
from data.privacy.key_checks import prepare_keys
from data.upkeep.service_role import ensure_service
from data.upkeep.upgrade import Upgrade, UpgradeFirst, find_upgrade

_NO_POSTGIS = {"42501", "0A000", "58P01", "22023"}
"""SQLSTATEs of CREATE EXTENSION: no right to do it, or the extension is not installed on that server."""


class Unreachable(GridwellError):
    status, code, sentence = 503, "unreachable", "The database at {where} does not answer: {reason}"


class NoPostgis(GridwellError):
    status, code = 503, "no_postgis"
    sentence = (
        "The database {where} cannot be used: {reason}. As its administrator, run in it: "
        "CREATE EXTENSION postgis; CREATE EXTENSION ltree; CREATE EXTENSION pg_trgm; CREATE EXTENSION btree_gin;"
    )


class NewerDatabase(GridwellError):
    status, code, sentence = (
        503,
        "newer_database",
        "The database {where} was made by a newer Gridwell than this one. Update this one first.",
    )


@contextmanager
def prepare_database(
    tell: Callable[[str], None], needs_keys: bool = False, before_upgrade: Callable[[Upgrade], None] | None = None
) -> Iterator[None]:
    """The database, reachable and migrated, for as long as the block lasts; the embedded cluster unless ``DATABASE_URL`` is set.

    Args:
        tell: hears what takes long.
        needs_keys: refuse if the key file is missing or does not fit; see ``data.privacy.key_checks.prepare_keys``.
        before_upgrade: called before a filled database is migrated; without it such a database is refused.

    Raises:
        GridwellError: that is not possible; the sentence says why and what to do.
    """
    with nullcontext() if settings().database_url else borrow_cluster(settings().home, tell):
        _migrate(before_upgrade)
        ensure_service()
        with connect() as connection:
            prepare_keys(connection, needs_keys)
        _count_what_is_missing()
        yield


def _migrate(before_upgrade: Callable[[Upgrade], None] | None) -> None:
    url = database_url()
    where = url.render_as_string(hide_password=True)
    try:
        _announce_upgrade(before_upgrade)
        migrate(url)
    except CommandError as error:
        raise NewerDatabase(where=where) from error
    except DBAPIError as error:
        state, reason = getattr(error.orig, "sqlstate", None), str(error.orig).strip().splitlines()[0]
        if state in _NO_POSTGIS:
            raise NoPostgis(where=where, reason=reason) from error
        if state is None or state.startswith(("08", "28", "3D", "57")):
            raise Unreachable(where=where, reason=reason) from error
        raise


def _announce_upgrade(before_upgrade: Callable[[Upgrade], None] | None) -> None:
    try:
        upgrade = find_upgrade()
    except psycopg.OperationalError:
        return  # the migration says what is wrong, as one sentence
    if upgrade is None:
        return
    if before_upgrade is None:
        raise UpgradeFirst(found=upgrade.found, wanted=upgrade.missing[-1])
    before_upgrade(upgrade)


def _count_what_is_missing() -> None:
    """Count the roll-ups that a migration left empty: each city in a separate transaction, so that an interruption loses little work."""
    with connect() as connection:
        if not rollup.list_uncounted_cities(connection) and not rollup.cities_without_shown(connection):
            return
    with hold_loading_lock(), connect() as connection:
        for city in rollup.list_uncounted_cities(connection):
            rollup.rebuild(connection, city)
            connection.commit()
        for city in rollup.cities_without_shown(connection):
            rollup.update_shown_version(connection, city)
            connection.commit()


@contextmanager
def hold_loading_lock() -> Iterator[None]:
    """Be the only process that loads data, for as long as the block lasts; others wait.

    Loaders reserve ids and replace existing rows, so two at once would use the same ids. An import takes the same lock itself.
    """
    with connect(autocommit=True) as guard:
        guard.execute("SELECT pg_advisory_lock(%s)", [LOADING])  # released when the connection ends
        yield


def fill_if_empty(fill: Callable[[Connection], None]) -> bool:
    """Fill a database that holds no city; returns whether it did. If two processes start at once, only one of them fills it."""
    if holds_a_city():
        return False
    with hold_loading_lock():
        if holds_a_city():
            return False
        with connect() as connection:
            fill(connection)
    return True


def holds_a_city() -> bool:
    """Whether the database holds any city."""
    with connect() as connection:
        return connection.execute("SELECT 1 FROM city LIMIT 1").fetchone() is not None
