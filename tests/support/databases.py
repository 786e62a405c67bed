"""Databases for tests: copied from templates, and named by ``DATABASE_URL`` while a test uses them."""

import asyncio
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from itertools import count
from typing import Any

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import make_url

from data.core.settings import settings
from data.database import connections
from data.database.drop import drop_database

Load = Callable[[psycopg.Connection[Any]], object]
"""Fills a database through its owner's connection; what it leaves uncommitted is committed."""

FreshDatabase = Callable[..., AbstractContextManager[str]]
"""Of the fixture ``fresh_database``, which describes it."""

_numbers = count(1)


class Templates:
    """Databases that were filled once and are copied for each test; nobody may stay connected to one."""

    def __init__(self, server: str, migrated: str) -> None:
        self._server, self._migrated = server, migrated
        self._made: dict[tuple[str, tuple[Load, ...]], str] = {}
        self._open = ExitStack()

    def get(self, *loads: Load, template: str | None = None) -> str:
        """Address of a database that these functions filled one after the other, made at the first call.

        Args:
            loads: functions of a module; a function that is made anew for every test would make a template for every test.
            template: address of the database that they fill a copy of; a migrated, empty one unless given.
        """
        start = template or self._migrated
        if not loads:
            return start
        key = (start, loads)
        if key not in self._made:
            url = self._open.enter_context(create_database(self._server, self.get(*loads[:-1], template=start)))
            with psycopg.connect(url) as connection:
                loads[-1](connection)
            self._made[key] = url
        return self._made[key]

    def close(self) -> None:
        """Drop them."""
        self._open.close()


@contextmanager
def create_database(server: str, template: str | None) -> Iterator[str]:
    """A new database on the server, dropped afterwards; yields its address.

    Args:
        server: address of a database on the tests' server.
        template: address of the database to copy, to which nobody may be connected; ``None``: an empty one.
    """
    name = f"gridwell_test_{os.getpid()}_{next(_numbers)}"
    source = (
        sql.SQL("TEMPLATE {} STRATEGY FILE_COPY").format(sql.Identifier(make_url(template).database or "")) if template else sql.SQL("")
    )
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {} {}").format(sql.Identifier(name), source))
        try:
            yield make_url(server).set(database=name).render_as_string(hide_password=False)
        finally:
            drop_database(connection, name)


def refuse_changes(url: str) -> None:
    """What a database says of a city stays as it is from now on; accounts, sessions and the audit log still take rows.

    A test that forgot a step in a database of many tests failed nowhere, and made others fail that had nothing to do with it.
    """
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute(
            "CREATE FUNCTION shared_stays() RETURNS trigger LANGUAGE plpgsql AS"
            " $$BEGIN RAISE 'Many tests read this database, none changes its %: take a copy of your own.', TG_TABLE_NAME; END$$"
        )
        for table in ("city", "area", "building", "person", "incident", "incident_event"):
            owner.execute(
                sql.SQL(
                    "CREATE TRIGGER shared_stays BEFORE INSERT OR UPDATE OR DELETE ON {} FOR EACH ROW EXECUTE FUNCTION shared_stays()"
                ).format(sql.Identifier(table))
            )


@contextmanager
def use_database(url: str) -> Iterator[str]:
    """``DATABASE_URL`` and the settings name this database; what they named before comes back afterwards."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABASE_URL", url)
        settings.cache_clear()
        try:
            yield url
        finally:
            close_pools()
    settings.cache_clear()


def close_pools() -> None:
    """Give back this process's connections, in a thread because a test's own event loop may still be set."""
    if not connections._engines:
        return
    closing = threading.Thread(target=lambda: asyncio.run(connections.close_pools()))
    closing.start()
    closing.join()
