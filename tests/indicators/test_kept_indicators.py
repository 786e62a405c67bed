"""Answers from memory: one question for many, never an answer older than the data, and nobody's own figures for others."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import small_city as city
from case_tools import person
from databases import FreshDatabase
from lives import load_city, read_lives, write_lives
from sqlalchemy import event

from data import rollup
from data.core.period import Period
from data.database import connections
from data.figures.scope import OutOfScope
from data.indicators.kept import fetch_kept_indicators
from data.indicators.questions import IndicatorQuestion
from data.live import changes, versions

MONTH = Period.parse("2026-10-11", "2026-10-30")
ASKED = IndicatorQuestion(city.CITY, period=MONTH)
CHIEF = person("chief", "supervisor")


def fill(connection: "psycopg.Connection[Any]") -> None:
    load_city(connection)
    write_lives(connection, read_lives(Path(__file__).parent / "lives.csv"))


@pytest.fixture
def town(fresh_database: FreshDatabase) -> Iterator[str]:
    with fresh_database(fill) as url:
        yield url


@pytest.fixture
async def listening(town: str) -> AsyncIterator[list[str]]:
    """This process hears of changes; statements that it asks are written down."""
    async with changes.listen_for_changes():
        while changes.known_versions() is None:  # noqa: ASYNC110 - the connection tells nobody when it is made
            await asyncio.sleep(0.01)
        asked: list[str] = []
        event.listen(connections.engine().sync_engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
        yield asked


async def test_a_second_question_costs_nothing_and_rights_are_not_shared(listening: list[str]) -> None:
    first = await fetch_kept_indicators(ASKED, CHIEF)
    before = len(listening)
    assert before and await fetch_kept_indicators(ASKED, person("another", "supervisor")) == first and len(listening) == before
    in_chinese, in_english = first, await fetch_kept_indicators(ASKED, CHIEF.speaking("en"))
    assert in_chinese["indicators"][0]["title"] != in_english["indicators"][0]["title"]
    told = await fetch_kept_indicators(IndicatorQuestion(city.D1, period=MONTH), person("west", "supervisor", city.D1))
    assert told["area"]["code"] == city.D1
    with pytest.raises(OutOfScope):
        await fetch_kept_indicators(ASKED, person("west", "supervisor", city.D1))


async def test_nobody_gets_the_figures_of_another_worker_from_memory(listening: list[str]) -> None:
    by_person = IndicatorQuestion(city.CITY, "person", MONTH)
    everybody = {None, "wang", "li", "zhao", "qian"}
    for name, role, found in (("chief", "supervisor", everybody), ("wang", "grid_worker", {"wang"}), ("li", "grid_worker", {"li"})):
        told = await fetch_kept_indicators(by_person, person(name, role))
        assert {group["code"] for group in told["groups"]} == found


async def test_a_change_makes_new_figures(listening: list[str], town: str) -> None:
    before = (await fetch_kept_indicators(ASKED, CHIEF))["groups"][0]["values"][0]["numerator"]
    with psycopg.connect(town) as writer:
        writer.execute("UPDATE incident SET stage = 'closed', closed_at = '2026-10-31T10:00:00+08:00' WHERE source_key = 'b10'")
        rollup.rebuild(writer, city.CITY)
        versions.touch(writer, city.CITY, {"incidents"})
    known = changes.known_versions()
    while changes.known_versions() == known:  # noqa: ASYNC110 - the news is under way
        await asyncio.sleep(0.005)
    after = (await fetch_kept_indicators(ASKED, CHIEF))["groups"][0]["values"][0]["numerator"]
    assert before is not None and after == before + 1
