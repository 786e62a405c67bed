"""The list of cases at the machine door: its shape, its pages, and a sentence for whatever cannot be used."""

import base64
import json
from typing import Any
from urllib.parse import quote

import httpx
import pytest
import small_city as city
from whole_app import fresh_app
from whole_app import program as client

from data.queries.case_list import COLUMNS

__all__ = ["client"]  # a fixture


async def ask(client: httpx.AsyncClient, query: str) -> tuple[int, Any]:
    answer = await client.get(f"/api/cases?{query}", headers={"accept-language": "en"})
    return answer.status_code, answer.json()


async def test_a_case_is_answered_in_the_published_shape(client: httpx.AsyncClient) -> None:
    status, told = await ask(client, f"area={city.C1}&sort=reported_at&limit=1&from=2026-10-30")
    assert status == 200 and told["version"] == "1"
    assert told["area"] == {"code": city.C1, "name": "第1网格", "name_en": "Cell 1", "level": "grid"}
    (row,) = told["cases"]
    assert row == {
        **{"key": row["key"], "number": "AJ-i04", "title": "暴露垃圾", "title_en": None, "category": "utility", "severity": 3},
        **{"category_name": "公用设施", "category_name_en": "Public utilities", "channel": "public", "stage": "in_progress"},
        **{"state": "overdue", "reported_at": "2026-10-30T01:00:00Z", "due_at": "2026-10-31T01:00:00Z", "closed_at": None},
        **{"stage_at": None, "reported_is_day": False, "due_is_day": False, "closed_is_day": False, "grid": city.C1},
        **{"grid_name": "第1网格", "grid_name_en": "Cell 1", "above_name": "一社区", "above_name_en": "First"},
        **{
            "address": "柳荫路口",
            "unit": None,
            "handler": None,
            "assignee": None,
            "assignee_shown": None,
            "files": 0,
            "file": None,
            "version": 0,
            "city": city.CITY,
            "stage_due_at": None,
            "due_provisional": False,
        },
        **{"lon": pytest.approx(120.005), "lat": pytest.approx(30.013)},
    }
    assert row["key"].endswith(":i04")
    assert told["counts"] == {
        "total": {"n": 3, "more": False},
        "by_stage": {stage: {"n": 1, "more": False} for stage in ("filed", "dispatched", "in_progress")},
        "by_state": {"overdue": {"n": 1, "more": False}, "amber": {"n": 1, "more": False}, "on_time": {"n": 1, "more": False}},
        "by_stage_and_state": {
            "filed": {"on_time": {"n": 1, "more": False}},
            "dispatched": {"amber": {"n": 1, "more": False}},
            "in_progress": {"overdue": {"n": 1, "more": False}},
        },
    }


async def test_only_the_first_page_counts_unless_told(client: httpx.AsyncClient) -> None:
    _, first = await ask(client, "limit=20")
    assert first["counts"] and len(first["cases"]) == 20
    _, second = await ask(client, f"limit=20&cursor={first['next']}")
    assert second["counts"] is None and len(second["cases"]) == 10 and second["next"] is None
    _, counted = await ask(client, f"limit=20&cursor={first['next']}&counts=true")
    assert counted["counts"] == first["counts"] and counted["cases"] == second["cases"]
    _, plain = await ask(client, "limit=20&counts=false")
    assert plain["counts"] is None and plain["cases"] == first["cases"]


@pytest.mark.parametrize(
    ("query", "n"),
    [
        ("mine=true", 0),
        ("mine=false", 30),
        ("provisional=true", 0),
        ("provisional=false", 30),
        ("with_unit=false", 30),
        ("with_assignee=1", 0),
        ("indicator=proactive_share", 30),
        ("indicator=rework_rate&part=numerator", 0),
        ("weekday=7&hour=0&only_day=true", 0),
    ],
)
async def test_filters_of_a_desk(client: httpx.AsyncClient, query: str, n: int) -> None:
    status, told = await ask(client, f"{query}&limit=200")
    assert status == 200 and len(told["cases"]) == told["counts"]["total"]["n"] == n


@pytest.mark.parametrize("column", COLUMNS)
async def test_every_column_sorts_both_ways(client: httpx.AsyncClient, column: str) -> None:
    for sort in (column, f"-{column}"):
        status, told = await ask(client, f"sort={sort}&limit=200")
        assert status == 200 and len(told["cases"]) == len(city.INCIDENTS)


async def test_a_polygon_and_a_box(client: httpx.AsyncClient) -> None:
    west, south, east, north = city.box_of(city.C4)
    _, boxed = await ask(client, f"bbox={west},{south},{east},{north}")
    wkt = quote(f"POLYGON(({west} {south},{east} {south},{east} {north},{west} {south}))")
    _, cut = await ask(client, f"polygon={wkt}")
    assert {row["number"] for row in boxed["cases"]} == {"AJ-i15", "AJ-i16"} >= {row["number"] for row in cut["cases"]}


