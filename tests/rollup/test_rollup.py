"""Roll-ups against answers worked out by hand."""

from collections import Counter
from typing import Any

import psycopg
import pytest
import small_city as city

from data import rollup

Connection = psycopg.Connection[Any]


@pytest.fixture(autouse=True)
def counted(connection: Connection) -> None:
    """The days with the codes of their areas; ``crossed`` without the sums over categories and channels."""
    connection.execute(
        """
        CREATE TEMP VIEW counted AS
        SELECT a.code, d.*, k.category, k.channel, k.category IS NOT NULL AND k.channel IS NOT NULL AS crossed
        FROM incident_daily d JOIN area a ON a.no = d.area_no JOIN incident_kind k ON k.no = d.kind
        """
    )


def figures(connection: Connection, column: str) -> dict[str, Any]:
    query = psycopg.sql.SQL("SELECT area, {} FROM area_figure").format(psycopg.sql.Identifier(column))
    return dict(connection.execute(query).fetchall())


def period(connection: Connection, column: str) -> dict[str, int]:
    query = psycopg.sql.SQL("SELECT code, sum({})::int FROM counted WHERE crossed AND day BETWEEN %s AND %s GROUP BY code")
    return dict(connection.execute(query.format(psycopg.sql.Identifier(column)), (city.FROM, city.TO)).fetchall())


def test_every_area_has_a_row(connection: Connection) -> None:
    assert set(figures(connection, "population")) == {row[0] for row in city.AREAS}


@pytest.mark.parametrize(
    ("column", "expected"), [("population", city.POPULATION), ("buildings", city.BUILDING_COUNT), ("floor_area_m2", city.FLOOR_AREA_M2)]
)
def test_figures_of_parents_and_zones(connection: Connection, column: str, expected: dict[str, Any]) -> None:
    stored = figures(connection, column)
    assert {code: stored[code] for code in expected} == expected


def test_ages_are_summed_band_by_band(connection: Connection) -> None:
    ages = figures(connection, "ages")
    assert ages[city.CITY] == {"0-14": 280, "15-59": 1960, "60+": 560}
    assert ages[city.ZONE] == {"0-14": 80, "15-59": 560, "60+": 160}
    assert ages[city.C8] is None


def test_incidents_of_the_period(connection: Connection) -> None:
    reported = period(connection, "reported")
    assert {code: reported.get(code, 0) for code in city.TOTAL} == city.TOTAL
    counts = [period(connection, column) for column in ("due", "due_closed", "due_on_time")]
    assert {code: tuple(count.get(code, 0) for count in counts) for code in city.DUE} == city.DUE


def test_days_are_the_city_s_own(connection: Connection) -> None:
    """i15 was reported at 23:30 in Shanghai and i16 an hour later: on one day in Greenwich, on two at home."""
    rows = connection.execute("SELECT day::text, sum(reported)::int FROM counted WHERE code = %s GROUP BY day", (city.C4,))
    assert {day: n for day, n in rows if n} == {"2026-10-08": 1, "2026-10-09": 1}


def test_doing_it_again_changes_nothing_but_the_version(connection: Connection) -> None:
    def everything() -> list[Any]:
        return [
            connection.execute(query).fetchall()
            for query in (
                "SELECT * FROM area_figure ORDER BY area",
                "SELECT * FROM incident_daily ORDER BY area_no, day, kind",
                "SELECT * FROM incident_open ORDER BY area_no, kind, stage, state",
                "SELECT * FROM incident_kind ORDER BY no",
                "SELECT * FROM zone_member ORDER BY zone, grid",
            )
        ]

    before, version = everything(), connection.execute("SELECT data_version FROM city").fetchone()
    rollup.rebuild(connection, city.CITY)
    assert everything() == before
    assert connection.execute("SELECT data_version FROM city").fetchone() > version  # type: ignore[operator]


def test_numbers_of_kinds_are_used_again(connection: Connection) -> None:
    """A smallint would end: cities come and go, and imports that fail take new kinds back."""
    count = "SELECT count(*), max(abs(no)) FROM incident_kind"
    before = connection.execute(count).fetchone()
    for _ in range(3):
        connection.execute("DELETE FROM incident_kind")
        rollup.rebuild(connection, city.CITY)
    assert connection.execute(count).fetchone() == before
    assert before is not None and before[0] == before[1]


