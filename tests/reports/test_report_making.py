"""The queue of reports: each is made once, by whoever takes it, and what was issued stays as it was whatever happens to the data."""

import argparse
import asyncio
import os
import signal
import stat
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
import small_city as city
from databases import FreshDatabase
from rights_tools import seeing, viewer_of

from cli import report as report_command
from data.core.settings import ROOT
from data.core.viewer import Viewer
from data.database import patience
from data.database.connections import close_pools
from data.migrations.reports.kept_0047 import CHANNEL
from data.reports import queue
from data.reports.errors import UnknownReport
from data.reports.issued import issue, list_files, read_content, read_file, read_issued, read_wishes, wish_file
from data.reports.queue import take_request, tidy
from data.reports.requests import Order, Request, ask_report, read_request
from reports.compose import compose
from reports.making import Printer, pack, unpack, write_form

Connection = psycopg.Connection[Any]
LEADER = replace(viewer_of(city.D1, "cases"), name="leader", role="leader")
OCTOBER = Order(city.D1, "monthly", "2026-10", lang="en")


@pytest.fixture(autouse=True)
def town(fresh_database: FreshDatabase) -> Iterator[str]:
    with fresh_database(city.load) as url:
        yield url


@pytest.fixture
def owner(town: str) -> Iterator[Connection]:
    with psycopg.connect(town, autocommit=True) as connection:
        yield connection


async def work() -> None:
    printer = Printer()
    while await printer.work_once():
        pass


async def made(order: Order = OCTOBER, viewer: Viewer = LEADER, **more: Any) -> Request:
    of_id = await ask_report(viewer, order, **more)
    await work()
    return await read_request(viewer, of_id)


async def test_what_is_made_is_what_its_audience_may_see() -> None:
    request = await made()
    assert request.state == "done" and request.problem is None, request.problem
    report = unpack((await read_content(LEADER, request.id))[0])
    own = await compose(city.D1, "monthly", "2026-10", request.audience.as_viewer("en"))
    assert report.sections == own.sections and report.figures == own.figures and len(report.figures) > 5
    assert report.made_at and (request.facts["code"], request.facts["title"]) == ("2026-10", report.title)
    assert pack(report) == pack(report)


async def test_two_printers_make_each_report_once(owner: Connection) -> None:
    ids = {await ask_report(LEADER, OCTOBER) for _ in range(3)}
    printers = [Printer(), Printer()]
    done = await asyncio.gather(*(printer.work_once() for printer in printers * 3))
    assert sum(done) == 3
    rows = owner.execute("SELECT id, state, tries FROM report_request").fetchall()
    assert {row[0] for row in rows} == ids and {row[1:] for row in rows} == {("done", 1)}


async def test_nobody_waits_behind_all_that_somebody_else_has_asked_for(owner: Connection) -> None:
    """Files and reports take turns, too."""
    many = [await ask_report(LEADER, OCTOBER) for _ in range(4)]
    other = await ask_report(replace(LEADER, name="other"), OCTOBER)
    taken = [request.id for _ in range(3) if (request := await take_request(uuid.uuid4())) is not None]
    assert taken == [many[0], other, many[1]]
    owner.execute("UPDATE report_request SET asked_at = asked_at - interval '11 minutes' WHERE id = %s", [many[3]])
    old = await take_request(uuid.uuid4())
    assert old is not None and old.id == many[3], "what waits for long comes first"
    owner.execute("DELETE FROM report_request WHERE id <> %s", [many[2]])
    done = await made()
    for form in ("xlsx", "docx"):
        await wish_file(LEADER, done.id, form)
    waiting = await ask_report(LEADER, OCTOBER)
    printer = Printer()
    assert await printer.work_once() and len(await list_files(LEADER, done.id)) == 1
    assert await printer.work_once() and (await read_request(LEADER, waiting)).state == "done"
    assert await printer.work_once() and len(await list_files(LEADER, done.id)) == 2


async def test_what_cannot_be_made_fails_with_a_sentence() -> None:
    for order, code in (
        (Order(city.D1, "nothing"), "unknown_name"),
        (Order(city.D1, "weekly", "2026-10"), "report_not_for_period"),
    ):
        request = await made(order)
        assert request.state == "failed" and request.problem is not None and request.problem["code"] == code


