"""Lists within a drawn polygon, and where the cases of a list stand: right answers, and a sentence for what cannot be used."""

import json
from typing import Any
from urllib.parse import quote

import httpx
import pytest
import shapely
import small_city as city
from whole_app import program as client

from data.cases.listing import list_places
from data.core.errors import BadInput
from routes.api.case_within import MOST_DRAWN, WITHIN_REASONS, parse_within

__all__ = ["client"]  # a fixture


def corners(*places: tuple[float, float]) -> str:
    return ",".join(f"{lon},{lat}" for lon, lat in places)


def box(west: float, south: float, east: float, north: float) -> str:
    return corners((west, south), (east, south), (east, north), (west, north))


async def ask(client: httpx.AsyncClient, path: str, query: str) -> tuple[int, Any]:
    answer = await client.get(f"/api/cases{path}?{query}", headers={"accept-language": "en"})
    return answer.status_code, answer.json()


# ---- The polygon ----


def test_the_first_corner_may_come_once_more() -> None:
    ring = corners((1, 1), (2, 1), (2, 2))
    assert parse_within(ring) == parse_within(f"{ring},1,1") == "POLYGON ((1 1, 2 1, 2 2, 1 1))"


@pytest.mark.parametrize("ring", [box(179, 10, -179, 12), box(-179, 10, 179, 12)])
def test_a_polygon_across_the_180th_meridian_has_two_parts_and_the_shorter_way(ring: str) -> None:
    shape = shapely.from_wkt(parse_within(ring))
    assert shape.is_valid and shape.geom_type == "MultiPolygon" and shape.area == pytest.approx(4)
    assert shape.bounds == (-180, 10, 180, 12)
    assert shape.covers(shapely.Point(179.5, 11)) and shape.covers(shapely.Point(-179.5, 11)) and not shape.covers(shapely.Point(0, 11))


def test_a_polygon_that_touches_the_180th_meridian_is_one() -> None:
    assert shapely.from_wkt(parse_within(box(179, 10, 180, 12))).bounds == (179, 10, 180, 12)


def test_a_hundred_and_more_corners_up_to_the_last_that_is_taken() -> None:
    def ring(n: int) -> str:
        return corners(*((lon / 1000, 0.0) for lon in range(n - 1)), (0.05, 1.0))

    assert shapely.from_wkt(parse_within(ring(MOST_DRAWN))).area > 0
    with pytest.raises(BadInput) as refused:
        parse_within(ring(MOST_DRAWN + 1))
    assert refused.value.facts["reason"] == WITHIN_REASONS["many"] and str(MOST_DRAWN) in WITHIN_REASONS["many"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "form"),
        ("1", "form"),
        ("1,2,x,4,5,6", "form"),
        ("1,2,3,4,5", "form"),
        ("1,2,nan,4,5,6", "form"),
        ("1,2,inf,4,5,6", "form"),
        ("1,2,,4,5,6", "form"),
        (corners((1, 1), (2, 2)), "corners"),
        (corners((1, 1), (2, 2), (1, 1), (2, 2)), "corners"),
        (corners((1, 1), (2, 2), (3, 3)), "line"),
        (corners((1, 1), (2, 1), (1, 1), (3, 1)), "line"),
        (corners((0, 0), (1, 1), (1, 0), (0, 1)), "crossed"),
        (corners((0, 0), (2, 0), (1, 0), (1, 1)), "crossed"),
        (corners((180.1, 0), (1, 1), (1, 0)), "far"),
        (corners((0, 85.1), (1, 1), (1, 0)), "far"),
        (corners((0, 60), (90, 60), (180, 60), (-90, 60)), "world"),
    ],
)
def test_what_is_no_polygon_is_refused_with_its_reason(text: str, why: str) -> None:
    with pytest.raises(BadInput) as refused:
        parse_within(text)
    assert refused.value.facts == {"field": "within", "value": text[:60], "reason": WITHIN_REASONS[why]}


async def test_a_wrong_polygon_is_told_in_a_sentence(client: httpx.AsyncClient) -> None:
    for path in ("", "/places"):
        status, told = await ask(client, path, "within=0,0,1,1,1,0,0,1")
        assert (status, told["error"]["code"]) == (422, "bad_input")
        assert "cross each other" in told["error"]["sentence"]
        status, told = await ask(client, path, f"within={box(0, 0, 1, 1)}&polygon={quote('POLYGON((0 0,1 0,1 1,0 0))')}")
        assert (status, told["error"]["facts"]["field"]) == (422, "within")


