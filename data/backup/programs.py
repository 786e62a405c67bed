"""Runs PostgreSQL's own programs (``pg_dump``, ``pg_restore``, ``pg_basebackup``, ``pg_verifybackup``)."""

import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo
from sqlalchemy import URL

from data.backup.errors import ClientMissing, ProgramFailed
from data.cluster.binaries import Binaries, clients
from data.cluster.packages import command_line
from data.database.connections import Connection, connection_arguments, database_url

SESSION = "gridwell backup"
"""Name of the connections in the server's list of sessions."""


@contextmanager
def maintenance() -> Iterator[Connection]:
    """A connection of the owner to the database that every server has, in autocommit."""
    with psycopg.connect(**connection_arguments(database_url().set(database="postgres"), SESSION), autocommit=True) as connection:
        yield connection


def find_clients(major: int) -> Binaries:
    """The programs that fit a server of this major version.

    Raises:
        ClientMissing: they are not installed.
    """
    found = clients(major)
    if found is None:
        raise ClientMissing(major=major, command=command_line([f"postgresql-client-{major}"]))
    return found


def run_program(programs: Binaries, name: str, words: Sequence[str], url: URL | None = None, **more: Any) -> str:
    """Run one of the programs and return what it printed. What it writes is readable by its owner only.

    Args:
        programs: the installation.
        name: the program.
        words: its arguments.
        url: address of the database, for programs that connect. The password goes through the environment, which others cannot see.
        more: further arguments of ``subprocess.run``.

    Raises:
        ProgramFailed: it ended with an error.
    """
    environment = more.pop("env", None) or {**os.environ, "LC_ALL": "C.UTF-8"}
    connection = []
    if url is not None:
        told = connection_arguments(url, SESSION)
        if (password := told.pop("password", None)) is not None:
            environment["PGPASSWORD"] = str(password)
        connection = [f"--dbname={make_conninfo('', **told)}"]
    answer: subprocess.CompletedProcess[str] = subprocess.run(
        [programs.program(name), *connection, *words],
        **{"stdin": subprocess.DEVNULL, "umask": 0o077, **more},
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    if answer.returncode:
        lines = [line for line in (answer.stderr or answer.stdout).splitlines() if line.strip()]
        errors = [line for line in lines if "error:" in line or "FATAL" in line]
        raise ProgramFailed(program=name, reason=(errors or lines or ["?"])[0].strip())
    return answer.stdout