@pytest.mark.parametrize(
    ("query", "code", "told"),
    [
        ("sotr=number", "unknown_parameter", "sort"),
        ("source=hotline", "unknown_parameter", "severity"),
        ("offset=50", "unknown_parameter", "closed_to"),
        ("sort=numbr", "unknown_name", "number"),
        ("sort=--number", "unknown_name", "number"),
        ("sort=title", "unknown_name", "unit"),
        ("stage=fild", "unknown_name", "filed"),
        ("state=over", "unknown_name", "overdue"),
        ("severity=5", "unknown_name", "severity"),
        ("severity=x", "bad_input", "whole number"),
        ("severity=99999999999999999999", "unknown_name", "severity"),
        ("category=environment", "unknown_name", "env"),
        ("channel=hotlin", "unknown_name", "hotline"),
        ("limit=0", "bad_input", "too small"),
        ("limit=201", "bad_input", "too large"),
        ("from=2026-13-01", "bad_input", "YYYY-MM-DD"),
        ("to=2026-1-1", "bad_input", "YYYY-MM-DD"),
        ("due_from=0001-01-01", "bad_input", "1900 to 2200"),
        ("closed_to=9999-12-31", "bad_input", "1900 to 2200"),
        ("from=2026-10-31&to=2026-10-30", "bad_input", "before the start"),
        ("bbox=1,2,3", "bad_input", "west,south,east,north"),
        ("bbox=3,2,1,4", "bad_input", "west,south,east,north"),
        ("bbox=nan,0,1,1", "bad_input", "west,south,east,north"),
        ("bbox=0,0,1,inf", "bad_input", "west,south,east,north"),
        ("bbox=1,2,3,4,5", "bad_input", "west,south,east,north"),
        ("polygon=POINT(1 2)", "bad_input", "POLYGON"),
        ("polygon=POLYGON((0 0,1 1,1 0,0 1,0 0))", "bad_input", "POLYGON"),
        ("polygon=POLYGON EMPTY", "bad_input", "POLYGON"),
        ("polygon=x", "bad_input", "POLYGON"),
        ("polygon=POLYGON((0 0,999 0,1 1,0 0))", "bad_input", "form"),
        ("placed=perhaps", "bad_input", "form"),
        ("indicator=rework", "unknown_name", "rework_rate"),
        ("indicator=coverage", "unknown_name", "no such name"),
        ("part=numerater", "unknown_name", "numerator"),
        ("weekday=0", "bad_input", "too small"),
        ("weekday=8", "bad_input", "too large"),
        ("hour=24", "bad_input", "too large"),
        ("hour=-1", "bad_input", "too small"),
        ("unit=", "bad_input", "form"),
        ("unit=%00", "bad_input", "form"),
        ("q=%00a", "bad_input", "form"),
        ("q=路", "bad_input", "two characters"),
        (f"q={'x' * 201}", "bad_input", "too long"),
        ("cursor=x", "bad_cursor", "first page"),
        ("cursor=", "bad_cursor", "first page"),
        (f"cursor={'W' * 6001}", "bad_input", "too long"),
        ("area=nowhere", "unknown_area", "nowhere"),
        ("lang=fr", "unknown_name", "zh"),
        ("sort=number&sort=unit", "repeated_parameter", "sort"),
    ],
)
async def test_what_cannot_be_used_is_answered_with_a_sentence(client: httpx.AsyncClient, query: str, code: str, told: str) -> None:
    status, answer = await ask(client, query)
    assert status == (404 if code == "unknown_area" else 422)
    assert answer["error"]["code"] == code and told in answer["error"]["sentence"], answer


@pytest.mark.parametrize(
    "text", ["' OR 1=1 --", "%%", "__", "\\", "$$", "路灯'); DROP TABLE incident; --", "🚲🛴", "a" * 200, "&|!():*", "\u202e灯灯"]
)
async def test_hostile_texts_are_texts(client: httpx.AsyncClient, text: str) -> None:
    status, answer = await ask(client, f"q={quote(text)}")
    assert status in (200, 422) and not answer.get("cases")
    assert (await ask(client, "limit=1"))[1]["counts"]["total"]["n"] == len(city.INCIDENTS)


KEPT = {
    *(
        "area",
        "q",
        "stage",
        "state",
        "category",
        "channel",
        "severity",
        "unit",
        "assignee",
        "mine",
        "own_units",
        "with_unit",
        "with_assignee",
    ),
    *(
        "from",
        "to",
        "due_from",
        "due_to",
        "closed_from",
        "closed_to",
        "provisional",
        "bbox",
        "polygon",
        "within",
        "placed",
        "sort",
        "limit",
        "counts",
    ),
}
"""Names in addresses of lists that people keep and share."""


def test_names_in_addresses_of_lists_stay() -> None:
    parameters = fresh_app().openapi()["paths"]["/api/cases"]["get"]["parameters"]
    assert {one["name"] for one in parameters if one["in"] == "query"} >= KEPT


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59.999999-14:00", "1969-12-31T23:59:59+00:00"])
@pytest.mark.parametrize("few", [0, 1])
@pytest.mark.parametrize("sort", ["-reported_at", "reported_at", "severity", "due_at", "area"])
async def test_a_cursor_may_name_any_moment(client: httpx.AsyncClient, sort: str, few: int, moment: str) -> None:
    """Nobody signed it: what was changed in it leads to another page, and to no fault."""
    _, first = await ask(client, f"sort={sort}&limit=5")
    of_list, empty, _, value, _, last = json.loads(base64.urlsafe_b64decode(first["next"] + "=="))
    changed = moment if sort.endswith("_at") else value
    told = json.dumps([of_list, empty, few, changed, moment, last]).encode()
    status, page = await ask(client, f"sort={sort}&limit=5&cursor={base64.urlsafe_b64encode(told).decode().rstrip('=')}")
    assert status == 200 and len(page["cases"]) <= 5
