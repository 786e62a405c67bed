"""Whose imports a steward may read: PostgreSQL shows those of cities that lie in the steward's area as a whole, and no other."""

from collections.abc import Iterator

import psycopg
import pytest
import small_city as city
import twin_city
from databases import FreshDatabase
from rights_tools import as_service, become, refused, seeing, viewer_of

from data.core.roles import DB_ROLES, IMPORTS
from data.core.viewer import Viewer, everything

ALL = {city.CITY, twin_city.TWIN, "never loaded", None}


@pytest.fixture(scope="module", autouse=True)
def towns(fresh_database: FreshDatabase) -> Iterator[str]:
    """Two cities; an import of each, of a city that never was loaded, and of none, each with a rejected row."""
    with fresh_database(twin_city.load) as url:
        with psycopg.connect(url) as connection:
            for code in ALL:
                connection.execute("INSERT INTO import_run (city, profile, outcome) VALUES (%s, 'p', 'loaded')", [code])
            connection.execute(
                "INSERT INTO reject (run_id, source, file, line, reason, sentence)"
                " SELECT id, 's', coalesce(city, '-'), 1, 'r', 't' FROM import_run"
            )
        yield url


VIEWERS: list[tuple[Viewer, set[str | None]]] = [
    (everything(), ALL),
    (viewer_of(city.CITY), {city.CITY}),
    (viewer_of(city.D1), set()),
    (viewer_of(city.S1, "people", city.CITY), set()),
    (viewer_of(city.C1), set()),
    (viewer_of(city.ZONE), set()),
    (Viewer(detail="people"), set()),
    (Viewer(detail="people", figures="*"), set()),
    (Viewer(detail="people", scope="*", zone=city.ZONE), set()),
]


@pytest.mark.parametrize(("viewer", "seen"), VIEWERS, ids=lambda one: getattr(one, "scope_code", None))
def test_an_import_is_seen_by_who_sees_its_whole_city(viewer: Viewer, seen: set[str | None]) -> None:
    with seeing(viewer, IMPORTS) as connection:
        assert {row[0] for row in connection.execute("SELECT city FROM import_run")} == seen
        files = {row[0] for row in connection.execute("SELECT file FROM reject")}
        assert files == {code or "-" for code in seen}
        assert {row[0] for row in connection.execute("SELECT file FROM reject WHERE file = file OR true")} == files


def test_it_reads_nothing_else_and_changes_nothing() -> None:
    with seeing(everything(), IMPORTS) as connection:
        for statement in (
            *("SELECT 1 FROM person", "SELECT 1 FROM incident", "SELECT 1 FROM area", "SELECT 1 FROM audit_log", "SELECT 1 FROM account"),
            *("DELETE FROM reject", "UPDATE import_run SET outcome = 'loaded'", "SELECT audit_append('import', 'x')"),
        ):
            assert refused(connection, statement) != "", statement
    for role in DB_ROLES.values():
        with seeing(everything(), role) as connection:
            assert refused(connection, "SELECT 1 FROM import_run") == refused(connection, "SELECT 1 FROM reject") == "42501", role


def test_what_one_transaction_was_told_another_does_not_know() -> None:
    with as_service() as connection:
        become(connection, everything(), IMPORTS)
        assert connection.execute("SELECT count(*) FROM reject").fetchone() == (len(ALL),)
        connection.commit()
        connection.execute("SET LOCAL ROLE gridwell_imports")
        assert connection.execute("SELECT count(*) FROM reject").fetchone() == (0,)
