"""Requests that come together are inserted together, each with the rights of whoever asks."""

import asyncio
import uuid
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
import small_city as city
from case_tools import CHIEF, DESK, WORKER, person
from databases import FreshDatabase
from rights_tools import load_people

from data.cases import asking, requests
from data.cases.asking import insert_soon
from data.cases.many.choosing import MOST_IN_BULK
from data.cases.orders import EXPIRED_S
from data.core.viewer import Viewer
from data.queries.cases import INSERT_REQUEST_BY_NUMBER

Connection = psycopg.Connection[Any]
WEST = person("west", "dispatcher", city.D1)
_NEW = "INSERT INTO case_request (id, city, grid, key, hash, body) VALUES (%(id)s, %(city)s, %(grid)s, 'k', '', '{}')"


@pytest.fixture
def owner(fresh_database: FreshDatabase) -> Iterator[Connection]:
    """The owner of the small city, whose cases have numbers like ``i06``."""
    with fresh_database(city.load, load_people) as url, psycopg.connect(url, autocommit=True) as connection:
        connection.execute("UPDATE incident SET number = source_key")
        yield connection


def step_on(number: str) -> dict[str, Any]:
    return {"id": uuid.uuid4(), "city": None, "number": number, "key": "k", "hash": b"", "body": '{"step": "remark"}'}


async def ask(viewer: Viewer, number: str) -> int:
    return await insert_soon(viewer, INSERT_REQUEST_BY_NUMBER, step_on(number))


def written(owner: Connection) -> list[tuple[str, str, str, str]]:
    """Account, role, database role and number of the case of each request."""
    of_case = "i.district = r.district AND i.id = r.incident_id AND i.reported_at = r.reported_at"
    asked = f"SELECT r.account, r.role, r.detail, i.number FROM case_request r JOIN incident i ON {of_case} ORDER BY r.no"
    return owner.execute(asked.encode()).fetchall()


async def test_requests_of_several_people_are_one_transaction(owner: Connection) -> None:
    counts = await asyncio.gather(ask(DESK, "i06"), ask(WORKER, "i04"), ask(CHIEF, "i21"), ask(DESK, "nothing"), ask(WEST, "i21"))
    assert counts == [1, 1, 1, 0, 0], "there is no such case, or none that they see"
    assert written(owner) == [
        ("desk", "dispatcher", "gridwell_cases", "i06"),
        ("worker", "grid_worker", "gridwell_people", "i04"),
        ("chief", "supervisor", "gridwell_people", "i21"),
    ]
    assert owner.execute("SELECT count(DISTINCT xmin::text) FROM case_request").fetchone() == (1,)


async def test_one_that_is_refused_stops_no_other(owner: Connection) -> None:
    out_of_scope = insert_soon(WEST, _NEW, {"id": uuid.uuid4(), "city": city.CITY, "grid": city.C8})
    made = await asyncio.gather(ask(DESK, "i06"), out_of_scope, ask(CHIEF, "i21"), return_exceptions=True)
    assert made[0] == made[2] == 1 and isinstance(made[1], psycopg.errors.InsufficientPrivilege)
    assert [(account, number) for account, _, _, number in written(owner)] == [("desk", "i06"), ("chief", "i21")]


async def test_whoever_left_before_the_turn_came_has_asked_for_nothing(owner: Connection) -> None:
    leaving = asyncio.create_task(ask(DESK, "i06"))
    staying = asyncio.create_task(ask(CHIEF, "i21"))
    await asyncio.sleep(0)  # both wait for their turn
    leaving.cancel()
    assert await staying == 1
    assert [number for *_, number in written(owner)] == ["i21"]


async def test_many_take_several_turns(owner: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "MOST_TOGETHER", 4)
    assert await asyncio.gather(*(ask(DESK, "i06") for _ in range(10))) == [1] * 10
    assert owner.execute("SELECT count(*), count(DISTINCT xmin::text) FROM case_request").fetchone() == (10, 3)


def test_nobody_waits_longer_than_a_request_may() -> None:
    """What is older is not carried out any more, so whoever still waited would wait for nothing."""
    longest = requests.PATIENCE_S + requests.PATIENCE_FOR_EACH_S * MOST_IN_BULK + requests.LAST_PATIENCE_S
    assert longest <= EXPIRED_S
