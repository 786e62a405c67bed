"""The demo city through the machine door: every number leads to exactly as many cases, and the figures are as pandas counts them."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pandas as pd
import psycopg
import pytest
import pytest_asyncio
from whole_app import started_app

from data.accounts.guest import guest
from data.core.settings import settings
from data.demo.common.frame import PINNED_DAY
from data.indicators.definitions import INDICATORS

LAST = pd.Timestamp(PINNED_DAY)
DAYS = {"from": f"{LAST - pd.Timedelta(days=29):%Y-%m-%d}", "to": f"{LAST:%Y-%m-%d}"}


@pytest_asyncio.fixture
async def door(demo_database: str) -> AsyncIterator[httpx.AsyncClient]:
    """A program of somebody who may see all of the demo city."""
    async with started_app() as app:
        with guest("supervisor") as known:
            headers = {"authorization": f"Bearer {known.token}"}
            transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers) as client:
                yield client
    settings.cache_clear()


async def ask(door: httpx.AsyncClient, path: str, **more: Any) -> Any:
    answer = await door.get(path, params=more or None)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def count(door: httpx.AsyncClient, address: str) -> int:
    """How many cases a list says that it holds."""
    total = (await ask(door, f"{address}&limit=1&counts=true"))["counts"]["total"]
    assert not total["more"], address
    return int(total["n"])


@pytest.mark.parametrize("by", ["none", "street", "source"])
async def test_every_number_leads_to_as_many_cases(door: httpx.AsyncClient, by: str) -> None:
    told = await ask(
        door, "/api/indicators", by=by, **DAYS, indicator=list(INDICATORS) if by == "none" else ["rework_rate", "handling_mean"]
    )
    followed = 0
    for group in told["groups"][:8]:
        for value in group["values"]:
            share = INDICATORS[value["indicator"]].kind == "share"
            for part in ("numerator", "denominator") if share else ("denominator",):
                if value[part] and value["indicator"] != "coverage":
                    assert value[f"{part}_cases"], (value["indicator"], part)
                    assert await count(door, value[f"{part}_cases"]) == value[part], value[f"{part}_cases"]
                    followed += 1
    assert followed >= 4


async def test_cases_that_were_late_are_the_rest_of_those_on_time(door: httpx.AsyncClient) -> None:
    worse = await ask(door, "/api/indicators/worse", measure="late", **DAYS)
    for area in worse["areas"][:3]:
        address = f"/api/cases?area={area['code']}&due_from={worse['period']['from']}&due_to={worse['period']['to']}"
        assert await count(door, f"{address}&indicator=on_time_closing_rate&part=rest") == area["now"]
        assert await count(door, f"{address}&indicator=on_time_closing_rate") == area["of_now"]


async def test_hours_and_shares_are_as_pandas_counts_them(door: httpx.AsyncClient, demo_database: str) -> None:
    with psycopg.connect(demo_database) as owner:
        rows = owner.execute(
            "SELECT i.channel, i.reported_is_day, (i.reported_at AT TIME ZONE c.timezone) AS at"
            " FROM incident i JOIN city c ON c.code = i.city"
        )
        cases = pd.DataFrame(rows.fetchall(), columns=["channel", "only_day", "at"])
    inside = cases[(cases["at"] >= DAYS["from"]) & (cases["at"] < LAST + pd.Timedelta(days=1))]
    told = await ask(door, "/api/indicators/hours", **DAYS)
    timed = inside[~inside["only_day"]]
    wanted = timed.groupby([timed["at"].dt.day_of_week + 1, timed["at"].dt.hour]).size()
    assert {(one["weekday"], one["hour"]): one["reported"] for one in told["hours"]} == wanted.to_dict()
    busiest = max(told["hours"], key=lambda one: one["reported"])
    assert await count(door, busiest["cases"]) == busiest["reported"]
    by_source = await ask(door, "/api/indicators", by="source", indicator="proactive_share", **DAYS)
    assert {group["code"]: group["values"][0]["denominator"] for group in by_source["groups"]} == inside.groupby("channel").size().to_dict()
