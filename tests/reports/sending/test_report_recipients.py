"""Recipients on the page of a report confirm and answer there, as by the link; what waits for approval opens for who approves it."""

from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest
import pytest_asyncio
import small_city as city
from databases import FreshDatabase
from planted_reports import plant_report, report_of
from whole_app import started_app

from data.accounts.guest import guest
from data.accounts.secret_values import hash_value
from data.reports.sending import schedules
from data.reports.sending.preparing import prepare
from data.reports.sending.recipients import find_viewer
from data.reports.sending.runs import begin_runs
from routes.report import page as report_page
from tests.reports.sending.posted import Connection, add_schedule, print_all

pytestmark = pytest.mark.slow
DUE = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=1)
KEY = "k" * 43


@dataclass
class Person:
    """Somebody with a token."""

    name: str
    http: httpx.AsyncClient

    async def page(self, address: str, status: int = 200) -> str:
        """The text of a page."""
        answer = await self.http.get(address)
        assert answer.status_code == status, (self.name, address, answer.text[:300])
        return unescape(answer.text)


@pytest.fixture
def town(fresh_database: FreshDatabase) -> Iterator[Connection]:
    with fresh_database(city.load) as url, psycopg.connect(url, autocommit=True) as connection:
        yield connection


@pytest_asyncio.fixture
async def people(town: Connection) -> AsyncIterator[dict[str, Person]]:
    """A supervisor of the city, one of the district, a leader of figures in the street, one of the district, and one elsewhere."""
    drafts: dict[str, dict[str, Any]] = {
        "boss": {"role": "supervisor", "scope": city.CITY},
        "wei": {"role": "supervisor", "scope": city.D1},
        "lin": {"role": "leader", "scope": city.S1, "detail": "figures", "shown": "Lin Mu"},
        "he": {"role": "leader", "scope": city.D1},
        "far": {"role": "leader", "scope": city.D2},
    }
    async with started_app() as app:
        with ExitStack() as stack:
            made = {}
            for name, draft in drafts.items():
                known = stack.enter_context(guest(**draft))
                headers = {"accept-language": "en", "authorization": f"Bearer {known.token}"}
                transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
                made[name] = Person(known.name, httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers))
            yield made


def run(town: Connection, people: dict[str, Person], *names: str, **other: Any) -> str:
    """A schedule of the street that is due now, whose report is made and, without approval, issued; returns its id."""
    local = DUE + timedelta(hours=8)
    recipients = [(people[name].name, "mail", f"{name}@example.org") for name in names]
    rhythm = {"every": "day", "at_min": local.hour * 60 + local.minute}
    add_schedule(town, DUE - timedelta(hours=1), recipients, rhythm=rhythm, area=city.S1, **other)
    now = DUE + timedelta(seconds=30)
    assert begin_runs(town, now) == 1
    prepare(town, now)
    print_all(town)
    prepare(town, now + timedelta(seconds=11))
    row = town.execute("SELECT DISTINCT report FROM report_delivery").fetchall()
    assert len(row) == 1
    return str(row[0][0])


async def test_a_recipient_confirms_on_the_page_and_nobody_else(people: dict[str, Person], town: Connection) -> None:
    of_id = run(town, people, "boss", "lin")
    town.execute("UPDATE report_delivery SET state = 'sent', sent_at = now()")
    address, seen = f"/report/{of_id}", f"/api/reports/{of_id}/seen"
    lin = people["lin"]
    before = await lin.page(address)
    assert 'id="seen"' in before and "You have not confirmed yet that you have seen this report." in before
    for name, status, code in (("wei", 403, "not_a_recipient"), ("he", 403, "not_a_recipient"), ("far", 404, "unknown_report")):
        refused = await people[name].http.post(seen, json={"answer": "x"})
        assert (refused.status_code, refused.json()["error"]["code"]) == (status, code), name
    assert 'id="seen"' not in await people["he"].page(address)
    for body in ({"answer": "x" * 2001}, {"answer": 7}, {"answer": "a\x00"}, {"said": "x"}):
        assert (await lin.http.post(seen, json=body)).status_code == 422, body
    assert receipts(town) == []

    first = (await lin.http.post(seen, json={})).json()
    assert (first["report"], first["answer"], first["answered_at"]) == (of_id, "", None)
    again = (await lin.http.post(seen, json={"answer": " <b>已派人</b> "})).json()
    assert (again["seen_at"], again["answer"]) == (first["seen_at"], "<b>已派人</b>") and again["answered_at"]
    assert (await lin.http.post(seen, json={"answer": ""})).json() == again, "once is enough, and no answer takes none back"
    assert receipts(town) == [(lin.name, "<b>已派人</b>")]
    after = await lin.page(address)
    assert "You have not confirmed" not in after and ">Answer</button>" in after
    told = (await people["boss"].http.get(address)).text
    assert f"Lin Mu ({lin.name})" in told and "&lt;b&gt;已派人" in told and "You have not confirmed yet" in told
    log = town.execute("SELECT account, subject, detail ->> 'report', detail ->> 'answered' FROM audit_log WHERE action = 'report_seen'")
    assert log.fetchall() == [(lin.name, city.S1, of_id, "false"), (lin.name, city.S1, of_id, "true")]


