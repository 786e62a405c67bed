"""The audit log's pages and anchors at their boundaries: first and last day, last row of a page, a chain that was rewritten."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

import psycopg
import pytest
import pytest_asyncio
from audit_tools import Connection, behind_its_back, forged, written
from databases import FreshDatabase

from data.auditing import anchors, reader
from data.auditing.anchors import Anchor
from data.auditing.chain import FaultList, verify
from data.auditing.heads import HeadComparison
from data.auditing.reader import PAGE, REPORTS, Filter
from data.cluster.errors import FolderRefused
from data.core.errors import NotOpen, TooManyRows
from data.core.settings import settings
from data.core.viewer import Viewer
from data.database import connections
from data.doctor import audit as doctor

SHANGHAI = ZoneInfo("Asia/Shanghai")
AUDITOR = Viewer("zhou", "zhou", "en", 1, "auditor", "figures")
DAY = date(2026, 11, 23)


@pytest.fixture(scope="module")
def template(fresh_database: FreshDatabase) -> Iterator[str]:
    """A log with one row at each of the moments around the 23rd of November in Shanghai and in Greenwich."""
    with fresh_database() as url:
        with psycopg.connect(url) as owner:
            for no, at in MOMENTS.items():
                row(owner, no, at)
        yield url


MOMENTS = {
    1: datetime(2026, 11, 22, 15, 59, 59, 999999, UTC),
    2: datetime(2026, 11, 22, 16, 0, tzinfo=UTC),  # the 23rd begins in Shanghai
    3: datetime(2026, 11, 22, 23, 59, 59, 999999, UTC),
    4: datetime(2026, 11, 23, 0, 0, tzinfo=UTC),
    5: datetime(2026, 11, 23, 15, 59, 59, 999999, UTC),
    6: datetime(2026, 11, 23, 16, 0, tzinfo=UTC),  # and ends
    7: datetime(2026, 11, 23, 23, 59, 59, 999999, UTC),
    8: datetime(2026, 11, 24, 0, 0, tzinfo=UTC),
}


def row(owner: Connection, no: int, at: datetime, action: str = "export", account: str = "li", person: str | None = None) -> None:
    owner.execute(
        "INSERT INTO audit_log (no, at, account, role, address, action, subject, person, detail, prev, hash)"
        " VALUES (%s, %s, %s, '-', '-', %s, '', %s, '{}', '', %s)",
        [no, at, account, action, person, f"hash {no}".encode()],
    )


@pytest_asyncio.fixture
async def pools(template: str):  # type: ignore[no-untyped-def]
    yield template
    await connections.close_pools()


@pytest.mark.parametrize(("clock", "inside"), [(SHANGHAI, [5, 4, 3, 2]), (UTC, [7, 6, 5, 4])])
@pytest.mark.parametrize("bounds", ["both", "since", "until"])
async def test_first_and_last_day_are_whole_days_of_the_clock(pools: str, clock: tzinfo, inside: list[int], bounds: str) -> None:
    since = DAY if bounds != "until" else None
    until = DAY if bounds != "since" else None
    page = await reader.fetch_page(Filter(since, until), clock, AUDITOR)
    expected = [no for no in range(8, 0, -1) if (since is None or no >= inside[-1]) and (until is None or no <= inside[0])]
    assert [row["no"] for row in page.rows] == expected


async def test_the_last_day_of_all_and_no_day_at_all_are_no_bound(pools: str) -> None:
    assert len((await reader.fetch_page(Filter(until=date.max), UTC, AUDITOR)).rows) == 8
    assert [row["no"] for row in (await reader.fetch_page(Filter(before=3), UTC, AUDITOR)).rows] == [2, 1]
    page = await reader.fetch_page(Filter(since=DAY + timedelta(2)), UTC, AUDITOR)
    assert (page.rows, page.more, page.head) == ([], False, (8, b"hash 8")), "the newest row is that of the whole log"


@pytest.mark.parametrize(
    "viewer", [Viewer("x", "x", "en", 1, role, "figures") for role in ("administrator", "steward", "leader", "wall", "")]
)
async def test_nobody_but_an_auditor_reads(pools: str, viewer: Viewer) -> None:
    for asked in (reader.fetch_page(Filter(), UTC, viewer), reader.export_rows(Filter(), UTC, "csv", "asked", viewer)):
        with pytest.raises(NotOpen):
            await asked
    with pytest.raises(NotOpen):
        await reader.fetch_access_records("1:p1", "asked", viewer)


async def test_a_page_that_is_just_full_is_the_last_one(owner: Connection) -> None:
    with owner.transaction():
        written(owner, PAGE)
    page = await reader.fetch_page(Filter(), UTC, AUDITOR)
    assert (len(page.rows), page.more) == (PAGE, False)
    with owner.transaction():
        written(owner, 1)
        for _ in range(REPORTS + 1):
            written(owner, 1, action="retention")
    page = await reader.fetch_page(Filter(action="sign_in"), UTC, AUDITOR)
    assert (len(page.rows), page.more, len(page.reports)) == (PAGE, True, REPORTS)
    assert page.rows[-1]["no"] == 2, "the first row stands on the next page"


async def test_as_many_rows_as_one_answer_may_hold_are_exported(owner: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRIDWELL_ROW_CAP", "5")
    settings.cache_clear()
    try:
        with owner.transaction():
            written(owner, 5)
        assert len(await reader.export_rows(Filter(action="sign_in"), UTC, "csv", "asked", AUDITOR)) == 5
        note = owner.execute("SELECT account, purpose, detail FROM audit_log WHERE action = 'export'").fetchall()
        assert note == [("zhou", "asked", {"format": "csv", "rows": 5, "action": "sign_in"})]
        with owner.transaction():
            written(owner, 1)
        with pytest.raises(TooManyRows):
            await reader.export_rows(Filter(action="sign_in"), UTC, "csv", "asked", AUDITOR)
        assert owner.execute("SELECT count(*) FROM audit_log WHERE action = 'export'").fetchone() == (1,)
    finally:
        await connections.close_pools()
        monkeypatch.undo()
        settings.cache_clear()


# ---- Anchors ----


def test_anchors_of_one_row_that_contradict_each_other_are_all_kept(home: Path) -> None:
    assert anchors.append_anchor("here", 1, b"first")
    assert anchors.append_anchor("here", 1, b"second"), "the file keeps what contradicts it"
    assert not anchors.append_anchor("here", 1, b"first") and not anchors.append_anchor("here", 0, b"none")
    assert [(held.log, held.no, held.hash) for held in anchors.read_anchors()] == [("here", 1, b"first"), ("here", 1, b"second")]
    assert len((home / "audit-anchors").read_text().splitlines()) == 2


def test_a_chain_that_was_written_anew_is_found_also_after_its_head_was_kept(database: str, owner: Connection, home: Path) -> None:
    """Whoever writes the chain anew may wait until the clock has kept the new head: the old one still stands before it."""
    with owner.transaction():
        written(owner, 5)
        assert anchors.anchor_head(owner)
    with owner.transaction(), behind_its_back(owner):
        owner.execute("UPDATE audit_log SET account = 'wang' WHERE no = 2")
        for no in range(2, 6):
            owner.execute("UPDATE audit_log SET prev = (SELECT hash FROM audit_log WHERE no = %s) WHERE no = %s", [no - 1, no])
            forged(owner, no)
    with owner.transaction():
        assert anchors.anchor_head(owner)
        written(owner, 1)
        assert anchors.anchor_head(owner)
        assert verify(owner).sound, "by itself it looks like the log of another day"
        held = anchors.read_anchors()
        found = verify(owner, held)
    assert [one.no for one in held] == [5, 5, 6] and found.cut_off.total == 1 and found.cut_off.first[0].startswith("5 · ")
    with psycopg.connect(database) as looking:
        wrong = {finding.code for finding in doctor.examine(looking) if not finding.outcome.ok}
    assert wrong == {"audit.cut_off"}


@pytest.mark.parametrize(("last", "cut"), [(5, []), (4, ["5"]), (3, ["4–5"])])
def test_what_was_cut_off_is_named_from_the_last_row_on(owner: Connection, last: int, cut: list[str]) -> None:
    with owner.transaction():
        written(owner, 5)
        held = [anchors.Anchor(verify(owner).identity, *verify(owner).head)]
    with owner.transaction(), behind_its_back(owner):
        owner.execute("DELETE FROM audit_log WHERE no > %s", [last])
    with owner.transaction():
        found = verify(owner, held)
    assert found.cut_off.first == cut and found.sound == (not cut)


def test_the_first_twenty_faults_are_named_and_all_are_counted() -> None:
    faults = FaultList()
    for no in range(21):
        faults.add(str(no), 2)
    assert (faults.total, len(faults.first), faults.first[-1]) == (42, 20, "19")


def test_an_anchor_says_when_it_was_kept(home: Path) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    anchors.append_anchor("here", 7, b"\x01\x02")
    line = json.loads((home / "audit-anchors").read_text())
    assert (line["log"], line["no"], line["hash"]) == ("here", 7, "0102") and datetime.fromisoformat(line["at"]) >= before


def test_a_file_of_anchors_that_cannot_be_used_is_told(home: Path) -> None:
    """A link whose target's folder is gone cannot be written, a folder cannot be read either."""
    (home / "audit-anchors").symlink_to(home / "gone" / "anchors")
    assert anchors.read_anchors() == []
    with pytest.raises(FolderRefused):
        anchors.append_anchor("here", 1, b"first")
    (home / "audit-anchors").unlink()
    (home / "audit-anchors").mkdir()
    with pytest.raises(FolderRefused):
        anchors.read_anchors()


def test_an_empty_log_lacks_every_row_that_a_head_names() -> None:
    head = Anchor("own", 3, b"x")
    comparison = HeadComparison.begin([head])
    comparison.own.add("own")
    assert comparison.missing() == (1, 3)
    comparison.pass_row(1, b"y", "1")
    assert comparison.missing() == (2, 3)
