"""Brings a database's schema to this version of the code."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import URL, create_engine, func, select, text

from data.database import server_roles
from data.database.locks import MIGRATING

EXTENSIONS = ("postgis", "ltree", "pg_trgm", "btree_gin")


def make_config() -> Config:
    """Alembic's configuration, without a separate file."""
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent.parent / "migrations"))
    return made


def newest_revision() -> str | None:
    """The revision that this code expects."""
    return ScriptDirectory.from_config(make_config()).get_current_head()


def is_known_revision(revision: str) -> bool:
    """Whether this code knows a schema's revision; a newer Gridwell has others."""
    try:
        return ScriptDirectory.from_config(make_config()).get_revision(revision) is not None
    except CommandError:
        return False


def list_missing_revisions(found: str) -> list[str]:
    """Revisions that a schema of revision ``found`` lacks, in the order in which they are applied.

    Raises:
        CommandError: this code does not know that revision.
    """
    script = ScriptDirectory.from_config(make_config())
    script.get_revision(found)
    return [one.revision for one in reversed(list(script.iterate_revisions("head", found)))]


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
