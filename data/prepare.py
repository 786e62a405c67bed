"""A database that is reachable, migrated and, where wanted, filled: before any command works with it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext

import psycopg
from alembic.util import CommandError
from sqlalchemy.exc import DBAPIError

from data.cluster.lease import borrowed
from data.db import connect, database_url
from data.errors import GridwellError
from data.migrate import migrate
from data.settings import settings

_NO_POSTGIS = {"42501", "0A000", "58P01", "22023"}
"""SQLSTATEs of CREATE EXTENSION: no right to, or not installed on that server."""


class Unreachable(GridwellError):
    status, code, sentence = 503, "unreachable", "The database at {where} does not answer: {reason}"


class NoPostgis(GridwellError):
    status, code = 503, "no_postgis"
    sentence = (
        "The database {where} cannot be used: {reason}. As its administrator, run in it: "
        "CREATE EXTENSION postgis; CREATE EXTENSION ltree; CREATE EXTENSION pg_trgm;"
    )


class NewerDatabase(GridwellError):
    status, code, sentence = (
        503,
        "newer_database",
        "The database {where} was made by a newer Gridwell than this one. Update this one first.",
    )


@contextmanager
def prepared(tell: Callable[[str], None]) -> Iterator[None]:
    """The database, reachable and migrated, for as long as the block lasts; the embedded cluster unless ``DATABASE_URL`` is set.

    Raises:
        GridwellError: it cannot be; the sentence says why and what to do.
    """
    own = settings().database_url is None
    with borrowed(settings().home, tell) if own else nullcontext():
        _migrate()
        yield


def _migrate() -> None:
    url = database_url()
    where = url.render_as_string(hide_password=True)
    try:
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


def holds_a_city() -> bool:
    """Whether the database holds any city."""
    with connect() as connection:
        return connection.execute("SELECT 1 FROM city LIMIT 1").fetchone() is not None


def fill_if_empty(fill: Callable[[psycopg.Connection[tuple[object, ...]]], None]) -> bool:
    """Fill a database that holds no city, in one transaction and only once when two start together; says whether it did."""
    if holds_a_city():
        return False
    with connect() as connection:
        connection.execute("SELECT pg_advisory_xact_lock(7411002)")
        if connection.execute("SELECT 1 FROM city LIMIT 1").fetchone() is not None:
            return False
        fill(connection)
    return True