async def test_a_link_and_the_page_make_one_receipt(people: dict[str, Person], town: Connection) -> None:
    """Whichever comes first; also where two messages brought it."""
    of_id = run(town, people, "boss", "lin")
    town.execute("UPDATE report_delivery SET state = 'sent', sent_at = now(), tokens = ARRAY[%s::bytea] WHERE account = %s", [
        hash_value(KEY),
        people["boss"].name,
    ])  # fmt: skip
    copy = "INSERT INTO report_delivery (id, run, account, channel, target, area, lang, report, detail, state)"
    town.execute(
        f"{copy} SELECT gen_random_uuid(), run, account, 'folder', 'x', area, lang, report, detail, 'sent' FROM report_delivery"
        " WHERE account = %s",
        [people["boss"].name],
    )
    link = "SELECT report_confirm(%s, %s)"
    assert town.execute(link, [hash_value(KEY), "by link"]).fetchone() == (True,)
    before = town.execute("SELECT seen_at FROM report_receipt").fetchall()
    answer = await people["boss"].http.post(f"/api/reports/{of_id}/seen", json={"answer": "on the page"})
    assert answer.status_code == 200 and answer.json()["answer"] == "on the page"
    assert receipts(town) == [(people["boss"].name, "on the page")]
    assert town.execute("SELECT seen_at FROM report_receipt").fetchall() == before
    town.execute(link, [hash_value(KEY), "by link again"])
    assert receipts(town) == [(people["boss"].name, "by link again")]


def receipts(town: Connection) -> list[tuple[str, str]]:
    found = "SELECT d.account, t.answer FROM report_receipt t JOIN report_delivery d ON d.id = t.delivery ORDER BY 1"
    return [(account, answer) for account, answer in town.execute(found)]


def delivery_of(town: Connection) -> UUID:
    row = town.execute("SELECT id FROM report_delivery").fetchone()
    assert row and isinstance(row[0], UUID)
    return row[0]


async def test_what_was_not_approved_opens_for_who_approves_it_alone(people: dict[str, Person], town: Connection) -> None:
    of_id = run(town, people, "lin", approval=True)
    for name in ("lin", "he", "far"):
        await people[name].page(f"/report/{of_id}", 404)
        for path in ("", "/files/json", "/files/pdf"):
            assert (await people[name].http.get(f"/api/reports/{of_id}{path}")).status_code == 404, (name, path)
        assert (await people[name].http.post(f"/api/reports/{of_id}/seen", json={})).status_code == 404
    for name in ("boss", "wei"):
        page = await people[name].page(f"/report/{of_id}")
        assert "Not approved yet" in page and "Approve or decline" in page and 'id="issue"' not in page
        told = (await people[name].http.get(f"/api/reports/{of_id}")).json()
        assert (told["state"], told["approval"], told["may_issue"], told["no"]) == ("done", True, False, None)
        assert (await people[name].http.post(f"/api/reports/{of_id}/issue")).status_code == 404, "it is issued by being let go"
        assert (await people[name].http.post(f"/api/reports/{of_id}/seen", json={})).status_code == 403
        assert (await people[name].http.get(f"/api/reports/{of_id}/files/json")).status_code == 200
    assert (await people["boss"].http.get("/api/reports")).json()["reports"] == []
    viewer = find_viewer(town, people["wei"].name)
    assert viewer and await schedules.act(viewer, delivery_of(town), "approve")
    prepare(town, datetime.now(UTC) + timedelta(seconds=1))
    assert town.execute("SELECT state FROM report_delivery").fetchone() == ("waiting",)
    assert "Issued" in await people["lin"].page(f"/report/{of_id}")
    told = (await people["he"].http.get(f"/api/reports/{of_id}")).json()
    assert (told["state"], told["approval"], told["no"]) == ("issued", False, 1)


async def test_what_was_declined_is_never_issued(people: dict[str, Person], town: Connection) -> None:
    of_id = run(town, people, "lin", approval=True)
    viewer = find_viewer(town, people["boss"].name)
    assert viewer and await schedules.act(viewer, delivery_of(town), "decline")
    prepare(town, datetime.now(UTC) + timedelta(days=1))
    assert town.execute("SELECT count(*) FROM report").fetchone() == (0,)
    for person in people.values():
        await person.page(f"/report/{of_id}", 404)


async def test_the_page_lists_own_previews_and_older_reports(
    people: dict[str, Person], town: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report_page, "MOST_LISTED", 1)
    of_id = run(town, people, "lin")
    plant_report(town, city.S1)
    asked = await people["he"].http.post("/api/reports", json={"area": city.S1, "kind": "monthly", "period": "2026-09"})
    mine = asked.json()["id"]
    page = await people["he"].page(f"/report?area={city.S1}&kind=weekly")
    assert "Your previews of the last day" in page and mine in page and "2026-09" in page and "waits for its turn" in page
    assert report_of(city.S1) in page and of_id not in page
    before = page.partition("before=")[2].partition("&")[0]
    older = await people["he"].page(f"/report?area={city.S1}&before={before}")
    assert of_id in older and report_of(city.S1) not in older and 'rel="next"' not in older
    other = await people["lin"].page("/report")
    assert mine not in other and "Your previews" not in other
    print_all(town)
    assert "preview, kept until" in await people["he"].page(f"/report?area={city.S1}")
    town.execute("UPDATE report_request SET state = 'failed', content = NULL WHERE id = %s", [mine])
    assert "could not be made" in await people["he"].page("/report")
