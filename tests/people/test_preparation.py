"""Before a command uses a database: it is migrated, what is missing is counted, and an empty one is filled once."""

import threading
from typing import Any

import psycopg
import pytest
import small_city as city
import table_locks
import twin_city
from databases import FreshDatabase, use_database
from sqlalchemy import make_url

from data import rollup
from data.upkeep.preparation import NewerDatabase, Unreachable, fill_if_empty, hold_loading_lock, holds_a_city, prepare_database

Connection = psycopg.Connection[Any]
ADD_CITY = "INSERT INTO city (code, name, name_en, timezone) VALUES ('N', '新', 'New', 'UTC')"


def ready() -> None:
    with prepare_database(print):
        pass


# ---- Filling ----


def test_an_empty_database_is_filled_and_a_full_one_is_not(database: str) -> None:
    calls: list[str] = []

    def fill(connection: Connection) -> None:
        calls.append(connection.info.dbname)
        connection.execute(ADD_CITY)

    assert not holds_a_city()
    assert fill_if_empty(fill) and holds_a_city()
    assert not fill_if_empty(fill)
    assert len(calls) == 1


def test_of_two_that_begin_at_once_only_one_fills(database: str) -> None:
    filled: list[bool] = []
    other = threading.Thread(target=lambda: filled.append(fill_if_empty(lambda connection: pytest.fail("it is not empty any more"))))
    with hold_loading_lock():
        other.start()
        table_locks.until(lambda: table_locks.waiting(database) == 1, "the other one waits for its turn")
        with psycopg.connect(database) as connection:
            connection.execute(ADD_CITY)
    other.join()
    assert filled == [False]


# ---- Counting what is missing ----


def stored(url: str) -> dict[str, dict[str, int]]:
    with psycopg.connect(url) as connection:
        return dict(connection.execute("SELECT code, versions FROM city").fetchall())


def test_what_a_migration_left_empty_is_counted_once(fresh_database: FreshDatabase) -> None:
    """One city lacks its roll-ups, the other one what is shown about people."""
    with fresh_database(twin_city.load) as url:
        with psycopg.connect(url) as connection:
            connection.execute("DELETE FROM incident_daily WHERE area_no IN (SELECT no FROM area WHERE city = %s)", [city.CITY])
            connection.execute("UPDATE city SET states_at = NULL WHERE code = %s", [city.CITY])
            connection.execute(
                "UPDATE area_figure SET shown_population = NULL, people_hidden = false"
                " WHERE area IN (SELECT code FROM area WHERE city = %s)",
                [twin_city.TWIN],
            )
            assert rollup.list_uncounted_cities(connection) == [city.CITY]
            assert rollup.cities_without_shown(connection) == [twin_city.TWIN]
        before = stored(url)
        ready()
        after = stored(url)
        with psycopg.connect(url) as connection:
            assert [rollup.compare(connection, code) for code in (city.CITY, twin_city.TWIN)] == [[], []]
        changed = {code: {name for name in after[code] if after[code][name] != before[code][name]} for code in after}
        assert changed[twin_city.TWIN] == {"population"}
        assert "incidents" in changed[city.CITY]
        ready()
        assert stored(url) == after, "nothing is missing any more"


# ---- Databases that cannot be used ----


def test_a_database_of_a_newer_gridwell_is_left_alone(database: str) -> None:
    with psycopg.connect(database) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999_of_tomorrow'")
    with pytest.raises(NewerDatabase) as told:
        ready()
    assert make_url(database).database in str(told.value.facts["where"])
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == ("9999_of_tomorrow",)


def test_a_database_that_is_not_there_is_named_with_the_reason(database: str) -> None:
    nowhere = make_url(database).set(database="nothing_of_this_name").render_as_string(hide_password=False)
    with use_database(nowhere), pytest.raises(Unreachable) as told:
        ready()
    assert "nothing_of_this_name" in str(told.value.facts["where"])
    assert "nothing_of_this_name" in str(told.value.facts["reason"])
    assert "\n" not in str(told.value.facts["reason"])
