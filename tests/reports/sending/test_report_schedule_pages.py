"""The pages of schedules through the whole app: written and tried, by whom, what waits is let go, and the link that confirms."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
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
from fastapi import FastAPI
from signin_forms import account, forms, sign_in, visitor
from whole_app import started_app

from data.core.roles import ROLES, may
from data.core.settings import settings
from data.migrations.reports import sent_0048
from data.reports.sending import schedules
from data.reports.sending.delivering import send_due
from data.reports.sending.preparing import prepare
from data.reports.sending.receipts import list_receipts
from data.reports.sending.recipients import find_viewer
from data.reports.sending.runs import begin_runs
from tests.reports.sending.posted import Connection, add_schedule, hook_receiver, print_all

pytestmark = pytest.mark.slow
DUE = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=1)
LIST = "/report/schedules"
FIELDS = {
    **{"name": "街道周报", "kind": "weekly", "step": "", "area": city.CITY, "level": "street", "every": "week", "place": "day"},
    **{"weekday_1": "1", "weekday_4": "1", "day": "1", "month": "1", "time": "08:00", "holidays": "next_working", "send_empty": "1"},
    "recipients": f"wei wei@example.org\nzhou https://hooks.example.org/x {city.S3}",
}


@pytest.fixture
def town(fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch) -> Iterator[Connection]:
    monkeypatch.setenv("GRIDWELL_RATE_FACTOR", "0")
    monkeypatch.setenv("GRIDWELL_SECOND_FACTOR_ROLES", "none")
    monkeypatch.setenv("GRIDWELL_PUBLIC_URL", "http://grid.example:8050")
    settings.cache_clear()
    with fresh_database(city.load) as url, psycopg.connect(url, autocommit=True) as connection:
        account("zhou", role="administrator", scope=city.CITY, shown="Zhou")
        account("wei", role="supervisor", scope=city.D1, shown="Wei")
        account("chen", role="leader", scope=city.S1, shown="Chen")
        yield connection
    settings.cache_clear()


@pytest_asyncio.fixture
async def app(town: Connection) -> AsyncIterator[FastAPI]:
    async with started_app() as made:
        yield made


@pytest_asyncio.fixture
async def zhou(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with visitor(app) as http:
        await sign_in(http, "zhou")
        yield http


async def post(http: httpx.AsyncClient, address: str, page: str = LIST + "/new", **given: Any) -> httpx.Response:
    """Send a form with the token of a page."""
    token = next(iter(forms((await http.get(page)).text).values()))["csrf"]
    return await http.post(address, data={"csrf": token, **given})


async def text_of(http: httpx.AsyncClient, address: str) -> str:
    answer = await http.get(address)
    assert answer.status_code == 200, (address, answer.text[:300])
    return unescape(answer.text)


def test_the_database_and_the_table_of_roles_name_the_same() -> None:
    able = {role for role, one in ROLES.items() if may(role, one.highest, "schedule_reports")}
    assert {name.strip(" '") for name in sent_0048.MANAGERS.split(",")} == able


async def test_a_schedule_is_tried_kept_changed_and_switched_off(zhou: httpx.AsyncClient, town: Connection) -> None:
    tried = await post(zhou, f"{LIST}/new", **FIELDS, preview="1")
    assert tried.status_code == 200 and len(re.findall(r'<ol class="upcoming">.*?</ol>', tried.text, re.S)) == 1
    shown = re.search(r'<ol class="upcoming">(.*?)</ol>', tried.text, re.S)
    assert shown and len(re.findall("<li>", shown[1])) == 5 and len(re.findall("T08:00:00.000[+]08:00", shown[1])) == 5
    assert town.execute("SELECT count(*) FROM report_schedule").fetchone() == (0,), "trying keeps nothing"
    kept = await post(zhou, f"{LIST}/new", **FIELDS)
    assert kept.status_code == 303, unescape(kept.text)[:3000]
    number = int(kept.headers["location"].rpartition("/")[2])
    row = town.execute("SELECT name, step, level, rhythm ->> 'weekdays', recipients, changed_by, version FROM report_schedule").fetchone()
    assert row and row[:4] == ("街道周报", "week", "street", "[1, 4]") and row[5:] == ("zhou", 1)
    assert [one["channel"] for one in row[4]] == ["mail", "hook"] and row[4][1]["area"] == city.S3
    page = await text_of(zhou, f"{LIST}/{number}")
    assert "wei wei@example.org" in page and 'name="weekday_4" value="1" checked' in page and 'name="weekday_2" value="1">' in page
    assert "街道周报" in await text_of(zhou, LIST)
    changed = await post(zhou, f"{LIST}/{number}", **{**FIELDS, "time": "7:30"}, version="1")
    assert changed.status_code == 303
    again = await post(zhou, f"{LIST}/{number}", **FIELDS, version="1")
    assert again.status_code == 422 and "Somebody has changed this schedule meanwhile" in unescape(again.text)
    assert (await post(zhou, f"{LIST}/{number}/switch", on="0")).status_code == 303
    assert "switched off" in await text_of(zhou, f"{LIST}/{number}") and "switched off" in await text_of(zhou, LIST)
    told = town.execute("SELECT account, subject, detail ->> 'on' FROM audit_log WHERE action = 'report_schedule' ORDER BY no").fetchall()
    assert told == [("zhou", city.CITY, None), ("zhou", city.CITY, None), ("zhou", city.CITY, "false")]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"recipients": "nobody nobody@example.org"}, "There is no account “nobody”"),
        ({"recipients": "zhou archive/x"}, "only figures go there"),
        ({"recipients": ""}, "between one and 100 recipients"),
        ({"recipients": "zhou"}, "write one recipient in a line"),
        ({"recipients": "zhou http://example.org/x"}, "nothing can be sent to"),
        ({"recipients": f"zhou z@example.org {city.K1}"}, "an area of which there is no report"),
        ({"area": "000000"}, "there is no such area in your own area"),
        ({"level": "street", "area": city.K1}, "no areas of this level inside"),
        ({"time": "25:00"}, "write the time as 08:00"),
        ({"kind": "nothing"}, "no such kind of report"),
        ({"step": "year"}, "not made for such a period"),
        ({"every": "month", "day": "32"}, "days of a month are 1 to 31"),
        ({"every": "hour"}, "The schedule cannot be kept"),
        ({"name": ""}, "it needs a name"),
    ],
)
async def test_what_cannot_be_kept_says_why(zhou: httpx.AsyncClient, town: Connection, given: dict[str, str], said: str) -> None:
    answer = await post(zhou, f"{LIST}/new", **{**FIELDS, **given})
    assert answer.status_code == 422 and said in unescape(answer.text), unescape(answer.text)[:2000]
    assert town.execute("SELECT count(*) FROM report_schedule").fetchone() == (0,)


async def test_a_run_sends_no_more_than_can_be_sent(zhou: httpx.AsyncClient, town: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedules, "MOST_SENT", 4)
    assert (await post(zhou, f"{LIST}/new", **FIELDS)).status_code == 303, "three streets for one, and one for the other"
    answer = await post(zhou, f"{LIST}/new", **{**FIELDS, "recipients": "wei wei@example.org\nzhou zhou@example.org"})
    assert answer.status_code == 422 and "more than 20,000 reports" in unescape(answer.text)


async def test_schedules_belong_to_who_manages_the_area(app: FastAPI, zhou: httpx.AsyncClient, town: Connection) -> None:
    """A district's supervisor neither sees nor changes those of the city, and makes none for another district; others have no such page."""
    number = add_schedule(town, DUE, [("zhou", "mail", "z@example.org")], name="全市周报")
    async with visitor(app) as wei, visitor(app) as chen:
        await sign_in(wei, "wei")
        await sign_in(chen, "chen")
        assert "全市周报" in await text_of(zhou, LIST) and "全市周报" not in await text_of(wei, LIST)
        assert (await wei.get(f"{LIST}/{number}")).status_code == 404
        assert (await post(wei, f"{LIST}/{number}/switch", on="0")).status_code == 404
        for area, status in ((city.CITY, 422), (city.D2, 422), (city.D1, 303)):
            assert (await post(wei, f"{LIST}/new", **{**FIELDS, "area": area, "recipients": "wei w@example.org"})).status_code == status
        assert (await chen.get(LIST)).status_code == 403 and LIST not in (await chen.get("/account")).text
        assert LIST in (await wei.get("/account")).text
    assert town.execute("SELECT count(*) FROM report_schedule WHERE off_at IS NULL").fetchone() == (2,)


