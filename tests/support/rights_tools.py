"""PostgreSQL as the server uses it: a session of its own role that becomes a viewer, and a small city with people in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import small_city as city

from data.core.roles import DbRole, Detail
from data.core.viewer import Viewer, everything
from data.database import connections, transactions

Connection = psycopg.Connection[Any]

PEOPLE = [(cell, name) for cell in city.CELLS for name in ("张小明", "李华")]
"""Two in each cell; district, id, and everything else follow from the place in this list."""


def load_people(connection: Connection) -> None:
    """``PEOPLE``, a step in the history of each case, and who reported it; committed."""
    for n, (cell, name) in enumerate(PEOPLE, start=1):
        connection.execute(
            "INSERT INTO person (district, id, city, source_id, source_key, grid, path, household, name, sex, birth_date, residence,"
            " id_kind, id_cipher, id_hash, id_shown, phone_cipher, phone_hash, phone_shown) OVERRIDING SYSTEM VALUE"
            " VALUES (%s, %s, %s, 1, %s, %s, %s, %s, %s, 'M', '1980-05-06', 'registered', 'resident_card', %s, %s, '3301************12',"
            " %s, %s, '138****5678')",
            (cell[:6], n, city.CITY, f"p{n}", cell, city.path_of(cell), f"h{n}", name, *(f"{what}{n}".encode() for what in "abcd")),
        )
    connection.execute("SELECT setval(pg_get_serial_sequence('person', 'id'), 1000)")
    connection.execute(
        "INSERT INTO incident_event (district, incident_id, seq, at, stage) SELECT district, id, 1, reported_at, stage FROM incident"
    )
    connection.execute(
        "INSERT INTO incident_reporter (district, incident_id, city, grid, path, name, phone_cipher)"
        " SELECT district, id, city, grid, path, '王大明', 'cipher' FROM incident"
    )
    connection.commit()


def viewer_of(code: str, detail: Detail = "people", figures: str | None = None) -> Viewer:
    """Somebody whose scope is one of the small city's areas, or its zone; ``figures`` is the code of a wider one."""
    if code == city.ZONE:
        scope, compared, zone = city.CITY, city.path_of(city.ZONE), city.ZONE
    else:
        scope = compared = city.path_of(code)
        zone = ""
    compared = city.path_of(figures) if figures else compared
    return Viewer("worker", "worker", "zh", 1, "grid_worker", detail, scope, compared, zone, code, "192.0.2.7")


def become(connection: Connection, viewer: Viewer, role: DbRole | None = None, local: bool = True) -> None:
    """Tell the transaction, or else the whole session, what the server tells it."""
    for name, value in zip(transactions.SETTINGS, transactions.transaction_settings(viewer, role), strict=True):
        connection.execute("SELECT set_config(%s, %s, %s)", (name, value, local))


@contextmanager
def as_service(**more: Any) -> Iterator[Connection]:
    """A session of the server's own role, to the database that ``DATABASE_URL`` names."""
    with psycopg.connect(**connections.connection_arguments(connections.service_url(), "test"), **more) as made:
        yield made
        made.rollback()


@contextmanager
def seeing(viewer: Viewer | None = None, role: DbRole | None = None) -> Iterator[Connection]:
    """A transaction of the server for a viewer; otherwise for one who may see everything."""
    with as_service() as made:
        become(made, viewer or everything(), role)
        yield made


def refused(connection: Connection, statement: str, *values: Any) -> str:
    """The SQLSTATE with which a statement is refused; everything is as it was afterwards. An empty text where it was not."""
    try:
        with connection.transaction():
            connection.execute(statement.encode(), values)
    except psycopg.Error as error:
        return error.sqlstate or "?"
    return ""
