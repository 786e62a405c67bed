"""``/healthz``: healthy, without a database, and with a database that has no schema yet."""

import asyncio

import httpx
import psycopg
import pytest
from fastapi import FastAPI
from table_locks import held, until, waiting

from data.concurrency.queue import make_query_queue
from data.core.settings import settings
from data.core.version import product_version
from routes.api.health import router


async def health() -> httpx.Response:
    app = FastAPI()
    app.state.query_queue = make_query_queue(settings())
    app.include_router(router)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://testserver") as http:
        return await http.get("/healthz")


async def test_all_is_well_and_the_version_of_the_data_grows(database: str) -> None:
    empty = await health()
    assert empty.status_code == 200
    well = {"process": "ok", "database": "ok", "full": False, "waiting": 0, "reasons": []}
    assert empty.json() == {**well, "data_version": 0, "version": product_version()}
    with psycopg.connect(database) as connection:
        connection.execute("INSERT INTO city (code, name, name_en, timezone, data_version) VALUES ('1', '城', 'City', 'Asia/Shanghai', 7)")
    assert (await health()).json()["data_version"] == 7


async def test_a_database_that_does_not_answer_is_503(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@/nothing?host=/nowhere")
    settings.cache_clear()
    answer = await health()
    assert answer.status_code == 503
    assert (answer.json()["process"], answer.json()["database"]) == ("ok", "not_ready")
    settings.cache_clear()


async def test_a_database_without_our_tables_is_503(database: str) -> None:
    with psycopg.connect(database) as connection:
        connection.execute("DROP TABLE city CASCADE")
    answer = await health()
    assert answer.status_code == 503
    assert answer.json()["database"] == "not_migrated"


async def test_however_many_knock_it_takes_one_connection(database: str) -> None:
    with held(database, "city"):
        many = [asyncio.create_task(health()) for _ in range(20)]
        await asyncio.to_thread(until, lambda: waiting(database), "the question")
        assert waiting(database) == 1
    assert [(await one).status_code for one in many] == [200] * 20
