"""Lists and tables as files: the same rows as the machine door, in true types, within rights and limits, and in the audit log."""

import csv
import datetime as dt
import io
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import openpyxl
import psycopg
import pytest
import pytest_asyncio
import small_city as city
from databases import FreshDatabase
from rights_tools import load_people
from whole_app import fresh_app, started_app

from data.accounts.guest import Guest, guest
from data.core.roles import ROLES, may
from routes.api import case_export

SPOILED = '=HYPERLINK("http://elsewhere")'
ENDS = {"xlsx": "spreadsheetml.sheet", "csv": "text/csv"}


def spoil(connection: psycopg.Connection[Any]) -> None:
    connection.execute("UPDATE incident SET title = %s, number = '+' || source_key WHERE source_key = 'i01'", (SPOILED,))
    connection.commit()


@pytest.fixture(scope="module", autouse=True)
def town(fresh_database: FreshDatabase) -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRIDWELL_RATE_FACTOR", "0")
        with fresh_database(city.load, load_people, spoil) as url:
            yield url


class Door:
    """The app, and people who ask it in English."""

    def __init__(self, client: httpx.AsyncClient, people: dict[str, Guest]) -> None:
        self.client, self.people = client, people

    async def get(self, who: str, path: str) -> httpx.Response:
        return await self.client.get(path, headers={"authorization": f"Bearer {self.people[who].token}"})


