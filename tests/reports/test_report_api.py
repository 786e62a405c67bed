"""Reports through the machine door: asked for, made by the printer, read as files, issued and corrected."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from typing import Any
from urllib.parse import unquote

import httpx
import psycopg
import pytest
import pytest_asyncio
import small_city as city
from databases import FreshDatabase
from signin_forms import COOKIE, SERVER
from whole_app import started_app

from data.accounts.guest import guest
from reports.making import Printer
from routes.report import files

ORDER = {"area": city.D1, "kind": "monthly", "period": "2026-10", "lang": "en"}
Client = httpx.AsyncClient


@pytest.fixture(autouse=True)
def town(fresh_database: FreshDatabase) -> Iterator[str]:
    with fresh_database(city.load) as url:
        yield url


@pytest_asyncio.fixture
async def people(town: str) -> AsyncIterator[dict[str, Client]]:
    """Programs with tokens of a leader of D1, another one, a leader of figures only, one of S1, a dispatcher and a wall."""
    drafts: dict[str, dict[str, Any]] = {
        "leader": {"role": "leader", "scope": city.D1},
        "other": {"role": "leader", "scope": city.D1},
        "figures": {"role": "leader", "scope": city.D1, "detail": "figures"},
        "street": {"role": "leader", "scope": city.S1},
        "dispatcher": {"role": "dispatcher", "scope": city.D1},
        "wall": {"role": "wall", "scope": city.D1},
    }
    async with started_app() as app:
        with ExitStack() as stack:
            made = {}
            for name, draft in drafts.items():
                known = stack.enter_context(guest(**draft))
                headers = {"accept-language": "en", "authorization": f"Bearer {known.token}"}
                transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
                made[name] = httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers)
                if name == "leader":  # the same, at the pages
                    made["reader"] = httpx.AsyncClient(transport=transport, base_url=SERVER, cookies={COOKIE: known.session})
            yield made


async def work() -> None:
    printer = Printer()
    while await printer.work_once():
        pass


async def make(who: Client, **order: Any) -> dict[str, Any]:
    asked = await who.post("/api/reports", json={**ORDER, **order})
    assert asked.status_code == 202, asked.text
    assert asked.headers["location"] == asked.json()["address"] and asked.json()["state"] == "queued"
    await work()
    told: dict[str, Any] = (await who.get(asked.json()["address"])).json()
    return told


async def test_from_asking_to_the_issued_report_and_its_correction(people: dict[str, Client], town: str) -> None:
    leader = people["leader"]
    told = await make(leader)
    assert (told["state"], told["period"], told["area_name"], told["detail"], told["may_issue"]) == (
        "done",
        "2026-10",
        "West",
        "cases",
        True,
    )
    assert {one["form"]: one["written"] for one in told["files"]} == {"pdf": False, "docx": False, "xlsx": False, "json": True}
    for name in ("other", "figures", "street", "dispatcher"):
        assert (await people[name].get(told["address"])).status_code == 404, "a preview is for whoever asked"
        assert (await people[name].get(f"{told['address']}/files/json")).status_code == 404
    assert (await people["wall"].get(told["address"])).status_code == 403
    assert (await leader.get("/api/reports")).json()["reports"] == []

    preview = await leader.get(f"{told['address']}/files/json")
    assert hashlib.sha256(preview.content).hexdigest() == told["sha256"] and preview.json()["format"] == "gridwell-report"
    issued = await leader.post(f"{told['address']}/issue")
    assert issued.status_code == 200 and issued.json()["state"] == "issued" and issued.json()["no"] == 1, issued.text
    assert (await leader.post(f"{told['address']}/issue")).json()["no"] == 1
    assert (await people["other"].get(f"{told['address']}/files/json")).content == preview.content
    for name in ("figures", "street"):
        for path in (told["address"], f"{told['address']}/files/json", f"{told['address']}/files/pdf"):
            assert (await people[name].get(path)).status_code == 404, "it holds more than they may see"
        assert (await people[name].get("/api/reports")).json()["reports"] == []
        assert (await people[name].post(f"{told['address']}/correct", json={"reason": "x"})).status_code == 404
    assert (await people["dispatcher"].get(told["address"])).json()["may_issue"] is False
    assert [one["id"] for one in (await people["dispatcher"].get("/api/reports?kind=monthly&from=2026-10-31")).json()["reports"]] == [
        told["id"]
    ]
    assert (await leader.get("/api/reports?kind=weekly")).json()["reports"] == []

    with psycopg.connect(town) as owner:
        owner.execute("UPDATE incident_daily SET reported = reported + 7")
    refused = await people["dispatcher"].post(f"{told['address']}/correct", json={"reason": "Seven were missing"})
    assert refused.status_code == 403 and "supervisors and leaders" in refused.json()["error"]["sentence"]
    asked = await people["other"].post(f"{told['address']}/correct", json={"reason": "Seven were missing"})
    assert asked.status_code == 202, asked.text
    await work()
    new = (await people["other"].get(asked.json()["address"])).json()
    assert (new["corrects"], new["reason"], new["state"]) == (told["id"], "Seven were missing", "done") and new["changes"]
    assert (await leader.get(told["address"])).json()["corrected_by"] is None, "not before it is issued"
    assert (await people["other"].post(f"{new['address']}/issue")).json()["no"] == 2
    assert (await leader.get(told["address"])).json()["corrected_by"] == new["id"]
    pages = [(await people["reader"].get(f"/report/{one['id']}")).text for one in (told, new)]
    assert 'id="corrected"' in pages[0] and f"/report/{new['id']}" in pages[0], "whoever reads the old one is told before its figures"
    assert 'id="corrected"' not in pages[1] and "Seven were missing" in pages[1]
    again = await leader.post(f"{told['address']}/correct", json={"reason": "again"})
    assert again.status_code == 409 and again.json()["error"]["code"] == "already_corrected"
    assert (await leader.get(f"{told['address']}/files/json")).content == preview.content
    page = (await leader.get("/api/reports?limit=1")).json()
    assert [one["no"] for one in page["reports"]] == [2] and [one["no"] for one in (await leader.get(page["next"])).json()["reports"]] == [
        1
    ]


async def test_a_file_is_written_when_it_is_asked_for_and_then_the_same(people: dict[str, Client], town: str) -> None:
    leader = people["leader"]
    told = await make(leader, lang="zh")
    ending = asyncio.Event()
    printing = asyncio.create_task(Printer().run(ending))
    first = await leader.get(f"{told['address']}/files/xlsx")
    ending.set()
    await printing
    assert first.status_code == 200 and first.content[:2] == b"PK"
    assert first.headers["content-type"] == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    digest = hashlib.sha256(first.content).hexdigest()
    assert first.headers["etag"] == f'"{digest}"'
    name = first.headers["content-disposition"]
    assert name.isascii() and unquote(name.partition("UTF-8''")[2]) == f"{told['title']}-{told['area_name']}-2026-10.xlsx"
    assert (await leader.get(f"{told['address']}/files/xlsx")).content == first.content, "without any printer"
    known = await leader.get(f"{told['address']}/files/xlsx", headers={"if-none-match": first.headers["etag"]})
    assert known.status_code == 304 and known.content == b""
    with psycopg.connect(town) as owner:
        rows = owner.execute("SELECT subject, detail FROM audit_log WHERE action = 'export'").fetchall()
    assert [(subject, detail["format"], detail["sha256"]) for subject, detail in rows] == [("report", "xlsx", digest)] * 2


async def test_without_a_printer_a_file_is_said_to_be_written(people: dict[str, Client], monkeypatch: pytest.MonkeyPatch) -> None:
    told = await make(people["leader"])
    monkeypatch.setattr(files, "PATIENCE_S", 0.1)
    waits = await people["leader"].get(f"{told['address']}/files/pdf")
    assert waits.status_code == 503 and waits.json()["error"]["code"] == "being_written" and int(waits.headers["retry-after"]) >= 1
    monkeypatch.setattr(files, "PATIENCE_S", 60)
    monkeypatch.setattr(files, "MOST_WAITING", 0)
    assert (await people["leader"].get(f"{told['address']}/files/pdf")).status_code == 503, "one account does not wait with many requests"


async def test_what_cannot_be_asked_for_is_refused_with_a_sentence(people: dict[str, Client]) -> None:
    leader = people["leader"]
    for body, status, code in (
        ({}, 422, "bad_input"),
        ({**ORDER, "kind": "nothing"}, 422, "unknown_name"),
        ({**ORDER, "period": "soon"}, 422, "bad_period"),
        ({**ORDER, "area": city.D2}, 403, "out_of_scope"),
        ({**ORDER, "beside": [city.D1]}, 422, "bad_input"),
        ({**ORDER, "beside": [city.D2]}, 403, "out_of_scope"),
        ({**ORDER, "lang": "fr"}, 422, "unknown_name"),
        ({**ORDER, "detail": "people"}, 422, "unknown_name"),
        ({**ORDER, "colour": "red"}, 422, "unknown_name"),
        ({**ORDER, "area": "\x00"}, 422, "bad_input"),
    ):
        answer = await leader.post("/api/reports", json=body)
        assert (answer.status_code, answer.json()["error"]["code"]) == (status, code), (body, answer.text)
    assert (await people["wall"].post("/api/reports", json=ORDER)).status_code == 403
    assert (await people["figures"].post("/api/reports", json={**ORDER, "detail": "cases"})).status_code == 403
    failed = await make(leader, kind="weekly")
    assert failed["state"] == "failed" and "weekly" in failed["problem"]["sentence"] and failed["files"] == []
    assert (await leader.post(f"{failed['address']}/issue")).json()["error"]["code"] == "report_not_made"
    assert (await leader.get(f"{failed['address']}/files/json")).status_code == 409
    assert (await leader.post(f"{failed['address']}/correct", json={"reason": "x"})).json()["error"]["code"] == "report_not_issued"
    for body, reason in (
        ({"reason": "x" * 501}, "it is too long"),
        ({"reason": " "}, "it is needed"),
        ({"reason": "\ud800"}, "right form"),
    ):
        refused = await leader.post(f"{failed['address']}/correct", content=json.dumps(body))
        assert reason in refused.json()["error"]["sentence"], refused.text
    long = await leader.post(f"{failed['address']}/seen", json={"answer": "字" * 2001})
    assert long.status_code == 422 and "it is too long" in long.json()["error"]["sentence"]
    for path in ("/api/reports/nothing", f"/api/reports/{failed['id'][:-1]}"):
        assert (await leader.get(path)).status_code == 404
    assert (await leader.get(f"{failed['address']}/files/exe")).status_code == 422


async def test_the_same_key_asks_once_and_too_many_wait(people: dict[str, Client]) -> None:
    leader = people["leader"]
    keyed = {"Idempotency-Key": "one"}
    first, second = [await leader.post("/api/reports", json=ORDER, headers=keyed) for _ in range(2)]
    assert first.json()["id"] == second.json()["id"]
    other = await leader.post("/api/reports", json={**ORDER, "kind": "daily", "period": "2026-10-05"}, headers=keyed)
    assert other.status_code == 409 and other.json()["error"]["code"] == "key_used"
    codes = [(await leader.post("/api/reports", json=ORDER)).status_code for _ in range(10)]
    assert codes == [202] * 9 + [429]