async def test_a_list_within_a_polygon_is_the_list_with_the_same_polygon_as_wkt(client: httpx.AsyncClient) -> None:
    west, south, east, north = city.box_of(city.C1)
    wkt = quote(f"POLYGON(({west} {south},{east} {south},{east} {north},{west} {north},{west} {south}))")
    _, whole = await ask(client, "", "limit=200")
    _, drawn = await ask(client, "", f"limit=200&within={box(west, south, east, north)}")
    _, written = await ask(client, "", f"limit=200&polygon={wkt}")
    assert drawn == written
    assert 0 < len(drawn["cases"]) < len(whole["cases"])
    assert drawn["counts"]["total"] == {"n": len(drawn["cases"]), "more": False}
    assert all(west <= row["lon"] <= east and south <= row["lat"] <= north for row in drawn["cases"])


async def test_pages_within_a_polygon_follow_each_other(client: httpx.AsyncClient) -> None:
    query = f"within={box(119, 29, 121, 31)}&sort=due_at"
    _, whole = await ask(client, "", f"{query}&limit=200")
    seen: list[str] = []
    cursor = ""
    while cursor is not None:
        _, page = await ask(client, "", f"{query}&limit=3" + (f"&cursor={cursor}" if cursor else ""))
        seen += [row["number"] for row in page["cases"]]
        cursor = page["next"]
    assert seen == [row["number"] for row in whole["cases"]] and len(seen) > 3
    _, first = await ask(client, "", f"{query}&limit=3")
    status, told = await ask(client, "", f"within={box(119, 29, 121, 30.9)}&sort=due_at&cursor={first['next']}")
    assert status == 422, "a cursor is for its polygon alone"
    assert told["error"]["code"] == "bad_cursor"


# ---- Places ----


async def test_places_are_those_of_the_list_in_its_order(client: httpx.AsyncClient) -> None:
    query = f"area={city.D1}&sort=due_at"
    _, listed = await ask(client, "", f"{query}&limit=200")
    status, told = await ask(client, "/places", query)
    assert status == 200
    placed = [row for row in listed["cases"] if row["lon"] is not None]
    assert [one["number"] for one in told["places"]] == [row["number"] for row in placed]
    assert told["places"] == [{name: row[name] for name in list_places.CasePlace.__annotations__} for row in placed]
    assert (told["listed"], told["cut"], told["total"]) == (len(listed["cases"]), False, listed["counts"]["total"])
    assert len(placed) > 2


async def test_cases_without_a_place_are_counted_and_not_told(client: httpx.AsyncClient) -> None:
    _, told = await ask(client, "/places", "")
    _, without = await ask(client, "", "placed=false&limit=200")
    assert told["listed"] - len(told["places"]) == len(without["cases"])


@pytest.mark.parametrize("short", [1, 0])
async def test_a_list_that_is_cut_says_so(client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, short: int) -> None:
    _, whole = await ask(client, "/places", "sort=-reported_at")
    most = whole["listed"] - short
    monkeypatch.setattr(list_places, "MOST_PLACES", most)
    _, told = await ask(client, "/places", "sort=-reported_at")
    assert (told["listed"], told["cut"], told["total"]) == (most, bool(short), whole["total"])
    assert told["places"] == whole["places"][: len(told["places"])]


async def test_filters_keep_places_as_they_keep_rows(client: httpx.AsyncClient) -> None:
    for query in ("state=overdue", f"within={box(*city.box_of(city.C1))}", "category=env", "severity=4", "q=i04"):
        _, listed = await ask(client, "", f"{query}&limit=200&sort=due_at")
        _, told = await ask(client, "/places", query)
        assert {one["number"] for one in told["places"]} == {row["number"] for row in listed["cases"] if row["lon"] is not None}, query


async def test_an_area_that_does_not_exist_and_a_wrong_order(client: httpx.AsyncClient) -> None:
    assert (await ask(client, "/places", "area=nowhere"))[0] == 404
    assert (await ask(client, "/places", "sort=title"))[1]["error"]["code"] == "unknown_name"
    assert (await ask(client, "/places", "limit=5"))[1]["error"]["code"] == "unknown_parameter"


async def test_places_of_cases_are_small(client: httpx.AsyncClient) -> None:
    _, told = await ask(client, "/places", "")
    assert max(len(json.dumps(one, ensure_ascii=False)) for one in told["places"]) < 500