@pytest_asyncio.fixture
async def door() -> AsyncIterator[Door]:
    async with started_app() as made:
        with ExitStack() as stack:
            people = {role: stack.enter_context(guest(role)) for role in ROLES if may(role, "figures", "password")}
            people["east"] = stack.enter_context(guest("dispatcher", city.D2))
            transport = httpx.ASGITransport(app=made, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://test", headers={"accept-language": "en"}) as client:
                yield Door(client, people)


def book_of(answer: httpx.Response) -> openpyxl.Workbook:
    assert answer.status_code == 200, answer.text
    assert ENDS["xlsx"] in answer.headers["content-type"] and answer.headers["cache-control"] == "no-store"
    return openpyxl.load_workbook(io.BytesIO(answer.content))


def rows_of(answer: httpx.Response) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith(ENDS["csv"])
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


def facts_of(book: openpyxl.Workbook) -> dict[str, Any]:
    return {row[0].value: row[1].value for row in book.worksheets[-1]}


def audited(town: str) -> tuple[str, str, dict[str, Any]]:
    with psycopg.connect(town) as connection:
        (row,) = connection.execute("SELECT action, subject, detail FROM audit_log ORDER BY no DESC LIMIT 1").fetchall()
    return row


# ---- Cases ----


async def test_a_workbook_holds_what_the_list_holds(door: Door, town: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(case_export, "_PAGE", 7)
    query = f"area={city.CITY}&sort=-reported_at"
    listed = (await door.get("supervisor", f"/api/cases?{query}&limit=200")).json()["cases"]
    answer = await door.get("supervisor", f"/api/cases/export?{query}&format=xlsx")
    book = book_of(answer)
    rows = [[cell.value for cell in row] for row in book.worksheets[0].iter_rows(min_row=2)]
    assert [row[0] for row in rows] == [one["number"] for one in listed] and len(rows) == 30
    assert [row[1] for row in rows] == [one["title_en"] or one["title"] for one in listed]
    moments = [dt.datetime.fromisoformat(one["reported_at"]).astimezone(dt.timezone(dt.timedelta(hours=8))) for one in listed]
    assert [row[7] for row in rows] == [moment.replace(tzinfo=None, microsecond=0) for moment in moments]
    assert [row[19] for row in rows] == pytest.approx([one["lon"] for one in listed])
    facts = facts_of(book)
    assert facts["Cases"] == 30 and city.CITY in facts["Area"] and facts["Time zone of all moments"] == "Asia/Shanghai"
    assert audited(town) == ("export", "cases", {"format": "xlsx", "rows": 30, "area": city.CITY, "sort": "-reported_at"})


async def test_a_csv_file_holds_no_formula(door: Door, town: str) -> None:
    rows = rows_of(await door.get("dispatcher", f"/api/cases/export?area={city.C1}&channel=grid_worker&q=HYPERLINK&format=csv"))
    assert [(row["Number"], row["Case"]) for row in rows] == [("'+i01", f"'{SPOILED}")]
    assert audited(town)[2] == {"format": "csv", "rows": 1, "area": city.C1, "sort": "-reported_at", "channels": "grid_worker", "words": 1}


async def test_nobody_takes_out_more_than_they_see(door: Door) -> None:
    rows = rows_of(await door.get("east", "/api/cases/export?format=csv"))
    inside = {row[0] for row in city.INCIDENTS if row[1].startswith(city.D2)}
    assert len(rows) == len(inside) > 0 and {row["Code of the area"][: len(city.D2)] for row in rows} == {city.D2}
    refused = await door.get("east", f"/api/cases/export?area={city.D1}&format=csv")
    assert refused.status_code == 403
    everything = (await door.get("supervisor", "/api/cases/export?format=csv")).text
    assert "王大明" not in everything and "13800" not in everything, "no reporter leaves in a list"


@pytest.mark.parametrize("role", [role for role in ROLES if may(role, "figures", "password")])
async def test_only_some_roles_take_lists_out(door: Door, role: str) -> None:
    answer = await door.get(role, "/api/cases/export?format=csv")
    assert answer.status_code == (200 if role in ("supervisor", "dispatcher", "leader", "steward") else 403)


async def test_what_is_too_long_is_refused_and_not_cut(door: Door, town: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(case_export, "_PAGE", 5)
    before = audited(town)
    for most, status in ((30, 200), (29, 422)):
        monkeypatch.setitem(case_export.MOST_CASES, "csv", most)
        answer = await door.get("leader", "/api/cases/export?format=csv")
        assert answer.status_code == status
    assert answer.json()["error"]["sentence"].startswith("These are more than 29 cases")
    # Where nobody has counted, the pages tell.
    monkeypatch.setitem(case_export.MOST_CASES, "csv", 25)
    monkeypatch.setattr(case_export, "_check_size", lambda *_: None)
    assert (await door.get("leader", "/api/cases/export?format=csv&sort=number")).status_code == 422
    assert audited(town)[2]["rows"] == 30 and before != audited(town), "what is refused is not told as if it had left"


async def test_words_that_are_no_format(door: Door) -> None:
    for path in ("/api/cases/export?format=pdf", "/api/indicators?format=xls", f"/api/areas/{city.CITY}?format=x"):
        answer = await door.get("supervisor", path)
        assert (answer.status_code, answer.json()["error"]["code"]) == (422, "unknown_name")


async def test_few_files_are_made_at_a_time(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(case_export, "_making", case_export._MOST_AT_ONCE)
    assert (await door.get("supervisor", "/api/cases/export")).status_code == 503
    assert case_export._making == case_export._MOST_AT_ONCE


async def test_an_account_makes_few_files_in_a_short_time(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRIDWELL_RATE_FACTOR", "0.34")
    from data.core.settings import settings

    settings.cache_clear()
    app = fresh_app()
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    headers = {"authorization": f"Bearer {door.people['leader'].token}"}
    async with httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers) as client:
        told = [(await client.get("/api/cases/export?format=csv")).status_code for _ in range(3)]
    monkeypatch.undo()
    settings.cache_clear()
    assert told == [200, 200, 429]


# ---- Figures ----


async def test_indicators_as_a_workbook(door: Door, town: str) -> None:
    query = f"area={city.CITY}&by=district&indicator=closing_rate&indicator=rework_rate"
    told = (await door.get("leader", f"/api/indicators?{query}")).json()
    book = book_of(await door.get("leader", f"/api/indicators?{query}&format=xlsx"))
    rows = [[cell.value for cell in row] for row in book.worksheets[0].iter_rows(min_row=2)]
    values = [(group["code"], one["numerator"], one["denominator"], one["value"]) for group in told["groups"] for one in group["values"]]
    assert [(row[1], *row[4:7]) for row in rows] == values and len(values) > 2
    assert "Closing rate" in facts_of(book)
    assert audited(town)[:2] == ("export", "indicators") and audited(town)[2]["by"] == "district"


async def test_lists_of_indicators_as_csv(door: Door) -> None:
    worse = rows_of(await door.get("leader", f"/api/indicators/worse?area={city.CITY}&level=grid&format=csv"))
    told = (await door.get("leader", f"/api/indicators/worse?area={city.CITY}&level=grid")).json()["areas"]
    assert [(row["Code"], row["Now"], row["Before"]) for row in worse] == [
        (one["code"], str(one["now"]), str(one["before"])) for one in told
    ]
    waiting = rows_of(await door.get("leader", "/api/indicators/overdue?format=csv"))
    asked = (await door.get("leader", "/api/indicators/overdue")).json()["waiting"]
    assert [(row["Code"], row["Overdue"]) for row in waiting] == [(one["unit"] or "", str(one["overdue"])) for one in asked]
    assert (await door.get("auditor", "/api/indicators/overdue?format=csv")).status_code == 403
    covered = (await door.get("leader", "/api/indicators/coverage?format=csv")).text
    levels = (await door.get("leader", "/api/indicators/coverage")).json()["levels"]
    assert levels and all(f",{one['areas']}," in covered for one in levels)
    assert all(gap["code"] in covered for one in levels for gap in one["gaps"])


async def test_an_area_with_its_parts_days_and_categories(door: Door) -> None:
    path = f"/api/areas/{city.D1}?from={city.FROM}&to={city.TO}"
    told = (await door.get("auditor", path)).json()
    book = book_of(await door.get("auditor", f"{path}&format=xlsx"))
    areas = {row[1].value: row for row in book.worksheets[0].iter_rows(min_row=2)}
    assert areas[city.D1][3].value == told["incidents"]["total"] and {one["code"] for one in told["children"]} <= set(areas)
    days = [(row[0].value.date().isoformat(), row[1].value) for row in book.worksheets[1].iter_rows(min_row=2)]
    assert days == [tuple(one) for one in told["incidents"]["by_day"]]
    categories = {row[1].value: row[2].value for row in book.worksheets[2].iter_rows(min_row=2)}
    assert categories == told["incidents"]["by_category"]
    assert facts_of(book)["Version of the data"] == told["city"]["data_version"]
