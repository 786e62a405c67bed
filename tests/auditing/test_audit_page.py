"""The auditor's page through the whole app: filters, export, and the record of who looked at a person's data."""

import csv
import io
import re
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from html import unescape

import httpx
import openpyxl
import psycopg
import pytest
import pytest_asyncio
import small_city
from audit_tools import Connection, written
from fastapi import FastAPI
from signin_forms import account, forms, send, sign_in, visitor

from data.accounts import tokens
from data.accounts.transactions import owner_transaction
from data.auditing.reader import PAGE
from data.core.roles import ROLES
from data.core.settings import ROOT, settings
from data.privacy import keyed_hash
from data.schema.audit_actions import ACTION_TITLES, GROUPS

pytestmark = pytest.mark.slow

CARD = "11010519491231002X"


@pytest_asyncio.fixture
async def auditor(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody signed in who may read the log."""
    account("zhou", role="auditor", shown="Zhou")
    async with visitor(app) as http:
        await sign_in(http, "zhou")
        yield http


def put(connection: Connection, count: int = 1, **parts: object) -> list[int]:
    with connection.transaction():
        return written(connection, count, **parts)


def numbers(page: str) -> list[int]:
    """Numbers of the rows of a page, from above."""
    return [int(found) for found in re.findall(r'<span class="code muted">(\d+)</span>', page)]


def last(connection: Connection, *columns: str) -> tuple[object, ...]:
    row = connection.execute(f"SELECT {', '.join(columns)} FROM audit_log ORDER BY no DESC LIMIT 1").fetchone()
    assert row is not None
    return row


# ---- Who may ----


@pytest.mark.parametrize("role", [role for role, its in ROLES.items() if "password" in its.abilities and "audit" not in its.abilities])
async def test_nobody_else_reads_the_log(app: FastAPI, role: str) -> None:
    account("somebody", role=role)
    async with visitor(app) as http:
        await sign_in(http, "somebody")
        token = forms((await http.get("/account")).text)["/account/tokens"]["csrf"]
        for answer in (
            await http.get("/audit"),
            await http.post("/audit/export", data={"csrf": token, "purpose": "curious"}),
            await http.post("/audit/record", data={"csrf": token, "purpose": "curious", "sought": "1:1"}),
        ):
            assert answer.status_code == 403 and "sign_in" not in answer.text
        assert "/audit" not in (await http.get("/account")).text


async def test_a_program_does_not_read_it_in_its_owners_name(app: FastAPI) -> None:
    account("zhou", role="auditor")
    with owner_transaction() as connection:
        token = tokens.make(connection, "zhou", "program", 1)
    async with visitor(app, authorization=f"Bearer {token}") as http:
        assert (await http.get("/audit")).status_code == 403


async def test_another_site_has_nothing_exported(auditor: httpx.AsyncClient, owner: Connection) -> None:
    assert (await auditor.post("/audit/export", data={"purpose": "asked"})).status_code == 403
    assert last(owner, "action") == ("sign_in",)


# ---- The page ----


async def test_the_newest_rows_come_first_in_words(auditor: httpx.AsyncClient, owner: Connection) -> None:
    put(owner, account="li", subject="wang", action="account_changed", detail={"role": ["wall", "steward"]})
    page = (await auditor.get("/audit")).text
    assert numbers(page)[0] == last(owner, "no")[0]
    assert "Changed an account's rights" in unescape(page) and "wang" in page and "Wall display → Data steward" in page
    assert 'href="/audit" aria-current="page"' in page
    chinese = (await auditor.get("/audit?lang=zh")).text
    assert "变更账号权限" in chinese and "审计日志" in chinese


async def test_it_is_filtered_by_each_field(auditor: httpx.AsyncClient, owner: Connection) -> None:
    (first,) = put(owner, account="li", action="reveal_person", person="1:p1", purpose="visit")
    (second,) = put(owner, account="wang", action="search_people")
    put(owner, account="wang", action="token_made")

    async def found(**wanted: object) -> list[int]:
        return numbers((await auditor.get("/audit", params={name: str(value) for name, value in wanted.items()})).text)

    assert await found(account="li") == [first]
    assert await found(person="1:p1") == [first]
    assert await found(action="search_people") == [second]
    assert await found(action="people") == [second, first]
    (written_at,) = last(owner, "at")
    assert isinstance(written_at, datetime)
    day = written_at.astimezone(UTC).date()
    assert set(await found(since=day, until=day)) >= {first, second}, "both days are included"
    assert await found(since=day + timedelta(1), account="li") == [] and await found(until=day - timedelta(1), account="li") == []
    assert await found(account="wang", action="people", person="1:p1") == []


@pytest.mark.parametrize(
    "query",
    [
        *("since=yesterday", "until=9999-12-31", "since=0001-01-01", "account=%00", "action=x"),
        *("before=x", "before=0", f"before={2**63 - 1}", f"before={2**63}", f"before={'9' * 5_000}", "before=٣"),
    ],
)
async def test_what_cannot_be_read_is_no_error(auditor: httpx.AsyncClient, query: str) -> None:
    assert (await auditor.get(f"/audit?{query}")).status_code == 200


async def test_pages_follow_each_other_without_a_gap(auditor: httpx.AsyncClient, owner: Connection) -> None:
    put(owner, 2 * PAGE + 5, account="li")
    seen: list[int] = []
    where = "/audit?account=li"
    while where:
        page = (await auditor.get(where)).text
        seen += numbers(page)
        older = re.search(r'href="([^"]+)" rel="next"', page)
        where = older[1].replace("&amp;", "&") if older else ""
    assert len(seen) == 2 * PAGE + 5 and seen == sorted(seen, reverse=True)


async def test_texts_of_people_are_never_markup(auditor: httpx.AsyncClient, owner: Connection) -> None:
    bad = "<script>alert(1)</script>"
    put(owner, account=bad, subject=bad, action="export", person=f'1:"{bad}', purpose=bad, detail={bad: [bad, {"x": bad}]})
    assert bad not in (await auditor.get("/audit")).text
    assert bad not in (await send(auditor, "/audit", "/audit/record", sought=f'1:"{bad}', purpose=bad)).text


async def test_what_the_keeper_did_stands_on_the_page(auditor: httpx.AsyncClient, owner: Connection) -> None:
    assert "It has not run yet." in (await auditor.get("/audit")).text
    put(owner, account="gridwell", action="retention", subject="990000", detail={"people": 3, "reporters": 1, "today": "2026-11-23"})
    page = (await auditor.get("/audit?account=nobody")).text
    assert "&lt;5 people, &lt;5 reporters deleted" in page and "180 days" in page
    put(owner, account="gridwell", action="retention_failed", subject="990000", detail={"reason": "DiskFull 53100"})
    failed = (await auditor.get("/audit?account=nobody")).text
    assert "Could not delete data whose retention period is over" in failed.split("Retention", 1)[1] and "DiskFull 53100" in failed


# ---- Exports ----


async def test_an_export_holds_what_was_chosen_and_is_written_down(auditor: httpx.AsyncClient, owner: Connection) -> None:
    put(owner, 3, account="li")
    put(owner, account="=HYPERLINK(1)", purpose="+cmd|x")
    answer = await send(auditor, "/audit?account=li", "/audit/export", purpose="yearly review", format="csv")
    assert answer.headers["content-type"].startswith("text/csv") and "attachment" in answer.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row["account"] for row in rows] == ["li"] * 3 and rows[0]["title"] == "Signed in"
    assert datetime.fromisoformat(rows[0]["at"]).tzinfo is not None
    assert last(owner, "account", "action", "purpose", "detail") == (
        "zhou",
        "export",
        "yearly review",
        {"format": "csv", "rows": 3, "account": "li"},
    )


async def test_no_cell_of_an_export_becomes_a_formula(auditor: httpx.AsyncClient, owner: Connection) -> None:
    put(owner, account="=HYPERLINK(1)", purpose="+cmd|x", subject="@x")
    text = (await send(auditor, "/audit", "/audit/export", purpose="review")).content.decode("utf-8-sig")
    row = next(row for row in csv.DictReader(io.StringIO(text)) if "HYPERLINK" in row["account"])
    assert [row[name][0] for name in ("account", "purpose", "subject")] == ["'"] * 3
    book = openpyxl.load_workbook(io.BytesIO((await send(auditor, "/audit", "/audit/export", purpose="r2", format="xlsx")).content))
    cells = [cell for cells in book.active.iter_rows() for cell in cells]  # type: ignore[union-attr]
    assert "=HYPERLINK(1)" in [cell.value for cell in cells] and {cell.data_type for cell in cells} <= {"s", "n"}


async def test_without_a_purpose_or_of_too_many_nothing_is_exported(
    auditor: httpx.AsyncClient, owner: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = await send(auditor, "/audit", "/audit/export", purpose=" ")
    assert answer.status_code == 422 and "State the purpose" in answer.text
    monkeypatch.setenv("GRIDWELL_ROW_CAP", "2")
    settings.cache_clear()
    put(owner, 3, account="li")
    assert (await send(auditor, "/audit?account=li", "/audit/export", purpose="review")).status_code == 422
    assert owner.execute("SELECT count(*) FROM audit_log WHERE action = 'export'").fetchone() == (0,)


# ---- The record of a person ----


async def test_a_record_says_who_opened_it_when_and_what_for(auditor: httpx.AsyncClient, owner: Connection) -> None:
    put(owner, account="li", action="reveal_person", person="1:p1", purpose="home visit")
    put(owner, account="wang", action="reveal_person", person="1:p2", purpose="somebody else")
    page = (await send(auditor, "/audit?person=1:p1", "/audit/record", sought="1:p1", purpose="asked by the person")).text
    assert "home visit" in page and "li" in page and "somebody else" not in page
    assert "asked by the person" in page and "Not in the register" in page
    assert last(owner, "account", "action", "person", "purpose") == ("zhou", "access_record", "1:p1", "asked by the person")
    script = re.search(r'<script nonce="([^"]+)">', page)
    assert script is not None


async def test_a_number_is_found_by_its_hash_and_never_written(auditor: httpx.AsyncClient, owner: Connection) -> None:
    page = (await send(auditor, "/audit", "/audit/record", sought=CARD, purpose="asked by the person")).text
    assert "Nobody in the register has this number." in page
    assert last(owner, "action", "subject", "detail") == ("access_record", "id", {"found": 0, "wanted": "1101************2X"})
    await send(auditor, "/audit", "/audit/record", sought="138-1234-5678", purpose="asked")
    assert last(owner, "subject", "detail") == ("phone", {"found": 0, "wanted": "138****5678"})


async def test_somebody_is_found_by_number_with_the_lists_of_their_building_and_cell(
    auditor: httpx.AsyncClient, owner: Connection, database: str
) -> None:
    with psycopg.connect(database) as loader:
        small_city.load(loader)
    add = """
        INSERT INTO person (district, city, source_id, source_key, grid, path, building_id, household, name, sex, birth_date, residence,
            id_hash, phone_hash)
        SELECT district, city, source_id, 'p1', grid, path, id, 'h1', '张小明', 'M', '1990-03-07', 'registered', %s, %s FROM building
        WHERE source_key = 'b1' RETURNING source_id || ':' || source_key, source_id || ':b1'
    """
    found = owner.execute(add, [keyed_hash(CARD, "id"), keyed_hash("13812345678", "phone")]).fetchone()
    assert found is not None
    key, home = found
    put(owner, account="li", action="reveal_person", person=key, purpose="home visit")
    for subject in (f"building {home}", f"area {small_city.C1}", f"area {small_city.C2}"):
        put(owner, account="wang", action="list_people", subject=subject)
    pages = [
        (await send(auditor, "/audit", "/audit/record", sought=sought, purpose="asked by the person")).text
        for sought in (CARD.lower(), "+86 138 1234 5678", key)
    ]
    for page in pages:
        assert "张*明" in page and "张小明" not in page and "home visit" in page
        assert f"building {home}" in page and f"area {small_city.C1}" in page and f"area {small_city.C2}" not in page
    asked = owner.execute("SELECT subject, person FROM audit_log WHERE action = 'access_record' ORDER BY no").fetchall()
    assert asked == [("id", key), ("phone", key), ("key", key)]
    assert CARD not in str(owner.execute("SELECT * FROM audit_log").fetchall())


@pytest.mark.parametrize("sought", ["x" * 150, "é" * 61, ":", "99999999999999999999:1", "1:", " ", "' OR 1=1 --", "1:%00"])
async def test_what_is_nobodys_key_is_told_so(auditor: httpx.AsyncClient, sought: str) -> None:
    assert (await send(auditor, "/audit", "/audit/record", sought=sought, purpose="asked")).status_code in {200, 422}


async def test_a_record_takes_a_purpose_and_is_limited_in_rate(auditor: httpx.AsyncClient, owner: Connection) -> None:
    assert (await send(auditor, "/audit", "/audit/record", sought="1:p1", purpose="")).status_code == 422
    owner.execute("UPDATE rate_limit SET most = 1")
    assert (await send(auditor, "/audit", "/audit/record", sought="1:p1", purpose="asked")).status_code == 200
    assert (await send(auditor, "/audit", "/audit/record", sought="1:p1", purpose="asked")).status_code == 422


# ---- Words ----


def test_every_action_that_is_ever_written_has_a_name() -> None:
    says = re.compile(
        r"""(?:audit_log\.append\([^"']*|audit_append\(|append_as_owner\(connection, |run_sync\(audit_log\.append, )["'](\w+)["']"""
    )
    files = [path for room in ("data", "routes", "cli") for path in (ROOT / room).rglob("*.py")]
    written_ = {action for path in files for action in says.findall(path.read_text("utf-8"))}
    assert len(written_) > 15 and written_ <= set(ACTION_TITLES)
    assert sorted(action for group in GROUPS.values() for action in group) == sorted(ACTION_TITLES)


def test_nothing_of_the_product_deletes_or_changes_the_log() -> None:
    bad = re.compile(r"(DELETE FROM|UPDATE|TRUNCATE)\s+audit_log|delete\(audit_log|update\(audit_log", re.IGNORECASE)
    assert [path for room in ("data", "routes", "cli") for path in (ROOT / room).rglob("*.py") if bad.search(path.read_text("utf-8"))] == []


def test_the_last_day_of_all_can_be_asked_for() -> None:
    from data.auditing.reader import Filter, _statement

    assert "audit_log" in str(_statement(Filter(until=date.max), UTC, 1))