async def test_files_are_written_once_and_issued_with_the_preview(owner: Connection) -> None:
    request = await made()
    assert await list_files(LEADER, request.id) == {}
    await wish_file(LEADER, request.id, "xlsx")
    await wish_file(LEADER, request.id, "xlsx")
    assert await read_wishes(LEADER, request.id) == {"xlsx": None}
    await work()
    preview = await read_file(LEADER, request.id, "xlsx")
    assert preview is not None and preview[0][:2] == b"PK" and await read_wishes(LEADER, request.id) == {}
    await issue(LEADER, request.id)
    await work()
    files = await list_files(LEADER, request.id)
    assert set(files) == {"pdf", "docx", "xlsx"} and await read_file(LEADER, request.id, "xlsx") == preview
    pdf = await read_file(LEADER, request.id, "pdf")
    assert pdf is not None and pdf[0].startswith(b"%PDF") and files["pdf"].sha256 == pdf[1]
    logged = {
        (detail["form"], detail["sha256"]) for (detail,) in owner.execute("SELECT detail FROM audit_log WHERE action = 'report_file'")
    }
    assert logged == {(form, files[form].sha256) for form in ("pdf", "docx")}
    assert owner.execute("SELECT detail #>> '{files,xlsx}' FROM audit_log WHERE action = 'report_issued'").fetchone() == (preview[1],)


async def test_issued_bytes_are_the_same_after_new_data_a_restart_and_from_another_process(owner: Connection, town: str) -> None:
    request = await made()
    await issue(LEADER, request.id)
    await work()
    before = [await read_content(LEADER, request.id), await read_file(LEADER, request.id, "pdf")]
    owner.execute("UPDATE incident SET reported_at = reported_at - interval '400 days' WHERE false")
    owner.execute("UPDATE incident_daily SET reported = reported + 7")
    owner.execute("UPDATE city SET data_version = data_version + 1, name = '新名'")
    owner.execute("DELETE FROM report_request")
    await close_pools()
    assert [await read_content(LEADER, request.id), await read_file(LEADER, request.id, "pdf")] == before
    told = subprocess.run(  # noqa: ASYNC221 - nothing else goes on
        [
            sys.executable,
            "-c",
            "import asyncio, sys, uuid; sys.path[:0] = ['tests/support', 'tests/support/cities']\n"
            "from dataclasses import replace; from data.reports.issued import read_content; from rights_tools import viewer_of\n"
            f"print(asyncio.run(read_content(viewer_of('{city.D1}', 'cases'), uuid.UUID('{request.id}')))[1])",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "DATABASE_URL": town},
    )
    content = before[0]
    assert content is not None and told.stdout.strip() == content[1]


async def test_a_correction_says_what_it_corrects_and_what_differs(owner: Connection) -> None:
    first = await made()
    await issue(LEADER, first.id)
    owner.execute("UPDATE incident_daily SET reported = reported + 7")
    issued = await read_issued(LEADER, first.id)
    assert issued is not None and issued.order.period == "2026-10"
    second = await made(replace(issued.order, lang="en"), corrects=(first.id, "Seven cases were missing.", issued.audience))
    assert second.state == "done" and second.corrects == first.id and second.changes, second.problem
    old, new = unpack((await read_content(LEADER, first.id))[0]), unpack((await read_content(LEADER, second.id))[0])
    reported = next(one for one in second.changes if one["label"] == old.figures[0].label)
    assert reported["new"] != reported["old"] == old.figures[0].value
    assert (
        new.sections[0].title == "Correction" and f"number {issued.no}," in str(new.sections[0]) and "Seven cases" in str(new.sections[0])
    )
    assert new.sections[1].title == old.sections[0].title
    assert write_form(pack(new), "pdf").startswith(b"%PDF")
    await issue(LEADER, second.id)
    again = await read_issued(LEADER, first.id)
    assert again is not None and again.corrected_by == second.id and unpack((await read_content(LEADER, first.id))[0]) == old


# ---- Ends ----


async def test_a_preview_is_over_after_a_day_unless_it_was_issued(owner: Connection) -> None:
    kept, gone = await made(), await made()
    await issue(LEADER, kept.id)
    await work()
    owner.execute("UPDATE report_request SET done_at = now() - interval '23 hours'")
    await tidy()
    assert (await read_request(LEADER, gone.id)).state == "done"
    owner.execute("UPDATE report_request SET done_at = now() - interval '25 hours'")
    await tidy()
    with pytest.raises(UnknownReport):
        await read_content(LEADER, gone.id)
    assert owner.execute("SELECT count(*) FROM report_request").fetchone() == (0,)
    assert await read_issued(LEADER, kept.id) is not None and await read_file(LEADER, kept.id, "docx") is not None


