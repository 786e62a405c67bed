"""The measured databases: given ones, or the bench's own, which are filled once and kept for the next run."""

import os
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import URL, make_url

from bench.model import Json, Unmeasured
from data.cluster.lease import borrow_cluster
from data.cluster.server import extend
from data.core.settings import ROOT, settings
from data.database.connections import Connection as PgConnection
from data.database.drop import drop_database
from data.database.migrate import migrate
from data.database.socket import PORT, Paths, paths
from data.demo.common.frame import PINNED_DAY

Tell = Callable[[str], None]
PREFIX = "gridwell_bench_"


class Servers:
    """Where databases are made: on the server in ``DATABASE_URL``, or in the embedded cluster.

    Attributes:
        address: of a database on it.
        filled_s: seconds that filling took, for each database that was filled.
    """

    def __init__(self, address: URL, cluster: Paths | None) -> None:
        self.address, self._cluster = address, cluster
        self.filled_s: dict[str, int] = {}

    @property
    def embedded(self) -> bool:
        """Whether this is the embedded cluster."""
        return self._cluster is not None

    def at(self, name: str) -> str:
        """Address of a database on this server."""
        return text(self.address.set(database=name))

    def make(self, name: str) -> str:
        """Make a migrated, empty database and return its address.

        Raises:
            psycopg.Error: it exists already, or the account may not make it.
        """
        with connect(text(self.address), autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        if self._cluster is not None:
            extend(self._cluster, name)  # only the cluster's superuser may do this
        address = self.at(name)
        migrate(make_url(address).set(drivername="postgresql+psycopg"))
        return address

    def drop(self, name: str) -> None:
        """Remove a database and end its connections."""
        with connect(text(self.address), autocommit=True) as connection:
            drop_database(connection, name)

    def prepare_city(self, scale: str, fresh: bool, tell: Tell, cases: int | None = None) -> str:
        """Address of the bench's own database of a scale; made and filled if it is missing or incomplete.

        Args:
            scale: size of the city.
            fresh: make it again in any case.
            tell: is called with each step.
            cases: number of cases instead of the scale's own.

        Raises:
            Unmeasured: the database cannot be filled; the text says why.
            psycopg.Error: it cannot be made.
        """
        name = f"{PREFIX}{scale}" if cases is None else f"{PREFIX}{scale}_{cases}"
        if not fresh and _exists(self.address, name):
            address = self.at(name)
            migrate(make_url(address).set(drivername="postgresql+psycopg"))
            if _holds_figures(address):
                tell(f"preparing the database {name}, as a server would when it starts …")
                prepare(address)
                return address
        self.drop(name)
        address = self.make(name)
        tell(f"filling the database {name} …")
        began = time.monotonic()
        fill(address, scale, cases)
        self.filled_s[name] = round(time.monotonic() - began)
        tell(f"filled in {self.filled_s[name]:,} s")
        return address


def prepare(address: str) -> None:
    """Count again what a migration left empty, which would take longer than a measured server is waited for.

    Raises:
        Unmeasured: that fails; the command has printed why.
    """
    command = [sys.executable, "-m", "bench.prepare"]
    if subprocess.run(command, cwd=ROOT, env={**os.environ, "DATABASE_URL": address}, check=False).returncode:
        raise Unmeasured("the database could not be prepared for this version")


def fill(address: str, scale: str, cases: int | None = None) -> None:
    """Make the demo city in a migrated database, with this number of cases or the scale's own; the same city in every run.

    Raises:
        Unmeasured: it cannot be made; the command has printed why.
    """
    fewer = [] if cases is None else ["--cases", str(cases)]
    command = [sys.executable, "-m", "cli", "demo", "--scale", scale, "--until", PINNED_DAY.isoformat(), *fewer]
    answer = subprocess.run(command, cwd=ROOT, env={**os.environ, "DATABASE_URL": address}, stdout=subprocess.PIPE, text=True, check=False)
    if answer.returncode or not _holds_figures(address):
        raise Unmeasured(f"the demo city of scale {scale} could not be made")
    with connect(address, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


@contextmanager
def servers(given: str | None, tell: Tell) -> Iterator[Servers]:
    """The server for the bench's own databases, until the block ends.

    Args:
        given: address of a database on it; otherwise ``DATABASE_URL``'s, otherwise the embedded cluster.
        tell: is called with each step of the set-up.
    """
    known = given or settings().database_url
    if known:
        yield Servers(make_url(known), None)
        return
    with borrow_cluster(settings().home, tell) as where:
        query = {"host": str(where.socket), "port": str(PORT)}
        yield Servers(URL.create("postgresql", username="gridwell", database="gridwell", query=query), where)


def beside(address: str, embedded: bool) -> Servers:
    """The same server, for another process of the run."""
    return Servers(make_url(address), paths(settings().home) if embedded else None)


@contextmanager
def scratch(made_by: Servers) -> Iterator[str]:
    """Address of a migrated, empty database that is dropped afterwards."""
    name = f"{PREFIX}scratch_{secrets.token_hex(4)}"
    try:
        yield made_by.make(name)
    finally:
        made_by.drop(name)


def text(address: URL) -> str:
    """An address in the form that libpq and SQLAlchemy read."""
    return address.set(drivername="postgresql").render_as_string(hide_password=False)


def parts(address: str) -> Json:
    """An address as libpq's parameters, because SQLAlchemy writes a space in a folder's name as "+", which libpq cannot read."""
    url = make_url(address)
    more = {name: value if isinstance(value, str) else ",".join(value) for name, value in url.query.items()}
    return {**url.translate_connect_args(username="user", database="dbname"), **more}


def connect(address: str, autocommit: bool = False) -> PgConnection:
    """Open a plain connection."""
    return psycopg.connect(autocommit=autocommit, application_name="gridwell bench", **parts(address))


def one(address: str, query: str, **values: object) -> Any:
    """The first column of the first row of a query."""
    with connect(address) as connection:
        row = connection.execute(query.encode(), values).fetchone()
    return row[0] if row else None


def _exists(address: URL, name: str) -> bool:
    return one(text(address), "SELECT 1 FROM pg_database WHERE datname = %(name)s", name=name) is not None


def _holds_figures(address: str) -> bool:
    return one(address, "SELECT 1 FROM incident_daily LIMIT 1") is not None
