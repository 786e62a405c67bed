"""Reports of imports for stewards: the list, one report with its rejected rows, the file of them, and the same at the terminal."""

import csv
import io
import stat
import subprocess
import sys
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
import pytest_asyncio
from fastapi import FastAPI
from import_city import CASES, PROFILE, bring, write_city
from import_people import write_register
from signin_forms import account, forms, send, sign_in, visitor

from data.core.roles import ROLES
from data.core.settings import ROOT, settings
from data.importing import kept_runs, run
from data.importing.common.reasons import REASON_TITLES
from data.importing.common.sentences import ROW_REASONS
from data.importing.run_records import describe_origin, open_run
from routes.doors.imports import SHOWN_REMARKS

pytestmark = pytest.mark.slow

BAD_CASES = CASES + ("5,=cmd(),open,soon,,,10.005,50.015\n6,Lamp,open,2026-10-05 08:00,,,0,0\n7,Lamp,open,2026-10-06 08:00,,,0,0\n")
ALLOWING = PROFILE.replace('file = "cases.csv"', 'file = "cases.csv"\nmax_rejected = 5')
Owner = psycopg.Connection[Any]


@pytest_asyncio.fixture
async def steward(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody signed in who looks after the data of all cities."""
    account("chen", role="steward", shown="Chen")
    async with visitor(app) as http:
        await sign_in(http, "chen")
        yield http


@pytest.fixture
def loaded(database: str, tmp_path: Path) -> int:
    """The number of an import that left three rows out."""
    outcome = bring(write_city(tmp_path, ALLOWING, BAD_CASES))
    assert outcome.outcome == "loaded"
    return outcome.run


async def text_of(http: httpx.AsyncClient, address: str) -> str:
    answer = await http.get(address)
    assert answer.status_code == 200, (address, answer.text[:300])
    return unescape(answer.text)


def noted(owner: Owner) -> list[tuple[Any, ...]]:
    """What the audit log says of rejected rows."""
    return owner.execute(
        "SELECT account, action, subject, detail FROM audit_log WHERE action IN ('export', 'list_people') ORDER BY no"
    ).fetchall()


# ---- Who may ----


@pytest.mark.parametrize("role", [role for role, its in ROLES.items() if "password" in its.abilities and "imports" not in its.abilities])
async def test_nobody_else_sees_imports(app: FastAPI, loaded: int, role: str) -> None:
    account("somebody", role=role)
    async with visitor(app) as http:
        await sign_in(http, "somebody")
        token = forms((await http.get("/account")).text)["/account/tokens"]["csrf"]
        for answer in (
            await http.get("/imports"),
            await http.get(f"/imports/{loaded}"),
            await http.post(f"/imports/{loaded}/rejected", data={"csrf": token}),
        ):
            assert answer.status_code == 403 and "cases.csv" not in answer.text
        assert "/imports" not in (await http.get("/account")).text


@pytest.mark.parametrize(("scope", "detail", "seen"), [("T", "people", True), ("T1", "people", False), ("T", "cases", None)])
async def test_a_report_is_of_a_whole_city(app: FastAPI, loaded: int, scope: str, detail: str, seen: bool | None) -> None:
    """A steward of a district reads nothing of an import; one who may not see the register has no such page at all."""
    account("chen", role="steward", scope=scope, detail=detail)
    async with visitor(app) as http:
        await sign_in(http, "chen")
        found, report = await http.get("/imports"), await http.get(f"/imports/{loaded}")
        sent = await http.post(
            f"/imports/{loaded}/rejected", data={"csrf": forms((await http.get("/account")).text)["/account/tokens"]["csrf"]}
        )
    if seen is None:
        assert {found.status_code, report.status_code, sent.status_code} == {403}
        return
    assert ("Testville" in found.text) is seen and "concerns a whole city" in found.text
    assert (report.status_code, sent.status_code) == ((200, 200) if seen else (404, 404))
    assert ("cases.csv" in report.text) is seen and ("cases.csv" in sent.text) is seen


# ---- The pages ----


async def test_the_list_says_what_became_of_each(steward: httpx.AsyncClient, database: str, tmp_path: Path, owner: Owner) -> None:
    path = write_city(tmp_path, ALLOWING, BAD_CASES)
    assert [bring(path, dry_run=dry).outcome for dry in (True, False, False)] == ["dry_run", "loaded", "unchanged"]
    assert bring(write_city(tmp_path, PROFILE, BAD_CASES)).outcome == "failed"
    owner.execute("INSERT INTO import_run (city, profile, outcome) VALUES ('T', 'dead.toml', 'running')")
    owner.commit()
    with open_run("T", "now.toml", describe_origin(tmp_path)):
        told = await text_of(steward, "/imports")
    states = [part.split("<")[0] for part in told.split('<span class="chip')[1:]]
    assert [one.split(">")[1] for one in states] == ["Running", "Broken off", "Not imported", "Nothing new", "Imported", "Dry run"]
    assert "13 rows read = 10 loaded + 3 rejected" in told and "13 rows read = 10 usable + 3 rejected" in told
    assert "正在导入" in await text_of(steward, "/imports?lang=zh") or "中断" in await text_of(steward, "/imports?lang=zh")


async def test_a_report_is_the_account_of_the_command(steward: httpx.AsyncClient, loaded: int, tmp_path: Path) -> None:
    told = await text_of(steward, f"/imports/{loaded}")
    for wanted in ("cases.csv", "districts.geojson", str(tmp_path), "Grid cells made", "Coordinates are 0, 0 · 2", "Not a date · 1"):
        assert wanted in told, wanted
    assert "cases.csv, line 6" in told and "cases.csv, line 7" in told
    chinese = await text_of(steward, f"/imports/{loaded}?lang=zh")
    assert "坐标为 0, 0" in chinese and "cases.csv 第 6 行" in chinese, "rows are told in the reader's language, not the import's"


async def test_rows_are_chosen_by_reason_and_page(steward: httpx.AsyncClient, loaded: int, monkeypatch: pytest.MonkeyPatch) -> None:
    told = await text_of(steward, f"/imports/{loaded}?reason=zero_coordinates")
    assert "line 7" in told and "line 8" in told and "line 6," not in told
    assert "No row matches" in await text_of(steward, f"/imports/{loaded}?reason=nonsense")
    monkeypatch.setattr(kept_runs, "ROWS", 2)
    first = await text_of(steward, f"/imports/{loaded}")
    assert "line 6" in first and "line 7" in first and "line 8" not in first
    (following,) = [part.split('"')[0] for part in first.split('href="') if "after=" in part.split('"')[0]]
    second = await text_of(steward, following.split("#")[0])
    assert "line 8" in second and "line 7" not in second and "Next rows" not in second
    assert (await steward.get(f"/imports/{loaded}?resaon=x")).status_code == 422
    assert (await steward.get(f"/imports/{loaded + 1}")).status_code == 404
    assert (await steward.get(f"/imports/{10**30}")).status_code == 404


async def test_the_list_goes_on_on_another_page(steward: httpx.AsyncClient, owner: Owner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_runs, "RUNS", 2)
    owner.execute(
        "INSERT INTO import_run (city, profile, outcome, report) SELECT 'T', 'p' || n, 'loaded', '{}' FROM generate_series(1, 3) n"
    )
    owner.commit()
    first = await text_of(steward, "/imports")
    assert "p3" in first and "p2" in first and "p1" not in first
    (older,) = [
        part.split('"')[0] for part in first.split('href="') if "before=" in part.split('"')[0] and "lang" not in part.split('"')[0]
    ]
    assert "p1" in await text_of(steward, older)


async def test_a_failed_import_says_why(steward: httpx.AsyncClient, database: str, tmp_path: Path) -> None:
    failed = bring(write_city(tmp_path, PROFILE, BAD_CASES))
    told = await text_of(steward, f"/imports/{failed.run}")
    assert "3 of 7 rows cannot be used, and 0 are allowed" in told and "The import was not made" in told and "line 6" in told


async def test_what_stopped_an_import_stands_in_its_report(
    steward: httpx.AsyncClient, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for error, wanted in (
        (KeyboardInterrupt(), "stopped by hand"),
        (ValueError("张小明"), "ValueError"),
        (psycopg.Error("disk full"), "disk full"),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(run, "_import", lambda *_, error=error: (_ for _ in ()).throw(error))
            with pytest.raises(type(error)):
                bring(write_city(tmp_path))
        told = (await text_of(steward, "/imports")).split('<a href="/imports/')[1].split('"')[0]
        report = await text_of(steward, f"/imports/{told}")
        assert wanted in report and "张小明" not in report


async def test_many_remarks_are_all_there(steward: httpx.AsyncClient, owner: Owner) -> None:
    remarks = ", ".join(f'{{"source": "x", "en": "remark {n};", "zh": "说明{n}；"}}' for n in range(SHOWN_REMARKS + 2))
    report = f'{{"files": [], "remarks": [{remarks}]}}'
    row = owner.execute(
        "INSERT INTO import_run (city, profile, outcome, report) VALUES ('T', 'p', 'loaded', %s) RETURNING id", [report]
    ).fetchone()
    owner.commit()
    assert row
    told = await text_of(steward, f"/imports/{row[0]}")
    assert all(f"remark {n};" in told for n in range(SHOWN_REMARKS + 2)) and "2 more" in told


# ---- Rejected rows as a file, and what the audit log says ----


async def test_the_file_is_harmless_and_noted(steward: httpx.AsyncClient, loaded: int, owner: Owner) -> None:
    answer = await send(steward, f"/imports/{loaded}?reason=bad_date", f"/imports/{loaded}/rejected")
    assert answer.headers["content-type"].startswith("text/csv") and answer.content.startswith(b"\xef\xbb\xbf")
    (row,) = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert (row["file"], row["line"], row["value"], row["reason"]) == ("cases.csv", "6", "soon", "bad_date")
    assert noted(owner) == [("chen", "export", f"import {loaded}", {"format": "csv", "reason": "bad_date"})]
    owner.execute("UPDATE reject SET value = '=cmd()', facts = NULL, sentence = '@old'")
    owner.commit()
    answer = await send(steward, f"/imports/{loaded}", f"/imports/{loaded}/rejected")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(rows) == 3 and {(row["value"], row["sentence"]) for row in rows} == {("'=cmd()", "'@old")}


async def test_too_many_rows_for_a_file_are_told(
    steward: httpx.AsyncClient, loaded: int, owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRIDWELL_ROW_CAP", "2")
    settings.cache_clear()
    answer = await send(steward, f"/imports/{loaded}", f"/imports/{loaded}/rejected")
    settings.cache_clear()
    assert answer.status_code == 422 and f"report-of-import {loaded} --rejects FILE" in answer.text and noted(owner) == []


async def test_another_site_takes_nothing(steward: httpx.AsyncClient, loaded: int, owner: Owner) -> None:
    assert (await steward.post(f"/imports/{loaded}/rejected", data={"reason": ""})).status_code == 403
    assert noted(owner) == []


async def test_rejected_people_are_masked_and_who_looks_is_noted(steward: httpx.AsyncClient, owner: Owner, tmp_path: Path) -> None:
    outcome = bring(write_register(tmp_path, "1,张小明,男,1990-03-07,身份证,330106199003070112,13812345678,户籍,H1,b1,,,,"))
    assert outcome.outcome == "failed"
    told = await text_of(steward, f"/imports/{outcome.run}")
    assert "Not a valid document number" in told and "330106199003070112" not in told and "张小明" not in told
    assert noted(owner) == [("chen", "list_people", f"import {outcome.run}", {})]
    await text_of(steward, "/imports")
    assert len(noted(owner)) == 1, "the list shows nobody"


async def test_deleted_rows_leave_their_count(steward: httpx.AsyncClient, loaded: int, owner: Owner) -> None:
    owner.execute("DELETE FROM reject")
    owner.commit()
    assert "3 rows were rejected. Rejected rows are deleted after 180 days" in await text_of(steward, f"/imports/{loaded}")


def test_every_reason_has_a_title() -> None:
    assert set(REASON_TITLES) == set(ROW_REASONS)


# ---- At the terminal ----


def ask(*more: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "cli", "report-of-import", "--lang", "en", *more], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    return done.returncode, done.stdout + done.stderr


def test_the_terminal_shows_the_same(loaded: int, tmp_path: Path, owner: Owner) -> None:
    code, told = ask()
    assert code == 0 and "State: Imported" in told and "cases.csv" in told and "Rows rejected: zero_coordinates" in told, told
    code, told = ask("--list")
    assert code == 0 and "Imported" in told and "city.toml" in told
    target = tmp_path / "rows.csv"
    code, told = ask(str(loaded), "--rejects", str(target))
    assert code == 0 and f"3 rejected rows written to {target}" in told
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert len(list(csv.DictReader(io.StringIO(target.read_bytes().decode("utf-8-sig"))))) == 3
    assert [row[1:] for row in noted(owner)] == [("export", f"import {loaded}", {"format": "csv"})]
    before = target.read_bytes()
    code, told = ask(str(loaded), "--rejects", str(target))
    assert code == 2 and "exists already" in told and target.read_bytes() == before
    code, told = ask(str(loaded + 7))
    assert code == 2 and f"There is no import {loaded + 7}" in told