async def test_what_waits_is_let_go_or_kept_back(zhou: httpx.AsyncClient, town: Connection) -> None:
    now = _run(town, [("zhou", "mail", "z@example.org"), ("wei", "mail", "w@example.org")], area=city.D1, approval=True)
    page = await text_of(zhou, LIST)
    assert "Waits for approval" in page and page.count('value="approve"') == 3, "each, and both at once"
    first, second = (row[0] for row in town.execute("SELECT id FROM report_delivery ORDER BY account"))
    assert (await post(zhou, f"{LIST}/act", delivery=str(first), what="approve")).status_code == 303
    assert (await post(zhou, f"{LIST}/act", delivery=str(second), what="decline")).status_code == 303
    assert town.execute("SELECT state, approved_by FROM report_delivery ORDER BY account").fetchall() == [
        ("making", "zhou"),
        ("declined", "zhou"),
    ]
    assert "approved, being issued" in await text_of(zhou, f"{LIST}/1")
    for what, of in (("approve", second), ("resend", second), ("nothing", first), ("approve", "x")):
        assert "It was done already, or is gone." in unescape((await post(zhou, f"{LIST}/act", delivery=str(of), what=what)).text)
    later = now + timedelta(days=1)
    prepare(town, later)
    print_all(town)
    send_due(town, later)
    page = await text_of(zhou, LIST)
    assert "No setting names the way." in page, "what failed is told, with the reason"
    said = [
        row[0] for row in town.execute("SELECT action FROM audit_log WHERE action LIKE 'report_%' AND action <> 'report_file' ORDER BY no")
    ]
    assert said == ["report_approved", "report_declined", "report_issued"]


