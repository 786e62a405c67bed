"""How the row of walls is made of what walls saw, and a quick run of it over a real server."""

from pathlib import Path

import psycopg
import pytest
from databases import FreshDatabase

from bench.model import Row
from bench.order import QUICK, Order
from bench.rows import measure
from bench.rows.wall_clients import Wall, find_waits, judge


def test_a_change_is_seen_with_the_first_version_that_is_not_older() -> None:
    changes = [(10, 1.0), (20, 1.1), (30, 1.2), (40, 1.3)]
    assert find_waits([(5, 0.5), (20, 1.5), (30, 2.0)], changes) == pytest.approx([500, 400, 800])
    assert find_waits([(40, 1.4)], changes) == pytest.approx([400, 300, 200, 100])
    assert find_waits([], changes) == []


def test_what_a_wall_never_shows_is_lost() -> None:
    whole, half = Wall("a", shown=[(10, 2.0), (20, 3.0)], opened=7), Wall("b", heard=[(20, 2.5)], shown=[(19, 2.0)], opened=8)
    seen = judge([whole, half], [(10, 1.0), (20, 1.0)])
    assert (seen.lost, seen.opened) == (1, [7, 8])
    assert seen.heard_ms == pytest.approx([1500, 1500]) and seen.shown_ms == pytest.approx([1000, 2000, 1000])


@pytest.mark.slow
def test_walls_lose_nothing_and_the_database_stays_as_it_was(fresh_database: FreshDatabase, demo_template: str, tmp_path: Path) -> None:
    with fresh_database(template=demo_template) as url:
        held = "SELECT count(*) FILTER (WHERE is_open), count(*) FILTER (WHERE stage = 'dispatched') FROM incident"
        with psycopg.connect(url) as connection:
            before = connection.execute(held).fetchone()
        row = Row("walls")
        measure("walls")(Order("test", {"test": url}, url, str(tmp_path), counts=QUICK), row)
        told = {one.what: one.value for one in row.ratios}
        assert told["lost"] == told["walls that end with other counts than the database"] == told["questions without an answer"] == 0
        assert {one.samples for one in row.figures if one.what.startswith("change to shown")} == {QUICK.walls * 21}
        with psycopg.connect(url) as connection:
            assert connection.execute(held).fetchone() == before
            left = connection.execute(
                "SELECT (SELECT count(*) FROM wall_screen), (SELECT count(*) FROM account WHERE name LIKE 'bench%')"
            ).fetchone()
            assert left == (0, 0)
