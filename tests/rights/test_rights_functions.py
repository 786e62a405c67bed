"""The SQL functions that open a record, search people and write the audit log, called as each role."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import psycopg
import pytest
import small_city as city
from databases import FreshDatabase
from rights_tools import PEOPLE, as_service, become, load_people, refused, seeing, viewer_of

from data.core.roles import AUDIT, DOOR

Connection = psycopg.Connection[Any]
DENIED, NO_PURPOSE, TOO_MANY, NOT_ALLOWED, STALE, STAYS, TOO_OFTEN = "42501", "GW001", "GW002", "GW003", "GW004", "GW005", "GW006"
PERSON = "SELECT name, birth_date, id_kind, id_cipher, phone_cipher FROM reveal_person(%s, %s, %s)"
NAME = "SELECT district, id, name_shown, id_shown FROM find_people('name', %s, NULL, '张*明')"
FIRST_OF_C1, FIRST_OF_C5 = (city.D1, 1), (city.D2, 9)


@pytest.fixture
def town(fresh_database: FreshDatabase) -> Iterator[str]:
    with fresh_database(city.load, load_people) as url:
        yield url


def log(town: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(town) as owner:
        return owner.execute("SELECT no, account, role, address, action, subject, person, purpose FROM audit_log ORDER BY no").fetchall()


def test_one_record_is_opened_with_a_purpose_and_written_down(town: str) -> None:
    with seeing(viewer_of(city.S1)) as connection:
        assert connection.execute(PERSON, (*FIRST_OF_C1, "走访")).fetchall() == [
            ("张小明", date(1980, 5, 6), "resident_card", b"a1", b"c1")
        ]
        connection.commit()
    assert log(town) == [(1, "worker", "grid_worker", "192.0.2.7", "reveal_person", f"person {city.D1}/1", "1:p1", "走访")]


def test_out_of_scope_there_is_nothing_to_open_and_nothing_written_down(town: str) -> None:
    with seeing(viewer_of(city.S1)) as connection:
        assert connection.execute(PERSON, (*FIRST_OF_C5, "走访")).fetchall() == []
        assert connection.execute("SELECT * FROM reveal_reporter(%s, 9, '走访')", (city.D2,)).fetchall() == []
        assert connection.execute("SELECT * FROM reveal_head(%s, '走访')", (city.C3,)).fetchall() == []
        connection.commit()
    assert log(town) == []


@pytest.mark.parametrize("purpose", [None, "", "  ", "x", "\t\n"])
def test_without_a_purpose_nothing_is_opened(town: str, purpose: str | None) -> None:
    with seeing(viewer_of(city.S1)) as connection:
        assert refused(connection, PERSON, *FIRST_OF_C1, purpose) == NO_PURPOSE


def test_what_was_opened_and_taken_back_was_never_shown(town: str) -> None:
    """The row in the log lands with the answer, or neither does."""
    with seeing(viewer_of(city.S1)) as connection:
        connection.execute(PERSON, (*FIRST_OF_C1, "走访"))
        assert connection.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()").fetchone() == (1,)
    assert log(town) == []


def test_one_account_opens_so_many_records_within_an_hour(town: str) -> None:
    with psycopg.connect(town) as owner:
        owner.execute("UPDATE rate_limit SET most = 3 WHERE name = 'reveals_per_hour'")
    for n in range(3):
        with seeing(viewer_of(city.S1)) as connection:
            assert connection.execute(PERSON, (city.D1, 1 + n, "走访")).fetchall()
            connection.commit()
    with seeing(viewer_of(city.S1)) as connection:
        assert refused(connection, PERSON, *FIRST_OF_C1, "走访") == TOO_MANY
        assert refused(connection, "SELECT * FROM reveal_head(%s, '走访')", city.C1) == TOO_MANY
        connection.execute("SELECT set_config('gridwell.account', 'another', true)")
        assert connection.execute(PERSON, (*FIRST_OF_C1, "走访")).fetchall()


@pytest.mark.parametrize("call", ["SELECT reveal_head('1', '走访')", "SELECT reveal_unit('1', '1', '走访')"])
def test_who_sees_figures_alone_calls_nobody(town: str, call: str) -> None:
    with seeing(viewer_of(city.S1, "figures")) as connection:
        assert refused(connection, call) == DENIED


UNIT = "SELECT * FROM reveal_unit(%s, %s, %s)"


@pytest.mark.parametrize("detail", ["cases", "people"])
def test_who_works_with_cases_calls_heads_and_units_with_a_purpose(town: str, detail: Any) -> None:
    with psycopg.connect(town) as owner:
        owner.execute("INSERT INTO unit (city, code, name, phone) VALUES (%s, 'U1', '一队', '0570-88001001')", (city.CITY,))
        owner.execute("INSERT INTO city (code, name, name_en, timezone) VALUES ('other', '', '', 'UTC')")
        owner.execute("INSERT INTO unit (city, code, name, phone) VALUES ('other', 'U1', '二队', '1')")
    with seeing(viewer_of(city.S1, detail)) as connection:
        assert connection.execute("SELECT phone_shown FROM unit WHERE city = %s", (city.CITY,)).fetchone() == ("057****1001",)
        assert refused(connection, "SELECT phone FROM unit") == DENIED and refused(connection, "SELECT * FROM unit") == DENIED
        assert refused(connection, UNIT, city.CITY, "U1", " ") == NO_PURPOSE
        assert connection.execute(UNIT, (city.CITY, "U1", "走访")).fetchall() == [("一队", "0570-88001001")]
        assert connection.execute("SELECT name, phone FROM reveal_head(%s, '走访')", (city.C1,)).fetchall() == [("王小明", "13812345678")]
        assert connection.execute(UNIT, ("other", "U1", "走访")).fetchall() == [], "of a city that is none of this viewer's"
        assert connection.execute(UNIT, (city.CITY, "U2", "走访")).fetchall() == []
        connection.commit()
    assert [row[4:6] for row in log(town)] == [("reveal_unit", f"unit {city.CITY}/U1"), ("reveal_head", f"area {city.C1}")]


@pytest.mark.parametrize("detail", ["figures", "cases"])
@pytest.mark.parametrize(
    "call",
    [
        PERSON % ("'1'", "1", "'走访'"),
        "SELECT cases_of_reporter('1', 1, 9)",
        "SELECT reveal_reporter('1', 1, '走访')",
        NAME % "'a'",
    ],
)
def test_less_detail_opens_and_seeks_nobody(town: str, detail: Any, call: str) -> None:
    with seeing(viewer_of(city.S1, detail)) as connection:
        assert refused(connection, call) == DENIED


def test_nobody_opens_a_record_without_a_name(town: str) -> None:
    with seeing(viewer_of(city.S1)) as connection:
        connection.execute("SELECT set_config('gridwell.account', '', true)")
        assert refused(connection, PERSON, *FIRST_OF_C1, "走访") == NOT_ALLOWED
        assert refused(connection, NAME, "张小明") == NOT_ALLOWED


def test_people_are_found_in_scope_alone_and_masked(town: str) -> None:
    for code in (city.CITY, city.S1, city.C3, city.C8, city.ZONE):
        with seeing(viewer_of(code)) as connection:
            seen = connection.execute(
                "SELECT district, id, name_shown, id_shown FROM person WHERE name_shown = '张*明' ORDER BY 1, 2"
            ).fetchall()
            assert connection.execute(NAME, ("张小明",)).fetchall() == seen and seen
            assert connection.execute(NAME, ("张",)).fetchall() == []
            connection.commit()
    assert [row[4:6] for row in log(town)] == [("search_people", "name")] * 10


def test_one_account_seeks_people_so_many_times_within_an_hour(town: str) -> None:
    """A list shows all but four digits of a telephone number: who could try them all would have read it."""
    with psycopg.connect(town) as owner:
        owner.execute("UPDATE rate_limit SET most = 3 WHERE name = 'searches_per_hour'")
    for name in ("张小明", "nobody", "nobody else"):
        with seeing(viewer_of(city.S1)) as connection:
            connection.execute(NAME, (name,)).fetchall()
            connection.commit()
    with seeing(viewer_of(city.S1)) as connection:
        assert refused(connection, NAME, "张小明") == TOO_OFTEN
        assert connection.execute(PERSON, (*FIRST_OF_C1, "走访")).fetchall(), "that is counted by itself"
        connection.execute("SELECT set_config('gridwell.account', 'another', true)")
        assert connection.execute(NAME, ("张小明",)).fetchall()


def test_people_are_found_by_the_hash_of_a_number(town: str) -> None:
    statement = "SELECT district, id FROM find_people(%s, NULL, %s, '****')"
    with seeing(viewer_of(city.D1)) as connection:
        for what, letter in (("id", "b"), ("phone", "d")):
            assert connection.execute(statement, (what, f"{letter}3".encode())).fetchall() == [(city.D1, 3)]
            assert connection.execute(statement, (what, f"{letter}9".encode())).fetchall() == [], "he lives in the other district"
            assert connection.execute(statement, (what, None)).fetchall() == []
        assert connection.execute(statement, ("anything", b"b3")).fetchall() == []


def test_never_more_than_fifty_are_found(town: str) -> None:
    with psycopg.connect(town) as owner:
        owner.execute(
            "INSERT INTO person (district, city, source_id, source_key, grid, path, household, name, sex, birth_date, residence)"
            " SELECT district, city, source_id, 'more' || n, grid, path, household, name, sex, birth_date, residence"
            " FROM person, generate_series(1, 60) n WHERE id = 1"
        )
    with seeing(viewer_of(city.CITY)) as connection:
        assert len(connection.execute(NAME, ("张小明",)).fetchall()) == 50
        assert len(connection.execute("SELECT * FROM find_people('name', '张小明', NULL, '', 10000)").fetchall()) == 50
        assert len(connection.execute("SELECT * FROM find_people('name', '张小明', NULL, '', -1)").fetchall()) == 0


# ---- The audit log ----


def test_rows_are_added_by_the_function_alone_and_stay(town: str) -> None:
    with seeing(viewer_of(city.S1, "figures")) as connection:
        assert connection.execute("SELECT audit_append('sign_in', 'worker')").fetchone() == (1,)
        assert refused(connection, "INSERT INTO audit_log DEFAULT VALUES") == DENIED
        connection.commit()
    with seeing(role=AUDIT) as connection:
        assert connection.execute("SELECT count(*) FROM audit_log").fetchone() == (1,)
        assert refused(connection, "UPDATE audit_log SET action = 'x'") == DENIED
        assert refused(connection, "DELETE FROM audit_log") == DENIED
    with psycopg.connect(town) as owner:
        for statement in ("UPDATE audit_log SET action = 'x'", "DELETE FROM audit_log", "TRUNCATE audit_log"):
            assert refused(owner, statement) == STAYS, "the owner too, as long as he does not mean it"


def test_a_snapshot_cannot_fork_the_chain(town: str) -> None:
    with as_service() as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        become(connection, viewer_of(city.S1))
        assert refused(connection, "SELECT audit_append('a', 's')") == STALE


# ---- The door ----


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("*", ("*", "*", "")),
        (city.S1, (city.path_of(city.S1),) * 2 + ("",)),
        (city.ZONE, (city.CITY, city.path_of(city.ZONE), city.ZONE)),
        ("nowhere", None),
        ("", None),
    ],
)
def test_the_door_learns_where_a_code_lies_and_nothing_else(town: str, code: str, found: tuple[str, ...] | None) -> None:
    with seeing(role=DOOR) as connection:
        assert connection.execute("SELECT * FROM scope_of(%s)", (code,)).fetchone() == found
        assert refused(connection, "SELECT 1 FROM area") == DENIED


def test_people_of_the_list_stand_in_every_cell() -> None:
    assert {cell for cell, _ in PEOPLE} == set(city.CELLS)