async def test_all_that_wait_are_let_go_at_once(zhou: httpx.AsyncClient, town: Connection) -> None:
    """Those that the page has shown, and none that came since."""
    _run(town, [(name, "mail", f"{name}@example.org") for name in ("zhou", "wei")], area=city.D1, approval=True)
    page = await text_of(zhou, LIST)
    shown = re.search(r'name="delivery" value="([^"]+,[^"]+)"', page)
    assert shown and "Send all 2 that are shown" in page
    first, second = shown[1].split(",")
    town.execute("UPDATE report_delivery SET state = 'declined' WHERE id = %s", [second])
    assert (await post(zhou, f"{LIST}/act", LIST, delivery=shown[1], what="approve")).status_code == 303
    states = dict(town.execute("SELECT id::text, state FROM report_delivery").fetchall())
    assert states == {first: "making", second: "declined"}, "what somebody kept back meanwhile stays so"
    assert "Send all" not in await text_of(zhou, LIST)


async def test_what_waits_is_stopped_with_its_schedule_and_says_by_whom(zhou: httpx.AsyncClient, town: Connection) -> None:
    _run(town, [("zhou", "mail", "z@example.org"), ("wei", "mail", "w@example.org")], area=city.D1, approval=True)
    kept = (await zhou.get(f"{LIST}/1")).text
    changed = {**FIELDS, "area": city.D1, "level": "", "recipients": "zhou z@example.org", "approval": "1"}
    assert (await post(zhou, f"{LIST}/1", **changed, version="1")).status_code == 303 and "took the recipient" not in kept
    assert "Zhou (zhou) took the recipient out of the schedule at" in await text_of(zhou, f"{LIST}/1")
    assert (await post(zhou, f"{LIST}/1/switch", on="0")).status_code == 303
    assert "The schedule was switched off by Zhou (zhou) at" in await text_of(zhou, f"{LIST}/1")
    assert town.execute("SELECT state, stopped_by FROM report_delivery").fetchall() == [("stopped", "zhou")] * 2
    told = town.execute("SELECT (detail ->> 'stopped')::int FROM audit_log WHERE action = 'report_schedule' ORDER BY no").fetchall()
    assert told == [(1,), (1,)]


