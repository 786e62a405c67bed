"""What a change costs, who hears of it, and how an import's changes reach the roll-ups."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
import small_city as city
from import_city import CASES, bring, write_city

from data import rollup
from data.database import partitions
from data.live import versions

Connection = psycopg.Connection[Any]
ROLLED_UP = ("incident_daily", "incident_open", "area_figure", "incident_kind")
LEVELS = 5
"""Areas that a cell's case counts for, itself included, without zones: cell, community, street, district, city."""


class Counting(psycopg.Connection[Any]):
    """Counts the statements sent to the database."""

    sent = 0

    def execute(self, *args: Any, **more: Any) -> Any:
        self.sent += 1
        return super().execute(*args, **more)


@pytest.fixture
def counting(small: str) -> Iterator[Counting]:
    with Counting.connect(small) as made:
        yield made
        made.rollback()


def written(connection: Connection) -> dict[str, int]:
    """Rows of each roll-up that this transaction has inserted, updated or deleted so far."""
    query = "SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables WHERE relname = ANY(%s)"
    return dict(connection.execute(query, [list(ROLLED_UP)]).fetchall())


def row(connection: Connection, key: str) -> tuple[str, int]:
    found = connection.execute("SELECT district, id FROM incident WHERE source_key = %s", [key]).fetchone()
    assert found
    return found


def test_closing_a_case_touches_its_own_day_in_each_area_above(connection: Connection) -> None:
    """i04 lies outside of zones: a cell without sums, a community with one, three areas with three, on two days: of closing, and due."""
    before, rows_of_a_day = written(connection), 1 + 2 + 3 * 4
    with rollup.changing_incidents(connection, city.CITY, [row(connection, "i04")]):
        connection.execute("UPDATE incident SET stage = 'closed', closed_at = '2026-10-30T12:00+08' WHERE source_key = 'i04'")
    touched = {table: n - before.get(table, 0) for table, n in written(connection).items()}
    # Open cases of a stage and a state that nobody else has are emptied first, and then taken away.
    assert touched["incident_daily"] == 2 * rows_of_a_day
    assert rows_of_a_day <= touched["incident_open"] <= 2 * rows_of_a_day
    assert (touched["area_figure"], touched["incident_kind"]) == (0, 0)


def test_what_counts_nowhere_else_writes_no_roll_up(connection: Connection) -> None:
    before = written(connection)
    with rollup.changing_incidents(connection, city.CITY, [row(connection, "i04")]):
        connection.execute("UPDATE incident SET title = 'told otherwise' WHERE source_key = 'i04'")
    assert written(connection) == before


def rows_written(connection: Connection) -> int:
    """Rows of cases that this transaction has updated so far, in all months."""
    found = connection.execute("SELECT sum(n_tup_upd)::int FROM pg_stat_xact_user_tables WHERE relname ~ %s", [partitions.NAMES]).fetchone()
    return found[0] if found else 0


def test_a_change_settles_its_own_case_by_the_moment_of_its_own_city(connection: Connection) -> None:
    """A neighbour's clock is four years ahead; cases of the same district, and those whose state stays, are not written again."""
    connection.execute("INSERT INTO city (code, name, name_en, timezone, states_at) VALUES ('N', '邻', 'Neighbour', 'UTC', '2030-01-01Z')")
    for due, written_rows, state in (
        ("2026-11-02T13:00+08", 1, "on_time"),  # the change itself
        ("2026-10-31T20:00+08", 2, "amber"),  # and the new state
        ("2026-10-31T19:59:59+08", 2, "overdue"),
    ):
        before = rows_written(connection)
        with rollup.changing_incidents(connection, city.CITY, [row(connection, "i06")]):
            connection.execute("UPDATE incident SET due_at = %s WHERE source_key = 'i06'", [due])
        assert rows_written(connection) - before == written_rows
        assert connection.execute("SELECT deadline_state FROM incident WHERE source_key = 'i06'").fetchone() == (state,)
    assert rollup.compare(connection, city.CITY) == []


