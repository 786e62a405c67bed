"""An upgrade says what it changes, makes a backup first, and can be taken back; the cluster moves to another PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import small_city
from alembic import command
from gridwell_command import address_of, door, filled_home, up
from sqlalchemy import create_engine

from data.cluster.lease import borrow_cluster
from data.database.migrate import is_known_revision, list_missing_revisions, make_config, newest_revision
from data.database.socket import PORT, paths
from data.upkeep.upgrade import REVISION_TITLES

OLD = "0009"


def test_what_is_missing_is_listed_in_order() -> None:
    newest = newest_revision()
    assert newest is not None
    missing = list_missing_revisions(OLD)
    assert missing == sorted(missing) and missing[0] > OLD and missing[-1] == newest
    assert list_missing_revisions(newest) == []
    assert is_known_revision(OLD) and not is_known_revision("9999")


@pytest.fixture
def home() -> Iterator[Path]:
    with filled_home() as made:
        yield made


def downgrade(home: Path) -> None:
    """The schema of an older Gridwell."""
    engine = create_engine(address_of(home))
    with borrow_cluster(home, print), engine.begin() as connection:
        settings = make_config()
        settings.attributes["connection"] = connection
        command.downgrade(settings, OLD)
    engine.dispose()


def ask(home: Path, query: str) -> list[object]:
    with (
        borrow_cluster(home, print) as where,
        psycopg.connect(host=str(where.socket), port=PORT, user="gridwell", dbname="gridwell") as one,
    ):
        return [row[0] for row in one.execute(query.encode())]


@pytest.mark.slow
def test_up_makes_a_backup_before_it_upgrades_and_the_way_back_is_open(home: Path) -> None:
    downgrade(home)
    refused = door(home, "user", "list")
    assert refused.returncode == 2 and "Run ./gridwell up first" in refused.stderr
    assert ask(home, "SELECT version_num FROM alembic_version") == [OLD]
    with up(home) as running:
        told = running.said()
        assert REVISION_TITLES["0010"] in told and "First a backup is made" in told and "To go back" in told
    assert ask(home, "SELECT version_num FROM alembic_version") == [newest_revision()]
    [backup] = (home / "backups").glob("gridwell-*")
    assert door(home, "user", "list").returncode == 0

    back = door(home, "restore", str(backup), "--replace", "--no-migrate")
    assert back.returncode == 0, back.stdout + back.stderr
    assert ask(home, "SELECT version_num FROM alembic_version") == [OLD]
    assert ask(home, "SELECT count(*) FROM area") == [len(small_city.AREAS)]
    with up(home, words="--no-backup"):
        pass
    assert ask(home, "SELECT version_num FROM alembic_version") == [newest_revision()]
    assert len(list((home / "backups").glob("gridwell-*"))) == 1
    assert door(home, "doctor", "--audit").returncode == 0


@pytest.mark.slow
def test_the_cluster_moves_and_gets_checksums(home: Path) -> None:
    with borrow_cluster(home, print) as where:
        pass
    data = where.data
    assert "nothing to do" in door(home, "cluster", "upgrade").stdout
    with up(home):
        assert door(home, "cluster", "upgrade", "--again").returncode == 2, "it is being served"
        assert door(home, "restore", str(home)).returncode == 2
    before = (data / "global" / "pg_control").read_bytes()[:8]
    moved = door(home, "cluster", "upgrade", "--again")
    assert moved.returncode == 0, moved.stdout + moved.stderr
    assert (data / "global" / "pg_control").read_bytes()[:8] != before, "it is another cluster"
    assert ask(home, "SELECT count(*) FROM area") == [len(small_city.AREAS)]
    assert ask(home, "SHOW data_checksums") == ["on"]
    status = door(home, "cluster", "status").stdout
    assert "Checksums of pages are on." in status and "pg.before-" in status
    assert door(home, "doctor").returncode == 0
    assert "Removed:" in door(home, "cluster", "drop-old").stdout
    assert list(paths(home).base.glob("pg.before-*")) == []
    assert "were on already" in door(home, "cluster", "checksums").stdout