async def test_reports_go_to_whoever_leads_each_area(zhou: httpx.AsyncClient, town: Connection) -> None:
    """The page names who that is before anything is kept, and the areas that nobody leads."""
    fields = {**FIELDS, "recipients": "@head {account}@example.org"}
    for page in (await post(zhou, f"{LIST}/new", **fields, preview="1"), await post(zhou, f"{LIST}/new", **fields)):
        shown = page.text if page.status_code == 200 else (await zhou.get(page.headers["location"])).text
        led = re.search(r'<table class="led">(.*?)</table>', shown, re.S)
        assert led and "Chen (chen)" in led[1] and led[1].count("<tr>") == 2, "a head and a street"
        assert len(re.findall("Nobody leads: [^,<]+, [^,<]+[.] Their", unescape(shown))) == 1
    for recipients in ("@head x@example.org", "@head {nobody}@example.org"):
        refused = await post(zhou, f"{LIST}/new", **{**FIELDS, "recipients": recipients})
        assert refused.status_code == 422 and "the address of @head holds {account} or {area}" in unescape(refused.text)


async def test_lists_go_on_over_pages(zhou: httpx.AsyncClient, town: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedules, "SCHEDULES_SHOWN", 2)
    for n in range(5):
        add_schedule(town, DUE, [("zhou", "mail", "z@example.org")], name=f"周报 {n}")
    shown = [re.findall(r"周报 (\d)", await text_of(zhou, f"{LIST}?page={page}")) for page in (1, 2, 3, 4)]
    assert shown == [["0", "1"], ["2", "3"], ["4"], []]
    first, last = (await zhou.get(LIST)).text, (await zhou.get(f"{LIST}?page=3")).text
    assert 'rel="next"' in first and 'rel="prev"' not in first and 'rel="next"' not in last and 'rel="prev"' in last