def test_a_building_counts_once_in_each_area_above(connection: Connection) -> None:
    before = written(connection)["area_figure"]
    building = connection.execute("SELECT district, id FROM building WHERE source_key = 'b1'").fetchall()
    with rollup.changing_buildings(connection, city.CITY, building):
        connection.execute("UPDATE building SET floors = 12 WHERE source_key = 'b1'")
    assert written(connection)["area_figure"] == before + LEVELS


def test_many_changes_take_as_many_statements_as_one(counting: Counting) -> None:
    everything = counting.execute("SELECT district, id FROM incident").fetchall()

    def statements(ids: list[tuple[str, int]]) -> int:
        before = counting.sent
        with rollup.changing_incidents(counting, city.CITY, ids):
            counting.execute("UPDATE incident SET paused = NOT paused WHERE id = ANY(%s)", [[number for _, number in ids]])
        return counting.sent - before

    assert statements(everything) == statements(everything[:1])


def test_many_dated_changes_take_as_many_statements_as_one(counting: Counting) -> None:
    everything = counting.execute("SELECT district, id, reported_at FROM incident").fetchall()

    def statements(rows: list[tuple[str, int, datetime]]) -> int:
        before = counting.sent
        with rollup.changing_dated_incidents(counting, city.CITY, rows):
            counting.execute("UPDATE incident SET paused = NOT paused WHERE id = ANY(%s)", [[number for _, number, _ in rows]])
        return counting.sent - before

    first, many, one = (statements(rows) for rows in (everything, everything, everything[:1]))
    assert first - many == 16, "tables are made, and analysed, once"
    assert many == one
    assert rollup.compare(counting, city.CITY) == []


def test_changes_are_told_when_they_are_committed_and_not_when_they_are_taken_back(small: str) -> None:
    with psycopg.connect(small, autocommit=True) as listener, psycopg.connect(small) as writer:
        listener.execute(f"LISTEN {versions.CHANNEL}")
        for end in (writer.rollback, writer.commit):
            with rollup.changing_incidents(writer, city.CITY, [row(writer, "i05")]):
                writer.execute("UPDATE incident SET title = 'again' WHERE source_key = 'i05'")
            assert list(listener.notifies(timeout=0)) == []
            end()
        told = list(listener.notifies(timeout=60, stop_after=1))
        stored = listener.execute("SELECT versions::text FROM city").fetchone()
    assert stored
    assert [one.payload for one in told] == [f'{{"city": "{city.CITY}", "versions": {stored[0]}}}']


def test_only_what_changed_gets_a_new_version(connection: Connection) -> None:
    def told() -> dict[str, int]:
        return connection.execute("SELECT versions FROM city").fetchone()[0]  # type: ignore[index,no-any-return]

    before = told()
    versions.touch(connection, city.CITY, ["incidents"])
    after = told()
    assert {subject for subject in after if after[subject] != before[subject]} == {"incidents"}
    assert connection.execute("SELECT data_version FROM city").fetchone() == (after["incidents"],)
    versions.touch(connection, city.CITY, [])
    assert told() == after


NEIGHBOUR = "INSERT INTO city (code, name, name_en, timezone, data_version) VALUES ('N', '邻', 'Neighbour', 'UTC', 4102444800000)"
"""A city that was changed while the machine's clock stood in the year 2100."""


def test_a_version_is_newer_than_those_of_all_cities(connection: Connection) -> None:
    connection.execute(NEIGHBOUR)
    versions.touch(connection, city.CITY, ["incidents"])
    assert connection.execute("SELECT data_version FROM city WHERE code = %s", [city.CITY]).fetchone() == (4102444800001,)


def test_versions_are_given_in_the_order_in_which_they_are_committed(small: str, connection: Connection) -> None:
    connection.execute(NEIGHBOUR)
    versions.touch(connection, "N", ["incidents"])
    with psycopg.connect(small) as other:
        other.execute("UPDATE city SET as_of = NULL")
        assert not rollup.tick(other, city.CITY, datetime(2030, 1, 1, tzinfo=UTC)), "the next one will do"
        other.execute("SET LOCAL lock_timeout = '1ms'")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            versions.touch(other, city.CITY, ["incidents"])
        other.rollback()


