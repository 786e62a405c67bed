"""A state folder of one's own for each test of backups, which the server's account can reach."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import small_city
from audit_tools import written
from databases import FreshDatabase

from data.core.settings import settings
from data.privacy import keys


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The state folder that the settings name, and room for backups beside it."""
    folder = Path(tempfile.mkdtemp(prefix="gridwell-backup-"))
    folder.chmod(0o755)
    monkeypatch.setenv("GRIDWELL_HOME", str(folder / "home"))
    settings.cache_clear()
    (folder / "home").mkdir(mode=0o711)
    keys.write_keyring(keys.key_file(), keys.Keyring.generate())
    yield folder / "home"
    shutil.rmtree(folder)
    monkeypatch.undo()
    settings.cache_clear()
    keys._read.cache_clear()


@pytest.fixture
def city(fresh_database: FreshDatabase, home: Path) -> Iterator[str]:
    """Address of a database with the small city and three rows of the audit log; ``DATABASE_URL`` names it meanwhile."""
    with fresh_database(small_city.load) as url:
        with psycopg.connect(url) as connection:
            written(connection, 3)
        yield url