async def test_what_a_run_sent_goes_on_over_pages(zhou: httpx.AsyncClient, town: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    """On the page of a schedule stands first what somebody must look at; a page of the run alone has all, by area."""
    monkeypatch.setattr(schedules, "OF_RUN", 2)
    monkeypatch.setattr(schedules, "OF_ONE_RUN", 3)
    _run(town, [(f"a{n}", "mail", f"a{n}@example.org") for n in range(5)], area=city.D1)
    town.execute("UPDATE report_delivery SET state = CASE account WHEN 'a3' THEN 'failed' WHEN 'a0' THEN 'declined' ELSE 'sent' END")
    page = await text_of(zhou, f"{LIST}/1")
    assert re.findall(r"<b>(a\d)", page) == ["a3", "a1"] and "Not confirmed by: a1 and 2 others<" in page, page
    link = re.search(rf'href="({LIST}/1[?]run=\d+)">All 5 of this time<', page)
    assert link
    first, second = await text_of(zhou, link[1]), await text_of(zhou, f"{link[1]}&page=2")
    assert re.findall(r"<b>(a\d)", first) == ["a0", "a1", "a2"] and re.findall(r"<b>(a\d)", second) == ["a3", "a4"]
    assert ('rel="next"' in first, 'rel="next"' in second, 'rel="prev"' in second) == (True, False, True)
    other = add_schedule(town, DUE, [("zhou", "mail", "z@example.org")])
    assert "<b>a" not in await text_of(zhou, link[1].replace("/1?", f"/{other}?")), "a run stands with its own schedule"


async def test_a_link_confirms_by_its_button_alone(app: FastAPI, zhou: httpx.AsyncClient, town: Connection, monkeypatch: Any) -> None:
    with hook_receiver() as receiver:
        monkeypatch.setenv("GRIDWELL_NOTICE_HOOKS", receiver.address)
        monkeypatch.setenv("GRIDWELL_NOTICE_SECRET", "0123456789abcdef0123456789")
        settings.cache_clear()
        now = _run(town, [("zhou", "hook", receiver.address), ("wei", "hook", receiver.address)], area=city.D1)
        assert await asyncio.to_thread(send_due, town, now) == {"sent": 2}
        bodies = [httpx.Response(200, content=body).json() for _, body in receiver.got]
    number = town.execute("SELECT id FROM report_schedule").fetchone()
    assert number and "Not confirmed by: Wei (wei), Zhou (zhou)" in await text_of(zhou, f"{LIST}/{number[0]}")
    of_zhou, issued = _read_of(town, "zhou")
    read = await text_of(zhou, f"/report/{of_zhou}")
    assert "Not confirmed by: Wei (wei)<" in read and "You have not confirmed yet" in read
    assert f"{issued:%H:%M} by schedule {number[0]}." in read, "by the city's clock, not by the database's"
    link = bodies[0]["seen"].removeprefix("http://grid.example:8050")
    async with visitor(app) as stranger:
        page = await text_of(stranger, link)
        assert "周报" in page and "West" in page and "/report/" + bodies[0]["id"] not in page
        assert town.execute("SELECT count(*) FROM report_receipt").fetchone() == (0,), "opening it confirms nothing"
        assert (await stranger.post(link, data={"answer": "x"})).status_code == 403, "nor does a form of another site"
        done = await post(stranger, link, link, answer="")
        assert done.status_code == 200 and "It is noted" in unescape(done.text)
        await post(stranger, link, link, answer="<b>已派人</b>")
        await post(stranger, link, link, answer="")
        for broken in (link[:-1], link + "x", "/report/seen/" + "a" * 300, "/report/seen/%E4%B8%AD"):
            answer = await stranger.get(broken)
            assert answer.status_code == 404 and "confirms nothing" in unescape(answer.text)
    assert town.execute("SELECT answer, answered_at IS NOT NULL FROM report_receipt").fetchall() == [("<b>已派人</b>", True)]
    page = (await zhou.get(f"{LIST}/{number[0]}")).text
    assert "&lt;b&gt;已派人" in page and page.count("Not confirmed by:") == 1
    wei, boss = find_viewer(town, "wei"), find_viewer(town, "zhou")
    assert wei and boss
    assert sorted((row["account"], row["seen_at"] is None) for row in await list_receipts(boss, of_zhou)) == _seen(town)
    read = (await zhou.get(f"/report/{of_zhou}")).text
    assert "&lt;b&gt;已派人" in read and len(re.findall(r"confirmed \d", read)) == 1
    for few in (replace(wei, role="leader"), replace(wei, detail="figures")):
        assert {row["account"] for row in await list_receipts(few, of_zhou)} == {"wei"}, "others are told of themselves"
    town.execute("UPDATE account SET disabled_at = now()")
    async with visitor(app) as stranger:
        assert (await stranger.get(link)).status_code == 404, "a closed account's link is about nothing"


def _seen(town: Connection) -> list[tuple[str, bool]]:
    rows = town.execute(
        "SELECT d.account, t.seen_at IS NULL FROM report_delivery d LEFT JOIN report_receipt t ON t.delivery = d.id ORDER BY 1"
    )
    return [(name, unseen) for name, unseen in rows]


def _read_of(town: Connection, account: str) -> tuple[UUID, datetime]:
    """Id of the report that an account was sent, and when it was issued, in Shanghai."""
    found = "SELECT r.id, r.issued_at AT TIME ZONE 'Asia/Shanghai' FROM report_delivery d JOIN report r ON r.id = d.report"
    row = town.execute(f"{found} WHERE d.account = %s", [account]).fetchone()
    assert row
    return row[0], row[1]


def _run(town: Connection, recipients: list[tuple[str, str, str]], **other: Any) -> datetime:
    """A schedule that is due now, whose reports are made."""
    local = DUE.astimezone(UTC) + timedelta(hours=8)
    rhythm = {"every": "day", "at_min": local.hour * 60 + local.minute}
    add_schedule(town, DUE - timedelta(hours=1), recipients, rhythm=rhythm, **other)
    now = DUE + timedelta(seconds=30)
    assert begin_runs(town, now) == 1
    prepare(town, now)
    print_all(town)
    prepare(town, now + timedelta(seconds=11))
    print_all(town)
    return now + timedelta(seconds=11)
