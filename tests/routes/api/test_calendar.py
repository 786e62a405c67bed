"""The calendar of deadlines, read by another library: whose cases, as rights are now, under an address that opens nothing else."""

import logging
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import psycopg
import pytest
import pytest_asyncio
import small_city as city
import vobject
from databases import FreshDatabase
from rights_tools import load_people
from signin_forms import COOKIE, HASHED, PASSWORD, SERVER
from whole_app import started_app

from data.accounts import identity, sessions, store, tokens
from data.accounts.model import Draft
from data.accounts.transactions import owner_transaction
from routes.api import calendar
from routes.middleware.access_log import ACCESS
from routes.middleware.identification import session_key
from routes.shared import csrf

TITLE = "路口积水，很深；ATTENDEE:x\\" + "长" * 80


def load(connection: psycopg.Connection[Any]) -> None:
    connection.execute("UPDATE incident SET number = source_key, assignee = 'wang'")
    connection.execute("UPDATE incident SET title = %s WHERE source_key = 'i04'", (TITLE + "\r\nATTENDEE:evil\x07",))
    connection.execute(
        "INSERT INTO unit (city, code, name, name_en, department, department_en) VALUES (%s, 'U1', '一', 'One', '', '')", (city.CITY,)
    )
    connection.execute("UPDATE incident SET unit = 'U1', assignee = 'li' WHERE source_key = 'i05'")
    connection.commit()


@pytest.fixture(scope="module", autouse=True)
def town(fresh_database: FreshDatabase) -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRIDWELL_RATE_FACTOR", "0")
        with fresh_database(city.load, load_people, load) as url:
            yield url


@dataclass
class Reader:
    """A program of calendars, and the account whose calendar it reads."""

    client: httpx.AsyncClient
    number: int
    token: str

    async def get(self, token: str | None = None, query: str = "", **headers: str) -> httpx.Response:
        return await self.client.get(f"/api/calendar/{token or self.token}.ics{query}", headers=headers)

    async def events(self, query: str = "") -> dict[str, Any]:
        """Events by the number of their case."""
        answer = await self.get(query=query)
        assert answer.status_code == 200, answer.text
        read = vobject.readOne(answer.content.decode())
        return {one.summary.value.split()[0]: one for one in read.contents.get("vevent", [])}


@pytest_asyncio.fixture
async def reader(town: str) -> AsyncIterator[Reader]:
    async with started_app() as app:
        with owner_transaction() as connection:
            connection.exec_driver_sql("TRUNCATE account CASCADE")
            made = store.add(connection, Draft("wang", shown="王", role="grid_worker", scope="*"))
            token = tokens.make(connection, "wang", "calendar", 366, calendar=True)
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=SERVER, headers={"accept-language": "zh"}) as client:
            yield Reader(client, made.id, token)


async def test_each_open_case_with_a_deadline_is_an_event(reader: Reader, town: str) -> None:
    found = await reader.events()
    with psycopg.connect(town) as connection:
        due = dict(connection.execute("SELECT source_key, due_at FROM incident WHERE assignee = 'wang' AND due_at IS NOT NULL").fetchall())
        stages = dict(connection.execute("SELECT source_key, stage FROM incident").fetchall())
    open_stages = {"reported", "filed", "dispatched", "in_progress", "feedback"}
    wanted = {key: moment for key, moment in due.items() if stages[key] in open_stages}
    assert wanted and found.keys() == wanted.keys()
    for key, event in found.items():
        assert event.dtstart.value == wanted[key] and event.dtstart.value.tzinfo is not None
        assert event.uid.value.startswith(f"{city.CITY}-") and event.uid.value.endswith("@gridwell")
        assert event.url.value == f"{SERVER}/desk?case={key}" and event.transp.value == "TRANSPARENT"
    assert len({event.uid.value for event in found.values()}) == len(found)


async def test_texts_are_escaped_and_lines_are_folded_in_octets(reader: Reader) -> None:
    answer = await reader.get()
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    lines = answer.content.split(b"\r\n")
    assert lines[-1] == b"" and all(len(line) <= 75 and b"\n" not in line for line in lines)
    for line in lines:
        line.decode()  # no character is cut in two
    event = (await reader.events())["i04"]
    assert event.summary.value == f"i04 {TITLE}\nATTENDEE:evil " and "attendee" not in event.contents
    assert "王大明" not in answer.text and "138" not in answer.text, "nothing of reporters"


async def test_the_units_queue_is_another_choice(reader: Reader, town: str) -> None:
    assert await reader.events("?of=unit") == {}
    with psycopg.connect(town) as connection:
        connection.execute("INSERT INTO unit_member (city, unit, account, post) VALUES (%s, 'U1', 'wang', 'worker')", (city.CITY,))
    identity.clear_cache()
    assert (await reader.events("?of=unit")).keys() == {"i05"} and "i05" not in await reader.events()
    assert (await reader.get(query="?of=all")).status_code == 422