def test_a_version_is_never_used_twice(connection: Connection) -> None:
    def version() -> int:
        return connection.execute("SELECT data_version FROM city").fetchone()[0]  # type: ignore[index,no-any-return]

    before = version()
    connection.execute("UPDATE city SET data_version = 1")  # as if the city had been taken away and made anew
    rollup.rebuild(connection, city.CITY)
    assert version() > before
    connection.execute("UPDATE city SET data_version = data_version + 10^12::bigint")  # and with a clock that was put back
    before = version()
    rollup.rebuild(connection, city.CITY)
    assert version() == before + 1


def test_nothing_differs_from_a_fresh_count(connection: Connection) -> None:
    assert rollup.compare(connection, city.CITY) == []


def test_differences_are_named(connection: Connection) -> None:
    connection.execute("UPDATE area_figure SET buildings = 99 WHERE area = %s", (city.S1,))
    cell = city.number(connection, city.C2)
    connection.execute("UPDATE incident_daily SET due = due + 1 WHERE area_no = %s AND day = '2026-10-20'", (cell,))
    connection.execute("DELETE FROM zone_member WHERE grid = %s", (city.C5,))
    found = {(one.table, one.key.split(" · ")[0], one.column, one.stored, one.fresh) for one in rollup.compare(connection, city.CITY)}
    assert ("area_figure", city.S1, "buildings", 99, 5) in found
    assert ("incident_daily", city.C2, "due", 1, 0) in found
    assert ("zone_member", city.ZONE, "member", None, 1) in found
    assert len(found) == 3


def test_so_many_differences_are_named_of_each_table(connection: Connection) -> None:
    counts = ("reported", "void", "closed", "due", "due_closed", "due_on_time")
    connection.execute("UPDATE incident_daily SET " + ", ".join(f"{name} = {name} + 1" for name in counts))
    connection.execute("UPDATE incident_open SET n = n + 1")
    connection.execute("UPDATE area_figure SET buildings = buildings + 1, facilities = facilities + 1")

    def named(**limit: int) -> Counter[str]:
        return Counter(one.table for one in rollup.compare(connection, city.CITY, **limit))

    assert named(limit=7) == {"incident_daily": 7, "incident_open": 7, "area_figure": 7}
    assert named()["incident_daily"] == 1000
    assert named()["area_figure"] == 2 * len(city.AREAS)


def test_residents_follow_the_register(connection: Connection) -> None:
    building = connection.execute("SELECT id, source_id FROM building WHERE source_key = 'b5'").fetchone()
    assert building
    for n in range(3):
        connection.execute(
            """
            INSERT INTO person (district, city, source_id, source_key, grid, path, building_id, household, name, sex, birth_date, residence)
            VALUES (%s, %s, %s, %s, %s, %s, %s, 'h1', '李', 'F', '1990-01-01', 'registered')
            """,
            (city.D1, city.CITY, building[1], f"p{n}", city.C2, city.path_of(city.C2), building[0]),
        )
    connection.execute("UPDATE building SET residents = 7 WHERE source_key = 'b1'")
    rollup.rebuild(connection, city.CITY)
    rows = connection.execute("SELECT source_key, residents FROM building WHERE residents <> 0").fetchall()
    assert rows == [("b5", 3)]


def test_without_a_register_residents_stay_as_they_came(connection: Connection) -> None:
    connection.execute("UPDATE building SET residents = 7 WHERE source_key = 'b1'")
    rollup.rebuild(connection, city.CITY)
    assert connection.execute("SELECT residents FROM building WHERE source_key = 'b1'").fetchone() == (7,)


