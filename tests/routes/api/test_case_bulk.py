"""Steps on many cases: sent by the rules, told unit by unit, done once under a key, and taken back together."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import psycopg
import pytest
import pytest_asyncio
import small_city as city
from case_door import Door, open_door, worked_city
from case_tools import middle_of
from databases import FreshDatabase

from data.cases import stages

pytestmark = pytest.mark.slow
ROLES = {"desk": ("dispatcher", "*"), "other": ("dispatcher", "*"), "east": ("dispatcher", city.D2), "worker": ("grid_worker", "*")}


def load_offices(connection: psycopg.Connection[Any]) -> None:
    """Two units that are there today and one that has ended; rules for district 1, and for the category ``env`` of the city."""
    for code, last in (("west", None), ("clean", None), ("gone", "2020-01-01")):
        connection.execute("INSERT INTO unit (city, code, name, valid_to) VALUES (%s, %s, %s, %s)", [city.CITY, code, f"{code} unit", last])
    for ordinal, unit, category, area in ((1, "gone", None, None), (2, "west", None, city.D1), (3, "clean", "env", None)):
        connection.execute(
            "INSERT INTO routing_rule (city, ordinal, unit, category, area) VALUES (%s, %s, %s, %s, %s)",
            [city.CITY, ordinal, unit, category, area],
        )
    connection.commit()


@pytest.fixture(scope="module")
def town(fresh_database: FreshDatabase) -> Iterator[str]:
    with worked_city(fresh_database, load_offices) as url:
        yield url


@pytest_asyncio.fixture
async def door(town: str) -> AsyncIterator[Door]:
    async with open_door(ROLES) as made:
        yield made


async def report(door: Door, cell: str, category: str) -> str:
    lon, lat = middle_of(cell)
    answer = await door.post("desk", "/api/cases", {"category": category, "title": "Many", "lon": lon, "lat": lat})
    return str(answer.json()["number"])


async def file_unrouted(door: Door, town: str, *wanted: tuple[str, str]) -> list[str]:
    """New cases that are filed and wait for a dispatcher, because no rule was there when they were filed."""
    numbers = [await report(door, cell, category) for cell, category in wanted]
    with psycopg.connect(town) as owner:
        owner.execute("UPDATE routing_rule SET valid_to = '2020-01-01'")
    filed = await take(door, "file", numbers)
    with psycopg.connect(town) as owner:
        owner.execute("UPDATE routing_rule SET valid_to = NULL")
    assert filed["done"] == len(numbers) and {one["stage"] for one in filed["results"]} == {"filed"}
    return numbers


async def take(
    door: Door, step: str, numbers: list[Any], who: str = "desk", key: str | None = None, preview: bool = False, **fields: Any
) -> dict[str, Any]:
    cases = [one if isinstance(one, dict) else {"number": one} for one in numbers]
    answer = await door.post(who, "/api/cases/steps", {"step": step, "cases": cases, **fields}, key, preview=str(preview).lower())
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def codes(told: dict[str, Any]) -> list[set[str]]:
    return [{fault["code"] for fault in one["fields"]} for one in told["results"]]


async def test_a_preview_by_rules_says_which_unit_gets_what_and_who_waits(door: Door, town: str) -> None:
    numbers = await file_unrouted(door, town, (city.C1, "env"), (city.C2, "order"), (city.C5, "env"), (city.C5, "order"))
    shown = await take(door, "dispatch", [*numbers, "nothing"], preview=True, by_rules=True)
    assert [one["unit"] for one in shown["results"]] == ["west", "west", "clean", None, None]
    assert codes(shown) == [set(), set(), set(), {"no_rule"}, {"unknown_case"}]
    assert (shown["done"], shown["refused"]) == (3, 2)
    shares = [(one["unit"], one["n"], one["open"], len(one["rules"])) for one in shown["units"]]
    assert shares == [("west", 2, 0, 1), ("clean", 1, 0, 1)]
    wished = [{"number": one["number"], "version": one["case_version"], "unit": one["unit"]} for one in shown["results"][:3]]
    done = await take(door, "dispatch", wished, key="shown")
    assert done["done"] == 3 and {one["stage"] for one in done["results"]} == {"dispatched"}
    again = await take(door, "dispatch", wished, key="shown")
    assert again["results"] == done["results"], "the same click once more"
    assert [one["open"] for one in (await take(door, "dispatch", wished, preview=True))["units"]] == []
    read = (await door.get("desk", f"/api/cases/{numbers[2]}")).json()["case"]
    assert (read["unit"], read["version"]) == ("clean", 3)
    units = (await take(door, "hand_over", numbers[:1], preview=True, unit="clean"))["units"]
    assert [(one["unit"], one["n"], one["open"]) for one in units] == [("clean", 1, 1)]


async def test_rules_send_each_case_for_real_too_and_the_same_key_is_the_same_request(door: Door, town: str) -> None:
    numbers = await file_unrouted(door, town, (city.C1, "env"), (city.C5, "order"))
    done = await take(door, "dispatch", numbers, key="by rules", by_rules=True)
    assert codes(done) == [set(), {"one_of"}] and done["results"][0]["unit"] == "west"
    again = await take(door, "dispatch", numbers, key="by rules", by_rules=True)
    assert again["results"][0]["ok"] and again["results"][0]["case_version"] == 3
    for wrong in ({"by_rules": "yes"}, {"by_rules": True, "unit": "west"}, {"by_rules": True, "step": "file"}):
        body = {"step": "dispatch", "cases": [{"number": numbers[0]}], **wrong}
        assert (await door.post("desk", "/api/cases/steps", body)).status_code == 422


async def test_a_unit_that_is_not_there_today_is_told_in_the_preview(door: Door, town: str) -> None:
    (number,) = await file_unrouted(door, town, (city.C5, "order"))
    assert codes(await take(door, "dispatch", [number], preview=True, unit="gone")) == [{"unknown_unit"}]
    assert codes(await take(door, "dispatch", [{"number": number, "unit": "wset"}], preview=True)) == [{"unknown_unit"}]
    assert codes(await take(door, "dispatch", [number], preview=True)) == [{"one_of"}]


async def test_many_are_taken_back_together_and_each_that_is_not_says_why(door: Door, town: str) -> None:
    numbers = await file_unrouted(door, town, *[(city.C5, "order")] * 4)
    done = await take(door, "dispatch", numbers, unit="clean")
    assert (await door.step("other", numbers[1], "accept", 3)).status_code == 403, "a dispatcher handles nothing"
    assert (await door.step("worker", numbers[1], "accept", 3)).status_code == 200
    assert (await door.step("other", numbers[2], "pause", 3, reason="r", approver="a", until="2099-01-01T00:00:00Z")).status_code == 200
    wished = [{"number": one["number"], "version": one["case_version"]} for one in done["results"]]
    with psycopg.connect(town) as owner:
        owner.execute("SET LOCAL gridwell.removing_cases = 'on'")
        owner.execute(
            "UPDATE incident_event e SET at = at - %s * interval '1 second' FROM incident i"
            " WHERE i.district = e.district AND i.id = e.incident_id AND i.number = %s",
            [stages.UNDO_S + 5, numbers[3]],
        )
    shown = await take(door, "undo", wished, preview=True)
    assert codes(shown) == [set(), {"changed", "not_yours"}, {"changed", "not_yours"}, {"too_late"}]
    assert codes(await take(door, "undo", wished, who="other", preview=True))[0] == {"not_yours"}
    undone = await take(door, "undo", wished, key="back")
    assert [one["ok"] for one in undone["results"]] == [True, False, False, False] and undone["results"][0]["stage"] == "filed"
    assert codes(undone)[1:] == codes(shown)[1:]
    assert (await take(door, "undo", wished, key="back"))["results"] == undone["results"]
    read = (await door.get("desk", f"/api/cases/{numbers[0]}")).json()["case"]
    assert (read["unit"], read["stage"]) == (None, "filed")


async def test_a_case_is_found_in_the_city_that_is_named(door: Door, town: str) -> None:
    (number,) = await file_unrouted(door, town, (city.C5, "order"))
    named = [{"number": number, "city": city.CITY}, {"number": number, "city": "elsewhere"}, {"number": number}]
    assert codes(await take(door, "dispatch", named, preview=True, unit="clean")) == [set(), {"unknown_case"}, {"twice"}]
    wrong = {"step": "file", "cases": [{"number": number, "city": 7}]}
    assert (await door.post("desk", "/api/cases/steps", wrong)).status_code == 422


async def test_remarks_on_many_stay(door: Door, town: str) -> None:
    numbers = await file_unrouted(door, town, *[(city.C5, "order")] * 2)
    done = await take(door, "remark", numbers, remark="waiting for parts")
    wished = [{"number": one["number"], "version": one["case_version"]} for one in done["results"]]
    undone = await take(door, "undo", wished)
    assert [one["stage"] for one in undone["results"]] == ["reported"] * 2, "what was done before the remark is taken back, not the remark"


async def test_somebody_else_s_district_cannot_be_sent(door: Door, town: str) -> None:
    numbers = await file_unrouted(door, town, (city.C1, "env"), (city.C5, "env"))
    shown = await take(door, "dispatch", numbers, who="east", preview=True, by_rules=True)
    assert codes(shown) == [{"unknown_case"}, set()] and [one["unit"] for one in shown["units"]] == ["clean"]