async def test_a_closed_case_leaves_and_the_tag_changes(reader: Reader, town: str) -> None:
    first = await reader.get()
    assert first.headers["cache-control"] == "private, no-cache"
    same = await reader.get(**{"if-none-match": first.headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")
    with psycopg.connect(town) as connection:
        connection.execute("UPDATE incident SET assignee = 'li' WHERE source_key = 'i06'")
    later = await reader.get(**{"if-none-match": first.headers["etag"]})
    assert later.status_code == 200 and later.headers["etag"] != first.headers["etag"]


async def test_no_more_than_so_many_events_and_that_is_said(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    every = await reader.events()
    monkeypatch.setattr(calendar, "MOST_EVENTS", 2)
    told = vobject.readOne((await reader.get()).content.decode())
    starts = sorted(event.dtstart.value for event in every.values())
    assert sorted(event.dtstart.value for event in told.contents["vevent"]) == starts[:2]
    assert "2 件" in told.contents["x-wr-caldesc"][0].value


async def test_rights_are_those_of_the_account_now(reader: Reader) -> None:
    every = await reader.events()
    with owner_transaction() as connection:
        connection.exec_driver_sql("UPDATE account SET scope = %s WHERE name = 'wang'", (city.D2,))
    identity.clear_cache()
    fewer = await reader.events()
    assert fewer.keys() < every.keys()
    with owner_transaction() as connection:
        connection.exec_driver_sql("UPDATE account SET detail = 'figures' WHERE name = 'wang'")
    identity.clear_cache()
    assert (await reader.get()).status_code == 403


@pytest.mark.parametrize(
    "ended", ["UPDATE account SET disabled_at = now()", "UPDATE token SET withdrawn_at = now()", "DELETE FROM account"]
)
async def test_a_closed_account_and_a_withdrawn_address_have_no_calendar(reader: Reader, ended: str) -> None:
    with owner_transaction() as connection:
        connection.exec_driver_sql(ended)
    identity.clear_cache()
    answer = await reader.get()
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "no_such_calendar")


async def test_the_address_opens_nothing_else(reader: Reader) -> None:
    for path in ("/api/cases", "/api/cities", "/", "/account"):
        assert (await reader.client.get(path, headers={"authorization": f"Bearer {reader.token}"})).status_code == 401
    assert (await reader.client.get(f"/api/cases?token={reader.token}")).status_code == 401
    assert (await reader.client.get(f"/api/calendar/{reader.token}/cases")).status_code == 404
    assert (await reader.client.post(f"/api/calendar/{reader.token}.ics")).status_code in (403, 404, 405)
    with owner_transaction() as connection:
        personal = tokens.make(connection, "wang", "program", 1)
    for wrong in (personal, "gwc_" + "a" * 43, "x", "gwc_"):
        answer = await reader.get(wrong, authorization=f"Bearer {personal}")
        assert answer.status_code == 404, wrong


async def test_no_log_holds_the_token(reader: Reader, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    record = logging.LogRecord(
        ACCESS, 20, "", 0, "%s %s %s %s %s", ("c", "GET", f"/api/calendar/{reader.token}.ics?of=unit", "1.1", 200), None
    )
    assert all(one.filter(record) for one in logging.getLogger(ACCESS).filters)
    assert record.getMessage() == "c GET /api/calendar/… 1.1 200"

    def fails(*_: object) -> None:
        raise RuntimeError("unforeseen")

    monkeypatch.setattr(calendar, "make_calendar", fails)
    with caplog.at_level(logging.DEBUG):
        assert (await reader.get()).status_code == 500
    ours = [logging.Formatter("%(message)s").format(one) for one in caplog.records if one.name != "httpx"]  # the program that asks here
    assert any("/api/calendar/…" in one for one in ours) and not any(reader.token in one for one in ours)


# ---- The page of the account ----


async def test_an_address_is_made_shown_once_and_withdrawn(reader: Reader, town: str) -> None:
    with owner_transaction() as connection:
        store.set_password(connection, reader.number, HASHED)
        session = sessions.begin(connection, reader.number, "full", "", "test")
    identity.clear_cache()
    client = reader.client
    client.headers["cookie"] = f"{COOKIE}={session}"
    form = {csrf.FIELD: csrf.token(session_key(session)), "of": "unit"}
    assert "gwc_" not in (await client.post("/account/calendar", data={**form, "password": "wrong"})).text
    page = (await client.post("/account/calendar", data={**form, "password": PASSWORD})).text
    address = page.partition(f"{SERVER}/api/calendar/")[2].partition("<")[0]
    token = address.removesuffix("?of=unit").removesuffix(".ics")
    assert token.startswith("gwc_") and address.endswith(".ics?of=unit")
    assert token not in (await client.get("/account")).text
    with psycopg.connect(town) as connection:
        rows = connection.execute("SELECT t.id, t.name, t.kind FROM token t ORDER BY t.id DESC LIMIT 1").fetchall()
        stored = connection.execute("SELECT token::text FROM token").fetchall()
        audit = connection.execute("SELECT action, detail FROM audit_log WHERE action LIKE 'token%%' ORDER BY no DESC LIMIT 1").fetchone()
    assert rows[0][1:] == ("日历：本单位的案件", "calendar") and token not in str(stored)
    assert audit and audit[0] == "token_made" and audit[1]["kind"] == "calendar" and token not in str(audit)
    client.headers.pop("cookie")
    assert (await reader.get(token, "?of=unit")).status_code == 200
    client.headers["cookie"] = f"{COOKIE}={session}"
    await client.post("/account/tokens/withdraw", data={**form, "token": str(rows[0][0])})
    identity.clear_cache()
    assert (await reader.get(token)).status_code == 404


async def test_who_sees_no_cases_is_offered_none(reader: Reader) -> None:
    with owner_transaction() as connection:
        made = store.add(connection, Draft("watch", role="auditor", scope="*"))
        session = sessions.begin(connection, made.id, "full", "", "test")
    reader.client.headers["cookie"] = f"{COOKIE}={session}"
    assert "/account/calendar" not in (await reader.client.get("/account")).text
    form = {csrf.FIELD: csrf.token(session_key(session))}
    refused = await reader.client.post("/account/calendar", data=form)
    assert refused.status_code == 422 and "gwc_" not in refused.text and 'role="alert"' in refused.text