def test_time_stands_still_where_figures_stand_for_a_moment(connection: Connection) -> None:
    assert not rollup.tick(connection, city.CITY, datetime(2030, 1, 1, tzinfo=UTC))
    connection.execute("UPDATE city SET as_of = NULL")
    evening = datetime(2026, 10, 31, 12, tzinfo=UTC)
    assert not rollup.tick(connection, city.CITY, evening), "nothing has happened yet"
    assert rollup.tick(connection, city.CITY, evening + timedelta(days=1)), "i05 and i22 were due"
    states = "SELECT source_key, deadline_state FROM incident WHERE source_key IN ('i05', 'i06', 'i10', 'i22') ORDER BY 1"
    assert connection.execute(states).fetchall() == [("i05", "overdue"), ("i06", "on_time"), ("i10", "paused"), ("i22", "overdue")]
    assert rollup.compare(connection, city.CITY) == []


def test_months_are_made_once_and_none_for_a_wrong_date(connection: Connection) -> None:
    before = partitions.list_partitions(connection)
    months = [datetime(2027, 2, 3), datetime(2027, 2, 28), datetime(1066, 10, 14), datetime(9999, 12, 31)]
    partitions.ensure_partitions(connection, months)
    partitions.ensure_partitions(connection, months)
    assert partitions.list_partitions(connection) - before == {"incident_2027_02"}


def test_nobody_waits_for_a_month_that_is_being_made(small: str, connection: Connection) -> None:
    with psycopg.connect(small) as maker:
        partitions.ensure_partitions(maker, [datetime(2027, 3, 1)])
        connection.execute("SET LOCAL lock_timeout = '1ms'")
        assert connection.execute("SELECT count(*) > 0 FROM incident").fetchone() == (True,)
        connection.execute("UPDATE incident SET reported_at = '1066-10-14T09:00Z' WHERE source_key = 'i27'")
        maker.rollback()


def test_a_case_whose_month_was_not_made_is_refused(connection: Connection) -> None:
    with pytest.raises(psycopg.errors.CheckViolation, match="no partition"):
        connection.execute("UPDATE incident SET reported_at = '2031-01-01T09:00Z' WHERE source_key = 'i27'")


def test_a_case_that_moves_to_another_month_and_district_keeps_its_id(connection: Connection) -> None:
    before = row(connection, "i27")
    with rollup.changing_incidents(connection, city.CITY, [before]) as touched:
        place = (city.D1, city.C1, city.path_of(city.C1))
        connection.execute(
            "UPDATE incident SET district = %s, grid = %s, path = %s, reported_at = '2026-10-20T09:00+08' WHERE source_key = 'i27'", place
        )
        touched.add([row(connection, "i27")])
    where = connection.execute("SELECT district, id, tableoid::regclass::text FROM incident WHERE source_key = 'i27'").fetchone()
    assert where == (city.D1, before[1], "incident_2026_10")
    assert rollup.compare(connection, city.CITY) == []


CHANGED = "2,Rubbish,open,2026-10-02 08:00,2026-10-04 08:00,"


def test_an_import_of_few_changes_writes_few_rows(database: str, tmp_path: Path) -> None:
    path = write_city(tmp_path)
    bring(path)
    stamps = "SELECT area_no, day, kind, xmin::text FROM incident_daily ORDER BY 1, 2, 3"
    with psycopg.connect(database) as connection:
        before = set(connection.execute(stamps).fetchall())
        version = connection.execute("SELECT versions FROM city").fetchone()
    write_city(tmp_path, cases=CASES.replace(CHANGED, CHANGED.replace("open", "closed") + "2026-10-03 08:00"))
    assert bring(path).outcome == "loaded"
    with psycopg.connect(database) as connection:
        assert rollup.compare(connection, "T") == []
        after = set(connection.execute(stamps).fetchall())
        newer = connection.execute("SELECT versions FROM city").fetchone()
    assert len(after - before) < len(before) / 2, "most days are as they were, not written again"
    assert version and newer
    assert {subject for subject in newer[0] if newer[0][subject] != version[0][subject]} == {"incidents"}