def test_an_area_without_polygon_takes_nothing_away_from_its_street(connection: Connection) -> None:
    """A community that is only a name (no polygon) stands beside those that hold cells."""
    connection.execute(
        "INSERT INTO area (code, city, level, name, name_en, parent, path, district, origin) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
        ("ghost", city.CITY, "community", "影社区", "Ghost", city.S3, f"{city.path_of(city.S3)}.ghost", city.D2, "none"),
    )
    rollup.rebuild(connection, city.CITY)
    assert figures(connection, "population")[city.S3] == 1800
    assert figures(connection, "population")["ghost"] is None
    connection.execute("UPDATE area_figure SET population = 50 WHERE area = 'ghost'")
    rollup.rebuild(connection, city.CITY)
    assert figures(connection, "population")[city.CITY] == 2850


def test_a_leaf_keeps_its_own_although_names_stand_below_it(connection: Connection) -> None:
    """A cell divided into blocks that are only names still holds its own people."""
    connection.execute(
        "INSERT INTO area (code, city, level, name, name_en, parent, path, district, origin) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
        ("block", city.CITY, "grid", "一块", "Block", city.C1, f"{city.path_of(city.C1)}.block", city.D1, "none"),
    )
    rollup.rebuild(connection, city.CITY)
    assert figures(connection, "population")[city.C1] == 100
    assert figures(connection, "population")[city.CITY] == 2800


def test_days_of_areas_that_are_gone_go_too(connection: Connection) -> None:
    connection.execute("INSERT INTO incident_daily (district, area_no, day, kind) VALUES ('x', 0, '2026-01-01', 1)")
    rollup.rebuild(connection, city.CITY)
    assert connection.execute("SELECT count(*) FROM incident_daily WHERE area_no = 0").fetchone() == (0,)


def test_a_ring_of_parents_does_not_run_for_ever(connection: Connection) -> None:
    connection.execute("SET LOCAL statement_timeout = '10s'")
    connection.execute("UPDATE area SET parent = %s WHERE code = %s", (city.S1, city.D1))
    rollup.rebuild(connection, city.CITY)


def test_counting_anew_writes_only_what_differs(connection: Connection) -> None:
    """A city of ten million cases has sixty million rows: writing them all again would double the table until it is tidied."""
    no = connection.execute("SELECT min(area_no) FROM incident_daily").fetchone()
    connection.execute("UPDATE incident_daily SET reported = reported + 1 WHERE area_no = %s", no)
    connection.execute("UPDATE incident_open SET area_no = -1 WHERE area_no = (SELECT max(area_no) FROM incident_open)")
    places = "SELECT ctid, 'daily', area_no FROM incident_daily UNION ALL SELECT ctid, 'open', area_no FROM incident_open"
    before = set(connection.execute(places).fetchall())
    rollup.rebuild(connection, city.CITY)
    assert rollup.compare(connection, city.CITY) == []
    gone = before - set(connection.execute(places).fetchall())
    assert {(table, area) for _, table, area in gone} == {("daily", no[0] if no else 0), ("open", -1)}


def test_a_step_to_the_next_stage_writes_open_cases_alone(connection: Connection) -> None:
    """No day's count says which stage a case is in, so none is written."""
    key = connection.execute("SELECT district, id FROM incident WHERE is_open AND stage <> 'feedback' AND NOT paused LIMIT 1").fetchone()
    assert key
    writes = "SELECT n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables WHERE relname = %s"
    tables = ("incident_daily", "incident_open")
    before = [connection.execute(writes, [table]).fetchone() for table in tables]
    with rollup.changing_incidents(connection, city.CITY, [key]):
        connection.execute("UPDATE incident SET stage = 'feedback' WHERE (district, id) = (%s, %s)", key)
    daily, waiting = (connection.execute(writes, [table]).fetchone() for table in tables)
    assert daily == before[0] and waiting != before[1]
    assert rollup.compare(connection, city.CITY) == []


def test_a_kind_without_cases_may_become_sensitive(connection: Connection) -> None:
    """Nothing else comes from sensors then, so that nothing adds up what is sensitive from there."""
    connection.execute("DELETE FROM incident WHERE channel = 'sensor'")
    connection.execute("UPDATE category SET sensitive = true WHERE subject = 'incident' AND code = 'utility'")
    rollup.rebuild(connection, city.CITY)
    assert period(connection, "reported")[city.CITY] == city.TOTAL[city.CITY] - 2, "i06 i19"
    assert not list(rollup.compare(connection, city.CITY))