async def test_what_is_being_made_when_the_printer_ends_goes_back_to_the_queue(owner: Connection) -> None:
    of_id = await ask_report(LEADER, OCTOBER)
    ending = asyncio.Event()
    running = asyncio.create_task(Printer().run(ending))
    await _until(owner, of_id, "making")
    ending.set()
    await running
    assert owner.execute("SELECT state, tries FROM report_request").fetchone() in (("queued", 0), ("done", 1))
    await work()
    assert (await read_request(LEADER, of_id)).state == "done"


async def _until(owner: Connection, of_id: uuid.UUID, state: str, tries: int = 1) -> None:
    async with asyncio.timeout(180):
        query = "SELECT state, tries FROM report_request WHERE id = %s"
        while owner.execute(query, [of_id]).fetchone() not in ((state, tries), ("done", tries)):  # noqa: ASYNC110
            await asyncio.sleep(0.005)


_SLOW = """
import asyncio, reports.making as making
async def slow(*_: object) -> None:
    await asyncio.sleep(600)
making.compose = slow
asyncio.run(making.Printer().work_once())
"""


@pytest.mark.slow
async def test_a_printer_that_is_killed_loses_its_report_to_another_once(owner: Connection, town: str) -> None:
    of_id = await ask_report(LEADER, OCTOBER)
    for tries in (1, 2):
        with subprocess.Popen([sys.executable, "-c", _SLOW], cwd=ROOT, env={**os.environ, "DATABASE_URL": town}) as killed:  # noqa: ASYNC220
            await _until(owner, of_id, "making", tries)
            killed.send_signal(signal.SIGKILL)
        assert not await Printer().work_once(), "the lease holds as long as nobody knows"
        owner.execute("UPDATE report_request SET lease_until = now() - interval '1 second'")
    await work()
    request = await read_request(LEADER, of_id)
    assert request.state == "failed" and request.problem is not None and request.problem["code"] == "printer_lost"


async def test_after_one_that_died_another_makes_it(owner: Connection) -> None:
    of_id = await ask_report(LEADER, OCTOBER)
    owner.execute("UPDATE report_request SET state = 'making', tries = 1, lease_until = now() - interval '1 second', printer = %s", [of_id])
    await work()
    assert (await read_request(LEADER, of_id)).state == "done"


def test_the_terminal_issues_what_it_writes(owner: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report_command, "try_fonts", lambda _: None)

    def command(*more: str) -> bytes:
        out = tmp_path / "october.xlsx"
        args = argparse.ArgumentParser()
        report_command.configure(args)
        words = [city.D1, "--kind", "monthly", "--period", "2026-10", "--lang", "en", "--out", str(out), *more]
        assert report_command.run(args.parse_args(words)) == 0
        assert stat.S_IMODE(out.stat().st_mode) == 0o600
        return out.read_bytes()

    command()
    assert owner.execute("SELECT count(*) FROM report_request").fetchone() == (0,)
    written = command("--issue", "--figures-only")
    row = owner.execute(
        "SELECT r.id, r.detail, r.issuer, f.content, r.content FROM report r JOIN report_file f ON f.report = r.id"
    ).fetchone()
    assert row is not None and row[1] == "figures" and row[2].startswith("cli:") and row[3] == written
    with seeing(viewer_of(city.D1, "figures")) as reader:
        assert reader.execute("SELECT id FROM report").fetchone() == (row[0],)
    assert unpack(row[4]).kind == "monthly"
    assert owner.execute("SELECT account FROM audit_log WHERE action = 'report_issued'").fetchone() == (row[2],)


@pytest.mark.slow
async def test_a_quiet_queue_is_listened_to_by_one_connection_that_hears_what_comes(
    owner: Connection, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Silence is no fault: it is longer here than the server may take for an answer."""
    monkeypatch.setattr(patience, "ANSWER_S", 3.0)
    monkeypatch.setattr(queue, "HEAR_S", 0.5)
    heard = asyncio.Event()
    task = asyncio.create_task(queue.hear_news(heard.set))
    listening = "SELECT pid FROM pg_stat_activity WHERE application_name = 'gridwell printer'"
    try:
        async with asyncio.timeout(60):
            begun: list[Any] = []
            while not begun:
                await asyncio.sleep(0.05)
                begun = owner.execute(listening).fetchall()
            await asyncio.to_thread(owner.execute, "SELECT pg_sleep(4)")
            assert owner.execute(listening).fetchall() == begun, "it is the same connection"
            assert "not heard" not in caplog.text
            while not heard.is_set():
                owner.execute(f"NOTIFY {CHANNEL}")
                await asyncio.sleep(0.05)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
