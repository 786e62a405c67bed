"""After random histories of the small city, its roll-ups equal a fresh count."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
import small_city as city
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg import sql

from data import rollup
from data.database import partitions
from data.doctor.examine import CITY_CHECKS
from data.rollup.recount import settle_states
from data.schema import CHANNELS, CLOSED_STAGES, STAGES

pytestmark = pytest.mark.slow

Connection = psycopg.Connection[Any]
START = datetime(2026, 10, 29, 15, 30, tzinfo=UTC)
"""Half past eleven in the evening of the city, two days before a month ends."""
NOW = datetime.fromisoformat(city.AS_OF)
MARKS = ("sum.population", "sum.ages", "sum.buildings", "sum.incidents", "fresh.register")
"""What the doctor adds to the comparison."""


@dataclass(frozen=True)
class Case:
    """An incident as it shall be; hours from ``START``, so that days and months of the city and of Greenwich are crossed."""

    cell: str
    category: str
    channel: str
    stage: str
    paused: bool
    reported: int
    due: int | None
    closed: int


CASES = st.builds(
    Case,
    cell=st.sampled_from(city.CELLS),
    category=st.sampled_from(["env", "order", "new"]),
    channel=st.sampled_from(CHANNELS[:3]),
    stage=st.sampled_from(STAGES),
    paused=st.booleans(),
    reported=st.integers(0, 100),
    due=st.none() | st.integers(1, 60),
    closed=st.integers(0, 60),
)
WHICH = st.integers(0, 99)
STEPS = st.one_of(
    st.tuples(st.just("report"), CASES),
    st.tuples(st.just("change"), WHICH, CASES),
    st.tuples(st.just("take_away"), WHICH),
    st.tuples(st.just("load"), st.lists(st.tuples(st.booleans(), WHICH, CASES), min_size=1, max_size=8)),
    st.tuples(st.just("tick"), st.integers(0, 40)),
    st.tuples(st.just("object"), st.sampled_from(["building", "facility"]), st.none() | WHICH, st.none() | st.sampled_from(city.CELLS)),
    st.tuples(st.just("person"), st.none() | WHICH, st.none() | st.sampled_from(city.CELLS[:7]), st.integers(0, 95), st.integers(1, 4)),
)


@pytest.fixture(scope="module")
def living(fresh_database: Any) -> Iterator[str]:
    """The small city with a clock that goes on."""
    with fresh_database(city.load) as url:
        with psycopg.connect(url) as connection:
            partitions.ensure_partitions(connection, [START + timedelta(days=day) for day in range(6)])
            # Nobody lives there yet: the population counted by hand has no register behind it.
            connection.execute(
                "UPDATE area_figure SET population = 0, households = 0, male = 0, female = 0, ages = %s",
                ['{"0-14": 0, "15-59": 0, "60+": 0}'],
            )
            connection.execute("UPDATE city SET as_of = %s", [NOW])
            rollup.rebuild(connection, city.CITY)
            connection.execute("UPDATE city SET as_of = NULL")
            first = History(connection, number=1000)
            for cell in city.CELLS[:2]:
                for age in (8, 31, 32):
                    first.person(None, cell, age, household=1)
        yield url


class History:
    """A city to which things happen, each through the door it has for that."""

    def __init__(self, connection: Connection, number: int = 0) -> None:
        self.connection = connection
        self.number = number
        self.now = NOW

    def ids(self, table: str) -> list[tuple[str, int]]:
        return self.connection.execute(sql.SQL("SELECT district, id FROM {} ORDER BY id").format(sql.Identifier(table))).fetchall()

    def pick(self, table: str, which: int) -> list[tuple[str, int]]:
        """One row, or none where there is none."""
        there = self.ids(table)
        return [there[which % len(there)]] if there else []

    def values(self, case: Case) -> dict[str, Any]:
        reported = START + timedelta(hours=case.reported)
        return {
            **{"cell": case.cell, "path": city.path_of(case.cell), "district": case.cell[:6], "category": case.category},
            **{"channel": case.channel, "stage": case.stage, "paused": case.paused, "reported": reported},
            "due": None if case.due is None else reported + timedelta(hours=case.due),
            "closed": reported + timedelta(hours=case.closed) if case.stage in CLOSED_STAGES else None,
        }

    def insert(self, case: Case) -> list[tuple[str, int]]:
        self.number += 1
        statement = """
            INSERT INTO incident (district, city, source_id, source_key, grid, path, geom, geom_3857, number, category, channel, stage,
                paused, reported_at, due_at, closed_at)
            SELECT %(district)s, a.city, 1, %(key)s, a.code, a.path, a.label_point, ST_Transform(a.label_point, 3857), %(key)s,
                %(category)s, %(channel)s, %(stage)s, %(paused)s, %(reported)s, %(due)s, %(closed)s
            FROM area a WHERE a.code = %(cell)s
            RETURNING district, id
        """
        return self.connection.execute(statement, {**self.values(case), "key": f"h{self.number}"}).fetchall()

    def update(self, row: tuple[str, int], case: Case) -> list[tuple[str, int]]:
        statement = """
            UPDATE incident SET district = %(district)s, grid = %(cell)s, path = %(path)s, category = %(category)s, channel = %(channel)s,
                stage = %(stage)s, paused = %(paused)s, reported_at = %(reported)s, due_at = %(due)s, closed_at = %(closed)s
            WHERE district = %(old)s AND id = %(id)s RETURNING district, id
        """
        return self.connection.execute(statement, {**self.values(case), "old": row[0], "id": row[1]}).fetchall()

    def delete(self, table: str, rows: list[tuple[str, int]]) -> None:
        statement = sql.SQL("DELETE FROM {} WHERE district = %s AND id = %s").format(sql.Identifier(table))
        for row in rows:
            self.connection.execute(statement, row)

    # -- what can happen ---------------------------------------------------------------------------------------------

    def report(self, case: Case) -> None:
        with rollup.changing_incidents(self.connection, city.CITY) as touched:
            touched.add(self.insert(case))

    def change(self, which: int, case: Case) -> None:
        rows = self.pick("incident", which)
        with rollup.changing_incidents(self.connection, city.CITY, rows) as touched:
            for row in rows:
                touched.add(self.update(row, case))

    def take_away(self, which: int) -> None:
        rows = self.pick("incident", which)
        with rollup.changing_incidents(self.connection, city.CITY, rows):
            self.delete("incident", rows)

    def load(self, told: list[tuple[bool, int, Case]]) -> None:
        """Many at once, by a temporary table: some new, some changed."""
        changed = {row: case for new, which, case in told if not new for row in self.pick("incident", which)}
        table = self.staged("staged_before", list(changed))
        with rollup.changing_incidents(self.connection, city.CITY, table=table) as touched:
            after = [found for row, case in changed.items() for found in self.update(row, case)]
            after += [found for new, _, case in told if new for found in self.insert(case)]
            touched.add(table=self.staged("staged_after", after))

    def staged(self, name: str, rows: list[tuple[str, int]]) -> sql.Identifier:
        table = sql.Identifier(name)
        self.connection.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(table))
        self.connection.execute(sql.SQL("CREATE TEMP TABLE {} (district text, id bigint)").format(table))
        self.connection.cursor().executemany(sql.SQL("INSERT INTO {} VALUES (%s, %s)").format(table), rows)
        return table

    def tick(self, hours: int) -> None:
        self.now += timedelta(hours=hours)
        rollup.tick(self.connection, city.CITY, self.now)

    def object(self, table: str, which: int | None, cell: str | None) -> None:
        """A building or facility is added (no which), moved, or taken away (no cell)."""
        rows = [] if which is None else self.pick(table, which)
        block = rollup.changing_buildings if table == "building" else rollup.changing_facilities
        with block(self.connection, city.CITY, rows) as touched:
            if cell is None:
                self.delete(table, rows)
            elif rows:
                move = "UPDATE {} SET district = %s, grid = %s, path = %s WHERE district = %s AND id = %s RETURNING district, id"
                place = (cell[:6], cell, city.path_of(cell), *rows[0])
                touched.add(self.connection.execute(sql.SQL(move).format(sql.Identifier(table)), place).fetchall())
            else:
                touched.add(self.stand(table, cell))

    def stand(self, table: str, cell: str) -> list[tuple[str, int]]:
        self.number += 1
        own = {"building": ("footprint_m2, floors", "geom, geom_3857, 123.4, 7"), "facility": ("kind", None)}[table]
        values = own[1] or "label_point, ST_Transform(label_point, 3857), 'school'"
        statement = (
            f"INSERT INTO {table} (district, city, source_id, source_key, grid, path, geom, geom_3857, {own[0]})"
            f" SELECT %s, city, 1, %s, code, path, {values} FROM area WHERE code = %s RETURNING district, id"
        )
        return self.connection.execute(statement, (cell[:6], f"h{self.number}", cell)).fetchall()

    def person(self, which: int | None, cell: str | None, age: int, household: int) -> None:
        """Somebody moves in (no which), moves house, or leaves (no cell)."""
        rows = [] if which is None else self.pick("person", which)
        with rollup.changing_persons(self.connection, city.CITY, rows) as touched:
            if cell is None:
                self.delete("person", rows)
                return
            home = self.connection.execute("SELECT min(id) FROM building WHERE grid = %s", [cell]).fetchone()
            place = {"district": cell[:6], "cell": cell, "path": city.path_of(cell), "home": home and home[0], "household": str(household)}
            if rows:
                statement = """
                    UPDATE person SET district = %(district)s, grid = %(cell)s, path = %(path)s, building_id = %(home)s,
                        household = %(household)s WHERE district = %(old)s AND id = %(id)s RETURNING district, id
                """
                place |= {"old": rows[0][0], "id": rows[0][1]}
            else:
                self.number += 1
                statement = """
                    INSERT INTO person (district, city, source_id, source_key, grid, path, building_id, household, name, sex, birth_date,
                        residence)
                    VALUES (%(district)s, %(city)s, 1, %(key)s, %(cell)s, %(path)s, %(home)s, %(household)s, '李', %(sex)s,
                        '2026-06-01'::date - %(age)s * 366, 'registered')
                    RETURNING district, id
                """
                place |= {"city": city.CITY, "key": f"h{self.number}", "sex": "MF"[age % 2], "age": age}
            touched.add(self.connection.execute(statement, place).fetchall())


@given(st.lists(STEPS, min_size=1, max_size=9))
@settings(max_examples=25)
def test_roll_ups_follow_whatever_happens(living: str, steps: list[tuple[Any, ...]]) -> None:
    with psycopg.connect(living) as connection:
        history = History(connection)
        for name, *how in steps:
            getattr(history, name)(*how)
        assert rollup.compare(connection, city.CITY) == []
        assert {mark: CITY_CHECKS[mark][1](connection, city.CITY).offenders for mark in MARKS} == dict.fromkeys(MARKS, ())
        days = """
            SELECT max(i.day) FROM (SELECT (reported_at AT TIME ZONE 'Asia/Shanghai')::date AS day FROM incident) i, city c
            WHERE i.day <= (coalesce(c.as_of, greatest(c.states_at, now())) AT TIME ZONE 'Asia/Shanghai')::date
        """
        assert connection.execute("SELECT newest_case_day FROM city").fetchone() == connection.execute(days).fetchone()
        before = connection.execute("SELECT id, deadline_state FROM incident ORDER BY id").fetchall()
        settle_states(connection, city.CITY)
        assert connection.execute("SELECT id, deadline_state FROM incident ORDER BY id").fetchall() == before
        connection.rollback()


@pytest.mark.parametrize("table", ["incident_daily", "incident_open"])
def test_what_comes_to_nothing_is_not_kept(living: str, table: str) -> None:
    with psycopg.connect(living) as connection:
        history = History(connection)
        history.report(Case(city.C8, "new", "public", "filed", False, 0, 5, 0))
        history.take_away(len(history.ids("incident")) - 1)
        kinds = "SELECT no FROM incident_kind WHERE category = 'new'"
        counted = sql.SQL("SELECT count(*) FROM {} WHERE kind IN ({})").format(sql.Identifier(table), sql.SQL(kinds))
        assert connection.execute(counted).fetchone() == (0,)
        connection.rollback()
