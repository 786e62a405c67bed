"""Saved filters and columns: whose they are, who sees them, what they name that is gone, and what is refused."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import psycopg
import pytest
import pytest_asyncio
import small_city as city
from case_door import Door, open_door
from databases import FreshDatabase

from data.cases.saved import filters
from data.core.errors import BadInput

pytestmark = pytest.mark.slow
ROLES = {"zhou": ("supervisor", "*"), "lin": ("dispatcher", city.D1), "chen": ("grid_worker", "*"), "auditor": ("auditor", "*")}


@pytest.fixture(scope="module")
def town(fresh_database: FreshDatabase) -> Iterator[str]:
    with fresh_database(city.load) as url:
        yield url


@pytest_asyncio.fixture
async def door(town: str) -> AsyncIterator[Door]:
    async with open_door(ROLES) as made:
        yield made


def join(town: str, door: Door, unit: str, *who: str, last: str | None = None) -> None:
    with psycopg.connect(town) as owner:
        owner.execute("INSERT INTO unit (city, code, name) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING", [city.CITY, unit, unit])
        for name in who:
            owner.execute(
                "INSERT INTO unit_member (city, unit, account, post, valid_to) VALUES (%s, %s, %s, %s, %s)",
                [city.CITY, unit, door.people[name].name, "head" if name == "zhou" else "worker", last],
            )


async def save(door: Door, who: str, name: str, search: str = "state=overdue", **more: Any) -> httpx.Response:
    return await door.post(who, "/api/filters", {"name": name, "search": search, **more})


async def names(door: Door, who: str) -> list[tuple[str, bool]]:
    answer = await door.get(who, "/api/filters")
    return [(one["name"], one["own"]) for one in answer.json()["filters"]]


async def test_a_filter_is_kept_with_the_account_without_what_is_open_or_how_it_looks(door: Door) -> None:
    made = await save(door, "zhou", " Today ", "?area=1&state=overdue,amber&q=路灯&case=X1&lang=en&theme=dark&sort=")
    assert made.status_code == 201
    (kept,) = made.json()["filters"]
    assert (kept["name"], kept["search"]) == ("Today", "area=1&state=overdue,amber&q=%E8%B7%AF%E7%81%AF")
    assert (kept["own"], kept["account"], kept["unit"]) == (True, door.people["zhou"].name, None)
    assert await names(door, "lin") == [], "nobody else sees it"


async def test_names_are_used_once_and_there_is_a_most(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (await save(door, "zhou", "a")).status_code == 201
    again = await save(door, "zhou", "a ")
    assert (again.status_code, again.json()["error"]["code"]) == (409, "name_used")
    assert (await save(door, "lin", "a")).status_code == 201, "others may use it, too"
    monkeypatch.setattr(filters, "MOST_FILTERS", 1)
    full = await save(door, "lin", "b")
    assert (full.status_code, full.json()["error"]["code"]) == (409, "too_many_filters")


async def test_members_of_a_unit_see_what_is_shared_with_it_and_change_nothing(door: Door, town: str) -> None:
    join(town, door, "east", "zhou", "lin")
    join(town, door, "east", "chen", last="2020-01-01")
    assert (await save(door, "zhou", "shared", city=city.CITY, unit="east")).status_code == 201
    number = (await door.get("zhou", "/api/filters")).json()["filters"][0]["id"]
    assert await names(door, "lin") == [("shared", False)]
    assert await names(door, "chen") == [], "no member any more"
    for path in (f"/api/filters/{number}", f"/api/filters/{number}/delete"):
        answer = await door.post("lin", path, {"name": "mine", "search": ""})
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "unknown_object")
    assert (await save(door, "chen", "x", city=city.CITY, unit="east")).json()["error"]["code"] == "not_your_unit"
    changed = await door.post("zhou", f"/api/filters/{number}", {"name": "now mine", "search": "stage=filed"})
    assert [(one["name"], one["search"], one["unit"]) for one in changed.json()["filters"]] == [("now mine", "stage=filed", None)]
    assert await names(door, "lin") == []
    assert (await door.post("zhou", f"/api/filters/{number}/delete", {})).json()["filters"] == []


async def test_own_filters_stand_in_one_s_own_order(door: Door) -> None:
    for name in ("one", "two", "three"):
        await save(door, "zhou", name)
    ids = {one["name"]: one["id"] for one in (await door.get("zhou", "/api/filters")).json()["filters"]}
    told = await door.post("zhou", "/api/filters/order", {"ids": [ids["three"], ids["one"], ids["two"], 999_999_999]})
    assert [one["name"] for one in told.json()["filters"]] == ["three", "one", "two"]
    await save(door, "zhou", "four")
    assert [name for name, _ in await names(door, "zhou")] == ["three", "one", "two", "four"]


async def test_what_a_filter_names_that_is_gone_is_said(door: Door, town: str) -> None:
    join(town, door, "west", "zhou")
    await save(door, "zhou", "gone", f"area={city.D1}&category=env,nothing&unit=west,lost&state=overdue")
    (kept,) = (await door.get("zhou", "/api/filters")).json()["filters"]
    assert [(one["field"], one["value"]) for one in kept["faults"]] == [("category", "nothing"), ("unit", "lost")]
    assert "nothing" in kept["faults"][0]["sentence"]


async def test_what_cannot_be_kept_is_refused(door: Door) -> None:
    for body in (
        {"name": "", "search": ""},
        {"name": "x" * 61, "search": ""},
        {"name": "a\u202eb", "search": ""},
        {"name": "x"},
        {"name": "x", "search": "&" * 10},
        {"name": "x", "search": "a=" + "b" * filters.LONGEST_SEARCH},
        {"name": "x", "search": "", "unit": "east"},
        {"name": "x", "search": "", "owner": "lin"},
    ):
        assert (await door.post("zhou", "/api/filters", body)).status_code == 422, body
    for ids in (None, "1", [0], [True], list(range(1, 60))):
        assert (await door.post("zhou", "/api/filters/order", {"ids": ids})).status_code == 422, ids
    assert (await save(door, "auditor", "x")).status_code == 403
    assert (await door.get("auditor", "/api/filters")).status_code == 403


def test_an_address_is_kept_in_one_form() -> None:
    assert filters.clean_search("") == filters.clean_search("?") == filters.clean_search("?case=1") == ""
    assert filters.clean_search("?q=a+b&stage=filed,closed") == "q=a+b&stage=filed,closed"
    with pytest.raises(BadInput):
        filters.clean_search("?q=\x00")


async def test_columns_are_kept_with_the_account(door: Door) -> None:
    columns = [{"id": "case", "width": None}, {"id": "stage", "width": 140}]
    assert (await door.post("zhou", "/desk/columns", {"columns": columns})).status_code == 204
    assert (await door.post("zhou", "/desk/columns", {"columns": columns[1:]})).status_code == 204
    assert "&#34;columns&#34;:[{&#34;id&#34;:&#34;stage&#34;,&#34;width&#34;:140}]" in (await door.get("zhou", "/desk")).text
    assert "&#34;columns&#34;:null" in (await door.get("lin", "/desk")).text
    for wrong in (
        None,
        [],
        "case",
        [{}],
        [{"id": "a b"}],
        [{"id": "case", "width": 3}],
        [columns[0], columns[0]],
        [{"id": "c", "width": True}],
    ):
        assert (await door.post("zhou", "/desk/columns", {"columns": wrong})).status_code == 422, wrong
    assert (await door.post("auditor", "/desk/columns", {"columns": columns})).status_code == 403


async def test_the_people_of_a_unit_are_told_by_their_names(door: Door, town: str) -> None:
    join(town, door, "north", "zhou", "lin")
    join(town, door, "north", "chen", last="2020-01-01")
    with psycopg.connect(town) as owner:
        owner.execute("INSERT INTO unit_member (city, unit, account, post) VALUES (%s, 'north', 'who-never-was', 'worker')", [city.CITY])
    told = (await door.get("chen", "/api/units/north/members", city=city.CITY)).json()["members"]
    assert [(one["account"], one["post"]) for one in told] == [(door.people["zhou"].name, "head"), (door.people["lin"].name, "worker")]
    assert (await door.get("chen", "/api/units/nothing/members", city=city.CITY)).json()["members"] == []
    assert (await door.get("auditor", "/api/units/north/members", city=city.CITY)).status_code == 403
