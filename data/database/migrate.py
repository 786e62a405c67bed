"""Brings a database's schema to this version of the code."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import URL, create_engine, func, select, text

from data.database import server_roles
from data.database.locks import MIGRATING

EXTENSIONS = ("postgis", "ltree", "pg_trgm")


def make_config() -> Config:
    """Alembic's configuration, without a separate file."""
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent.parent / "migrations"))
    return made


def newest_revision() -> str | None:
    """The revision that this code expects."""
    return ScriptDirectory.from_config(make_config()).get_current_head()


def migrate(url: URL) -> None:
    """Create the extensions and the roles, and run every migration that is missing; doing it again changes nothing.

    Raises:
        NoRoles: the roles are missing, and this account may not make them.
    """
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            # Two processes that start at once must not migrate at once; the lock ends with the transaction.
            connection.execute(select(func.pg_advisory_xact_lock(MIGRATING)))
            for extension in EXTENSIONS:
                connection.execute(text(f"CREATE EXTENSION IF NOT EXISTS {extension}"))
            server_roles.ensure_roles(connection)
            server_roles.mark_leakproof(connection)
            settings = make_config()
            settings.attributes["connection"] = connection
            command.upgrade(settings, "head")
    finally:
        engine.dispose()
