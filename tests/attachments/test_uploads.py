"""Files of cases with a real database and a real folder: who may see them, which may be attached, and when they go."""

import io
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
import small_city as city
from attachment_files import GPS, make_jpeg, make_pdf
from case_tools import DESK, WORKER, ask, ask_report, carry_out, person, take
from databases import FreshDatabase
from PIL import Image
from rights_tools import load_people

from data.attachments import records
from data.attachments.errors import FileMissing, TooManyFiles, UnknownAttachment
from data.attachments.store import open_store, own_folder
from data.attachments.uploads import read_file, take_file
from data.core.errors import NotOpen
from data.core.settings import settings
from data.core.viewer import Viewer
from data.database import connections
from data.doctor.installation import files_of_cases
from data.upkeep.attachments import delete_old, describe_photos

Connection = psycopg.Connection[Any]
ELSEWHERE = person("stranger", "grid_worker", city.C8)
OTHER = person("other", "grid_worker")


@pytest.fixture
async def owner(fresh_database: FreshDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The owner of the small city, whose store is empty."""
    monkeypatch.setenv("GRIDWELL_ATTACHMENTS", str(tmp_path / "kept"))
    with fresh_database(city.load, load_people) as url, psycopg.connect(url, autocommit=True) as connection:
        settings.cache_clear()
        connection.execute("UPDATE incident SET number = source_key")
        yield connection
        await connections.close_pools()
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture(autouse=True)
def _clean_settings() -> Iterator[None]:
    yield
    settings.cache_clear()


async def sees(viewer: Viewer, of_hash: str, small: bool = False) -> bool:
    try:
        await read_file(of_hash, viewer, small)
    except UnknownAttachment:
        return False
    return True


async def test_who_sent_a_file_sees_it_and_once_it_is_attached_whoever_sees_the_case(owner: Connection) -> None:
    file = await take_file(make_jpeg(), WORKER)
    facts, content = await read_file(file.hash, WORKER)
    assert (content, facts.media_type, facts.size_bytes) == (file.content, "image/jpeg", len(file.content))
    assert (await read_file(file.hash, WORKER, small=True))[1] == file.thumbnail
    assert not await sees(DESK, file.hash) and not await sees(OTHER, file.hash) and not await sees(ELSEWHERE, file.hash)
    made = carry_out(owner, ask_report(WORKER, city.C1, attachments=[file.hash]))[0]
    assert made["ok"], made
    assert await sees(DESK, file.hash) and await sees(OTHER, file.hash, small=True)
    assert not await sees(ELSEWHERE, file.hash)
    kept = owner.execute("SELECT attachments FROM incident_event WHERE step = 'report'").fetchone()
    assert kept == ([file.hash],)


async def test_only_files_that_one_sent_can_be_attached(owner: Connection) -> None:
    sent, foreign = await take_file(make_jpeg(), WORKER), await take_file(make_jpeg(size=(9, 9)), OTHER)
    for hashes in ([foreign.hash], [sent.hash, foreign.hash], ["f" * 64], ["../../etc/passwd"]):
        outcome = take(owner, WORKER, "i06", "remark", remark="see", attachments=hashes)
        assert not outcome["ok"]
        assert outcome["refusals"][0]["code"] == "unknown_file" and outcome["refusals"][0]["field"] == "attachments", outcome
        refused = carry_out(owner, ask_report(WORKER, city.C1, attachments=hashes))[0]
        assert not refused["ok"] and refused["refusals"][0]["code"] == "unknown_file"
    assert owner.execute("SELECT count(*) FROM attachment_case").fetchone() == (0,)
    assert take(owner, WORKER, "i06", "remark", remark="see", attachments=[sent.hash])["ok"]
    assert take(owner, DESK, "i06", "remark", remark="that photo", attachments=[sent.hash])["ok"], "the case has it already"


async def test_an_old_upload_can_no_longer_be_attached(owner: Connection) -> None:
    file = await take_file(make_pdf(), WORKER)
    owner.execute("UPDATE attachment_upload SET at = now() - interval '25 hours'")
    assert delete_old(owner, datetime.now(UTC)).files == 1
    assert not open_store().has(file.hash) and not await sees(WORKER, file.hash)
    assert not carry_out(owner, ask(WORKER, "i06", "remark", 0, remark="x", attachments=[file.hash]))[0]["ok"]


async def test_the_place_is_kept_only_if_its_sender_says_so(owner: Connection) -> None:
    for keep, expected in ((False, None), (True, (120.1551234, 30.2741667))):
        file = await take_file(make_jpeg(gps=GPS, size=(20, 20 + keep)), WORKER, keep_place=keep)
        assert take(owner, WORKER, "i06", "remark", remark="x", attachments=[file.hash])["ok"]
        row = owner.execute("SELECT ST_X(place), ST_Y(place) FROM attachment_case WHERE hash = %s", [file.hash]).fetchone()
        assert row == (expected or (None, None))


@pytest.mark.parametrize("detail", [None, "figures"])
async def test_who_sees_no_cases_sends_no_files(owner: Connection, detail: Any) -> None:
    from dataclasses import replace

    with pytest.raises(NotOpen):
        await take_file(make_jpeg(), replace(WORKER, detail=detail))
    assert list(open_store().list_files()) == [] and owner.execute("SELECT count(*) FROM attachment").fetchone() == (0,)


async def test_nobody_fills_the_store_with_what_belongs_to_no_case(owner: Connection) -> None:
    owner.execute(
        "INSERT INTO attachment_upload (hash, account) SELECT sha256(n::text::bytea)::text, 'worker' FROM generate_series(1, %s) n",
        [records.MOST_UPLOADS],
    )
    with pytest.raises(TooManyFiles):
        await take_file(make_jpeg(), WORKER)
    await take_file(make_jpeg(), OTHER)


async def test_files_go_with_the_time_of_their_case_unless_another_case_has_them(owner: Connection) -> None:
    both, old = await take_file(make_jpeg(), WORKER), await take_file(make_pdf(), WORKER)
    assert take(owner, WORKER, "i06", "remark", remark="x", attachments=[both.hash, old.hash])["ok"]
    assert take(owner, WORKER, "i01", "remark", remark="x", attachments=[both.hash])["ok"]
    now, days = datetime.now(UTC), settings().attachments_days
    owner.execute("UPDATE incident SET stage = 'reported', closed_at = NULL WHERE number = 'i01'")
    owner.execute("UPDATE incident SET stage = 'closed', closed_at = %s WHERE number = 'i06'", [now - timedelta(days=days - 1)])
    owner.execute("UPDATE attachment_upload SET at = now() - interval '2 days'")
    assert delete_old(owner, now).cases == 0
    deleted = delete_old(owner, now + timedelta(days=2))
    assert (deleted.cases, deleted.files) == (2, 1)
    assert open_store().has(both.hash) and not open_store().has(old.hash)
    logged = owner.execute("SELECT detail FROM audit_log WHERE action = 'attachments_deleted'").fetchone()
    assert logged == ({"cases": 2, "files": 1},)


async def test_files_that_a_stop_left_without_a_row_go_after_a_day(owner: Connection) -> None:
    left, fresh = await take_file(make_jpeg(), WORKER), await take_file(make_pdf(), WORKER)
    owner.execute("DELETE FROM attachment_upload WHERE hash = %s", [left.hash])
    owner.execute("DELETE FROM attachment WHERE hash = %s", [left.hash])
    folder = Path(settings().attachments or "")
    begun, foreign = folder / f"{fresh.hash}.4711.0a1b2c3d.part", folder / "notes.part"
    for path in (begun, foreign):
        path.write_bytes(b"half")
    assert delete_old(owner, datetime.now(UTC)).files == 0, "it may belong to a transaction that is not finished"
    assert begun.exists(), "it may be being written"
    _make_old(folder)
    assert delete_old(owner, datetime.now(UTC)).files == 1
    assert not open_store().has(left.hash) and open_store().has(fresh.hash)
    assert not begun.exists() and foreign.exists(), "what was only begun goes, too; names of others are left alone"


def _make_old(folder: Path) -> None:
    for path in folder.rglob("*"):
        os.utime(path, (1_700_000_000, 1_700_000_000))


async def test_photos_that_nobody_described_are_described_once(owner: Connection) -> None:
    kept, gone, paper = [await take_file(raw, WORKER) for raw in (_photo(), make_jpeg(), make_pdf())]
    looks = "SELECT looks FROM attachment WHERE hash = %s"
    assert kept.looks and owner.execute(looks, [kept.hash]).fetchone() == (kept.looks,), "with the upload"
    owner.execute("UPDATE attachment SET looks = NULL")
    open_store().delete(gone.hash)
    assert describe_photos(owner) == 2 and describe_photos(owner) == 0
    found = [owner.execute(looks, [file.hash]).fetchone() for file in (kept, gone, paper)]
    assert found == [(kept.looks,), (0,), (None,)]


def _photo() -> bytes:
    """A photo with something in it, dark on the left."""
    held = io.BytesIO()
    Image.linear_gradient("L").rotate(90).convert("RGB").save(held, "JPEG")
    return held.getvalue()


async def test_the_doctor_names_a_file_that_is_gone(owner: Connection) -> None:
    file = await take_file(make_jpeg(), WORKER)
    assert take(owner, WORKER, "i06", "remark", remark="x", attachments=[file.hash])["ok"]
    assert files_of_cases(owner).offenders == ()
    open_store().delete(file.hash)
    assert files_of_cases(owner).offenders == (file.hash,)
    with pytest.raises(FileMissing):
        await read_file(file.hash, WORKER)


async def test_a_store_that_fails_leaves_no_row(owner: Connection, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from data.attachments.errors import StoreFailed

    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("GRIDWELL_ATTACHMENTS", str(tmp_path / "file" / "inside"))
    settings.cache_clear()
    with pytest.raises(StoreFailed):
        await take_file(make_jpeg(), WORKER)
    assert owner.execute("SELECT count(*) FROM attachment").fetchone() == (0,)


def test_the_default_store_is_in_the_state_folder() -> None:
    assert own_folder() == settings().home / "attachments"
